//! Counts, for monitoring. Never per form: a rare form's count would tell of one person.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
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
            Gauge::OldestSeconds | Gauge::LastDelivery => value - value % 300,
            _ => value,
        }
    }
}

#[derive(Default)]
pub(super) struct Metrics {
    counts: [AtomicU64; EVENTS.len()],
    gauges: Mutex<BTreeMap<Gauge, u64>>,
    /// Days left, by fingerprint.
    expiries: Mutex<BTreeMap<String, u64>>,
}

impl Metrics {
    pub(super) fn count(&self, event: Event) {
        self.counts[event as usize].fetch_add(1, Ordering::Relaxed);
        if event == Event::Delivered {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            self.set(Gauge::LastDelivery, now.as_secs());
        }
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
    pub(super) fn text(&self, alarms: impl Iterator<Item = (&'static str, usize)>) -> String {
        let mut out = String::from("# TYPE konvolutt_letters_total counter\n");
        for (name, count) in EVENTS.iter().zip(&self.counts) {
            let count = count.load(Ordering::Relaxed);
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

    #[test]
    fn each_event_is_counted_under_its_own_name() {
        let metrics = Metrics::default();
        metrics.count(Event::Received);
        (0..7).for_each(|_| metrics.count(Event::Faults));
        let text = metrics.text(std::iter::empty());
        for line in [
            "{event=\"received\"} 1",
            "{event=\"repeated\"} 0",
            "{event=\"faults\"} 7",
        ] {
            assert!(text.contains(&format!("konvolutt_letters_total{line}\n")), "{text}");
        }
    }
}
