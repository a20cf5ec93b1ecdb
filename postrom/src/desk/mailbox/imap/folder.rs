//! What is asked of one mailbox: its numbers, sizes and mails.
//!
//! What always holds: it is opened with EXAMINE, and mails are asked for with BODY.PEEK, so that nothing in it changes.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};

use imap_proto::{AttributeValue, MailboxDatum, NameAttribute, Response, ResponseCode, SectionPath};

use super::talk::{Ended, Talk, code, spoken, unwilling};
use super::words::{folder, set};
use crate::trouble::Away;

/// The marks of all mails together. A line of short ones takes many times its length when it is taken apart.
const MOST_FLAGS: usize = 4_000_000;

/// What a server says of a mailbox that it opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct About {
    /// Numbers of mails mean other mails when this is another one.
    pub(super) validity: u32,
    /// Keywords of one's own can be kept.
    pub(super) keeps_keywords: bool,
    /// It counts changes of marks.
    pub(super) counts_changes: bool,
}

/// Opens a mailbox to read it.
pub(super) fn examine<S: Read + Write>(talk: &mut Talk<S>, name: &str) -> Result<About, Away> {
    open(talk, "EXAMINE", name)
}

/// Opens a mailbox to write marks into it.
pub(super) fn select<S: Read + Write>(talk: &mut Talk<S>, name: &str) -> Result<About, Away> {
    open(talk, "SELECT", name)
}

fn open<S: Read + Write>(talk: &mut Talk<S>, how: &str, name: &str) -> Result<About, Away> {
    let condstore = if talk.can("CONDSTORE") { " (CONDSTORE)" } else { "" };
    let mut about = About::default();
    talk.forget_count();
    let ended = talk.ask(
        &format!("{how} {}{condstore}", folder(name)),
        &mut |response| match code(response) {
            Some(ResponseCode::UidValidity(validity)) => about.validity = *validity,
            Some(ResponseCode::PermanentFlags(flags)) => {
                about.keeps_keywords = flags.iter().any(|flag| flag == "\\*");
            }
            Some(ResponseCode::HighestModSeq(_)) => about.counts_changes = true,
            _ => {}
        },
    )?;
    ended.or(|text| Away::NoBox {
        name: name.to_owned(),
        text: spoken(&text),
    })?;
    if about.validity == 0 {
        // Nobody would notice when its numbers mean other mails.
        return Err(unwilling(String::new()));
    }
    Ok(about)
}

/// Whether the server has a mailbox of this name that can be opened.
pub(super) fn is_there<S: Read + Write>(talk: &mut Talk<S>, name: &str) -> Result<bool, Away> {
    let mut is_there = false;
    let command = format!("LIST \"\" {}", folder(name));
    let ended = talk.ask_all(&command, "LIST", &mut |response| {
        if let Response::MailboxData(MailboxDatum::List(data)) = response {
            is_there |= !data.name_attributes.iter().any(is_no_mailbox);
        }
    })?;
    ended.or(unwilling)?;
    Ok(is_there)
}

fn is_no_mailbox(attribute: &NameAttribute<'_>) -> bool {
    match attribute {
        NameAttribute::NoSelect => true,
        NameAttribute::Extension(name) => name.eq_ignore_ascii_case("\\NonExistent"),
        _ => false,
    }
}

/// The UIDs of all mails, in their order. No answer is an answer only where no mail is.
pub(super) fn uids<S: Read + Write>(talk: &mut Talk<S>) -> Result<Vec<u32>, Away> {
    let (mut found, mut heard) = (Vec::new(), false);
    let was_empty = talk.count() == Some(0);
    let ended = talk.ask_all("UID SEARCH ALL", "SEARCH", &mut |response| {
        if let Response::MailboxData(MailboxDatum::Search(some)) = response {
            heard = true;
            found.extend_from_slice(some);
        }
    })?;
    ended.or(unwilling)?;
    // Some servers say nothing when they find nothing, though they should (RFC 3501, 7.2.5).
    if !heard && !was_empty && talk.count() != Some(0) {
        return Err(unwilling(String::new()));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// How large these mails are, as far as the server says: one that refuses it gives the mails all the same.
pub(super) fn sizes<S: Read + Write>(talk: &mut Talk<S>, uids: &[u32]) -> Result<BTreeMap<u32, u64>, Away> {
    let mut sizes = BTreeMap::new();
    let _ = fetch(talk, uids, "RFC822.SIZE", &mut |uid, attributes| {
        for attribute in attributes {
            if let AttributeValue::Rfc822Size(size) = attribute {
                sizes.insert(uid, u64::from(*size));
            }
        }
    })?;
    Ok(sizes)
}

/// These mails, whole, each as it comes. A refusal may be about one of them.
pub(super) fn mails<S: Read + Write>(
    talk: &mut Talk<S>,
    uids: &[u32],
    take: &mut dyn FnMut(u32, Vec<u8>),
) -> Result<Ended, Away> {
    bodies(talk, uids, "BODY.PEEK[]", take)
}

/// The same, at most so many bytes of each: one that is larger than anybody knew does not end the connection.
pub(super) fn beginnings<S: Read + Write>(
    talk: &mut Talk<S>,
    uids: &[u32],
    most: u64,
    take: &mut dyn FnMut(u32, Vec<u8>),
) -> Result<Ended, Away> {
    bodies(talk, uids, &format!("BODY.PEEK[]<0.{most}>"), take)
}

fn bodies<S: Read + Write>(
    talk: &mut Talk<S>,
    uids: &[u32],
    what: &str,
    take: &mut dyn FnMut(u32, Vec<u8>),
) -> Result<Ended, Away> {
    fetch(talk, uids, what, &mut |uid, attributes| {
        for attribute in attributes {
            if let AttributeValue::BodySection {
                section: None,
                data: Some(data),
                ..
            } = attribute
            {
                take(uid, data.to_vec());
            }
        }
    })
}

/// One section of one mail, or its beginning; `None` when the server does not give it.
pub(super) fn section<S: Read + Write>(
    talk: &mut Talk<S>,
    uid: u32,
    section: &str,
    most: Option<usize>,
) -> Result<Option<Vec<u8>>, Away> {
    let partial = most.map_or(String::new(), |most| format!("<0.{most}>"));
    let mut found = None;
    let what = format!("BODY.PEEK[{section}]{partial}");
    let ended = fetch(talk, &[uid], &what, &mut |_, attributes| {
        for attribute in attributes {
            if let AttributeValue::BodySection {
                section: Some(SectionPath::Full(_) | SectionPath::Part(..)),
                data: Some(data),
                ..
            } = attribute
            {
                found = Some(data.to_vec());
            }
        }
    })?;
    Ok(found.filter(|_| matches!(ended, Ended::Done(_))))
}

/// The marks of mails, those that changed after this count; and the count now.
pub(super) fn flags<S: Read + Write>(talk: &mut Talk<S>, since: u64) -> Result<(HashMap<u32, Vec<String>>, u64), Away> {
    let (mut flags, mut count, mut held) = (HashMap::new(), since, 0);
    let changed = if since > 0 {
        format!(" (CHANGEDSINCE {since})")
    } else {
        String::new()
    };
    let ended = talk.ask(&format!("UID FETCH 1:* (FLAGS MODSEQ){changed}"), &mut |response| {
        let Response::Fetch(_, attributes) = response else {
            return;
        };
        if held > MOST_FLAGS {
            return;
        }
        let (mut uid, mut own, mut changed) = (None, None::<Vec<String>>, 0);
        for attribute in attributes {
            match attribute {
                AttributeValue::Uid(number) => uid = Some(*number),
                AttributeValue::Flags(flags) => own = Some(flags.iter().map(|flag| flag.to_string()).collect()),
                AttributeValue::ModSeq(changes) => changed = *changes,
                _ => {}
            }
        }
        // What is told by the way has no number: it is asked for again.
        if let (Some(uid), Some(own)) = (uid, own) {
            count = count.max(changed);
            held += own.len();
            flags.insert(uid, own);
        }
    })?;
    ended.or(unwilling)?;
    if held > MOST_FLAGS {
        return Err(Away::TooMuch);
    }
    Ok((flags, count))
}

/// Asks for something of these mails. What the server tells of others by the way is not theirs.
pub(super) fn fetch<S: Read + Write>(
    talk: &mut Talk<S>,
    uids: &[u32],
    what: &str,
    take: &mut dyn FnMut(u32, &[AttributeValue<'_>]),
) -> Result<Ended, Away> {
    talk.ask(&format!("UID FETCH {} (UID {what})", set(uids)), &mut |response| {
        let Response::Fetch(_, attributes) = response else {
            return;
        };
        let uid = attributes.iter().find_map(|attribute| match attribute {
            AttributeValue::Uid(uid) => Some(*uid),
            _ => None,
        });
        if let Some(uid) = uid.filter(|uid| uids.binary_search(uid).is_ok()) {
            take(uid, attributes);
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io::{self, Cursor};
    use std::sync::Arc;

    use super::*;

    /// Says all of this, whatever it hears.
    struct Said(Cursor<Vec<u8>>);

    impl Read for Said {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }

    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn talk(said: &str) -> Talk<Said> {
        let said = format!("* OK at your service\r\n{said}");
        Talk::begin(Said(Cursor::new(said.into_bytes())), Arc::default()).unwrap_or_else(|_| panic!())
    }

    #[test]
    fn marks_without_an_end_are_not_held() {
        let line = |uid| format!("* {uid} FETCH (UID {uid} FLAGS ({}a))\r\n", "a ".repeat(999_999));
        let (some, all) = flags(&mut talk(&format!("{}K1 OK\r\n", line(1))), 0).unwrap();
        assert_eq!((some[&1].len(), all), (1_000_000, 0));
        let lines: String = (1..6).map(line).collect();
        assert_eq!(flags(&mut talk(&format!("{lines}K1 OK\r\n")), 0), Err(Away::TooMuch));
    }

    /// `K1` tells what was asked for, and then of a change that came meanwhile.
    #[test]
    fn a_change_without_a_number_is_asked_for_again() {
        let said = "* 1 FETCH (UID 3 FLAGS (a) MODSEQ (7))\r\n* 1 FETCH (FLAGS (b) MODSEQ (9))\r\nK1 OK\r\n";
        let (some, all) = flags(&mut talk(said), 5).unwrap();
        assert_eq!((some[&3].join(" ").as_str(), all), ("a", 7));
    }

    /// What came before the refusal is known.
    #[test]
    fn sizes_that_are_refused_are_unknown() {
        let mut talk = talk("* 1 FETCH (UID 3 RFC822.SIZE 7)\r\n* 2 FETCH (UID 9 RFC822.SIZE 7)\r\nK1 NO Enough.\r\n");
        assert_eq!(sizes(&mut talk, &[3, 4]), Ok(BTreeMap::from([(3, 7)])));
    }
}
