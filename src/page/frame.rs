//! What stands around every page: the exit, the authority's name, the foot; and numbers in a text as links.

use crate::form::{Form, Phone};
use crate::i18n::{Catalog, Lang};

/// The police, wherever they are named.
const EMERGENCY: &str = "112";

/// What stands around every page.
pub struct Frame {
    /// Texts.
    pub t: &'static Catalog,
    /// Name of the authority.
    pub authority: String,
    /// Where its name leads: to the list of forms. None where something written would be lost.
    pub home: Option<String>,
    /// Where the exit leads: `/ut/{slug}`.
    pub exit: String,
    /// Link to the stylesheet.
    pub style: &'static str,
    /// Link to the authority's sign, if it has one.
    pub logo: Option<&'static str>,
    /// What stands after the address that a page is sent to: which content of the configuration it shows. Mostly nothing.
    pub content: String,
    /// Whom the page's form names to phone.
    pub phones: Vec<Phone>,
    /// The foot.
    pub foot: Foot,
}

/// By which people see whose page this is. What is not known is empty.
#[derive(Default)]
pub struct Foot {
    /// Postal address.
    pub address: String,
    /// Link to the authority's own site.
    pub site: String,
    /// Link to the form's privacy notice.
    pub privacy: String,
    /// Link to the accessibility statement.
    pub accessibility: String,
}

impl Foot {
    /// Whether there is anything to follow.
    pub fn has_links(&self) -> bool {
        [&self.site, &self.privacy, &self.accessibility]
            .iter()
            .any(|link| !link.is_empty())
    }
}

/// Part of a text: words, or a number that can be rung.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// As it stands in the text.
    pub text: &'a str,
    /// For a `tel:` link.
    pub link: Option<String>,
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

    /// Cuts a text before and after each number of the form's own list, and 112. Browsers are told not to look for numbers
    /// themselves: they would make links of case numbers and postal codes too.
    pub fn pieces<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        let own = self.phones.iter().map(|phone| (digits(&phone.number), phone.link()));
        let known: Vec<_> = own.chain([(EMERGENCY.to_owned(), EMERGENCY.to_owned())]).collect();
        let (mut pieces, mut from) = (Vec::new(), 0);
        for (at, _) in text.char_indices() {
            if at < from {
                continue;
            }
            let found = known
                .iter()
                .find_map(|(number, link)| Some((end_of(text, at, number)?, link)));
            if let Some((end, link)) = found {
                pieces.push(Piece {
                    text: &text[from..at],
                    link: None,
                });
                pieces.push(Piece {
                    text: &text[at..end],
                    link: Some(link.clone()),
                });
                from = end;
            }
        }
        pieces.push(Piece {
            text: &text[from..],
            link: None,
        });
        pieces.retain(|piece| !piece.text.is_empty());
        pieces
    }
}

fn digits(number: &str) -> String {
    number.chars().filter(|c| !is_blank(*c)).collect()
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\u{a0}'
}

/// Where a number ends that stands here in the text, with blanks between its digits or without; none when it is only part of
/// a longer number, of a date or of a case number.
fn end_of(text: &str, at: usize, number: &str) -> Option<usize> {
    let mut rest = text.get(at..)?;
    for (i, digit) in number.chars().enumerate() {
        let blank = rest.chars().next().filter(|c| i > 0 && is_blank(*c));
        rest = &rest[blank.map_or(0, char::len_utf8)..];
        rest = rest.strip_prefix(digit)?;
    }
    let before: Vec<char> = text[..at].chars().rev().take(2).collect();
    let after: Vec<char> = rest.chars().take(2).collect();
    let is_whole = !goes_on(&before) && !goes_on(&after);
    is_whole.then_some(text.len() - rest.len())
}

/// Whether a number goes on there: with a digit, at once or after one sign that numbers are written with.
fn goes_on(beside: &[char]) -> bool {
    match beside {
        [first, ..] if first.is_alphanumeric() || *first == '+' => true,
        [sign, second, ..] => (is_blank(*sign) || "-/.,:".contains(*sign)) && second.is_ascii_digit(),
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::form::Text;

    /// A frame of a form with these numbers.
    pub(in crate::page) fn frame(numbers: &[&str]) -> Frame {
        let phone = |number: &&str| Phone {
            number: (*number).to_owned(),
            name: Text::default(),
            button: Text::default(),
        };
        Frame {
            t: Lang::NN.catalog(),
            authority: String::new(),
            home: None,
            exit: String::new(),
            style: "",
            logo: None,
            content: String::new(),
            phones: numbers.iter().map(phone).collect(),
            foot: Foot::default(),
        }
    }

    /// A text with its links in brackets.
    fn linked(text: &str) -> String {
        let frame = frame(&["116 006", "75 02 17 11"]);
        let shown = |piece: Piece<'_>| match piece.link {
            Some(link) => format!("[{}|{link}]", piece.text),
            None => piece.text.to_owned(),
        };
        frame.pieces(text).into_iter().map(shown).collect()
    }

    #[test]
    fn each_number_that_the_form_names_is_a_link() {
        for (text, wanted) in [
            ("Er du i fare no? Ring 112.", "Er du i fare no? Ring [112|112]."),
            ("112, 116 006", "[112|112], [116 006|116006]"),
            ("«116006»", "«[116006|116006]»"),
            (
                "Ring 75\u{a0}02\u{a0}17\u{a0}11!",
                "Ring [75\u{a0}02\u{a0}17\u{a0}11|+4775021711]!",
            ),
            ("(112)", "([112|112])"),
            ("Vent 10 minutt, og ring 112", "Vent 10 minutt, og ring [112|112]"),
            ("", ""),
        ] {
            assert_eq!(linked(text), wanted);
        }
    }

    #[test]
    fn what_only_looks_like_one_stays_as_it_is() {
        for text in [
            "8002 Bodø",
            "2112",
            "1120",
            "sak 2026/112",
            "sak 112/2026",
            "112 345 678",
            "20 112",
            "1.112",
            "§112a",
            "75 02 17 12",
            "+112",
            "Ring 113 eller 22 22 22 22, æøå",
        ] {
            assert_eq!(linked(text), text);
        }
    }
}
