//! Where it is kept who has which letter: in the ledger, and when the settings say so in the mailbox as well, as keywords.
//!
//! Comes in: an act of a clerk, and the marks of mails. Goes out: how letters stand. What always holds: where marks are kept in the
//! mailbox, the mailbox decides who takes a letter, and the ledger keeps when and who beside it; a mail without keywords
//! says nothing against the ledger.

pub mod keywords;

use crate::desk::mailbox::Fetch;
use crate::desk::worker::Given;
use crate::ledger::{Act, Ledger, Mark, Refusal, Standing};
use crate::trouble::{Away, Trouble};
use keywords::{Kept, change, short};

/// What came of an act.
pub struct Done {
    /// How the letter stands, or why it was not done.
    pub standing: Result<Result<Standing, Refusal>, Trouble>,
    /// Why the mailbox keeps no marks although it should.
    pub only_here: Option<Trouble>,
}

/// Does what a clerk wants. `kept` is the mail that the letter's marks are kept with.
pub fn act(ledger: &Ledger, kept: Option<(&dyn Fetch, &Given)>, mark: Mark) -> Done {
    let about_copies = matches!(mark.act, Act::Saved { .. } | Act::Removed { .. });
    let Some((fetch, given)) = kept.filter(|_| !about_copies) else {
        return in_ledger(ledger, mark, None);
    };
    let mut standing = Err(Refusal::Nothing);
    let done = fetch.mark(given, &mut |flags| {
        let before = stands(ledger, &mark.sha256, flags, &mark.who);
        if let Err(refusal) = before.allows(&mark.act, &mark.who) {
            standing = Err(refusal);
            return None;
        }
        let after = before.after(&mark);
        let change = change(flags, &after);
        standing = Ok(after);
        Some(change)
    });
    match done {
        Err(why) if matches!(why, Trouble::Mailbox { why: Away::NoMarks, .. }) => in_ledger(ledger, mark, Some(why)),
        Err(why) => Done {
            standing: Err(why),
            only_here: None,
        },
        Ok(()) => Done {
            standing: noted(ledger, mark, standing),
            only_here: None,
        },
    }
}

fn in_ledger(ledger: &Ledger, mark: Mark, only_here: Option<Trouble>) -> Done {
    let standing = ledger.mark(mark).map_err(|error| Trouble::of_disk(&error));
    Done { standing, only_here }
}

/// What was done in the mailbox is written down here too, with its time.
fn noted(
    ledger: &Ledger,
    mark: Mark,
    standing: Result<Standing, Refusal>,
) -> Result<Result<Standing, Refusal>, Trouble> {
    let after = match standing {
        Ok(after) => after,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let sha256 = mark.sha256.clone();
    ledger.note(mark).map_err(|error| Trouble::of_disk(&error))?;
    let own = ledger.written(&sha256);
    let agrees = own.state == after.state && own.holder == after.holder;
    ledger.stands_elsewhere(&sha256, Some(after).filter(|_| !agrees));
    Ok(Ok(ledger.standing(&sha256)))
}

/// Takes what the marks of a letter's mail say; whether anything is new.
pub fn seen(ledger: &Ledger, sha256: &str, flags: &[String], me: &str) -> bool {
    let before = ledger.standing(sha256);
    let now = stands(ledger, sha256, flags, me);
    let own = ledger.written(sha256);
    ledger.stands_elsewhere(sha256, Some(now).filter(|now| *now != own));
    ledger.standing(sha256) != before
}

/// How a letter stands by the ledger and by the marks of its mail. Where they differ, the mailbox has it from a colleague.
fn stands(ledger: &Ledger, sha256: &str, flags: &[String], me: &str) -> Standing {
    let own = ledger.written(sha256);
    let Some(kept) = Kept::of(flags) else { return own };
    let written = own.holder.as_deref().filter(|_| own.state == kept.state);
    let agrees = own.state == kept.state && written.map(short) == kept.holder;
    // A letter that was deleted here may have been anybody's.
    if agrees || own.state == kept.state && kept.holder.is_none() {
        return own;
    }
    Standing {
        state: kept.state,
        holder: kept
            .holder
            .map(|holder| if short(me) == holder { me.to_owned() } else { holder }),
        aside: kept.aside,
        case: own.case.filter(|_| own.state == kept.state),
        copies: own.copies,
        acts: Vec::new(),
    }
}
