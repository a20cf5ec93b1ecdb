//! The log: standard error, one line per event, times by the minute.

use std::fmt;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// Times to the minute: enough to find a fault, too little to prove who sent something at 21:04:17.
struct Minutes;

impl FormatTime for Minutes {
    fn format_time(&self, out: &mut Writer<'_>) -> fmt::Result {
        write!(out, "{}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%MZ"))
    }
}

/// Starts the log. `RUST_LOG` chooses the level (default: `konvolutt=info`).
pub(super) fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("konvolutt=info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_timer(Minutes)
        .with_target(false)
        .with_ansi(false)
        .with_writer(std::io::stderr);
    // The text of a panic may hold what somebody typed: its place is enough to find the fault.
    std::panic::set_hook(Box::new(|panic| {
        super::end_if_nobody_reads(panic);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a fault in the program ended a task");
    }));
    // A second start in one process (the demo's own test) keeps the first.
    let _ = log.try_init();
}
