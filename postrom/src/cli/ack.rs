//! `postrom ack`: tells the server that a letter was opened. Reference and time, nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use konvolutt_letter::{Acknowledgement, Reference, fill, printable};

use super::{PROBLEM, WRONG_USE};
use crate::Status;
use crate::acknowledge::{acknowledgement, drop_file};
use crate::address::is_address;
use crate::i18n::ack::{AckTexts, TEXTS};
use crate::i18n::{Lang, inputs};
use crate::judged::Verdict;
use crate::trouble::Cause;

/// Where the words go.
#[derive(Debug, Args)]
pub(super) struct Ack {
    /// Folders of opened letters, as `postrom open` made them.
    #[arg(required = true)]
    letter: Vec<PathBuf>,
    /// Puts a drop file per letter into this folder, which the server reads.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Prints a mail to this address for each letter, to be given to a program that sends mail, such as `sendmail -t`.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "to")]
    mail: Option<String>,
    /// Who sends that mail.
    #[arg(long, value_name = "ADDRESS", requires = "mail")]
    from: Option<String>,
}

/// How the server is told.
enum Way<'a> {
    DropFile(&'a Path),
    Mail { from: &'a str, to: &'a str },
}

impl Ack {
    fn way(&self) -> Option<Way<'_>> {
        match (&self.to, &self.mail, &self.from) {
            (Some(directory), ..) => Some(Way::DropFile(directory)),
            (None, Some(to), Some(from)) => Some(Way::Mail { from, to }),
            _ => None,
        }
    }
}

/// Good when the server was told of each letter.
pub(super) fn ack(words: &Ack, lang: Lang) -> ExitCode {
    let Some(way) = words.way() else {
        say!("✗ {}", TEXTS.of(lang).no_way);
        return ExitCode::from(WRONG_USE);
    };
    let mut all = true;
    for folder in &words.letter {
        match one(folder, &way, lang) {
            Ok(reference) => say!("✓ {reference}"),
            // The other letters are acknowledged all the same.
            Err(sentence) => {
                say!("✗ {}: {sentence}", shown(folder));
                all = false;
            }
        }
    }
    ExitCode::from(if all { 0 } else { PROBLEM })
}

fn one(folder: &Path, way: &Way<'_>, lang: Lang) -> Result<Reference, String> {
    let t = TEXTS.of(lang);
    let why = |error: &std::io::Error| inputs::cause(lang, &Cause::from(error));
    let file = folder.join("status.json");
    let named = shown(&file);
    let unreadable = |error| fill(t.unreadable, &[("file", &named), ("why", &why(&error))]);
    let bytes = fs::read(&file).map_err(unreadable)?;
    let status: Status = serde_json::from_slice(&bytes).map_err(|_| fill(t.not_ours, &[("file", &named)]))?;
    let acknowledgement = acknowledgement(&status).ok_or_else(|| refused(&status, t))?;
    match way {
        Way::DropFile(directory) => drop_file(&acknowledgement, directory)
            .map_err(|error| fill(t.not_written, &[("folder", &shown(directory)), ("why", &why(&error))]))?,
        Way::Mail { from, to } => print!("{}", mail(&acknowledgement, from, to, t)?),
    }
    Ok(acknowledgement.reference)
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

fn refused(status: &Status, t: &AckTexts) -> String {
    let why = if status.verdict == Verdict::NotChecked && status.reference.is_some() {
        t.not_checked
    } else {
        t.not_genuine
    };
    why.into()
}

/// In the Subject and in the text: whichever of them arrives unharmed.
fn mail(acknowledgement: &Acknowledgement, from: &str, to: &str, t: &AckTexts) -> Result<String, String> {
    for address in [from, to] {
        if !is_address(address) {
            return Err(fill(t.no_address, &[("address", &printable(address))]));
        }
    }
    let date = jiff::Zoned::now().strftime("%a, %d %b %Y %H:%M:%S %z");
    Ok(format!(
        "From: {from}\r\nTo: {to}\r\nDate: {date}\r\nSubject: {acknowledgement}\r\nAuto-Submitted: auto-generated\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n{acknowledgement}\r\n"
    ))
}
