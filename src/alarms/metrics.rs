//! Counts, for monitoring. Never per form: a rare form's count would tell of one person.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Makes the enum and its names out of the same rows, so that neither can have what the other lacks.
macro_rules! events {
    ($($(#[$doc:meta])+ $kind:ident: $name:literal)+) => {
        /// What is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Event {
            $($(#[$doc])+ $kind,)+
        }

        /// Name in metrics of each, in the order of the enum.
        const EVENTS: &[&str] = &[$($name),+];
    };
}

events! {
    /// A letter was taken and a receipt given.
    Received: "received"
    /// The same letter was sent again and the same receipt given.
    Repeated: "repeated"
    /// Something had to be corrected.
    Problems: "problems"
    /// A letter was not taken, through no fault of the citizen.
    Refused: "refused"
    /// A mailbox took a letter.
    Delivered: "delivered"
    /// An attempt failed and will be repeated.
    Deferred: "deferred"
    /// This program failed: a panic while a page was answered or a letter was sealed.
    Faults: "faults"
}

/// Times are told in steps of so many seconds. Whoever asks each second would else see when somebody wrote.
const STEP: u64 = 300;

/// What is measured at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gauge {
    /// Letters that wait.
    Waiting,
    /// Seconds for which the oldest of them has waited, by five minutes: the exact second would say when a citizen wrote.
    OldestSeconds,
    /// Bytes free on the spool's file system.
    FreeBytes,
    /// Inodes free there.
    FreeInodes,
    /// When a letter was delivered last, seconds since 1970, by five minutes.
    LastDelivery,
}

impl Gauge {
    fn name(self) -> &'static str {
        match self {
            Gauge::Waiting => "konvolutt_letters_waiting",
            Gauge::OldestSeconds => "konvolutt_oldest_letter_seconds",
            Gauge::FreeBytes => "konvolutt_spool_free_bytes",
            Gauge::FreeInodes => "konvolutt_spool_free_inodes",
            Gauge::LastDelivery => "konvolutt_last_delivery_timestamp_seconds",
        }
    }

    fn rounded(self, value: u64) -> u64 {
        match self {
            Gauge::OldestSeconds | Gauge::LastDelivery => value - value % STEP,
            _ => value,
        }
    }
}

type Counts = [u64; EVENTS.len()];

/// What is counted, and what of it is told: the counts at the end of the step before this one. Faults are told at once: they
/// are this program's own matter, and somebody must hear of them.
#[derive(Default)]
struct Counted {
    step: u64,
    now: Counts,
    told: Counts,
}

impl Counted {
    /// To be called before anything is counted or told.
    fn at(&mut self, now: SystemTime) -> &mut Self {
        let step = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / STEP;
        // A clock that is set back tells anew, rather than nothing for hours.
        if step != self.step {
            (self.step, self.told) = (step, self.now);
        }
        self.told[Event::Faults as usize] = self.now[Event::Faults as usize];
        self
    }
}

#[derive(Default)]
pub(super) struct Metrics {
    counts: Mutex<Counted>,
    gauges: Mutex<BTreeMap<Gauge, u64>>,
    /// Days left, by fingerprint.
    expiries: Mutex<BTreeMap<String, u64>>,
}

impl Metrics {
    pub(super) fn count(&self, event: Event, now: SystemTime) {
        self.counted().at(now).now[event as usize] += 1;
        if event == Event::Delivered {
            let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
            self.set(Gauge::LastDelivery, now.as_secs());
        }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, gauge: Gauge, value: u64) {
        let mut gauges = self.gauges.lock().unwrap_or_else(PoisonError::into_inner);
        gauges.insert(gauge, gauge.rounded(value));
    }

    pub(super) fn set_days_left(&self, fingerprint: String, days: u64) {
        let mut expiries = self.expiries.lock().unwrap_or_else(PoisonError::into_inner);
        expiries.insert(fingerprint, days);
    }

    /// Prometheus text format.
    pub(super) fn text(&self, now: SystemTime, alarms: impl Iterator<Item = (&'static str, usize)>) -> String {
        let mut out = String::from("# TYPE konvolutt_letters_total counter\n");
        let told = self.counted().at(now).told;
        for (name, count) in EVENTS.iter().zip(told) {
            let _ = writeln!(out, "konvolutt_letters_total{{event=\"{name}\"}} {count}");
        }
        for (gauge, value) in self.gauges.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let name = gauge.name();
            let _ = writeln!(out, "# TYPE {name} gauge\n{name} {value}");
        }
        out.push_str("# TYPE konvolutt_alarm gauge\n");
        for (kind, standing) in alarms {
            let _ = writeln!(out, "konvolutt_alarm{{kind=\"{kind}\"}} {standing}");
        }
        out.push_str("# TYPE konvolutt_certificate_days_left gauge\n");
        let expiries = self.expiries.lock().unwrap_or_else(PoisonError::into_inner);
        for (fingerprint, days) in expiries.iter() {
            let _ = writeln!(
                out,
                "konvolutt_certificate_days_left{{fingerprint=\"{fingerprint}\"}} {days}"
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn told(metrics: &Metrics, seconds: u64, line: &str) -> bool {
        let text = metrics.text(at(seconds), std::iter::empty());
        text.contains(&format!("konvolutt_letters_total{line}\n"))
    }

    #[test]
    fn each_event_is_counted_under_its_own_name() {
        let metrics = Metrics::default();
        metrics.count(Event::Received, at(0));
        (0..7).for_each(|_| metrics.count(Event::Faults, at(0)));
        for line in [
            "{event=\"received\"} 1",
            "{event=\"repeated\"} 0",
            "{event=\"faults\"} 7",
        ] {
            assert!(told(&metrics, STEP, line), "{line}");
        }
    }

    /// Whoever asks each second learns of a letter in the same second of every step.
    #[test]
    fn counts_of_letters_change_with_the_step_alone() {
        let metrics = Metrics::default();
        let count = |letters: u64| format!("{{event=\"received\"}} {letters}");
        for came in [1_000, 1_001, 1_199, 1_201] {
            metrics.count(Event::Received, at(came));
        }
        metrics.count(Event::Faults, at(1_201));
        for (seconds, letters) in [(1_201, 3), (1_300, 3), (1_499, 3), (1_500, 4), (9_999, 4)] {
            assert!(told(&metrics, seconds, &count(letters)), "{seconds}");
        }
        // Set back by hours, it goes on from there.
        metrics.count(Event::Received, at(600));
        assert!(told(&metrics, 600, &count(4)) && told(&metrics, 900, &count(5)));
        // The control: what is told at once.
        metrics.count(Event::Faults, at(901));
        assert!(told(&metrics, 901, "{event=\"faults\"} 2"));
    }
}
