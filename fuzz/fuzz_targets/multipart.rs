//! The reader of multipart bodies, given anything in pieces of any size: no panic, memory within its limits, and the same
//! parts however it was cut.

#![no_main]

#[path = "../scene.rs"]
mod scene;

use std::sync::OnceLock;

use konvolutt::intake::probe;
use konvolutt::spool::Spool;
use libfuzzer_sys::fuzz_target;

static SPOOL: OnceLock<Spool> = OnceLock::new();

fuzz_target!(|input: (u8, &[u8])| {
    let (size, body) = input;
    let spool = SPOOL.get_or_init(scene::spool);
    let pieces = |size: usize| body.chunks(size).map(<[u8]>::to_vec).collect();
    let cut = probe::multipart(pieces(usize::from(size).max(1)), "b", spool).unwrap();
    if let Some(parts) = &cut {
        assert!(parts.len() <= 300);
        assert!(parts.iter().map(|part| part.content.len()).sum::<usize>() <= body.len());
    }
    assert_eq!(cut, probe::multipart(pieces(body.len().max(1)), "b", spool).unwrap());
});
