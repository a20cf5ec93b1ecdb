//! The configuration file as written: every key by its table, with its default and the rule that its value alone must
//! keep. Words with few choices are plain text here: a wrong one is then one diagnostic among the others.
//!
//! Every mistake in the file is found in one run. `None` stands for something without which nothing can go on.

use std::net::SocketAddr;
use std::path::PathBuf;

use validator::{ValidateEmail, ValidateLength, ValidateRange};

use crate::diagnostic::Table;
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

pub(super) struct Raw {
    pub(super) authority: Authority,
    pub(super) listen: Listen,
    pub(super) limits: PageLimits,
    /// The address of `[health]`.
    pub(super) health: Option<String>,
    pub(super) spool: Spool,
    pub(super) signing: Signing,
    pub(super) mail: Mail,
    /// Files of the program's texts in languages that it does not have itself.
    pub(super) languages: Vec<PathBuf>,
    /// The form files.
    pub(super) forms: Vec<PathBuf>,
    pub(super) alarm: Alarm,
    pub(super) acknowledgements: Acknowledgements,
    pub(super) canary: Option<Canary>,
    pub(super) mailbox: Vec<Mailbox>,
}

impl Raw {
    pub(super) fn read(mut root: Table<'_>) -> Option<Self> {
        let authority = root.needed_table("authority").and_then(Authority::read);
        let listen = root.needed_table("listen").and_then(Listen::read);
        let health = root.table("health").map(|mut health| health.needed("address"));
        let spool = root.needed_table("spool").and_then(Spool::read);
        let signing = root.needed_table("signing").and_then(Signing::read);
        let mail = root.needed_table("mail").and_then(Mail::read);
        let forms = root.needed_table("forms").and_then(|mut forms| {
            forms.must_have("files");
            forms.paths("files")
        });
        let mailboxes: Vec<_> = root.tables("mailbox").into_iter().map(Mailbox::read).collect();
        Some(Self {
            limits: root.table("limits").map(limits).unwrap_or_default(),
            languages: files(root.table("languages")),
            alarm: root.table("alarm").map(Alarm::read).unwrap_or_default(),
            acknowledgements: root
                .table("acknowledgements")
                .map(Acknowledgements::read)
                .unwrap_or_default(),
            canary: root.table("canary").map(Canary::read),
            authority: authority?,
            listen: listen?,
            health: health.flatten(),
            spool: spool?,
            signing: signing?,
            mail: mail?,
            forms: forms?,
            mailbox: mailboxes.into_iter().collect::<Option<_>>()?,
        })
    }
}

fn files(table: Option<Table<'_>>) -> Vec<PathBuf> {
    table.and_then(|mut table| table.paths("files")).unwrap_or_default()
}

fn limits(mut table: Table<'_>) -> PageLimits {
    let own = PageLimits::default();
    let mut at_least_one = |name: &str, default: u32| {
        let pages = table.whole(name).unwrap_or(default);
        table.rule(
            name,
            pages.validate_range(Some(1), None, None, None),
            "must be at least 1",
        );
        pages
    };
    PageLimits {
        prefix: at_least_one("pages_per_prefix", own.prefix),
        onion: at_least_one("pages_onion", own.onion),
    }
}

pub(super) struct Authority {
    pub(super) name: Name,
    pub(super) time_zone: String,
    pub(super) logo: Option<PathBuf>,
    pub(super) accent: Option<String>,
    pub(super) accent_dark: Option<String>,
}

impl Authority {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let read = Self {
            time_zone: table.string("time_zone").unwrap_or_else(|| "Europe/Oslo".to_owned()),
            logo: table.path("logo"),
            accent: table.string("accent"),
            accent_dark: table.string("accent_dark"),
            name: Name::read(&mut table)?,
        };
        Some(read)
    }
}

/// A name that is the same in every language, or one for each.
pub(super) enum Name {
    Same(String),
    Each(Text),
}

impl Name {
    fn read(table: &mut Table<'_>) -> Option<Self> {
        table.must_have("name");
        if table.is_table("name") {
            let names = table.texts("name")?;
            return Some(Self::Each(Text(names.into_iter().collect())));
        }
        table.string("name").map(Self::Same)
    }

    /// For the operator, who reads every language.
    pub(super) fn any(&self) -> String {
        match self {
            Name::Same(name) => name.clone(),
            Name::Each(names) => names.0.values().next().cloned().unwrap_or_default(),
        }
    }
}

pub(super) struct Listen {
    pub(super) address: Vec<String>,
    /// Host names of the site.
    pub(super) names: Vec<String>,
    pub(super) redirect: Option<String>,
    pub(super) tls: Option<Tls>,
    pub(super) onion: Option<Onion>,
    pub(super) behind_proxy: bool,
    /// Peers that are believed about a client's address: addresses, or `unix`.
    pub(super) trusted_proxies: Vec<String>,
}

impl Listen {
    fn read(mut table: Table<'_>) -> Option<Self> {
        table.must_have("address");
        let tls = table.table("tls").map(Tls::read);
        let onion = table.table("onion").map(Onion::read);
        let read = Self {
            names: table.strings("names").unwrap_or_default(),
            redirect: table.string("redirect"),
            behind_proxy: table.flag("behind_proxy", false),
            trusted_proxies: table.strings("trusted_proxies").unwrap_or_default(),
            address: table.one_or_more("address")?,
            tls: optional(tls)?,
            onion: optional(onion)?,
        };
        Some(read)
    }
}

/// A table that may be left out, but not half written.
fn optional<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    read.map_or(Some(None), |read| read.map(Some))
}

pub(super) struct Tls {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl Tls {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let (certificate, key) = (table.needed_path("certificate"), table.needed_path("key"));
        Some(Self {
            certificate: certificate?,
            key: key?,
        })
    }
}

pub(super) struct Onion {
    pub(super) address: String,
    pub(super) name: String,
}

impl Onion {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let (address, name) = (table.needed("address"), table.needed("name"));
        Some(Self {
            address: address?,
            name: name?,
        })
    }
}

pub(super) struct Spool {
    pub(super) directory: PathBuf,
    pub(super) drafts: Option<PathBuf>,
    pub(super) min_free_mb: u64,
    pub(super) min_free_inodes: u64,
    pub(super) keep_delivered_days: u32,
}

impl Spool {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let read = Self {
            // Enough for a few letters in flight when the disk fills up.
            min_free_mb: table.whole("min_free_mb").unwrap_or(256),
            // Enough for the files of the letters that are being written when the last one is taken.
            min_free_inodes: table.whole("min_free_inodes").unwrap_or(1000),
            keep_delivered_days: table.whole("keep_delivered_days").unwrap_or(7),
            drafts: table.path("drafts"),
            directory: table.needed_path("directory")?,
        };
        Some(read)
    }
}

pub(super) struct Signing {
    pub(super) key: PathBuf,
    pub(super) fingerprint: String,
}

impl Signing {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let (key, fingerprint) = (table.needed_path("key"), table.needed("fingerprint"));
        Some(Self {
            key: key?,
            fingerprint: fingerprint?,
        })
    }
}

pub(super) struct Mail {
    pub(super) from_name: String,
    pub(super) from_address: String,
    pub(super) envelope_from: Option<String>,
    pub(super) subject: String,
    pub(super) smtp: Option<Smtp>,
    pub(super) maildir: Option<PathBuf>,
}

impl Mail {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let from_name = words(&mut table, "from_name", 100);
        let from_address = address(&mut table, "from_address");
        let envelope_from = table.has("envelope_from").then(|| address(&mut table, "envelope_from"));
        let subject = words(&mut table, "subject", 60);
        let smtp = table.table("smtp").map(Smtp::read);
        let maildir = table
            .table("maildir")
            .map(|mut maildir| maildir.needed_path("directory"));
        Some(Self {
            from_name: from_name?,
            from_address: from_address?,
            envelope_from: optional(envelope_from)?,
            subject: subject?,
            smtp: optional(smtp)?,
            maildir: optional(maildir)?,
        })
    }
}

/// A text that must be there, of 1 to so many characters.
fn words(table: &mut Table<'_>, name: &str, most: u64) -> Option<String> {
    let text = table.needed(name)?;
    let fits = text.validate_length(Some(1), Some(most), None);
    table.rule(name, fits, &format!("must have 1 to {most} characters"));
    Some(text)
}

/// A mail address that must be there.
fn address(table: &mut Table<'_>, name: &str) -> Option<String> {
    let text = table.needed(name)?;
    table.rule(name, text.validate_email(), "is not a mail address");
    Some(text)
}

pub(super) struct Smtp {
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) security: String,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) hello: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password_file: Option<PathBuf>,
    pub(super) connections: u8,
}

impl Smtp {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let host = table.needed("host");
        if let Some(host) = &host {
            let fits = host.validate_length(Some(1), Some(253), None);
            table.rule("host", fits, "must be a host name");
        }
        let security = table.needed("security");
        // One slow letter does not hold back the others, and no mail server minds so few.
        let connections: u8 = table.whole("connections").unwrap_or(4);
        let fits = connections.validate_range(Some(1), Some(32), None, None);
        table.rule("connections", fits, "must be a number from 1 to 32");
        Some(Self {
            port: table.whole("port"),
            ca_file: table.path("ca_file"),
            hello: table.string("hello"),
            user: table.string("user"),
            password_file: table.path("password_file"),
            connections,
            host: host?,
            security: security?,
        })
    }
}

#[derive(Default)]
pub(super) struct Acknowledgements {
    pub(super) directories: Vec<PathBuf>,
    pub(super) unopened_after: Option<String>,
}

impl Acknowledgements {
    fn read(mut table: Table<'_>) -> Self {
        table.must_have("directories");
        Self {
            directories: table.paths("directories").unwrap_or_default(),
            unopened_after: table.string("unopened_after"),
        }
    }
}

pub(super) struct Canary {
    pub(super) every: Option<String>,
    pub(super) missing_after: Option<String>,
    pub(super) mailboxes: Option<Vec<String>>,
}

impl Canary {
    fn read(mut table: Table<'_>) -> Self {
        Self {
            every: table.string("every"),
            missing_after: table.string("missing_after"),
            mailboxes: table.strings("mailboxes"),
        }
    }
}

/// Durations are text here, such as `24h`.
#[derive(Default)]
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

impl Alarm {
    fn read(mut table: Table<'_>) -> Self {
        Self {
            command: table.strings("command"),
            webhook: table.string("webhook"),
            webhook_token_file: table.path("webhook_token_file"),
            webhook_ca_file: table.path("webhook_ca_file"),
            timeout: table.string("timeout"),
            calm: table.string("calm"),
            repeat: table.string("repeat"),
            free_mb: table.whole("free_mb"),
        }
    }
}

pub(super) struct Mailbox {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) message_limit_mb: u64,
    pub(super) files_limit_mb: u64,
    pub(super) waiting_limit_mb: u64,
    pub(super) allow_classical_recipients: bool,
    pub(super) certificate: Vec<Certificate>,
}

impl Mailbox {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let (name, address) = (table.needed("name"), address(&mut table, "address"));
        let certificates: Vec<_> = table.tables("certificate").into_iter().map(Certificate::read).collect();
        Some(Self {
            // What Exchange and many others take unless told otherwise.
            message_limit_mb: table.whole("message_limit_mb").unwrap_or(25),
            // Thunderbird takes 6 seconds to open 10 MB, and 12 for 20.
            files_limit_mb: table.whole("files_limit_mb").unwrap_or(10),
            // Some weeks of text, or some hundred letters with attachments.
            waiting_limit_mb: table.whole("waiting_limit_mb").unwrap_or(2000),
            allow_classical_recipients: table.flag("allow_classical_recipients", false),
            name: name?,
            address: address?,
            certificate: certificates.into_iter().collect::<Option<_>>()?,
        })
    }
}

pub(super) struct Certificate {
    pub(super) file: PathBuf,
    pub(super) fingerprint: String,
    pub(super) role: String,
    pub(super) waiver: Option<String>,
}

impl Certificate {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let (file, fingerprint) = (table.needed_path("file"), table.needed("fingerprint"));
        let role = table.needed("role");
        Some(Self {
            waiver: table.string("waiver"),
            file: file?,
            fingerprint: fingerprint?,
            role: role?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::diagnostic::TomlFile;

    /// Whether it was read, and each mistake as its line and its sentence.
    fn read(text: &str) -> (bool, Vec<(usize, String)>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("konvolutt.toml");
        std::fs::write(&path, text).unwrap();
        let file = TomlFile::read(&path).unwrap();
        let found = RefCell::default();
        let raw = file.table(&found).and_then(Raw::read);
        let found = found.into_inner().into_iter();
        let mut found: Vec<_> = found.map(|one| (one.line.unwrap_or(0), one.what)).collect();
        found.sort();
        (raw.is_some(), found)
    }

    const WHOLE: &str = r#"
[authority]
name = "Etaten"
[listen]
address = "127.0.0.1:8080"
[spool]
directory = "spool"
[signing]
key = "relay.key.asc"
fingerprint = "x"
[mail]
from_name = "Skjema"
from_address = "skjema@example.no"
subject = "Melding"
[mail.maildir]
directory = "maildir"
[forms]
files = ["forms/post.toml"]
[[mailbox]]
name = "post"
address = "post@example.no"
"#;

    #[test]
    fn the_least_that_works_is_read() {
        assert_eq!(read(WHOLE), (true, Vec::new()));
    }

    #[test]
    fn every_mistake_is_found_in_one_run() {
        let changes = [
            (
                "from_name = \"Skjema\"",
                "from_name = \"\"",
                "`mail.from_name` must have 1 to 100 characters.",
            ),
            (
                "from_address = \"skjema@",
                "from_address = \"skjema",
                "`mail.from_address` is not a mail address.",
            ),
            (
                "directory = \"spool\"",
                "directory = \"spool\"\nkeep_delivered_days = -1",
                "`spool.keep_delivered_days` is too large, or below 0.",
            ),
            (
                "[forms]",
                "[limits]\npages_onion = 0\n[forms]",
                "`limits.pages_onion` must be at least 1.",
            ),
            (
                "name = \"post\"",
                "name = \"post\"\nadress = 1",
                "`mailbox.0.adress` is not a key that Konvolutt knows here.",
            ),
            (
                "address = \"post@example.no\"",
                "address = \"post@\"",
                "`mailbox.0.address` is not a mail address.",
            ),
            (
                "[listen]\n",
                "[listen]\nbehind_proxy = \"yes\"\n",
                "`listen.behind_proxy` must be `true` or `false`; here it is of the type string.",
            ),
        ];
        let text = changes
            .iter()
            .fold(WHOLE.to_owned(), |text, (from, to, _)| text.replacen(from, to, 1));
        let (read, found) = read(&text);
        assert!(read, "all of it has a shape that can be looked at further");
        assert_eq!(found.len(), changes.len(), "{found:#?}");
        for (_, _, sentence) in changes {
            let told = found.iter().find(|(_, what)| what == sentence);
            assert!(told.is_some_and(|(line, _)| *line > 0), "{sentence}: {found:#?}");
        }
    }

    #[test]
    fn what_must_be_there_is_named_and_nothing_goes_on_without_it() {
        for (without, sentence) in [
            ("directory = \"spool\"", "`spool.directory` is missing."),
            ("[authority]\nname = \"Etaten\"", "`authority` is missing."),
            ("address = \"127.0.0.1:8080\"", "`listen.address` is missing."),
            ("files = [\"forms/post.toml\"]", "`forms.files` is missing."),
            ("address = \"post@example.no\"", "`mailbox.0.address` is missing."),
        ] {
            let (read, found) = read(&WHOLE.replace(without, ""));
            assert!(
                !read && found.iter().any(|(_, what)| what == sentence),
                "{sentence}: {found:?}"
            );
        }
    }
}
