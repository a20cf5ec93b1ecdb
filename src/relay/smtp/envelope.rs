//! The envelope of one letter: sender and recipient, and the id by which a mail server names the letter when it sends it
//! back (RFC 3461), or, where that is not offered, the sender's address with the id in it.

use super::super::outgoing::Outgoing;
use super::address::Address;
use super::offers::Offers;
use super::reply::{Refusal, Stage, Subject};

/// How the envelope tells whose letter it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// ENVID, with the wish for reports.
    Dsn,
    /// In the sender's address (VERP).
    Verp,
    /// Not at all: a report is told by the Message-ID that it returns.
    Plain,
}

pub(super) struct Envelope {
    from: Address,
    to: Address,
    id: Option<String>,
    from_with_id: Option<Address>,
}

impl Envelope {
    /// None when sender or mailbox is no mail address.
    pub(super) fn of(letter: &Outgoing) -> Option<Self> {
        Some(Self {
            from: Address::parse(&letter.from)?,
            to: Address::parse(&letter.to)?,
            id: letter.id.clone(),
            // One that cannot be is as good as none.
            from_with_id: letter.from_with_id.as_deref().and_then(Address::parse),
        })
    }

    /// The best that this server lets us do.
    pub(super) fn naming(&self, offers: &Offers) -> Naming {
        let offers_reports = offers.parameters("DSN").is_some();
        match (&self.id, &self.from_with_id) {
            (Some(_), _) if offers_reports => Naming::Dsn,
            (_, Some(_)) => Naming::Verp,
            _ => Naming::Plain,
        }
    }

    pub(super) fn mail(&self, naming: Naming) -> String {
        match (naming, &self.id, &self.from_with_id) {
            // Of the mail itself only the head comes back: it is enough, and the rest is nobody's business.
            (Naming::Dsn, Some(id), _) => format!("MAIL FROM:<{}> RET=HDRS ENVID={}", self.from, xtext(id)),
            (Naming::Verp, _, Some(from)) => format!("MAIL FROM:<{from}>"),
            _ => format!("MAIL FROM:<{}>", self.from),
        }
    }

    pub(super) fn rcpt(&self, naming: Naming) -> String {
        let to = &self.to;
        match naming {
            Naming::Dsn => {
                let original = xtext(&to.to_string());
                format!("RCPT TO:<{to}> NOTIFY=FAILURE,DELAY ORCPT=rfc822;{original}")
            }
            Naming::Verp | Naming::Plain => format!("RCPT TO:<{to}>"),
        }
    }
}

impl Naming {
    /// Whether the same letter may get through without its id. An id is worth less than a letter: it never makes one wait.
    pub(super) fn may_be_refused_by(self, refusal: &Refusal) -> bool {
        match self {
            Naming::Plain => false,
            // The server offers it and does not take its parameters.
            Naming::Dsn => matches!(refusal.code, Some(501 | 504 | 555)),
            Naming::Verp => refusal.stage <= Stage::Rcpt || refusal.subject == Subject::Sender,
        }
    }
}

/// RFC 3461 §4: a parameter's value in printable ASCII, without a blank.
fn xtext(value: &str) -> String {
    let encoded = value.bytes().map(|byte| match byte {
        b'!'..=b'~' if !b"+=".contains(&byte) => char::from(byte).to_string(),
        _ => format!("+{byte:02X}"),
    });
    encoded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameters_value_ends_where_it_ends() {
        assert_eq!(xtext("postmottak@authority.example"), "postmottak@authority.example");
        assert_eq!(xtext("\"a b\"+c=d@x\r\n"), "\"a+20b\"+2Bc+3Dd@x+0D+0A");
    }
}
