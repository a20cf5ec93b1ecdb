//! How letters leave.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use validator::{ValidateLength, ValidateRange};

use super::inspector::Inspector;
use super::overrides::Role;
use super::recipients::MailboxSection;
use super::values::{address, optional, words};
use super::{CertificateEnd, CertificateUse, Mail};
use crate::diagnostic::Table;
use crate::explain::{self, Explained};
use crate::relay::smtp::{self, Login, Proof, Security};
use crate::relay::{AddressBook, ClientIdentity, Maildir, TransportSettings, client_config, client_config_as};
use konvolutt_letter::mime;

pub(super) struct MailSection {
    pub(super) from_name: String,
    pub(super) from_address: String,
    pub(super) envelope_from: Option<String>,
    pub(super) subject: String,
    pub(super) smtp: Option<SmtpSection>,
    pub(super) lmtp: Option<LmtpSection>,
    pub(super) maildir: Option<PathBuf>,
}

impl MailSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        let from_name = words(&mut table, "from_name", 100);
        let from_address = address(&mut table, "from_address");
        let envelope_from = table.has("envelope_from").then(|| address(&mut table, "envelope_from"));
        let subject = words(&mut table, "subject", 60);
        let smtp = table.table("smtp").map(SmtpSection::read);
        let lmtp = table.table("lmtp").map(LmtpSection::read);
        let maildir = table
            .table("maildir")
            .map(|mut maildir| maildir.needed_path("directory"));
        Some(Self {
            from_name: from_name?,
            from_address: from_address?,
            envelope_from: optional(envelope_from)?,
            subject: subject?,
            smtp: optional(smtp)?,
            lmtp: optional(lmtp)?,
            maildir: optional(maildir)?,
        })
    }
}

pub(super) struct LmtpSection {
    socket: PathBuf,
    hello: Option<String>,
    connections: u8,
}

impl LmtpSection {
    fn read(mut table: Table<'_>) -> Option<Self> {
        let socket = table.needed_path("socket");
        Some(Self {
            hello: table.string("hello"),
            connections: connections(&mut table),
            socket: socket?,
        })
    }
}

/// One slow letter does not hold back the others, and no mail server minds so few.
fn connections(table: &mut Table<'_>) -> u8 {
    let connections: u8 = table.whole("connections").unwrap_or(4);
    let fits = connections.validate_range(Some(1), Some(32), None, None);
    table.rule("connections", fits, "must be a number from 1 to 32");
    connections
}

pub(super) struct SmtpSection {
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) security: String,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) hello: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password_file: Option<PathBuf>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) client_certificate: Option<PathBuf>,
    pub(super) client_key: Option<PathBuf>,
    pub(super) connections: u8,
}

impl SmtpSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        // An address is written with brackets in links, and without them everywhere else.
        let bare = |host: String| match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) => address.to_owned(),
            None => host,
        };
        let host = table.needed("host").map(bare);
        if let Some(host) = &host {
            let fits = host.validate_length(Some(1), Some(253), None);
            table.rule("host", fits, "must be a host name");
        }
        let security = table.needed("security");
        Some(Self {
            port: table.whole("port"),
            ca_file: table.path("ca_file"),
            hello: table.string("hello"),
            user: table.string("user"),
            connections: connections(&mut table),
            password_file: table.path("password_file"),
            token_file: table.path("token_file"),
            client_certificate: table.path("client_certificate"),
            client_key: table.path("client_key"),
            host: host?,
            security: security?,
        })
    }
}

impl Inspector<'_> {
    /// What stands in SMTP commands and in header fields as it is.
    pub(super) fn names_are_plain(&mut self, mail: &MailSection, mailboxes: &[MailboxSection]) {
        let mut addresses = vec![("mail.from_address".to_owned(), mail.from_address.clone())];
        addresses.extend(
            mail.envelope_from
                .iter()
                .map(|a| ("mail.envelope_from".to_owned(), a.clone())),
        );
        let mailboxes = mailboxes.iter().enumerate();
        addresses.extend(mailboxes.map(|(i, mailbox)| (format!("mailbox.{i}.address"), mailbox.address.clone())));
        for (key, address) in addresses {
            if !address.is_ascii() {
                let what = format!("{address} has letters beyond a–z, which not every mail server takes.");
                self.broken(&key, what, "Write the domain in its ASCII form (`xn--…`).");
            }
        }
        let host =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
        let (of_server, of_us) = (
            "Write the name that stands in the server's certificate.",
            "Write the name by which this machine calls itself to the mail server.",
        );
        let (smtp, lmtp) = (mail.smtp.as_ref(), mail.lmtp.as_ref());
        for (key, name, remedy) in [
            ("mail.smtp.host", smtp.map(|smtp| &smtp.host), of_server),
            ("mail.smtp.hello", smtp.and_then(|smtp| smtp.hello.as_ref()), of_us),
            ("mail.lmtp.hello", lmtp.and_then(|lmtp| lmtp.hello.as_ref()), of_us),
        ] {
            if let Some(name) = name.filter(|name| !host(name)) {
                self.broken(key, format!("{name:?} is not a host name."), remedy);
            }
        }
    }

    /// A name stands in the names of alarm files, and says in each letter where it goes.
    pub(super) fn mailbox_names(&mut self, mailboxes: &[MailboxSection]) {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        for (i, MailboxSection { name, .. }) in mailboxes.iter().enumerate() {
            let key = format!("mailbox.{i}.name");
            if name.is_empty() || !name.chars().all(plain) {
                let what = format!("{name:?} cannot be a mailbox's name.");
                self.broken(&key, what, "Use letters, digits, hyphens and underscores.");
            }
            if mailboxes[..i].iter().any(|known| known.name == *name) {
                let what = format!("Two mailboxes are named `{name}`.");
                self.broken(&key, what, "Give each a name of its own.");
            }
        }
    }

    pub(super) fn mail(&mut self, raw: MailSection, mailboxes: &[MailboxSection]) -> Option<Mail> {
        let domain = raw
            .from_address
            .rsplit_once('@')
            .map_or("localhost", |(_, domain)| domain)
            .to_owned();
        let mut ends = Vec::new();
        let transport = match (raw.smtp, raw.lmtp, raw.maildir) {
            (Some(smtp), None, None) => TransportSettings::Smtp(self.smtp(smtp, domain, &mut ends)?),
            (None, Some(lmtp), None) => TransportSettings::Lmtp(smtp::Lmtp {
                socket: self.path(&lmtp.socket),
                hello: lmtp.hello.unwrap_or(domain),
                connections: usize::from(lmtp.connections),
            }),
            (None, None, Some(maildir)) => TransportSettings::Maildir(Maildir {
                directory: self.path(&maildir),
            }),
            _ => {
                self.broken(
                    "mail",
                    "`[mail]` must name one way out.".into(),
                    "Keep one of `[mail.smtp]`, `[mail.lmtp]` and `[mail.maildir]`.",
                );
                return None;
            }
        };
        let envelope_from = raw.envelope_from.unwrap_or_else(|| raw.from_address.clone());
        let mailboxes = mailboxes.iter();
        Some(Mail {
            addresses: AddressBook {
                from: mime::mailbox(&raw.from_name, &raw.from_address),
                envelope_from: envelope_from.clone(),
                subject: raw.subject.clone(),
                mailboxes: mailboxes
                    .map(|mailbox| (mailbox.name.clone(), mailbox.address.clone()))
                    .collect(),
                bounce_delimiter: None,
            },
            envelope_from,
            from_name: raw.from_name,
            from_address: raw.from_address,
            subject: raw.subject,
            transport,
            ends,
        })
    }

    fn security(&mut self, word: &str) -> Option<Security> {
        match word {
            "implicit" => Some(Security::Implicit),
            "starttls" => Some(Security::Starttls),
            _ => {
                let what = format!("{word:?} is not a way to secure the connection.");
                self.broken(
                    "mail.smtp.security",
                    what,
                    "Write `implicit` (port 465) or `starttls` (port 587).",
                );
                None
            }
        }
    }

    /// Whom to believe, and who we say we are.
    fn mail_tls(
        &mut self,
        raw: &SmtpSection,
        ends: &mut Vec<CertificateEnd>,
    ) -> (Option<Arc<ClientIdentity>>, Option<Arc<ClientConfig>>) {
        if self.role == Role::Web {
            return (None, None);
        }
        let identity = match (&raw.client_certificate, &raw.client_key) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => {
                ClientIdentity::load(&self.path(certificate), &self.path(key)).map(|both| Some(Arc::new(both)))
            }
            _ => Err(Explained::new(
                "`client_certificate` and `client_key` belong together",
                "give both or neither",
            )),
        };
        let identity = identity.map_err(|wrong| self.unusable("mail.smtp.client_certificate", &wrong));
        let ca_file = raw.ca_file.as_ref().map(|file| self.path(file));
        ends.extend(ca_file.as_deref().and_then(|file| self.authority_end(file)));
        let Ok(identity) = identity else {
            return (None, None);
        };
        if let Some(identity) = &identity {
            self.keeps_secret(
                "mail.smtp.client_key",
                "the key of the relay's certificate",
                identity.files()[1],
            );
            if let Some(until) = identity.until() {
                self.client_certificate(identity.files()[0], until);
            }
        }
        let tls = match &identity {
            Some(identity) => client_config_as(identity, ca_file.as_deref()),
            None => client_config(ca_file.as_deref()),
        };
        let tls = tls.map_err(|wrong| self.unusable("mail.smtp.ca_file", &wrong));
        (identity, tls.ok())
    }

    fn authority_end(&mut self, file: &Path) -> Option<CertificateEnd> {
        let until = self.authority_file("mail.smtp.ca_file", "the mail server", file)?;
        Some(CertificateEnd {
            of: CertificateUse::MailCa,
            what: format!("the mail server's authority in {}", file.display()),
            until,
        })
    }

    fn unusable(&mut self, key: &str, wrong: &Explained) {
        self.broken(key, explain::sentence(&wrong.what), &explain::sentence(&wrong.remedy));
    }

    /// A user with one file that proves him, or none.
    fn login(&mut self, raw: &SmtpSection) -> Option<Login> {
        let proof = match (&raw.user, &raw.password_file, &raw.token_file) {
            (None, None, None) => return None,
            (Some(_), Some(file), None) => Proof::Password(self.path(file)),
            (Some(_), None, Some(file)) => Proof::Token(self.path(file)),
            _ => {
                self.broken(
                    "mail.smtp",
                    "A login is `user` with either `password_file` or `token_file`.".into(),
                    "Give the user and one of both, or none of the three.",
                );
                return None;
            }
        };
        if self.role != Role::Web {
            let (key, what) = match proof {
                Proof::Password(_) => ("mail.smtp.password_file", "the mail password"),
                Proof::Token(_) => ("mail.smtp.token_file", "the mail server's token"),
            };
            self.keeps_secret(key, what, proof.file());
            if let Err(wrong) = smtp::check_proof(&proof) {
                // Not broken: the web half does without it, and with the relay the letters wait.
                self.problem(key, explain::sentence(&wrong.what), &explain::sentence(&wrong.remedy));
            }
        }
        let user = raw.user.clone()?;
        Some(Login { user, proof })
    }

    fn smtp(&mut self, raw: SmtpSection, domain: String, ends: &mut Vec<CertificateEnd>) -> Option<smtp::Settings> {
        let security = self.security(&raw.security)?;
        let client_key = raw.client_key.as_ref().map(|file| self.path(file));
        let (identity, tls) = self.mail_tls(&raw, ends);
        let login = self.login(&raw);
        Some(smtp::Settings {
            port: raw.port.unwrap_or_else(|| security.port()),
            host: raw.host,
            security,
            tls,
            identity,
            client_key,
            hello: raw.hello.unwrap_or(domain),
            login,
            connections: usize::from(raw.connections),
        })
    }
}
