//! The kinds of fields: one row each, and nothing about a kind stands anywhere else.
//!
//! A kind of one line is its row and its sentences: what the page shows, what the browser may fill in, what counts as an
//! answer, what is said to the rest, and what a test letter writes there. Code asks a row for its [`Shape`], never for a
//! kind by name, so that a new row reaches every place at once; a new shape is a compile error in each of them.

use super::national_id;
use super::values::{digits, email, lacks_ending, phone, reference};
use crate::i18n::Catalog;

/// Makes of the rows the enum, the list of all, and the way from a kind to its row.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident: $row:expr;)*) => {
        /// What kind of answer a field takes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[doc = $doc])* $kind,)* }

        impl Kind {
            /// Every kind, in the order of the docs.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),*];

            /// All there is to know of it.
            pub fn row(self) -> &'static Row {
                match self {
                    $(Kind::$kind => { const ROW: &Row = &$row; ROW })*
                }
            }
        }
    };
}

/// What there is to know of a kind.
#[derive(Debug)]
pub struct Row {
    /// Its name in form files and in `letter.json`. A contract: never changed.
    pub name: &'static str,
    /// Most characters of an answer where the form file says nothing; most files for [`Shape::Files`].
    pub max: usize,
    /// How it is asked and answered.
    pub shape: Shape,
}

/// How a question is asked, and what its answer is made of.
#[derive(Debug)]
pub enum Shape {
    /// One line, typed.
    Line(Line),
    /// Several lines, typed.
    Lines,
    /// A day, typed into three boxes.
    Day,
    /// Some of a list.
    Choice(Pick),
    /// Files.
    Files,
    /// No question: a text between them.
    Nothing,
}

/// How a list is shown, and how many of it can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// One, out of a drop-down.
    Folded,
    /// One, all in view.
    One,
    /// Any number, all in view.
    Any,
}

impl Shape {
    /// True where of a list only one can be chosen.
    pub fn is_of_one(&self) -> bool {
        matches!(self, Shape::Choice(Pick::Folded | Pick::One))
    }
}

/// A question that is answered in one line.
#[derive(Debug)]
pub struct Line {
    /// The attributes of its `<input>` that tell keyboards and screen readers what is wanted.
    pub attributes: &'static [(&'static str, &'static str)],
    /// What browsers may fill in (WCAG 1.3.5), where a form allows it; `off` where no token fits.
    pub autocomplete: &'static str,
    /// A right answer, as a person would type it: for test letters.
    pub sample: &'static str,
    /// What counts as an answer.
    pub rule: Rule,
}

/// What counts as an answer.
#[derive(Debug)]
pub enum Rule {
    /// Whatever was typed.
    Free,
    /// Only what has a certain form.
    Formed(Formed),
}

/// The form that an answer must have.
#[derive(Debug)]
pub struct Formed {
    /// What was typed, as machines compare it; `None` when it is no such thing.
    pub parse: fn(&str) -> Option<String>,
    /// What is said then of what was typed. `{label}` is filled in.
    pub wrong: fn(&str, &Catalog) -> &'static str,
    /// A remark for the clerk on what is no reason to refuse it.
    pub note: fn(&str, &Catalog) -> Option<&'static str>,
}

/// Such an answer is right or wrong, and there is no more to say.
fn no_note(_: &str, _: &Catalog) -> Option<&'static str> {
    None
}

kinds! {
    /// One line.
    Text: Row {
        name: "text",
        max: 200,
        shape: Shape::Line(Line {
            attributes: &[("type", "text")],
            autocomplete: "off",
            sample: "Test",
            rule: Rule::Free,
        }),
    };
    /// Several lines.
    Textarea: Row { name: "textarea", max: 10_000, shape: Shape::Lines };
    /// An e-mail address.
    Email: Row {
        name: "email",
        // RFC 5321 §4.5.3.1.3: a path is at most 256 octets with its angle brackets.
        max: 254,
        shape: Shape::Line(Line {
            attributes: &[("type", "email"), ("autocapitalize", "none")],
            autocomplete: "email",
            sample: "test@example.org",
            rule: Rule::Formed(Formed {
                parse: email,
                wrong: |text, t| if lacks_ending(text) { t.bad_email_ending } else { t.bad_email },
                note: no_note,
            }),
        }),
    };
    /// A telephone number, Norwegian or foreign.
    Phone: Row {
        name: "phone",
        max: 200,
        shape: Shape::Line(Line {
            attributes: &[("type", "tel"), ("class", "number")],
            autocomplete: "tel",
            sample: "22 22 22 22",
            rule: Rule::Formed(Formed { parse: phone, wrong: |_, t| t.bad_phone, note: no_note }),
        }),
    };
    /// Fødselsnummer or D-number, 11 digits.
    NationalId: Row {
        name: "national_id",
        max: 200,
        shape: Shape::Line(Line {
            attributes: &[("type", "text"), ("inputmode", "numeric"), ("class", "number")],
            autocomplete: "off",
            sample: "010107 50160",
            rule: Rule::Formed(Formed {
                parse: |text| digits(text, 11),
                wrong: |_, t| t.bad_national_id,
                note: national_id::note,
            }),
        }),
    };
    /// Norwegian postal code, 4 digits.
    PostalCode: Row {
        name: "postal_code",
        max: 200,
        shape: Shape::Line(Line {
            attributes: &[("type", "text"), ("inputmode", "numeric"), ("class", "code")],
            autocomplete: "postal-code",
            sample: "8002",
            rule: Rule::Formed(Formed {
                parse: |text| digits(text, 4),
                wrong: |_, t| t.bad_postal_code,
                note: no_note,
            }),
        }),
    };
    /// The reference of an earlier letter, told by its check character from a slip.
    Reference: Row {
        name: "reference",
        max: 200,
        shape: Shape::Line(Line {
            attributes: &[("type", "text"), ("autocapitalize", "characters"), ("class", "number")],
            autocomplete: "off",
            sample: "K7F-3K9Q-2MJ",
            rule: Rule::Formed(Formed { parse: reference, wrong: |_, t| t.bad_reference, note: no_note }),
        }),
    };
    /// A day.
    Date: Row { name: "date", max: 200, shape: Shape::Day };
    /// One of a list, as a drop-down.
    Select: Row { name: "select", max: 200, shape: Shape::Choice(Pick::Folded) };
    /// One of a list, all in view.
    Radio: Row { name: "radio", max: 200, shape: Shape::Choice(Pick::One) };
    /// Any of a list.
    Checkboxes: Row { name: "checkboxes", max: 200, shape: Shape::Choice(Pick::Any) };
    /// Files.
    File: Row { name: "file", max: 10, shape: Shape::Files };
    /// A text, no question.
    Info: Row { name: "info", max: 200, shape: Shape::Nothing };
}

impl Kind {
    /// Its name in a form file.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// How it is asked and answered.
    pub fn shape(self) -> &'static Shape {
        &self.row().shape
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// True for the kinds whose answer is one of [`super::Field::options`].
    pub fn has_options(self) -> bool {
        matches!(self.shape(), Shape::Choice(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn each_name_is_that_of_one_kind() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(*kind));
        }
        assert_eq!(Kind::named("radoi"), None);
    }

    /// What a row says of its kind is so: its sample is an answer that leaves nothing to remark, what is none of any
    /// form is refused, and the sentence that says so names the question.
    #[test]
    fn each_line_takes_its_sample_and_no_nonsense() {
        for kind in Kind::ALL {
            let Shape::Line(line) = kind.shape() else { continue };
            let name = kind.name();
            assert!(!line.sample.is_empty() && line.sample.len() <= kind.row().max, "{name}");
            assert!(
                line.attributes.iter().any(|(key, _)| *key == "type"),
                "{name} has no type"
            );
            let Rule::Formed(formed) = &line.rule else {
                assert_eq!(
                    *kind,
                    Kind::Text,
                    "`{name}` takes whatever is typed: give it a form, or name it here"
                );
                continue;
            };
            let normalised = (formed.parse)(line.sample).unwrap_or_else(|| panic!("{name} refuses its sample"));
            assert_eq!(
                (formed.parse)(&normalised).as_deref(),
                Some(normalised.as_str()),
                "{name}"
            );
            for nonsense in ["", "abc", "😀", "<script>", "\u{202E}"] {
                assert_eq!((formed.parse)(nonsense), None, "{name} takes {nonsense:?}");
            }
            for lang in Lang::built_in() {
                let t = lang.catalog();
                for wrong in ["", "abc", "kari@example"] {
                    assert!((formed.wrong)(wrong, t).contains("{label}"), "{name} in {lang:?}");
                }
                assert_eq!((formed.note)(&normalised, t), None, "{name}");
            }
        }
    }

    /// A sentence is about one kind: one that was copied with its row would tell people the wrong thing.
    #[test]
    fn no_two_kinds_say_the_same() {
        let said = Kind::ALL.iter().filter_map(|kind| match kind.shape() {
            Shape::Line(Line {
                rule: Rule::Formed(formed),
                ..
            }) => Some((formed.wrong)("", Lang::NB.catalog())),
            _ => None,
        });
        let said: Vec<_> = said.collect();
        let each: std::collections::BTreeSet<_> = said.iter().collect();
        assert_eq!(said.len(), each.len(), "{said:?}");
    }
}
