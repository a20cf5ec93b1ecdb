//! Certificates and the signing key: whom letters are sealed to, and in whose name.

use std::path::PathBuf;
use std::time::SystemTime;

use sequoia_openpgp::Fingerprint;

use super::MailboxSettings;
use super::inspector::Inspector;
use super::overrides::Role;
use super::values::address;
use crate::diagnostic::{Diagnostic, Table};
use crate::seal::{
    CertificateRole, Closed, Pin, Pinned, Recipient, Recipients, SigningKey, Strength, Unsealable, WARNED_BEFORE,
    judge, readers,
};
use crate::submission::FilesLimit;

pub(super) struct SigningSection {
    pub(super) key: PathBuf,
    pub(super) fingerprint: String,
}

impl SigningSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        let (key, fingerprint) = (table.needed_path("key"), table.needed("fingerprint"));
        Some(Self {
            key: key?,
            fingerprint: fingerprint?,
        })
    }
}

pub(super) struct MailboxSection {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) message_limit_mb: u64,
    pub(super) files_limit_mb: u64,
    pub(super) waiting_limit_mb: u64,
    pub(super) allow_classical_recipients: bool,
    pub(super) certificate: Vec<CertificateSection>,
}

impl MailboxSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        let (name, address) = (table.needed("name"), address(&mut table, "address"));
        let certificates: Vec<_> = table
            .tables("certificate")
            .into_iter()
            .map(CertificateSection::read)
            .collect();
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

pub(super) struct CertificateSection {
    pub(super) file: PathBuf,
    pub(super) fingerprint: String,
    pub(super) role: String,
    pub(super) waiver: Option<String>,
}

impl CertificateSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
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

impl Inspector<'_> {
    pub(super) fn mailboxes(&mut self, raw: &[MailboxSection]) -> Vec<MailboxSettings> {
        let mut out = Vec::new();
        for (i, mailbox) in raw.iter().enumerate() {
            let key = format!("mailbox.{i}");
            let files = FilesLimit {
                message: mailbox.message_limit_mb.saturating_mul(1_000_000),
                wanted: mailbox.files_limit_mb.saturating_mul(1_000_000),
            };
            let (pins, places): (Vec<_>, Vec<_>) = self.pins(&key, mailbox).into_iter().unzip();
            // Once for all that is told of them: a trial letter is sealed to each.
            let all = judged(&pins, mailbox);
            for (place, pin) in places.iter().zip(&pins) {
                self.certificate(place, pin, &all);
            }
            self.together(&key, &mailbox.name, &all);
            self.has_each_role(&key, &mailbox.name, &pins);
            out.push(MailboxSettings {
                name: mailbox.name.clone(),
                address: mailbox.address.clone(),
                files,
                waiting: self.waiting(&key, mailbox),
                pins,
                allow_classical: mailbox.allow_classical_recipients,
            });
        }
        out
    }

    fn has_each_role(&mut self, key: &str, name: &str, pins: &[Pin]) {
        for (role, why) in [
            (CertificateRole::Daily, "open a letter"),
            (CertificateRole::Recovery, "open letters once the daily key is lost"),
        ] {
            if pins.iter().any(|pin| pin.role == role) {
                continue;
            }
            let word = role.word();
            let what = format!("The mailbox `{name}` has no {word} certificate: nobody could {why}.");
            let told = match role {
                CertificateRole::Daily => Diagnostic::problem(what, "Add a certificate with `role = \"daily\"`."),
                CertificateRole::Recovery => Diagnostic::warning(
                    what,
                    "Make a second key, keep it in a safe, and add its certificate with `role = \"recovery\"`.",
                ),
            };
            self.tell(key, told);
        }
    }

    /// While one letter comes in, twice the size of its files is held back, which is about `message_limit_mb`; attachments may
    /// fill three quarters, and of these one letter leaves a quarter. With four times that, some of the largest can wait.
    fn waiting(&mut self, key: &str, mailbox: &MailboxSection) -> u64 {
        if mailbox.waiting_limit_mb < mailbox.message_limit_mb.saturating_mul(4) {
            let what = format!(
                "Only {} MB of letters may wait for `{}`: a large attachment would be refused although nothing waits.",
                mailbox.waiting_limit_mb, mailbox.name
            );
            self.problem(
                &format!("{key}.waiting_limit_mb"),
                what,
                "Make it at least four times `message_limit_mb`.",
            );
        }
        mailbox.waiting_limit_mb.saturating_mul(1_000_000)
    }

    /// Each pin with the key of its file.
    fn pins(&mut self, key: &str, mailbox: &MailboxSection) -> Vec<(Pin, String)> {
        let mut pins: Vec<(Pin, String)> = Vec::new();
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
            if pins.iter().any(|(known, _)| known.fingerprint == pin.fingerprint) {
                let what = format!("The certificate {} is pinned twice.", pin.fingerprint);
                self.problem(
                    &key,
                    what,
                    "A recovery key must be another key than the daily one, kept in another place.",
                );
            }
            pins.push((pin, format!("{key}.file")));
        }
        pins
    }

    fn role(&mut self, key: &str, word: &str) -> Option<CertificateRole> {
        match word {
            "daily" => Some(CertificateRole::Daily),
            "recovery" => Some(CertificateRole::Recovery),
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
        self.tell(&key, Diagnostic::warning(what, remedy));
        Strength::Waived
    }

    /// What keeps a letter from being sealed to all of them, although each may qualify.
    fn together(&mut self, key: &str, name: &str, all: &Recipients) {
        match all.why_closed() {
            // One classical recipient undoes what post-quantum ones protect.
            Some(Closed::Mixed) => self.problem(
                key,
                format!(
                    "The mailbox `{name}` mixes post-quantum and classical certificates: whoever breaks a classical one reads every letter."
                ),
                "Replace the classical certificates, or set `allow_classical_recipients = true`.",
            ),
            Some(Closed::Trial(why)) => self.problem(
                key,
                format!("No letter can be sealed to the certificates of the mailbox `{name}` together: {why}."),
                "Take one out at a time to find which, and ask the post room for a new key, made with `postrom keygen`.",
            ),
            // Each certificate says it for itself.
            Some(Closed::NoDaily) | None => {}
        }
    }

    /// `all` are the recipients of the mailbox: together they decide which programs open its letters.
    fn certificate(&mut self, key: &str, pin: &Pin, all: &Recipients) {
        if let Some(recipient) = fit(pin, all) {
            return self.fits(key, pin, recipient, all);
        }
        // Read once more, for the remedy.
        let file = pin.file.display();
        let cert = match pin.read() {
            Ok(cert) => cert,
            Err(error) => return self.problem(key, format!("{file}: {error}."), error.remedy()),
        };
        match judge(&cert, &Unsealable::of(&cert), pin.strength, SystemTime::now()) {
            Err(unfit) => self.problem(key, format!("{file} cannot be sealed to: {unfit}."), unfit.remedy()),
            Ok(recipient) => self.fits(key, pin, &recipient, all),
        }
    }

    fn fits(&mut self, key: &str, pin: &Pin, recipient: &Recipient, all: &Recipients) {
        let name = recipient.name();
        let programs: Vec<_> = readers(recipient, all).iter().map(ToString::to_string).collect();
        let what = format!(
            "certificate {} of {name}; opens in: {}",
            pin.fingerprint,
            programs.join(", ")
        );
        self.tell(key, Diagnostic::good(what));
        let days = recipient.days_left(SystemTime::now());
        if let Some(days) = days.filter(|days| *days <= WARNED_BEFORE[0]) {
            let what = format!("{} ({name}) expires in {days} days.", pin.file.display());
            let remedy = "Ask the post room to extend it or to make a new key now, so that both receive for a while.";
            self.tell(key, Diagnostic::warning(what, remedy));
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

    pub(super) fn signing(&mut self, raw: &SigningSection, from: &str) -> Option<(PathBuf, Fingerprint)> {
        let Some(fingerprint) = self.fingerprint("signing.fingerprint", &raw.fingerprint) else {
            self.shape_is_good = false;
            return None;
        };
        let path = self.path(&raw.key);
        if self.role == Role::Relay {
            return Some((path, fingerprint));
        }
        let loaded = SigningKey::load(&path, &fingerprint);
        match loaded.and_then(|key| key.signs_for(from).map(|()| key)) {
            // Not broken: without a key the form is closed, but it can say so, and letters that wait are delivered.
            Err(error) => self.problem("signing.key", format!("{error}."), error.remedy()),
            Ok(key) => match key.days_left(SystemTime::now()) {
                Some(days) if days <= WARNED_BEFORE[0] => {
                    let what = format!("The signing key expires in {days} days; then the form is closed.");
                    let remedy =
                        "Make a new one with `konvolutt keys new-signer`, and give the clerks its certificate before.";
                    self.tell("signing.key", Diagnostic::warning(what, remedy));
                }
                _ => self.tell("signing.key", Diagnostic::good(format!("signing key {fingerprint}"))),
            },
        }
        Some((path, fingerprint))
    }
}

/// What was found of a pin. Of two with one fingerprint, which is a mistake, each file must be looked at by itself.
fn fit<'a>(pin: &Pin, all: &'a Recipients) -> Option<&'a Recipient> {
    if all.left_out.iter().any(|out| out.fingerprint == pin.fingerprint) {
        return None;
    }
    let mut fit = all.fit.iter().map(|(recipient, _)| &**recipient);
    fit.find(|recipient| recipient.cert.fingerprint() == pin.fingerprint)
}

/// The recipients of a mailbox as its files are now.
fn judged(pins: &[Pin], mailbox: &MailboxSection) -> Recipients {
    let pinned = Pinned::new(pins.to_vec(), mailbox.allow_classical_recipients);
    pinned.look();
    pinned.recipients(SystemTime::now())
}

#[cfg(test)]
mod tests {
    use super::super::inspector::tests::ask;

    #[test]
    fn a_missing_role_is_named_and_the_mailbox_keeps_its_own_name() {
        let (_, told) = ask("", |inspector| inspector.has_each_role("", "Daily-Recovery", &[]));
        let told: Vec<_> = told.into_iter().map(|one| one.what).collect();
        assert!(
            told[0].starts_with("The mailbox `Daily-Recovery` has no daily certificate: "),
            "{told:?}"
        );
        assert!(
            told[1].starts_with("The mailbox `Daily-Recovery` has no recovery certificate: "),
            "{told:?}"
        );
    }
}
