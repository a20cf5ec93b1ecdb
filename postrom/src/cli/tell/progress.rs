//! How far a run has come.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::i18n::Lang;
use crate::i18n::cli as texts;

/// How often it is shown.
const PACE: Duration = Duration::from_millis(100);

/// How far the run has come: one line on a terminal, written over.
pub(super) struct Progress {
    shown: bool,
    done: u64,
    all: u64,
    last: Option<Instant>,
    wanted: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            shown: false,
            done: 0,
            all: 0,
            last: None,
            wanted: io::stderr().is_terminal(),
        }
    }

    pub(super) fn found(&mut self, lang: Lang) {
        self.all += 1;
        self.show(lang);
    }

    pub(super) fn told(&mut self, lang: Lang) {
        self.done += 1;
        self.show(lang);
    }

    fn show(&mut self, lang: Lang) {
        if !self.wanted || self.last.is_some_and(|last| last.elapsed() < PACE) {
            return;
        }
        self.last = Some(Instant::now());
        self.shown = true;
        self.write(&format!("\r\x1b[K{}", texts::progress(self.done, self.all, lang)));
    }

    /// Progress that cannot be shown is none that is missed.
    fn write(&self, text: &str) {
        let mut terminal = io::stderr();
        let _ = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
    }

    pub(super) fn clear(&mut self) {
        if self.shown {
            self.write("\r\x1b[K");
            self.shown = false;
        }
    }
}
