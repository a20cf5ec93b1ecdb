//! All letters from one store to the other, while nobody works with either.
//!
//! First the end that they leave is closed for good, then the one that they come to for as long as some are missing. Each
//! letter is written there durably, read back and compared, before the next one is; what is there already is passed over, so
//! that a move which was cut off goes on where it was. The letters that were moved stay where they were until somebody
//! removes them: a mistake can be mended, and since that end is closed, nothing is delivered from both.

mod errand;
mod mark;
mod moved;
#[cfg(test)]
mod tests;
pub mod transfer;

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, SystemTime};

use errand::{Errand, stop};
use mark::{Mark, coming, going, gone, new_name};
use transfer::{End, Key};

pub use moved::{Counts, Moved};
pub use transfer::Kind;

/// A web side that runs on after all sees within this time that its store is closed, or has put its letter there.
const SETTLED: Duration = Duration::from_millis(500);
/// Looks for letters that came late.
const LOOKS: usize = 3;

/// Moves all letters from one end to the other. Tells how many of how many are done.
///
/// # Errors
/// Why nothing was begun, or why it was cut off: then the same is run again.
pub fn between(
    source: &dyn End,
    target: &dyn End,
    now: SystemTime,
    progress: &mut dyn FnMut(u64, u64),
) -> io::Result<Moved> {
    let (from, to) = (source.kind(), target.kind());
    if is_done(source, target)? {
        return Errand::new(source, target).was_done();
    }
    let id = begin(source, target)?;
    let mut errand = Errand::new(source, target);
    for _ in 0..LOOKS {
        if errand.carry_all(progress)? == 0 {
            break;
        }
    }
    for (name, bytes) in source.notes()? {
        target.put_note(&name, &bytes)?;
        errand.moved.notes += 1;
    }
    errand.compare()?;
    source.close(Some(&gone(from, to, &id, now)))?;
    target.set_came_by(&id)?;
    target.close(None)?;
    Ok(errand.moved)
}

/// Whether this very move came to its end: whoever was killed then, and runs it again, hears that all is well.
fn is_done(source: &dyn End, target: &dyn End) -> io::Result<bool> {
    Ok(match Mark::of(source.closed()?.as_deref()) {
        Mark::Gone(id) => target.closed()?.is_none() && target.came_by()? == Some(id),
        _ => false,
    })
}

/// Finds out where a move between these two is, closes both, and gives its name. What is refused here changed nothing.
fn begin(source: &dyn End, target: &dyn End) -> io::Result<String> {
    let (from, to) = (source.kind(), target.kind());
    let words = (source.closed()?, target.closed()?);
    let (here, there) = (Mark::of(words.0.as_deref()), Mark::of(words.1.as_deref()));
    if let (Mark::Going(id) | Mark::Gone(id), Mark::Coming(same)) = (&here, &there)
        && id == same
    {
        return Ok(id.clone());
    }
    may_begin(source, &here, &words.0, (to, &there, &words.1))?;
    if there != Mark::None {
        // Whatever became of these letters since is at the other end.
        target.clear()?;
    }
    let own = compared(source, target)?;
    must_have_room(source, target, &own)?;
    let id = match here {
        // Cut off between the two steps that follow.
        Mark::Going(id) => id,
        _ => new_name()?,
    };
    source.close(Some(&going(from, to, &id)))?;
    std::thread::sleep(SETTLED);
    target.close(Some(&coming(from, to, &id)))?;
    Ok(id)
}

/// Whether these two are such that letters may go from one to the other.
fn may_begin(
    source: &dyn End,
    here: &Mark,
    said: &Option<String>,
    (to, there, said_there): (Kind, &Mark, &Option<String>),
) -> io::Result<()> {
    let from = source.kind().name();
    let to = to.name();
    let told = |of: &Option<String>| of.clone().unwrap_or_default();
    let why = match (here, there) {
        (Mark::Coming(_) | Mark::Gone(_) | Mark::Other(_), _) => {
            format!("nothing can be moved from {from}: {}", told(said))
        }
        (_, Mark::Going(_) | Mark::Other(_)) => format!("nothing can be moved to {to}: {}", told(said_there)),
        (_, Mark::Coming(_)) => format!(
            "in {to} are letters of another move, which was not ended: {}. They may be older than those that are to come now; \
             look where that move came from, or empty {to} first",
            told(said_there)
        ),
        (_, Mark::Gone(id)) if source.came_by()?.as_ref() != Some(id) => format!(
            "of {to} is known: {}. Not to where they are to come from now: with what is there they would be written over",
            told(said_there)
        ),
        _ => return Ok(()),
    };
    Err(stop(why))
}

/// Whether there is room for all that is not there yet.
fn must_have_room(source: &dyn End, target: &dyn End, there: &BTreeSet<Key>) -> io::Result<()> {
    let items = source.list()?.items.into_iter();
    let needed: u64 = items
        .filter(|item| !there.contains(&item.key))
        .map(|item| item.size)
        .sum();
    let room = target.room()?;
    if needed <= room {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::StorageFull,
        format!(
            "the letters take {needed} bytes, and there is room for {room} in {}",
            target.kind().name()
        ),
    ))
}

/// The letters that both have. Each must be the same: which of two counts nobody can tell.
fn compared(source: &dyn End, target: &dyn End) -> io::Result<BTreeSet<Key>> {
    let own: BTreeSet<Key> = target.list()?.items.into_iter().map(|item| item.key).collect();
    let mut both = BTreeSet::new();
    for item in source.list()?.items.into_iter().filter(|item| own.contains(&item.key)) {
        let (here, there) = (source.piece(&item.key)?, target.piece(&item.key)?);
        match (here, there) {
            (Some(here), Some(there)) if here.facts == there.facts => both.insert(item.key),
            _ => {
                return Err(stop(format!(
                    "both {} and {} have a letter {}, and not the same: nothing was moved; look at both with `konvolutt queue \
                     show`, and remove the one that is not to be delivered",
                    source.kind().name(),
                    target.kind().name(),
                    item.key.name
                )));
            }
        };
    }
    Ok(both)
}
