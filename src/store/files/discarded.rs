//! What is kept of letters that are there no more: `discarded/NAME`.

use std::fs;
use std::io;
use std::time::{Duration, SystemTime};

use super::layout::{Layout, files, read_limited, remove_if_there, sync_directory, write_whole};
use crate::store::{Discarded, State};
use crate::unix_time::seconds;

/// For as long as somebody may ask what became of a letter.
const KEPT: Duration = Duration::from_secs(366 * 86_400);
const DAY: u64 = 86_400;

/// The records.
#[derive(Clone)]
pub(super) struct Records(pub(super) Layout);

impl Records {
    pub(super) fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.0.letter(State::Discarded, name)).is_ok()
    }

    /// Whether the letter of this name was discarded, and not only a corrupt one under it.
    pub(super) fn has_of_letter(&self, name: &str) -> bool {
        self.has(name) && !self.get(name).corrupt
    }

    /// One that cannot be read says as much.
    pub(super) fn get(&self, name: &str) -> Discarded {
        let read = read_limited(&self.0.letter(State::Discarded, name), 64 * 1024);
        let record = read.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        record.unwrap_or_else(|| Discarded {
            reference: String::new(),
            mailbox: String::new(),
            day: 0,
            why: "its record cannot be read".to_owned(),
            corrupt: false,
        })
    }

    /// With reference and mailbox. To the day: when somebody decided about a letter is nobody's business to the minute.
    pub(super) fn keep(&self, name: &str, of: (String, String), from: State, why: &str) -> io::Result<()> {
        let (reference, mailbox) = of;
        let record = Discarded {
            reference,
            mailbox,
            day: seconds(SystemTime::now()) / DAY * DAY,
            why: why.to_owned(),
            corrupt: from == State::Corrupt,
        };
        let bytes = serde_json::to_vec(&record).map_err(io::Error::other)?;
        // Made beside the records: half a one must not look like one.
        let fresh = self.0.path("state").join(format!("{name}.discarded"));
        write_whole(&fresh, &bytes)?;
        fs::rename(fresh, self.0.letter(State::Discarded, name))?;
        sync_directory(&self.0.directory(State::Discarded))
    }

    /// Removes those that are old enough. As long as the name is taken, its record says why there is no letter.
    pub(super) fn clean(&self, now: SystemTime) -> io::Result<()> {
        for (name, meta) in files(&self.0.directory(State::Discarded))? {
            let is_old = now.duration_since(meta.modified()?).unwrap_or_default() > KEPT;
            if is_old && !self.0.letter(State::Waiting, &name).exists() {
                remove_if_there(&self.0.letter(State::Discarded, &name))?;
            }
        }
        Ok(())
    }
}
