//! The finder, given anything: no panic, no endless loop, and every BEGIN in the bytes is told or named as not looked at.

#![no_main]

use libfuzzer_sys::fuzz_target;
use postrom::find::find;
use postrom::found::Found;
use postrom::source::{Body, Input};

fuzz_target!(|bytes: &[u8]| {
    let body = Body::Bytes(bytes.to_vec());
    let input = Input { name: "-".to_owned(), named: true, body };
    let (mut told, mut other) = (0, 0);
    find(&input, &mut |found| match found {
        Found::Sealed(sealed) => {
            // The bytes of a placeholder cannot be guessed.
            assert!(matches!(sealed.data, postrom::found::Data::Packets(_)));
            told += 1;
        }
        Found::NotLookedAt { .. } => told += 1,
        Found::Other { .. } => other += 1,
    });
    let begin = b"-----BEGIN PGP MESSAGE-----";
    let raw = bytes.windows(begin.len()).filter(|window| window == begin).count();
    assert!(told > 0 || other > 0, "nothing was said");
    // What can be decoded to the same bytes may be told once.
    assert!(raw == 0 || told > 0, "{raw} in, {told} told");
});
