//! Who does what is to be done once, as this process knows it: one answer for all its parts, so that none of them looks as the
//! one who leads before what the one before knew is taken over.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So long an answer is good: many parts ask, and a store that is away is not waited for by one after the other.
const FRESH: Duration = Duration::from_secs(1);
/// A node that does not lead believes for so long that another one does, although the store cannot be asked: a database that
/// changes its primary is soon back.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    /// This process, with a number that is another one each time that somebody else may have led before.
    Mine(u64),
    /// Another process.
    Anothers,
    /// The store cannot be asked.
    Unknown,
}

/// Asks the store who leads.
pub struct Leader {
    leads: Box<dyn Fn() -> io::Result<bool> + Send + Sync>,
    begin: Box<dyn Fn() -> io::Result<()> + Send + Sync>,
    /// Held *over I/O*: whoever asks stands on a blocking thread, and waits for the answer of the one before.
    known: Mutex<Known>,
    fresh: Duration,
    patience: Duration,
}

#[derive(Default)]
struct Known {
    answer: Option<(Instant, Lead)>,
    /// As the store said last.
    led: Option<bool>,
    term: u64,
    failing_since: Option<Instant>,
}

impl Leader {
    /// One who asks [`super::Outbox::leads`] of a store.
    pub fn new(leads: impl Fn() -> io::Result<bool> + Send + Sync + 'static) -> Self {
        Self {
            leads: Box::new(leads),
            begin: Box::new(|| Ok(())),
            known: Mutex::default(),
            fresh: FRESH,
            patience: PATIENCE,
        }
    }

    /// What is to be taken over from the one who led before, when this process begins to lead. While it fails, it does not.
    #[must_use]
    pub fn beginning_with(mut self, begin: impl Fn() -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.begin = Box::new(begin);
        self
    }

    /// Believes no answer for longer than it is given: minutes must pass in no time when they are tried.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn without_patience(mut self) -> Self {
        (self.fresh, self.patience) = (Duration::ZERO, Duration::ZERO);
        self
    }

    /// Who leads now. Blocks on the store.
    pub fn ask(&self) -> Lead {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, lead)) = known.answer.filter(|(at, _)| at.elapsed() < self.fresh) {
            return lead;
        }
        let lead = match self.look(&known) {
            Ok(leads) => known.hear(leads),
            Err(error) => known.fail(&error, self.patience),
        };
        known.answer = Some((Instant::now(), lead));
        lead
    }

    fn look(&self, known: &Known) -> io::Result<bool> {
        let leads = (self.leads)()?;
        if leads && known.led != Some(true) {
            (self.begin)()?;
        }
        Ok(leads)
    }
}

impl Known {
    fn hear(&mut self, leads: bool) -> Lead {
        let went_on = matches!(self.answer, Some((_, Lead::Mine(_))));
        match self.led.replace(leads) {
            Some(false) if leads => tracing::info!("this node leads now: it does what is to be done once"),
            Some(true) if !leads => tracing::info!("another node leads now, and does what is to be done once"),
            _ => {}
        }
        self.failing_since = None;
        if !leads {
            return Lead::Anothers;
        }
        self.term += u64::from(!went_on);
        Lead::Mine(self.term)
    }

    fn fail(&mut self, error: &io::Error, patience: Duration) -> Lead {
        let since = *self.failing_since.get_or_insert_with(|| {
            tracing::warn!(%error, "which node leads is not known");
            Instant::now()
        });
        if self.led == Some(false) && since.elapsed() < patience {
            Lead::Anothers
        } else {
            Lead::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A store that says one thing after the other: "yes", "no", or nothing.
    fn asked(says: &[&str]) -> (Leader, Arc<AtomicUsize>) {
        let says = Mutex::new(says.iter().rev().map(|says| (*says).to_owned()).collect::<Vec<_>>());
        let begun = Arc::new(AtomicUsize::new(0));
        let leader = Leader::new(move || match says.lock().unwrap().pop().unwrap().as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(io::Error::other("away")),
        });
        let own = begun.clone();
        let leader = leader.beginning_with(move || {
            // Once it cannot be taken over.
            match own.fetch_add(1, Ordering::SeqCst) {
                2 => Err(io::Error::other("away")),
                _ => Ok(()),
            }
        });
        (leader, begun)
    }

    #[test]
    fn whoever_may_have_missed_another_one_begins_anew() {
        let (leader, begun) = asked(&["yes", "yes", "away", "yes", "no", "yes", "no", "yes", "yes"]);
        let leader = leader.without_patience();
        let answers: Vec<_> = (0..9).map(|_| leader.ask()).collect();
        let expected = [
            Lead::Mine(1),
            Lead::Mine(1),
            Lead::Unknown,
            // Another one may have led, or not.
            Lead::Mine(2),
            Lead::Anothers,
            Lead::Mine(3),
            Lead::Anothers,
            // What was known before could not be taken over.
            Lead::Unknown,
            Lead::Mine(4),
        ];
        assert_eq!(answers, expected);
        assert_eq!(begun.load(Ordering::SeqCst), 4);
    }

    #[test]
    fn who_follows_believes_in_the_leader_while_the_store_is_away_for_a_moment() {
        let away = |first| {
            let (mut leader, _) = asked(&[first, "away", "away"]);
            leader.fresh = Duration::ZERO;
            leader.ask();
            let short = leader.ask();
            leader.patience = Duration::ZERO;
            (short, leader.ask())
        };
        assert_eq!(away("no"), (Lead::Anothers, Lead::Unknown));
        assert_eq!(away("yes"), (Lead::Unknown, Lead::Unknown));
        assert_eq!(away("away"), (Lead::Unknown, Lead::Unknown));
    }

    #[test]
    fn all_who_ask_at_once_hear_one_answer() {
        let (leader, _) = asked(&["no", "yes"]);
        assert_eq!([leader.ask(), leader.ask(), leader.ask()], [Lead::Anothers; 3]);
    }
}
