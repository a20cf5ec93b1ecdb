//! Key files as people have them: several keys in one file, armor among other words, saved by an editor with a byte order
//! mark, with other line ends or as UTF-16.
//!
//! Comes in: bytes. Goes out: certificates, each once. What always holds: nothing that stands beside a certificate makes
//! it unreadable.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sequoia_openpgp as openpgp;

use openpgp::cert::{Cert, CertParser};
use openpgp::packet::Packet;
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::types::SignatureType;

use crate::trouble::Cause;

/// A keyring of a whole authority is below a megabyte.
const LARGEST: u64 = 64 * 1024 * 1024;
const BEGIN: &[u8] = b"-----BEGIN PGP ";
const END: &[u8] = b"-----END PGP ";

/// What a file is that should have held a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Looks {
    /// No bytes at all.
    Empty,
    /// An OpenPGP message.
    Sealed,
    /// A certificate that withdraws a key.
    Revocation,
    /// A signature alone.
    Signature,
    /// A mail.
    Mail,
    /// A picture.
    Picture,
    /// A PDF or an archive, such as the file of an office program.
    Document,
    /// An armor or a packet of a key that could not be read.
    BrokenKey,
    /// Something else.
    Other,
}

/// The bytes of a file, which may also be a pipe: `--key <(gpg --export-secret-keys …)`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Cause> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| Cause::from(&error))
}

/// Every certificate of a file, in order. The same one twice becomes one: a keyring may hold an older copy beside a newer.
pub(crate) fn certificates(bytes: &[u8]) -> Vec<Cert> {
    let mut found: Vec<Cert> = Vec::new();
    for block in blocks(bytes) {
        let Ok(parser) = CertParser::from_bytes(&block) else {
            continue;
        };
        for cert in parser.flatten() {
            merge(&mut found, cert);
        }
    }
    found
}

/// Adds a certificate with what it knows beyond its older copy.
pub(crate) fn merge(certs: &mut Vec<Cert>, cert: Cert) {
    let known = certs.iter_mut().find(|known| known.fingerprint() == cert.fingerprint());
    match known {
        // It fails for another fingerprint alone.
        Some(known) => {
            if let Ok(merged) = known.clone().merge_public_and_secret(cert) {
                *known = merged;
            }
        }
        None => certs.push(cert),
    }
}

/// The OpenPGP data of a file: each of its armors by itself, or the whole when it is binary.
pub(crate) fn blocks(bytes: &[u8]) -> Vec<Vec<u8>> {
    let text = plain_text(bytes);
    if is_binary(&text) {
        return vec![text];
    }
    let mut blocks = Vec::new();
    let mut rest = text.as_slice();
    while let Some(start) = find(rest, BEGIN) {
        let line = rest[..start]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let indent = &rest[line..start];
        let end = find(&rest[start..], END).map_or(rest.len(), |at| start + at);
        let end = end
            + rest[end..]
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(rest.len() - end, |at| at + 1);
        blocks.push(straightened(&rest[line..end], indent));
        rest = &rest[end..];
    }
    blocks
}

/// The first bit of every OpenPGP packet is set (RFC 9580 §4.2); so is that of a text that begins with `æ`.
fn is_binary(text: &[u8]) -> bool {
    let armor = find(text, BEGIN).is_some_and(|at| at == 0 || text[at - 1] == b'\n');
    text.first().is_some_and(|byte| byte & 0x80 != 0) && !armor && std::str::from_utf8(text).is_err()
}

/// Takes off what a mail program or an editor put before each line, and blanks behind it.
fn straightened(block: &[u8], indent: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(block.len());
    for line in block.split(|byte| *byte == b'\n') {
        let line = line.strip_prefix(indent).unwrap_or(line);
        out.extend_from_slice(line.trim_ascii_end());
        out.push(b'\n');
    }
    out
}

/// Without a byte order mark, and never as UTF-16 (what PowerShell's `>` writes).
pub(crate) fn plain_text(bytes: &[u8]) -> Vec<u8> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return rest.to_vec();
    }
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xFF, 0xFE, ..] | [b'-', 0, b'-', 0, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] | [0, b'-', 0, b'-', ..] => u16::from_be_bytes,
        _ => return bytes.to_vec(),
    };
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}')).collect();
    text.trim_start_matches('\u{FEFF}').as_bytes().to_vec()
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// What a file is that holds no certificate.
pub(crate) fn looks(bytes: &[u8]) -> Looks {
    let text = plain_text(bytes);
    if text.trim_ascii().is_empty() {
        return Looks::Empty;
    }
    let magic = |beginnings: &[&[u8]]| beginnings.iter().any(|beginning| text.starts_with(beginning));
    if magic(&[b"\x89PNG", b"\xFF\xD8\xFF", b"GIF8", b"RIFF"]) {
        return Looks::Picture;
    }
    if magic(&[b"%PDF", b"PK\x03\x04", b"\xD0\xCF\x11\xE0"]) {
        return Looks::Document;
    }
    if let Some(looks) = blocks(bytes).iter().find_map(|block| openpgp_kind(block)) {
        return looks;
    }
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let field = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let named = field.len() < line.len()
        && !field.is_empty()
        && field.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    if named || line.starts_with(b"From ") {
        Looks::Mail
    } else {
        Looks::Other
    }
}

fn openpgp_kind(block: &[u8]) -> Option<Looks> {
    let PacketParserResult::Some(parser) = PacketParser::from_bytes(block).ok()? else {
        return None;
    };
    match &parser.packet {
        Packet::Signature(signature) if signature.typ() == SignatureType::KeyRevocation => Some(Looks::Revocation),
        Packet::Signature(_) | Packet::OnePassSig(_) | Packet::CompressedData(_) => Some(Looks::Signature),
        Packet::PKESK(_) | Packet::SKESK(_) | Packet::SEIP(_) => Some(Looks::Sealed),
        Packet::PublicKey(_)
        | Packet::SecretKey(_)
        | Packet::PublicSubkey(_)
        | Packet::SecretSubkey(_)
        | Packet::UserID(_) => Some(Looks::BrokenKey),
        _ => None,
    }
}
