//! A mail goes into another folder, when the settings say so.
//!
//! What always holds: the only mark that is set is `\Deleted`, on a mail that was copied; nothing that others marked so is removed.

use std::io::{Read, Write};

use imap_proto::rfc4315::UidSetMember;
use imap_proto::{Response, ResponseCode};

use super::talk::{Ended, Talk, code, spoken};
use super::words::folder;
use crate::trouble::Away;

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
