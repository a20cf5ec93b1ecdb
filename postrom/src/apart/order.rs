//! What the two processes say to each other.

use std::ffi::OsString;

use crate::i18n::Lang;
use crate::ledger::LedgerPlace;
use crate::run::Skip;
use crate::told::Told;
use crate::trouble::Trouble;

/// Everything that a run needs. It has no `Debug`: it holds unlocked keys.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Order {
    /// Keys without passphrases, as `Keys::to_bytes` gives them, in base64.
    pub keys: String,
    /// Certificates of the relays, one after the other, in base64.
    pub relays: String,
    /// Other certificates that letters may be sealed to, in base64.
    pub known: String,
    /// What to open; `-` is what follows in frames.
    pub inputs: Vec<OsString>,
    /// Where the letters go.
    pub out: OsString,
    /// Where the ledger is.
    pub ledger: LedgerPlace,
    /// Where the server is told.
    pub ack_to: Option<OsString>,
    /// The clerk's language.
    pub lang: Lang,
    /// The clerk's name on this machine.
    pub who: String,
    /// Goes on looking for new mail.
    pub watch: bool,
    /// One thing after the other.
    pub one_by_one: bool,
    /// What is not to be looked at again.
    pub skip: Skip,
}

/// What happens in a run, as it happens.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// The place for the letters is ready; half-finished folders of an interrupted run were removed.
    Ready {
        /// How many.
        removed: u64,
    },
    /// The run cannot begin.
    Failed {
        /// Why.
        trouble: Trouble,
    },
    /// An input is being looked through.
    Looks {
        /// Its name.
        input: String,
    },
    /// It was looked through.
    Looked {
        /// Its name.
        input: String,
    },
    /// A sealed part is being opened.
    Opens {
        /// Its source.
        source: String,
        /// Its number, where the mail around it says one.
        reference: Option<String>,
    },
    /// It was opened, or not.
    Opened {
        /// Its source.
        source: String,
    },
    /// Another thing was found, to be told in its turn.
    Found,
    /// Letters are about to be put in place.
    Places {
        /// Their sources.
        sources: Vec<String>,
    },
    /// What became of it.
    Told {
        /// All that is known.
        told: Box<Told>,
    },
    /// The letters are in place, but not all that is known of them could be written.
    NotRemembered {
        /// Why.
        trouble: Trouble,
    },
    /// Everything that was there was told; a run that watches waits for more.
    Idle,
    /// The run is over.
    Finished,
}
