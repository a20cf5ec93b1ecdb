//! Standard output, a line at a time.

use std::io::{self, IsTerminal, Write};

use crate::trouble::Cause;

/// Standard output, which may take no more.
pub(super) struct Output {
    /// Why it takes no more.
    pub(super) broken: Option<Cause>,
    /// It is a pipe whose reader is gone.
    pub(super) closed: bool,
    colour: bool,
}

impl Output {
    pub(super) fn new() -> Self {
        Self {
            broken: None,
            closed: false,
            colour: io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        }
    }

    pub(super) fn line(&mut self, line: &str) {
        if self.broken.is_some() || self.closed {
            return;
        }
        let grey = self.colour && line.starts_with('·');
        let (begin, end) = if grey { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
        let mut out = io::stdout().lock();
        let written = writeln!(out, "{begin}{line}{end}").and_then(|()| out.flush());
        if let Err(error) = written {
            if error.kind() == io::ErrorKind::BrokenPipe {
                self.closed = true;
            } else {
                self.broken = Some(Cause::from(&error));
            }
        }
    }
}
