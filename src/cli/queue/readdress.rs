//! `konvolutt queue readdress`: a letter that was taken for a wrong mailbox goes to another.

use anyhow::{Context, bail};
use clap::Args;

use super::{each, find_exactly, name, not_ours, when_free};
use crate::cli::Outcome;
use crate::config::{Config, MailboxSettings};
use crate::seal::{CertificateRole, SealedTo};
use crate::store::{Listed, Shelf, State};

/// Which letters, and where they go.
#[derive(Debug, Args)]
pub(in crate::cli) struct Readdress {
    /// References or names.
    #[arg(required = true)]
    letter: Vec<String>,
    /// Name of the mailbox in the configuration.
    #[arg(long, value_name = "NAME")]
    mailbox: String,
    /// Also when no daily certificate of that mailbox opens them.
    #[arg(long)]
    anyway: bool,
    /// Tells the outcome as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn readdress(config: &Config, shelf: &dyn Shelf, letters: &[Listed], words: &Readdress) -> Outcome {
    let mailbox = mailbox(config, &words.mailbox)?;
    let chosen = words
        .letter
        .iter()
        .map(|wanted| find_exactly(letters, wanted))
        .collect();
    let outcome = format!("goes to {} ({}) now", mailbox.name, mailbox.address);
    let failed = each(chosen, words.json, &outcome, |letter| {
        may_go(letter, mailbox)?;
        if !words.anyway {
            can_be_opened(shelf, letter, mailbox)?;
        }
        when_free(letter, false, || shelf.readdress(&letter.name, &mailbox.name))
    })?;
    Ok(failed == 0)
}

fn mailbox<'a>(config: &'a Config, wanted: &str) -> anyhow::Result<&'a MailboxSettings> {
    let found = config.mailboxes.iter().find(|mailbox| mailbox.name == wanted);
    found.with_context(|| {
        let names: Vec<_> = config.mailboxes.iter().map(|mailbox| mailbox.name.as_str()).collect();
        format!(
            "the configuration has no mailbox `{wanted}`; it has: {}",
            names.join(", ")
        )
    })
}

fn may_go(letter: &Listed, mailbox: &MailboxSettings) -> anyhow::Result<()> {
    match letter.state {
        State::Corrupt => bail!("{}", not_ours(letter)),
        State::Discarded => bail!("{} was discarded, and is there no more", name(letter)),
        _ if letter.mailbox == mailbox.name => bail!(
            "{} is for the mailbox `{}` already; `konvolutt queue retry` sends it to the address that the configuration has now",
            name(letter),
            mailbox.name
        ),
        _ => Ok(()),
    }
}

/// By the letter itself, which names the keys that it was sealed to: whatever the configuration said then.
fn can_be_opened(shelf: &dyn Shelf, letter: &Listed, mailbox: &MailboxSettings) -> anyhow::Result<()> {
    let who = name(letter);
    let unread = || format!("whom {who} is sealed to could not be read; add --anyway to send it all the same");
    let sealed = shelf.letter(&letter.name).with_context(unread)?.with_context(unread)?;
    let sealed = SealedTo::read(sealed.mail()).with_context(unread)?;
    let daily = mailbox.pins.iter().filter(|pin| pin.role == CertificateRole::Daily);
    for pin in daily {
        let cert = pin.read();
        let cert = cert.with_context(|| format!("{} cannot be used", pin.file.display()))?;
        if sealed.opens_with(&cert) {
            return Ok(());
        }
    }
    bail!(
        "{who} is sealed to no daily certificate of `{}`: the post room there could not open it. Name a mailbox whose post \
         room has the key, or add --anyway",
        mailbox.name
    )
}
