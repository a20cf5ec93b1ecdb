//! What is asked: a form, its sections and fields, as an operator wrote them in `config/forms/NAME.toml`.
//!
//! Comes in: a TOML file. Goes out: a [`Form`] in which every text exists in every language of the form, every name is
//! unique, every limit is positive and every condition can be met, or all the diagnostics that say why not.

mod archive;
mod kinds;
mod national_id;
mod questions;
mod read;
mod receipt;
mod steps;
mod texts;
pub(crate) mod values;

pub use kinds::{Formed, Kind, Line, Pick, Row, Rule, Shape};
pub use questions::MOST_CONDITIONS;
pub use read::read;
pub use receipt::Receipts;

use std::collections::BTreeMap;
use std::ops::Range;

/// A text in each language of its form, by language code (`nb`, `nn`, `en` …).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub(crate) BTreeMap<String, String>);

impl Text {
    /// The same in every one of these languages.
    pub fn same(text: &str, languages: &[&str]) -> Self {
        let texts = languages.iter().map(|lang| ((*lang).to_owned(), text.to_owned()));
        Self(texts.collect())
    }

    /// The text in one language. Reading a form checks that there is one for each language of the form, so
    /// the empty answer can only mean a language that the form does not speak.
    pub fn get(&self, lang: &str) -> &str {
        self.0.get(lang).map_or("", String::as_str)
    }
}

/// A form: what one authority asks, in one or more languages.
#[derive(Debug, Clone)]
pub struct Form {
    /// The form's part of its address, `/{lang}/s/{slug}`. Does not name the topic: it stays in histories.
    pub slug: String,
    /// Name of the mailbox that its letters go to.
    pub mailbox: String,
    /// Codes of the languages it speaks; the first is the default.
    pub languages: Vec<String>,
    /// Whether browsers may offer saved names and addresses. They keep what was typed in such a field, on a device that
    /// others may open.
    pub autocomplete: bool,
    /// The answers are looked over before they can be sent.
    pub review: bool,
    /// Where the exit leads: a page that anyone might have open.
    pub exit: String,
    /// Shown in the browser tab and as Subject inside the seal. Does not name the topic.
    pub title: Text,
    /// The page's own heading.
    pub heading: Text,
    /// One line below the heading in the list of forms; may be empty.
    pub summary: Text,
    /// What the form is for, in paragraphs.
    pub intro: Text,
    /// What not to do instead (plain mail), and why.
    pub warning: Text,
    /// The facts and telephone numbers beside the form.
    pub help: Help,
    /// What the law wants people to be told before they write.
    pub privacy: Privacy,
    /// What the archive's journal says of its letters.
    pub archive: Option<Archive>,
    /// In so many days the authority answers, at least provisionally.
    pub deadline_days: Option<u16>,
    /// What comes with a receipt.
    pub receipt: Receipts,
    /// The questions.
    pub sections: Vec<Section>,
    /// The steps that they are asked in; none where all stand on one page.
    pub steps: Vec<Step>,
}

impl Form {
    /// All fields in the order in which they are asked.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|section| &section.fields)
    }

    /// What makes sections and fields be asked for, each condition once, in the order of the form.
    pub fn conditions(&self) -> Vec<&Condition> {
        let mut all: Vec<&Condition> = Vec::new();
        for section in &self.sections {
            let fields = section.fields.iter().filter_map(|field| field.required_when.as_ref());
            for condition in section.shown_when.iter().chain(fields) {
                if !all.contains(&condition) {
                    all.push(condition);
                }
            }
        }
        all
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().find(|field| field.name == name)
    }

    /// Most characters that can be typed into it.
    pub fn longest_text(&self) -> u64 {
        let typed = self
            .fields()
            .filter(|field| !matches!(field.kind.shape(), Shape::Files | Shape::Nothing));
        typed.map(|field| field.max as u64).sum()
    }

    /// True when the form asks for files.
    pub fn takes_files(&self) -> bool {
        self.fields().any(Field::is_for_files)
    }

    /// True when the form speaks this language.
    pub fn speaks(&self, lang: &str) -> bool {
        self.languages.iter().any(|code| code == lang)
    }
}

/// What the archive's journal says of the letters of a form. Anybody may read its title.
#[derive(Debug, Clone)]
pub struct Archive {
    /// Title in the public journal.
    pub public_title: Text,
    /// The rule that exempts the letters from public access.
    pub legal_basis: String,
    /// The archive's code for who may read them.
    pub access_code: String,
}

/// Facts that a citizen may need before, instead of or after writing.
#[derive(Debug, Clone)]
pub struct Help {
    /// Day on which a person last checked numbers and facts, `YYYY-MM-DD`; none while nobody has said so.
    pub checked: Option<String>,
    /// Heading of the panel.
    pub heading: Text,
    /// Facts, in paragraphs.
    pub about: Text,
    /// Postal address and other ways in, one per paragraph.
    pub other_ways: Text,
    /// Whom to phone, the most urgent first.
    pub phones: Vec<Phone>,
}

impl Help {
    /// Those that stand directly below the heading of the page.
    pub fn buttons(&self) -> Vec<&Phone> {
        self.phones
            .iter()
            .filter(|phone| phone.button != Text::default())
            .collect()
    }

    /// Whether the list has others than those.
    pub fn has_more_phones(&self) -> bool {
        self.phones.iter().any(|phone| phone.button == Text::default())
    }
}

/// A telephone number with its owner.
#[derive(Debug, Clone)]
pub struct Phone {
    /// As a person writes it: `75 02 17 11`.
    pub number: String,
    /// Who answers.
    pub name: Text,
    /// What its button says, for the one or two that have one.
    pub button: Text,
}

impl Phone {
    /// The number for a `tel:` link: without blanks; eight digits get the country code.
    pub fn link(&self) -> String {
        let digits: String = self.number.split_whitespace().collect();
        match digits.len() {
            8 => format!("+47{digits}"),
            _ => digits,
        }
    }
}

/// The privacy notice: what article 13 of the GDPR wants to be told, in the order in which it is shown.
#[derive(Debug, Clone)]
pub struct Privacy {
    /// Who decides over the data, with address.
    pub controller: Text,
    /// How to reach the data protection officer.
    pub dpo: Text,
    /// What the data is used for.
    pub purpose: Text,
    /// What law allows it.
    pub legal_basis: Text,
    /// Who gets to see it, hosts of mail and servers included.
    pub recipients: Text,
    /// How long it is kept.
    pub storage: Text,
    /// Whether people must answer, and what follows if they do not.
    pub voluntary: Text,
    /// What people can ask for.
    pub rights: Text,
    /// Where they can complain.
    pub complaint: Text,
}

/// Part of a long form that is in view at a time.
#[derive(Debug, Clone)]
pub struct Step {
    /// Heading.
    pub title: Text,
    /// Which of the form's sections stand in it.
    pub sections: Range<usize>,
}

/// Questions that belong together.
#[derive(Debug, Clone)]
pub struct Section {
    /// Heading; in a step it may be empty.
    pub title: Text,
    /// A sentence or two before the questions; may be empty.
    pub text: Text,
    /// Asked only when this is so; without it always.
    pub shown_when: Option<Condition>,
    /// The questions.
    pub fields: Vec<Field>,
}

impl Section {
    /// The name of its first field, which no other section has.
    pub fn name(&self) -> &str {
        self.fields.first().map_or("", |field| &field.name)
    }
}

/// What must have been chosen for a section or a field to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// A question with choices that is always asked: for a section in one above, for a field in its own.
    pub field: String,
    /// Any of these choices.
    pub is: Vec<String>,
}

impl Condition {
    /// Whether this choice of that question is enough.
    pub fn holds_for(&self, field: &Field, choice: &Choice) -> bool {
        self.field == field.name && self.is.contains(&choice.value)
    }
}

/// One question.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name in the form and in `letter.json`: lower-case letters, digits, underscores.
    pub name: String,
    /// What kind of answer.
    pub kind: Kind,
    /// The question.
    pub label: Text,
    /// One sentence of help; may be empty.
    pub hint: Text,
    /// Must be answered.
    pub required: bool,
    /// Belongs to a choice: asked only when that was made, and then to be answered, or left out on purpose.
    pub required_when: Option<Condition>,
    /// Most characters of an answer, as people count them; for [`Shape::Files`] most files.
    pub max: usize,
    /// Endings of the files that are taken, lower-case and without the dot; none for every kind of file.
    pub types: Vec<String>,
    /// What can be chosen, for the kinds with choices.
    pub options: Vec<Choice>,
    /// Its answer says whether it is safe to make contact and is written first in the letter.
    pub safe_contact: bool,
    /// Its answer names the sender, for the archive.
    pub sender: bool,
}

impl Field {
    /// Whether the form ends with one of its choices.
    pub fn ends_the_form(&self) -> bool {
        self.options.iter().any(Choice::stops)
    }

    /// Whether files are asked for here.
    pub fn is_for_files(&self) -> bool {
        matches!(self.kind.shape(), Shape::Files)
    }

    /// Whether a file of this name is of a kind that is taken: by the ending that people see, whatever a phone calls it.
    pub fn takes(&self, file: &str) -> bool {
        let ending = konvolutt_letter::ending(file);
        let same = |taken: &String| konvolutt_letter::same_kind(taken, &ending);
        self.types.is_empty() || self.types.iter().any(same)
    }

    /// Every ending that is taken: those of the form, each with the others of its kind.
    pub fn endings(&self) -> Vec<&str> {
        self.types
            .iter()
            .flat_map(|taken| konvolutt_letter::endings(taken))
            .collect()
    }
}

/// One thing that can be chosen.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What `letter.json` says.
    pub value: String,
    /// What people read.
    pub label: Text,
    /// Cannot be chosen together with another one.
    pub alone: bool,
    /// Where to go instead: who chooses this is at the wrong place, and the form ends here. Empty for all others.
    pub stop: Text,
}

impl Choice {
    /// Whether the form ends with it.
    pub fn stops(&self) -> bool {
        self.stop != Text::default()
    }
}
