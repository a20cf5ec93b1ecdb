//! Which places of the spool each side needs: for a sandbox, which takes away all others.

use std::path::PathBuf;

use super::layout::{DIRECTORIES, LOCKS, Settings};

impl Settings {
    /// Where files lie while their request lasts.
    pub fn drafts(&self) -> PathBuf {
        self.directory.join("draft")
    }

    /// Where letters come to.
    pub fn arrivals(&self) -> PathBuf {
        self.directory.join("new")
    }

    /// Where goes what is no letter, whatever it is.
    pub fn aside(&self) -> PathBuf {
        self.directory.join("corrupt")
    }

    /// Where alarms are dropped.
    pub fn alarms(&self) -> PathBuf {
        self.directory.join("alarms")
    }

    /// Everything that delivering needs: all rooms but the drafts, and the locks. Not the secret.
    pub fn for_delivery(&self) -> impl Iterator<Item = PathBuf> {
        let rooms = DIRECTORIES.iter().filter(|room| **room != "draft");
        rooms.chain(&LOCKS).map(|place| self.directory.join(place))
    }
}
