//! Keywords of this program are set on a mail, when the settings say so.
//!
//! What always holds: no mark is named in a command but keywords of this program; of several desks that want a letter at the same
//! moment, one has it.
//!
//! A server that counts changes is to refuse a mark when another one came meanwhile (`UNCHANGEDSINCE`, RFC 7162, 3.1.3). Dovecot
//! lets two through when they come within the same moment. So a letter is taken in two steps: the clerk's own keyword is set,
//! the mail is looked at again, and only who finds nobody else's goes on. Of two that were set one is the later, and whoever
//! set that one sees both, so never do two go on. Both may give way; then both try again after a time by chance.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use imap_proto::{AttributeValue, Response};

use super::talk::{Ended, Talk, unwilling};
use crate::desk::mailbox::{Change, Claim};
use crate::trouble::Away;

/// Others may be faster for so long.
const PATIENCE: Duration = Duration::from_secs(20);
/// Somebody who began to take a letter has gone on or given way long before this, or is not there any more.
const ABANDONED: Duration = Duration::from_secs(5);

/// The marks of a mail, and the count of changes that they are of.
struct Marks {
    flags: Vec<String>,
    count: u64,
}

impl Marks {
    /// Whether these are the same but for this one, which is among them.
    fn are(&self, before: &Self, and: &str) -> bool {
        let set =
            |flags: &[String]| -> BTreeSet<String> { flags.iter().map(|flag| flag.to_ascii_lowercase()).collect() };
        let mut wanted = set(&before.flags);
        wanted.insert(and.to_ascii_lowercase());
        set(&self.flags) == wanted
    }

    /// Whether somebody else wants the letter, or has it.
    fn others_want(&self, claim: &Claim) -> bool {
        let starts = |flag: &String| {
            flag.get(..claim.start.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(claim.start))
        };
        self.flags
            .iter()
            .any(|flag| starts(flag) && !flag.eq_ignore_ascii_case(&claim.keyword))
    }
}

/// Decides by the marks of a mail how to change them, again when they changed meanwhile. Whether the mail is there.
pub(super) fn mark<S: Read + Write>(
    talk: &mut Talk<S>,
    uid: u32,
    decide: &mut dyn FnMut(&[String]) -> Option<Change>,
) -> Result<bool, Away> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let Some(now) = marks(talk, uid)? else {
            return Ok(false);
        };
        let Some(change) = decide(&now.flags) else {
            return Ok(true);
        };
        let done = match &change.claim {
            Some(claim) if now.others_want(claim) && begun.elapsed() < ABANDONED => false,
            Some(claim) => claimed(talk, uid, &now, claim, &change)?,
            None => changed(talk, uid, now.count, &change.add, &change.remove)?,
        };
        if done {
            // To mark one that is gone is no error (RFC 3501, 6.4.8): it may have been moved meanwhile.
            return Ok(marks(talk, uid)?.is_some());
        }
        std::thread::sleep(pause());
    }
    Err(unwilling(String::new()))
}

/// Two that gave way to each other do not come back at the same moment.
fn pause() -> Duration {
    Duration::from_millis(20 + RandomState::new().hash_one(0) % 100)
}

/// Takes a letter in two steps, or gives way. Whether it was taken.
fn claimed<S: Read + Write>(
    talk: &mut Talk<S>,
    uid: u32,
    before: &Marks,
    claim: &Claim,
    change: &Change,
) -> Result<bool, Away> {
    let own = std::slice::from_ref(&claim.keyword);
    if !store(talk, uid, Some(before.count), "+FLAGS", own)? {
        return Ok(false);
    }
    // What others have set up to now has to be told now (RFC 3501, 6.1.2).
    talk.tell("NOOP")?.or(unwilling)?;
    let Some(now) = marks(talk, uid)? else { return Ok(false) };
    let rest: Vec<String> = change
        .add
        .iter()
        .filter(|keyword| **keyword != claim.keyword)
        .cloned()
        .collect();
    if now.are(before, &claim.keyword) && changed(talk, uid, now.count, &rest, &change.remove)? {
        return Ok(true);
    }
    if now.others_want(claim) {
        store(talk, uid, None, "-FLAGS", own)?;
    }
    Ok(false)
}

/// Sets these and takes those away, unless something changed after this count; whether it was done.
fn changed<S: Read + Write>(
    talk: &mut Talk<S>,
    uid: u32,
    count: u64,
    add: &[String],
    remove: &[String],
) -> Result<bool, Away> {
    let mut unless = Some(count);
    for (how, keywords) in [("+FLAGS", add), ("-FLAGS", remove)] {
        if keywords.is_empty() {
            continue;
        }
        if !store(talk, uid, unless, how, keywords)? {
            return Ok(false);
        }
        // The letter is this clerk's by now: nobody else removes or needs the rest.
        unless = None;
    }
    Ok(true)
}

/// `None` when the mail is not there. What cannot be understood is no answer.
fn marks<S: Read + Write>(talk: &mut Talk<S>, uid: u32) -> Result<Option<Marks>, Away> {
    let (mut found, mut is_there) = (None, false);
    let command = format!("UID FETCH {uid} (UID FLAGS MODSEQ)");
    let ended = talk.ask_all(&command, "FETCH", &mut |response| {
        let Response::Fetch(_, attributes) = response else {
            return;
        };
        let (mut own, mut flags, mut count) = (false, None, None);
        for attribute in attributes {
            match attribute {
                AttributeValue::Uid(number) => own = *number == uid,
                AttributeValue::Flags(some) => flags = Some(some.iter().map(|flag| flag.to_string()).collect()),
                AttributeValue::ModSeq(changes) => count = Some(*changes),
                _ => {}
            }
        }
        is_there |= own;
        // The server tells of other mails by the way, and of this one without its count.
        if let (true, Some(flags), Some(count)) = (own, flags, count) {
            found = Some(Marks { flags, count });
        }
    })?;
    ended.or(unwilling)?;
    if found.is_none() && is_there {
        // The parser leaves out what it does not know.
        return Err(unwilling(String::new()));
    }
    Ok(found)
}

/// Whether it was done; not when the mail's marks have changed after this count.
fn store<S: Read + Write>(
    talk: &mut Talk<S>,
    uid: u32,
    unless: Option<u64>,
    how: &str,
    keywords: &[String],
) -> Result<bool, Away> {
    let unless = unless.map_or(String::new(), |count| format!(" (UNCHANGEDSINCE {count})"));
    let keywords = keywords.join(" ");
    let ended = talk.tell(&format!("UID STORE {uid}{unless} {how}.SILENT ({keywords})"))?;
    let (Ended::Done(text) | Ended::No(text)) = &ended;
    if text.to_ascii_uppercase().starts_with("[MODIFIED") {
        return Ok(false);
    }
    ended.or(unwilling).map(|_| true)
}

#[cfg(test)]
mod tests;
