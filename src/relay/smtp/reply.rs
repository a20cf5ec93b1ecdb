//! A server's reply as a value, and what it is about.
//!
//! Comes in: a code with its lines, and the stage of the conversation. Goes out: a [`Reply`], and for anything but the
//! wanted yes a [`Refusal`]. What always holds: the enhanced code is read at its place, right after the code
//! (RFC 2034 §4), and never searched for: the text holds addresses such as 195.2.2.7.

use std::fmt;

use crate::explain::Explained;

/// RFC 3463: class, subject, detail.
pub(super) type Enhanced = (u8, u16, u16);

/// How far the conversation was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Greeting, EHLO, STARTTLS, TLS.
    Connect,
    /// AUTH, once it was said.
    Login,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA, before the letter.
    Data,
    /// The letter and its closing dot.
    End,
}

/// What a reply is about, which is not where it came: many servers keep a refusal of the client or the sender until RCPT
/// (Postfix calls it `smtpd_delay_reject`), some even until the closing dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// The server itself, or the conversation with it.
    Connection,
    /// Who we are: address, login, right to send. The same for every letter.
    Sender,
    /// The address of a mailbox, the same for each of its letters.
    Mailbox,
    /// This letter: its size, its content.
    Letter,
}

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) enhanced: Option<Enhanced>,
    pub(super) lines: Vec<String>,
}

/// Anything but the wanted yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) stage: Stage,
    /// None when there was no reply, or none that could be used.
    pub(super) code: Option<u16>,
    pub(super) enhanced: Option<Enhanced>,
    pub(super) subject: Subject,
    /// For the operator: the server's words, cut and made printable.
    pub(super) text: String,
    /// What helps, where more is known than the subject says.
    pub(super) remedy: Option<String>,
    /// The server said it to another letter; this one did not ask.
    pub(super) was_heard_before: bool,
}

impl Reply {
    /// A code and its lines, the codes before them taken off.
    pub(super) fn new<'a>(code: u16, lines: impl IntoIterator<Item = &'a str>) -> Self {
        let lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
        let enhanced = lines.first().and_then(|line| enhanced(line));
        Self { code, enhanced, lines }
    }

    /// One whole reply as it came (RFC 5321 §4.2.1); none when it is anything else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let body = text.strip_suffix("\r\n")?;
        let all: Vec<&str> = body.split("\r\n").collect();
        let (last, first) = all.split_last()?;
        let code = last.get(..3)?;
        let begin = |line: &&str, after: &[u8]| {
            let next = line.as_bytes().get(3);
            line.starts_with(code) && next.is_none_or(|byte| after.contains(byte))
        };
        if !begin(last, b" ") || !first.iter().all(|line| line.len() > 3 && begin(line, b"-")) {
            return None;
        }
        let number = code.bytes().all(|byte| byte.is_ascii_digit());
        let code = code.parse().ok().filter(|_| number)?;
        Some(Self::new(
            code,
            all.iter().map(|line| line.get(4..).unwrap_or_default()),
        ))
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.code, self.lines.join(" "))
    }
}

impl Refusal {
    /// A reply that is no yes.
    pub(super) fn new(stage: Stage, reply: &Reply) -> Self {
        Self {
            stage,
            code: Some(reply.code),
            enhanced: reply.enhanced,
            subject: subject(stage, reply.code, reply.enhanced),
            text: printable(&reply.to_string()),
            remedy: None,
            was_heard_before: false,
        }
    }

    /// No reply that could be used: a cut connection, silence, words out of turn.
    pub(super) fn without_reply(stage: Stage, why: &str) -> Self {
        Self {
            stage,
            code: None,
            enhanced: None,
            subject: Subject::Connection,
            text: printable(why),
            remedy: None,
            was_heard_before: false,
        }
    }

    /// Silence.
    pub(super) fn late(stage: Stage) -> Self {
        Self::without_reply(stage, "the mail server did not answer in time")
    }

    /// Something failed on the way to a connection, or on it.
    pub(super) fn explained(stage: Stage, explained: Explained) -> Self {
        let refusal = Self::without_reply(stage, &explained.what);
        refusal.with_remedy(explained.remedy)
    }

    pub(super) fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// The enhanced code that a line begins with: a word of its own, with three numbers and no more.
fn enhanced(line: &str) -> Option<Enhanced> {
    let number = |part: &str| {
        let digits = (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    let mut parts = line.split(' ').next()?.split('.');
    let class = match parts.next()? {
        "2" => 2,
        "4" => 4,
        "5" => 5,
        _ => return None,
    };
    let code = (class, number(parts.next()?)?, number(parts.next()?)?);
    parts.next().is_none().then_some(code)
}

/// What a no is about: by what it says, and only if it does not say, by where it came.
fn subject(stage: Stage, code: u16, enhanced: Option<Enhanced>) -> Subject {
    let by_stage = match stage {
        Stage::Connect | Stage::Login => Subject::Connection,
        Stage::Mail => Subject::Sender,
        Stage::Rcpt => Subject::Mailbox,
        Stage::Data | Stage::End => Subject::Letter,
    };
    match code {
        // RFC 5321 §4.2.3, RFC 7504: it closes, or takes no mail at all.
        421 | 521 => return Subject::Connection,
        // At the login: not now, whatever the user and the secret are (RFC 4954 §6).
        400..=499 if stage == Stage::Login => return Subject::Connection,
        // RFC 4954 §6, RFC 5248: no login, a wrong one, a disabled one.
        524 | 525 | 530 | 533..=535 | 538 => return Subject::Sender,
        _ => {}
    }
    let Some((_, subject, detail)) = enhanced else {
        return by_code(stage, code).unwrap_or(by_stage);
    };
    by_enhanced(stage, code, (subject, detail)).unwrap_or(by_stage)
}

/// A code without an enhanced one.
fn by_code(stage: Stage, code: u16) -> Option<Subject> {
    match code {
        // Out of step; 501 and 555 are about the address that was just named.
        500 | 502..=504 => Some(Subject::Connection),
        501 | 555 if stage >= Stage::Data => Some(Subject::Connection),
        454 if stage > Stage::Login && stage != Stage::Rcpt => Some(Subject::Sender),
        // "Exceeded storage allocation", "domain takes no mail".
        552 | 556 if stage >= Stage::Rcpt => Some(Subject::Mailbox),
        _ => None,
    }
}

/// By the registry of RFC 5248. None where it says no more than the stage does.
fn by_enhanced(stage: Stage, code: u16, enhanced: (u16, u16)) -> Option<Subject> {
    let before_rcpt = stage < Stage::Rcpt;
    match enhanced {
        // Too big: told of a letter, also before it was sent (RFC 1870).
        (3, 4) | (2, 3) | (7, 16) if stage >= Stage::Mail => Some(Subject::Letter),
        // The sender's address; Exchange's "send as" denied, which comes after the letter.
        (1, 7 | 8) | (2, 252) | (7, 60) => Some(Subject::Sender),
        // Login, and what a sender's domain must have published (RFC 7372, RFC 7505).
        (7, 8..=14 | 20..=24 | 26 | 27 | 57 | 139) => Some(Subject::Sender),
        // At the login: Microsoft takes no passwords. (RFC 8689 has the same number for a letter that asks for TLS.)
        (7, 30) if before_rcpt => Some(Subject::Sender),
        // No login, told late; at RCPT it is Postfix' "relay access denied", which is about the address, and before the login it
        // is TLS that cannot be had now (RFC 3207 §4).
        (7, _) if code == 454 && stage > Stage::Login && stage != Stage::Rcpt => Some(Subject::Sender),
        // A sender that the login does not own (Postfix).
        (7, 1) if code == 553 && stage == Stage::Rcpt => Some(Subject::Sender),
        // Reverse DNS, a flood, Exchange's connectors; the server's own state; the conversation.
        (7, 25 | 28 | 64) | (3, 1 | 2 | 3 | 5) | (5, 1..) => Some(Subject::Connection),
        (4, _) if before_rcpt => Some(Subject::Connection),
        // Addresses, mailboxes, and the way to them.
        (1, 1..=6 | 10) | (2 | 4, _) | (7, 2 | 17 | 18) if !before_rcpt => Some(Subject::Mailbox),
        _ => None,
    }
}

/// Other people's words are cut and made printable.
pub(super) fn printable(text: &str) -> String {
    konvolutt_letter::printable(text).chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enhanced_code_is_read_at_its_place_alone() {
        for (line, code) in [
            ("5.7.1 no", Some((5, 7, 1))),
            ("4.2.2", Some((4, 2, 2))),
            ("5.7.606 banned", Some((5, 7, 606))),
            ("5.2.2.7 is blocked", None),
            ("195.2.2.7 is blocked", None),
            ("your address 195.2.2.7 is blocked", None),
            ("mailbox full 5.2.2", None),
            ("#5.7.1 no", None),
            (" 5.7.1 no", None),
            ("5.7", None),
            ("5.7.x no", None),
            ("5.7.1: no", None),
            ("5.7.1234 no", None),
            ("3.7.1 no", None),
            ("5.+7.1 no", None),
            ("", None),
        ] {
            assert_eq!(enhanced(line), code, "{line}");
        }
    }

    #[test]
    fn a_reply_is_one_reply_with_all_of_its_lines() {
        let reply = Reply::read("550-5.1.1 no such user\r\n550 5.1.1 see 5.2.2\r\n").unwrap();
        assert_eq!((reply.code, reply.enhanced), (550, Some((5, 1, 1))));
        assert_eq!(reply.lines, ["5.1.1 no such user", "5.1.1 see 5.2.2"]);
        let second = Reply::read("550-sorry\r\n550 5.1.1 no such user\r\n").unwrap();
        assert_eq!(second.enhanced, None, "the first line is the place");
        assert_eq!(Reply::read("220\r\n").unwrap().lines, [""]);
        for bad in [
            "",
            "220",
            "220 go\n",
            "22\r\n",
            "220 go\r\n250 ok\r\n",
            "220-go\r\n",
            "220-go\r\n250 ok\r\n",
            "220\r\n220 go\r\n",
            "+20 go\r\n",
            "æø go\r\n",
            "220xgo\r\n",
        ] {
            assert_eq!(Reply::read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn words_of_others_are_one_short_line() {
        assert_eq!(printable(" a\r\nb\u{1b}[31m "), "a b [31m");
        // What turns the direction of all that follows, and what nobody sees.
        assert_eq!(printable("no\u{202e}tpecca\u{200b}"), "no tpecca");
        assert_eq!(printable(&"å".repeat(400)).chars().count(), 300);
    }
}
