//! Text files that are not UTF-8: where, and what they are instead.

use super::Diagnostic;

/// The text of a file.
///
/// # Errors
/// The line of the first byte that does not fit, and how such a file comes to be.
pub(super) fn text_of(bytes: Vec<u8>) -> Result<String, Diagnostic> {
    if let Some(kind) = utf_16(&bytes) {
        let what = format!("The file is written in {kind}, not in UTF-8.");
        return Err(Diagnostic::problem(what, SAVE).at_line(1));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let begin = bytes[..at]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        let before = String::from_utf8_lossy(&bytes[begin..at]);
        let before: String = before
            .chars()
            .rev()
            .take(20)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let found = bytes[at];
        let guess = windows_1252(found).map_or_else(String::new, |letter| {
            format!(" It looks like Windows-1252, where it is `{letter}`.")
        });
        let what = format!("The file is not UTF-8: after `{before}` stands the byte 0x{found:02X}.{guess}");
        Diagnostic::problem(what, SAVE).at_line(line)
    })
}

const SAVE: &str = "Save the file as UTF-8: most editors have it under “Save as”, and `iconv -f WINDOWS-1252 -t UTF-8` or \
                    `iconv -f UTF-16 -t UTF-8` converts it.";

/// By its mark, or by a zero beside each letter.
fn utf_16(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, ..] => Some("UTF-16 (little endian)"),
        [0xfe, 0xff, ..] => Some("UTF-16 (big endian)"),
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Some("UTF-16 (little endian)"),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => Some("UTF-16 (big endian)"),
        _ => None,
    }
}

/// A letter that people type, for a byte of Windows-1252 (and Latin-1, but for 0x80 to 0x9F).
fn windows_1252(byte: u8) -> Option<char> {
    let (text, _, _) = encoding_rs::WINDOWS_1252.decode(std::slice::from_ref(&byte));
    text.chars().next().filter(|letter| !letter.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_first_wrong_byte_is_told() {
        let wrong = text_of(b"a = 1\r\n# b\r\nname = \"Bod\xf8\"\n".to_vec()).unwrap_err();
        assert_eq!(wrong.line, Some(3));
        assert!(
            wrong.what.contains("after `name = \"Bod` stands the byte 0xF8"),
            "{wrong}"
        );
        assert!(wrong.what.contains("Windows-1252, where it is `ø`"), "{wrong}");
        assert!(wrong.remedy.contains("Save the file as UTF-8"), "{wrong}");
        let wrong = text_of(b"\xff".to_vec()).unwrap_err();
        assert_eq!(wrong.line, Some(1));
    }

    #[test]
    fn utf_16_is_named_with_and_without_its_mark() {
        let little: Vec<u8> = "name = 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "name = 1\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, kind) in [
            (little.clone(), "UTF-16 (little endian)"),
            ([&[0xff, 0xfe][..], &little].concat(), "UTF-16 (little endian)"),
            (big.clone(), "UTF-16 (big endian)"),
            ([&[0xfe, 0xff][..], &big].concat(), "UTF-16 (big endian)"),
        ] {
            assert!(text_of(bytes).unwrap_err().what.contains(kind), "{kind}");
        }
    }

    #[test]
    fn utf_8_is_taken_as_it_is() {
        for text in ["", "a", "name = \"Bodø\"\r\n", "\u{feff}name = 1\n"] {
            assert_eq!(text_of(text.as_bytes().to_vec()).unwrap(), text);
        }
    }
}
