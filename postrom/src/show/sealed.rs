//! A sealed letter from the outside: to whom, how large, under which reference.

use std::path::Path;

use konvolutt_letter::hex;
use sequoia_openpgp as openpgp;

use openpgp::packet::Packet;
use openpgp::parse::{PacketParser, PacketParserResult, Parse};

use crate::find::{MOST_RECIPIENTS, find};
use crate::found::{Found, Sealed};
use crate::judged::HIDDEN;
use crate::source::{Body, Input};

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
    pub size: u64,
    /// SHA-256 of it without its armor, in hexadecimal: what a signed receipt of the form says.
    pub sha256: String,
    /// The reference in the head of the mail around it. Anybody can write one there.
    pub reference: Option<String>,
}

/// Every sealed part of a file, whatever it is wrapped in.
pub fn sealed_parts(path: &Path) -> Vec<SealedShown> {
    let input = Input {
        name: String::new(),
        named: true,
        body: Body::File(path.to_owned()),
    };
    let mut shown = Vec::new();
    find(&input, &mut |found| {
        if let Found::Sealed(sealed) = found {
            shown.extend(SealedShown::of(sealed));
        }
    });
    shown
}

impl SealedShown {
    fn of(sealed: Sealed) -> Option<Self> {
        let mut shown = Self {
            sealed_to: Vec::new(),
            more: false,
            passphrase: false,
            size: sealed.data.size_hint(),
            sha256: hex(sealed.data.sha256().ok()?),
            reference: sealed.reference,
        };
        let mut next = PacketParser::from_reader(sealed.data.reader().ok()?).ok()?;
        while let PacketParserResult::Some(parser) = next {
            match &parser.packet {
                Packet::PKESK(_) if shown.sealed_to.len() as u64 == MOST_RECIPIENTS => {
                    shown.more = true;
                    return Some(shown);
                }
                Packet::PKESK(pkesk) => {
                    let named = pkesk.recipient().map(|handle| handle.to_string());
                    shown.sealed_to.push(named.unwrap_or_else(|| HIDDEN.into()));
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
