//! `konvolutt queue`: the spool without its content.

mod discard;
mod readdress;
mod show;

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::json;

use super::{Outcome, time};
use crate::config::Config;
use crate::store::{Listed, Shelf, ShelfError, State};
use konvolutt_letter::{Reference, printable};

/// Most deliveries end within this time.
const PATIENCE: Duration = Duration::from_secs(15);
/// So many symbols of a name tell one letter from all others, whatever comes later.
const SURELY: usize = 12;
/// More letters than this are not told one by one.
const TOLD: usize = 20;

/// What to do with the queue.
#[derive(Debug, Subcommand)]
pub(super) enum Queue {
    /// Lists every letter in the spool, also the delivered ones that are still kept. With `--state discarded` what is
    /// recorded of letters that are there no more.
    List {
        /// Only those in this state.
        #[arg(long, value_enum)]
        state: Option<Wanted>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows one letter: reference or name in the spool.
    Show {
        /// Reference (`K7F-3K9Q-2MJ`) or name.
        letter: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tries letters again now; also such that are held or were delivered. With --all every waiting one.
    Retry(Which),
    /// Takes waiting letters out of the queue and keeps them.
    Hold(Which),
    /// Puts held letters back into the queue. With --all every one: after the mail server was wrong about them.
    Release(Which),
    /// Gives letters another mailbox of the configuration, and puts them back into the queue.
    Readdress(readdress::Readdress),
    /// Throws held or corrupt letters away for good, and keeps a record of that. Asks before, unless --yes is given.
    Discard(discard::Discard),
}

/// A state, as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Wanted {
    Waiting,
    Held,
    Delivered,
    Corrupt,
    Discarded,
}

/// Which letters.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// References or names.
    #[arg(required_unless_present = "all")]
    letter: Vec<String>,
    /// Every letter that this can be done with.
    #[arg(long, conflicts_with = "letter")]
    all: bool,
    /// Tells the outcome as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Retry,
    Hold,
    Release,
}

/// The whole configuration is read only by what needs it: at three in the morning nothing else shall be said to be wrong.
pub(super) fn queue(config: &dyn Fn() -> anyhow::Result<Config>, shelf: &dyn Shelf, command: &Queue) -> Outcome {
    let mut letters = shelf.list().context("the spool cannot be read")?;
    if !matches!(command, Queue::List { .. }) {
        put_meant_first(&mut letters, matches!(command, Queue::Show { .. } | Queue::Discard(_)));
    }
    match command {
        Queue::List { state, json } => {
            letters.retain(|letter| Wanted::means(*state, letter.state));
            if *json {
                println!("{}", to_json(&letters)?);
            } else {
                show::list(&letters);
            }
        }
        Queue::Show { letter, json } => {
            let letter = find(&letters, letter)?;
            if *json {
                println!("{}", to_json(letter)?);
            } else {
                show::one(letter);
                let is_other = |other: &&Listed| other.name == letter.name && other.state != letter.state;
                for other in letters.iter().filter(is_other) {
                    println!("\nAnother one under its name:\n");
                    show::one(other);
                }
            }
        }
        Queue::Retry(which) => return act(shelf, &letters, which, Act::Retry),
        Queue::Hold(which) => return act(shelf, &letters, which, Act::Hold),
        Queue::Release(which) => return act(shelf, &letters, which, Act::Release),
        Queue::Readdress(words) => return readdress::readdress(&config()?, shelf, &letters, words),
        Queue::Discard(words) => return discard::discard(shelf, &letters, words),
    }
    Ok(true)
}

fn act(shelf: &dyn Shelf, letters: &[Listed], which: &Which, act: Act) -> Outcome {
    let chosen: Vec<anyhow::Result<&Listed>> = if which.all {
        letters
            .iter()
            .filter(|letter| act.all() == letter.state)
            .map(Ok)
            .collect()
    } else {
        which.letter.iter().map(|wanted| act.find(letters, wanted)).collect()
    };
    let (many, json) = (chosen.len(), which.json);
    let failed = each(chosen, json, act.outcome(), |letter| {
        act.perform(shelf, letter, which.all)
    })?;
    if which.all && !json {
        println!("{} letters: each {}", many - failed, act.outcome());
    }
    Ok(failed == 0)
}

/// Does it with each letter; one that it cannot be done with does not keep the others from it. How many failed.
fn each(
    chosen: Vec<anyhow::Result<&Listed>>,
    json: bool,
    outcome: &str,
    mut perform: impl FnMut(&Listed) -> anyhow::Result<()>,
) -> anyhow::Result<usize> {
    let (many, mut failed, mut told, mut last) = (chosen.len(), 0, Vec::new(), Instant::now());
    for (at, letter) in chosen.into_iter().enumerate() {
        let (who, done) = match letter {
            Ok(letter) => (name(letter), perform(letter)),
            Err(error) => (String::new(), Err(error)),
        };
        failed += usize::from(done.is_err());
        if json {
            let error = done.err().map(|error| format!("{error:#}"));
            told.push(json!({ "letter": who, "done": error.is_none(), "error": error }));
            continue;
        }
        match done {
            Err(error) => eprintln!("✗ {error:#}"),
            Ok(()) if many <= TOLD => println!("✓ {who} {outcome}"),
            Ok(()) => {}
        }
        if last.elapsed() > Duration::from_secs(1) {
            eprintln!("  {} of {many}", at + 1);
            last = Instant::now();
        }
    }
    if json {
        println!("{}", to_json(&told)?);
    }
    Ok(failed)
}

impl Act {
    /// The state of the letters that `--all` means.
    fn all(self) -> State {
        match self {
            Act::Retry | Act::Hold => State::Waiting,
            Act::Release => State::Held,
        }
    }

    /// What does not wait may be sent twice, or to somebody who should not get it.
    fn find<'a>(self, letters: &'a [Listed], wanted: &str) -> anyhow::Result<&'a Listed> {
        let letter = find(letters, wanted)?;
        match (self, letter.state) {
            (Act::Hold, _) | (Act::Retry, State::Waiting) => Ok(letter),
            (Act::Retry | Act::Release, _) => find_exactly(letters, wanted),
        }
    }

    fn outcome(self) -> &'static str {
        match self {
            Act::Retry => "will be tried within seconds while the relay runs",
            Act::Hold => "is held",
            Act::Release => "is back in the queue",
        }
    }

    fn perform(self, shelf: &dyn Shelf, letter: &Listed, all: bool) -> anyhow::Result<()> {
        match (self, letter.state) {
            (_, State::Corrupt) => bail!("{}", not_ours(letter)),
            (_, State::Discarded) => bail!("{} was discarded, and is there no more", name(letter)),
            (Act::Retry, State::Waiting) => when_free(letter, all, || shelf.retry(&letter.name)),
            (Act::Retry, _) | (Act::Release, State::Held) => when_free(letter, all, || shelf.release(&letter.name)),
            (Act::Hold, State::Waiting) => when_free(letter, all, || shelf.hold(&letter.name)),
            (Act::Hold, state) => bail!("{} is not waiting but {}", name(letter), show::word(state)),
            (Act::Release, state) => bail!("{} is not held but {}", name(letter), show::word(state)),
        }
    }
}

impl Wanted {
    /// Without a wish, all that is still there.
    fn means(wanted: Option<Self>, state: State) -> bool {
        let Some(wanted) = wanted else {
            return state != State::Discarded;
        };
        let own = match wanted {
            Wanted::Waiting => State::Waiting,
            Wanted::Held => State::Held,
            Wanted::Delivered => State::Delivered,
            Wanted::Corrupt => State::Corrupt,
            Wanted::Discarded => State::Discarded,
        };
        own == state
    }
}

/// A letter that is being delivered is let be until that has ended: it must not be both delivered and held.
fn when_free(letter: &Listed, all: bool, act: impl Fn() -> Result<(), ShelfError>) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match act() {
            Err(ShelfError::Busy(_)) if Instant::now() < end => std::thread::sleep(Duration::from_millis(50)),
            Err(error @ ShelfError::Busy(_)) => bail!("{}: {error}; try again later", name(letter)),
            // Among all of them it is no longer meant.
            Err(ShelfError::Gone) if all => return Ok(()),
            Err(ShelfError::Gone) => {
                bail!(
                    "{} has just been moved; `konvolutt queue show` tells where it is",
                    name(letter)
                )
            }
            Err(ShelfError::Io(error)) => return Err(error.into()),
            Ok(()) => return Ok(()),
        }
    }
}

/// JSON lets some symbols through that speak to a terminal, and what calls itself anything may be a stranger's.
fn to_json(what: &(impl Serialize + ?Sized)) -> anyhow::Result<String> {
    let text = serde_json::to_string_pretty(what)?;
    let escaped = text.chars().map(|c| match c {
        c if c.is_control() && c != '\n' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    Ok(escaped.collect())
}

/// Of two under one name the first is meant: what is told of a corrupt one, and what its alarm asks for, is of that one; what is
/// sent is the other.
fn put_meant_first(letters: &mut [Listed], corrupt_first: bool) {
    letters.sort_by_key(|letter| (letter.state == State::Corrupt) != corrupt_first);
}

/// By its whole name, else by its reference, else by how its name begins.
fn find<'a>(letters: &'a [Listed], wanted: &str) -> anyhow::Result<&'a Listed> {
    if wanted.is_empty() {
        bail!("an empty word means no letter; give a reference, or the beginning of a name in the spool");
    }
    if let Some(letter) = letters.iter().find(|letter| letter.name == wanted) {
        return Ok(letter);
    }
    let reference = Reference::parse(wanted).map(|reference| reference.to_string());
    let fits = |letter: &&Listed| reference.as_ref() == Some(&letter.reference) || letter.name.starts_with(wanted);
    let found: Vec<_> = letters.iter().filter(fits).collect();
    match found.as_slice() {
        // One that came whole under the name of a corrupt one.
        [first, others @ ..] if others.iter().all(|other| other.name == first.name) => Ok(first),
        [] => bail!("no letter {wanted} is in the spool; `konvolutt queue list` shows what is"),
        many => bail!("{} letters fit {wanted}; give the whole name", many.len()),
    }
}

/// For what cannot be taken back: of a word that a slip or an empty variable of a script cut short nothing is guessed.
fn find_exactly<'a>(letters: &'a [Listed], wanted: &str) -> anyhow::Result<&'a Listed> {
    let letter = find(letters, wanted)?;
    // What reads as a reference may still be the beginning of another letter's name.
    let is_reference = |reference: Reference| reference.to_string() == letter.reference;
    let is_whole = letter.name == wanted || Reference::parse(wanted).is_some_and(is_reference);
    if is_whole || wanted.chars().count() >= SURELY {
        return Ok(letter);
    }
    bail!(
        "{wanted} is too short to be sure that {} is meant; give its reference, or at least {SURELY} symbols of its name",
        name(letter)
    )
}

fn not_ours(letter: &Listed) -> String {
    format!(
        "{} is not what the form wrote, and is not sent; compare it with a backup, or `konvolutt queue discard` it",
        printable(&letter.name)
    )
}

/// What it is called towards people. What calls itself anything but a reference may be a stranger's, and speak to the terminal.
fn name(letter: &Listed) -> String {
    let reference = Reference::parse(&letter.reference);
    reference.map_or_else(|| printable(&letter.name), |reference| reference.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Status;

    fn letter(name: &str, reference: &str) -> Listed {
        Listed {
            name: name.to_owned(),
            state: State::Held,
            reference: reference.to_owned(),
            mailbox: "postmottak".to_owned(),
            taken_for: None,
            accepted: 0,
            size: 1,
            status: Status::default(),
            in_flight: None,
            discarded: None,
        }
    }

    /// An empty variable of a script, or a slip, while one letter alone is there.
    #[test]
    fn a_short_word_is_enough_to_look_and_never_to_throw_away() {
        let reference = Reference::from_random(b"0123456789abcdef").to_string();
        let (name, other) = ("a".repeat(64), format!("{}b", "a".repeat(63)));
        let one = [letter(&name, &reference)];
        for (wanted, shown, discarded) in [
            ("", false, false),
            ("a", true, false),
            ("aaaaaaaaaaa", true, false),
            ("aaaaaaaaaaaa", true, true),
            (name.as_str(), true, true),
            (reference.as_str(), true, true),
            (&reference.to_lowercase().replace('-', " "), true, true),
            ("b", false, false),
        ] {
            assert_eq!(find(&one, wanted).is_ok(), shown, "{wanted:?}");
            assert_eq!(find_exactly(&one, wanted).is_ok(), discarded, "{wanted:?}");
        }
        let refused = find_exactly(&one, "a").err().unwrap().to_string();
        assert!(
            refused.contains("at least 12 symbols") && refused.contains(&reference),
            "{refused}"
        );
        // What fits two is neither; a whole name is one, also where another begins with it.
        let two = [
            letter(&name, ""),
            letter(&other, ""),
            letter("x", ""),
            letter("x.other", ""),
        ];
        assert!(find_exactly(&two, &name[..12]).is_err());
        assert_eq!(find_exactly(&two, &other).unwrap().name, other);
        assert_eq!(find_exactly(&two, "x").unwrap().name, "x");
    }

    #[test]
    fn what_reads_as_a_reference_and_begins_another_name_is_too_short() {
        let own = Reference::from_random(b"0123456789abcdef").to_string();
        let other = Reference::from_random(b"fedcba9876543210").to_string();
        let wanted = own.replace('-', "");
        let one = [letter(&format!("{wanted}-a-strange-file"), &other)];
        assert!(find(&one, &wanted).is_ok());
        assert!(find_exactly(&one, &wanted).is_err());
    }

    /// One symbol is enough to try a waiting letter sooner, and not to send a delivered one twice.
    #[test]
    fn what_does_not_wait_is_sent_by_its_whole_reference_alone() {
        let reference = Reference::from_random(b"0123456789abcdef").to_string();
        let mut one = [letter(&"a".repeat(64), &reference)];
        for (act, state, guesses) in [
            (Act::Retry, State::Waiting, true),
            (Act::Retry, State::Held, false),
            (Act::Retry, State::Delivered, false),
            (Act::Release, State::Held, false),
            (Act::Hold, State::Waiting, true),
        ] {
            one[0].state = state;
            assert_eq!(act.find(&one, "a").is_ok(), guesses, "{state:?}");
            assert!(act.find(&one, &reference).is_ok() && act.find(&one, &"a".repeat(12)).is_ok());
        }
    }

    /// A whole letter beside a corrupt one of its name can be sent, and the corrupt one be seen and discarded.
    #[test]
    fn of_two_letters_under_one_name_a_command_means_one() {
        let reference = Reference::from_random(b"0123456789abcdef").to_string();
        let (name, other) = ("a".repeat(64), format!("{}b", "a".repeat(63)));
        for (corrupt_first, meant) in [(true, State::Corrupt), (false, State::Held)] {
            // What the corrupt one calls itself can be read, or not.
            for (called, by_reference) in [(reference.as_str(), meant), ("", State::Held)] {
                let mut letters = [letter(&name, &reference), letter(&name, called)];
                letters[1].state = State::Corrupt;
                put_meant_first(&mut letters, corrupt_first);
                for (wanted, state) in [
                    (&name, meant),
                    (&name[..12].to_owned(), meant),
                    (&reference, by_reference),
                ] {
                    assert_eq!(find_exactly(&letters, wanted).unwrap().state, state, "{wanted}");
                }
            }
        }
        let more = [letter(&name, ""), letter(&name, ""), letter(&other, "")];
        assert!(find(&more, &name[..12]).is_err());
    }

    /// An envelope that something else may have written, and a file that a hand put there.
    #[test]
    fn what_a_stranger_wrote_does_not_speak_to_the_terminal() {
        for reference in ["\u{1b}[2J", "\u{9b}2J", "K7F-3K9Q-2MX\u{1b}]0;x\u{7}", "AAA-AAAA-AAA"] {
            let letter = letter("a\u{1b}[31m\u{202e}b", reference);
            assert_eq!(name(&letter), "a [31m b", "{reference:?}");
            assert!(!not_ours(&letter).contains(char::is_control));
            let listed = to_json(&[letter]).unwrap();
            assert!(!listed.contains(|c: char| c.is_control() && c != '\n'), "{listed:?}");
            let back: serde_json::Value = serde_json::from_str(&listed).unwrap();
            assert_eq!(back[0]["reference"], reference);
        }
        let reference = Reference::from_random(b"0123456789abcdef").to_string();
        assert_eq!(name(&letter("a", &reference)), reference);
    }
}
