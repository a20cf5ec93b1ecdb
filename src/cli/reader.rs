//! The process that reads the configuration again for a service in its sandbox.
//!
//! A service may not open its own configuration: beside it lie secrets, and a file that is replaced by renaming is another
//! file, so a rule for the file alone would soon be stale. So a second process of this program is started before the sandbox
//! is entered. It hears one thing, that the file is to be read, and answers with the text and every problem that `check` finds in
//! it. Whoever takes the service over can make it read the same file again, which holds no secret, and that is all.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::runtime::pass_over_hangup;
use super::{Outcome, sentence};
use crate::config::{Overrides, inspect_text};
use crate::diagnostic::Severity;
use crate::relay::AddressBook;

/// The hidden command by which this program becomes the reader of another process of it.
pub(super) const READER: &str = "config-reader";

/// No answer is longer.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Where the configuration came from.
pub(super) struct Source {
    pub(super) reader: Reader,
    pub(super) path: PathBuf,
    pub(super) overrides: Overrides,
    /// The file as the service was started with it.
    pub(super) started: String,
}

impl Source {
    /// To be made before the sandbox is entered.
    pub(super) fn open(path: &Path, overrides: &Overrides) -> anyhow::Result<Self> {
        Ok(Self {
            reader: Reader::spawn(path, overrides)
                .context("the process that reads the configuration again cannot be started")?,
            path: path.to_owned(),
            overrides: overrides.clone(),
            started: std::fs::read_to_string(path)?,
        })
    }
}

/// What was read.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Reading {
    /// The file.
    pub(super) text: String,
    /// What does not work, as sentences.
    pub(super) problems: Vec<String>,
    /// Where the relay delivers to, when the file can be used.
    pub(super) addresses: Option<AddressBook>,
}

/// The end of it that stays in the sandbox.
pub(super) struct Reader(Mutex<Pipes>);

struct Pipes {
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Reader {
    fn spawn(path: &Path, overrides: &Overrides) -> io::Result<Self> {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new("/proc/self/exe");
        command.arg(READER).args(words(path, overrides));
        // In a group of its own: a signal for the service is not for it. It ends when its pipe does.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut child = command.spawn()?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let from = BufReader::new(from);
        Ok(Self(Mutex::new(Pipes { to, from })))
    }

    /// Has the configuration read. Blocks until that is done.
    pub(super) fn ask(&self) -> Result<Reading, String> {
        let mut pipes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = pipes.exchange();
        answer.map_err(|error| format!("the process that reads it is gone ({error}); restart the service"))
    }
}

/// The words of the second process. Those of this one belong to `serve`, which knows more of them: any that the reader does not
/// know would end it.
fn words(path: &Path, overrides: &Overrides) -> Vec<OsString> {
    let Overrides {
        listen,
        health,
        spool,
        role,
    } = overrides;
    // In one word, so that a value may begin with a dash.
    let word = |name: &str, value: &OsStr| {
        let mut word = OsString::from(format!("--{name}="));
        word.push(value);
        word
    };
    let told = |name: &str, value: Option<String>| value.map(|value| word(name, value.as_ref()));
    let role = role.to_possible_value().map(|role| role.get_name().to_owned());
    let mut all = vec![word("config", path.as_os_str())];
    all.extend(spool.as_ref().map(|spool| word("spool", spool.as_os_str())));
    all.extend(told("listen", listen.as_ref().map(ToString::to_string)));
    all.extend(told("health", health.as_ref().map(ToString::to_string)));
    all.extend(told("role", role));
    all
}

impl Pipes {
    fn exchange(&mut self) -> io::Result<Reading> {
        self.to.write_all(b"\n")?;
        let mut line = String::new();
        (&mut self.from).take(LONGEST).read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

/// The second process: reads each time that it is asked, until nobody can ask any more.
pub(super) fn serve_reader(path: &Path, overrides: &Overrides) -> Outcome {
    super::protect()?;
    pass_over_hangup()?;
    // One byte is one question, so that nothing is kept of what a half that was taken over writes.
    for asked in io::stdin().lock().bytes() {
        asked?;
        let answer = serde_json::to_string(&read(path, overrides))?;
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(true)
}

/// Reads the file once: what was judged is what is handed over.
pub(super) fn read(path: &Path, overrides: &Overrides) -> Reading {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            return Reading {
                problems: vec![format!("{} cannot be read: {error}.", path.display())],
                ..Reading::default()
            };
        }
    };
    let found = inspect_text(path, text.clone(), overrides);
    let problems = found.diagnostics.iter();
    let problems = problems.filter(|found| found.severity == Severity::Problem);
    Reading {
        text,
        problems: problems.map(sentence).collect(),
        addresses: found.config.map(|config| config.mail.addresses),
    }
}
