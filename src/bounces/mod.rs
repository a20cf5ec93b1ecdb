//! Letters that came back: a mail server had taken one, and says later that it cannot be delivered.
//!
//! Comes in: mails in the directories where they come to. Goes out: the letter is held with the other side's words, or an
//! alarm, when it is no longer kept or a look fails. What always holds: a mail that is no report about a letter of ours stays where it is;
//! nothing is thrown away for what a report says, since anybody can write one; one report holds a letter once.
//!
//! | file | it alone knows |
//! |---|---|
//! | `mime` | heads, parts and encodings of a mail |
//! | `report` | what mail servers write |
//! | `known` | which letter a report means |
//! | `look` | what comes of it |
//! | `found` | how that is told |

mod found;
mod known;
mod look;
mod mime;
mod report;

pub use look::Bounces;

use std::path::PathBuf;

/// Where letters come back to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Maildirs, or folders of mails.
    pub directories: Vec<PathBuf>,
}
