//! What becomes of a page that was read: one pure function, and the order in which its reasons count.

use super::drafts::NotKept;
use super::parts::{Broken, Received, TooMuchText};
use super::token::Tokens;
use crate::answer::Problem;
use crate::i18n::Catalog;

/// What to do with a page.
pub(super) enum Verdict {
    /// Seal it and keep it.
    Submit,
    /// Show the answers before they can be sent.
    Review,
    /// Show the form again, with all that was typed.
    Again(Reason),
    /// The same, since the letter cannot be kept.
    NotReceived,
    /// Show the form in another language, with all that was typed.
    Switch,
    /// The connection ended: no client reads the answer.
    Gone,
}

/// Why the form is shown again, and with which status.
pub(super) struct Reason {
    /// What the citizen can correct.
    pub(super) problems: Vec<Problem>,
    /// What went wrong otherwise.
    pub(super) notice: String,
    /// HTTP status to show it with.
    pub(super) status: u16,
}

impl Reason {
    pub(super) fn notice(status: u16, notice: impl Into<String>) -> Self {
        Self {
            status,
            notice: notice.into(),
            problems: Vec::new(),
        }
    }

    pub(super) fn problems(problems: Vec<Problem>) -> Self {
        Self {
            status: 200,
            notice: String::new(),
            problems,
        }
    }

    /// The form is closed now, but nothing that was written is lost.
    pub(super) fn closed(t: &Catalog) -> Self {
        Self::notice(503, format!("{}\n\n{}", t.closed_text, t.text_is_here))
    }

    /// No receipt, through no fault of the citizen, but nothing that was written is lost.
    pub(super) fn not_received(t: &Catalog) -> Self {
        Self::notice(503, format!("{}\n\n{}", t.not_received, t.text_is_here))
    }
}

/// On what terms a page was read.
pub(super) struct Terms {
    /// Why no letter can come of it, whatever it holds.
    pub(super) no_letter: Option<Reason>,
    /// Files may come with it.
    pub(super) files: bool,
}

/// Decides. What the client pressed counts before what we could not take: another language costs nothing, whatever the disk
/// says.
pub(super) fn decide(received: &Received, broken: Option<&Broken>, terms: Terms, t: &Catalog) -> Verdict {
    if let Some(broken) = broken {
        return broken_off(broken, received, terms.no_letter, t);
    }
    if let Some(too_much) = received.too_much_text {
        return Verdict::Again(match too_much {
            TooMuchText::ForAnyPage => Reason::notice(413, t.too_large),
            TooMuchText::ForItsSender => Reason::notice(429, t.limited),
        });
    }
    if received.switch.is_some() {
        return Verdict::Switch;
    }
    Verdict::Again(if let Some(reason) = terms.no_letter {
        reason
    } else if received.is_empty() {
        Reason::notice(400, t.empty_page)
    } else if matches!(received.not_kept, Some(NotKept::Disk(_) | NotKept::Fault)) {
        return Verdict::NotReceived;
    } else if received.not_kept.is_some() || !terms.files && !received.files.is_empty() {
        Reason::notice(503, t.no_attachments)
    } else if received.has_strange_part || !Tokens::is_one(&received.token) {
        Reason::problems(vec![Problem {
            field: None,
            part: None,
            text: t.unknown_field.to_owned(),
        }])
    } else if received.review {
        return Verdict::Review;
    } else {
        return Verdict::Submit;
    })
}

/// A page that has no content at all is no half page: a browser lost it, and the form may be filled in anew.
fn broken_off(broken: &Broken, received: &Received, no_letter: Option<Reason>, t: &Catalog) -> Verdict {
    if matches!(broken, Broken::Gone) {
        return Verdict::Gone;
    }
    Verdict::Again(no_letter.unwrap_or_else(|| match broken {
        Broken::TooLarge => Reason::notice(413, t.too_large),
        Broken::Malformed if received.is_empty() => Reason::notice(400, t.empty_page),
        Broken::Malformed | Broken::Slow | Broken::Gone => Reason::notice(400, t.broken_upload),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    fn good() -> Terms {
        Terms {
            no_letter: None,
            files: true,
        }
    }

    fn closed() -> Terms {
        Terms {
            no_letter: Some(Reason::notice(503, "stengt")),
            files: false,
        }
    }

    /// A page with one answer, if only a blank one.
    fn answered() -> Received {
        let mut received = Received::default();
        received.typed.push("melding".to_owned(), String::new());
        received
    }

    fn token() -> Vec<u8> {
        b"0123456789abcdef0123456789abcdef".to_vec()
    }

    fn page() -> Received {
        Received {
            token: token(),
            ..answered()
        }
    }

    /// The verdict in a word, or the status that the form is shown again with.
    fn verdict(received: &Received, broken: Option<&Broken>, terms: Terms) -> String {
        match decide(received, broken, terms, Lang::NB.catalog()) {
            Verdict::Submit => "submit".to_owned(),
            Verdict::Review => "review".to_owned(),
            Verdict::Again(reason) => reason.status.to_string(),
            Verdict::NotReceived => Reason::not_received(Lang::NB.catalog()).status.to_string(),
            Verdict::Switch => "switch".to_owned(),
            Verdict::Gone => "gone".to_owned(),
        }
    }

    #[test]
    fn a_good_page_is_submitted_and_every_lack_shows_it_again() {
        let no_files = Terms { files: false, ..good() };
        assert_eq!(verdict(&page(), None, good()), "submit");
        assert_eq!(verdict(&page(), None, no_files), "submit", "there are none");
        assert_eq!(verdict(&page(), None, closed()), "503");
        assert_eq!(verdict(&answered(), None, good()), "200", "without a token");
        let nothing_else = Received {
            token: token(),
            text: 32,
            ..Received::default()
        };
        for nothing in [Received::default(), nothing_else] {
            assert_eq!(verdict(&nothing, None, good()), "400", "no answer came at all");
            assert_eq!(verdict(&nothing, None, closed()), "503");
        }
        let looked_over = Received { review: true, ..page() };
        assert_eq!(verdict(&looked_over, None, good()), "review");
        assert_eq!(verdict(&looked_over, None, closed()), "503", "in vain");
        let strange = Received {
            has_strange_part: true,
            ..page()
        };
        assert_eq!(verdict(&strange, None, good()), "200");
        for (too_much, wanted) in [(TooMuchText::ForAnyPage, "413"), (TooMuchText::ForItsSender, "429")] {
            let long = Received {
                too_much_text: Some(too_much),
                ..page()
            };
            assert_eq!(verdict(&long, None, good()), wanted);
        }
    }

    #[test]
    fn what_was_pressed_counts_before_what_cannot_be_taken() {
        let mut switch = Received {
            switch: Some("nn".to_owned()),
            ..Received::default()
        };
        assert_eq!(verdict(&switch, None, closed()), "switch");
        // All of the page was read, but a file of it could not be kept: nobody asked for that file yet.
        switch.not_kept = Some(NotKept::Fault);
        assert_eq!(verdict(&switch, None, good()), "switch");
    }

    #[test]
    fn half_a_page_is_never_submitted() {
        for (broken, wanted) in [
            (Broken::Gone, "gone"),
            (Broken::TooLarge, "413"),
            (Broken::Malformed, "400"),
            (Broken::Slow, "400"),
        ] {
            assert_eq!(verdict(&page(), Some(&broken), good()), wanted);
            let wanted = if wanted == "gone" { wanted } else { "503" };
            assert_eq!(
                verdict(&page(), Some(&broken), closed()),
                wanted,
                "to send it again would not help"
            );
        }
        for why in [
            NotKept::Disk(std::io::Error::other("full")),
            NotKept::Fault,
            NotKept::NoRoom,
        ] {
            let mut page = page();
            page.not_kept = Some(why);
            assert_eq!(verdict(&page, None, good()), "503");
        }
    }
}
