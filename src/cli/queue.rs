//! `konvolutt queue`: the spool without its content.

use std::io;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Subcommand;

use super::{Outcome, time};
use crate::letter::Reference;
use crate::spool::{Listed, Spool, State};

/// Most deliveries end within this time.
const PATIENCE: Duration = Duration::from_secs(15);

/// What to do with the queue.
#[derive(Debug, Subcommand)]
pub(super) enum Queue {
    /// Lists every letter in the spool, also the delivered ones that are still kept.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows one letter: reference or name in the spool.
    Show {
        /// Reference (`K7F-3K9Q-2MX`) or name.
        letter: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tries a letter again now; also one that is held or was delivered.
    Retry {
        /// Reference or name.
        letter: String,
    },
    /// Takes a waiting letter out of the queue and keeps it.
    Hold {
        /// Reference or name.
        letter: String,
    },
    /// Puts a held letter back into the queue.
    Release {
        /// Reference or name.
        #[arg(required_unless_present = "all")]
        letter: Option<String>,
        /// Every held letter: after the mail server was wrong about all of them.
        #[arg(long, conflicts_with = "letter")]
        all: bool,
    },
}

pub(super) fn queue(spool: &Spool, command: &Queue) -> Outcome {
    let letters = spool.list().context("the spool cannot be read")?;
    match command {
        Queue::List { json: true } => println!("{}", serde_json::to_string_pretty(&letters)?),
        Queue::List { json: false } if letters.is_empty() => println!("the spool is empty"),
        Queue::List { json: false } => letters.iter().for_each(|letter| println!("{}", line(letter))),
        Queue::Show { letter, json } => {
            let letter = find(&letters, letter)?;
            match json {
                true => println!("{}", serde_json::to_string_pretty(letter)?),
                false => show(letter),
            }
        }
        Queue::Retry { letter } => {
            let letter = find(&letters, letter)?;
            match letter.state {
                State::Waiting => when_free(letter, || spool.retry(&letter.name))?,
                State::Held | State::Delivered => when_free(letter, || spool.release(&letter.name))?,
                State::Corrupt => bail!(
                    "{} was changed on disk and is not sent; compare it with a backup",
                    letter.name
                ),
            }
            println!("{} will be tried within seconds while the relay runs", name(letter));
        }
        Queue::Hold { letter } => {
            let letter = find(&letters, letter)?;
            if letter.state != State::Waiting {
                bail!("{} is not waiting but {:?}", name(letter), letter.state);
            }
            when_free(letter, || spool.hold(&letter.name))?;
            println!("{} is held", name(letter));
        }
        Queue::Release { letter: None, .. } => {
            let held: Vec<_> = letters.iter().filter(|letter| letter.state == State::Held).collect();
            for letter in &held {
                when_free(letter, || spool.release(&letter.name))?;
            }
            println!("{} letters are back in the queue", held.len());
        }
        Queue::Release {
            letter: Some(letter), ..
        } => {
            let letter = find(&letters, letter)?;
            if letter.state != State::Held {
                bail!("{} is not held but {:?}", name(letter), letter.state);
            }
            when_free(letter, || spool.release(&letter.name))?;
            println!("{} is back in the queue", name(letter));
        }
    }
    Ok(true)
}

/// A letter that is being delivered is let be until that has ended: it must not be both delivered and held.
fn when_free(letter: &Listed, act: impl Fn() -> io::Result<()>) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match act() {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                bail!("{}: {error}; try again later", name(letter))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                bail!(
                    "{} has just been moved; `konvolutt queue show` tells where it is",
                    name(letter)
                )
            }
            done => return Ok(done?),
        }
    }
}

fn find<'a>(letters: &'a [Listed], wanted: &str) -> anyhow::Result<&'a Listed> {
    let reference = Reference::parse(wanted).map(|reference| reference.to_string());
    let fits = |letter: &&Listed| match &reference {
        Some(reference) => letter.reference == *reference,
        None => letter.name.starts_with(wanted),
    };
    let found: Vec<_> = letters.iter().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => bail!("no letter {wanted} is in the spool; `konvolutt queue list` shows what is"),
        many => bail!("{} letters fit {wanted}; give the whole name", many.len()),
    }
}

fn name(letter: &Listed) -> &str {
    match letter.reference.as_str() {
        "" => &letter.name,
        reference => reference,
    }
}

fn line(letter: &Listed) -> String {
    let state = format!("{:?}", letter.state).to_lowercase();
    let tried = match letter.status.attempts {
        // Once it is delivered, what went wrong before is history.
        _ if letter.state == State::Delivered => String::new(),
        0 => String::new(),
        n => format!("  tried {n}×, last: {}", letter.status.last_error),
    };
    let now = letter.on_the_line.as_ref().map_or("", |_| "  on the line");
    let size = letter.size / 1000;
    format!(
        "{:12}  {state:9}  {}  {size:>6} kB  {}{now}{tried}",
        letter.reference,
        time(letter.accepted),
        letter.mailbox
    )
}

fn show(letter: &Listed) {
    println!("reference  {}", letter.reference);
    println!("name       {}", letter.name);
    println!("state      {}", format!("{:?}", letter.state).to_lowercase());
    println!("mailbox    {}", letter.mailbox);
    println!("received   {}", time(letter.accepted));
    println!("size       {} bytes", letter.size);
    if let Some(deliverer) = &letter.on_the_line {
        println!(
            "on the line since {} (process {})",
            time(deliverer.since),
            deliverer.process
        );
    }
    println!("attempts   {}", letter.status.attempts);
    if letter.status.attempts > 0 {
        println!("last       {}", letter.status.last_error);
        if letter.state == State::Waiting {
            println!("next       {}", time(letter.status.due));
        }
    }
}
