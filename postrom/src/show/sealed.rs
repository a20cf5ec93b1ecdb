//! A sealed letter from the outside: to whom, how large, under which reference.

use sequoia_openpgp as openpgp;

use konvolutt_letter::Reference;
use openpgp::packet::Packet;
use openpgp::parse::{PacketParser, PacketParserResult, Parse};

use crate::keys::file::blocks;

/// No form seals to more keys than this; whoever does has something else in mind.
const MOST_RECIPIENTS: usize = 64;
/// The head of a mail.
const HEAD: usize = 256 * 1024;

/// A sealed letter or mail.
#[derive(serde::Serialize)]
pub struct SealedShown {
    /// What it names its recipients by: key IDs or fingerprints; `hidden` for those that it does not name.
    pub sealed_to: Vec<String>,
    /// It is sealed to more than are listed.
    pub more: bool,
    /// It can be opened with a passphrase as well.
    pub passphrase: bool,
    /// Bytes of the sealed part.
    pub size: usize,
    /// The reference in the head of the mail around it. Anybody can write one there.
    pub reference: Option<String>,
}

/// Every sealed part that lies in the file as armor, or is the file.
pub fn sealed_parts(bytes: &[u8]) -> Vec<SealedShown> {
    let reference = reference(bytes);
    let shown = blocks(bytes)
        .into_iter()
        .filter_map(|block| SealedShown::of(&block, reference.clone()));
    shown.collect()
}

impl SealedShown {
    fn of(block: &[u8], reference: Option<String>) -> Option<Self> {
        let mut shown = Self {
            sealed_to: Vec::new(),
            more: false,
            passphrase: false,
            size: block.len(),
            reference,
        };
        let mut next = PacketParser::from_bytes(block).ok()?;
        while let PacketParserResult::Some(parser) = next {
            match &parser.packet {
                Packet::PKESK(_) if shown.sealed_to.len() == MOST_RECIPIENTS => {
                    shown.more = true;
                    return Some(shown);
                }
                Packet::PKESK(pkesk) => {
                    let named = pkesk.recipient().map(|handle| handle.to_string());
                    shown.sealed_to.push(named.unwrap_or_else(|| "hidden".into()));
                }
                Packet::SKESK(_) => shown.passphrase = true,
                Packet::SEIP(_) => return Some(shown),
                Packet::Marker(_) | Packet::Padding(_) => {}
                _ => return None,
            }
            next = parser.next().ok()?.1;
        }
        None
    }
}

/// `X-Konvolutt-Reference` of a mail's head.
fn reference(bytes: &[u8]) -> Option<String> {
    const FIELD: &str = "x-konvolutt-reference:";
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]);
    let mut lines = head.lines().take_while(|line| !line.is_empty());
    let line = lines.find(|line| {
        line.get(..FIELD.len())
            .is_some_and(|name| name.eq_ignore_ascii_case(FIELD))
    })?;
    Some(Reference::parse(line[FIELD.len()..].trim())?.to_string())
}
