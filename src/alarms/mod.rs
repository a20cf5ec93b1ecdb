//! What happened and whom to tell: alarms, readiness, counts.
//!
//! Comes in: events, each without anything of the citizen. Goes out: one log line, a file in `alarms/` that the
//! relay's side and other programs pick up, and the numbers behind `/readyz` and `/metrics`. An alarm stands until what
//! raised it clears it, over restarts as well.

mod alarm;
mod board;
mod metrics;

pub use alarm::Alarm;
pub use board::Posted;
pub use metrics::{Event, Gauge};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use metrics::Metrics;

/// Every alarm that stands, and what is counted: the one place where events meet.
pub struct Alarms {
    directory: PathBuf,
    /// By kind and by what it is about: a mailbox, a letter, or nothing in particular.
    standing: Mutex<BTreeMap<(Alarm, String), Standing>>,
    /// Held while memory and file of an alarm change together. Readiness does not wait for a slow disk.
    moving: Mutex<()>,
    metrics: Metrics,
}

struct Standing {
    text: String,
    since: SystemTime,
    /// Raised by this process, not only found in its directory.
    seen: bool,
    /// Its file is written.
    posted: bool,
}

impl Alarms {
    /// Alarms are dropped into `directory` as files. Those of these kinds that an earlier process left there stand
    /// until they are looked at again: see [`Alarms::settle`].
    pub fn new(directory: PathBuf, own: &[Alarm]) -> Self {
        let left = board::read(&directory).into_iter();
        let left = left.filter(|posted| own.contains(&posted.alarm)).map(|posted| {
            let Posted {
                alarm,
                about,
                text,
                since,
            } = posted;
            let (seen, posted) = (false, true);
            (
                (alarm, about),
                Standing {
                    text,
                    since,
                    seen,
                    posted,
                },
            )
        });
        Self {
            standing: Mutex::new(left.collect()),
            directory,
            moving: Mutex::default(),
            metrics: Metrics::default(),
        }
    }

    /// Everything was looked at once since the start: alarms of these kinds that an earlier process left and that
    /// nothing raised again are over.
    pub fn settle(&self, kinds: &[Alarm]) {
        let standing = self.standing();
        let unseen = standing.iter().filter(|(_, standing)| !standing.seen);
        let over: Vec<_> = unseen.map(|(key, _)| key.clone()).collect();
        drop(standing);
        for (alarm, about) in over.iter().filter(|(alarm, _)| kinds.contains(alarm)) {
            self.clear(*alarm, about);
        }
    }

    /// Raises an alarm about a mailbox, a letter's number or (empty) the whole service, or changes what it says.
    /// Logged once per text.
    pub fn raise(&self, alarm: Alarm, about: &str, text: &str) {
        let text = board::line(text);
        let key = (alarm, about.to_owned());
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut since, mut known, mut posted) = (SystemTime::now(), false, false);
        if let Some(before) = self.standing().get(&key) {
            let same = before.text == text;
            (since, known, posted) = (before.since, same && before.seen, same && before.posted);
        }
        if known && posted {
            return;
        }
        if !known {
            tracing::error!(alarm = alarm.name(), "{text}");
        }
        let standing = |posted| Standing {
            text: text.clone(),
            since,
            seen: true,
            posted,
        };
        self.standing().insert(key.clone(), standing(posted));
        if posted {
            return;
        }
        match board::post(&self.directory, alarm, about, &text) {
            Ok(()) => drop(self.standing().insert(key, standing(true))),
            Err(_) if known => {}
            Err(error) => tracing::warn!(alarm = alarm.name(), %error, "the alarm could not be dropped as a file"),
        }
    }

    /// What raised the alarm is over.
    pub fn clear(&self, alarm: Alarm, about: &str) {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        if self.standing().remove(&(alarm, about.to_owned())).is_some() {
            tracing::info!(alarm = alarm.name(), "the alarm is over");
            board::remove(&self.directory, alarm, about);
        }
    }

    /// What the standing alarms of a kind are about.
    pub fn subjects(&self, alarm: Alarm) -> Vec<String> {
        let standing = self.standing();
        let own = standing.keys().filter(|(kind, _)| *kind == alarm);
        own.map(|(_, about)| about.clone()).collect()
    }

    /// Every standing alarm of this process, with its text.
    pub fn alarms(&self) -> Vec<(Alarm, String)> {
        let own = self.own().into_iter();
        own.map(|posted| (posted.alarm, posted.text)).collect()
    }

    fn own(&self) -> Vec<Posted> {
        let standing = self.standing();
        let posted = standing.iter().map(|((alarm, about), standing)| Posted {
            alarm: *alarm,
            about: about.clone(),
            text: standing.text.clone(),
            since: standing.since,
        });
        posted.collect()
    }

    /// Every alarm of every process: what lies in the directory, and what this process knows even if the disk is full.
    pub fn board(&self) -> Vec<Posted> {
        let mut all: BTreeMap<String, Posted> = BTreeMap::new();
        for posted in posted(&self.directory).into_iter().chain(self.own()) {
            all.insert(posted.key(), posted);
        }
        all.into_values().collect()
    }

    /// Counts one event.
    pub fn count(&self, event: Event) {
        self.metrics.count(event);
    }

    /// Says what was measured just now.
    pub fn set(&self, gauge: Gauge, value: u64) {
        self.metrics.set(gauge, value);
    }

    /// Remembers how long a certificate is good for.
    pub fn set_days_left(&self, fingerprint: String, days: u64) {
        self.metrics.set_days_left(fingerprint, days);
    }

    /// True while letters can be taken.
    pub fn is_ready(&self) -> bool {
        !self.standing().keys().any(|(alarm, _)| alarm.stops_the_service())
    }

    /// Prometheus text format.
    pub fn metrics(&self) -> String {
        let standing = self.standing();
        let count = |kind: Alarm| standing.keys().filter(|(alarm, _)| *alarm == kind).count();
        self.metrics.text(Alarm::all().map(|kind| (kind.name(), count(kind))))
    }

    fn standing(&self) -> MutexGuard<'_, BTreeMap<(Alarm, String), Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every alarm that lies in a directory.
pub fn posted(directory: &Path) -> Vec<Posted> {
    board::read(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(alarms: &Alarms) -> Vec<(String, String)> {
        alarms
            .board()
            .into_iter()
            .map(|posted| (posted.key(), posted.text))
            .collect()
    }

    #[test]
    fn an_alarm_stands_over_a_restart_until_it_is_looked_at_again() {
        let dir = tempfile::tempdir().unwrap();
        let alarms = || Alarms::new(dir.path().to_owned(), &Alarm::OF_RELAY);
        let first = alarms();
        first.raise(Alarm::MailServer, "", "no connection");
        first.raise(Alarm::Held, "abc", "held");
        first.raise(Alarm::Disk, "", "filling up");
        let second = alarms();
        assert_eq!(texts(&second).len(), 3);
        second.raise(Alarm::Disk, "", "filling up");
        second.settle(&[Alarm::Disk, Alarm::Held]);
        let left = [("disk", "filling up"), ("mail-server", "no connection")];
        assert_eq!(
            texts(&second),
            left.map(|(key, text)| (key.to_owned(), text.to_owned()))
        );
        assert_eq!(posted(dir.path()).len(), 2);
        second.clear(Alarm::MailServer, "");
        assert_eq!(posted(dir.path()).len(), 1);
    }

    /// What one side left is nothing that the other may end.
    #[test]
    fn alarms_of_the_other_side_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let relay = Alarms::new(dir.path().to_owned(), &Alarm::OF_RELAY);
        relay.raise(Alarm::Delayed, "", "late");
        let web = Alarms::new(dir.path().to_owned(), &Alarm::OF_WEB);
        web.settle(&Alarm::OF_WEB);
        web.clear(Alarm::Delayed, "");
        assert_eq!(texts(&web).len(), 1);
        assert!(web.alarms().is_empty());
    }

    /// The disk is full for the file, and the alarm stands all the same; the file follows when there is room.
    #[test]
    fn an_alarm_that_cannot_be_written_stands_and_is_written_later() {
        let dir = tempfile::tempdir().unwrap();
        let there = dir.path().join("alarms");
        let alarms = Alarms::new(there.clone(), &Alarm::OF_WEB);
        alarms.raise(Alarm::Spool, "", "full");
        assert!(!alarms.is_ready() && texts(&alarms).len() == 1 && posted(&there).is_empty());
        std::fs::create_dir(&there).unwrap();
        alarms.raise(Alarm::Spool, "", "full");
        assert_eq!(posted(&there).len(), 1);
    }
}
