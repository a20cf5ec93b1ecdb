//! What a store of files has, for who moves all of it elsewhere.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::super::attribute;
use super::super::entry::{self, InFile, Unreadable};
use super::super::layout::{emptied_for, files, is_empty_file, is_letter_name, read_limited};
use super::super::moves_lock::MovesLock;
use super::super::store::FileStore;
use crate::store::moving::transfer::{Contents, Facts, Item, Key, Piece, Slot, Tried};
use crate::store::{Damage, Discarded, State};
use crate::unix_time::{minute, seconds};

/// A status has some hundred bytes.
const LONGEST: u64 = 64 * 1024;

/// Where the one is that holds a name.
struct Place {
    state: State,
    /// Its bytes, when they are there.
    file: Option<(PathBuf, Metadata)>,
    /// Its name in the queue.
    taken: Option<Metadata>,
}

/// All that is there; what waits comes last, in its order.
pub(super) fn list(store: &FileStore) -> io::Result<Contents> {
    let mut names = BTreeSet::new();
    let mut stay = Vec::new();
    for state in [State::Waiting, State::Held, State::Delivered, State::Discarded] {
        for (name, meta) in files(&store.layout.directory(state))? {
            if is_letter_name(OsStr::new(&name)) && is_own_file(&meta) {
                names.insert(name);
            } else {
                stay.push(told(&store.layout.letter(state, &name)));
            }
        }
    }
    let mut items = Vec::new();
    let mut waiting = Vec::new();
    for name in names {
        let place = place(store, &name);
        if let Some(place) = &place {
            must_not_be_newer(place)?;
            stay.extend(doubles(store, &name, place));
        }
        let is_discarded = place.as_ref().is_some_and(|place| place.state == State::Discarded);
        if store.discarded.has(&name) && !is_discarded {
            items.push(item(&name, Slot::Record, State::Discarded, None));
        }
        let Some(place) = place else { continue };
        let size = place.file.as_ref().map(|(_, meta)| meta.len());
        let item = item(&name, Slot::Name, place.state, size);
        match place.file {
            Some((_, meta)) if item.state == State::Waiting => {
                waiting.push((
                    (
                        meta.modified().unwrap_or(UNIX_EPOCH),
                        meta.ctime(),
                        meta.ctime_nsec(),
                        name,
                    ),
                    item,
                ));
            }
            _ => items.push(item),
        }
    }
    waiting.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut all = corrupt(store, &mut stay)?;
    all.extend(items);
    all.extend(waiting.into_iter().map(|(_, item)| item));
    Ok(Contents { items: all, stay })
}

/// Those that have names which a corrupt letter gets.
fn corrupt(store: &FileStore, stay: &mut Vec<String>) -> io::Result<Vec<Item>> {
    let mut found = Vec::new();
    for (file, meta) in files(&store.layout.directory(State::Corrupt))? {
        match number_of(&file).filter(|_| is_own_file(&meta)) {
            Some((name, number)) => found.push(item(name, Slot::Corrupt(number), State::Corrupt, Some(meta.len()))),
            None => stay.push(told(&store.layout.letter(State::Corrupt, &file))),
        }
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(found)
}

/// `NAME`, or `NAME-2`.
fn number_of(file: &str) -> Option<(&str, u32)> {
    let (name, number) = match file.split_once('-') {
        None => (file, 1),
        Some((name, number)) => (name, number.parse().ok().filter(|number| *number > 1)?),
    };
    (is_letter_name(OsStr::new(name)) && file == file_name(name, number)).then_some((name, number))
}

/// The file of a corrupt letter.
pub(super) fn file_name(name: &str, number: u32) -> String {
    match number {
        1 => name.to_owned(),
        _ => format!("{name}-{number}"),
    }
}

fn item(name: &str, slot: Slot, state: State, size: Option<u64>) -> Item {
    let name = name.to_owned();
    Item {
        key: Key { name, slot },
        state,
        kept: size.is_some(),
        size: size.unwrap_or(0),
    }
}

fn is_own_file(meta: &Metadata) -> bool {
    meta.is_file() && meta.uid() == rustix::process::geteuid().as_raw()
}

fn told(path: &Path) -> String {
    konvolutt_letter::printable(&path.display().to_string())
}

/// Which one holds a name.
fn place(store: &FileStore, name: &str) -> Option<Place> {
    let at = |state: State| {
        let path = store.layout.letter(state, name);
        let meta = fs::symlink_metadata(&path).ok().filter(is_own_file)?;
        Some((path, meta))
    };
    let taken = at(State::Waiting);
    if let Some((_, meta)) = &taken
        && !is_empty_file(meta)
    {
        return Some(Place {
            state: State::Waiting,
            file: taken,
            taken: None,
        });
    }
    let taken = taken.map(|(_, meta)| meta);
    for state in [State::Held, State::Delivered] {
        if let Some(file) = at(state) {
            let file = Some(file);
            return Some(Place { state, file, taken });
        }
    }
    let taken = taken?;
    let is_discarded = store.discarded.has_of_letter(name) || emptied_for(&taken) == Some(State::Held);
    Some(Place {
        state: if is_discarded {
            State::Discarded
        } else {
            State::Delivered
        },
        file: None,
        taken: Some(taken),
    })
}

/// Other files that lie where this letter would be in another state.
fn doubles(store: &FileStore, name: &str, place: &Place) -> Vec<String> {
    let others = [State::Held, State::Delivered]
        .into_iter()
        .filter(|state| *state != place.state);
    let there = others
        .map(|state| store.layout.letter(state, name))
        .filter(|path| path.exists());
    there.map(|path| told(&path)).collect()
}

fn must_not_be_newer(place: &Place) -> io::Result<()> {
    let Some((path, _)) = &place.file else { return Ok(()) };
    if number_of_format(path).is_none() {
        return Ok(());
    }
    match entry::read(path) {
        Err(Unreadable::Newer(number)) => Err(newer(path, number)),
        _ => Ok(()),
    }
}

/// Of a newer program, by its last line alone.
fn number_of_format(path: &Path) -> Option<u64> {
    let file = entry::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    entry::newer_format(&file, size).ok().flatten()
}

fn newer(path: &Path, number: u64) -> io::Error {
    io::Error::other(format!(
        "{} was written by a newer version of this program (spool format {number}): move the letters with that version",
        told(path)
    ))
}

/// What stands there, read to its end.
pub(super) fn piece(store: &FileStore, key: &Key) -> io::Result<Option<Piece>> {
    match key.slot {
        Slot::Corrupt(number) => {
            let path = store.layout.letter(State::Corrupt, &file_name(&key.name, number));
            corrupt_piece(store, key, &path)
        }
        Slot::Record => {
            let path = store.layout.letter(State::Discarded, &key.name);
            let Ok(meta) = fs::symlink_metadata(path) else {
                return Ok(None);
            };
            let mut facts = facts(key, State::Discarded);
            (facts.came, facts.put) = (modified(&meta)?, modified(&meta)?);
            facts.record = Some(store.discarded.get(&key.name));
            if is_alone(store, &key.name)
                && fs::symlink_metadata(store.layout.letter(State::Corrupt, &key.name)).is_err()
            {
                facts.tried = tried(store, &key.name)?;
            }
            Ok(Some(without_bytes(facts)))
        }
        Slot::Name => {
            let found = place(store, &key.name);
            found.map(|place| named_piece(store, key, place)).transpose()
        }
    }
}

fn named_piece(store: &FileStore, key: &Key, place: Place) -> io::Result<Piece> {
    let mut facts = facts(key, place.state);
    facts.tried = tried(store, &key.name)?;
    let taken = store.layout.letter(State::Waiting, &key.name);
    facts.proof = attribute::of(&taken);
    if let Some(meta) = &place.taken {
        facts.put = modified(meta)?;
    }
    let Some((path, meta)) = place.file else {
        facts.came = facts.put;
        if place.state == State::Discarded {
            facts.record = Some(record(store, &key.name));
        }
        return Ok(without_bytes(facts));
    };
    facts.came = modified(&meta)?;
    facts.proof = facts.proof.or_else(|| attribute::of(&path));
    match entry::read(&path) {
        Ok(letter) => {
            facts.bytes = Some((letter.mail().left(), *letter.digest()));
            facts.envelope = Some(letter.envelope);
            let file = entry::open(&path).map_err(|error| unreadable(&path, error))?;
            Ok(Piece {
                facts,
                source: Some(Arc::new(InFile(file))),
                damage: None,
            })
        }
        Err(Unreadable::Damaged(damage)) => raw_piece(facts, &path, Some(damage)),
        Err(Unreadable::Newer(number)) => Err(newer(&path, number)),
        Err(Unreadable::Io(error)) => Err(error),
    }
}

fn corrupt_piece(store: &FileStore, key: &Key, path: &Path) -> io::Result<Option<Piece>> {
    let Some(meta) = fs::symlink_metadata(path).ok().filter(is_own_file) else {
        return Ok(None);
    };
    let mut facts = facts(key, State::Corrupt);
    facts.came = modified(&meta)?;
    facts.proof = attribute::of(path);
    if is_alone(store, &key.name) {
        facts.tried = tried(store, &key.name)?;
    }
    raw_piece(facts, path, None).map(Some)
}

/// What was tried stands there by the name alone: the one that holds it comes first.
fn is_alone(store: &FileStore, name: &str) -> bool {
    place(store, name).is_none()
}

/// A file as it is.
fn raw_piece(mut facts: Facts, path: &Path, damage: Option<Damage>) -> io::Result<Piece> {
    let file = entry::open(path).map_err(|error| unreadable(path, error))?;
    let mut digest = Sha256::new();
    let length = io::copy(&mut &file, &mut digest)?;
    facts.bytes = Some((length, digest.finalize().into()));
    facts.envelope = entry::envelope(path).ok();
    Ok(Piece {
        facts,
        source: Some(Arc::new(InFile(file))),
        damage,
    })
}

fn unreadable(path: &Path, error: Unreadable) -> io::Error {
    match error {
        Unreadable::Io(error) => error,
        other => io::Error::other(format!("{} cannot be read: {other:?}", told(path))),
    }
}

fn without_bytes(facts: Facts) -> Piece {
    Piece {
        facts,
        source: None,
        damage: None,
    }
}

fn facts(key: &Key, state: State) -> Facts {
    Facts {
        key: key.clone(),
        state,
        envelope: None,
        proof: None,
        came: 0,
        put: 0,
        tried: Tried::nothing(),
        record: None,
        bytes: None,
    }
}

fn tried(store: &FileStore, name: &str) -> io::Result<Tried> {
    match store.statuses.get(name) {
        Ok(status) => Ok(Tried::Known(status)),
        Err(_) => {
            let bytes = read_limited(&store.statuses.file(name), LONGEST)?;
            Ok(Tried::Unreadable(String::from_utf8_lossy(&bytes).into_owned()))
        }
    }
}

/// Of a held letter that was removed by hand, and not looked for since, there is none yet.
fn record(store: &FileStore, name: &str) -> Discarded {
    if store.discarded.has(name) {
        return store.discarded.get(name);
    }
    Discarded {
        reference: String::new(),
        mailbox: String::new(),
        day: 0,
        why: "removed from the spool by hand".to_owned(),
        corrupt: false,
    }
}

fn modified(meta: &Metadata) -> io::Result<u64> {
    let time: SystemTime = meta.modified()?;
    Ok(seconds(minute(time)))
}

/// What is held or delivered holds its name. A hand may have taken that away.
pub(super) fn take_names(store: &FileStore, lock: &MovesLock) -> io::Result<()> {
    for state in [State::Held, State::Delivered] {
        for (name, meta) in files(&store.layout.directory(state))? {
            let is_letter = is_letter_name(OsStr::new(&name)) && is_own_file(&meta);
            if is_letter && fs::symlink_metadata(store.layout.letter(State::Waiting, &name)).is_err() {
                store.moves.empty(lock, &name, state)?;
            }
        }
    }
    Ok(())
}

/// What other modules keep beside the letters.
pub(super) fn notes(store: &FileStore) -> io::Result<Vec<String>> {
    let found = files(&store.layout.path("notes"))?.into_iter();
    let whole = found.filter(|(name, meta)| meta.is_file() && !name.ends_with(".fresh"));
    Ok(whole.map(|(name, _)| name).collect())
}
