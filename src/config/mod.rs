//! From a configuration file to finished values, once, with every problem reported together.
//!
//! Order: flag, then environment (`KONVOLUTT_…`), then file, then default. Paths in the file count from the
//! file's own directory. Secrets are named by path, never written as values.

mod alarm;
mod came_back;
mod certificates;
mod database;
mod essentials;
mod expect;
mod file_system;
mod hosts;
mod inspect;
mod inspector;
mod languages;
mod listen;
mod logins;
mod look;
mod mail;
mod overrides;
mod place;
mod proxies;
mod recipients;
mod refresh;
mod reloaded;
mod secret_files;
mod tls_files;
mod values;
mod written;

pub use certificates::certificates;
pub use essentials::{Essentials, essentials, essentials_unasked, spool_directory};
pub use hosts::host;
pub use inspect::{inspect, inspect_text};
pub use overrides::{Overrides, Role};
pub use place::real;
pub use proxies::{named_as, taken_for_here};
pub use reloaded::{is_taken_up, needs_restart};

use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::bounces;
use crate::canary;
use crate::diagnostic::Diagnostic;
use crate::door;
use crate::form::{Form, Text};
use crate::host_checks;
use crate::i18n::Lang;
use crate::intake::Branding;
use crate::notify;
use crate::relay::{AddressBook, ClientIdentity, TransportSettings};
use crate::seal::Pin;
use crate::store::{files, postgres};
use crate::submission::FilesLimit;

use sequoia_openpgp::Fingerprint;

/// A configuration whose every part can be used.
pub struct Config {
    /// Name of the authority, in every language of every form.
    pub authority: Text,
    /// Language of its letters, where the form speaks it.
    pub letter_language: Option<Lang>,
    /// Its logo and colours.
    pub look: Branding,
    /// Its time zone.
    pub time_zone: TimeZone,
    /// How clients connect.
    pub listen: door::Settings,
    /// Where letters wait.
    pub spool: files::Settings,
    /// Where they wait instead, if several nodes share them.
    pub database: Option<postgres::Settings>,
    /// The relay's signing key and its fingerprint.
    pub signing: (PathBuf, Fingerprint),
    /// The sending side.
    pub mail: Mail,
    /// How the operator is notified of alarms.
    pub alarm: AlarmSettings,
    /// What is expected of the post room.
    pub canary: canary::Settings,
    /// Where letters come back to.
    pub bounces: bounces::Settings,
    /// What is asked.
    pub forms: Vec<Form>,
    /// Where letters go.
    pub mailboxes: Vec<MailboxSettings>,
    /// Files of forms, texts and the logo, which are read again with the configuration.
    pub texts: Vec<PathBuf>,
    /// A language has other texts than those that this process speaks already, and goes on with.
    pub other_texts: bool,
    /// Files that systemd hands over to each unit in a folder of that unit's own.
    pub handed_over: Vec<PathBuf>,
}

/// The sending side.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Name in From.
    pub from_name: String,
    /// Address in From.
    pub from_address: String,
    /// RFC 5321 reverse-path.
    pub envelope_from: String,
    /// Neutral words in the outer Subject.
    pub subject: String,
    /// What the relay goes by, whatever the queue says: of every mailbox, also where the relay reads no certificates.
    pub addresses: AddressBook,
    /// How letters leave.
    pub transport: TransportSettings,
    /// When certificates end that this side read at its start.
    pub ends: Vec<CertificateEnd>,
}

/// When a certificate of TLS ends, for the alarm and for monitoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateEnd {
    /// What it is for.
    pub of: CertificateUse,
    /// Which one, in words.
    pub what: String,
    /// Its last second, since 1970.
    pub until: u64,
}

impl CertificateEnd {
    /// Of the certificate that the relay shows now: a renewed one is shown without a restart. Blocks on the disk.
    pub fn of_client(identity: &ClientIdentity) -> Option<Self> {
        identity.look_again();
        Some(Self {
            of: CertificateUse::MailClient,
            what: format!("the relay's own certificate in {}", identity.files()[0].display()),
            until: identity.until()?,
        })
    }
}

/// What a certificate of the sending side is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateUse {
    /// The mail server is checked by it.
    MailCa,
    /// The relay shows itself by it.
    MailClient,
}

impl CertificateUse {
    /// Its name in alarms and metrics.
    pub fn name(self) -> &'static str {
        match self {
            CertificateUse::MailCa => "mail-ca",
            CertificateUse::MailClient => "mail-client",
        }
    }
}

/// How and when the operator is notified of alarms.
#[derive(Debug, Clone)]
pub struct AlarmSettings {
    /// Who is told at once.
    pub contact: notify::Contact,
    /// Who is told of what still stands after a time.
    pub escalate: Option<Escalation>,
    /// When to tell.
    pub telling: notify::Settings,
    /// When the disk raises an alarm.
    pub host_checks: host_checks::Settings,
}

/// A second way of telling.
#[derive(Debug, Clone)]
pub struct Escalation {
    /// For so long an alarm has stood then.
    pub after: Duration,
    /// Who is told.
    pub contact: notify::Contact,
}

impl AlarmSettings {
    /// Everybody who is told.
    pub fn contacts(&self) -> impl Iterator<Item = &notify::Contact> {
        let second = self.escalate.iter().map(|escalation| &escalation.contact);
        std::iter::once(&self.contact).chain(second)
    }

    /// Every address that is posted to.
    pub fn webhooks(&self) -> impl Iterator<Item = &notify::Webhook> {
        self.contacts().filter_map(|contact| contact.webhook.as_ref())
    }

    /// When each contact is told, the first one first.
    pub fn told(&self) -> impl Iterator<Item = (&notify::Contact, notify::Settings)> {
        let second = self.escalate.iter().map(|escalation| {
            let after = escalation.after;
            let settings = notify::Settings {
                after,
                ..self.telling.clone()
            };
            (&escalation.contact, settings)
        });
        std::iter::once((&self.contact, self.telling.clone())).chain(second)
    }
}

/// A mailbox as configured.
#[derive(Debug, Clone)]
pub struct MailboxSettings {
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
    /// How much fits.
    pub files: FilesLimit,
    /// Bytes of its letters that may wait to be delivered.
    pub waiting: u64,
    /// Its certificates.
    pub pins: Vec<Pin>,
    /// Recipients that are not post-quantum may stand beside such that are.
    pub allow_classical: bool,
}

/// What the search for newer certificates needs.
pub struct Certificates {
    /// Whose certificates.
    pub mailboxes: Vec<MailboxSettings>,
    /// Where it may ask.
    pub refresh: crate::refresh::Settings,
}

/// What became of reading a configuration.
pub struct Inspection {
    /// The configuration, when its shape allows to work with it. Certificates may still be unfit: then the
    /// form is closed and says whom to phone, which is better than no page at all.
    pub config: Option<Config>,
    /// Everything that was found, good and bad.
    pub diagnostics: Vec<Diagnostic>,
}
