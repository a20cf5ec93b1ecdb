//! The loader of certificates, given anything: no panic, and never a secret key accepted.

#![no_main]

use std::time::SystemTime;

use konvolutt::seal::{Strength, Unsealable, judge, parse_one};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(cert) = parse_one(bytes) {
        assert!(!cert.is_tsk());
        let tried = Unsealable::of(&cert);
        for strength in [Strength::Full, Strength::Waived] {
            let _ = judge(&cert, &tried, strength, SystemTime::now());
        }
    }
});
