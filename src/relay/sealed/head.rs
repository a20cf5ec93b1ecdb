//! The head of a mail of ours: these fields in this order, then the two parts of PGP/MIME, each byte as it is written.

use jiff::fmt::rfc2822;
use konvolutt_letter::{MailHead, Reference};

/// A name and a subject of a hundred characters each, in encoded words, are some 800 bytes.
pub(super) const LONGEST: usize = 8 * 1024;

/// The head at the beginning of a mail.
pub(super) fn read(mail: &[u8]) -> Result<MailHead, &'static str> {
    let found = fields(mail).ok_or("does not have the head that the form writes")?;
    // Whatever the fields hold: written once more it must be the same bytes, so nothing stands between or behind them.
    if !mail.starts_with(found.text().as_bytes()) {
        return Err("has something in its head that the form does not write");
    }
    if is_ours(&found) {
        Ok(found)
    } else {
        Err("has a field in its head that the form does not write so")
    }
}

fn fields(mail: &[u8]) -> Option<MailHead> {
    let mut rest = mail;
    let mut next = |name: &str| {
        rest = rest.strip_prefix(name.as_bytes())?.strip_prefix(b": ")?;
        let (value, after) = field(rest)?;
        rest = after;
        Some(value)
    };
    Some(MailHead {
        from: next("From")?,
        to: next("To")?,
        subject: next("Subject")?,
        date: next("Date")?,
        message_id: next("Message-ID")?,
        reference: next("X-Konvolutt-Reference")?,
        boundary: next("MIME-Version")
            .and_then(|_| next("Content-Type"))
            .as_deref()
            .and_then(boundary)?,
    })
}

/// A value with the lines that are folded onto it (RFC 5322 §2.2.3), and what follows.
fn field(from: &[u8]) -> Option<(String, &[u8])> {
    let ends = from.windows(2).enumerate().filter(|(_, pair)| *pair == b"\r\n");
    let mut ends = ends.map(|(at, _)| at);
    let end = ends.find(|at| !matches!(from.get(at + 2), Some(b' ' | b'\t')))?;
    let value = String::from_utf8(from[..end].to_vec()).ok()?;
    Some((value, &from[end + 2..]))
}

fn boundary(content_type: &str) -> Option<String> {
    let (_, quoted) = content_type.split_once("boundary=\"")?;
    quoted.strip_suffix('"').map(str::to_owned)
}

/// From, To and Subject are written anew by the relay, so only their shape counts: a mailbox may have had another address when
/// the letter came. The others go out as they are.
fn is_ours(head: &MailHead) -> bool {
    let short = [&head.from, &head.to, &head.subject].map(|value| is_shaped(value));
    short == [true; 3]
        && !head.to.contains([' ', ',', '\r'])
        && is_date(&head.date)
        && is_message_id(&head.message_id)
        && Reference::parse(&head.reference).is_some_and(|reference| reference.to_string() == head.reference)
        && head.boundary.strip_prefix("=_").is_some_and(is_random)
}

/// Printable ASCII, folded only before an encoded word.
fn is_shaped(value: &str) -> bool {
    let mut lines = value.split("\r\n");
    lines.next().is_some_and(is_plain) && lines.all(|line| is_plain(line) && line.starts_with(" =?utf-8?B?"))
}

/// Printable ASCII, and a domain in any language (RFC 6532).
fn is_plain(line: &str) -> bool {
    let (before, domain) = line.rsplit_once('@').unwrap_or((line, ""));
    let is_ascii = |c: char| matches!(c, ' '..='~');
    line.len() < 998 && before.chars().all(is_ascii) && domain.chars().all(|c| is_ascii(c) || c.is_alphanumeric())
}

/// By the minute, in the one form that is written.
fn is_date(text: &str) -> bool {
    let again = rfc2822::parse(text).ok().and_then(|date| {
        let to_the_minute = date.second() == 0;
        rfc2822::to_string(&date).ok().filter(|_| to_the_minute)
    });
    again.as_deref() == Some(text)
}

fn is_message_id(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
    let is_domain = |text: &str| {
        (1..=253).contains(&text.len())
            // With letters of any language, or an address in brackets (RFC 5321, 4.1.3).
            && text.chars().all(|c| c.is_alphanumeric() || ".-[]:".contains(c))
    };
    inner
        .and_then(|inner| inner.split_once('@'))
        .is_some_and(|(id, domain)| is_random(id) && is_domain(domain))
}

/// 128 bits in hexadecimal.
fn is_random(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
