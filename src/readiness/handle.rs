//! What everybody holds: questions that are answered at once, and a place to bring evidence to.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::alarms;
use super::look::{FormState, Look, Why};
use super::marks::Marks;
use super::wake::Wake;
use crate::alarms::Alarms;
use crate::form::Form;
use crate::seal::Recipients;
use crate::submission::{Evidence, Pipeline, Witness};

/// A page waits so long for a look. On a disk that answers, a look takes a fraction of a millisecond.
pub(super) const PATIENCE: Duration = Duration::from_millis(60);

/// A start waits so long for the first look.
const START: Duration = Duration::from_secs(5);

/// What is known now.
#[derive(Default)]
pub(super) struct Snapshot {
    pub(super) look: Arc<Look>,
    pub(super) marks: Marks,
    /// Questions that were asked before this look began.
    pub(super) answered: u64,
    /// The last look failed, by a fault of this program: what it would have seen is not known.
    pub(super) is_blind: bool,
}

/// Everybody's handle: cheap to clone, and its questions are answered at once.
#[derive(Clone)]
pub struct Readiness(pub(super) Arc<Shared>);

pub(super) struct Shared {
    /// Its lock is held to copy a pointer or to set a mark, never longer.
    pub(super) snapshot: watch::Sender<Snapshot>,
    pub(super) wake: Wake,
    pub(super) asked: AtomicU64,
    /// The last look took longer than a page waits: no page waits for the next one.
    pub(super) slow: AtomicBool,
    /// Certificates are to be read again, whatever their files look like.
    pub(super) reread: AtomicBool,
    /// What is to be looked at from the next look on.
    pub(super) next: Mutex<Option<Arc<Pipeline>>>,
}

impl Readiness {
    /// Nothing was looked at yet, so every form is closed. What an earlier process found out about sealing, and faults of
    /// its own, stand until a letter goes through: a restart mends neither.
    pub fn new(alarms: &Alarms) -> Self {
        let marks = Marks::left_by_an_earlier_process(&alarms.own());
        let snapshot = Snapshot {
            marks,
            ..Snapshot::default()
        };
        Self(Arc::new(Shared {
            snapshot: watch::Sender::new(snapshot),
            wake: Wake::default(),
            asked: AtomicU64::new(0),
            slow: AtomicBool::new(false),
            reread: AtomicBool::new(false),
            next: Mutex::default(),
        }))
    }

    /// What of a form can be taken, as known now.
    pub fn form(&self, form: &Form) -> FormState {
        let snapshot = self.0.snapshot.borrow();
        if snapshot.is_blind {
            return FormState::Closed(Why::NotLooked);
        }
        snapshot.marks.judge(form, snapshot.look.form(&form.slug))
    }

    /// Whom letters of a form are sealed to, as known now: for people to read, not to seal by.
    pub fn recipients(&self, form: &Form) -> Arc<Recipients> {
        self.0.snapshot.borrow().look.recipients(&form.mailbox)
    }

    /// On so many machines a letter is before its receipt, as known now; never fewer than one.
    pub fn machines(&self) -> u32 {
        self.0.snapshot.borrow().look.machines.max(1)
    }

    /// What keeps letters from being taken, as sentences; nothing when all forms are open, at least for text.
    pub fn stops(&self) -> Vec<String> {
        let snapshot = self.0.snapshot.borrow();
        let found = alarms::found(&snapshot.look, &snapshot.marks).into_iter();
        let stops = found.filter(|raised| raised.alarm.stops_the_service());
        let mut all: Vec<_> = stops
            .map(|raised| format!("{}: {}", raised.alarm.name(), raised.text))
            .collect();
        if !snapshot.look.is_one() {
            all.push("nothing was looked at yet".to_owned());
        } else if snapshot.is_blind {
            all.push("the last look failed".to_owned());
        }
        all
    }

    /// Asks for a look, and waits for it if that does not take long. What a page says is then true for the moment at
    /// which it was asked for; on a slow disk it is what was known before.
    pub async fn ask(&self) {
        let own = self.0.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut snapshot = self.0.snapshot.subscribe();
        self.0.wake.ring();
        if self.0.slow.load(Ordering::SeqCst) {
            return;
        }
        let looked = snapshot.wait_for(|snapshot| snapshot.answered >= own);
        if tokio::time::timeout(PATIENCE, looked).await.is_err() {
            self.0.slow.store(true, Ordering::SeqCst);
        }
    }

    /// Waits for the first look, but not for a disk that does not answer: then the forms are closed, and say so.
    pub async fn first_look(&self) {
        let mut snapshot = self.0.snapshot.subscribe();
        let looked = snapshot.wait_for(|snapshot| snapshot.look.is_one() || snapshot.is_blind);
        let _ = tokio::time::timeout(START, looked).await;
    }

    /// The certificates are read again at once, also where their files look unchanged.
    pub fn read_again(&self) {
        self.0.reread.store(true, Ordering::SeqCst);
        self.0.wake.ring();
    }

    /// Looks at this pipeline from now on, and at once.
    pub fn follow(&self, next: Arc<Pipeline>) {
        *self.0.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(next);
        self.0.wake.ring();
    }

    /// Takes evidence: it is in the snapshot before this returns, and in the alarms soon after.
    pub fn hear(&self, evidence: &Evidence) {
        let now = Instant::now();
        let changed = self
            .0
            .snapshot
            .send_if_modified(|snapshot| snapshot.marks.hear(evidence, now));
        if changed || *evidence == Evidence::Look {
            self.0.wake.ring();
        }
    }

    /// What a pipeline tells its evidence to.
    pub fn witness(&self) -> Witness {
        let own = self.clone();
        Witness::new(move |evidence| own.hear(&evidence))
    }
}
