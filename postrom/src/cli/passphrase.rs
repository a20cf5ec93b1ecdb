//! Passphrases: from files, or at the terminal.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::bail;
use sequoia_openpgp::crypto::Password;

use super::terminal::Terminal;
use crate::i18n::Lang;
use crate::i18n::keys as texts;
use crate::keys::{Ask, Keys};
use crate::passphrase::{candidates, for_new_key, is_weak};

/// Tries at a terminal for each key.
const TRIES: u64 = 3;

/// Loads the keys of all files, and tells what a clerk should hear of them. One that cannot be used does not keep the
/// others from being used.
///
/// # Errors
/// When no key is left, or none of the passphrase files gives a passphrase.
pub fn load_keys(
    files: &[PathBuf],
    passphrase_files: &[PathBuf],
    lang: Lang,
    tell: &mut dyn FnMut(&str),
) -> anyhow::Result<Keys> {
    let mut passphrases = Passphrases::from_files(passphrase_files, lang, tell)?;
    let mut keys = Keys::default();
    let mut refused = Vec::new();
    for file in files {
        match keys.add(file, &mut |asked| passphrases.next(asked, lang)) {
            Ok(remarks) => remarks.iter().for_each(|remark| tell(&texts::remark(remark, lang))),
            Err(error) => refused.push(texts::error(&error, lang)),
        }
    }
    if keys.is_empty() {
        bail!("{}", refused.join("\n  "));
    }
    refused.iter().for_each(|sentence| tell(sentence));
    Ok(keys)
}

/// What may fit a key.
struct Passphrases {
    /// From files, and those that were typed for earlier keys.
    known: Vec<Password>,
    /// Whoever gives files wants no questions.
    asks: bool,
    /// The certificate that is asked about.
    about: String,
    /// Questions that it has cost so far.
    asked: u64,
}

impl Passphrases {
    /// A file that gives none does not keep the others from being used.
    fn from_files(files: &[PathBuf], lang: Lang, tell: &mut dyn FnMut(&str)) -> anyhow::Result<Self> {
        let (mut known, mut refused) = (Vec::new(), Vec::new());
        for file in files {
            match candidates(file) {
                Ok(read) => known.extend(read),
                Err(trouble) => refused.push(texts::passphrase_trouble(&trouble, lang)),
            }
        }
        if known.is_empty() && !refused.is_empty() {
            bail!("{}", refused.join("\n  "));
        }
        refused.iter().for_each(|sentence| tell(sentence));
        Ok(Self {
            known,
            asks: files.is_empty(),
            about: String::new(),
            asked: 0,
        })
    }

    fn next(&mut self, asked: &Ask<'_>, lang: Lang) -> Option<Password> {
        if self.about != asked.fingerprint {
            self.about.clone_from(&asked.fingerprint);
            self.asked = 0;
        }
        if let Some(known) = self.known.get(asked.refused) {
            return Some(known.clone());
        }
        if !self.asks {
            return None;
        }
        if self.asked > 0 {
            say(&texts::does_not_fit(TRIES - self.asked, lang));
        }
        if self.asked == TRIES {
            return None;
        }
        self.asked += 1;
        let typed = prompt(&texts::ask(asked, lang)).ok()?;
        self.known.push(typed.clone());
        Some(typed)
    }
}

/// What a new key is locked with, and whether that is easily guessed. `own` are the key's name and address.
///
/// # Errors
/// A sentence.
pub(super) fn new_passphrase(file: Option<&PathBuf>, own: &[&str], lang: Lang) -> anyhow::Result<(Password, bool)> {
    let words = texts::TEXTS.of(lang);
    let chosen = match file {
        Some(file) => {
            for_new_key(file).map_err(|trouble| anyhow::anyhow!(texts::new_passphrase_trouble(&trouble, lang)))?
        }
        None => {
            let first = prompt(words.new_passphrase).map_err(|_| anyhow::anyhow!(words.no_terminal))?;
            if is_empty(&first) {
                bail!("{}", words.empty_passphrase);
            }
            let second = prompt(words.once_more).map_err(|_| anyhow::anyhow!(words.no_terminal))?;
            if first != second {
                bail!("{}", words.differ);
            }
            first
        }
    };
    let weak = chosen.map(|bytes| is_weak(&String::from_utf8_lossy(bytes), own));
    Ok((chosen, weak))
}

fn is_empty(password: &Password) -> bool {
    password.map(|bytes| bytes.trim_ascii().is_empty())
}

/// Asks at the terminal, without showing what is typed. Ctrl-C ends the program as it does elsewhere, with the terminal as
/// it was.
fn prompt(question: &str) -> io::Result<Password> {
    let typed = Terminal::open()?.secret_line(question);
    match typed {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => super::terminal::end_by_interrupt(),
        typed => typed.map(Password::from),
    }
}

fn say(sentence: &str) {
    if let Ok(mut terminal) = Terminal::open() {
        // Nobody is there to be told otherwise.
        let _ = terminal.write_all(format!("{sentence}\n").as_bytes());
    }
}
