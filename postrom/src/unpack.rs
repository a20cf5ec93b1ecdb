//! From a sealed mail to a folder that a clerk can work with.

use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sequoia_openpgp::Cert;
use sha2::{Digest, Sha256};

use super::decrypt::{Reader, Seal, Verdict, decrypt};
use super::found::{Data, Repair, Sealed};
use super::keys::Keys;
use konvolutt_letter::{
    self as letter, Document, ReadError, Record, Reference, Shelf, hex, marked, neutral, printable_lines, private_file,
};

/// What `status.json` says of a letter.
/// It has no `Debug`: remarks name the files of a citizen.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Status {
    /// Whose hand it came through.
    pub verdict: Verdict,
    /// The same as a sentence.
    pub sentence: String,
    /// Number for people, when the letter has one.
    pub reference: Option<String>,
    /// The letter's own id.
    pub id: Option<String>,
    /// Made by `send-test`, not by a citizen.
    pub test: bool,
    /// *Every* key that can open it.
    pub readers: Vec<Reader>,
    /// Outer header fields that do not say what the sealed ones say.
    pub header_mismatch: Vec<String>,
    /// What was repaired or looks wrong.
    pub remarks: Vec<String>,
    /// What the form's server remarks, from `letter.json`. Only of a genuine letter: any other may say anything. Lacking in
    /// what an older version wrote.
    #[serde(default)]
    pub notices: Vec<String>,
    /// Where the mail came from.
    pub source: String,
    /// SHA-256 of the whole sealed document: tells a repeat from a letter that only looks like one.
    pub sha256: String,
}

/// Where a letter was put.
pub struct Outcome {
    /// Its folder.
    pub folder: PathBuf,
    /// True when exactly this letter lay there already.
    pub repeat: bool,
    /// What is known of it.
    pub status: Status,
}

/// Opens one mail into a folder under `out`. Everything is written under a hidden name first; the folder gets
/// its own name in one step, once the whole seal was read and found unharmed.
///
/// # Errors
/// A sentence for the clerk. Nothing is left behind.
pub fn unpack(source: &str, sealed: &Sealed, keys: &Keys, relay: Option<&Cert>, out: &Path) -> Result<Outcome, String> {
    let disk = |error: io::Error| format!("The letter could not be written to {}: {error}.", out.display());
    let packets = packets(sealed).map_err(disk)?;
    let unfinished = Unfinished::make(out).map_err(disk)?;
    let mut attachments = Attachments(unfinished.0.join("attachments"));
    let mut digest = Sha256::new();
    let read = |plain: &mut dyn BufRead| {
        let mut plain = BufReader::new(Digested(plain, &mut digest));
        match letter::read(&mut plain, &mut attachments) {
            Err(ReadError::Source(error)) => Err(error),
            other => Ok(other),
        }
    };
    let (read, seal) = decrypt(&packets, keys, relay, read)?;
    let document = match read {
        Ok(document) => document,
        Err(ReadError::Shelf(error) | ReadError::Source(error)) => return Err(disk(error)),
        Err(ReadError::NotALetter(why)) => return foreign(source, sealed, keys, relay, unfinished, why),
    };
    let sha256 = hex(digest.finalize());
    let status = status(source, sealed, seal, &document, sha256);
    write_folder(&unfinished.0, &document, &status).map_err(disk)?;
    place(unfinished, status).map_err(disk)
}

/// Sealed to this post room, but not by a form: kept whole as one mail, and said so.
fn foreign(
    source: &str,
    sealed: &Sealed,
    keys: &Keys,
    relay: Option<&Cert>,
    unfinished: Unfinished,
    why: &str,
) -> Result<Outcome, String> {
    let disk = |error: io::Error| format!("The mail could not be written: {error}.");
    fs::remove_dir_all(unfinished.0.join("attachments")).map_err(disk)?;
    let path = unfinished.0.join("document.eml");
    let mut digest = Sha256::new();
    let copy = |plain: &mut dyn BufRead| io::copy(&mut Digested(plain, &mut digest), &mut new_file(&path)?);
    let (_, seal) = decrypt(&packets(sealed).map_err(disk)?, keys, relay, copy)?;
    let mut remarks = repairs(sealed);
    remarks.push(format!(
        "This is not a letter from a form ({why}). It was saved as it is, as document.eml."
    ));
    let status = Status {
        verdict: seal.verdict,
        sentence: seal.verdict.sentence().into(),
        reference: None,
        id: None,
        test: false,
        readers: seal.readers,
        header_mismatch: Vec::new(),
        remarks,
        notices: Vec::new(),
        source: source.to_owned(),
        sha256: hex(digest.finalize()),
    };
    write_status(&unfinished.0, &status).map_err(disk)?;
    place(unfinished, status).map_err(disk)
}

fn packets(sealed: &Sealed) -> io::Result<Vec<u8>> {
    let mut packets = Vec::new();
    match &sealed.data {
        Data::Packets(bytes) => packets.clone_from(bytes),
        data @ Data::Armor { .. } => drop(data.reader()?.read_to_end(&mut packets)?),
    }
    Ok(packets)
}

fn repairs(sealed: &Sealed) -> Vec<String> {
    let changed = sealed.repaired.contains(&Repair::FormOfMail);
    let text = "A mail server changed the form of this mail on its way; the sealed part was found and is unharmed.";
    changed.then(|| text.to_owned()).into_iter().collect()
}

/// Hashes what is read through it.
struct Digested<'a>(&'a mut dyn BufRead, &'a mut Sha256);

impl Read for Digested<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(out)?;
        self.1.update(&out[..read]);
        Ok(read)
    }
}

fn write_folder(folder: &Path, document: &Document, status: &Status) -> io::Result<()> {
    let write = |name: &str, bytes: &[u8]| {
        let mut file = new_file(&folder.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write("letter.txt", shown(document, status.verdict).as_bytes())?;
    write("letter.json", &document.record_bytes)?;
    write_status(folder, status)
}

/// The text for a clerk's eyes. The form's own is as it was sealed; of any other nothing may act on a terminal, and where
/// the form did not write it, no line may look as if it had.
fn shown(document: &Document, verdict: Verdict) -> String {
    match verdict {
        Verdict::Genuine => document.text.clone(),
        Verdict::NotChecked => printable_lines(&document.text),
        Verdict::Unsigned | Verdict::SignedByAnother | Verdict::Broken => {
            format!("! {}\n\n{}\n", verdict.sentence(), marked(&document.text).join("\n"))
        }
    }
}

fn write_status(folder: &Path, status: &Status) -> io::Result<()> {
    let mut file = new_file(&folder.join(STATUS))?;
    serde_json::to_writer_pretty(&mut file, status)?;
    file.sync_all()
}

/// Gives the folder its name. A letter that is the same to the byte as one that lies there is a repeat, and only makes
/// what is known of it better. Only a letter that may be genuine gets the bare reference as its name: a forger who has
/// seen a reference cannot take the place of the letter.
fn place(unfinished: Unfinished, status: Status) -> io::Result<Outcome> {
    let out = unfinished.0.parent().unwrap_or(Path::new("")).to_owned();
    let name = status.reference.as_deref().unwrap_or("brev");
    let name = match status.verdict {
        Verdict::Genuine | Verdict::NotChecked => name.to_owned(),
        _ => format!("not-genuine {name}"),
    };
    for number in 1.. {
        let folder = match number {
            1 => out.join(&name),
            _ => out.join(format!("{name} ({number})")),
        };
        if let Some(there) = status_of(&folder).filter(|there| there.sha256 == status.sha256) {
            // Folded only where the relay signed it, or where nothing was checked either time.
            if there.verdict == status.verdict || status.verdict == Verdict::Genuine {
                if there.verdict != status.verdict {
                    fs::rename(unfinished.0.join(STATUS), folder.join(STATUS))?;
                }
                let repeat = true;
                return Ok(Outcome { folder, repeat, status });
            }
        }
        if folder.symlink_metadata().is_ok() {
            continue;
        }
        fs::rename(&unfinished.0, &folder)?;
        private_file::sync_folder(&out)?;
        let repeat = false;
        return Ok(Outcome { folder, repeat, status });
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn status_of(folder: &Path) -> Option<Status> {
    serde_json::from_slice(&fs::read(folder.join(STATUS)).ok()?).ok()
}

const STATUS: &str = "status.json";

/// A folder that is not finished removes itself.
struct Unfinished(PathBuf);

impl Unfinished {
    fn make(out: &Path) -> io::Result<Self> {
        private_file::create_folder(out)?;
        let mut chance = [0u8; 8];
        getrandom::fill(&mut chance).map_err(io::Error::other)?;
        let folder = out.join(format!(".unfinished-{}", hex(chance)));
        private_file::create_folder(&folder.join("attachments"))?;
        Ok(Self(folder))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename there is nothing left to remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Puts files into a folder, each under a harmless name of its own.
struct Attachments(PathBuf);

impl Shelf for Attachments {
    fn begin(&mut self, name: &str) -> io::Result<Box<dyn Write>> {
        let path = free_name(&self.0, &neutral(name));
        Ok(Box::new(BufWriter::new(new_file(&path)?)))
    }
}

fn status(source: &str, sealed: &Sealed, seal: Seal, document: &Document, sha256: String) -> Status {
    let record = document.record.as_ref();
    let mut remarks = repairs(sealed);
    if record.is_none() {
        remarks.push(
            "letter.json is missing or of an unknown version; letter.txt and the attachments are all there is.".into(),
        );
    }
    if record.is_some_and(|record| record.test) {
        remarks.push("This is a test letter, not from a citizen. It is not to be registered.".into());
    }
    remarks.extend(file_remarks(document));
    let genuine = seal.verdict == Verdict::Genuine;
    if !genuine && record.is_some_and(|record| !notices(record).is_empty()) {
        remarks.push(
            "The letter brings remarks of its own. They are not repeated here: only a genuine letter's are the form's."
                .into(),
        );
    }
    Status {
        verdict: seal.verdict,
        sentence: seal.verdict.sentence().into(),
        // The reference becomes a folder's name: only one that is really a reference may.
        reference: record
            .and_then(|record| Reference::parse(&record.reference))
            .map(|r| r.to_string()),
        id: record.map(|record| record.id.clone()),
        test: record.is_some_and(|record| record.test),
        readers: seal.readers,
        header_mismatch: mismatches(sealed, document, genuine),
        notices: document
            .record
            .as_ref()
            .filter(|_| genuine)
            .map(notices)
            .unwrap_or_default(),
        remarks,
        source: source.to_owned(),
        sha256,
    }
}

/// The remarks of the server, on the letter and on its answers. What a citizen wrote is not among them.
fn notices(record: &Record) -> Vec<String> {
    let on_answers = record
        .answers
        .iter()
        .filter_map(|answer| Some(format!("{} {}", answer.label, answer.note.as_ref()?)));
    record.notices.iter().cloned().chain(on_answers).collect()
}

/// Holds the files against what the letter says of them.
fn file_remarks(document: &Document) -> Vec<String> {
    let Some(record) = &document.record else {
        return Vec::new();
    };
    let mut remarks = Vec::new();
    if record.files.len() != document.files.len() {
        let (said, came) = (record.files.len(), document.files.len());
        remarks.push(format!("The letter says that it has {said} files; {came} came."));
    }
    for (said, came) in record.files.iter().zip(&document.files) {
        if hex(came.sha256) != said.sha256 {
            remarks.push(format!(
                "The file “{}” is not the one that the citizen sent.",
                neutral(&said.name)
            ));
        }
    }
    remarks
}

/// Outer fields can be forged; a difference from the sealed ones is reported. Some have an honest reason too: a letter that
/// waits goes out with the address, name and words that the relay's configuration has by then.
fn mismatches(sealed: &Sealed, document: &Document, genuine: bool) -> Vec<String> {
    let value = |fields: &[(String, String)], name: &str| {
        let found = fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    let mut out = Vec::new();
    for name in ["from", "to", "date", "message-id", "subject"] {
        // The outer Subject is another one on purpose; the letter says which.
        let inner = match name {
            "subject" => value(&document.protected, "hp-outer-subject"),
            _ => value(&document.protected, name),
        };
        let outer = value(&sealed.outer, name);
        if let (Some(inner), Some(outer)) = (inner, outer)
            && inner != outer
        {
            let why = match name {
                "from" | "to" | "subject" if genuine => {
                    "; no harm if the operator changed it while the letter waited, else tell the operator"
                }
                _ => "",
            };
            out.push(format!(
                "{name}: the mail says “{outer}”, the sealed letter says “{inner}”{why}"
            ));
        }
    }
    out
}

/// A file that did not exist, for its owner alone, never executable.
fn new_file(path: &Path) -> io::Result<fs::File> {
    private_file::create(path, 0o600)
}

/// The name, with a number when another file of the letter has it already (also in other case).
fn free_name(folder: &Path, name: &str) -> PathBuf {
    let taken: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().to_lowercase())
        .collect();
    let (stem, ending) = name
        .rsplit_once('.')
        .map_or((name, String::new()), |(stem, end)| (stem, format!(".{end}")));
    let names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{stem} ({n}){ending}")));
    let free = names.into_iter().find(|name| !taken.contains(&name.to_lowercase()));
    folder.join(free.unwrap_or_default())
}
