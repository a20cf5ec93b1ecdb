//! Certificates and letters that somebody changed: whatever a file holds, looking at it ends.

use std::fs;
use std::time::{Duration, Instant};

use postrom::show::look;
use postrom::{KeyProfile, Keys, Trust};
use sequoia_openpgp::PacketPile;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::SerializeInto;

use super::desk::{load, made, relay, seal};

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        // Knuth's MMIX constants; the low bits of such a row repeat soon.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

fn mutated(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match dice.below(4) {
            0 => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
            1 => bytes[at] ^= 1 << dice.below(8),
            2 => bytes.truncate(at.max(1)),
            _ => {
                let end = (at + dice.below(64)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

#[test]
fn a_changed_file_is_told_and_never_ends_the_program() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("changed");
    let new = made(KeyProfile::Rfc9580, None);
    let compat = made(KeyProfile::Compat, Some("x"));
    let sealed = seal(&new.cert, &relay());
    let sealed_binary = PacketPile::from_bytes(&sealed)
        .unwrap()
        .path_ref(&[0])
        .unwrap()
        .to_vec()
        .unwrap();
    let relay = relay();
    let whole = [
        new.key.clone(),
        compat.key.clone(),
        compat.certificate,
        compat.revocation,
        relay.to_vec().unwrap(),
        relay.as_tsk().to_vec().unwrap(),
        new.cert.to_vec().unwrap(),
        sealed,
        sealed_binary,
    ];
    let mut dice = Dice(1);
    for round in 0..1000 {
        let bytes = mutated(&whole[round % whole.len()], &mut dice);
        fs::write(&path, &bytes).unwrap();
        let _ = look(&path);
        let _ = load(&bytes, Some("x"));
        let _ = Trust::load(std::slice::from_ref(&path), &[], &Keys::default());
    }
}

#[test]
fn a_file_of_recipients_alone_is_looked_at_in_no_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("many");
    let one = seal(&made(KeyProfile::Compat, None).cert, &relay());
    let pkesk = PacketPile::from_bytes(&one)
        .unwrap()
        .path_ref(&[0])
        .unwrap()
        .to_vec()
        .unwrap();
    fs::write(&path, pkesk.repeat(2_000_000 / pkesk.len())).unwrap();
    let begin = Instant::now();
    assert_eq!(look(&path).ok().unwrap().len(), 1);
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}
