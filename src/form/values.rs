//! What a number or an address must look like. Spaces, hyphens and brackets in numbers never matter.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use konvolutt_letter::{Reference, hides_something};
use unicode_segmentation::UnicodeSegmentation;
use validator::ValidateEmail;

/// A character of at most so many code points counts once: the longest emoji in use has eleven. One that bears a
/// hundred accents counts as several, so that a limit still bounds the letter.
const CODE_POINTS: usize = 16;

/// Characters as people count them: a flag or an accented letter is one.
pub(crate) fn characters(text: &str) -> usize {
    let clusters = text.graphemes(true);
    clusters
        .map(|cluster| cluster.chars().count().div_ceil(CODE_POINTS))
        .sum()
}

/// What nobody can see and no letter should hold: control characters, and the two overrides that make a text read other
/// than it is stored. Marks that Arabic or Hebrew text needs are not among them.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t') || matches!(c, '\u{202D}' | '\u{202E}')
}

/// The text as it was most likely meant. Word's line and page breaks, and what Unicode calls a line end, end a line here.
/// U+0080 to U+009F are control characters that nobody types: they are Windows-1252 taken for Latin-1, and mean what the
/// HTML standard says that they mean in a character reference (13.2.5.80): U+0096 is a dash, which parts two numbers.
pub(crate) fn legible(text: &str) -> String {
    const WINDOWS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    let meant = |c| match c {
        '\r' | '\u{B}' | '\u{C}' | '\u{2028}' | '\u{2029}' => '\n',
        '\u{80}'..='\u{9F}' => WINDOWS[(u32::from(c) - 0x80) as usize],
        _ => c,
    };
    text.replace("\r\n", "\n").chars().map(meant).collect()
}

/// The text without what [`is_unseen`]. A control character that stood between two words leaves a blank: "10", "12" are
/// not 1012. A mark that turns the order parted nothing.
pub(crate) fn seen(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if !is_unseen(c) => out.push(c),
            c if c.is_control() && !out.is_empty() && !out.ends_with(char::is_whitespace) => out.push(' '),
            _ => {}
        }
    }
    out
}

/// The unseen marks that telephones put around numbers and addresses when they are copied.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{61C}' | '\u{AD}')
}

/// A digit of any keyboard that is common in Norway as ASCII; other characters as they are.
fn digit(c: char) -> char {
    let zero = match c {
        '\u{660}'..='\u{669}' => 0x660, // Arabic
        '\u{6F0}'..='\u{6F9}' => 0x6F0, // Persian, Urdu, Dari
        '\u{966}'..='\u{96F}' => 0x966, // Hindi, Nepali, Marathi
        '\u{FF10}'..='\u{FF19}' => 0xFF10,
        _ => return c,
    };
    char::from_digit(u32::from(c) - zero, 10).unwrap_or(c)
}

/// The text without what people put between digits, and without unseen marks.
pub(crate) fn compact(text: &str) -> String {
    let between = |c: &char| {
        !c.is_whitespace() && !is_mark(*c) && !matches!(c, '-' | '‐'..='—' | '−' | '(' | ')' | '[' | ']' | '.' | '/')
    };
    text.chars().filter(between).map(digit).collect()
}

/// Exactly so many digits.
pub(super) fn digits(text: &str, count: usize) -> Option<String> {
    let text = compact(text);
    let right = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    right.then_some(text)
}

/// An accented letter as one code point, where there is one: a telephone may send `å` in two.
pub(crate) fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// The text after the words that people write before a number: «Tlf.: 75 55 58 90».
fn without_words(text: &str) -> &str {
    const WORDS: [&str; 17] = [
        "telefonnummer",
        "telefon",
        "telefonnr",
        "tlf",
        "tel",
        "tlfnr",
        "mobilnummer",
        "mobil",
        "mobilnr",
        "mob",
        "mobile",
        "phone",
        "telephone",
        "sms",
        "nummer",
        "nr",
        "number",
    ];
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || is_mark(c));
    while let Some(end) = rest.find(|c: char| !c.is_alphabetic()) {
        if !WORDS.contains(&rest[..end].to_lowercase().as_str()) {
            break;
        }
        rest = rest[end..].trim_start_matches(|c: char| c.is_whitespace() || is_mark(c) || matches!(c, '.' | ':'));
    }
    rest
}

/// A number as E.164 where that is certain, else its digits. Foreign ones begin with `+` or `00`; the `(0)` that many
/// write after the country code is dialled at home only.
pub(super) fn phone(text: &str) -> Option<String> {
    let text = compact(&without_words(text).replace("(0)", ""));
    let (foreign, number) = match text.strip_prefix('+').or_else(|| text.strip_prefix("00")) {
        Some(number) => (true, number),
        None => (false, text.as_str()),
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match (foreign, number.strip_prefix("47")) {
        (true, Some(norwegian)) => norwegian_phone(norwegian).map(|_| format!("+{number}")),
        (true, None) => (6..=15).contains(&number.len()).then(|| format!("+{number}")),
        // No number of ten digits is given in Norway, so the first two are the country code that lost its plus.
        (false, Some(norwegian)) if number.len() == 10 => norwegian_phone(norwegian),
        (false, _) => norwegian_phone(number),
    }
}

/// Nkom's number series: 8 digits from 2 on; 12 for machines; short ones that are dialled as they stand.
fn norwegian_phone(number: &str) -> Option<String> {
    match (number.len(), number.as_bytes().first()?) {
        (8, b'2'..=b'9') => Some(format!("+47{number}")),
        (12, b'5') => Some(format!("+47{number}")),
        (3 | 4 | 6, b'1') | (5, b'0') => Some(number.to_owned()),
        _ => None,
    }
}

/// An address that mail can reach, its domain in small letters. `validator` takes `æøå` in the domain but not before the
/// `@`, where letters and digits of every script are as good (RFC 6531), with the marks that belong to them: those are
/// judged by their place only. A domain without a dot is nobody's on the internet: an ending was forgotten.
pub(super) fn email(text: &str) -> Option<String> {
    let text = composed(text);
    let is_mark = |c| GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c));
    let is_letter = |c: char| !c.is_ascii() && (c.is_alphanumeric() || is_mark(c));
    let plain: String = text.chars().map(|c| if is_letter(c) { 'x' } else { c }).collect();
    let (local, domain) = text.rsplit_once('@')?;
    let reaches = plain.validate_email() && domain.contains('.') && !hides_something(&text);
    reaches.then(|| format!("{local}@{}", domain.to_lowercase()))
}

/// Whether an ending is all that an address lacks: `kari@eksempel`.
pub(super) fn lacks_ending(text: &str) -> bool {
    let text = text.trim_end_matches('.');
    email(text).is_none() && email(&format!("{text}.no")).is_some()
}

/// The reference of an earlier letter, as a receipt has it.
pub(super) fn reference(text: &str) -> Option<String> {
    Reference::parse(&compact(text)).map(|reference| reference.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::national_id::NationalId;
    use super::*;

    #[test]
    fn characters_are_counted_as_people_do() {
        for (text, count) in [
            ("blåbær", 6),
            ("bla\u{30A}", 3), // a with a ring of its own
            ("šđŋ", 3),
            ("👩🏽‍🚒🇳🇴", 2),
            ("👨🏽‍👩🏽‍👧🏽‍👦🏽", 1),
            ("a\r\nb", 3),
        ] {
            assert_eq!(characters(text), count, "{text:?}");
        }
        let tower = format!("a{}", "\u{301}".repeat(1000));
        assert_eq!(characters(&tower), 1001usize.div_ceil(16));
    }

    #[test]
    fn what_parts_words_goes_on_parting_them() {
        for (typed, meant) in [
            ("kl. 10\u{96}12, 5\u{96}7 personar", "kl. 10–12, 5–7 personar"),
            ("Første linje\u{B}Andre linje", "Første linje\nAndre linje"),
            ("Side 1\u{C}Side 2", "Side 1\nSide 2"),
            ("a\r\nb\rc\u{2028}d\u{2029}e", "a\nb\nc\nd\ne"),
            (
                "\u{93}Hei\u{94} \u{97} vent\u{85} \u{91}x\u{92} 5 \u{80}",
                "“Hei” — vent… ‘x’ 5 €",
            ),
            ("a\u{81}b\u{0}c\td", "a\u{81}b\u{0}c\td"),
        ] {
            assert_eq!(legible(typed), meant, "{typed:?}");
        }
        for (typed, left) in [
            ("10\u{0}12", "10 12"),
            ("a\u{1B}\u{7F}b", "a b"),
            ("a \u{3}b\n\u{3}c", "a b\nc"),
            ("\u{3}a\u{202E}b\u{3}", "ab "),
            ("\u{0}", ""),
        ] {
            assert_eq!(seen(typed), left, "{typed:?}");
            assert!(!left.contains(is_unseen));
        }
    }

    #[test]
    fn numbers_are_judged_without_what_people_put_between() {
        for (typed, normalised) in [
            ("75 02 17 11", "+4775021711"),
            ("75-02-17-11", "+4775021711"),
            ("0047 75021711", "+4775021711"),
            ("+47 416 00 000", "+4741600000"),
            ("\u{202A}+47 75 02 17 11\u{202C}", "+4775021711"),
            ("٧٥٠٢١٧١١", "+4775021711"),
            ("(+46) 70-123 45 67", "+46701234567"),
            ("+44 (0)20 7946 0000", "+442079460000"),
            ("+354 555 1234", "+3545551234"),
            ("5800 0000 0000", "+47580000000000"),
            ("47 41 23 45 67", "+4741234567"),
            ("4775021711", "+4775021711"),
            ("47 50 21 71", "+4747502171"),
            ("tlf 75555890", "+4775555890"),
            ("Tlf.: 75 55 58 90", "+4775555890"),
            ("tlf.nr. 75555890", "+4775555890"),
            ("Mob +46 70 123 45 67", "+46701234567"),
            ("७५०२१७११", "+4775021711"),
            ("116 006", "116006"),
            ("02800", "02800"),
            ("112", "112"),
        ] {
            assert_eq!(phone(typed).as_deref(), Some(normalised), "{typed:?}");
        }
        let wrong = [
            "ring meg",
            "75 02 17 1",
            "+47 75 02 17 1",
            "12345678",
            "0701234567",
            "47 10 23 45 67",
            "46 70 12 34 56",
            "tlf",
            "tlf tlf 7",
            "kari 75555890",
            "75555890 tlf",
            "+",
            "+47",
            "0047",
            "1",
            "",
        ];
        assert!(wrong.iter().all(|text| phone(text).is_none()));
        assert_eq!(digits("0150", 4).as_deref(), Some("0150"));
        assert_eq!(digits(" 01 50 ", 4).as_deref(), Some("0150"));
        assert_eq!(digits("150", 4), None);
    }

    proptest::proptest! {
        /// Whatever is typed is judged, and what comes of it is as it should be.
        #[test]
        fn nothing_that_is_typed_ends_the_program(typed in "[0-9+ ()\\-٠-٩]{0,20}|\\PC{0,40}", any in ".{0,200}") {
            let plain = |text: &str| text.strip_prefix('+').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit());
            for text in [typed, any] {
                let number = phone(&text).unwrap_or("112".into());
                proptest::prop_assert!((3..=16).contains(&number.len()) && plain(&number));
                let id = digits(&text, 11).unwrap_or("01010750160".into());
                proptest::prop_assert!(plain(&id) && id.len() == 11);
                NationalId::of(&id);
                proptest::prop_assert!(email(&text).is_none_or(|address| address.contains('@')));
                proptest::prop_assert!(characters(&text) <= text.chars().count());
            }
        }
    }

    #[test]
    fn addresses_may_hold_norwegian_letters() {
        assert_eq!(email("bjørn.ås@SØRØST.no").as_deref(), Some("bjørn.ås@sørøst.no"));
        assert_eq!(email("Kari@Eksempel.no").as_deref(), Some("Kari@eksempel.no"));
        for bad in ["kari", "kari@", "@eksempel.no", "kari @eksempel.no", "a@b\u{0}c.no"] {
            assert!(email(bad).is_none() && !lacks_ending(bad), "{bad:?}");
        }
    }

    #[test]
    fn addresses_may_hold_the_letters_of_every_script() {
        for (typed, address) in [
            ("a\u{30A}se@example.no", "åse@example.no"),
            ("kari@bo\u{308}.no", "kari@bö.no"),
            ("सम्पर्क@उदाहरण.भारत", "सम्पर्क@उदाहरण.भारत"),
            ("ไทย@ตัวอย่าง.ไทย", "ไทย@ตัวอย่าง.ไทย"),
            ("ẹ\u{301}m\u{300}@a.example", "ẹ\u{301}m\u{300}@a.example"),
            ("пошта@приклад.укр", "пошта@приклад.укр"),
            ("مثال@مثال.تونس", "مثال@مثال.تونس"),
        ] {
            assert_eq!(email(typed).as_deref(), Some(address), "{typed:?}");
        }
        // What would be read as another address, or holds what nobody sees.
        for bad in [
            "kari\u{E0041}@a.no",
            "kari\u{3164}@a.no",
            "kari\u{34F}@a.no",
            "kari\u{FE0F}@a.no",
            "kari😀@a.no",
            "ka\u{AD}ri@a.no",
        ] {
            assert!(email(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_without_its_ending_is_known() {
        for (typed, lacks) in [
            ("kari@example", true),
            ("kari@gmail.", true),
            ("कारि@उदाहरण", true),
            ("kari@example.no", false),
            ("kari@", false),
            ("kari", false),
            ("kari @example", false),
        ] {
            assert_eq!(
                (lacks_ending(typed), email(typed).is_some()),
                (lacks, typed.ends_with(".no")),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn references_are_read_as_people_write_them() {
        for typed in [
            "K7F-3K9Q-2MJ",
            "k7f 3k9q 2mj",
            "k7f3k9q2mj",
            "\u{202A}K7F–3K9Q–2MJ\u{202C}",
        ] {
            assert_eq!(reference(typed).as_deref(), Some("K7F-3K9Q-2MJ"), "{typed:?}");
        }
        for wrong in ["K7F-3K9Q-2MX", "K7F-3K9Q", "K7F-3K9Q-2MJJ", "2026/1234"] {
            assert_eq!(reference(wrong), None, "{wrong:?}");
        }
    }
}
