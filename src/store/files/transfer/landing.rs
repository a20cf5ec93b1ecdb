//! Letters that come to a store of files from elsewhere: each in the order in which the store itself would write it, and
//! what is there already is finished.

use std::borrow::Cow;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::super::attribute;
use super::super::entry::trailer;
use super::super::layout::{files, is_empty_file, make_empty, open_directory, remove_if_there, write_whole};
use super::super::store::FileStore;
use super::inventory::{file_name, list};
use crate::store::letter::Named;
use crate::store::moving::transfer::{Facts, Piece, Slot, Tried};
use crate::store::{Discarded, Proof, State};
use crate::unix_time::file_times;

/// Bytes that are in memory at a time.
const PART: usize = 256 * 1024;

/// Puts a letter there, durable when this is done. Only while all moves are held off.
pub(super) fn put(store: &FileStore, piece: &Piece) -> io::Result<()> {
    let facts = &piece.facts;
    let name = &facts.key.name;
    match facts.key.slot {
        Slot::Corrupt(number) => {
            if facts.tried != Tried::nothing() {
                put_tried(store, facts)?;
            }
            put_file(store, piece, State::Corrupt, &file_name(name, number))
        }
        Slot::Record => {
            if facts.tried != Tried::nothing() {
                put_tried(store, facts)?;
            }
            put_record(store, facts)
        }
        Slot::Name => {
            put_tried(store, facts)?;
            if facts.record.is_some() {
                put_record(store, facts)?;
            }
            if facts.bytes.is_some() {
                put_file(store, piece, facts.state, name)?;
            }
            match facts.state {
                State::Waiting => put_last(store, name),
                State::Delivered => put_empty(store, facts, State::Delivered),
                _ => put_empty(store, facts, State::Held),
            }
        }
    }
}

fn put_tried(store: &FileStore, facts: &Facts) -> io::Result<()> {
    let name = &facts.key.name;
    match &facts.tried {
        Tried::Unreadable(text) => write_whole(&store.statuses.file(name), text.as_bytes()),
        tried if *tried == Tried::nothing() => store.statuses.remove(name),
        Tried::Known(status) => store.statuses.set(name, status),
    }
}

fn put_record(store: &FileStore, facts: &Facts) -> io::Result<()> {
    let name = &facts.key.name;
    let record: Option<&Discarded> = facts.record.as_ref();
    let bytes = serde_json::to_vec(&record).map_err(io::Error::other)?;
    // Made beside the records: half a one must not look like one.
    let fresh = store.layout.path("state").join(format!("{name}.discarded"));
    write_whole(&fresh, &bytes)?;
    let file = File::open(&fresh)?;
    set_times(&file, facts.put)?;
    store.fence.sync(file)?;
    fs::rename(fresh, store.layout.letter(State::Discarded, name))?;
    store.fence.sync_directory(&store.layout.directory(State::Discarded))
}

/// The bytes, nameless until they are all on the disk.
fn put_file(store: &FileStore, piece: &Piece, state: State, name: &str) -> io::Result<()> {
    let mut scratch = store.arrivals.scratch.linkable()?;
    let mut digest = Sha256::new();
    piece.each_part(PART, |part| {
        digest.update(part);
        scratch.file.write_all(part)
    })?;
    let facts = &piece.facts;
    if facts.key.slot == Slot::Name
        && let (Some(envelope), Some((length, _))) = (&facts.envelope, facts.bytes)
    {
        let named = Named {
            name: Cow::Borrowed(&facts.key.name),
            envelope: Cow::Borrowed(envelope),
        };
        let mut line = serde_json::to_vec(&named).map_err(io::Error::other)?;
        line.push(b'\n');
        digest.update(&line);
        scratch.file.write_all(&line)?;
        scratch.file.write_all(trailer(length, &digest.finalize()).as_bytes())?;
    }
    if let Some(proof) = facts.proof {
        prove(&scratch.file, proof)?;
    }
    set_times(&scratch.file, facts.came)?;
    store.fence.sync(&scratch.file)?;
    let directory = store.layout.directory(state);
    match scratch.link(&open_directory(&directory)?, name) {
        // Its bytes were compared before.
        Err(Errno::EXIST) if !is_empty(&directory.join(name)) => {}
        Err(Errno::EXIST) => return Err(is_taken(&directory.join(name))),
        linked => linked.map_err(io::Error::from)?,
    }
    store.fence.sync_directory(&directory)
}

fn is_empty(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| is_empty_file(&meta))
}

fn is_taken(path: &Path) -> io::Error {
    let text = format!("{} is there already, and is not this letter", path.display());
    io::Error::new(io::ErrorKind::AlreadyExists, text)
}

fn prove(file: &File, proof: Proof) -> io::Result<()> {
    attribute::set(file, proof).map_err(|error| {
        let text = format!("the spool's file system does not keep the proofs of signed receipts: {error}");
        io::Error::new(error.kind(), text)
    })
}

fn set_times(file: &File, moment: u64) -> io::Result<()> {
    file.set_times(file_times(UNIX_EPOCH + Duration::from_secs(moment)))
}

/// What waits is told apart within a minute by the kernel's own time of change, and that is no finer than its clock's ticks:
/// waits until a file that is made now gets a later one.
fn put_last(store: &FileStore, name: &str) -> io::Result<()> {
    let moment = |meta: Metadata| (meta.ctime(), meta.ctime_nsec());
    let own = moment(fs::symlink_metadata(store.layout.letter(State::Waiting, name))?);
    for _ in 0..1000 {
        if moment(store.arrivals.scratch.file()?.metadata()?) > own {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(io::Error::other("the clock of the spool's file system stands still"))
}

/// The name stays taken, since the moment when its letter left the queue.
fn put_empty(store: &FileStore, facts: &Facts, to: State) -> io::Result<()> {
    let name = &facts.key.name;
    let taken = store.layout.letter(State::Waiting, name);
    if fs::symlink_metadata(&taken).is_ok_and(|meta| !is_empty_file(&meta)) {
        return Err(is_taken(&taken));
    }
    let fresh = store.layout.path("state").join(format!("{name}.empty"));
    let file = make_empty(&fresh, to, facts.proof)?;
    set_times(&file, facts.put)?;
    store.fence.sync(file)?;
    fs::rename(fresh, taken)?;
    store.fence.sync_directory(&store.layout.directory(State::Waiting))
}

/// Removes every letter and what was tried with it. What is no letter stays.
pub(super) fn clear(store: &FileStore) -> io::Result<()> {
    for item in list(store)?.items {
        let name = &item.key.name;
        match item.key.slot {
            Slot::Corrupt(number) => remove_if_there(&store.layout.letter(State::Corrupt, &file_name(name, number)))?,
            Slot::Record => remove_if_there(&store.layout.letter(State::Discarded, name))?,
            Slot::Name => {
                for state in [item.state, State::Discarded, State::Waiting] {
                    remove_if_there(&store.layout.letter(state, name))?;
                }
            }
        }
    }
    for (name, meta) in files(&store.layout.path("state"))? {
        if meta.is_file() {
            remove_if_there(&store.layout.path("state").join(name))?;
        }
    }
    for directory in ["new", "held", "delivered", "corrupt", "discarded", "state"] {
        store.fence.sync_directory(&store.layout.path(directory))?;
    }
    Ok(())
}
