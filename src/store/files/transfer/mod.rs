//! The spool as one end of a move of all letters.

mod inventory;
mod landing;

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::closed;
use super::held::Held;
use super::layout::{read_limited, write_whole};
use super::moves_lock::MovesLock;
use super::settings::Settings;
use super::store::FileStore;
use crate::store::moving::transfer::{Contents, End, Key, Kind, Piece};
use crate::store::{Notes, Outbox};

pub use super::entry::trailer;

/// Which move the letters came by.
const CAME: &str = "came-by";

/// The spool, with nobody else at work on it.
pub struct Spool {
    store: FileStore,
    min_free: u64,
    _moves: MovesLock,
    _relay: Held,
}

impl Spool {
    /// Opens it, also when it is closed for others, and holds them off.
    ///
    /// # Errors
    /// When a relay or a command is at work there.
    pub fn open(settings: &Settings) -> io::Result<Self> {
        let store = FileStore::open_even_closed(settings)?;
        let relay = relay_lock(&settings.directory)?;
        let is_closed = closed::is_there(&settings.directory);
        if !is_closed {
            store.locks.clear()?;
            store.look_for_missing()?;
        }
        let lock = MovesLock::take(&store.layout.path("moves.lock"))?;
        if !is_closed {
            store.moves.finish_all(&lock)?;
            inventory::take_names(&store, &lock)?;
        }
        Ok(Self {
            store,
            min_free: settings.min_free,
            _moves: lock,
            _relay: relay,
        })
    }

    fn root(&self) -> &Path {
        self.store.layout.root()
    }
}

/// That of every relay on this machine, wherever its letters are.
fn relay_lock(root: &Path) -> io::Result<Held> {
    let file = File::create(root.join("relay.lock"))?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "a relay delivers from this spool at this moment: end the service on every node, web side and relay, and then move \
             the letters",
        )),
        locked => Ok(locked.map(|()| Held(file))?),
    }
}

impl End for Spool {
    fn kind(&self) -> Kind {
        Kind::Files
    }

    fn closed(&self) -> io::Result<Option<String>> {
        closed::words(self.root())
    }

    fn close(&self, words: Option<&str>) -> io::Result<()> {
        closed::set(self.root(), words)
    }

    fn came_by(&self) -> io::Result<Option<String>> {
        match read_limited(&self.root().join(CAME), 64) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => Ok(Some(String::from_utf8_lossy(&read?).trim().to_owned())),
        }
    }

    fn set_came_by(&self, id: &str) -> io::Result<()> {
        write_whole(&self.root().join(CAME), format!("{id}\n").as_bytes())
    }

    fn list(&self) -> io::Result<Contents> {
        inventory::list(&self.store)
    }

    fn piece(&self, key: &Key) -> io::Result<Option<Piece>> {
        inventory::piece(&self.store, key)
    }

    fn put(&self, piece: &Piece) -> io::Result<()> {
        landing::put(&self.store, piece)
    }

    fn clear(&self) -> io::Result<()> {
        landing::clear(&self.store)
    }

    fn room(&self) -> io::Result<u64> {
        Ok(self.store.space()?.bytes.saturating_sub(self.min_free))
    }

    fn notes(&self) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut all = Vec::new();
        for name in inventory::notes(&self.store)? {
            if let Some(bytes) = self.store.note(&name)? {
                all.push((name, bytes));
            }
        }
        Ok(all)
    }

    fn put_note(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.store.set_note(name, bytes)
    }
}
