//! Words, exit codes, and the wiring of both programs.
//!
//! Exit code 0: good. 1: a problem was found or work was refused. 2: wrong use.

#![allow(clippy::print_stdout, clippy::print_stderr)] // this room alone talks to people

#[cfg(feature = "postroom")]
mod ack;
#[cfg(feature = "server")]
mod alarms;
#[cfg(feature = "server")]
mod app;
#[cfg(feature = "server")]
mod beside;
#[cfg(feature = "server")]
mod check;
#[cfg(all(feature = "server", feature = "postroom"))]
mod demo;
#[cfg(feature = "server")]
mod keys;
#[cfg(feature = "server")]
pub mod konvolutt;
#[cfg(feature = "server")]
mod log;
#[cfg(feature = "postroom")]
pub mod postrom;
#[cfg(feature = "server")]
mod queue;
#[cfg(feature = "server")]
pub mod sandbox;
#[cfg(feature = "server")]
mod send_test;
#[cfg(feature = "server")]
mod serve;
#[cfg(feature = "server")]
mod systemd;
#[cfg(feature = "server")]
mod texts;

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;

/// Ends quietly when nobody reads on (`… | head`): printing panics then, which is no fault of ours.
fn end_if_nobody_reads(fault: &std::panic::PanicHookInfo<'_>) {
    let text = fault.payload().downcast_ref::<String>();
    if text.is_some_and(|text| text.starts_with("failed printing to") && text.contains("Broken pipe")) {
        // 128 + SIGPIPE, as a shell tells it.
        std::process::exit(141);
    }
}

/// What a command came to.
type Outcome = anyhow::Result<bool>;

/// Turns an outcome into an exit code; an error is told on standard error, cause by cause.
fn exit(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("✗ {error:#}");
            ExitCode::from(1)
        }
    }
}

/// A moment for a listing, to the minute.
#[cfg(feature = "server")]
fn time(seconds: u64) -> String {
    let time = i64::try_from(seconds)
        .ok()
        .and_then(|s| jiff::Timestamp::from_second(s).ok());
    time.map_or_else(|| "?".into(), |time| time.strftime("%Y-%m-%d %H:%MZ").to_string())
}

/// Writes a file that did not exist, readable by its owner alone.
fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_new(path, bytes, 0o600)
}

/// Writes a file that did not exist.
fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let open = || OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let write = |mut file: File| file.write_all(bytes).and_then(|()| file.sync_all());
    open().and_then(write).map_err(named)
}
