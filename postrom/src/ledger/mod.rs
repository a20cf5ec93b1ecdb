//! The ledger: what was opened, when, by whom, where it went, and what clerks did with it.
//!
//! Comes in: its file, which other clerks' programs write too. Goes out: what is known of a seal before it is decrypted, and
//! the marks of a letter. What always holds: lines are only ever added; one that was cut by a power cut is passed over; the last
//! one about a seal is the one that counts; whoever writes has read what others wrote before.

mod book;
mod copies;
mod elsewhere;
mod entry;
mod mark;
mod seen;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf, absolute};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

pub(crate) use book::Book;
use book::Point;
pub use book::WasThere;
pub use copies::{SavedCopy, is_gone};
pub use entry::{Entry, LEDGER};
use konvolutt_letter::private_file;
pub use mark::{Act, Aside, MARK, Mark, Refusal, Standing, State};
pub use seen::{SEEN, Seen};

use crate::folder::disk;
use crate::folder::rights::Rights;
use crate::judged::Verdict;
use crate::trouble::{Cause, LedgerAway, Trouble};

/// Its name in an out folder.
pub const FILE: &str = "postrom-ledger.jsonl";

/// How each line of one begins, whatever it is about, in any version.
const BEGIN: &str = r#"{"schema":"konvolutt."#;

/// Where the ledger is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum LedgerPlace {
    /// In the out folder.
    Default,
    /// In this file.
    File(#[serde(with = "any_path")] PathBuf),
    /// Nowhere: a letter is known only while its folder lies there.
    Off,
}

/// As the system has it: a path need not be UTF-8, and serde takes no other one by itself.
mod any_path {
    use std::ffi::OsString;
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        path.as_os_str().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        OsString::deserialize(from).map(PathBuf::from)
    }
}

impl LedgerPlace {
    /// `off`, or a file.
    pub fn parse(said: &str) -> Self {
        if said == "off" {
            Self::Off
        } else {
            Self::File(said.into())
        }
    }
}

/// A ledger as read so far.
pub struct Ledger {
    /// `None` when it is off.
    file: Option<PathBuf>,
    /// The folder that names in it belong to.
    home: PathBuf,
    rights: Rights,
    index: RwLock<Index>,
    elsewhere: RwLock<elsewhere::Elsewhere>,
    /// Where the last whole line that was read ends.
    read_to: Mutex<Point>,
    was_there: WasThere,
}

#[derive(Default)]
struct Index {
    by_seal: HashMap<[u8; 32], Entry>,
    /// The seal of a document that counts: a forger who seals it once more does not take the place of the form's.
    by_document: HashMap<String, [u8; 32]>,
    /// The document that was put into a folder of this name last.
    by_folder: HashMap<String, String>,
    seen: HashMap<[u8; 32], Seen>,
    /// By document, in the order in which they were made.
    marks: HashMap<String, Vec<Mark>>,
}

/// A line of the file.
#[derive(serde::Serialize)]
#[serde(untagged)]
pub(crate) enum Line {
    Entry(Entry),
    Seen(Seen),
    Mark(Mark),
}

impl Line {
    /// One that this version knows. Most are recognised by how they begin.
    fn of(line: &[u8]) -> Option<Self> {
        match line.get(BEGIN.len())? {
            b's' => Seen::of(line).map(Self::Seen),
            b'm' => Mark::of(line).map(Self::Mark),
            _ => Entry::of(line).map(Self::Entry),
        }
    }
}

impl From<Entry> for Line {
    fn from(entry: Entry) -> Self {
        Self::Entry(entry)
    }
}

impl Index {
    fn add(&mut self, line: Line) {
        match line {
            Line::Entry(entry) => self.take(entry),
            Line::Seen(seen) => {
                if let Some(key) = seen.key() {
                    self.seen.insert(key, seen);
                }
            }
            Line::Mark(mark) => self.marks.entry(mark.sha256.clone()).or_default().push(mark),
        }
    }

    fn take(&mut self, entry: Entry) {
        let Some(key) = entry.key() else { return };
        let weight = |entry: &Entry| match entry.verdict {
            Verdict::Genuine => 2,
            other => u8::from(!other.is_forgery()),
        };
        let other = self.by_document.get(&entry.sha256).filter(|other| **other != key);
        let other = other.and_then(|other| self.by_seal.get(other));
        if other.is_none_or(|other| weight(&entry) >= weight(other)) {
            self.by_document.insert(entry.sha256.clone(), key);
        }
        self.by_folder.insert(entry.folder.clone(), entry.sha256.clone());
        self.by_seal.insert(key, entry);
    }
}

impl Ledger {
    /// Reads the whole of it.
    ///
    /// # Errors
    /// [`Trouble::Ledger`]: before anything was opened that it could not tell of.
    pub(crate) fn open(place: &LedgerPlace, out: &Path, rights: Rights) -> Result<Self, Trouble> {
        Self::open_again(place, out, rights, WasThere::default())
    }

    fn open_again(place: &LedgerPlace, out: &Path, rights: Rights, was_there: WasThere) -> Result<Self, Trouble> {
        let file = match place {
            LedgerPlace::Default => Some(out.join(FILE)),
            LedgerPlace::File(file) => Some(file.clone()),
            LedgerPlace::Off => None,
        };
        let named = file.as_deref().unwrap_or(out).display().to_string();
        let not = |cause| Trouble::Ledger { file: named, cause };
        if let LedgerPlace::File(file) = place
            && is_something_else(file)
        {
            return Err(not(Cause::SomethingElse));
        }
        let elsewhere = matches!(place, LedgerPlace::File(_));
        Self::of(file, elsewhere, out, rights, was_there)
            .map_err(|error| LedgerAway::of(&error).unwrap_or_else(|| not(Cause::from(&error))))
    }

    /// Reads the whole of one that no out folder belongs to.
    ///
    /// # Errors
    /// [`Trouble::Ledger`].
    pub fn for_desk(place: &LedgerPlace) -> Result<Self, Trouble> {
        Self::for_desk_again(place, &WasThere::default())
    }

    /// The same for a desk that may have read it before: one that was there then is not begun anew, nor is its folder.
    ///
    /// # Errors
    /// [`Trouble::LedgerAway`], [`Trouble::Ledger`].
    pub fn for_desk_again(place: &LedgerPlace, was_there: &WasThere) -> Result<Self, Trouble> {
        let home = match place {
            LedgerPlace::File(file) => file.parent().unwrap_or(Path::new(".")).to_owned(),
            LedgerPlace::Default | LedgerPlace::Off => PathBuf::from("."),
        };
        let no = |error: io::Error| Trouble::Ledger {
            file: home.display().to_string(),
            cause: Cause::from(&error),
        };
        if let LedgerPlace::File(file) = place
            && was_there.so()
            && !file.try_exists().map_err(no)?
        {
            let file = file.display().to_string();
            return Err(Trouble::LedgerAway { file });
        }
        let rights = Rights::of(&home).map_err(no)?;
        Self::open_again(place, &home, rights, was_there.clone())
    }

    fn of(file: Option<PathBuf>, elsewhere: bool, out: &Path, rights: Rights, was_there: WasThere) -> io::Result<Self> {
        let file = file.map(absolute).transpose()?;
        let home = file.as_deref().and_then(Path::parent).unwrap_or(out).to_owned();
        let rights = if home == out { rights } else { Rights::of(&home)? };
        let ledger = Self {
            file,
            home,
            rights,
            index: RwLock::default(),
            elsewhere: RwLock::default(),
            read_to: Mutex::default(),
            was_there,
        };
        // That of the out folder is made with its first letter, and can be: the out folder was just written to.
        if elsewhere || ledger.file.as_ref().is_some_and(|file| file.exists()) {
            ledger.begin()?;
        }
        Ok(ledger)
    }

    /// The last line about a seal.
    pub(crate) fn seal(&self, sealed_sha256: &[u8; 32]) -> Option<Entry> {
        self.index().by_seal.get(sealed_sha256).cloned()
    }

    /// What a desk remembers of a seal.
    pub fn seen(&self, sealed_sha256: &[u8; 32]) -> Option<Seen> {
        self.index().seen.get(sealed_sha256).cloned()
    }

    /// The last line about a document, whatever its seal.
    pub(crate) fn document(&self, sha256: &str) -> Option<Entry> {
        let index = self.index();
        index.by_seal.get(index.by_document.get(sha256)?).cloned()
    }

    /// Whether an entry's folder lies there still. Another letter may have got its name since it was moved away.
    pub(crate) fn is_there(&self, entry: &Entry) -> bool {
        let holds_it = self.index().by_folder.get(&entry.folder) == Some(&entry.sha256);
        holds_it && self.folder(entry).is_dir()
    }

    fn index_mut(&self) -> std::sync::RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn index(&self) -> std::sync::RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where an entry's folder is.
    pub(crate) fn folder(&self, entry: &Entry) -> PathBuf {
        self.home.join(&entry.folder)
    }

    /// What an entry calls a folder of the out folder. A ledger that lies elsewhere may be that of several out folders.
    pub(crate) fn name(&self, out: &Path, name: &str) -> String {
        if self.home == out {
            name.to_owned()
        } else {
            out.join(name).to_string_lossy().into_owned()
        }
    }

    /// Reads what others wrote meanwhile; whether there was anything. Nothing is locked when there was nothing.
    ///
    /// # Errors
    /// What the disk says.
    pub fn refresh(&self) -> io::Result<bool> {
        let Some(path) = &self.file else { return Ok(false) };
        let about = match path.metadata() {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.was_there.so() => return Ok(false),
            Err(error) => return Err(self.away(error)),
        };
        if self.point().is_end(&about) {
            return Ok(false);
        }
        self.begin()?;
        Ok(true)
    }

    /// How far it was read: grows with every line of anybody.
    pub fn read_to(&self) -> u64 {
        self.point().end()
    }

    fn point(&self) -> MutexGuard<'_, Point> {
        self.read_to.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that was there and is not: people hear which, and what to do.
    fn away(&self, error: io::Error) -> io::Error {
        match &self.file {
            Some(file) if error.kind() == io::ErrorKind::NotFound => LedgerAway::error(file),
            _ => error,
        }
    }

    /// Writes what a clerk does, when how the letter stands by then allows it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn mark(&self, mark: Mark) -> io::Result<Result<Standing, Refusal>> {
        let sha256 = mark.sha256.clone();
        if let Some(mut book) = self.begin()? {
            // While the file is locked nobody else can be faster.
            if let Err(refusal) = self.standing(&sha256).allows(&mark.act, &mark.who) {
                return Ok(Err(refusal));
            }
            book.append(vec![Line::Mark(mark)])?;
            return Ok(Ok(self.standing(&sha256)));
        }
        // Without a file a mark lasts as long as the desk is open.
        if let Err(refusal) = self.standing(&sha256).allows(&mark.act, &mark.who) {
            return Ok(Err(refusal));
        }
        self.index_mut().add(Line::Mark(mark));
        Ok(Ok(self.standing(&sha256)))
    }

    /// Remembers what a desk has seen, as far as it is new.
    ///
    /// # Errors
    /// What the disk says.
    pub fn remember(&self, seen: Vec<Seen>) -> io::Result<()> {
        let Some(mut book) = self.begin()? else { return Ok(()) };
        let is_new = |seen: &Seen| seen.key().is_some_and(|key| self.seen(&key).as_ref() != Some(seen));
        let lines = seen.into_iter().filter(is_new).map(Line::Seen).collect();
        book.append::<Line>(lines)
    }

    /// Locks it, and reads what others wrote meanwhile. `None` when it is off.
    pub(crate) fn begin(&self) -> io::Result<Option<Book<'_>>> {
        let Some(path) = &self.file else { return Ok(None) };
        let file = if self.was_there.so() {
            // The share that it lies on is away, or somebody removed it: another one would know of nothing.
            self.rights.known_file(path).map_err(|error| self.away(error))?
        } else {
            let is_new = !path.exists();
            let file = self.rights.common_file(path)?;
            if is_new {
                private_file::sync_folder(&self.home)?;
            }
            file
        };
        disk::lock(&file)?;
        Book::read(self, file).map(Some)
    }
}

/// Whether a file begins as no ledger does: a slip in the name must not write into a key.
fn is_something_else(file: &Path) -> bool {
    match file.metadata() {
        Ok(about) if about.is_file() => {}
        // A folder is told where it is opened; a device might have no end.
        Ok(about) => return !about.is_dir(),
        Err(_) => return false,
    }
    let mut begin = Vec::new();
    // One that cannot be read is told of where it is opened.
    let read = File::open(file).and_then(|file| file.take(BEGIN.len() as u64).read_to_end(&mut begin));
    // A program that was killed may have left half of its first line.
    read.is_ok() && !BEGIN.as_bytes().starts_with(&begin)
}

#[cfg(test)]
mod tests;
