//! Text as programs write it down within other text: JSON and source code, RTF, and the addresses of web pages.
//!
//! Only what stands in armor is read: ends of lines, and the signs of base64 that JSON and addresses write as numbers. A
//! backslash and a per cent sign are never data of armor.

/// What it stands for.
pub(super) fn text(escaped: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((first, behind)) = rest.split_first() {
        let known = match first {
            b'\\' => backslash(behind),
            b'%' => number(behind, 2),
            _ => None,
        };
        let (byte, length) = known.unwrap_or((*first, 0));
        out.push(byte);
        rest = &behind[length..];
    }
    out
}

/// What stands behind a backslash, and how long it is. The longer word first.
fn backslash(rest: &[u8]) -> Option<(u8, usize)> {
    const WORDS: [(&[u8], u8); 8] = [
        (b"pard", b'\n'),
        (b"par", b'\n'),
        (b"line", b'\n'),
        (b"tab", b' '),
        (b"n", b'\n'),
        (b"r", b'\n'),
        (b"t", b' '),
        (b"/", b'/'),
    ];
    if let Some(rest) = rest.strip_prefix(b"u") {
        return number(rest, 4).map(|(byte, length)| (byte, length + 1));
    }
    let known = WORDS.iter().find(|(word, _)| rest.starts_with(word));
    known.map(|(word, byte)| (*byte, word.len()))
}

/// A sign of ASCII by its number.
fn number(rest: &[u8], length: usize) -> Option<(u8, usize)> {
    let digits = std::str::from_utf8(rest.get(..length)?).ok()?;
    let number = u8::from_str_radix(digits, 16).ok()?;
    number.is_ascii().then_some((number, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stands_for_its_sign() {
        for (escaped, wanted) in [
            (r"a\nb\r\nc", "a\nb\n\nc"),
            (r"a\/b\u002bc\u002F", "a/b+c/"),
            (r"a\par b\pard c\line d", "a\n b\n c\n d"),
            ("a%0D%0Ab%2Bc%20d", "a\r\nb+c d"),
            (r"\", r"\"),
            (r"\u00", r"\u00"),
            ("100%", "100%"),
        ] {
            assert_eq!(
                String::from_utf8(text(escaped.as_bytes())).unwrap(),
                wanted,
                "{escaped}"
            );
        }
    }
}
