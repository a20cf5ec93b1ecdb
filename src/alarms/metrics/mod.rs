//! Counts, for monitoring. Never per form: a rare form's count would tell of one person.

mod families;

pub use families::{Event, Family, Gauge, Kind, families};

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::unix_time::seconds;
use families::{ALARM, BUILD, EVENTS, LETTERS, REPLIES, START, Told, code_label};

/// What letters change is told in steps of so many seconds. Whoever asks each second would else see when somebody wrote.
pub const STEP: u64 = 300;

/// Everything that is counted or measured.
#[derive(Default, Clone)]
struct Numbers {
    letters: [u64; EVENTS.len()],
    replies: BTreeMap<&'static str, u64>,
    /// By gauge and by the value of its label; empty without one.
    gauges: BTreeMap<(Gauge, String), u64>,
}

/// What is known, and what of it is told: what was known at the end of the step before this one. Faults are told at once:
/// they are this program's own matter, and somebody must hear of them.
#[derive(Default)]
struct Stepped {
    step: u64,
    now: Numbers,
    told: Numbers,
}

impl Stepped {
    /// To be called before anything is counted or told.
    fn at(&mut self, now: SystemTime) -> &mut Self {
        let step = seconds(now) / STEP;
        // A clock that is set back tells anew, rather than nothing for hours.
        if step != self.step {
            (self.step, self.told) = (step, self.now.clone());
        }
        self.told.letters[Event::Faults as usize] = self.now.letters[Event::Faults as usize];
        self
    }

    fn set(&mut self, gauge: Gauge, label: &str, value: u64) {
        let key = (gauge, label.to_owned());
        let is_first = !self.now.gauges.contains_key(&key);
        if gauge.told() == Told::AtOnce || (gauge.told() == Told::ByStep && is_first) {
            self.told.gauges.insert(key.clone(), value);
        }
        self.now.gauges.insert(key, value);
    }
}

pub(super) struct Metrics {
    started: u64,
    numbers: Mutex<Stepped>,
}

impl Metrics {
    pub(super) fn new(started: SystemTime) -> Self {
        Self {
            started: seconds(started),
            numbers: Mutex::default(),
        }
    }

    pub(super) fn count(&self, event: Event, now: SystemTime) {
        let mut numbers = self.numbers();
        numbers.at(now).now.letters[event as usize] += 1;
        if event == Event::Delivered {
            let now = seconds(now);
            numbers.set(Gauge::LastDelivery, "", now - now % STEP);
        }
    }

    /// One attempt at a letter, by the reply that decided it.
    pub(super) fn count_reply(&self, code: Option<u16>, now: SystemTime) {
        let mut numbers = self.numbers();
        *numbers.at(now).now.replies.entry(code_label(code)).or_default() += 1;
    }

    pub(super) fn set(&self, gauge: Gauge, label: &str, value: u64, now: SystemTime) {
        let value = match gauge {
            // The exact second would say when a citizen wrote.
            Gauge::OldestSeconds => value - value % STEP,
            _ => value,
        };
        self.numbers().at(now).set(gauge, label, value);
    }

    /// Prometheus text format.
    pub(super) fn text(&self, now: SystemTime, alarms: impl Iterator<Item = (&'static str, usize)>) -> String {
        let told = self.numbers().at(now).told.clone();
        let mut out = String::new();
        write_family(&mut out, &BUILD, [(env!("CARGO_PKG_VERSION"), 1)]);
        write_family(&mut out, &START, [("", self.started)]);
        write_family(&mut out, &LETTERS, EVENTS.iter().copied().zip(told.letters));
        write_family(&mut out, &REPLIES, told.replies);
        write_family(&mut out, &ALARM, alarms.map(|(kind, standing)| (kind, standing as u64)));
        for gauge in Gauge::ALL {
            let own = told.gauges.iter().filter(|((of, _), _)| of == gauge);
            let own = own.map(|((_, label), value)| (label.as_str(), *value));
            write_family(&mut out, gauge.family(), own);
        }
        out
    }

    fn numbers(&self) -> MutexGuard<'_, Stepped> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A family with its numbers, each by the value of its label; nothing when it has none. The values are names of ours, codes and
/// fingerprints, in which nothing is to be escaped.
fn write_family<'a>(out: &mut String, family: &Family, numbers: impl IntoIterator<Item = (&'a str, u64)>) {
    let Family {
        name,
        kind,
        help,
        label,
    } = family;
    let mut numbers = numbers.into_iter().peekable();
    if numbers.peek().is_some() {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {}", kind.name());
    }
    for (value, number) in numbers {
        let _ = match label {
            Some(label) => writeln!(out, "{name}{{{label}=\"{value}\"}} {number}"),
            None => writeln!(out, "{name} {number}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn text(metrics: &Metrics, seconds: u64) -> String {
        metrics.text(at(seconds), std::iter::empty())
    }

    fn told(metrics: &Metrics, seconds: u64, line: &str) -> bool {
        text(metrics, seconds).contains(&format!("konvolutt_letters_total{line}\n"))
    }

    #[test]
    fn each_event_is_counted_under_its_own_name() {
        let metrics = Metrics::new(at(0));
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
        let metrics = Metrics::new(at(0));
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

    /// A letter makes the queue longer, the disk fuller and the last delivery later, and a mail server answers about it. None of
    /// that may be seen before the step, or it would tell when somebody wrote.
    #[test]
    fn all_that_a_letter_changes_is_told_with_the_step() {
        let metrics = Metrics::new(at(0));
        let start = [(Gauge::Waiting, 0), (Gauge::FreeBytes, 5_000), (Gauge::FreeInodes, 90)];
        start
            .iter()
            .for_each(|(gauge, value)| metrics.set(*gauge, "", *value, at(3_000)));
        let before = text(&metrics, 3_001);
        assert!(
            before.contains("konvolutt_spool_free_bytes 5000\n"),
            "the first look is told: {before}"
        );
        metrics.count(Event::Received, at(3_100));
        for (gauge, value) in [(Gauge::Waiting, 1), (Gauge::FreeBytes, 4_000), (Gauge::FreeInodes, 89)] {
            metrics.set(gauge, "", value, at(3_101));
        }
        metrics.count_reply(Some(250), at(3_102));
        metrics.count(Event::Delivered, at(3_102));
        for second in 3_102..3_300 {
            assert_eq!(text(&metrics, second), before, "{second}");
        }
        let after = text(&metrics, 3_300);
        for line in [
            "konvolutt_letters_waiting 1\n",
            "konvolutt_spool_free_bytes 4000\n",
            "konvolutt_spool_free_inodes 89\n",
            "konvolutt_last_delivery_timestamp_seconds 3000\n",
            "konvolutt_smtp_replies_total{code=\"250\"} 1\n",
            "konvolutt_letters_total{event=\"delivered\"} 1\n",
        ] {
            assert!(after.contains(line), "{line}{after}");
        }
        // The control: what is no matter of letters is told at once.
        metrics.set(Gauge::CertificateExpiry, "AB12", 77, at(3_301));
        let line = "konvolutt_certificate_expiry_timestamp_seconds{fingerprint=\"AB12\"} 77\n";
        assert!(text(&metrics, 3_302).contains(line));
    }

    /// With everything known each family is told once, with HELP and TYPE before its numbers.
    #[test]
    fn every_family_has_its_help_and_its_type() {
        let metrics = Metrics::new(at(9));
        Gauge::ALL.iter().for_each(|gauge| metrics.set(*gauge, "x", 1, at(10)));
        metrics.count_reply(None, at(10));
        let text = metrics.text(at(400), [("spool", 2)].into_iter());
        for family in families() {
            let head = format!(
                "# HELP {0} {1}\n# TYPE {0} {2}\n{0}",
                family.name,
                family.help,
                family.kind.name()
            );
            assert_eq!(text.matches(&head).count(), 1, "{text}");
        }
        assert_eq!(text.matches("# TYPE").count(), families().count());
        assert!(
            text.contains("process_start_time_seconds 9\n") && text.contains("konvolutt_alarm{kind=\"spool\"} 2\n")
        );
    }
}
