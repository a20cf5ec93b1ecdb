//! Reads everything that the configuration names, and says all that is wrong with it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Zoned;
use jiff::tz::TimeZone;
use sequoia_openpgp::Fingerprint;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use super::raw::{self, Overrides, Raw};
use super::{Config, Inspection, Mail, MailboxSettings, TransportSettings};
use crate::finding::{Finding, TomlFile};
use crate::form::{self, Form};
use crate::i18n::Lang;
use crate::journey::FilesLimit;
use crate::relay::Security;
use crate::seal::{Pin, Pinned, Recipients, Role, SigningKey, Strength, WARNED_BEFORE, judge, readers};
use crate::spool;

/// Reads the configuration and everything it names.
pub fn inspect(path: &Path, overrides: &Overrides) -> Inspection {
    let mut findings = Vec::new();
    let config = read(path, overrides, &mut findings);
    Inspection { config, findings }
}

fn read(path: &Path, overrides: &Overrides, findings: &mut Vec<Finding>) -> Option<Config> {
    let file = TomlFile::read(path).map_err(|finding| findings.push(finding)).ok()?;
    let raw = file.parse::<Raw>(findings)?;
    let mut inspector = Inspector {
        base: path.parent().unwrap_or(Path::new("")).to_owned(),
        file,
        shape_is_good: crate::finding::passes(findings),
        findings,
    };
    let config = inspector.config(raw, overrides);
    config.filter(|_| inspector.shape_is_good)
}

struct Inspector<'a> {
    file: TomlFile,
    base: PathBuf,
    /// False once something is wrong that no form could work with.
    shape_is_good: bool,
    findings: &'a mut Vec<Finding>,
}

impl Inspector<'_> {
    fn config(&mut self, raw: Raw, overrides: &Overrides) -> Option<Config> {
        if let Err(errors) = raw.validate() {
            self.invalid("", &errors);
        }
        self.names_are_plain(&raw);
        let (listen, health) = self.listeners(&raw, overrides);
        let forms = self.forms(&raw.forms);
        let mailboxes = self.mailboxes(&raw.mailbox);
        self.forms_have_mailboxes(&forms, &mailboxes);
        let spool = self.spool(&raw.spool, overrides);
        let signing = self.signing(&raw.signing, &raw.mail.from_address);
        let time_zone = self.time_zone(&raw.authority.time_zone);
        let mail = self.mail(raw.mail);
        let tls = raw
            .listen
            .tls
            .map(|tls| (self.path(&tls.certificate), self.path(&tls.key)));
        if let Some((chain, key)) = &tls
            && let Err(error) = crate::intake::acceptor(chain, key)
        {
            self.broken(
                "listen.tls",
                format!("TLS cannot be used: {error}."),
                "Give the chain and its key as PEM files.",
            );
        }
        Some(Config {
            authority: raw.authority.name,
            time_zone: time_zone?,
            listen: listen?,
            tls,
            health,
            spool,
            signing: signing?,
            mail: mail?,
            forms,
            mailboxes,
        })
    }

    /// A path of the file: from the file's own directory, or from where systemd puts credentials.
    fn path(&self, path: &Path) -> PathBuf {
        if let Ok(name) = path.strip_prefix("$CREDENTIALS_DIRECTORY") {
            let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").unwrap_or_default();
            return PathBuf::from(credentials).join(name);
        }
        self.base.join(path)
    }

    /// Whoever listens beyond this machine without TLS shows every letter to the net in between.
    fn listeners(&mut self, raw: &Raw, overrides: &Overrides) -> (Option<SocketAddr>, Option<SocketAddr>) {
        let listen = overrides
            .listen
            .or_else(|| self.address("listen.address", &raw.listen.address));
        let own = raw.health.as_ref().map(|health| health.address.clone());
        let health = overrides.health.or_else(|| self.address("health.address", &own?));
        if let Some(address) = listen {
            self.is_private(address, raw);
        }
        if health.is_some_and(|health| !health.ip().is_loopback()) {
            let what = "The health listener can be reached from outside: its counts tell when somebody wrote.";
            self.tell("health.address", Finding::warning(what, "Let it listen at 127.0.0.1."));
        }
        (listen, health)
    }

    fn address(&mut self, key: &str, text: &str) -> Option<SocketAddr> {
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.broken(
                key,
                format!("{text:?} is not an address to listen at."),
                "Write for example `127.0.0.1:8080`.",
            );
        }
        parsed
    }

    fn is_private(&mut self, address: SocketAddr, raw: &Raw) {
        if !address.ip().is_loopback() && raw.listen.tls.is_none() && !raw.listen.behind_proxy {
            let what = format!(
                "{address} can be reached from outside, and there is no TLS: letters could be read on the way."
            );
            let remedy = "Add [listen.tls], or listen at 127.0.0.1, or set `behind_proxy = true` if only your own proxy can reach the address.";
            self.broken("listen.address", what, remedy);
        }
    }

    fn tell(&mut self, key: &str, finding: Finding) {
        let finding = self.file.at(key, finding);
        self.findings.push(finding);
    }

    fn problem(&mut self, key: &str, what: String, remedy: &str) {
        self.tell(key, Finding::problem(what, remedy));
    }

    /// A problem that nothing can work with.
    fn broken(&mut self, key: &str, what: String, remedy: &str) {
        self.shape_is_good = false;
        self.problem(key, what, remedy);
    }

    /// Everything that `validator` found, each at its line.
    fn invalid(&mut self, above: &str, errors: &ValidationErrors) {
        for (field, kind) in errors.errors() {
            let key = match above {
                "" => field.to_string(),
                _ => format!("{above}.{field}"),
            };
            match kind {
                ValidationErrorsKind::Struct(inner) => self.invalid(&key, inner),
                ValidationErrorsKind::List(list) => {
                    for (index, inner) in list {
                        self.invalid(&format!("{key}.{index}"), inner);
                    }
                }
                ValidationErrorsKind::Field(wrong) => {
                    let message = wrong.iter().find_map(|error| error.message.clone());
                    let message = message.unwrap_or_else(|| "cannot be used".into());
                    self.broken(&key, format!("`{key}` {message}."), "Correct the value.");
                }
            }
        }
    }

    /// What stands in SMTP commands and in header fields as it is.
    fn names_are_plain(&mut self, raw: &Raw) {
        let mut addresses = vec![("mail.from_address".to_owned(), raw.mail.from_address.clone())];
        addresses.extend(
            raw.mail
                .envelope_from
                .iter()
                .map(|a| ("mail.envelope_from".to_owned(), a.clone())),
        );
        let mailboxes = raw.mailbox.iter().enumerate();
        addresses.extend(mailboxes.map(|(i, mailbox)| (format!("mailbox.{i}.address"), mailbox.address.clone())));
        for (key, address) in addresses {
            if !address.is_ascii() {
                let what = format!("{address} has letters beyond a–z, which not every mail server takes.");
                self.broken(&key, what, "Write the domain in its ASCII form (`xn--…`).");
            }
        }
        let Some(smtp) = &raw.mail.smtp else {
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

    fn forms(&mut self, raw: &raw::Forms) -> Vec<Form> {
        let today = Zoned::now().date();
        let mut forms: Vec<Form> = Vec::new();
        for file in &raw.files {
            let path = self.path(file);
            match form::read(&path, &Lang::CODES, today, self.findings) {
                Some(form) if forms.iter().any(|known| known.slug == form.slug) => {
                    let what = format!("Two forms have the slug `{}`.", form.slug);
                    self.broken("forms.files", what, "Give each form a slug of its own.");
                }
                Some(form) => {
                    self.findings
                        .push(Finding::good(format!("form `{}`", form.slug)).in_file(&path));
                    forms.push(form);
                }
                None => self.shape_is_good = false,
            }
        }
        if raw.files.is_empty() {
            self.broken(
                "forms.files",
                "No form is named.".into(),
                "Name at least one form file.",
            );
        }
        forms
    }

    fn forms_have_mailboxes(&mut self, forms: &[Form], mailboxes: &[MailboxSettings]) {
        for form in forms {
            let own = mailboxes.iter().find(|mailbox| mailbox.name == form.mailbox);
            if form.takes_files() && own.is_some_and(|own| own.files.total(form.longest_text()) == 0) {
                let what = format!(
                    "A mail to `{}` has no room for a file beside the text of `{}`.",
                    form.mailbox, form.slug
                );
                self.problem(
                    "mailbox",
                    what,
                    "Raise `message_limit_mb` to what the mail server takes.",
                );
            }
            if !mailboxes.iter().any(|mailbox| mailbox.name == form.mailbox) {
                let what = format!(
                    "The form `{}` goes to the mailbox `{}`, which is not there.",
                    form.slug, form.mailbox
                );
                self.broken(
                    "forms.files",
                    what,
                    "Add a `[[mailbox]]` of that name, or correct the form's `mailbox`.",
                );
            }
        }
    }

    fn mailboxes(&mut self, raw: &[raw::Mailbox]) -> Vec<MailboxSettings> {
        let mut out = Vec::new();
        for (i, mailbox) in raw.iter().enumerate() {
            let key = format!("mailbox.{i}");
            self.mailbox_name(&key, &mailbox.name, &out);
            let files = FilesLimit {
                message: mailbox.message_limit_mb.saturating_mul(1_000_000),
                wanted: mailbox.files_limit_mb.saturating_mul(1_000_000),
            };
            let pins = self.pins(&key, mailbox);
            self.mix(&key, mailbox, &pins);
            for (role, why) in [
                (Role::Daily, "open a letter"),
                (Role::Recovery, "open letters once the daily key is lost"),
            ] {
                if pins.iter().any(|pin| pin.role == role) {
                    continue;
                }
                let what = format!(
                    "The mailbox `{}` has no {role:?} certificate: nobody could {why}.",
                    mailbox.name
                )
                .replace("Daily", "daily")
                .replace("Recovery", "recovery");
                match role {
                    Role::Daily => self.problem(&key, what, "Add a certificate with `role = \"daily\"`."),
                    Role::Recovery => self.tell(
                        &key,
                        Finding::warning(
                            what,
                            "Make a second key, keep it in a safe, and add its certificate with `role = \"recovery\"`.",
                        ),
                    ),
                }
            }
            out.push(MailboxSettings {
                name: mailbox.name.clone(),
                address: mailbox.address.clone(),
                files,
                pins,
                allow_classical: mailbox.allow_classical_recipients,
            });
        }
        out
    }

    /// A name stands in the names of alarm files.
    fn mailbox_name(&mut self, key: &str, name: &str, before: &[MailboxSettings]) {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let key = format!("{key}.name");
        if name.is_empty() || !name.chars().all(plain) {
            let what = format!("{name:?} cannot be a mailbox's name.");
            self.broken(&key, what, "Use letters, digits, hyphens and underscores.");
        }
        if before.iter().any(|known| known.name == name) {
            self.broken(
                &key,
                format!("Two mailboxes are named `{name}`."),
                "Give each a name of its own.",
            );
        }
    }

    fn pins(&mut self, key: &str, mailbox: &raw::Mailbox) -> Vec<Pin> {
        let mut pins = Vec::new();
        let mut places = Vec::new();
        for (i, certificate) in mailbox.certificate.iter().enumerate() {
            let key = format!("{key}.certificate.{i}");
            let Some(fingerprint) = self.fingerprint(&format!("{key}.fingerprint"), &certificate.fingerprint) else {
                continue;
            };
            let Some(role) = self.role(&format!("{key}.role"), &certificate.role) else {
                continue;
            };
            let pin = Pin {
                file: self.path(&certificate.file),
                fingerprint,
                role,
                strength: self.strength(&key, certificate.waiver.as_deref()),
            };
            if pins.iter().any(|known: &Pin| known.fingerprint == pin.fingerprint) {
                let what = format!("The certificate {} is pinned twice.", pin.fingerprint);
                self.problem(
                    &key,
                    what,
                    "A recovery key must be another key than the daily one, kept in another place.",
                );
            }
            places.push(format!("{key}.file"));
            pins.push(pin);
        }
        let all = Pinned::new(pins.clone(), mailbox.allow_classical_recipients).recipients(SystemTime::now());
        for (place, pin) in places.iter().zip(&pins) {
            self.certificate(place, pin, &all);
        }
        pins
    }

    fn role(&mut self, key: &str, word: &str) -> Option<Role> {
        match word {
            "daily" => Some(Role::Daily),
            "recovery" => Some(Role::Recovery),
            _ => {
                self.broken(key, format!("{word:?} is not a role."), "Write `daily` or `recovery`.");
                None
            }
        }
    }

    /// A waiver is a reason in writing, and stays a warning for as long as it stands.
    fn strength(&mut self, key: &str, waiver: Option<&str>) -> Strength {
        let Some(reason) = waiver else {
            return Strength::Full;
        };
        let key = format!("{key}.waiver");
        if reason.trim().chars().count() < 20 {
            let what = "A waiver must say why this certificate may be weak.".into();
            self.problem(
                &key,
                what,
                "Write the reason, who decided it, and until when; or remove `waiver`.",
            );
            return Strength::Full;
        }
        let what = format!("A certificate may be weak, by waiver: {}", reason.trim());
        let remedy = "Ask the post room for a new key, made with `postrom keygen`, and remove the waiver.";
        self.tell(&key, Finding::warning(what, remedy));
        Strength::Waived
    }

    /// One classical recipient undoes what post-quantum ones protect.
    fn mix(&mut self, key: &str, mailbox: &raw::Mailbox, pins: &[Pin]) {
        let judged = Pinned::new(pins.to_vec(), mailbox.allow_classical_recipients).recipients(SystemTime::now());
        if judged.mix_refused {
            let what = format!(
                "The mailbox `{}` mixes post-quantum and classical certificates: whoever breaks a classical one reads every letter.",
                mailbox.name
            );
            self.problem(
                key,
                what,
                "Replace the classical certificates, or set `allow_classical_recipients = true`.",
            );
        }
    }

    /// `all` are the recipients of the mailbox: together they decide which programs open its letters.
    fn certificate(&mut self, key: &str, pin: &Pin, all: &Recipients) {
        let now = SystemTime::now();
        let file = pin.file.display();
        let cert = match pin.read() {
            Ok(cert) => cert,
            Err(error) => return self.problem(key, format!("{file}: {error}."), error.remedy()),
        };
        match judge(&cert, pin.strength, now) {
            Err(unfit) => self.problem(key, format!("{file} cannot be sealed to: {unfit}."), unfit.remedy()),
            Ok(recipient) => {
                let name = recipient.name();
                match recipient.days_left(now) {
                    Some(days) if days <= WARNED_BEFORE[0] => {
                        let what = format!("{file} ({name}) expires in {days} days.");
                        self.tell(key, Finding::warning(what, "Ask the post room to extend it or to make a new key now, so that both receive for a while."));
                    }
                    _ => {
                        let programs: Vec<_> = readers(&recipient, all).iter().map(ToString::to_string).collect();
                        let programs = programs.join(", ");
                        let what = format!("certificate {} of {name}; opens in: {programs}", pin.fingerprint);
                        self.tell(key, Finding::good(what));
                    }
                }
            }
        }
    }

    fn fingerprint(&mut self, key: &str, text: &str) -> Option<Fingerprint> {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let full = matches!(compact.len(), 40 | 64) && compact.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !full {
            let what = format!("{text:?} is not a full fingerprint.");
            // Never passed over: a recipient that is missing would not be missed for years.
            self.broken(
                key,
                what,
                "Write all 40 (v4) or 64 (v6) hexadecimal digits, as the post room read them out.",
            );
            return None;
        }
        compact.parse().ok()
    }

    fn signing(&mut self, raw: &raw::Signing, from: &str) -> Option<(PathBuf, Fingerprint)> {
        let Some(fingerprint) = self.fingerprint("signing.fingerprint", &raw.fingerprint) else {
            self.shape_is_good = false;
            return None;
        };
        let path = self.path(&raw.key);
        let loaded = SigningKey::load(&path, &fingerprint);
        match loaded.and_then(|key| key.signs_for(from).map(|()| key)) {
            // Not broken: without a key the form is closed, but it can say so, and letters that wait are delivered.
            Err(error) => self.problem("signing.key", format!("{error}."), error.remedy()),
            Ok(key) => match key.days_left(SystemTime::now()) {
                Some(days) if days <= WARNED_BEFORE[0] => {
                    let what = format!("The signing key expires in {days} days; then the form is closed.");
                    let remedy =
                        "Make a new one with `konvolutt keys new-signer`, and give the clerks its certificate before.";
                    self.tell("signing.key", Finding::warning(what, remedy));
                }
                _ => self.tell("signing.key", Finding::good(format!("signing key {fingerprint}"))),
            },
        }
        Some((path, fingerprint))
    }

    fn spool(&mut self, raw: &raw::Spool, overrides: &Overrides) -> spool::Settings {
        let directory = overrides.spool.clone().unwrap_or_else(|| self.path(&raw.directory));
        match writable(&directory) {
            Ok(()) => self.tell(
                "spool.directory",
                Finding::good(format!("spool {}", directory.display())),
            ),
            Err(error) => {
                let what = format!("The spool {} cannot be written: {error}.", directory.display());
                self.broken(
                    "spool.directory",
                    what,
                    "Make the directory and give it to the user that the service runs as.",
                );
            }
        }
        spool::Settings {
            directory,
            min_free: raw.min_free_mb.saturating_mul(1_000_000),
            keep_delivered_days: raw.keep_delivered_days,
        }
    }

    fn time_zone(&mut self, name: &str) -> Option<TimeZone> {
        let zone = TimeZone::get(name).ok();
        if zone.is_none() {
            self.broken(
                "authority.time_zone",
                format!("There is no time zone {name:?}."),
                "Write for example `Europe/Oslo`.",
            );
        }
        zone
    }

    fn mail(&mut self, raw: raw::Mail) -> Option<Mail> {
        let domain = raw
            .from_address
            .rsplit_once('@')
            .map_or("localhost", |(_, domain)| domain)
            .to_owned();
        let transport = match (raw.smtp, raw.maildir) {
            (Some(smtp), None) => self.smtp(smtp, domain)?,
            (None, Some(maildir)) => TransportSettings::Maildir(self.path(&maildir.directory)),
            _ => {
                self.broken(
                    "mail",
                    "`[mail]` must name one way out.".into(),
                    "Keep either `[mail.smtp]` or `[mail.maildir]`.",
                );
                return None;
            }
        };
        Some(Mail {
            envelope_from: raw.envelope_from.unwrap_or_else(|| raw.from_address.clone()),
            from_name: raw.from_name,
            from_address: raw.from_address,
            subject: raw.subject,
            transport,
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

    fn smtp(&mut self, raw: raw::Smtp, domain: String) -> Option<TransportSettings> {
        let security = self.security(&raw.security)?;
        let ca_file = raw.ca_file.map(|file| self.path(&file));
        if let Err(error) = crate::relay::client_config(ca_file.as_deref()) {
            self.broken(
                "mail.smtp",
                format!("The mail server's certificate could not be checked: {error}."),
                "Correct `ca_file`, or install the system's root certificates.",
            );
        }
        let login = match (raw.user, raw.password_file) {
            (Some(user), Some(file)) => Some((user, self.path(&file))),
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
        if let Some((_, file)) = &login
            && let Err(error) = fs::File::open(file)
        {
            let what = format!("The password file {} cannot be read: {error}.", file.display());
            self.broken(
                "mail.smtp.password_file",
                what,
                "Check the path, and that the service may read it.",
            );
        }
        Some(TransportSettings::Smtp {
            port: raw.port.unwrap_or(match security {
                Security::Implicit => 465,
                Security::Starttls => 587,
            }),
            host: raw.host,
            security,
            ca_file,
            hello: raw.hello.unwrap_or(domain),
            login,
        })
    }
}

/// Whether the directory can be written, or could be made. Makes nothing: what root made here the service could not
/// use.
fn writable(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if let Ok(meta) = fs::metadata(directory) {
        let own = rustix::process::geteuid().as_raw();
        if meta.uid() != own {
            let text = format!(
                "it belongs to user {}, and this is user {own}; run `check` as the service's user",
                meta.uid()
            );
            return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, text));
        }
    }
    let there = directory.ancestors().find(|path| path.symlink_metadata().is_ok());
    let there = there
        .filter(|path| path.is_dir())
        .ok_or(std::io::ErrorKind::NotADirectory)?;
    Ok(rustix::fs::access(
        there,
        rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK,
    )?)
}
