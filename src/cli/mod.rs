//! The command line: words, exit codes, and the wiring of it all.
//!
//! Exit code 0: good. 1: a problem was found or work was refused. 2: wrong use.

#![allow(clippy::print_stdout, clippy::print_stderr)] // this module alone prints

mod alarms;
mod app;
mod background;
mod certificates;
mod check;
#[cfg_attr(not(feature = "postgres"), path = "without_database.rs")]
mod database;
#[cfg_attr(not(feature = "demo"), path = "no_demo.rs")]
mod demo;
mod down;
mod front;
mod init;
mod keys;
pub mod konvolutt;
mod log;
mod once;
mod promise;
mod queue;
mod reader;
mod receipt;
mod reload;
mod runtime;
pub mod sandbox;
mod send_test;
mod serve;
mod server;
mod service_user;
mod store;
mod stores;
mod systemd;
mod texts;
mod unseen;
mod user;

use anyhow::Context;

use crate::diagnostic::Diagnostic;

/// What a command came to.
type Outcome = anyhow::Result<bool>;

/// Protects this process's memory and files, and says so in the log where the machine does not allow all of it.
fn protect() -> anyhow::Result<()> {
    let warning = konvolutt_letter::harden::process().context("the process could not be protected")?;
    if let Some(warning) = warning {
        tracing::warn!("{warning}");
    }
    Ok(())
}

/// A diagnostic on one line.
fn sentence(found: &Diagnostic) -> String {
    let file = found.file.as_ref().map(|file| file.display().to_string());
    let place = match (file, found.line) {
        (Some(file), Some(line)) => format!("{file}:{line}: "),
        (Some(file), None) => format!("{file}: "),
        _ => String::new(),
    };
    format!("{place}{} {}", found.what, found.remedy)
}

/// A moment for a listing, to the minute.
fn time(seconds: u64) -> String {
    let time = i64::try_from(seconds)
        .ok()
        .and_then(|s| jiff::Timestamp::from_second(s).ok());
    time.map_or_else(|| "?".into(), |time| time.strftime("%Y-%m-%d %H:%MZ").to_string())
}
