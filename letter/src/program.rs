//! What both programs do alike.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::private_file;

/// Turns an outcome into an exit code: good, a problem or refused work. An error is printed on standard error, cause by
/// cause.
#[allow(clippy::print_stderr)] // both programs talk to people here
pub fn exit<E: fmt::Display>(outcome: Result<bool, E>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("✗ {error:#}");
            ExitCode::from(1)
        }
    }
}

/// Ends quietly when the reader of a pipe is gone (`… | head`): printing panics then, which is no fault of ours.
pub fn end_if_nobody_reads(fault: &std::panic::PanicHookInfo<'_>) {
    if not_printed(fault).is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        // 128 + SIGPIPE, as a shell tells it.
        std::process::exit(141);
    }
}

/// Why `println!` panicked, when it was that.
pub fn not_printed(fault: &std::panic::PanicHookInfo<'_>) -> Option<io::Error> {
    let text = fault.payload().downcast_ref::<String>()?;
    let why = text.strip_prefix("failed printing to")?;
    let number = why
        .rsplit_once("(os error ")
        .and_then(|(_, number)| number.strip_suffix(')')?.parse().ok());
    Some(number.map_or_else(|| io::Error::other("not printed"), io::Error::from_raw_os_error))
}

/// Writes a file that did not exist, readable by its owner alone.
///
/// # Errors
/// When it exists, or what the disk says, with the file's name.
pub fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_new(path, bytes, 0o600)
}

/// Writes a file that did not exist, with these permissions where the system has them.
///
/// # Errors
/// When it exists, or what the disk says, with the file's name.
pub fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let write = |mut file: File| file.write_all(bytes).and_then(|()| file.sync_all());
    private_file::create(path, mode).and_then(write).map_err(named)
}
