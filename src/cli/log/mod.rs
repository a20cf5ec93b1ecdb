//! The log: one line per event, to the journal or to standard error.
//!
//! Comes in: what this program's own code says. What its libraries say is left out at every level: what they say of a request could
//! hold what a citizen wrote. Goes out: lines without a citizen's words, and with times by the minute. What always holds: a
//! line about a letter that another program would put a time to, to the microsecond, waits for the next step of five minutes, also a
//! warning; errors and alarms never wait. What waited is written by a thread of its own or at the end, and a journal that is stuck
//! keeps nobody for longer than one line takes.

mod held;
mod human;
mod journal;
mod json;
mod line;

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use clap::ValueEnum;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::unix_time;
use held::Held;
use journal::Journal;
use line::Line;

/// How lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Style {
    /// By the journal's own protocol where standard error is the journal, else for people.
    #[default]
    Auto,
    /// One line for people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Where lines go.
enum Outlet {
    Journal(Journal),
    Human,
    Json,
}

impl Outlet {
    fn new(style: Style) -> Self {
        match style {
            Style::Auto => Journal::of_standard_error().map_or(Outlet::Human, Outlet::Journal),
            Style::Human => Outlet::Human,
            Style::Json => Outlet::Json,
        }
    }

    fn write(&self, line: &Line) {
        match self {
            Outlet::Journal(journal) => journal.write(line),
            Outlet::Human => to_standard_error(human::text(line, SystemTime::now())),
            Outlet::Json => to_standard_error(json::text(line, SystemTime::now())),
        }
    }

    /// Another program puts a time to each line: the journal, or whoever reads a pipe. A terminal does not, nor does a file.
    fn is_stamped(&self) -> bool {
        use rustix::fs::FileType;
        let kind = || rustix::fs::fstat(std::io::stderr()).map(|meta| FileType::from_raw_mode(meta.st_mode));
        matches!(self, Outlet::Journal(_)) || matches!(kind(), Ok(FileType::Fifo | FileType::Socket))
    }
}

/// One line in one piece: another process may write to the same place. A log that nobody can read ends nothing.
fn to_standard_error(mut line: String) {
    line.push('\n');
    let _ = std::io::stderr().write_all(line.as_bytes());
}

struct Log {
    outlet: Outlet,
    held: Held,
}

impl Log {
    fn take(&self, line: Line) {
        // Whoever logs, a thread of the runtime, is not to write what waited for others: that may be thousands of lines.
        if let Some(now) = self.held.keep(line) {
            self.outlet.write(&now);
        }
    }

    /// Writes what waited for a step that has come.
    fn release(&self, now: SystemTime) {
        self.held.release(now).iter().for_each(|line| self.outlet.write(line));
    }

    fn flush(&self) {
        self.held.all().iter().for_each(|line| self.outlet.write(line));
    }
}

/// The layer of this program's own lines.
struct Lines(Arc<Log>);

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.0.take(Line::of(event));
    }
}

/// The log of this process, for what is to be done with it beside writing.
static LOG: OnceLock<Arc<Log>> = OnceLock::new();

/// Starts the log. `RUST_LOG` chooses the level (`error` to `trace`; default `info`) for this program's own lines. The journal is
/// connected to here, before the sandbox is closed.
pub(super) fn start(style: Style) {
    let outlet = Outlet::new(style);
    let step = outlet.is_stamped().then_some(crate::alarms::STEP);
    let log = Arc::new(Log {
        outlet,
        held: Held::new(step, SystemTime::now()),
    });
    // A second start in one process (the demo's own test) keeps the first.
    if LOG.set(log.clone()).is_err() {
        return;
    }
    let level = level(std::env::var("RUST_LOG").ok().as_deref());
    let lines = Lines(log).with_filter(Targets::new().with_target("konvolutt", level));
    // The text of a panic may hold what a citizen typed: its place is enough to find the fault.
    std::panic::set_hook(Box::new(|panic| {
        konvolutt_letter::program::end_if_nobody_reads(panic);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a fault in the program ended a task");
    }));
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// Unset and empty are `info`, and so is what is no level: an empty text would be read as `error`, and the log would keep
/// silent about all but the worst.
fn level(wanted: Option<&str>) -> LevelFilter {
    let wanted = wanted.unwrap_or_default();
    let wanted = wanted.strip_prefix("konvolutt=").unwrap_or(wanted).trim();
    let level = (!wanted.is_empty()).then(|| wanted.parse().ok()).flatten();
    level.unwrap_or(LevelFilter::INFO)
}

/// Writes what waited, each time that a step has come, also while nothing else happens. On a thread of its own, once threads
/// are in the sandbox.
///
/// # Errors
/// When there can be no further thread.
pub(super) fn keep_releasing() -> std::io::Result<()> {
    let Some(log) = LOG.get().filter(|log| log.held.step().is_some()).cloned() else {
        return Ok(());
    };
    let step = log.held.step().unwrap_or_default();
    let work = move || {
        loop {
            let into = unix_time::seconds(SystemTime::now()) % step;
            std::thread::sleep(Duration::from_secs(step - into));
            log.release(SystemTime::now());
        }
    };
    std::thread::Builder::new().name("log".to_owned()).spawn(work).map(drop)
}

/// Writes what still waits: to be called at the end of the program.
pub(super) fn flush() {
    if let Some(log) = LOG.get() {
        log.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The journal may be stuck, and a thread of the runtime has visitors waiting.
    #[test]
    fn who_logs_does_not_write_what_waited() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let journald = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
        journald.set_nonblocking(true).unwrap();
        let log = Log {
            outlet: Outlet::Journal(Journal::connect(&path).unwrap()),
            // A step that is long over.
            held: Held::new(Some(300), std::time::UNIX_EPOCH),
        };
        let told = || {
            let mut bytes = [0; 4096];
            let length = journald.recv(&mut bytes).ok()?;
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            Some(text.lines().next()?.to_owned())
        };
        let of_letter = |level| line::tests::of_letter(level, "a letter", "UJZ-52RN-FJC");
        assert_eq!(log.held.keep(of_letter(tracing::Level::WARN)), None);
        log.take(Line {
            fields: Vec::new(),
            ..of_letter(tracing::Level::INFO)
        });
        assert_eq!(told().as_deref(), Some("MESSAGE=a letter"));
        assert_eq!(told(), None);
        log.release(SystemTime::now());
        let waited = "MESSAGE=a letter reference=UJZ-52RN-FJC attempts=2";
        assert_eq!(told().as_deref(), Some(waited));
    }

    #[test]
    fn the_level_is_info_unless_another_is_chosen() {
        for unset in [None, Some(""), Some(" "), Some("konvolutt="), Some("garbage")] {
            assert_eq!(level(unset), LevelFilter::INFO, "{unset:?}");
        }
        for (wanted, chosen) in [
            ("error", LevelFilter::ERROR),
            ("WARN", LevelFilter::WARN),
            ("konvolutt=trace", LevelFilter::TRACE),
            ("off", LevelFilter::OFF),
        ] {
            assert_eq!(level(Some(wanted)), chosen, "{wanted}");
        }
    }
}
