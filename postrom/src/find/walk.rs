//! The structure of a mail as a flat walk from its first byte to its last: no recursion, nothing built.
//!
//! Comes in: the bytes of a mail. Goes out: one [`Leaf`] after the other, some at once, which together are all of its bytes, each
//! with the mail that it lies nearest to. What always holds: the way is linear in the bytes, and needs no more memory than [`DEEPEST`]
//! marks, whether a million mails lie in each other or a million parts beside each other.

use std::ops::Range;
use std::rc::Rc;

use memchr::{memchr, memmem};

use super::head::{self, Mail, Mime};
use super::mbox;
use super::piece::Piece;
use crate::found::Kind;

/// Multiparts within each other. Honest mail has four or five, a much forwarded one ten.
const DEEPEST: usize = 50;
/// Mails within each other are counted no further.
const MOST_FORWARDED: usize = 20;

/// A stretch of a mail in which nothing begins and nothing ends.
pub(super) struct Leaf {
    /// All of it, its head too.
    pub range: Range<usize>,
    /// Where its body begins.
    pub body: usize,
    /// The mail that it lies in.
    pub mail: Rc<Mail>,
    /// What its head says; none for what stands between parts.
    pub mime: Option<Mime>,
}

/// What is known of a mail when its end was reached.
#[derive(Default)]
pub(super) struct Walked {
    /// `type/subtype` of its own head.
    pub kind: Option<String>,
    /// `protocol` of its own head.
    pub protocol: Option<String>,
    /// A multipart lay deeper than is looked.
    pub too_deep: bool,
}

impl Walked {
    /// What it is when nothing sealed is in it.
    pub(super) fn of_mail(&self) -> Kind {
        let protocol = self.protocol.as_deref().unwrap_or_default().to_ascii_lowercase();
        match self.kind.as_deref() {
            Some("application/pkcs7-mime" | "application/x-pkcs7-mime") => Kind::Smime,
            Some("multipart/signed") if protocol.contains("pkcs7") => Kind::Smime,
            Some("multipart/signed") if protocol.contains("pgp") => Kind::Signature,
            _ => Kind::Mail,
        }
    }
}

/// Where the next head begins.
enum Next {
    /// That of a mail, in so many others.
    Mail { at: usize, forwarded: usize },
    /// That of a part; `from` is the line with the mark before it.
    Part { from: usize, at: usize, mail: Rc<Mail> },
}

struct Open {
    mark: Vec<u8>,
    mail: Rc<Mail>,
    digest: bool,
}

/// A line that parts a multipart.
struct Mark {
    line: Range<usize>,
    /// Which of those that are open.
    open: usize,
    closing: bool,
}

/// The way through a mail.
pub(super) struct Walk {
    bytes: Piece,
    open: Vec<Open>,
    leaves: Vec<Leaf>,
    next: Option<Next>,
    first: bool,
    done: Walked,
}

impl Walk {
    pub(super) fn new(bytes: Piece) -> Self {
        Self {
            bytes,
            open: Vec::new(),
            leaves: Vec::new(),
            next: Some(Next::Mail { at: 0, forwarded: 0 }),
            first: true,
            done: Walked::default(),
        }
    }

    /// The next leaves, some more than `most`, and what is known when they were the last.
    pub(super) fn leaves(&mut self, most: usize) -> (Vec<Leaf>, Option<Walked>) {
        while self.leaves.len() < most
            && let Some(step) = self.next.take()
        {
            self.next = self.step(step);
        }
        let done = self.next.is_none().then(|| std::mem::take(&mut self.done));
        (std::mem::take(&mut self.leaves), done)
    }

    /// The mail that is walked through.
    pub(super) fn mail(&self) -> &Piece {
        &self.bytes
    }

    /// From one head to the next.
    fn step(&mut self, step: Next) -> Option<Next> {
        match step {
            Next::Mail { at, forwarded } => {
                let head = head::read(&self.bytes, at, true);
                let mime = Mime::read(&head.fields);
                if std::mem::take(&mut self.first) {
                    self.done.kind.clone_from(&mime.kind);
                    self.done.protocol.clone_from(&mime.protocol);
                }
                let mail = Rc::new(Mail::new(head.fields, mime.is("multipart/encrypted"), forwarded));
                self.body(at, head.body, mime, mail)
            }
            Next::Part { from, at, mail } => {
                let head = head::read(&self.bytes, at, false);
                let mut mime = Mime::read(&head.fields);
                if mime.kind.is_none() && self.open.last().is_some_and(|open| open.digest) {
                    mime.kind = Some("message/rfc822".to_owned());
                }
                self.body(from, head.body, mime, mail)
            }
        }
    }

    /// What follows a head: a mail, parts, or a leaf.
    fn body(&mut self, from: usize, body: usize, mut mime: Mime, mail: Rc<Mail>) -> Option<Next> {
        if mime.is_mail() && mime.encoding == head::Encoding::Plain {
            let forwarded = (mail.forwarded + 1).min(MOST_FORWARDED);
            self.leaf(from..body, body, mail, None);
            return Some(Next::Mail { at: body, forwarded });
        }
        let mark = if mime.is_multipart() {
            mime.boundary.take()
        } else {
            None
        };
        let parts = mark.is_some();
        if let Some(mark) = mark {
            let digest = mime.is("multipart/digest");
            if self.open.len() < DEEPEST {
                self.open.push(Open {
                    mark,
                    mail: mail.clone(),
                    digest,
                });
            } else {
                self.done.too_deep = true;
            }
        }
        let next = self.next_mark(body);
        let end = next.as_ref().map_or(self.bytes.len(), |mark| mark.line.start);
        self.leaf(from..end, body, mail, Some(mime).filter(|_| !parts));
        self.behind(next?)
    }

    /// What follows a mark: a part, or what stands behind the last one.
    fn behind(&mut self, mut mark: Mark) -> Option<Next> {
        loop {
            self.open.truncate(mark.open + 1);
            let mail = self.open.last().map(|open| open.mail.clone())?;
            if !mark.closing {
                return Some(Next::Part {
                    from: mark.line.start,
                    at: mark.line.end,
                    mail,
                });
            }
            self.open.pop();
            let next = self.next_mark(mark.line.end);
            let pasted = if self.open.is_empty() {
                self.pasted(mark.line.end)
            } else {
                None
            };
            let end = next.as_ref().map(|next| next.line.start).or(pasted);
            self.leaf(
                mark.line.start..end.unwrap_or(self.bytes.len()),
                mark.line.end,
                mail,
                None,
            );
            if let Some(at) = pasted {
                return Some(Next::Mail { at, forwarded: 0 });
            }
            mark = next?;
        }
    }

    fn leaf(&mut self, range: Range<usize>, body: usize, mail: Rc<Mail>, mime: Option<Mime>) {
        let body = body.min(range.end);
        self.leaves.push(Leaf {
            range,
            body,
            mail,
            mime,
        });
    }

    /// The next line that is a mark of what is open.
    fn next_mark(&self, from: usize) -> Option<Mark> {
        if self.open.is_empty() {
            return None;
        }
        let rest = &self.bytes[from..];
        let first = rest.starts_with(b"--").then_some(0);
        let later = memmem::find_iter(rest, b"\n--").map(|at| at + 1);
        first.into_iter().chain(later).find_map(|at| self.mark(from + at))
    }

    fn mark(&self, at: usize) -> Option<Mark> {
        // RFC 2046 §5.1.1 allows 70 bytes; programs have used more.
        const LONGEST: usize = 1000;
        let rest = &self.bytes[at..self.bytes.len().min(at + LONGEST)];
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest[2..].get(..length - 2)?.trim_ascii_end();
        let found = self.open.iter().rposition(|open| {
            line.starts_with(&open.mark) && {
                let rest = &line[open.mark.len()..];
                rest.is_empty() || rest == b"--"
            }
        })?;
        Some(Mark {
            line: at..self.bytes.len().min(at + length + 1),
            open: found,
            closing: line.len() > self.open[found].mark.len(),
        })
    }

    /// Where another mail begins that was put behind this one.
    fn pasted(&self, from: usize) -> Option<usize> {
        let mut at = from;
        while at < self.bytes.len() {
            let end = memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length + 1);
            let line = &self.bytes[at..end];
            if head::begins_mail(line) || mbox::is_separator(line) {
                return Some(at);
            }
            at = end;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(text: &str) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        let mut covered = 0;
        let mut walk = Walk::new(Piece::input(text.as_bytes().to_vec()));
        let mut done = None;
        while done.is_none() {
            let some;
            (some, done) = walk.leaves(2);
            for leaf in some {
                assert_eq!(leaf.range.start, covered, "a stretch is missing or told twice");
                covered = leaf.range.end;
                if leaf.mime.is_some() {
                    let body = &text[leaf.body..leaf.range.end];
                    found.push((body.trim().to_owned(), leaf.mail.forwarded));
                }
            }
        }
        assert_eq!(covered, text.len(), "the end is missing");
        found
    }

    #[test]
    fn parts_and_mails_are_told_one_after_the_other() {
        let inner = "Subject: b\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\none\n--y\n\ntwo\n--y--\nend\n";
        let outer = format!(
            "Subject: a\nContent-Type: multipart/mixed; boundary=\"x\"\n\nbefore\n--x\nContent-Type: message/rfc822\n\n{inner}--x\n\nthree\n--x--\nSubject: c\n\nfour"
        );
        let wanted = [("one", 1), ("two", 1), ("three", 0), ("four", 0)].map(|(text, depth)| (text.to_owned(), depth));
        assert_eq!(leaves(&outer), wanted);
    }

    #[test]
    fn a_digest_holds_mails() {
        let text =
            "Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\none\n--x\n\nSubject: b\n\ntwo\n--x--\n";
        assert_eq!(leaves(text), [("one".to_owned(), 1), ("two".to_owned(), 1)]);
    }

    #[test]
    fn what_is_broken_is_covered_all_the_same() {
        for text in [
            "",
            "\n",
            "--x",
            "a: b",
            "Content-Type: multipart/mixed; boundary=x\n\n--x",
            "x\n--x--\n--x--",
            "Content-Type: message/rfc822\n\n",
        ] {
            leaves(text);
        }
    }
}
