//! The post room's certificates: read, shown, and confirmed by a person before they are pinned.

use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::bail;
use sequoia_openpgp::{Cert, Fingerprint};

use super::terminal::Terminal;
use crate::seal::{
    CertificateRole, Recipient, Strength, Unreadable, Unsealable, fingerprint_groups, judge, read_certificate,
};

/// A certificate that letters can be sealed to.
pub(super) struct Certificate {
    pub(super) role: CertificateRole,
    pub(super) cert: Cert,
    name: String,
    expires: Option<SystemTime>,
}

impl Certificate {
    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.cert.fingerprint()
    }

    fn shown(&self) -> String {
        let day = self.expires.and_then(|end| jiff::Timestamp::try_from(end).ok());
        let until = day.map_or_else(
            || "without an end".to_owned(),
            |day| format!("valid until {}", day.strftime("%Y-%m-%d")),
        );
        let groups = fingerprint_groups(&self.fingerprint());
        format!("{} certificate: {}, {until}\n  {groups}", self.role.word(), self.name)
    }
}

/// Reads each file; one that cannot be sealed to stops everything.
///
/// # Errors
/// What is wrong with it, and what to do.
pub(super) fn read<'a>(
    files: impl Iterator<Item = (CertificateRole, &'a PathBuf)>,
) -> anyhow::Result<Vec<Certificate>> {
    let mut all: Vec<Certificate> = Vec::new();
    for (role, file) in files {
        let cert = match read_certificate(file) {
            Ok(cert) => cert,
            Err(error @ Unreadable::Secret) => bail!(
                "{}: {error}\n  → {} Keys of a post room are never made or kept on the server: the clerk makes them with \
                 `postrom keygen` on the clerk's own machine, and sends the `.cert.asc` file only.",
                file.display(),
                error.remedy()
            ),
            Err(error) => bail!("{}: {error}\n  → {}", file.display(), error.remedy()),
        };
        let judged = judge(&cert, &Unsealable::of(&cert), Strength::Full, SystemTime::now());
        let recipient: Recipient = match judged {
            Ok(recipient) => recipient,
            Err(unfit) => bail!(
                "{} cannot be sealed to: {unfit}\n  → {}",
                file.display(),
                unfit.remedy()
            ),
        };
        if all.iter().any(|known| known.fingerprint() == cert.fingerprint()) {
            bail!(
                "{} is the same certificate once more\n  → A recovery key must be another key than the daily one.",
                file.display()
            );
        }
        all.push(Certificate {
            role,
            name: recipient.name(),
            expires: recipient.expires,
            cert,
        });
    }
    Ok(all)
}

/// Shows each certificate, and pins it only when a person says that the post room has read out the same.
///
/// # Errors
/// When one was not confirmed.
pub(super) fn confirm(all: &[Certificate], given: &[String], terminal: Option<&mut Terminal>) -> anyhow::Result<()> {
    match terminal {
        Some(terminal) if given.is_empty() => ask(all, terminal),
        _ => {
            for certificate in all {
                println!("{}", certificate.shown());
            }
            compare(all, given)
        }
    }
}

fn ask(all: &[Certificate], terminal: &mut Terminal) -> anyhow::Result<()> {
    terminal
        .say("\nRing the post room at a number that you know already, and let them read each fingerprint to you.\n")?;
    for certificate in all {
        terminal.say(&certificate.shown())?;
        let hex = certificate.fingerprint().to_hex();
        let last = &hex[hex.len() - 4..];
        let typed = terminal.ask("  If all of it is the same: its last group", None, |text| {
            Ok(text.to_owned())
        })?;
        if !typed.eq_ignore_ascii_case(last) {
            bail!(
                "{typed:?} is not how this fingerprint ends; nothing was written\n  → Ask the post room for the certificate \
                 whose fingerprint they read to you."
            );
        }
    }
    Ok(())
}

/// Each certificate has its fingerprint among the given ones, and none is left over.
fn compare(all: &[Certificate], given: &[String]) -> anyhow::Result<()> {
    let compact = |text: &String| -> String { text.split_whitespace().collect::<String>().to_ascii_uppercase() };
    let given: Vec<_> = given.iter().map(compact).collect();
    let own: Vec<_> = all
        .iter()
        .map(|certificate| certificate.fingerprint().to_hex())
        .collect();
    if let Some(unsaid) = own.iter().find(|own| !given.contains(own)) {
        bail!(
            "no --fingerprint says {unsaid}; nothing was written\n  → Let the post room read the whole fingerprint to you, and \
             give it as you heard it. If it is another one, the file is not theirs."
        );
    }
    if let Some(foreign) = given.iter().find(|given| !own.contains(given)) {
        bail!(
            "--fingerprint {foreign} is that of no certificate given here; nothing was written\n  → Write all 40 (or 64) \
             hexadecimal digits, one --fingerprint for each certificate."
        );
    }
    Ok(())
}
