//! `konvolutt queue discard`: a letter that shall not be sent, removed for good.

use std::io::{self, IsTerminal};

use anyhow::bail;
use clap::Args;

use super::{each, find_exactly, name, show, when_free};
use crate::cli::Outcome;
use crate::cli::konvolutt::wrong_use;
use crate::store::{Listed, Shelf, State};
use konvolutt_letter::{Reference, printable};

/// A reason is a line, not a report.
const LONGEST_REASON: usize = 300;

/// Which letters, and why.
#[derive(Debug, Args)]
pub(in crate::cli) struct Discard {
    /// References or names.
    #[arg(required = true)]
    letter: Vec<String>,
    /// Does not ask: for scripts.
    #[arg(long)]
    yes: bool,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT", default_value = "no reason was given")]
    reason: String,
    /// Tells the outcome as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn discard(shelf: &dyn Shelf, letters: &[Listed], words: &Discard) -> Outcome {
    if !words.yes && (words.json || !io::stdin().is_terminal()) {
        wrong_use("nobody is asked here whether the letters shall go for good: say so with --yes");
    }
    let why: String = printable(&words.reason).chars().take(LONGEST_REASON).collect();
    let chosen = words
        .letter
        .iter()
        .map(|wanted| find_exactly(letters, wanted))
        .collect();
    let outcome = "is discarded; `konvolutt queue list --state discarded` keeps the record";
    let failed = each(chosen, words.json, outcome, |letter| {
        may_go(letter)?;
        if !words.yes && !is_meant(letter)? {
            bail!(
                "{} was not discarded: what was typed is not its reference",
                name(letter)
            );
        }
        when_free(letter, false, || shelf.discard(&letter.name, letter.state, &why))?;
        tell_what_stays(shelf, letter);
        Ok(())
    })?;
    Ok(failed == 0)
}

/// A letter may have come whole under the name of one that was corrupt: from a backup, or since its page was sent again.
fn tell_what_stays(shelf: &dyn Shelf, discarded: &Listed) {
    let other = shelf.show(&discarded.name).ok().flatten();
    if let Some(other) = other.filter(|other| other.state != State::Discarded) {
        let (gone, stays) = (show::word(discarded.state), show::word(other.state));
        eprintln!(
            "  only the {gone} letter went; another one under its name is {stays}, and stays: `konvolutt queue show {}`",
            name(&other)
        );
    }
}

fn may_go(letter: &Listed) -> anyhow::Result<()> {
    let who = name(letter);
    match letter.state {
        State::Held | State::Corrupt => Ok(()),
        State::Waiting => bail!("{who} waits, and may be sent at any moment; `konvolutt queue hold {who}` first"),
        State::Delivered => {
            bail!("{who} was delivered; the copy that is kept goes by itself after `spool.keep_delivered_days`")
        }
        State::Discarded => bail!("{who} is discarded already"),
    }
}

/// The reference a second time, typed by hand: nobody throws away what somebody wrote by a key too many.
fn is_meant(letter: &Listed) -> anyhow::Result<bool> {
    show::one(letter);
    println!(
        "\nThis removes the letter for good; nobody can read it or send it after that.\nType {} again to do so: ",
        name(letter)
    );
    let mut typed = String::new();
    io::stdin().read_line(&mut typed)?;
    let typed = typed.trim();
    let reference = Reference::parse(typed).map(|reference| reference.to_string());
    // A name that nobody can type is shown as nothing, and nothing is no answer.
    Ok(
        !typed.is_empty()
            && (typed == name(letter) || reference.is_some_and(|reference| reference == letter.reference)),
    )
}
