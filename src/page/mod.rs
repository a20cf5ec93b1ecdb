//! The pages, one struct per template in `templates/`.
//!
//! Every value is escaped by askama; no template holds script or style of its own, no page names its topic in its title.

mod below;
mod copy;
mod info;
mod live;
mod privacy;
mod qr;
mod receipt;

pub use below::{Below, Confirm};
pub use copy::Copy;
pub use info::{Encryption, InfoPage, RecipientView, Safety};
pub use live::{LIVE, PATIENCE, WHERE};
pub use privacy::PrivacyPage;
pub use receipt::{Receipt, SignedText};

use askama::Template;

use crate::answer::{CONFIRM, Part, Problem, Typed};
use crate::form::{Field, Form, Phone, Pick, Shape};
use crate::i18n::{Catalog, Lang, fill, number, size};

/// The name of the field that carries the page's token.
pub const TOKEN: &str = "_token";
/// The name of a field that people do not see and programs fill in. It is hidden from screen readers too, and has a name
/// that no browser knows what to fill into.
pub const TRAP: &str = "_utfylling";
/// The name of the buttons that switch the language and keep the text.
pub const SWITCH: &str = "_lang";
/// The name of the buttons that show another page and bring the text back.
pub const INFO_PAGE: &str = "_vis";

/// What stands around every page.
pub struct Frame {
    /// Texts.
    pub t: &'static Catalog,
    /// Name of the authority.
    pub authority: String,
    /// Where the exit leads: `/ut/{slug}`; empty on pages that belong to no form.
    pub exit: String,
    /// Link to the stylesheet.
    pub style: &'static str,
    /// Link to the authority's sign, if it has one.
    pub logo: Option<&'static str>,
    /// What stands after the address that a page is sent to: which content of the configuration it shows. Mostly nothing.
    pub content: String,
}

impl Frame {
    /// The other languages that a form speaks.
    pub fn others(&self, form: &Form) -> Vec<Lang> {
        let langs = form.languages.iter();
        langs
            .filter_map(|code| Lang::from_code(code))
            .filter(|lang| *lang != self.t.lang)
            .collect()
    }
}

/// The neutral list of forms.
#[derive(Template)]
#[template(path = "list.html")]
pub struct List {
    /// What stands around it.
    pub frame: Frame,
    /// Address, language code, and title of each form in each of its languages.
    pub forms: Vec<ListEntry>,
}

/// One form in one language.
pub struct ListEntry {
    /// Its address.
    pub href: String,
    /// Language code of the title.
    pub lang: &'static str,
    /// The language's own name.
    pub lang_name: &'static str,
    /// Neutral title.
    pub title: String,
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
    /// Bytes that all files may have together.
    pub files_total: u64,
    /// Shown again: files must be chosen anew.
    pub files_again: bool,
}

impl FormPage<'_> {
    /// Code of the page's language.
    pub fn lang(&self) -> &'static str {
        self.frame.t.lang.code()
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

    /// The day on which the facts were checked, as people write it.
    pub fn checked(&self) -> String {
        let written = &self.form.help.checked;
        let language = self.frame.t.lang.language();
        let shown = written
            .parse()
            .map_or_else(|_| written.clone(), |day| language.date(day));
        fill(self.frame.t.checked, &[("date", &shown)])
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
    /// The form it happened in, for its telephone numbers.
    pub form: Option<&'a Form>,
    /// Address of the form, when going back can help.
    pub back: Option<String>,
}

impl Wrong<'_> {
    /// Whom to phone.
    pub fn phones(&self) -> &[Phone] {
        self.form.map_or(&[], |form| &form.help.phones)
    }
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
