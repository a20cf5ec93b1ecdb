//! The certificates of one mailbox, pinned by fingerprint.
//!
//! [`Pinned::look`] acts: it reads files that have changed and judges what is in them. [`Pinned::recipients`] answers:
//! it compares what the last look found with the time, and touches no file. What always holds: a file that cannot be
//! read or is not the pinned certificate never replaces the last good one, and is tried again at each look; one with the
//! pinned fingerprint replaces it at once, also when it now says *revoked*.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::Fingerprint;

use super::judge::Recipient;
use super::pin::Pin;
use super::recipients::{LeftOut, Recipients};
use super::standing::Standing;
use super::trial;
use crate::reload::{Look, Reload};

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
            self.refused = trial::seal(&recipients.addressees()).err().filter(|_| !keys.is_empty());
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use openpgp::serialize::SerializeInto;

    use openpgp::Cert;

    use super::super::pin::{CertificateRole, Strength};
    use super::*;
    use crate::seal::recipients::Closed;
    use crate::seal::tests::{compat, made, revoked, stored, unrevoked};

    struct Files {
        dir: tempfile::TempDir,
        pins: Vec<Pin>,
    }

    impl Files {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            Self { dir, pins: Vec::new() }
        }

        fn pin(mut self, cert: &Cert, role: CertificateRole) -> Self {
            let file = self.dir.path().join(format!("{}.asc", self.pins.len()));
            fs::write(&file, cert.armored().to_vec().unwrap()).unwrap();
            let (fingerprint, strength) = (cert.fingerprint(), Strength::Full);
            self.pins.push(Pin {
                file,
                fingerprint,
                role,
                strength,
            });
            self
        }

        /// Another file under the name, as `mv` puts it there.
        fn put(&self, bytes: &[u8]) {
            let new = self.dir.path().join("new");
            fs::write(&new, bytes).unwrap();
            fs::rename(new, &self.pins[0].file).unwrap();
        }

        fn pinned(&self) -> Pinned {
            Pinned::new(self.pins.clone(), false)
        }
    }

    fn soon() -> SystemTime {
        SystemTime::now() + Duration::from_secs(2)
    }

    fn bytes(cert: &Cert) -> Vec<u8> {
        cert.armored().to_vec().unwrap()
    }

    #[test]
    fn a_question_reads_nothing() {
        let files = Files::new().pin(&compat(), CertificateRole::Daily);
        let pinned = files.pinned();
        assert!(pinned.recipients(soon()).left_out[0].why.contains("not been read yet"));
        pinned.look();
        fs::remove_file(&files.pins[0].file).unwrap();
        assert!(pinned.recipients(soon()).open() && pinned.troubles().is_empty());
        pinned.look();
        assert!(pinned.recipients(soon()).open() && pinned.troubles()[0].contains("cannot be read"));
    }

    #[test]
    fn a_file_that_is_refused_keeps_the_last_good_one() {
        let cert = unrevoked();
        let files = Files::new().pin(&cert, CertificateRole::Daily);
        let pinned = files.pinned();
        pinned.look();
        for (content, trouble) in [
            (b"garbage".to_vec(), "no OpenPGP certificate"),
            (bytes(&compat()), "another certificate"),
            (vec![b'x'; 600 * 1024], "larger than"),
        ] {
            files.put(&content);
            for _ in 0..2 {
                pinned.look();
                assert!(pinned.troubles()[0].contains(trouble), "{:?}", pinned.troubles());
                assert!(pinned.recipients(soon()).open(), "{trouble}");
            }
        }
        // The pinned one replaces it at once, also when that closes the form.
        files.put(&bytes(&revoked()));
        pinned.look();
        let now = pinned.recipients(soon());
        assert!(pinned.troubles().is_empty() && now.why_closed() == Some(Closed::NoDaily));
        assert_eq!(now.left_out[0].why, "it is revoked");
    }

    /// That the same file is tried again is `reload`'s, and is tried there.
    #[test]
    fn a_file_that_cannot_be_read_keeps_the_last_good_one_and_no_longer() {
        let files = Files::new().pin(&unrevoked(), CertificateRole::Daily);
        let pinned = files.pinned();
        pinned.look();
        // No read of a folder succeeds, whoever asks.
        fs::remove_file(&files.pins[0].file).unwrap();
        fs::create_dir(&files.pins[0].file).unwrap();
        pinned.look();
        assert!(pinned.recipients(soon()).open() && pinned.troubles()[0].contains("cannot be read"));
        fs::remove_dir(&files.pins[0].file).unwrap();
        files.put(&bytes(&revoked()));
        pinned.look();
        assert!(!pinned.recipients(soon()).open() && pinned.troubles().is_empty());
    }

    #[test]
    fn what_ends_ends_without_a_look() {
        let files = Files::new()
            .pin(&compat(), CertificateRole::Daily)
            .pin(&made(postrom::KeyProfile::Compat), CertificateRole::Recovery);
        let pinned = files.pinned();
        pinned.look();
        let now = soon();
        let end = pinned.recipients(now).fit[0].0.expires.unwrap();
        assert_eq!(pinned.next_change(now), Some(end));
        assert!(pinned.recipients(end - Duration::from_nanos(1)).open());
        assert!(!pinned.recipients(end).open());
        assert!(pinned.next_change(end).is_none_or(|next| next > end));
        // And a clock that goes back is no reason to seal to what is not valid yet.
        assert!(!pinned.recipients(now - Duration::from_secs(86_400 * 30)).open());
    }

    #[test]
    fn a_mix_is_refused_unless_it_is_allowed() {
        let files = Files::new()
            .pin(&made(postrom::KeyProfile::Pqc), CertificateRole::Daily)
            .pin(&compat(), CertificateRole::Recovery);
        for (allowed, closed) in [(false, Some(Closed::Mixed)), (true, None)] {
            let pinned = Pinned::new(files.pins.clone(), allowed);
            pinned.look();
            assert_eq!(pinned.recipients(soon()).why_closed(), closed);
        }
    }

    #[test]
    fn who_cannot_be_sealed_to_is_left_out() {
        let brainpool = crate::seal::parse_one(stored("brainpool-P512")).unwrap();
        let files = Files::new()
            .pin(&brainpool, CertificateRole::Daily)
            .pin(&compat(), CertificateRole::Recovery);
        let pinned = files.pinned();
        pinned.look();
        let recipients = pinned.recipients(soon());
        assert_eq!(
            (recipients.fit.len(), recipients.why_closed()),
            (1, Some(Closed::NoDaily))
        );
        assert!(
            recipients.left_out[0].why.contains("brainpoolP512r1"),
            "{:?}",
            recipients.left_out
        );
        assert_eq!(recipients.left_out[0].name, "Post P512 <bpP512@x.example>");
    }

    #[test]
    fn read_again_reads_what_looks_unchanged() {
        let files = Files::new().pin(&compat(), CertificateRole::Daily);
        let pinned = files.pinned();
        pinned.look();
        let first = pinned.recipients(soon()).fit[0].0.clone();
        pinned.look();
        assert!(Arc::ptr_eq(&first, &pinned.recipients(soon()).fit[0].0));
        pinned.read_again();
        pinned.look();
        assert!(!Arc::ptr_eq(&first, &pinned.recipients(soon()).fit[0].0));
    }
}
