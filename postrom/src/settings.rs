//! `postrom.toml`: what a clerk would otherwise type each time.
//!
//! Comes in: a file that IT wrote once. Goes out: [`Settings`] with whole paths, or one mistake with its line. What
//! always holds: a name that is not known is a mistake, for a `relay` that nobody reads would leave every letter unchecked.

mod mistake;
mod places;
mod server;
mod values;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::DeTable;

use crate::i18n::Lang;
pub use crate::ledger::LedgerPlace;
use crate::trouble::Cause;
pub use mistake::{Kind, Mistake, SettingsError};
pub use server::{BadServer, MailPlace, mail_place};
use values::Reader;

/// The names that a file may have, in the order of `config/postrom.toml`.
pub const NAMES: [&str; 18] = [
    "mail",
    "keys",
    "relay",
    "known",
    "out",
    "language",
    "ledger",
    "acknowledge",
    "passphrase_file",
    "mail_password_file",
    "mail_token_file",
    "mail_ca_file",
    "move_opened_to",
    "marks_in_mailbox",
    "lock_after",
    "archive",
    "arkivmelding",
    "officers",
];

/// What a mailbox on a server begins with.
pub const SERVER: &str = "imaps://";
/// Forms of `arkivmelding.xml`.
pub const FORMS: [&str; 3] = ["efm", "fiks1", "fiks2"];
/// How many minutes nobody may use a desk before it locks itself.
pub const LOCK_AFTER: RangeInclusive<i64> = 1..=120;

/// What a `postrom.toml` says. What it does not name is empty; the flags of the command line go before it, each by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The file itself.
    pub file: PathBuf,
    /// Where the mail lies.
    pub mail: Vec<PathBuf>,
    /// Mailboxes on servers, which the desk alone reads.
    pub servers: Vec<String>,
    /// The post room's secret keys.
    pub keys: Vec<PathBuf>,
    /// Certificates of the forms' relays, also former ones.
    pub relay: Vec<PathBuf>,
    /// Other certificates that letters are sealed to.
    pub known: Vec<PathBuf>,
    /// Folder for the opened letters.
    pub out: Option<PathBuf>,
    /// The language to speak.
    pub language: Option<Lang>,
    /// The list of what was opened.
    pub ledger: Option<LedgerPlace>,
    /// Folder for acknowledgements.
    pub acknowledge: Option<PathBuf>,
    /// Files with passphrases of the keys.
    pub passphrase_file: Vec<PathBuf>,
    /// File with the password of the mailboxes on servers.
    pub mail_password_file: Option<PathBuf>,
    /// File with an access token for them.
    pub mail_token_file: Option<PathBuf>,
    /// Certificates of authorities that the servers' may come from.
    pub mail_ca_file: Option<PathBuf>,
    /// Folder of the mailbox to which opened mail is moved.
    pub move_opened_to: Option<String>,
    /// Marks are kept in the mailbox.
    pub marks_in_mailbox: bool,
    /// How long nobody may use a desk before it locks itself.
    pub lock_after: Option<Duration>,
    /// Folder in which the archive looks for packages.
    pub archive: Option<PathBuf>,
    /// The form of `arkivmelding.xml`: one of [`FORMS`].
    pub arkivmelding: Option<&'static str>,
    /// Certificates of case officers.
    pub officers: Vec<PathBuf>,
}

impl Settings {
    /// Reads the file that was named, or else the first one that is there; `None` when there is none and none was named.
    ///
    /// # Errors
    /// The file cannot be read, or has a mistake.
    pub fn load(explicit: Option<&Path>) -> Result<Option<Self>, SettingsError> {
        let Some(file) = explicit.map(Path::to_owned).or_else(Self::find) else {
            return Ok(None);
        };
        let bytes = std::fs::read(&file).map_err(|error| Mistake::Unreadable(Cause::from(&error)).of(&file, None))?;
        Self::parse(&file, &bytes, std::env::home_dir().as_deref()).map(Some)
    }

    /// Where a user's own file is, there or not; `None` when nobody knows where the user's folder is.
    pub fn of_user() -> Option<PathBuf> {
        let home = std::env::home_dir();
        places::user(&|name| std::env::var_os(name), home.as_deref())
    }

    /// The first file that is there: in this folder, the user's, the machine's.
    pub fn find() -> Option<PathBuf> {
        let home = std::env::home_dir();
        let places = places::places(&|name| std::env::var_os(name), home.as_deref());
        places.into_iter().find(|place| place.is_file())
    }

    /// What the bytes of a file say. Paths count from the folder of the file, `~/` from the user's own.
    ///
    /// # Errors
    /// One mistake, with its line.
    pub fn parse(file: &Path, bytes: &[u8], home: Option<&Path>) -> Result<Self, SettingsError> {
        // Notepad of Windows begins a file with a mark, and PowerShell may write it in UTF-16.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes)
            .ok()
            .filter(|text| !text.contains('\0'))
            .ok_or_else(|| Mistake::NotUtf8.of(file, None))?;
        let table = DeTable::parse(text).map_err(|error| mistake::syntax(file, text, &error))?;
        let reader = Reader::new(file, text, home);
        let mut settings = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        for (name, value) in table.get_ref() {
            reader.take(name, value, &mut settings)?;
        }
        Ok(settings)
    }
}
