//! What happened and whom to tell: alarms, readiness, counts.
//!
//! Comes in: events, each without anything of the citizen. Goes out: one log line, a file in `alarms/` that
//! other programs can pick up, and the numbers behind `/readyz` and `/metrics`. An alarm stands until what
//! raised it clears it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What can go wrong for long enough to tell somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// No daily certificate qualifies: the form is closed.
    FormClosed,
    /// A pinned certificate is left out, or its file is not what it was.
    Certificate,
    /// A certificate stops to qualify soon.
    Expiring,
    /// A letter has waited too long.
    Delayed,
    /// Nothing can be sent: no connection to the mail server, no login, no right to send.
    MailServer,
    /// The mail server refused a letter for good.
    Held,
    /// A letter was changed on disk.
    Corrupt,
    /// The spool takes no letters: full or fenced.
    Spool,
    /// The relay's signing key cannot sign.
    SigningKey,
    /// A renewed certificate of the web site cannot be used.
    Tls,
}

impl Alarm {
    /// What the relay raises.
    pub const OF_RELAY: [Alarm; 4] = [Alarm::Delayed, Alarm::MailServer, Alarm::Held, Alarm::Corrupt];
    /// What the web side raises.
    pub const OF_WEB: [Alarm; 6] = [
        Alarm::FormClosed,
        Alarm::Certificate,
        Alarm::Expiring,
        Alarm::Spool,
        Alarm::SigningKey,
        Alarm::Tls,
    ];

    const ALL: [Alarm; 10] = [
        Alarm::FormClosed,
        Alarm::Certificate,
        Alarm::Expiring,
        Alarm::Delayed,
        Alarm::MailServer,
        Alarm::Held,
        Alarm::Corrupt,
        Alarm::Spool,
        Alarm::SigningKey,
        Alarm::Tls,
    ];

    /// Name in files, logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Alarm::FormClosed => "form-closed",
            Alarm::Certificate => "certificate",
            Alarm::Expiring => "expiring",
            Alarm::Delayed => "delayed",
            Alarm::MailServer => "mail-server",
            Alarm::Held => "held",
            Alarm::Corrupt => "corrupt",
            Alarm::Spool => "spool",
            Alarm::SigningKey => "signing-key",
            Alarm::Tls => "tls",
        }
    }

    /// True when the service does not do its work while this stands.
    fn stops_the_service(self) -> bool {
        matches!(self, Alarm::FormClosed | Alarm::Spool | Alarm::SigningKey)
    }
}

/// What is counted. Never per form: a rare form's count would tell of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A letter was taken and a receipt given.
    Received,
    /// The same letter was sent again and the same receipt given.
    Repeated,
    /// Something had to be corrected.
    Problems,
    /// A letter was not taken, through no fault of the citizen.
    Refused,
    /// A mailbox took a letter.
    Delivered,
    /// An attempt failed and will be repeated.
    Deferred,
}

const EVENTS: [(Event, &str); 6] = [
    (Event::Received, "received"),
    (Event::Repeated, "repeated"),
    (Event::Problems, "problems"),
    (Event::Refused, "refused"),
    (Event::Delivered, "delivered"),
    (Event::Deferred, "deferred"),
];

/// The one place where events meet.
pub struct Watch {
    directory: PathBuf,
    /// By kind and by what it is about: a mailbox, a letter, or nothing in particular.
    standing: Mutex<BTreeMap<(Alarm, String), String>>,
    counts: [AtomicU64; EVENTS.len()],
    /// Days left, by fingerprint.
    expiries: Mutex<BTreeMap<String, u64>>,
}

impl Watch {
    /// A watch that drops its alarms into `directory`. Files of these kinds that an earlier process left there are
    /// removed: what still is so raises them again.
    pub fn new(directory: PathBuf, own: &[Alarm]) -> Self {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is = |alarm: &Alarm| name == alarm.name() || name.starts_with(&format!("{}-", alarm.name()));
            // The longest fit: `spool-x` is of `spool`, `mail-server` of nothing shorter.
            let kind = Alarm::ALL.into_iter().filter(is).max_by_key(|alarm| alarm.name().len());
            if kind.is_some_and(|kind| own.contains(&kind)) {
                // What cannot be removed is at worst told twice.
                let _ = fs::remove_file(entry.path());
            }
        }
        Self {
            directory,
            standing: Mutex::default(),
            counts: Default::default(),
            expiries: Mutex::default(),
        }
    }

    /// Raises an alarm about a mailbox, a letter's number or (empty) the whole service, or changes what it says.
    /// Logged once per text.
    pub fn raise(&self, alarm: Alarm, about: &str, text: &str) {
        let before = self.standing().insert((alarm, about.to_owned()), text.to_owned());
        if before.as_deref() == Some(text) {
            return;
        }
        tracing::error!(alarm = alarm.name(), "{text}");
        if let Err(error) = fs::write(self.file(alarm, about), format!("{text}\n")) {
            tracing::warn!(alarm = alarm.name(), %error, "the alarm could not be dropped as a file");
        }
    }

    /// What raised the alarm is over.
    pub fn clear(&self, alarm: Alarm, about: &str) {
        if self.standing().remove(&(alarm, about.to_owned())).is_some() {
            tracing::info!(alarm = alarm.name(), "the alarm is over");
            // A file that is not there is as good as removed.
            let _ = fs::remove_file(self.file(alarm, about));
        }
    }

    fn file(&self, alarm: Alarm, about: &str) -> PathBuf {
        self.directory.join(match about {
            "" => alarm.name().to_owned(),
            about => format!("{}-{about}", alarm.name()),
        })
    }

    /// What the standing alarms of a kind are about.
    pub fn subjects(&self, alarm: Alarm) -> Vec<String> {
        let standing = self.standing();
        let own = standing.keys().filter(|(kind, _)| *kind == alarm);
        own.map(|(_, about)| about.clone()).collect()
    }

    /// Counts one event.
    pub fn count(&self, event: Event) {
        self.counts[event as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Remembers how long a certificate is good for.
    pub fn set_days_left(&self, fingerprint: String, days: u64) {
        let mut expiries = self.expiries.lock().unwrap_or_else(PoisonError::into_inner);
        expiries.insert(fingerprint, days);
    }

    /// Every standing alarm.
    pub fn alarms(&self) -> Vec<(Alarm, String)> {
        let standing = self.standing();
        standing
            .iter()
            .map(|((alarm, _), text)| (*alarm, text.clone()))
            .collect()
    }

    /// True while letters can be taken.
    pub fn is_ready(&self) -> bool {
        !self.standing().keys().any(|(alarm, _)| alarm.stops_the_service())
    }

    /// Prometheus text format.
    pub fn metrics(&self) -> String {
        let mut out = String::from("# TYPE konvolutt_letters_total counter\n");
        for (event, name) in EVENTS {
            let count = self.counts[event as usize].load(Ordering::Relaxed);
            let _ = writeln!(out, "konvolutt_letters_total{{event=\"{name}\"}} {count}");
        }
        out.push_str("# TYPE konvolutt_alarm gauge\n");
        let standing = self.standing();
        for alarm in Alarm::ALL {
            let on = standing.keys().filter(|(kind, _)| *kind == alarm).count();
            let _ = writeln!(out, "konvolutt_alarm{{kind=\"{}\"}} {on}", alarm.name());
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

    fn standing(&self) -> MutexGuard<'_, BTreeMap<(Alarm, String), String>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
