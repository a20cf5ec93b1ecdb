//! Bytes of a text, read as what they most likely are.

use encoding_rs::{Encoding, WINDOWS_1252};

/// A text, and whether its encoding was guessed: then a letter that looks wrong has a reason.
pub(super) struct Read {
    pub(super) text: String,
    pub(super) is_guess: bool,
}

/// As the encoding that the part names (WHATWG Encoding), else as UTF-8, else as Windows-1252, which any bytes are.
pub(super) fn read(bytes: Vec<u8>, named: Option<&str>) -> Read {
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
                text: WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned(),
                is_guess: true,
            }
        }
    }
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
