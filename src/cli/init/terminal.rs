//! Questions at a terminal, one of them without showing what is typed.
//!
//! What always holds: the terminal shows what is typed again when the question is over, also after Ctrl-C, which ends the
//! question and with it the program, before anything was written.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};

use anyhow::{Context, bail};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

const CTRL_C: u8 = 3;
/// A terminal gives no longer lines.
const LONGEST: usize = 4096;

/// The terminal of whoever started the program.
pub(super) struct Terminal(File);

impl Terminal {
    /// None in a script, whose standard input is no terminal: it gives flags.
    pub(super) fn open() -> Option<Self> {
        let there = io::stdin().is_terminal();
        let file = there.then(|| File::options().read(true).write(true).open("/dev/tty").ok());
        file.flatten().map(Self)
    }

    /// Shows a text.
    pub(super) fn say(&mut self, text: &str) -> anyhow::Result<()> {
        writeln!(self.0, "{text}").context("the terminal is gone")
    }

    /// Asks until the answer is one; an empty line stands for the default.
    pub(super) fn ask<T>(
        &mut self,
        question: &str,
        default: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> anyhow::Result<T> {
        let shown = default.map_or_else(String::new, |default| format!(" [{default}]"));
        loop {
            write!(self.0, "{question}{shown}: ")?;
            let line = self.line()?;
            let typed = line.trim();
            let answer = if typed.is_empty() {
                default.unwrap_or_default()
            } else {
                typed
            };
            match read(answer) {
                Ok(answer) => return Ok(answer),
                Err(why) => self.say(&format!("  ✗ {why}"))?,
            }
        }
    }

    /// Asks for what nobody may read over a shoulder.
    pub(super) fn secret(&mut self, question: &str) -> anyhow::Result<Zeroizing<String>> {
        // Silent before it asks: nobody is faster than the question.
        let silence = Silence::begin(&self.0)?;
        write!(self.0, "{question}: ")?;
        let line = self.line();
        drop(silence);
        // The line end that was typed is not shown either.
        self.say("")?;
        line
    }

    fn line(&mut self) -> anyhow::Result<Zeroizing<String>> {
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
        let mut one = [0];
        // Byte by byte: what follows the line is the next question's answer.
        loop {
            if self.0.read(&mut one)? == 0 || one[0] == CTRL_C {
                bail!("the questions were broken off; nothing was written");
            }
            if one[0] == b'\n' || line.len() == LONGEST {
                break;
            }
            line.push(one[0]);
        }
        let text = std::str::from_utf8(&line).context("what was typed is not UTF-8; set the terminal to it")?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

/// The terminal does not show what is typed until this is dropped.
struct Silence(File, Termios);

impl Silence {
    fn begin(terminal: &File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        // Ctrl-C ends the line instead of the program, which has to give the terminal back first.
        silent
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG);
        silent.local_modes.insert(LocalModes::ICANON);
        silent.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        tcsetattr(terminal, OptionalActions::Now, &silent)?;
        Ok(Self(terminal.try_clone()?, before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // It is gone when this fails.
        let _ = tcsetattr(&self.0, OptionalActions::Now, &self.1);
    }
}
