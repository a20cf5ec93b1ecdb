//! Numbers and sizes as people write them.

use super::Lang;

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
    told(lang, bytes, bytes / 100_000)
}

/// The same rounded up, so that what is used is never told too small.
pub fn size_up(lang: Lang, bytes: u64) -> String {
    told(lang, bytes, if bytes < 100_000 { 0 } else { bytes.div_ceil(100_000) })
}

fn told(lang: Lang, bytes: u64, tenths: u64) -> String {
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
    fn sizes_read_like_people_write_them() {
        assert_eq!(size(Lang::NB, 9_780_000), "9,7 MB");
        assert_eq!(size(Lang::EN, 10_000_000), "10 MB");
        assert_eq!(size(Lang::NN, 900), "1 kB");
        assert_eq!(size_up(Lang::NB, 3_000_001), "3,1 MB");
        assert_eq!(size_up(Lang::NN, 99_001), "100 kB");
        assert_eq!(number(Lang::NB, 10_000), "10\u{a0}000");
        assert_eq!(number(Lang::EN, 1_234_567), "1,234,567");
        assert_eq!(number(Lang::NN, 4000), "4000");
    }
}
