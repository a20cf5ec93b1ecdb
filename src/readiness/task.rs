//! The thread that looks.
//!
//! It looks when a page asks, when evidence comes, at the next moment at which a validity ends, and otherwise every
//! five seconds. Questions that come while it looks share the next look. It is a thread and no task of the runtime:
//! everything that it does may block, and an idle server is woken once for each look instead of three times.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::alarms;
use super::backoff::Backoff;
use super::handle::{PATIENCE, Readiness};
use super::look::{Look, look};
use super::marks::Marks;
use crate::alarms::{Gauge, Looker, Raised};
use crate::submission::Pipeline;

/// An alarm does not wait for a visitor.
const EVERY: Duration = Duration::from_secs(5);
/// A certificate that could not be read may be readable again at once, and may be a revocation.
const TROUBLED: Duration = Duration::from_secs(1);
/// On a slow disk no page waits for a look, and so there is at most one in this time.
const SLOW: Duration = Duration::from_secs(1);

/// Starts to look, for as long as the process lives.
///
/// # Errors
/// When there can be no further thread.
pub fn start(readiness: &Readiness, pipeline: Arc<Pipeline>) -> io::Result<()> {
    let own = readiness.clone();
    let thread = std::thread::Builder::new().name("readiness".into());
    thread.spawn(move || run(own, pipeline)).map(drop)
}

fn run(readiness: Readiness, pipeline: Arc<Pipeline>) -> ! {
    let mut task = Task {
        readiness,
        pipeline,
        backoff: Backoff::default(),
        letters: 0,
        told: None,
    };
    loop {
        let began = Instant::now();
        let looked = task.unless_it_panics("certificates and disk were looked at", Task::look);
        if !looked {
            task.is_blind();
        }
        task.unless_it_panics("what failed was tried", Task::try_what_failed);
        task.unless_it_panics("alarms were raised", Task::tell);
        task.sleep(began);
    }
}

struct Task {
    readiness: Readiness,
    pipeline: Arc<Pipeline>,
    backoff: Backoff,
    /// Letters that had gone through when it was looked at last.
    letters: u64,
    /// What the alarms were made to say.
    told: Option<Vec<Raised>>,
}

impl Task {
    /// A panic is a fault like any other: it is told, and the next step is due all the same. True when there was none.
    fn unless_it_panics(&mut self, doing: &'static str, step: impl FnOnce(&mut Self)) -> bool {
        let done = catch_unwind(AssertUnwindSafe(|| step(self))).is_ok();
        if !done {
            self.pipeline.fault(doing);
        }
        done
    }

    /// What the look would have seen is not known, and a letter would meet the same fault. The alarms of the look before
    /// stand.
    fn is_blind(&self) {
        let shared = &self.readiness.0;
        let answered = shared.asked.load(Ordering::SeqCst);
        shared.snapshot.send_modify(|snapshot| {
            snapshot.is_blind = true;
            snapshot.answered = answered;
        });
    }

    /// Looks and publishes. The alarms come later: their files may have to wait for the same disk.
    fn look(&mut self) {
        let (shared, began) = (&self.readiness.0, Instant::now());
        let answered = shared.asked.load(Ordering::SeqCst);
        if let Some(next) = shared.next.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.pipeline = next;
        }
        if shared.reread.swap(false, Ordering::SeqCst) {
            self.pipeline.read_certificates_again();
        }
        let looked = Arc::new(look(&self.pipeline));
        shared.slow.store(began.elapsed() > PATIENCE, Ordering::SeqCst);
        shared.snapshot.send_modify(|snapshot| {
            snapshot.look = looked;
            snapshot.answered = answered;
            snapshot.is_blind = false;
        });
    }

    /// What failed is tried, at growing intervals, until it works or a letter has shown that it does.
    fn try_what_failed(&mut self) {
        let (before, now) = (self.known().1, Instant::now());
        if before.letters != self.letters {
            self.letters = before.letters;
            self.backoff.begin_anew(now);
        }
        let due = self.backoff.due(before.can_be_tried(), now);
        if due.is_none_or(|due| due > now) {
            return;
        }
        self.backoff.tried();
        let sealing: Vec<_> = before.seal.keys().filter(|mailbox| self.can_seal_to(mailbox)).collect();
        let disk = before.disk.is_some() && self.pipeline.inbox.probe().is_ok();
        let drafts = before.drafts.is_some() && self.pipeline.drafts.probe().is_ok();
        self.readiness.0.snapshot.send_if_modified(|snapshot| {
            let mut over = disk && snapshot.marks.disk_works(&before);
            over |= drafts && snapshot.marks.drafts_work(&before);
            for mailbox in sealing {
                over |= snapshot.marks.sealing_works(&before, mailbox);
            }
            over
        });
    }

    /// A mailbox that only an earlier configuration had raises no alarm any more.
    fn can_seal_to(&self, name: &str) -> bool {
        let mut mailboxes = self.pipeline.mailboxes.iter();
        let mailbox = mailboxes.find(|mailbox| mailbox.name == name);
        mailbox.is_none_or(|mailbox| self.pipeline.try_seal(mailbox).is_ok())
    }

    /// The alarms become what is known: the only place where this looker's are raised and cleared.
    fn tell(&mut self) {
        let (look, marks) = self.known();
        for (fingerprint, expiry) in alarms::expiries(&look) {
            self.pipeline
                .alarms
                .set_for(Gauge::CertificateExpiry, &fingerprint, expiry);
        }
        let found = alarms::found(&look, &marks);
        // What stands is told again each time, since its file may not be written yet.
        if found.is_empty() && self.told.as_ref() == Some(&found) {
            return;
        }
        self.pipeline.alarms.reflect(Looker::Readiness, &found);
        self.told = Some(found);
    }

    fn sleep(&mut self, began: Instant) {
        let (look, marks) = self.known();
        let now = Instant::now();
        let mut next = began + if look.has_troubles() { TROUBLED } else { EVERY };
        if let Some(due) = self.backoff.due(marks.can_be_tried(), now) {
            next = next.min(due);
        }
        if let Some(end) = look.next_end() {
            // By the clock on the wall, which may be set meanwhile: then the next look finds out.
            next = next.min(now + end.duration_since(SystemTime::now()).unwrap_or_default().min(EVERY));
        }
        let shared = &self.readiness.0;
        if shared.slow.load(Ordering::SeqCst) {
            std::thread::sleep((began + SLOW).saturating_duration_since(now));
        }
        shared.wake.wait(next.saturating_duration_since(Instant::now()));
    }

    fn known(&self) -> (Arc<Look>, Marks) {
        let snapshot = self.readiness.0.snapshot.borrow();
        (snapshot.look.clone(), snapshot.marks.clone())
    }
}
