//! Bytes of a text, read as what they most likely are.

use encoding_rs::{Encoding, WINDOWS_1252};

/// A field with this name says what the fields after it are encoded in (RFC 7578, section 4.6).
pub(super) const FIELD: &str = "_charset_";
/// What some editors put before a text in UTF-8. Nobody typed it.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A text, and whether its encoding was guessed: then a letter that looks wrong has a reason.
pub(super) struct Read {
    pub(super) text: String,
    pub(super) is_guess: bool,
}

/// As the encoding that the part names (WHATWG Encoding), else as UTF-8, also where that is damaged in few places, else as
/// Windows-1252, which any bytes are. A mark of UTF-8 says more than a name (WHATWG Encoding, 6).
pub(super) fn read(mut bytes: Vec<u8>, named: Option<&str>) -> Read {
    let is_marked = bytes.starts_with(MARK);
    if is_marked {
        bytes.drain(..MARK.len());
    }
    let named = named.filter(|_| !is_marked);
    let named = named.and_then(|name| Encoding::for_label(name.as_bytes()));
    if let Some(encoding) = named
        && let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(&bytes)
    {
        return Read {
            text: text.into_owned(),
            is_guess: false,
        };
    }
    match String::from_utf8(bytes) {
        Ok(text) => Read { text, is_guess: false },
        Err(error) => {
            let bytes = zeroize::Zeroizing::new(error.into_bytes());
            Read {
                text: damaged(&bytes).unwrap_or_else(|| windows(&bytes)),
                is_guess: true,
            }
        }
    }
}

fn windows(bytes: &[u8]) -> String {
    WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}

/// A text in UTF-8 with single bytes that are not, each read by itself. None where they are as many as the letters that
/// UTF-8 would explain: in Windows-1252 two letters in a row are one in UTF-8 here and there, but seldom.
fn damaged(bytes: &[u8]) -> Option<String> {
    let chunks = || bytes.utf8_chunks();
    let explained: usize = chunks()
        .map(|chunk| chunk.valid().chars().filter(|c| !c.is_ascii()).count())
        .sum();
    let wrong: usize = chunks().map(|chunk| chunk.invalid().len()).sum();
    (explained > wrong).then(|| {
        let mut text = String::with_capacity(bytes.len());
        for chunk in chunks() {
            text.push_str(chunk.valid());
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_it_most_likely_is() {
        for (bytes, named, text, is_guess) in [
            (&b"Bod\xc3\xb8"[..], None, "Bodø", false),
            (b"Bod\xf8", None, "Bodø", true),
            (b"\x8010 \x96 20", None, "€10 – 20", true),
            (b"Bod\xf8", Some("iso-8859-1"), "Bodø", false),
            (b"Bod\xf8", Some("utf-8"), "Bodø", true),
            (b"\xe5", Some("no such"), "å", true),
            (b"", None, "", false),
            (b"\xef\xbb\xbfBod\xc3\xb8", None, "Bodø", false),
            (b"\xef\xbb\xbfBod\xc3\xb8", Some("windows-1252"), "Bodø", false),
            (b"\xef\xbb\xbfBod\xf8", None, "Bodø", true),
            (b"bl\xc3\xa5b\xc3\xa6r p\xc3\xa5 br\xf8d", None, "blåbær på brød", true),
            (b"r\xc3\xb8dt p\xc3\xa5 \xc3", None, "rødt på Ã", true),
            (b"\xabSL\xc5\xbb p\xe5 br\xf8d", None, "«SLÅ» på brød", true),
        ] {
            let read = read(bytes.to_vec(), named);
            assert_eq!(
                (read.text.as_str(), read.is_guess),
                (text, is_guess),
                "{bytes:?} {named:?}"
            );
        }
    }
}
