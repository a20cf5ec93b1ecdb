//! The configuration file as written. Words with few choices are plain text here: a wrong one is then one diagnostic among
//! the others, and not the end of reading.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;
use validator::Validate;

use crate::door::{ListenAddress, PageLimits};
use crate::form::Text;

/// What flags and environment say instead of the file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Instead of `listen.address`.
    pub listen: Option<ListenAddress>,
    /// Instead of `health.address`.
    pub health: Option<SocketAddr>,
    /// Instead of `spool.directory`.
    pub spool: Option<PathBuf>,
    /// Who reads.
    pub side: Side,
}

/// For whom the configuration is read. What is the other side's is not opened: the web side never has the mail password
/// in its hands, the relay no form and no certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Side {
    /// Everything.
    #[default]
    Both,
    /// The form alone.
    Web,
    /// The relay alone.
    Relay,
}

#[derive(Deserialize, Validate)]
pub(super) struct Raw {
    pub(super) authority: Authority,
    pub(super) listen: Listen,
    #[serde(default)]
    #[validate(nested)]
    pub(super) limits: Limits,
    pub(super) health: Option<Health>,
    pub(super) spool: Spool,
    pub(super) signing: Signing,
    #[validate(nested)]
    pub(super) mail: Mail,
    #[serde(default)]
    pub(super) languages: Languages,
    pub(super) forms: Forms,
    #[serde(default)]
    pub(super) alarm: Alarm,
    pub(super) acknowledgements: Option<Acknowledgements>,
    pub(super) canary: Option<Canary>,
    #[serde(default)]
    #[validate(nested)]
    pub(super) mailbox: Vec<Mailbox>,
}

#[derive(Deserialize)]
pub(super) struct Authority {
    pub(super) name: Name,
    #[serde(default = "oslo")]
    pub(super) time_zone: String,
    pub(super) logo: Option<PathBuf>,
    pub(super) accent: Option<String>,
    pub(super) accent_dark: Option<String>,
}

/// A name that is the same in every language, or one for each.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Name {
    Same(String),
    Each(Text),
}

impl Name {
    /// For the operator, who reads every language.
    pub(super) fn any(&self) -> String {
        match self {
            Name::Same(name) => name.clone(),
            Name::Each(names) => names.0.values().next().cloned().unwrap_or_default(),
        }
    }
}

/// Files of the program's texts in languages that it does not have itself.
#[derive(Default, Deserialize)]
pub(super) struct Languages {
    pub(super) files: Vec<PathBuf>,
}

#[derive(Deserialize)]
pub(super) struct Listen {
    pub(super) address: OneOrMore,
    /// Host names of the site.
    #[serde(default)]
    pub(super) names: Vec<String>,
    pub(super) redirect: Option<String>,
    pub(super) tls: Option<Tls>,
    pub(super) onion: Option<Onion>,
    #[serde(default)]
    pub(super) behind_proxy: bool,
    /// Peers that are believed about a visitor's address: addresses, or `unix`.
    #[serde(default)]
    pub(super) trusted_proxies: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub(super) fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Tls {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

#[derive(Deserialize)]
pub(super) struct Onion {
    pub(super) address: String,
    pub(super) name: String,
}

#[derive(Deserialize, Validate)]
#[serde(default)]
pub(super) struct Limits {
    #[validate(range(min = 1, message = "must be at least 1"))]
    pub(super) pages_per_prefix: u32,
    #[validate(range(min = 1, message = "must be at least 1"))]
    pub(super) pages_onion: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let PageLimits { prefix, onion } = PageLimits::default();
        Self {
            pages_per_prefix: prefix,
            pages_onion: onion,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Health {
    pub(super) address: String,
}

#[derive(Deserialize)]
pub(super) struct Spool {
    pub(super) directory: PathBuf,
    #[serde(default)]
    pub(super) drafts: Option<PathBuf>,
    #[serde(default = "min_free_mb")]
    pub(super) min_free_mb: u64,
    #[serde(default = "min_free_inodes")]
    pub(super) min_free_inodes: u64,
    #[serde(default = "keep_delivered_days")]
    pub(super) keep_delivered_days: u32,
}

#[derive(Deserialize)]
pub(super) struct Signing {
    pub(super) key: PathBuf,
    pub(super) fingerprint: String,
}

#[derive(Deserialize, Validate)]
pub(super) struct Mail {
    #[validate(length(min = 1, max = 100, message = "must have 1 to 100 characters"))]
    pub(super) from_name: String,
    #[validate(email(message = "is not a mail address"))]
    pub(super) from_address: String,
    #[validate(email(message = "is not a mail address"))]
    pub(super) envelope_from: Option<String>,
    #[validate(length(min = 1, max = 60, message = "must have 1 to 60 characters"))]
    pub(super) subject: String,
    #[validate(nested)]
    pub(super) smtp: Option<Smtp>,
    pub(super) maildir: Option<Maildir>,
}

#[derive(Deserialize, Validate)]
pub(super) struct Smtp {
    #[validate(length(min = 1, max = 253, message = "must be a host name"))]
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) security: String,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) hello: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password_file: Option<PathBuf>,
    #[serde(default = "connections")]
    #[validate(range(min = 1, max = 32, message = "must be a number from 1 to 32"))]
    pub(super) connections: u8,
}

#[derive(Deserialize)]
pub(super) struct Maildir {
    pub(super) directory: PathBuf,
}

#[derive(Deserialize, Default)]
pub(super) struct Acknowledgements {
    pub(super) directories: Vec<PathBuf>,
    pub(super) unopened_after: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Canary {
    pub(super) every: Option<String>,
    pub(super) missing_after: Option<String>,
    pub(super) mailboxes: Option<Vec<String>>,
}

/// Durations are text here, such as `24h`.
#[derive(Deserialize, Default)]
pub(super) struct Alarm {
    pub(super) command: Option<Vec<String>>,
    pub(super) webhook: Option<String>,
    pub(super) webhook_token_file: Option<PathBuf>,
    pub(super) webhook_ca_file: Option<PathBuf>,
    pub(super) timeout: Option<String>,
    pub(super) calm: Option<String>,
    pub(super) repeat: Option<String>,
    pub(super) free_mb: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Forms {
    pub(super) files: Vec<PathBuf>,
}

#[derive(Deserialize, Validate)]
pub(super) struct Mailbox {
    pub(super) name: String,
    #[validate(email(message = "is not a mail address"))]
    pub(super) address: String,
    #[serde(default = "message_limit_mb")]
    pub(super) message_limit_mb: u64,
    #[serde(default = "files_limit_mb")]
    pub(super) files_limit_mb: u64,
    #[serde(default = "waiting_limit_mb")]
    pub(super) waiting_limit_mb: u64,
    #[serde(default)]
    pub(super) allow_classical_recipients: bool,
    #[serde(default)]
    pub(super) certificate: Vec<Certificate>,
}

#[derive(Deserialize)]
pub(super) struct Certificate {
    pub(super) file: PathBuf,
    pub(super) fingerprint: String,
    pub(super) role: String,
    pub(super) waiver: Option<String>,
}

fn oslo() -> String {
    "Europe/Oslo".into()
}

/// Enough for a few letters in flight when the disk fills up.
fn min_free_mb() -> u64 {
    256
}

/// Enough for the files of the letters that are being written when the last one is taken.
fn min_free_inodes() -> u64 {
    1000
}

fn keep_delivered_days() -> u32 {
    7
}

/// One slow letter does not hold back the others, and no mail server minds so few.
fn connections() -> u8 {
    4
}

/// What Exchange and many others take unless told otherwise.
fn message_limit_mb() -> u64 {
    25
}

/// Thunderbird takes 6 seconds to open 10 MB, and 12 for 20.
fn files_limit_mb() -> u64 {
    10
}

/// Some weeks of text, or some hundred letters with attachments.
fn waiting_limit_mb() -> u64 {
    2000
}
