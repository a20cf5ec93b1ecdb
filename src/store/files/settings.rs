//! Where a store of files lies, and which of its places each side needs: for a sandbox, which takes away all others.

use std::path::PathBuf;

use super::layout::{DIRECTORIES, LOCKS};

/// Where the store lies and when it is too full.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its directory; made when it is missing.
    pub directory: PathBuf,
    /// Where uploaded files lie, encrypted, while their request lasts; made when it is missing.
    pub drafts: PathBuf,
    /// Bytes that must stay free on its file system.
    pub min_free: u64,
    /// Files that there must still be room for on its file system.
    pub min_free_inodes: u64,
    /// Days for which a delivered letter is kept, sealed, so that an accident in the mailbox can be mended.
    pub keep_delivered_days: u32,
}

impl Settings {
    /// A store in this directory, its drafts within, with the least floors.
    pub fn at(directory: PathBuf) -> Self {
        Self {
            drafts: Self::default_drafts(&directory),
            directory,
            min_free: 1,
            min_free_inodes: 0,
            keep_delivered_days: 7,
        }
    }

    /// Where drafts lie unless the configuration says another place: on the same disk, whose free space is watched.
    pub fn default_drafts(directory: &std::path::Path) -> PathBuf {
        directory.join("draft")
    }

    /// Where nameless files are made that a request writes: drafts, and letters that have no name yet.
    pub fn unfinished(&self) -> [PathBuf; 2] {
        [self.directory.join("draft"), self.drafts.clone()]
    }

    /// Where letters come to.
    pub fn arrivals(&self) -> PathBuf {
        self.directory.join("new")
    }

    /// Where goes what is no letter, whatever it is.
    pub fn quarantine(&self) -> PathBuf {
        self.directory.join("corrupt")
    }

    /// Where alarms are dropped for other programs.
    pub fn alarms(&self) -> PathBuf {
        self.directory.join("alarms")
    }

    /// The lock by which one process of this machine delivers.
    pub fn lock_of_relay(&self) -> PathBuf {
        self.directory.join("relay.lock")
    }

    /// The secret that names are derived from: the web side's, read at its start.
    pub fn secret(&self) -> PathBuf {
        super::secret::file(&self.directory)
    }

    /// Everything that delivering needs: all directories but the drafts, and the locks. Not the secret.
    pub fn for_delivery(&self) -> impl Iterator<Item = PathBuf> {
        let directories = DIRECTORIES.iter().filter(|directory| **directory != "draft");
        directories.chain(&LOCKS).map(|place| self.directory.join(place))
    }
}
