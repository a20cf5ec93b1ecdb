//! What is changed in a mailbox, when the settings say so: keywords of this program, and the folder that a mail lies in.
//!
//! What always holds: no mark is named in a command but keywords of this program, and `\Deleted` on a mail that was copied;
//! a keyword is set only if no mark of that mail has changed since it was looked at.

use std::io::{Read, Write};

use imap_proto::rfc4315::UidSetMember;
use imap_proto::{AttributeValue, Response, ResponseCode};

use super::folder::fetch;
use super::talk::{Ended, Talk, code, spoken};
use super::words::folder;
use crate::desk::mailbox::Change;
use crate::trouble::Away;

/// Others may be faster so often.
const TRIES: usize = 20;

/// Decides by the marks of a mail how to change them, again when they changed meanwhile. Whether the mail is there.
pub(super) fn mark<S: Read + Write>(
    talk: &mut Talk<S>,
    uid: u32,
    decide: &mut dyn FnMut(&[String]) -> Option<Change>,
) -> Result<bool, Away> {
    for _ in 0..TRIES {
        let Some((flags, count)) = marks(talk, uid)? else {
            return Ok(false);
        };
        let Some(change) = decide(&flags) else { return Ok(true) };
        let first = if change.add.is_empty() {
            ("-FLAGS", &change.remove)
        } else {
            ("+FLAGS", &change.add)
        };
        if first.1.is_empty() {
            return Ok(true);
        }
        let unchanged = format!(" (UNCHANGEDSINCE {count})");
        if !store(talk, uid, &unchanged, first.0, first.1)? {
            continue;
        }
        if !change.add.is_empty() && !change.remove.is_empty() {
            // The letter is this clerk's by now: nobody else removes or needs these.
            store(talk, uid, "", "-FLAGS", &change.remove)?;
        }
        return Ok(true);
    }
    Err(Away::NoAnswer)
}

/// The marks of a mail, and the count of changes that they are of.
fn marks<S: Read + Write>(talk: &mut Talk<S>, uid: u32) -> Result<Option<(Vec<String>, u64)>, Away> {
    let mut found = None;
    let ended = fetch(talk, &[uid], "FLAGS MODSEQ", &mut |_, attributes| {
        let (mut own, mut count) = (None, None);
        for attribute in attributes {
            match attribute {
                AttributeValue::Flags(flags) => own = Some(flags.iter().map(|flag| flag.to_string()).collect()),
                AttributeValue::ModSeq(changes) => count = Some(*changes),
                _ => {}
            }
        }
        if let (Some(own), Some(count)) = (own, count) {
            found = Some((own, count));
        }
    })?;
    ended.or(|text| Away::Unwilling { text: spoken(&text) })?;
    Ok(found)
}

/// Whether it was done; not when the mail's marks have changed.
fn store<S: Read + Write>(
    talk: &mut Talk<S>,
    uid: u32,
    unless: &str,
    how: &str,
    keywords: &[String],
) -> Result<bool, Away> {
    let keywords = keywords.join(" ");
    let ended = talk.tell(&format!("UID STORE {uid}{unless} {how}.SILENT ({keywords})"))?;
    let (Ended::Done(text) | Ended::No(text)) = &ended;
    if text.to_ascii_uppercase().starts_with("[MODIFIED") {
        return Ok(false);
    }
    ended.or(|text| Away::Unwilling { text: spoken(&text) }).map(|_| true)
}

/// Where a mail is by now: its UIDVALIDITY and UID, when the server says.
pub(super) type Moved = Option<(u32, u32)>;

/// Moves a mail into a folder, which is made when it is not there.
pub(super) fn moved<S: Read + Write>(talk: &mut Talk<S>, uid: u32, to: &str) -> Result<Moved, Away> {
    let no = |text: String| Away::NotMoved {
        folder: to.to_owned(),
        text: spoken(&text),
    };
    let in_one = talk.can("MOVE");
    if !in_one && !talk.can("UIDPLUS") {
        // Without, a mail could only be removed together with all that others have marked to be deleted.
        return Err(Away::NoMoving { folder: to.to_owned() });
    }
    let verb = if in_one { "MOVE" } else { "COPY" };
    let command = format!("UID {verb} {uid} {}", folder(to));
    let mut place = None;
    let mut ended = talk.ask(&command, &mut |response| place = place.or(new_place(response)))?;
    if matches!(&ended, Ended::No(text) if text.to_ascii_uppercase().starts_with("[TRYCREATE]")) {
        talk.tell(&format!("CREATE {}", folder(to)))?.or(no)?;
        ended = talk.ask(&command, &mut |response| place = place.or(new_place(response)))?;
    }
    let text = ended.or(no)?;
    let place = place.or_else(|| told_at_the_end(&text));
    if !in_one {
        talk.tell(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"))?
            .or(no)?;
        talk.tell(&format!("UID EXPUNGE {uid}"))?.or(no)?;
    }
    Ok(place)
}

fn new_place(response: &Response<'_>) -> Moved {
    match code(response) {
        Some(ResponseCode::CopyUid(validity, _, to)) => match to.first() {
            Some(UidSetMember::Uid(uid)) => Some((*validity, *uid)),
            Some(UidSetMember::UidRange(range)) => Some((*validity, *range.start())),
            None => None,
        },
        _ => None,
    }
}

/// `[COPYUID 7 3 12] Done.`
fn told_at_the_end(text: &str) -> Moved {
    let code = text.strip_prefix('[')?.split(']').next()?;
    let words: Vec<&str> = code.split(' ').collect();
    match words[..] {
        [name, validity, _, uid] if name.eq_ignore_ascii_case("COPYUID") => {
            Some((validity.parse().ok()?, uid.parse().ok()?))
        }
        _ => None,
    }
}
