//! What a desk works with. Comes in: the command line and the settings. Goes out: a [`Plan`], which may lack what only a
//! clerk knows; the desk asks for that on its own page.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;

use crate::desk::archive::ArchiveForm;
use crate::i18n::Lang;
use crate::ledger::{FILE, LedgerPlace};
use crate::settings::{MailPlace, Settings};

/// How long nobody may use a desk before it locks itself, when nothing else is said.
pub const LOCK_AFTER: Duration = Duration::from_secs(10 * 60);

const OWN_FOLDER: &str = "postrom-letters";

/// What a desk works with.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The settings file that was used.
    pub settings: Option<PathBuf>,
    /// Folders and files with mail.
    pub mail: Vec<PathBuf>,
    /// Mailboxes on servers.
    pub servers: Vec<String>,
    /// The post room's secret keys.
    pub keys: Vec<PathBuf>,
    /// Certificates of the forms' relays.
    pub relay: Vec<PathBuf>,
    /// Other certificates that letters are sealed to.
    pub known: Vec<PathBuf>,
    /// Files with passphrases.
    pub passphrase_files: Vec<PathBuf>,
    /// Where letters are saved when a clerk says so.
    pub out: PathBuf,
    /// The list of what was opened, and of who has what.
    pub ledger: LedgerPlace,
    /// Where the server is told that a letter was opened.
    pub ack_to: Option<PathBuf>,
    /// The clerk's language.
    pub lang: Lang,
    /// The clerk's name on this machine.
    pub who: String,
    /// How long nobody may use the desk before it locks itself.
    pub lock_after: Duration,
    /// How it logs in to mailboxes on servers.
    pub login: Login,
    /// What is handed to the archive, and where.
    pub archive: HandOver,
    /// Certificates of case officers, to whom a letter can be sealed again.
    pub officers: Vec<PathBuf>,
}

/// How a desk logs in to mailboxes on servers.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// File with the password.
    pub password_file: Option<PathBuf>,
    /// File with an access token (XOAUTH2) that something else renews.
    pub token_file: Option<PathBuf>,
    /// Certificates of authorities that the server's may come from, beside those that the system trusts.
    pub ca_file: Option<PathBuf>,
    /// Folder to which mail is moved when its letter was opened. Without, nothing in the mailbox is changed.
    pub move_opened_to: Option<String>,
    /// Marks are kept in the mailbox, as keywords that other mail programs show.
    pub marks: bool,
}

/// How letters are handed to the archive.
#[derive(Debug, Clone, Default)]
pub struct HandOver {
    /// Folder in which the archive looks for packages. Without, none are made.
    pub folder: Option<PathBuf>,
    /// With an `arkivmelding.xml` of this form.
    pub message: Option<ArchiveForm>,
}

impl Plan {
    /// Whether there is enough to begin with.
    pub fn is_whole(&self) -> bool {
        let has_mail = !self.mail.is_empty() || !self.servers.is_empty();
        has_mail && !self.keys.is_empty()
    }
}

/// What the command line says. What is empty there stands in the settings.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// Folders, files, and mailboxes on servers.
    pub mail: Vec<MailPlace>,
    /// Keys.
    pub keys: Vec<PathBuf>,
    /// Certificates of the forms' relays.
    pub relay: Vec<PathBuf>,
    /// Other certificates.
    pub known: Vec<PathBuf>,
    /// Files with passphrases.
    pub passphrase_files: Vec<PathBuf>,
    /// Where letters are saved.
    pub out: Option<PathBuf>,
    /// The ledger.
    pub ledger: Option<LedgerPlace>,
}

/// A plan from both: the command line goes before the settings, each word by itself.
pub fn plan(said: Said, settings: Option<Settings>, lang: Lang, who: String) -> Plan {
    let file = settings.as_ref().map(|settings| settings.file.clone());
    let settings = settings.unwrap_or_default();
    let first = |said: Vec<PathBuf>, told: Vec<PathBuf>| if said.is_empty() { told } else { said };
    let (mail, servers) = if said.mail.is_empty() {
        (settings.mail, settings.servers)
    } else {
        apart(said.mail)
    };
    let out = said.out.or(settings.out);
    Plan {
        settings: file,
        ledger: ledger(said.ledger.or(settings.ledger), out.as_deref(), &mail),
        mail,
        servers,
        keys: first(said.keys, settings.keys),
        relay: first(said.relay, settings.relay),
        known: first(said.known, settings.known),
        passphrase_files: first(said.passphrase_files, settings.passphrase_file),
        out: out.unwrap_or_else(own_folder),
        ack_to: settings.acknowledge,
        lang,
        who,
        lock_after: settings.lock_after.unwrap_or(LOCK_AFTER),
        login: Login {
            password_file: settings.mail_password_file,
            token_file: settings.mail_token_file,
            ca_file: settings.mail_ca_file,
            move_opened_to: settings.move_opened_to,
            marks: settings.marks_in_mailbox,
        },
        archive: HandOver {
            folder: settings.archive,
            message: settings
                .arkivmelding
                .and_then(|form| ArchiveForm::from_str(form, true).ok()),
        },
        officers: settings.officers,
    }
}

fn apart(places: Vec<MailPlace>) -> (Vec<PathBuf>, Vec<String>) {
    let (mut mail, mut servers) = (Vec::new(), Vec::new());
    for place in places {
        match place {
            MailPlace::Here(path) => mail.push(path),
            MailPlace::Server(server) => servers.push(server),
        }
    }
    (mail, servers)
}

/// For saved letters, when no folder is named: one of the clerk's own. It is made when a letter is saved.
pub fn own_folder() -> PathBuf {
    std::env::home_dir().unwrap_or_default().join(OWN_FOLDER)
}

/// Where the ledger is when nobody says: with the saved letters when there is a folder for them, or else beside the
/// mail, where the desks of colleagues look too. A mailbox on a server has nothing beside it.
pub fn ledger(said: Option<LedgerPlace>, out: Option<&Path>, mail: &[PathBuf]) -> LedgerPlace {
    if let Some(said) = said {
        return said;
    }
    if let Some(out) = out {
        return LedgerPlace::File(out.join(FILE));
    }
    match mail.first().and_then(|mail| Some((mail.parent()?, mail.file_name()?))) {
        Some((parent, name)) => LedgerPlace::File(parent.join(format!("{}.{FILE}", name.to_string_lossy()))),
        None => LedgerPlace::File(own_folder().join(FILE)),
    }
}
