//! What is to be done about a no.
//!
//! Comes in: a [`Refusal`]. Goes out: a [`Verdict`], and what the operator can do. What always holds: a letter is held
//! only for what is said of this letter and for good; everything unknown is temporary.

use super::reply::{Refusal, Stage, Subject};

/// What becomes of the letter, and of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This letter is held, with an alarm of its own.
    Hold,
    /// This letter is tried again later.
    Later,
    /// The letters of its mailbox wait, with one alarm.
    MailboxWaits,
    /// All letters wait, with one alarm.
    AllWait,
}

/// Sender and recipient of every letter are constants of the configuration: before the letter itself nothing is said of
/// it but its size. A server that refuses them is wrong for all letters, until it is mended.
pub(super) fn verdict(refusal: &Refusal) -> Verdict {
    let before_rcpt = refusal.stage < Stage::Rcpt;
    match (refusal.subject, is_for_good(refusal)) {
        (Subject::Letter, true) => Verdict::Hold,
        (Subject::Letter, false) => Verdict::Later,
        (Subject::Sender, _) => Verdict::AllWait,
        (Subject::Connection, for_good) if for_good || before_rcpt => Verdict::AllWait,
        (Subject::Mailbox, true) => Verdict::MailboxWaits,
        // Greylisting, a busy server, a connection that broke: the next attempt will tell.
        (Subject::Connection | Subject::Mailbox, _) => Verdict::Later,
    }
}

/// 5xx is for good (RFC 5321 §4.2.1), unless the server contradicts itself. A bare 552 may mean a full mailbox, which a
/// clerk empties tomorrow. A missing right to relay is no matter of time, although Postfix says 454.
fn is_for_good(refusal: &Refusal) -> bool {
    match (refusal.code, refusal.enhanced) {
        (Some(552), None) => false,
        (Some(454), enhanced) if refusal.subject == Subject::Mailbox => {
            enhanced.is_none_or(|(_, subject, _)| subject == 7)
        }
        (Some(500..), enhanced) => enhanced.is_none_or(|(class, ..)| class == 5),
        _ => false,
    }
}

/// What the operator can do; ends the alarm's sentence.
pub(super) fn remedy(subject: Subject) -> &'static str {
    match subject {
        Subject::Connection => {
            "look after the mail server, and the settings that lead to it in [mail.smtp] or [mail.lmtp]"
        }
        Subject::Sender => {
            "let the mail server take mail from the addresses in [mail]; where it goes by who sends, correct in [mail.smtp] the \
             `user` with the password or token, or the client certificate"
        }
        Subject::Mailbox => {
            "make room in the mailbox, or let the mail server take mail for this address, or correct the address in the \
             configuration and restart: the letters that wait go to the new one too"
        }
        Subject::Letter => "`konvolutt queue show` tells more",
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::Reply;
    use super::Subject::{Connection, Letter, Mailbox, Sender};
    use super::Verdict::{AllWait, Hold, Later, MailboxWaits};
    use super::*;
    use Stage::{Connect, Data, End, Login, Mail, Rcpt};

    const TABLE: &[(Stage, &str, Subject, Verdict)] = &[
        // Before a letter: nothing can be sent.
        (Connect, "421 4.3.2 not now", Connection, AllWait),
        (Connect, "554 5.7.1 not you", Connection, AllWait),
        (Connect, "550 5.1.1 who?", Connection, AllWait),
        (Connect, "454 4.7.0 TLS not available", Connection, AllWait),
        (Connect, "552 5.3.4 nonsense here", Connection, AllWait),
        // The login: a no for now, and one that is not about the secret, say nothing of the secret.
        (Login, "535 5.7.8 authentication failed", Sender, AllWait),
        (Login, "535 no", Sender, AllWait),
        (Login, "534 5.7.9 use an app password", Sender, AllWait),
        (Login, "550 5.7.30 no passwords here", Sender, AllWait),
        (Login, "525 5.7.13 user is disabled", Sender, AllWait),
        (Login, "454 4.7.0 temporary authentication failure", Connection, AllWait),
        (Login, "454 too many logins", Connection, AllWait),
        (Login, "451 4.7.8 later", Connection, AllWait),
        (Login, "421 4.3.2 shutting down", Connection, AllWait),
        (Login, "554 5.7.1 access denied", Connection, AllWait),
        (Login, "504 5.5.4 unknown mechanism", Connection, AllWait),
        (Login, "552 5.3.4 nonsense here", Connection, AllWait),
        // The sender, wherever it is refused.
        (Mail, "550 5.7.1 relaying denied", Sender, AllWait),
        (Mail, "553 5.1.7 bad sender", Sender, AllWait),
        (Mail, "451 later", Sender, AllWait),
        (Mail, "421 4.7.0 too many letters", Connection, AllWait),
        (Mail, "452 4.3.1 insufficient storage", Connection, AllWait),
        (Mail, "530 5.7.0 log in first", Sender, AllWait),
        (Mail, "530 5.7.57 client was not authenticated", Sender, AllWait),
        (Mail, "503 5.5.1 out of step", Connection, AllWait),
        (Mail, "555 unknown parameter", Sender, AllWait),
        (
            Rcpt,
            "553 5.7.1 <a@b>: Sender address rejected: not owned by user x",
            Sender,
            AllWait,
        ),
        (Rcpt, "550 5.1.8 sender's domain not found", Sender, AllWait),
        (
            Rcpt,
            "450 4.1.8 <a@b>: Sender address rejected: Domain not found",
            Sender,
            AllWait,
        ),
        (Rcpt, "535 log in", Sender, AllWait),
        (Rcpt, "550 5.7.27 null MX", Sender, AllWait),
        (End, "550 5.7.60 no permission to send as this sender", Sender, AllWait),
        (End, "550 5.7.26 unauthenticated mail from this domain", Sender, AllWait),
        (End, "554 5.2.252 SendAsDenied", Sender, AllWait),
        // The mailbox, wherever it is refused.
        (Rcpt, "550 5.1.1 no such mailbox", Mailbox, MailboxWaits),
        (Rcpt, "550 no such mailbox", Mailbox, MailboxWaits),
        (Rcpt, "554 5.7.1 <a@b>: Relay access denied", Mailbox, MailboxWaits),
        (Rcpt, "454 4.7.1 <a@b>: Relay access denied", Mailbox, MailboxWaits),
        (Rcpt, "454 4.3.0 try again", Mailbox, Later),
        (
            Rcpt,
            "550 5.7.1 your address 203.0.113.7 is blocked",
            Mailbox,
            MailboxWaits,
        ),
        (
            Rcpt,
            "550 5.7.1 your address 195.2.2.7 is blocked",
            Mailbox,
            MailboxWaits,
        ),
        (
            Rcpt,
            "553 sorry, not in my list of rcpthosts (#5.7.1)",
            Mailbox,
            MailboxWaits,
        ),
        (
            Rcpt,
            "550 5.4.1 recipient rejected: access denied",
            Mailbox,
            MailboxWaits,
        ),
        (Rcpt, "501 5.1.3 bad address", Mailbox, MailboxWaits),
        (Rcpt, "550 5.2.1 mailbox disabled", Mailbox, MailboxWaits),
        (Rcpt, "552 5.2.2 mailbox full", Mailbox, MailboxWaits),
        (Rcpt, "554 5.2.2 mailbox full", Mailbox, MailboxWaits),
        (Rcpt, "556 5.1.10 takes no mail", Mailbox, MailboxWaits),
        (Rcpt, "450 4.7.1 greylisted", Mailbox, Later),
        (Rcpt, "451 4.7.1 not today", Mailbox, Later),
        (Rcpt, "450 4.2.0 greylisted", Mailbox, Later),
        (Rcpt, "452 4.2.2 mailbox full", Mailbox, Later),
        (Rcpt, "550 4.2.2 both permanent and not", Mailbox, Later),
        (Rcpt, "552 message refused by 65.3.4.9", Mailbox, Later),
        (End, "550 5.1.1 no such mailbox", Mailbox, MailboxWaits),
        (End, "552 5.2.2 mailbox full", Mailbox, MailboxWaits),
        (End, "552 over quota, or too big", Mailbox, Later),
        (End, "554 5.4.6 too many hops", Mailbox, MailboxWaits),
        // The server, or the conversation, in the middle of a letter.
        (Rcpt, "421 4.3.2 shutting down", Connection, Later),
        (Rcpt, "451 4.3.5 server configuration error", Connection, Later),
        (Rcpt, "503 5.5.1 out of step", Connection, AllWait),
        (Data, "503 out of step", Connection, AllWait),
        (Data, "501 what?", Connection, AllWait),
        (Data, "554 5.5.1 no valid recipients", Connection, AllWait),
        (End, "421 4.3.2 shutting down", Connection, Later),
        (End, "452 4.3.1 insufficient storage", Connection, Later),
        (End, "554 5.3.5 local configuration error", Connection, AllWait),
        // This letter.
        (Mail, "552 5.3.4 too big", Letter, Hold),
        (Mail, "452 4.3.4 too big today", Letter, Later),
        (Rcpt, "552 5.2.3 too long for this mailbox", Letter, Hold),
        (Rcpt, "552 5.3.4 too big", Letter, Hold),
        (Data, "451 later", Letter, Later),
        (Data, "554 5.7.1 no", Letter, Hold),
        (End, "552 5.3.4 too big", Letter, Hold),
        (
            End,
            "552 5.7.0 its content presents a potential security issue",
            Letter,
            Hold,
        ),
        (End, "550 5.7.1 refused by policy", Letter, Hold),
        (End, "554 5.7.1 5.2.2 spam from 10.2.2.1", Letter, Hold),
        (End, "554 5.6.0 not this one", Letter, Hold),
        (End, "550 no", Letter, Hold),
        (End, "554 no", Letter, Hold),
        (End, "451 4.3.0 disk full", Letter, Later),
        (End, "450 4.7.1 try again", Letter, Later),
    ];

    #[test]
    fn the_table_of_replies() {
        for (stage, text, subject, wanted) in TABLE {
            let reply = Reply::read(&format!("{text}\r\n")).unwrap();
            let refusal = Refusal::new(*stage, &reply);
            assert_eq!(
                (refusal.subject, verdict(&refusal)),
                (*subject, *wanted),
                "{stage:?} {text}"
            );
            assert_eq!(refusal.text, *text);
        }
    }

    /// The further lines of a reply, each with its code, change nothing.
    #[test]
    fn a_reply_of_many_lines_means_what_its_first_line_says() {
        for (stage, text, subject, wanted) in TABLE {
            let (code, words) = text.split_once(' ').unwrap();
            let reply = Reply::read(&format!("{code}-{words}\r\n{code}-5.2.2 more\r\n{code} 4.3.4 end\r\n"));
            let refusal = Refusal::new(*stage, &reply.unwrap());
            assert_eq!((refusal.subject, verdict(&refusal)), (*subject, *wanted), "{text}");
        }
    }

    #[test]
    fn without_a_reply_nothing_is_held() {
        for (stage, wanted) in [
            (Connect, AllWait),
            (Login, AllWait),
            (Mail, AllWait),
            (Rcpt, Later),
            (Data, Later),
            (End, Later),
        ] {
            assert_eq!(verdict(&Refusal::without_reply(stage, "closed")), wanted, "{stage:?}");
        }
    }

    /// Whatever a server makes up: before the letter only its size can hold it.
    #[test]
    fn before_the_letter_only_its_size_holds_it() {
        for code in 200..600 {
            for (x, y) in (0..10).flat_map(|x| (0..70).map(move |y| (x, y))) {
                for stage in [Connect, Login, Mail, Rcpt] {
                    let text = format!("{}.{x}.{y} words", code / 100);
                    let refusal = Refusal::new(stage, &Reply::new(code, [text.as_str()]));
                    let size = [(3, 4), (2, 3), (7, 16)].contains(&(x, y)) && stage >= Mail;
                    assert!(verdict(&refusal) != Hold || size, "{stage:?} {code} {text}");
                    assert!(code >= 500 || verdict(&refusal) != Hold, "{stage:?} {code} {text}");
                }
            }
        }
    }
}
