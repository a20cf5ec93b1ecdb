//! Values in texts: names, numbers and sizes as people write them.

use super::Lang;

/// Puts values into the `{name}` places of a text.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    // One pass over the text, so that a value holding braces is never taken for a place.
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let Some(len) = rest[start..].find('}') else {
            break;
        };
        out.push_str(&rest[..start]);
        let name = &rest[start + 1..start + len];
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&rest[start..=start + len]),
        }
        rest = &rest[start + len + 1..];
    }
    out.push_str(rest);
    out
}

/// A number as people read it: `10 000`, in English `10,000`.
pub fn number(lang: Lang, number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        // Four digits stand together (Språkrådet), from five on they are grouped.
        if place > 0 && (digits.len() - place).is_multiple_of(3) && digits.len() > 4 {
            out.push_str(lang.language().group);
        }
        out.push(digit);
    }
    out
}

/// A number of bytes as people read it: `9,7 MB`, `12 kB`, megabytes rounded down, so that a limit is never overstated.
pub fn size(lang: Lang, bytes: u64) -> String {
    let tenths = bytes / 100_000;
    let mark = lang.language().decimal;
    match (tenths / 10, tenths % 10) {
        (0, _) => format!("{} kB", bytes.div_ceil(1000)),
        (whole, 0) => format!("{whole} MB"),
        (whole, part) => format!("{whole}{mark}{part} MB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_taken_for_a_place() {
        let text = fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]);
        assert_eq!(text, "{b} and x");
        assert_eq!(fill("{unknown} {", &[]), "{unknown} {");
    }

    #[test]
    fn sizes_read_like_people_write_them() {
        assert_eq!(size(Lang::NB, 9_780_000), "9,7 MB");
        assert_eq!(size(Lang::EN, 10_000_000), "10 MB");
        assert_eq!(size(Lang::NN, 900), "1 kB");
        assert_eq!(number(Lang::NB, 10_000), "10\u{a0}000");
        assert_eq!(number(Lang::EN, 1_234_567), "1,234,567");
        assert_eq!(number(Lang::NN, 4000), "4000");
    }
}
