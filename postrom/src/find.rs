//! Finds the sealed part of a mail, also of one that was mangled on the way.

use mail_parser::{MessageParser, MimeHeaders};

use konvolutt_letter::header_fields;

const ARMOR: &[u8] = b"-----BEGIN PGP MESSAGE-----";

/// A sealed part and what stood around it.
pub struct Sealed {
    /// OpenPGP data, armored or binary.
    pub bytes: Vec<u8>,
    /// Header fields of the mail, decoded, by lower-case name; empty for a bare file.
    pub outer: Vec<(String, String)>,
    /// What had to be repaired, for the clerk.
    pub repaired: Vec<String>,
}

/// Finds the sealed part.
///
/// # Errors
/// A sentence for the clerk.
pub fn find(input: &[u8]) -> Result<Sealed, String> {
    let bare = |bytes: &[u8]| Sealed {
        bytes: bytes.to_vec(),
        outer: Vec::new(),
        repaired: Vec::new(),
    };
    let text = input.trim_ascii_start();
    if text.starts_with(ARMOR) {
        return Ok(bare(text));
    }
    // The first bit of every OpenPGP packet is set (RFC 9580 §4.2); no mail begins with such a byte.
    if input.first().is_some_and(|byte| byte & 0x80 != 0 && *byte != 0xEF) {
        return Ok(bare(input));
    }
    let nothing = "This file holds no sealed letter: it is neither a mail with one nor a file in OpenPGP format.";
    let message = MessageParser::default().parse(input).ok_or(nothing)?;
    let candidates = message.parts.iter().filter(|part| starts_with_armor(part.contents()));
    let part = candidates.max_by_key(|part| part.contents().len()).ok_or(nothing)?;
    let mut repaired = Vec::new();
    let root = message.parts.first().and_then(|root| root.content_type());
    let whole = root.is_some_and(|kind| kind.ctype() == "multipart" && kind.subtype() == Some("encrypted"));
    if !whole {
        repaired.push(
            "A mail server changed the form of this mail on its way; the sealed part was found and is unharmed.".into(),
        );
    }
    Ok(Sealed {
        bytes: part.contents().trim_ascii_start().to_vec(),
        outer: header_fields(&message),
        repaired,
    })
}

fn starts_with_armor(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(ARMOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEALED: &str = "-----BEGIN PGP MESSAGE-----\r\n\r\nabcd\r\n-----END PGP MESSAGE-----\r\n";

    fn mail(kind: &str) -> String {
        format!(
            "Subject: A\r\nMIME-Version: 1.0\r\nContent-Type: {kind}; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x\r\nContent-Type: application/octet-stream\r\n\r\n{SEALED}\r\n--x--\r\n"
        )
    }

    #[test]
    fn a_mail_as_it_was_sent_needs_no_repair() {
        let found = find(mail("multipart/encrypted").as_bytes()).ok().unwrap();
        assert!(found.bytes.starts_with(ARMOR) && found.repaired.is_empty());
        assert_eq!(found.outer, [("subject".to_owned(), "A".to_owned())]);
    }

    #[test]
    fn a_mail_that_a_server_changed_is_repaired_and_says_so() {
        let found = find(mail("multipart/mixed").as_bytes()).ok().unwrap();
        assert!(found.bytes.starts_with(ARMOR));
        assert_eq!(found.repaired.len(), 1);
    }

    #[test]
    fn a_bare_file_is_taken_as_it_is() {
        assert!(
            find(format!("\r\n{SEALED}").as_bytes())
                .ok()
                .unwrap()
                .bytes
                .starts_with(ARMOR)
        );
        assert_eq!(find(&[0xC1, 0x02, 0x03]).ok().unwrap().bytes, [0xC1, 0x02, 0x03]);
    }

    #[test]
    fn what_holds_no_letter_is_named() {
        for nothing in [
            "",
            "Hello",
            "Subject: A\r\n\r\nHello\r\n",
            "\u{FEFF}Subject: A\r\n\r\nHello",
        ] {
            let why = find(nothing.as_bytes()).err().unwrap();
            assert!(why.contains("holds no sealed letter"), "{nothing:?}: {why}");
        }
    }
}
