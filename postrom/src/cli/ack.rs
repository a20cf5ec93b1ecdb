//! `postrom ack`: tells the server that a letter was opened. Reference and time, nothing else.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;

use super::Outcome;
use crate::address::is_address;
use crate::{Status, Verdict};
use konvolutt_letter::{Acknowledgement, Reference};

/// Where the words go.
#[derive(Debug, Args)]
pub(super) struct Ack {
    /// Folders of opened letters, as `postrom open` made them.
    #[arg(required = true)]
    letter: Vec<PathBuf>,
    /// Puts a drop file per letter into this folder, which the server reads.
    #[arg(long, value_name = "DIR", required_unless_present = "mail")]
    to: Option<PathBuf>,
    /// Prints a mail to this address for each letter, to be given to a program that sends mail, such as `sendmail -t`.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "to", requires = "from")]
    mail: Option<String>,
    /// Who sends that mail.
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
}

pub(super) fn ack(words: &Ack) -> Outcome {
    let mut all = true;
    for folder in &words.letter {
        match one(folder, words) {
            Ok(reference) => eprintln!("✓ {reference}"),
            // The other letters are acknowledged all the same.
            Err(error) => {
                eprintln!("✗ {}: {error:#}", folder.display());
                all = false;
            }
        }
    }
    Ok(all)
}

fn one(folder: &Path, words: &Ack) -> anyhow::Result<Reference> {
    let file = folder.join("status.json");
    let bytes = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let status: Status = serde_json::from_slice(&bytes).context("status.json is not one of postrom's")?;
    let Some(acknowledgement) = acknowledgement(&status) else {
        bail!("this letter did not come through the form, so that nobody waits for its acknowledgement");
    };
    match (&words.to, &words.mail, &words.from) {
        (Some(directory), ..) => drop_file(&acknowledgement, directory)?,
        (None, Some(to), Some(from)) => print!("{}", mail(&acknowledgement, from, to)?),
        _ => bail!("name --to DIR, or --mail ADDRESS with --from ADDRESS"),
    }
    Ok(acknowledgement.reference)
}

/// What can be said of a letter: nothing of one that is forged or of another kind.
pub(super) fn acknowledgement(status: &Status) -> Option<Acknowledgement> {
    let known = matches!(status.verdict, Verdict::Genuine | Verdict::NotChecked);
    let reference = Reference::parse(status.reference.as_deref()?).filter(|_| known)?;
    Some(Acknowledgement::new(
        reference,
        status.id.as_deref()?,
        jiff::Timestamp::now(),
    ))
}

/// Whole, or not at all: the server may look at any moment.
pub(super) fn drop_file(acknowledgement: &Acknowledgement, directory: &Path) -> anyhow::Result<()> {
    let name = acknowledgement.reference.to_string();
    let (fresh, file) = (
        directory.join(format!(".{name}.fresh")),
        directory.join(format!("{name}.ack")),
    );
    let write = || -> std::io::Result<()> {
        let mut out = File::create(&fresh)?;
        writeln!(out, "{acknowledgement}")?;
        out.sync_all()?;
        fs::rename(&fresh, &file)
    };
    write().with_context(|| format!("{} cannot be written", file.display()))
}

/// In the Subject and in the text: whichever of them arrives unharmed.
fn mail(acknowledgement: &Acknowledgement, from: &str, to: &str) -> anyhow::Result<String> {
    for address in [from, to] {
        if !is_address(address) {
            bail!("{address:?} is not a mail address");
        }
    }
    let date = jiff::fmt::rfc2822::to_string(&jiff::Zoned::now())?;
    Ok(format!(
        "From: {from}\r\nTo: {to}\r\nDate: {date}\r\nSubject: {acknowledgement}\r\nAuto-Submitted: auto-generated\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n{acknowledgement}\r\n"
    ))
}
