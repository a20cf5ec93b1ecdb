//! The log: standard error, one line per event, times by the minute.

use std::fmt;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Times to the minute: enough to find a fault, too little to prove who sent something at 21:04:17.
struct Minutes;

impl FormatTime for Minutes {
    fn format_time(&self, out: &mut Writer<'_>) -> fmt::Result {
        write!(out, "{}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%MZ"))
    }
}

/// Starts the log. `RUST_LOG` chooses the level (`error` to `trace`; default `info`) for this program's own lines. Those
/// of the libraries are left out at every level: what they say of a request could hold what a citizen wrote.
pub(super) fn start() {
    let wanted = std::env::var("RUST_LOG").unwrap_or_default();
    let wanted = wanted.strip_prefix("konvolutt=").unwrap_or(&wanted);
    let level = wanted.parse().unwrap_or(LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_timer(Minutes)
        .with_target(false)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .with_filter(Targets::new().with_target("konvolutt", level));
    let log = tracing_subscriber::registry().with(lines);
    // The text of a panic may hold what a citizen typed: its place is enough to find the fault.
    std::panic::set_hook(Box::new(|panic| {
        konvolutt_letter::program::end_if_nobody_reads(panic);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a fault in the program ended a task");
    }));
    // A second start in one process (the demo's own test) keeps the first.
    let _ = log.try_init();
}
