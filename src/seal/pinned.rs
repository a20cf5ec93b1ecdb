//! The certificates of one mailbox, pinned by fingerprint.
//!
//! [`Pinned::look`] acts: it reads files that have changed and judges what is in them. [`Pinned::recipients`] answers:
//! it compares what the last look found with the time, and touches no file. What always holds: a file that cannot be
//! read or is not the pinned certificate never replaces the last good one, and is tried again at each look; one with the
//! pinned fingerprint replaces it at once, also when it now says *revoked*.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::{Cert, Fingerprint};

use super::certificate::{Unreadable, read_certificate};
use super::judge::{Recipient, Strength};
use super::recipients::{LeftOut, Recipients};
use super::standing::Standing;
use super::trial;
use crate::reload::{Look, Reload};

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
    /// What keeps the file from being the pinned certificate.
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

/// All certificates of a mailbox.
pub struct Pinned {
    allow_classical: bool,
    /// Held during a look, which reads files: never wait for it where somebody waits for a page.
    files: Mutex<Vec<Reload>>,
    /// What the last look found. Locked only to copy or to replace the pointer.
    found: RwLock<Arc<Found>>,
    forced: AtomicBool,
}

/// What a look found.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    /// Whom the last trial letter to all together was sealed to.
    tried: Vec<Fingerprint>,
    /// Why that failed, if it did.
    refused: Option<String>,
}

/// One pinned certificate as the last look found it.
#[derive(Clone)]
struct Entry {
    pin: Pin,
    /// The last certificate that was good.
    good: Option<Arc<Standing>>,
    /// What is wrong with the file now.
    trouble: Option<String>,
}

impl Pinned {
    /// Pins these certificates; nothing is read before the first [`Pinned::look`], and until then nothing can be sealed.
    /// `allow_classical` lets recipients that are not post-quantum stand beside such that are.
    pub fn new(pins: Vec<Pin>, allow_classical: bool) -> Self {
        let files = pins.iter().map(|_| Reload::default()).collect();
        let entry = |pin| Entry {
            pin,
            good: None,
            trouble: None,
        };
        Self {
            allow_classical,
            files: Mutex::new(files),
            found: RwLock::new(Arc::new(Found {
                entries: pins.into_iter().map(entry).collect(),
                ..Found::default()
            })),
            forced: AtomicBool::new(false),
        }
    }

    /// Reads every file that is not the one in use, and judges what it holds. Blocks for as long as the disk takes.
    pub fn look(&self) {
        // A panic while the lock was held leaves at worst a file that is read once more.
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let forced = self.forced.swap(false, Ordering::AcqRel);
        let now = SystemTime::now();
        let before = self.found();
        let entries = files.iter_mut().zip(&before.entries);
        let mut after = Found {
            entries: entries.map(|(file, entry)| entry.look(file, forced, now)).collect(),
            tried: before.tried.clone(),
            refused: before.refused.clone(),
        };
        after.try_together(now);
        *self.found.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(after);
    }

    /// Whom a letter would be sealed to at this moment, by what the last look found.
    pub fn recipients(&self, now: SystemTime) -> Recipients {
        let found = self.found();
        let mut out = found.recipients(now);
        out.mix_refused = !self.allow_classical && out.mixed();
        out.together_refused = found.refused.clone();
        out
    }

    /// The next moment at which [`Pinned::recipients`] may answer otherwise although no file changes: a validity ends
    /// or begins.
    pub fn next_change(&self, now: SystemTime) -> Option<SystemTime> {
        let found = self.found();
        let good = found.entries.iter().filter_map(|entry| entry.good.as_ref());
        good.filter_map(|standing| standing.next_change(now)).min()
    }

    /// Makes the next look read every file, also those that look unchanged.
    pub fn read_again(&self) {
        self.forced.store(true, Ordering::Release);
    }

    /// Files that are not what was pinned, each with a sentence, also while the last good one still serves.
    pub fn troubles(&self) -> Vec<String> {
        let found = self.found();
        found.entries.iter().filter_map(|entry| entry.trouble.clone()).collect()
    }

    fn found(&self) -> Arc<Found> {
        self.found.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Found {
    fn recipients(&self, now: SystemTime) -> Recipients {
        let mut out = Recipients::none();
        for entry in &self.entries {
            match entry.judged(now) {
                Ok(fit) => out.fit.push((fit, entry.pin.role)),
                Err(left_out) => out.left_out.push(left_out),
            }
        }
        out
    }

    /// Seals a trial letter to all who qualify, if these are not those of the last one.
    fn try_together(&mut self, now: SystemTime) {
        let recipients = self.recipients(now);
        let keys: Vec<_> = recipients
            .fit
            .iter()
            .flat_map(|(fit, _)| fit.key_fingerprints())
            .collect();
        if keys != self.tried {
            self.refused = trial::seal_together(&recipients).err().filter(|_| !keys.is_empty());
            self.tried = keys;
        }
    }
}

impl Entry {
    fn look(&self, file: &mut Reload, forced: bool, now: SystemTime) -> Self {
        let mut seen = self.clone();
        match file.look(&[&self.pin.file], forced, || self.pin.read()) {
            Look::Same => seen.trouble = None,
            Look::New(cert) => {
                seen.trouble = None;
                seen.good = Some(Arc::new(Standing::new(cert, self.pin.strength, now)));
            }
            Look::Refused { error, .. } => seen.trouble = Some(format!("{}: {error}", self.pin.file.display())),
        }
        if let Some(renewed) = seen.good.as_ref().and_then(|good| good.renewed(now)) {
            seen.good = Some(Arc::new(renewed));
        }
        seen
    }

    fn judged(&self, now: SystemTime) -> Result<Arc<Recipient>, LeftOut> {
        let left_out = |name: String, why: String| LeftOut {
            fingerprint: self.pin.fingerprint.clone(),
            name,
            why,
        };
        let Some(standing) = &self.good else {
            let file = self.pin.file.file_name().unwrap_or_default();
            let unread = || "its file has not been read yet".to_owned();
            let why = self.trouble.clone().unwrap_or_else(unread);
            return Err(left_out(file.to_string_lossy().into_owned(), why));
        };
        let judged = standing.at(now);
        judged.map_err(|unfit| left_out(standing.name().to_owned(), unfit.to_string()))
    }
}
