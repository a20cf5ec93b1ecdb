//! The finder, given anything: no panic, no endless loop, and every BEGIN in the bytes is told or named as not looked at.

#![no_main]

use std::collections::HashSet;

use base64::Engine as _;
use libfuzzer_sys::fuzz_target;
use postrom::find::find;
use postrom::found::{Data, Found};
use postrom::source::{Body, Input};

const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
const END: &[u8] = b"-----END PGP MESSAGE-----";

fuzz_target!(|bytes: &[u8]| {
    let body = Body::Bytes(bytes.to_vec());
    let input = Input {
        name: "-".to_owned(),
        named: true,
        body,
    };
    let (mut told, mut not_looked_at, mut other) = (HashSet::new(), 0, 0);
    find(&input, &mut |found| match found {
        Found::Sealed(sealed) => {
            // The bytes of a placeholder cannot be guessed.
            let Data::Packets(packets) = sealed.data else {
                panic!("a placeholder was guessed")
            };
            told.insert(packets);
        }
        Found::NotLookedAt { .. } => not_looked_at += 1,
        Found::Other { .. } => other += 1,
    });
    assert!(!told.is_empty() || not_looked_at + other > 0, "nothing was said");
    if not_looked_at > 0 {
        return;
    }
    let raw = bytes.windows(BEGIN.len()).filter(|window| *window == BEGIN).count();
    // What can be decoded to the same bytes may be told once.
    assert!(raw == 0 || !told.is_empty(), "{raw} in, none told");
    for packets in undisturbed(bytes) {
        assert!(
            told.contains(&packets),
            "armor that nothing disturbs was not told: {packets:?}"
        );
    }
});

/// What stands in armor of the plainest form: BEGIN, a blank line, lines of base64, END.
fn undisturbed(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for at in 0..bytes.len() {
        let Some(rest) = bytes[at..]
            .strip_prefix(BEGIN)
            .and_then(|rest| rest.strip_prefix(b"\n\n"))
        else {
            continue;
        };
        let Some(end) = rest.windows(END.len()).position(|window| window == END) else {
            continue;
        };
        let lines = rest[..end].split(|byte| *byte == b'\n');
        let signs: Vec<u8> = lines
            .take_while(|line| !line.starts_with(b"="))
            .flatten()
            .copied()
            .collect();
        found.extend(
            base64::engine::general_purpose::STANDARD
                .decode(&signs)
                .ok()
                .filter(|packets| is_whole(packets)),
        );
    }
    found
}

/// A key for one reader and sealed data, both of less than 192 bytes, and nothing else.
fn is_whole(packets: &[u8]) -> bool {
    let [0xC1, key @ 0..192, 3, ..] = *packets else {
        return false;
    };
    let rest = packets.get(2 + usize::from(key)..).unwrap_or_default();
    matches!(*rest, [0xD2, length @ 0..192, 1, ..] if key > 0 && rest.len() == 2 + usize::from(length))
}
