//! The envelope of one letter: sender and recipient, and the id by which a mail server names the letter when it sends it
//! back (RFC 3461), or, where that is not offered, the sender's address with the id in it.

use lettre::Address;
use lettre::transport::smtp::commands::{Mail, Rcpt};
use lettre::transport::smtp::extension::{MailParameter, RcptParameter};

use super::super::outgoing::Outgoing;
use super::address::address;
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
            from: address(&letter.from)?,
            to: address(&letter.to)?,
            id: letter.id.clone(),
            // One that cannot be is as good as none.
            from_with_id: letter.from_with_id.as_deref().and_then(address),
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

    pub(super) fn mail(&self, naming: Naming) -> Mail {
        let (from, parameters) = match (naming, &self.id, &self.from_with_id) {
            // Of the mail itself only the head comes back: it is enough, and the rest is nobody's business.
            (Naming::Dsn, Some(id), _) => (&self.from, vec![of_mail("RET", "HDRS"), of_mail("ENVID", id)]),
            (Naming::Verp, _, Some(from)) => (from, Vec::new()),
            _ => (&self.from, Vec::new()),
        };
        Mail::new(Some(from.clone()), parameters)
    }

    pub(super) fn rcpt(&self, naming: Naming) -> Rcpt {
        let parameters = match naming {
            Naming::Dsn => vec![
                of_rcpt("NOTIFY", "FAILURE,DELAY"),
                of_rcpt("ORCPT", &format!("rfc822;{}", self.to)),
            ],
            Naming::Verp | Naming::Plain => Vec::new(),
        };
        Rcpt::new(self.to.clone(), parameters)
    }
}

/// Its value is written in printable ASCII, without a blank (xtext, RFC 3461 §4).
fn of_mail(keyword: &str, value: &str) -> MailParameter {
    let (keyword, value) = (keyword.to_owned(), Some(value.to_owned()));
    MailParameter::Other { keyword, value }
}

fn of_rcpt(keyword: &str, value: &str) -> RcptParameter {
    let (keyword, value) = (keyword.to_owned(), Some(value.to_owned()));
    RcptParameter::Other { keyword, value }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameters_value_ends_where_it_ends() {
        let letter = Envelope {
            from: address("skjema@authority.example").unwrap(),
            to: address("post+a@authority.example").unwrap(),
            id: Some("a b=c".into()),
            from_with_id: None,
        };
        let said = [
            letter.mail(Naming::Dsn).to_string(),
            letter.rcpt(Naming::Dsn).to_string(),
        ];
        let wanted = [
            "MAIL FROM:<skjema@authority.example> RET=HDRS ENVID=a+20b+3Dc\r\n",
            "RCPT TO:<post+a@authority.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;post+2Ba@authority.example\r\n",
        ];
        assert_eq!(said, wanted);
    }
}
