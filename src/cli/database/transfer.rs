//! `konvolutt store move`: all letters from the spool to the database, or back.

use std::io::{IsTerminal, Write};
use std::time::SystemTime;

use anyhow::{Context, bail};

use crate::cli::Outcome;
use crate::store::files::transfer::Spool;
use crate::store::moving::{self, Counts, Moved};
use crate::store::postgres::{Database, Login, Settings};

/// The owner's password is read by whoever runs this. The spool's files are the service's user's, also the new ones: a thread
/// becomes that user.
pub(in crate::cli) fn move_all(
    settings: &Settings,
    owner: &Login,
    to_database: bool,
    json: bool,
    become_user: &(dyn Fn() -> anyhow::Result<()> + Sync),
) -> Outcome {
    let database = Database::open(settings, owner).context("nothing was moved")?;
    let work = || {
        become_user()?;
        let spool = Spool::open(&settings.local).context("nothing was moved")?;
        let (now, mut progress) = (SystemTime::now(), progress());
        let moved = if to_database {
            moving::between(&spool, &database, now, &mut *progress)
        } else {
            moving::between(&database, &spool, now, &mut *progress)
        };
        moved.context("not all letters were moved")
    };
    let moved = std::thread::scope(|scope| scope.spawn(work).join());
    let moved = moved.unwrap_or_else(|_| bail!("a fault of this program"))?;
    if json {
        println!("{}", serde_json::to_string_pretty(&moved)?);
    } else {
        show(&moved);
    }
    Ok(true)
}

/// One line that is written over, where somebody sees it.
fn progress() -> Box<dyn FnMut(u64, u64)> {
    if !std::io::stderr().is_terminal() {
        return Box::new(|_, _| {});
    }
    Box::new(|done, all| {
        let mut out = std::io::stderr();
        let end = if done == all { "\n" } else { "" };
        let _ = write!(out, "\r{done} of {all} letters{end}");
        let _ = out.flush();
    })
}

fn show(moved: &Moved) {
    let Counts {
        waiting,
        held,
        delivered,
        names,
        corrupt,
        discarded,
    } = moved.letters;
    let (from, to) = (moved.from.name(), moved.to.name());
    if moved.again {
        println!("✓ all letters of {from} were moved to {to} before: nothing is left to do");
    } else {
        println!("✓ all letters are in {to} now, compared with those in {from}");
    }
    for (number, what) in [
        (waiting, "waiting"),
        (held, "held"),
        (delivered, "delivered and still kept"),
        (names, "names of letters that were delivered before"),
        (corrupt, "corrupt"),
        (discarded, "records of discarded letters"),
    ] {
        println!("  {number:>8}  {what}");
    }
    println!(
        "  {:>8}  of them were written now, {} were there already",
        moved.written, moved.there
    );
    if moved.others > 0 {
        println!("  {:>8}  others were there before, and stay", moved.others);
    }
    for name in &moved.damaged {
        println!("✗ the letter {name} was damaged, and is corrupt from now on");
    }
    for what in &moved.stay {
        println!("· no letter, and stays where it is: {what}");
    }
    println!("\nNext:");
    for (number, step) in (1..).zip(moved.next()) {
        println!("{number}. {step}");
    }
}
