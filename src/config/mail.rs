//! How letters leave.

use std::fs;
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
use crate::relay::smtp::{self, Login, Security};
use crate::relay::{AddressBook, Maildir, TransportSettings};
use konvolutt_letter::mime;

pub(super) struct MailSection {
    pub(super) from_name: String,
    pub(super) from_address: String,
    pub(super) envelope_from: Option<String>,
    pub(super) subject: String,
    pub(super) smtp: Option<SmtpSection>,
    pub(super) maildir: Option<PathBuf>,
}

impl MailSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        let from_name = words(&mut table, "from_name", 100);
        let from_address = address(&mut table, "from_address");
        let envelope_from = table.has("envelope_from").then(|| address(&mut table, "envelope_from"));
        let subject = words(&mut table, "subject", 60);
        let smtp = table.table("smtp").map(SmtpSection::read);
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

pub(super) struct SmtpSection {
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) security: String,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) hello: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password_file: Option<PathBuf>,
    pub(super) connections: u8,
}

impl SmtpSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
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
        let Some(smtp) = &mail.smtp else {
            return;
        };
        let host =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
        for (key, name) in [
            ("mail.smtp.host", Some(&smtp.host)),
            ("mail.smtp.hello", smtp.hello.as_ref()),
        ] {
            if let Some(name) = name.filter(|name| !host(name)) {
                self.broken(
                    key,
                    format!("{name:?} is not a host name."),
                    "Write the name that stands in the server's certificate.",
                );
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
        let transport = match (raw.smtp, raw.maildir) {
            (Some(smtp), None) => TransportSettings::Smtp(self.smtp(smtp, domain, &mut ends)?),
            (None, Some(maildir)) => TransportSettings::Maildir(Maildir {
                directory: self.path(&maildir),
            }),
            _ => {
                self.broken(
                    "mail",
                    "`[mail]` must name one way out.".into(),
                    "Keep either `[mail.smtp]` or `[mail.maildir]`.",
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

    fn mail_tls(&mut self, ca_file: Option<&Path>, ends: &mut Vec<CertificateEnd>) -> Option<Arc<ClientConfig>> {
        if self.role == Role::Web {
            return None;
        }
        let ca_file = ca_file.map(|file| self.path(file));
        let until = ca_file
            .as_deref()
            .and_then(|file| Some((file, self.authority_file("mail.smtp.ca_file", "the mail server", file)?)));
        ends.extend(until.map(|(file, until)| CertificateEnd {
            of: CertificateUse::MailCa,
            what: format!("the mail server's authority in {}", file.display()),
            until,
        }));
        let tls = crate::relay::client_config(ca_file.as_deref()).map_err(|error| {
            self.broken(
                "mail.smtp",
                format!("The mail server's certificate could not be checked: {error}."),
                "Correct `ca_file`, or install the system's root certificates.",
            );
        });
        tls.ok()
    }

    fn smtp(&mut self, raw: SmtpSection, domain: String, ends: &mut Vec<CertificateEnd>) -> Option<smtp::Settings> {
        let security = self.security(&raw.security)?;
        let tls = self.mail_tls(raw.ca_file.as_deref(), ends);
        let login = match (raw.user, raw.password_file) {
            (Some(user), Some(file)) => Some(Login {
                user,
                password_file: self.path(&file),
            }),
            (None, None) => None,
            _ => {
                self.broken(
                    "mail.smtp",
                    "`user` and `password_file` belong together.".into(),
                    "Give both or neither.",
                );
                None
            }
        };
        if let Some(Login {
            password_file: file, ..
        }) = &login
            && self.role != Role::Web
        {
            if let Err(error) = fs::File::open(file) {
                let what = format!("The password file {} cannot be read: {error}.", file.display());
                // Not broken: the web half does without it, and with the relay the letters wait.
                self.problem(
                    "mail.smtp.password_file",
                    what,
                    "Check the path, and that the service may read it.",
                );
            }
            self.keeps_secret("mail.smtp.password_file", "the mail password", file);
        }
        Some(smtp::Settings {
            port: raw.port.unwrap_or_else(|| security.port()),
            host: raw.host,
            security,
            tls,
            hello: raw.hello.unwrap_or(domain),
            login,
            connections: usize::from(raw.connections),
        })
    }
}
