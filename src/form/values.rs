//! What a number or an address must look like. Spaces, hyphens and brackets in numbers never matter.

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

/// A number as E.164 where that is certain, else its digits. Foreign ones begin with `+` or `00`; the `(0)` that many
/// write after the country code is dialled at home only.
pub(super) fn phone(text: &str) -> Option<String> {
    let text = compact(&text.replace("(0)", ""));
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
/// `@`, where they are as good (RFC 6531), so letters are judged by their place only.
pub(super) fn email(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .map(|c| if c.is_alphabetic() && !c.is_ascii() { 'x' } else { c })
        .collect();
    let (local, domain) = text.rsplit_once('@')?;
    plain
        .validate_email()
        .then(|| format!("{local}@{}", domain.to_lowercase()))
}

/// What eleven digits are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NationalId {
    /// Adds up: a fødselsnummer or a D-number.
    Good,
    /// Adds up, and the month is 80 too high: made by Skatteetaten for tests.
    Synthetic,
    /// Adds up, and the month is 40 too high: an emergency number of the health services, or made by NAV for tests.
    Help,
    /// A slip, or a rule that we do not know yet.
    Unsure,
}

/// Both weighted sums are divisible by 11; in numbers given from 2032 on the first may leave a remainder of 0 to 3
/// (Skatteetaten, new rules for the personal identifier).
pub(super) fn national_id(id: &str) -> NationalId {
    const FIRST: [u32; 10] = [3, 7, 6, 1, 8, 9, 4, 5, 2, 1];
    const SECOND: [u32; 11] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    let digits: Vec<u32> = id.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum = |weights: &[u32]| weights.iter().zip(&digits).map(|(w, d)| w * d).sum::<u32>() % 11;
    let pair = |at: usize| digits[at] * 10 + digits[at + 1];
    // A D-number has 40 added to its day.
    let day = matches!(pair(0), 1..=31 | 41..=71);
    match pair(2) {
        _ if !day || sum(&FIRST) > 3 || sum(&SECOND) != 0 => NationalId::Unsure,
        1..=12 => NationalId::Good,
        41..=52 => NationalId::Help,
        81..=92 => NationalId::Synthetic,
        _ => NationalId::Unsure,
    }
}

#[cfg(test)]
mod tests {
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
                national_id(&id);
                proptest::prop_assert!(email(&text).is_none_or(|address| address.contains('@')));
                proptest::prop_assert!(characters(&text) <= text.chars().count());
            }
        }
    }

    #[test]
    fn national_ids_add_up_under_both_rules() {
        // Worked out from the weights, for a person and for a D-number; the last two only since 2032.
        for good in ["01010750160", "41010750154", "01010750179", "41010750189"] {
            assert_eq!(national_id(good), NationalId::Good, "{good}");
        }
        for bad in ["01010750161", "10010750160", "32010750160", "01130750160"] {
            assert_eq!(national_id(bad), NationalId::Unsure, "{bad}");
        }
    }

    /// Every number with that month whose check digits fit under today's rule.
    fn with_month(month: u32) -> impl Iterator<Item = String> {
        (0..100_000u32).map(move |rest| format!("01{month:02}07{rest:05}"))
    }

    #[test]
    fn numbers_of_nobody_are_told_from_people() {
        for (month, kind) in [(81, NationalId::Synthetic), (41, NationalId::Help)] {
            let found: Vec<_> = with_month(month).map(|id| national_id(&id)).collect();
            assert!(found.contains(&kind) && !found.contains(&NationalId::Good), "{month}");
        }
        // Of a hundred wrong endings about four in a hundred and twenty-one fit: a slip is seen nearly always.
        let fits = with_month(1).filter(|id| national_id(id) == NationalId::Good).count();
        assert!((2500..4000).contains(&fits), "{fits}");
    }

    #[test]
    fn addresses_may_hold_norwegian_letters() {
        assert_eq!(email("bjørn.ås@SØRØST.no").as_deref(), Some("bjørn.ås@sørøst.no"));
        assert_eq!(email("Kari@Eksempel.no").as_deref(), Some("Kari@eksempel.no"));
        for bad in ["kari", "kari@", "@eksempel.no", "kari @eksempel.no", "a@b\u{0}c.no"] {
            assert!(email(bad).is_none(), "{bad:?}");
        }
    }
}
