//! Whether letters are opened: test letters that go the whole way, and an alarm over those of citizens.
//!
//! Two halves, which may be two processes. The web side *sends* ([`send()`]): only it may read certificates, and a test
//! letter that went another way than a citizen's would test nothing. The relay's side *waits* ([`Waiting`]): it reads
//! what the post room sends back, and raises an alarm when nothing comes. Nothing passes between them: which test
//! letter is due follows from the time and the spool's secret, and so does its inner id, which an acknowledgement must
//! prove to know. So a web side that is down or closed is noticed as well.

mod read;
mod sample;
mod send;
mod wait;

pub use sample::sample;
pub use send::send;
pub use wait::Waiting;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::store::{Identities, Identity};
use crate::unix_time::seconds;

/// What is expected of the post room.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Directories of drop files, or Maildirs.
    pub directories: Vec<PathBuf>,
    /// Letters that are delivered and not opened for so long raise an alarm.
    pub unopened_after: Option<Duration>,
    /// Test letters.
    pub rounds: Option<Rounds>,
}

/// When test letters are sent.
#[derive(Debug, Clone)]
pub struct Rounds {
    /// One in each of these.
    pub every: Duration,
    /// Its acknowledgement is missed after this time.
    pub missing_after: Duration,
    /// To these mailboxes.
    pub mailboxes: Vec<String>,
}

impl Rounds {
    /// The number of the running round: the same in both processes, and after a restart.
    fn round(&self, now: SystemTime) -> u64 {
        seconds(now) / self.every.as_secs().max(1)
    }

    /// The test letter of a round. Its identity stands before it is written: sent twice it is one letter.
    fn identity(identities: &Identities, mailbox: &str, round: u64) -> Identity {
        identities.of(format!("konvolutt canary {round} {mailbox}").as_bytes(), &[0; 32])
    }
}
