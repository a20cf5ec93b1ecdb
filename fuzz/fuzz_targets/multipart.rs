//! The reader of multipart bodies, given anything in pieces of any size: no panic, memory within its limits, and the same
//! parts however it was cut.

#![no_main]

#[path = "../scene.rs"]
mod scene;

use std::sync::OnceLock;

use konvolutt::intake::probe;
use konvolutt::draft::DraftDirectory;
use libfuzzer_sys::fuzz_target;

static DRAFTS: OnceLock<DraftDirectory> = OnceLock::new();

fuzz_target!(|input: (u8, &[u8])| {
    let (size, body) = input;
    let drafts = DRAFTS.get_or_init(scene::drafts);
    let pieces = |size: usize| body.chunks(size).map(<[u8]>::to_vec).collect();
    let cut = probe::multipart(pieces(usize::from(size).max(1)), "b", drafts).unwrap();
    if let Some(page) = &cut {
        assert!(page.parts.len() <= 300);
        // A byte that is no UTF-8 becomes a character of up to three.
        assert!(page.parts.iter().map(|part| part.content.len()).sum::<usize>() <= 3 * body.len());
    }
    assert_eq!(cut, probe::multipart(pieces(body.len().max(1)), "b", drafts).unwrap());
});
