//! `postrom desk-look`: what looks at citizens' files. The desk starts it; nobody else needs it.

use std::process::{Command, ExitCode};

use super::LOOK;
use crate::cli::PROBLEM;
use crate::cli::open::own_program;
use crate::desk::look;
use crate::desk::worker::Start;

/// How the process that looks at a file is started.
pub(super) fn starter() -> Start {
    Box::new(|| {
        let mut command = Command::new(own_program());
        command.arg(LOOK);
        command
    })
}

/// What that process does.
pub(super) fn main() -> ExitCode {
    match look::obey() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            say!("✗ {error}");
            ExitCode::from(PROBLEM)
        }
    }
}
