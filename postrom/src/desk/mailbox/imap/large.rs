//! Large mails that are only large because of pictures, recordings, films and PDF files: of these the beginning is fetched.
//!
//! Comes in: what the server says of a mail's parts. Goes out: a mail with the same head, all of its texts and the beginnings of the
//! rest; or nothing, when the whole mail is to be fetched. What always holds: whatever could hold something sealed is fetched
//! whole: every kind of part that is not named here, every text, every mail within a mail, and everything that begins
//! otherwise than it is named.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use imap_proto::{AttributeValue, BodyStructure, ContentEncoding};

use super::folder::{fetch, section};
use super::talk::Talk;
use crate::trouble::Away;

/// Smaller parts are fetched whole.
const WORTH_IT: u32 = 64 * 1024;
/// What of the others is fetched.
const BEGINNING: usize = 4096;
/// More are not asked for one by one.
const MOST_PARTS: usize = 50;

/// A part that has no parts.
#[derive(Debug, PartialEq, Eq)]
struct Leaf {
    section: String,
    cut: bool,
}

/// What is left of a large mail, when it can be told from its parts that there is nothing sealed in the rest.
pub(super) fn shortened<S: Read + Write>(talk: &mut Talk<S>, uid: u32) -> Result<Option<Vec<u8>>, Away> {
    let mut found = None;
    let _ = fetch(talk, &[uid], "BODYSTRUCTURE", &mut |_, attributes| {
        for attribute in attributes {
            if let AttributeValue::BodyStructure(structure) = attribute {
                found = plan(structure);
            }
        }
    })?;
    let Some((boundary, leaves)) = found else {
        return Ok(None);
    };
    let Some(mut mail) = section(talk, uid, "HEADER", None)? else {
        return Ok(None);
    };
    for leaf in leaves {
        let Some(mime) = section(talk, uid, &format!("{}.MIME", leaf.section), None)? else {
            return Ok(None);
        };
        let most = leaf.cut.then_some(BEGINNING);
        let Some(body) = section(talk, uid, &leaf.section, most)? else {
            return Ok(None);
        };
        if leaf.cut && !is_what_it_seems(&body) {
            return Ok(None);
        }
        mail.extend(format!("--{boundary}\r\n").bytes());
        mail.extend(mime);
        mail.extend(body);
        mail.extend(b"\r\n");
    }
    mail.extend(format!("--{boundary}--\r\n").bytes());
    Ok(Some(mail))
}

/// The boundary of the mail, and its parts; nothing when the mail is to be fetched whole.
fn plan(structure: &BodyStructure<'_>) -> Option<(String, Vec<Leaf>)> {
    let BodyStructure::Multipart { common, .. } = structure else {
        return None;
    };
    let params = common.ty.params.as_ref()?;
    let boundary = params.iter().find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    let mut leaves = Vec::new();
    walk(structure, "", &mut leaves)?;
    let worth_it = leaves.iter().any(|leaf| leaf.cut) && leaves.len() <= MOST_PARTS;
    worth_it.then(|| (boundary.1.to_string(), leaves))
}

fn walk(structure: &BodyStructure<'_>, section: &str, leaves: &mut Vec<Leaf>) -> Option<()> {
    let (common, other) = match structure {
        BodyStructure::Multipart { bodies, .. } => {
            for (number, body) in (1..).zip(bodies) {
                let dot = if section.is_empty() { "" } else { "." };
                walk(body, &format!("{section}{dot}{number}"), leaves)?;
            }
            return Some(());
        }
        BodyStructure::Text { .. } => {
            let section = section.to_owned();
            leaves.push(Leaf { section, cut: false });
            return Some(());
        }
        BodyStructure::Message { .. } => return None,
        BodyStructure::Basic { common, other, .. } => (common, other),
    };
    let kind = common.ty.ty.to_ascii_lowercase();
    let is_pdf = kind == "application" && common.ty.subtype.eq_ignore_ascii_case("pdf");
    let is_seen_or_heard = ["image", "audio", "video"].contains(&kind.as_str());
    let is_base64 = other.transfer_encoding == ContentEncoding::Base64;
    if !(is_base64 && (is_pdf || is_seen_or_heard)) {
        return None;
    }
    leaves.push(Leaf {
        section: section.to_owned(),
        cut: other.octets > WORTH_IT,
    });
    Some(())
}

/// Whether it begins as pictures, recordings, films and PDF files do.
fn is_what_it_seems(encoded: &[u8]) -> bool {
    let mut signs: Vec<u8> = encoded
        .iter()
        .copied()
        .filter(|sign| !sign.is_ascii_whitespace() && *sign != b'=')
        .collect();
    signs.truncate(signs.len() / 4 * 4);
    let Ok(bytes) = BASE64.decode(signs) else { return false };
    const BEGINNINGS: [&[u8]; 12] = [
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF8",
        b"RIFF",
        b"II*\0",
        b"MM\0*",
        b"BM",
        b"%PDF-",
        b"ID3",
        b"OggS",
        b"fLaC",
        b"\x1a\x45\xdf\xa3",
    ];
    let of_iso_media = bytes.get(4..8) == Some(b"ftyp");
    of_iso_media || BEGINNINGS.iter().any(|beginning| bytes.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use imap_proto::Response;

    /// As Dovecot says it, with these parts.
    fn planned(parts: &str) -> Option<Vec<(String, bool)>> {
        let said = format!("* 1 FETCH (UID 7 BODYSTRUCTURE ({parts} \"mixed\" (\"boundary\" \"b\") NIL NIL NIL))\r\n");
        let (rest, response) = Response::parse(said.as_bytes()).unwrap();
        assert!(rest.is_empty());
        let Response::Fetch(_, attributes) = &response else {
            panic!()
        };
        let structure = attributes.iter().find_map(|attribute| match attribute {
            AttributeValue::BodyStructure(structure) => Some(structure),
            _ => None,
        });
        let (boundary, leaves) = plan(structure.unwrap())?;
        assert_eq!(boundary, "b");
        Some(leaves.into_iter().map(|leaf| (leaf.section, leaf.cut)).collect())
    }

    const TEXT: &str = "(\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 12 1 NIL NIL NIL NIL)";

    fn part(kind: &str, encoding: &str, octets: u32) -> String {
        let (kind, subtype) = kind.split_once('/').unwrap();
        format!("(\"{kind}\" \"{subtype}\" NIL NIL NIL \"{encoding}\" {octets} NIL NIL NIL NIL)")
    }

    #[test]
    fn only_what_is_seen_or_heard_is_cut() {
        let photo = part("image/jpeg", "base64", 4_000_000);
        let whole = |section: &str| (section.to_owned(), false);
        let cut = |section: &str| (section.to_owned(), true);
        assert_eq!(planned(&format!("{TEXT}{photo}")), Some(vec![whole("1"), cut("2")]));
        let both = format!("({TEXT}{TEXT} \"alternative\" (\"boundary\" \"c\") NIL NIL NIL)");
        let small = part("image/png", "base64", 10_000);
        assert_eq!(
            planned(&format!("{both}{small}{photo}")),
            Some(vec![whole("1.1"), whole("1.2"), whole("2"), cut("3")])
        );
        for other in [
            "application/octet-stream",
            "application/pgp-encrypted",
            "application/zip",
        ] {
            let other = part(other, "base64", 4_000_000);
            assert_eq!(planned(&format!("{TEXT}{photo}{other}")), None, "{other}");
        }
        assert_eq!(
            planned(&format!("{TEXT}{}", part("image/jpeg", "7bit", 4_000_000))),
            None
        );
        assert_eq!(planned(TEXT), None, "nothing is saved");
    }

    #[test]
    fn what_begins_otherwise_is_fetched_whole() {
        let encoded = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes).into_bytes();
        let mut photo = encoded(&[&b"\xff\xd8\xff\xe0"[..], &[7; 3000]].concat());
        photo.splice(76..76, *b"\r\n");
        assert!(is_what_it_seems(&photo));
        assert!(is_what_it_seems(&photo[..4000]));
        assert!(!is_what_it_seems(&encoded(b"-----BEGIN PGP MESSAGE-----\n\nwcBMA")));
        assert!(!is_what_it_seems(&encoded(b"PK\x03\x04")));
        assert!(!is_what_it_seems(b"-----BEGIN PGP MESSAGE-----"));
        assert!(!is_what_it_seems(b""));
    }
}
