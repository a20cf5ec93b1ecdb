//! The certificates of one mailbox, pinned by fingerprint, read again whenever their files change.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::{Cert, Fingerprint};

use super::certificate::{Unreadable, read_certificate};
use super::judge::{Recipient, Strength, judge, name};

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Opens letters every day. With none of these qualifying, the form is closed.
    Daily,
    /// Lies in a safe for the day the daily key is lost.
    Recovery,
}

/// A certificate as the operator pinned it.
#[derive(Debug, Clone)]
pub struct Pin {
    /// Its file.
    pub file: PathBuf,
    /// Its full fingerprint.
    pub fingerprint: Fingerprint,
    /// What it is for.
    pub role: Role,
    /// How strict to be with it.
    pub strength: Strength,
}

impl Pin {
    /// Reads the file and holds it against the fingerprint.
    ///
    /// # Errors
    /// Whatever keeps the file from being the pinned certificate.
    pub fn read(&self) -> Result<Cert, Unreadable> {
        let cert = read_certificate(&self.file)?;
        if cert.fingerprint() == self.fingerprint {
            Ok(cert)
        } else {
            Err(Unreadable::Foreign {
                found: cert.fingerprint(),
                pinned: self.fingerprint.clone(),
            })
        }
    }
}

/// Whom a letter is sealed to, judged at one moment.
pub struct Recipients {
    /// Everyone who qualified, with the role.
    pub fit: Vec<(Recipient, Role)>,
    /// Everyone who was left out, and why.
    pub left_out: Vec<LeftOut>,
    /// Some recipients are post-quantum and some are not, and nobody allowed that: the classical ones would undo
    /// the protection of the others.
    pub mix_refused: bool,
}

/// A pinned certificate that a letter is not sealed to.
#[derive(Debug, Clone)]
pub struct LeftOut {
    /// The pinned fingerprint.
    pub fingerprint: Fingerprint,
    /// Name in the certificate, or its file.
    pub name: String,
    /// Why.
    pub why: String,
}

impl Recipients {
    /// Nobody to seal to.
    pub fn none() -> Self {
        Self {
            fit: Vec::new(),
            left_out: Vec::new(),
            mix_refused: false,
        }
    }

    /// True while at least one daily certificate qualifies: only then may a letter be taken.
    pub fn open(&self) -> bool {
        !self.mix_refused && self.fit.iter().any(|(_, role)| *role == Role::Daily)
    }

    /// Everyone who stops to qualify within [`WARNED_BEFORE`], with the whole days that are left.
    pub fn expiring(&self, now: SystemTime) -> Vec<(&Recipient, u64)> {
        let fit = self.fit.iter().map(|(recipient, _)| recipient);
        fit.filter_map(|recipient| Some((recipient, recipient.days_left(now)?)))
            .filter(|(_, days)| *days <= WARNED_BEFORE[0])
            .collect()
    }
}

/// Days before the end of a certificate at which somebody is told, and told again.
pub const WARNED_BEFORE: [u64; 6] = [90, 60, 30, 14, 7, 1];

/// All certificates of a mailbox.
pub struct Pinned {
    entries: Vec<Mutex<Entry>>,
    allow_classical: bool,
}

struct Entry {
    pin: Pin,
    /// Last file state that was looked at: identity, length, change time.
    seen: Option<(u64, u64, SystemTime)>,
    /// Last certificate that was good. An unreadable or foreign file does not replace it; a file with the
    /// pinned fingerprint does, also when it now says *revoked*.
    good: Option<Cert>,
    /// What is wrong with the file now.
    trouble: Option<String>,
}

impl Pinned {
    /// Pins these certificates; nothing is read yet. `allow_classical` lets recipients that are not post-quantum
    /// stand beside such that are.
    pub fn new(pins: Vec<Pin>, allow_classical: bool) -> Self {
        let entry = |pin| Entry {
            pin,
            seen: None,
            good: None,
            trouble: None,
        };
        Self {
            entries: pins.into_iter().map(entry).map(Mutex::new).collect(),
            allow_classical,
        }
    }

    /// Judges every certificate now.
    pub fn recipients(&self, now: SystemTime) -> Recipients {
        let mut out = Recipients::none();
        for entry in &self.entries {
            // A panic while the lock was held leaves an entry that is read anew here.
            let mut entry = entry.lock().unwrap_or_else(PoisonError::into_inner);
            entry.refresh();
            match entry.judged(now) {
                Ok(fit) => out.fit.push(fit),
                Err(left_out) => out.left_out.push(left_out),
            }
        }
        let quantum = |wanted: bool| out.fit.iter().any(|(fit, _)| fit.post_quantum == wanted);
        out.mix_refused = !self.allow_classical && quantum(true) && quantum(false);
        out
    }

    /// Reads every file again at the next judgement, also those that look unchanged.
    pub fn read_again(&self) {
        for entry in &self.entries {
            entry.lock().unwrap_or_else(PoisonError::into_inner).seen = None;
        }
    }

    /// Files that are not what was pinned, each with a sentence, also while the last good one still serves.
    pub fn troubles(&self) -> Vec<String> {
        let entries = self.entries.iter();
        entries
            .filter_map(|entry| {
                let entry = entry.lock().unwrap_or_else(PoisonError::into_inner);
                entry.trouble.clone()
            })
            .collect()
    }
}

impl Entry {
    /// Reads the file again if it is not the one that was seen.
    fn refresh(&mut self) {
        let now_seen = file_state(&self.pin.file);
        if now_seen.is_some() && now_seen == self.seen {
            return;
        }
        self.seen = now_seen;
        match self.pin.read() {
            Ok(cert) => {
                self.good = Some(cert);
                self.trouble = None;
            }
            Err(error) => self.trouble = Some(format!("{}: {error}", self.pin.file.display())),
        }
    }

    fn judged(&self, now: SystemTime) -> Result<(Recipient, Role), LeftOut> {
        let left_out = |name: String, why: String| LeftOut {
            fingerprint: self.pin.fingerprint.clone(),
            name,
            why,
        };
        let Some(cert) = &self.good else {
            let file = self.pin.file.file_name().unwrap_or_default();
            let why = self.trouble.clone().unwrap_or_default();
            return Err(left_out(file.to_string_lossy().into_owned(), why));
        };
        judge(cert, self.pin.strength, now)
            .map(|recipient| (recipient, self.pin.role))
            .map_err(|unfit| left_out(name(cert), unfit.to_string()))
    }
}

/// What changes when a file is replaced or rewritten. The change time (not the modification time) cannot be
/// set back by a copy that keeps dates.
fn file_state(path: &std::path::Path) -> Option<(u64, u64, SystemTime)> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path).ok()?;
    let seconds = std::time::Duration::from_secs(u64::try_from(meta.ctime()).ok()?);
    let nanos = std::time::Duration::from_nanos(u64::try_from(meta.ctime_nsec()).ok()?);
    Some((meta.ino(), meta.len(), SystemTime::UNIX_EPOCH + seconds + nanos))
}
