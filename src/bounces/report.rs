//! What a mail server says became of a letter that another one had taken (RFC 3464), and which letter it means.
//!
//! Comes in: a mail of anybody. Goes out: a [`Report`], when it is one. Its words are for people, and nothing more is made
//! of them.

use konvolutt_letter::printable;

use super::mime::{self, Part};

/// Of the other side's words so many are kept: one reply of a mail server.
const LONGEST: usize = 400;
/// Digits of an id of ours.
const ID: usize = 32;
/// Where the address stands that a mail was sent to: in the words of Postfix, Exim, Dovecot, and of whoever wrote it.
const DELIVERED_TO: [&str; 5] = ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to"];
/// What a report answers to: Exchange and Google say so, also where they return nothing of the letter.
const ANSWERS: [&str; 2] = ["in-reply-to", "references"];
/// The part for machines; RFC 6533 has the same with addresses in any language.
const STATUS: [&str; 2] = ["message/delivery-status", "message/global-delivery-status"];
/// What may be returned of a letter: all of it, or its head.
const RETURNED: [&str; 5] = [
    "message/rfc822",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global",
    "message/global-headers",
];

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    /// Delivered, passed on, or divided: nothing to do.
    Done,
    /// It is still tried.
    Delayed,
    /// It will not be delivered.
    Failed,
}

/// A mail server's report.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// The worst that is said of any recipient: behind our one address there may be several.
    pub(super) action: Action,
    /// In the other side's words, for people.
    pub(super) words: String,
    /// The id in the envelope, given back.
    pub(super) envelope_id: Option<String>,
    /// What may be the id in an address that the report was sent to.
    pub(super) address_ids: Vec<String>,
    /// The part of the Message-ID before the `@`, in what was returned of the letter, else in what the report answers to.
    pub(super) message_id: Option<String>,
}

/// What is said of one recipient.
struct Recipient {
    action: Action,
    words: String,
}

impl Report {
    /// `None` for a mail that is no report.
    pub(super) fn read(mail: &[u8]) -> Option<Self> {
        let mail = Part::read(mail);
        let address_ids = DELIVERED_TO.iter().flat_map(|name| mail.fields(name)).flat_map(ids);
        let address_ids = address_ids.collect();
        let answers = ANSWERS.iter().find_map(|name| message_id(mail.field(name)?));
        let failed: Vec<String> = mail.fields("x-failed-recipients").map(str::to_owned).collect();
        let leaves = mail.leaves();
        let status = leaves.iter().find(|part| STATUS.contains(&part.kind().as_str()));
        let mut found = match status {
            Some(status) => of_status(&status.content())?,
            None => of_text(&failed, leaves.first()?)?,
        };
        let returned = leaves.iter().find(|part| RETURNED.contains(&part.kind().as_str()));
        if let Some(returned) = returned {
            let content = returned.content();
            let head = Part::read(&content);
            found.message_id = head.field("message-id").and_then(message_id);
        }
        found.message_id = found.message_id.or(answers);
        Some(Self { address_ids, ..found })
    }
}

/// Groups of fields with empty lines between: one of the whole mail, then one of each recipient.
fn of_status(content: &[u8]) -> Option<Report> {
    let mut rest = content;
    let (mut envelope_id, mut recipients) = (None, Vec::new());
    while let Some((line, after)) = mime::line(rest) {
        if line.trim_ascii().is_empty() {
            rest = after;
            continue;
        }
        let (group, behind) = group(rest);
        rest = behind;
        let group = Part::read(group);
        let id = group
            .field("original-envelope-id")
            .map(|id| id.trim_matches(['<', '>']).to_ascii_lowercase());
        envelope_id = envelope_id.or(id);
        recipients.extend(recipient(&group));
    }
    let worst = recipients.iter().map(|recipient| recipient.action).max()?;
    let of_worst = recipients.into_iter().filter(|recipient| recipient.action == worst);
    let words: Vec<String> = of_worst.map(|recipient| recipient.words).collect();
    Some(Report {
        action: worst,
        words: cut(&words.join("; ")),
        envelope_id,
        address_ids: Vec::new(),
        message_id: None,
    })
}

/// The lines up to the next empty one, and what is behind them.
fn group(from: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = from;
    while let Some((line, after)) = mime::line(rest) {
        if line.trim_ascii().is_empty() {
            break;
        }
        rest = after;
    }
    from.split_at(from.len() - rest.len())
}

fn recipient(group: &Part<'_>) -> Option<Recipient> {
    let status = group.field("status").unwrap_or_default();
    let action = group.field("action").unwrap_or_default();
    let word = action
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    let action = match (word.to_ascii_lowercase().as_str(), status.as_bytes().first()) {
        ("failed", _) | ("", Some(b'5')) => Action::Failed,
        ("delayed", _) | ("", Some(b'4')) => Action::Delayed,
        ("", None) => return None,
        _ => Action::Done,
    };
    let said = group
        .field("diagnostic-code")
        .map(after_type)
        .filter(|said| !said.is_empty());
    let whom = ["final-recipient", "original-recipient"]
        .iter()
        .find_map(|name| group.field(name));
    let whom = whom.map(|whom| format!(" ({})", after_type(whom)));
    Some(Recipient {
        action,
        words: format!("{}{}", said.unwrap_or(status), whom.unwrap_or_default()),
    })
}

/// `smtp; 550 no` and `rfc822;a@b` without the word before them.
fn after_type(value: &str) -> &str {
    value.split_once(';').map_or(value, |(_, rest)| rest).trim()
}

/// A mail in words alone, with the field by which Exim and Google have marked such mails for long. What was returned of the
/// letter stands below the words.
fn of_text(failed: &[String], text: &Part<'_>) -> Option<Report> {
    let whom = failed.first()?;
    let content = text.content();
    let text = String::from_utf8_lossy(&content);
    let about = text
        .lines()
        .map(str::trim)
        .skip_while(|line| !line.contains(whom.as_str()));
    let words: Vec<&str> = about.take(6).take_while(|line| !line.is_empty()).collect();
    let message_id = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_it = name.trim().eq_ignore_ascii_case("message-id");
        is_it.then(|| message_id(value)).flatten()
    });
    Some(Report {
        action: Action::Failed,
        words: cut(&if words.is_empty() {
            whom.clone()
        } else {
            words.join(" ")
        }),
        envelope_id: None,
        address_ids: Vec::new(),
        message_id,
    })
}

/// `<id@domain>`: ours has the digits of an id.
fn message_id(value: &str) -> Option<String> {
    let inner = value.split_once('<').map_or(value, |(_, inner)| inner);
    let (id, _) = inner.split_once('@')?;
    is_id(id).then(|| id.to_ascii_lowercase())
}

/// Every `…+id@` in a value. What stands before the id is the operator's business, and may have changed since.
fn ids(value: &str) -> Vec<String> {
    let locals = value.match_indices('@').map(|(at, _)| &value[..at]);
    let found = locals.filter_map(|local| {
        let (before, id) = local.split_at_checked(local.len().checked_sub(ID)?)?;
        let is_own = is_id(id) && before.ends_with(|c: char| !c.is_ascii_alphanumeric());
        is_own.then(|| id.to_ascii_lowercase())
    });
    found.take(8).collect()
}

fn is_id(text: &str) -> bool {
    text.len() == ID && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Other people's words stand in alarms, in the log and on terminals.
fn cut(words: &str) -> String {
    // Enough for all that stays, so that a long one costs nothing.
    let begin: String = words.chars().take(4 * LONGEST).collect();
    let plain = printable(&begin);
    match plain.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}

#[cfg(test)]
mod tests;
