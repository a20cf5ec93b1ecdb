//! The pages, one struct per template in `templates/`.
//!
//! Every value is escaped by askama; no template holds script or style of its own, no page names its topic in its title.

mod below;
mod copy;
mod frame;
mod info;
mod live;
mod privacy;
mod qr;
mod receipt;
mod review;
mod steps;

pub use below::{Below, Confirm};
pub use copy::Copy;
pub use frame::{Foot, Frame, Piece};
pub use info::{Encryption, PrivacyPage, RecipientView, Safety};
pub use live::{LIVE, PATIENCE, WHERE};
pub use receipt::{Receipt, SignedText};
pub use review::Reviewed;

use askama::Template;

use crate::answer::{CONFIRM, Part, Problem, Typed};
use crate::form::{Field, Form, Phone, Pick, Shape};
use crate::i18n::{Catalog, Lang, fill, number, size};
use privacy::notice;

/// The name of the field that carries the page's token.
pub const TOKEN: &str = "_token";
/// The name of a field that people do not see and programs fill in. It is hidden from screen readers too, and has a name
/// that no browser knows what to fill into.
pub const TRAP: &str = "_utfylling";
/// The name of the button that shows the answers before they can be sent.
pub const REVIEW: &str = "_review";
/// The name of the buttons that switch the language and keep the text.
pub const SWITCH: &str = "_lang";

/// The list of forms, in one language. Its title is neutral; its links are not, for words of a link stay in no history.
#[derive(Template)]
#[template(path = "list.html")]
pub struct List {
    /// What stands around it.
    pub frame: Frame,
    /// The other languages that it can be read in.
    pub languages: Vec<Lang>,
    /// Whom to phone in danger.
    pub phones: Vec<Phone>,
    /// Each form.
    pub forms: Vec<ListEntry>,
}

/// One form of the list.
pub struct ListEntry {
    /// Its address.
    pub href: String,
    /// Code of the language that it is shown in: the page's, unless the form does not speak that.
    pub lang: &'static str,
    /// What it is for.
    pub heading: String,
    /// A line more; may be empty.
    pub summary: String,
}

/// The form itself.
#[derive(Template)]
#[template(path = "form.html")]
pub struct FormPage<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// What is asked.
    pub form: &'a Form,
    /// What was typed before a problem or a change of language.
    pub typed: &'a Typed,
    /// What is to be corrected.
    pub problems: &'a [Problem],
    /// What went wrong without the citizen's doing; empty when nothing did.
    pub notice: &'a str,
    /// Marks this page, so that a double click makes one letter.
    pub token: String,
    /// Whom a letter would be sealed to now.
    pub recipients: Vec<RecipientView>,
    /// On so many machines it would be before its receipt.
    pub machines: u32,
    /// Bytes that all files may have together.
    pub files_total: u64,
    /// Shown again: files must be chosen anew.
    pub files_again: bool,
    /// The answers to look over; none before somebody asks for them.
    pub review: &'a [Reviewed],
}

impl FormPage<'_> {
    /// Code of the page's language.
    pub fn lang(&self) -> &'static str {
        self.frame.t.lang.code()
    }

    /// Headings and texts of the privacy notice.
    pub fn notice(&self) -> [(&'static str, &str); 9] {
        notice(self.frame.t, self.form)
    }

    /// What a receipt stands for.
    pub fn kept(&self) -> String {
        info::kept(self.frame.t, self.machines)
    }

    /// What to know before writing, in points.
    pub fn before(&self) -> Vec<String> {
        let t = self.frame.t;
        let kept = if self.form.autocomplete {
            t.kept_by_browser
        } else {
            t.kept_nothing
        };
        let points = t.before_text.split("\n\n");
        points.map(|point| fill(point, &[("kept", kept)])).collect()
    }

    /// Whether those that must be answered are the fewer: the fewer have a mark.
    fn marks_what_must_be_answered(&self) -> bool {
        let questions = || {
            self.form
                .fields()
                .filter(|field| !matches!(field.kind.shape(), Shape::Nothing))
        };
        questions().filter(|field| field.required).count() * 2 <= questions().count()
    }

    /// What the marks mean.
    pub fn what_to_answer(&self) -> &'static str {
        if self.marks_what_must_be_answered() {
            self.frame.t.only_must
        } else {
            self.frame.t.all_but_optional
        }
    }

    /// The mark of a question; empty where it has none. What belongs to a choice is neither: it can be left out, and that
    /// is asked about.
    pub fn mark(&self, field: &Field) -> &'static str {
        match (self.marks_what_must_be_answered(), field.required) {
            (true, true) => self.frame.t.must_fill,
            (false, false) if field.required_when.is_none() => self.frame.t.optional,
            _ => "",
        }
    }

    /// The first problem of a field.
    pub fn problem(&self, field: &Field) -> Option<&str> {
        self.first_problem(&field.name, |part| part != Some(Part::Confirm))
    }

    /// Heading of the list of problems.
    pub fn problems_heading(&self) -> String {
        let (t, count) = (self.frame.t, self.problems.len());
        fill(t.problems.of(t.lang, count as u64), &[("n", &number(t.lang, count))])
    }

    fn first_problem(&self, field: &str, of: impl Fn(Option<Part>) -> bool) -> Option<&str> {
        let own = |problem: &&Problem| problem.field.as_deref() == Some(field) && of(problem.part);
        self.problems.iter().find(own).map(|problem| problem.text.as_str())
    }

    /// Whether a box of a date is the wrong one: the one that its problem names, or all of them.
    pub fn wrong_part(&self, field: &Field, part: &str) -> bool {
        let own = |problem: &&Problem| problem.field.as_deref() == Some(field.name.as_str());
        let named = |problem: &Problem| problem.part.is_none_or(|named| named.name() == part);
        self.problems.iter().find(own).is_some_and(named)
    }

    /// `aria-describedby` of a field: its problem first, then its hint, then its limit.
    pub fn described_by(&self, field: &Field) -> String {
        let mut ids = Vec::new();
        if self.problem(field).is_some() {
            ids.push(format!("{}-feil", field.name));
        }
        if !field.hint.get(self.lang()).is_empty() {
            ids.push(format!("{}-hint", field.name));
        }
        if self.limit(field).is_some() {
            ids.push(format!("{}-limit", field.name));
        }
        ids.join(" ")
    }

    /// The limit that is told at a field, where one is near enough to matter.
    pub fn limit(&self, field: &Field) -> Option<String> {
        let t = self.frame.t;
        match field.kind.shape() {
            Shape::Lines => Some(fill(
                t.max_chars.of(t.lang, field.max as u64),
                &[("n", &number(t.lang, field.max))],
            )),
            Shape::Files if self.files_total == 0 => Some(t.no_attachments_now.to_owned()),
            Shape::Files => {
                let total = size(t.lang, self.files_total);
                let n = field.max.to_string();
                Some(fill(
                    t.files_limit.of(t.lang, field.max as u64),
                    &[("n", &n), ("size", &total)],
                ))
            }
            Shape::Line(_) | Shape::Day | Shape::Choice(_) | Shape::Nothing => None,
        }
    }

    /// Part of the typed value, for the three boxes of a date.
    pub fn date_part(&self, field: &Field, part: &str) -> String {
        self.typed.first(&format!("{}_{part}", field.name)).to_owned()
    }

    /// The `autocomplete` of a field (WCAG 1.3.5), or `off` where a saved entry is a danger.
    pub fn autocomplete(&self, field: &Field) -> &'static str {
        match field.kind.shape() {
            Shape::Line(line) if self.form.autocomplete => line.autocomplete,
            Shape::Line(_) | Shape::Lines | Shape::Day | Shape::Choice(_) | Shape::Files | Shape::Nothing => "off",
        }
    }

    /// The day on which the facts were checked, as people write it; nothing while nobody has said so.
    pub fn checked(&self) -> Option<String> {
        let written = self.form.help.checked.as_ref()?;
        let language = self.frame.t.lang.language();
        let shown = written
            .parse()
            .map_or_else(|_| written.clone(), |day| language.date(day));
        Some(fill(self.frame.t.checked, &[("date", &shown)]))
    }
}

/// A page that says why something cannot be done, and whom to phone instead. Also the closed form.
#[derive(Template)]
#[template(path = "wrong.html")]
pub struct Wrong<'a> {
    /// What stands around it.
    pub frame: Frame,
    /// Heading.
    pub title: &'a str,
    /// What happened and what to do, in paragraphs.
    pub text: &'a str,
    /// The form it happened in, for the other ways in.
    pub form: Option<&'a Form>,
    /// Whom to phone.
    pub phones: Vec<Phone>,
    /// Where to go from here, when that can help.
    pub back: Option<Back>,
}

/// A link onwards.
pub struct Back {
    /// Its address.
    pub href: String,
    /// What it says.
    pub words: &'static str,
}

/// First hop of the exit: leaves this address out of the back/forward cache before going on.
#[derive(Template)]
#[template(path = "exit.html")]
pub struct Exit {
    /// Texts.
    pub t: &'static Catalog,
    /// Address of the second hop.
    pub next: String,
}
