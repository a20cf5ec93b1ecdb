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
