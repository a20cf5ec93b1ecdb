//! What a server's no means.

use lettre::transport::smtp::Error;

use super::super::Attempt;

/// Anything but the wanted yes.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The reply's code; none when there was no reply.
    pub(super) code: Option<u16>,
    pub(super) why: String,
}

impl Refusal {
    pub(super) fn without_reply(why: impl Into<String>) -> Self {
        let why = why.into();
        Self { code: None, why }
    }

    /// What it means for the letter on the line. 5xx is for good (RFC 5321 §4.2.1), with two exceptions. A full mailbox is what a
    /// clerk empties tomorrow: 552 without 5.3.4 ("message too big"), and 5.2.2 (RFC 3463). And a lost login, or a
    /// conversation that went out of step, is no fault of any letter.
    pub(super) fn about_the_letter(self) -> Attempt {
        let Self { code, why } = self;
        let full = why.contains("5.2.2") || (code == Some(552) && !why.contains("5.3.4"));
        match code {
            Some(500 | 502..=504 | 530 | 534 | 535 | 538) => Attempt::Unreachable(why),
            Some(500..) if !full => Attempt::Permanent(why),
            _ => Attempt::Temporary(why),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self {
            code: error.status().map(u16::from),
            why: describe(&error),
        }
    }
}

/// An error with its causes, for the log. Other people's words are cut and made printable.
pub(super) fn describe(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    printable(&text)
}

pub(super) fn printable(text: &str) -> String {
    let line = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(300).collect()
}
