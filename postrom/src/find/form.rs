//! What bytes are, by the bytes themselves: neither a name nor a declared type is believed.

use memchr::memmem;

use super::packets::{self, Pgp};
use super::{head, mbox};
use crate::found::Kind;

/// What can be done with some bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Zip,
    Gzip,
    Tar,
    /// A compound file: Outlook's `.msg`, and old office files.
    Compound,
    Tnef,
    Sealed,
    Mbox,
    Emlx,
    Utf16 {
        little: bool,
    },
    Mail,
    /// An archive that is not looked into.
    Unknown,
    /// Nothing in which something lies; armor may stand in it.
    Flat(Kind),
}

impl Form {
    /// What it is when nothing sealed is in it.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Zip | Self::Tar | Self::Gzip | Self::Unknown => Kind::Archive,
            Self::Compound => Kind::Document,
            Self::Tnef => Kind::Winmail,
            Self::Mbox | Self::Emlx | Self::Mail => Kind::Mail,
            Self::Utf16 { .. } => Kind::Text,
            Self::Sealed => Kind::Other,
            Self::Flat(kind) => kind,
        }
    }
}

/// UTF-8's byte order mark.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What these bytes are.
pub(super) fn of(bytes: &[u8]) -> Form {
    if bytes.is_empty() {
        return Form::Flat(Kind::Empty);
    }
    magic(bytes).or_else(|| utf16(bytes)).unwrap_or_else(|| text(bytes))
}

const PDF: &[u8] = b"%PDF-";
const RTF: &[u8] = b"{\\rtf";

/// What files of a kind begin with.
static STARTS: [(&[u8], Form); 27] = [
    (b"PK\x03\x04", Form::Zip),
    (b"PK\x05\x06", Form::Zip),
    (b"PK\x07\x08", Form::Zip),
    (b"\x1F\x8B\x08", Form::Gzip),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Form::Compound),
    (b"\x78\x9F\x3E\x22", Form::Tnef),
    (b"7z\xBC\xAF\x27\x1C", Form::Unknown),
    (b"Rar!\x1A\x07", Form::Unknown),
    (b"\xFD7zXZ\0", Form::Unknown),
    (b"\x28\xB5\x2F\xFD", Form::Unknown),
    (b"BZh91AY&SY", Form::Unknown),
    (b"\xFF\xD8\xFF", Form::Flat(Kind::Picture)),
    (b"\x89PNG\r\n\x1A\n", Form::Flat(Kind::Picture)),
    (b"GIF87a", Form::Flat(Kind::Picture)),
    (b"GIF89a", Form::Flat(Kind::Picture)),
    (b"II*\0", Form::Flat(Kind::Picture)),
    (b"MM\0*", Form::Flat(Kind::Picture)),
    (PDF, Form::Flat(Kind::Document)),
    (RTF, Form::Flat(Kind::Document)),
    (b"ID3", Form::Flat(Kind::Document)),
    (b"OggS", Form::Flat(Kind::Document)),
    (b"fLaC", Form::Flat(Kind::Document)),
    (b"\x1A\x45\xDF\xA3", Form::Flat(Kind::Document)),
    (b"-----BEGIN PGP PUBLIC KEY", Form::Flat(Kind::Key)),
    (b"-----BEGIN PGP PRIVATE KEY", Form::Flat(Kind::Key)),
    (b"-----BEGIN PGP SIGNATURE", Form::Flat(Kind::Signature)),
    (b"-----BEGIN PGP SIGNED", Form::Flat(Kind::Signature)),
];

/// A document in which armor can stand as it is.
pub(super) fn is_text_of_a_document(bytes: &[u8]) -> bool {
    [PDF, RTF].iter().any(|start| bytes.starts_with(start))
}

fn magic(bytes: &[u8]) -> Option<Form> {
    let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let text = text[..text.len().min(START)].trim_ascii_start();
    let known = STARTS
        .iter()
        .find(|(start, _)| bytes.starts_with(start) || start[0] == b'-' && text.starts_with(start));
    if let Some((_, form)) = known {
        return Some(*form);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        let picture = matches!(bytes.get(8..12), Some(b"heic" | b"heix" | b"mif1" | b"avif"));
        return Some(Form::Flat(if picture { Kind::Picture } else { Kind::Document }));
    }
    if bytes.starts_with(b"RIFF") {
        return Some(Form::Flat(if bytes.get(8..12) == Some(b"WEBP") {
            Kind::Picture
        } else {
            Kind::Document
        }));
    }
    if is_tar(bytes) {
        return Some(Form::Tar);
    }
    if is_program_with_zip(bytes) {
        return Some(Form::Zip);
    }
    packets::kind(bytes).map(|pgp| match pgp {
        Pgp::Sealed => Form::Sealed,
        Pgp::Key => Form::Flat(Kind::Key),
        Pgp::Signature => Form::Flat(Kind::Signature),
    })
}

/// A program that unpacks itself: its directory ends the file.
fn is_program_with_zip(bytes: &[u8]) -> bool {
    /// A comment may follow.
    const END: usize = 22 + 65_535;
    let program = bytes.starts_with(b"MZ") || bytes.starts_with(b"\x7FELF");
    program && memmem::find(&bytes[bytes.len().saturating_sub(END)..], b"PK\x05\x06").is_some()
}

/// By its mark, or by the check sum of its first head: the oldest form has no mark.
fn is_tar(bytes: &[u8]) -> bool {
    let Some(head) = bytes.get(..512) else {
        return false;
    };
    let said = std::str::from_utf8(&head[148..156]).ok();
    let said = said.and_then(|text| u32::from_str_radix(text.trim_matches([' ', '\0']), 8).ok());
    let sum = |range: std::ops::Range<usize>| head[range].iter().map(|byte| u32::from(*byte)).sum::<u32>();
    head[0] != 0 && said == Some(sum(0..148) + 8 * u32::from(b' ') + sum(156..512))
}

/// By its mark, or by every other byte being zero.
fn utf16(bytes: &[u8]) -> Option<Form> {
    match bytes {
        [0xFF, 0xFE, ..] => return Some(Form::Utf16 { little: true }),
        [0xFE, 0xFF, ..] => return Some(Form::Utf16 { little: false }),
        _ => {}
    }
    let start = &bytes[..bytes.len().min(256)];
    let zeros = |first: usize| start.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = start.len() / 2 * 9 / 10;
    if start.len() < 16 || even.max(odd) < most || even.min(odd) > start.len() / 16 {
        return None;
    }
    Some(Form::Utf16 { little: odd > even })
}

/// What a text is shows in this much of it.
const START: usize = 64 * 1024;

fn text(bytes: &[u8]) -> Form {
    let text = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let text = text[..text.len().min(START)].trim_ascii_start();
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    let second = lines.next().unwrap_or_default();
    if mbox::begins(first, true, second) {
        return Form::Mbox;
    }
    let number = first.trim_ascii();
    if !number.is_empty() && number.len() < 12 && number.iter().all(u8::is_ascii_digit) && head::begins_mail(second) {
        return Form::Emlx;
    }
    if is_mail(text) {
        return Form::Mail;
    }
    let start = &bytes[..bytes.len().min(4096)];
    let printable = start
        .iter()
        .all(|byte| *byte >= 0x20 || byte.is_ascii_whitespace() || *byte == 0x1B);
    Form::Flat(if !printable {
        Kind::Other
    } else if memmem::find(start, b"-----BEGIN PGP PUBLIC KEY").is_some() {
        Kind::Key
    } else if memmem::find(start, b"-----BEGIN PGP SIGN").is_some() {
        Kind::Signature
    } else {
        Kind::Text
    })
}

/// Begins with fields, and one of the first is one that a mail has.
fn is_mail(text: &[u8]) -> bool {
    // More than `Received` fields of a long way.
    const FIRST_LINES: usize = 100;
    let mut lines = text.split(|byte| *byte == b'\n').take(FIRST_LINES);
    let first = lines.next().unwrap_or_default();
    if !(head::name(first).is_some() || first.starts_with(b"From ")) {
        return false;
    }
    head::begins_mail(first)
        || lines
            .take_while(|line| !line.trim_ascii().is_empty())
            .any(head::begins_mail)
}
