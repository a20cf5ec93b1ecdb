//! Whom a mail is sealed to: the keys that stand before its encrypted data (RFC 9580 §10.3), which no key is needed to read.

use std::io::{self, Read};

use sequoia_openpgp as openpgp;

use openpgp::armor::{Kind, Reader, ReaderMode};
use openpgp::parse::{PacketParser, PacketParserResult, Parse};
use openpgp::{Cert, KeyHandle, Packet};

/// The keys that a letter was sealed to.
pub struct SealedTo(Vec<KeyHandle>);

impl SealedTo {
    /// Reads a sealed mail as far as its encrypted data.
    ///
    /// # Errors
    /// When it cannot be read, or holds no sealed message.
    pub fn read(mail: impl Read + Send + Sync) -> io::Result<Self> {
        let armor = Reader::from_reader(mail, ReaderMode::Tolerant(Some(Kind::Message)));
        let mut next = PacketParser::from_reader(armor).map_err(io::Error::other)?;
        let mut keys = Vec::new();
        while let PacketParserResult::Some(packet) = next {
            let Packet::PKESK(key) = &packet.packet else {
                break;
            };
            keys.extend(key.recipient());
            next = packet.next().map_err(io::Error::other)?.1;
        }
        if keys.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it holds no message that is sealed to keys",
            ));
        }
        Ok(Self(keys))
    }

    /// Whether whoever holds this certificate's keys can open the letter.
    pub fn opens_with(&self, cert: &Cert) -> bool {
        let mut own = cert.keys();
        own.any(|own| self.0.iter().any(|key| key.aliases(own.key().key_handle())))
    }
}
