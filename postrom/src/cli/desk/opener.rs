//! `postrom desk-opener`: what opens letters for the desk. The desk starts it; nobody else needs it.

use std::io;
use std::process::{Command, ExitCode};

use super::OPENER;
use crate::cli::PROBLEM;
use crate::cli::open::{complain, own_program};
use crate::desk::worker::{self, Start};

/// How the process that opens for the desk is started.
pub(super) fn starter() -> Start {
    Box::new(|| {
        let mut command = Command::new(own_program());
        command.arg(OPENER);
        command
    })
}

/// What that process does.
pub(super) fn main() -> ExitCode {
    match worker::obey() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string(), PROBLEM),
    }
}
