//! What is asked of one mailbox: its numbers, sizes and mails.
//!
//! What always holds: it is opened with EXAMINE, and mails are asked for with BODY.PEEK, so that nothing in it changes.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};

use imap_proto::{AttributeValue, MailboxDatum, Response, ResponseCode, SectionPath};

use super::talk::{Ended, Talk, code, spoken};
use super::words::{folder, set};
use crate::trouble::Away;

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
    Ok(about)
}

/// The UIDs of all mails, in their order.
pub(super) fn uids<S: Read + Write>(talk: &mut Talk<S>) -> Result<Vec<u32>, Away> {
    let mut found = Vec::new();
    let ended = talk.ask("UID SEARCH ALL", &mut |response| {
        if let Response::MailboxData(MailboxDatum::Search(some)) = response {
            found.extend_from_slice(some);
        }
    })?;
    ended.or(|text| Away::Unwilling { text: spoken(&text) })?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// How large these mails are, as far as the server says.
pub(super) fn sizes<S: Read + Write>(talk: &mut Talk<S>, uids: &[u32]) -> Result<BTreeMap<u32, u64>, Away> {
    let mut sizes = BTreeMap::new();
    let ended = fetch(talk, uids, "RFC822.SIZE", &mut |uid, attributes| {
        for attribute in attributes {
            if let AttributeValue::Rfc822Size(size) = attribute {
                sizes.insert(uid, u64::from(*size));
            }
        }
    })?;
    ended.or(|text| Away::Unwilling { text: spoken(&text) })?;
    Ok(sizes)
}

/// These mails, whole, each as it comes. A refusal may be about one of them.
pub(super) fn mails<S: Read + Write>(
    talk: &mut Talk<S>,
    uids: &[u32],
    take: &mut dyn FnMut(u32, Vec<u8>),
) -> Result<Ended, Away> {
    fetch(talk, uids, "BODY.PEEK[]", &mut |uid, attributes| {
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
    let (mut flags, mut count) = (HashMap::new(), since);
    let changed = if since > 0 {
        format!(" (CHANGEDSINCE {since})")
    } else {
        String::new()
    };
    let ended = talk.ask(&format!("UID FETCH 1:* (FLAGS MODSEQ){changed}"), &mut |response| {
        let Response::Fetch(_, attributes) = response else {
            return;
        };
        let (mut uid, mut own) = (None, None);
        for attribute in attributes {
            match attribute {
                AttributeValue::Uid(number) => uid = Some(*number),
                AttributeValue::Flags(flags) => own = Some(flags.iter().map(|flag| flag.to_string()).collect()),
                AttributeValue::ModSeq(changes) => count = count.max(*changes),
                _ => {}
            }
        }
        if let (Some(uid), Some(own)) = (uid, own) {
            flags.insert(uid, own);
        }
    })?;
    ended.or(|text| Away::Unwilling { text: spoken(&text) })?;
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
