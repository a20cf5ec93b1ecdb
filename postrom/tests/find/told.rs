//! What the finder told of an input, to be asked.

use std::io::Read as _;
use std::path::Path;

use postrom::find::find;
use postrom::found::{Found, Kind, Repair, Step};
use postrom::source::{Body, Input, sources};
use postrom::trouble::Trouble;

pub(crate) struct Part {
    pub(crate) packets: Vec<u8>,
    pub(crate) place: Vec<Step>,
    pub(crate) subject: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) repaired: Vec<Repair>,
    /// It was left in its file.
    pub(crate) in_file: bool,
}

#[derive(Default)]
pub(crate) struct Told {
    pub(crate) sealed: Vec<Part>,
    pub(crate) not_looked_at: Vec<(Vec<Step>, Trouble)>,
    pub(crate) other: Vec<(Vec<Step>, Kind)>,
    /// Names of what could not be read.
    pub(crate) unread: Vec<(String, Trouble)>,
}

impl Told {
    fn add(&mut self, found: Found) {
        match found {
            Found::Sealed(sealed) => {
                let mut packets = Vec::new();
                sealed.data.reader().unwrap().read_to_end(&mut packets).unwrap();
                let subject = sealed.outer.iter().find(|(name, _)| name == "subject");
                self.sealed.push(Part {
                    packets,
                    place: sealed.place,
                    subject: subject.map(|(_, value)| value.clone()),
                    reference: sealed.reference,
                    repaired: sealed.repaired,
                    in_file: matches!(sealed.data, postrom::found::Data::Armor { .. }),
                });
            }
            Found::NotLookedAt { place, why, .. } => self.not_looked_at.push((place, why)),
            Found::Other { place, kind } => self.other.push((place, kind)),
        }
    }

    /// The packets of all sealed parts, in order.
    pub(crate) fn packets(&self) -> Vec<&[u8]> {
        self.sealed.iter().map(|part| part.packets.as_slice()).collect()
    }

    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.other.iter().map(|(_, kind)| *kind).collect()
    }

    pub(crate) fn troubles(&self) -> Vec<&Trouble> {
        self.not_looked_at.iter().map(|(_, why)| why).collect()
    }
}

/// Of bytes on standard input.
pub(crate) fn told(bytes: &[u8]) -> Told {
    let body = Body::Bytes(bytes.to_vec());
    let mut told = Told::default();
    let input = Input {
        name: "-".to_owned(),
        named: true,
        body,
    };
    find(&input, &mut |found| told.add(found));
    told
}

/// Of a file or folder.
pub(crate) fn told_of(path: &Path) -> Told {
    let mut told = Told::default();
    for source in sources(vec![path.to_owned()], None) {
        match source {
            Ok(input) => find(&input, &mut |found| told.add(found)),
            Err(unread) => told.unread.push((unread.name, unread.why)),
        }
    }
    told
}
