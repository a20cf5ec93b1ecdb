//! The reader of the inner document, given anything: no panic, no endless loop, memory within its limits.

#![no_main]

use std::io::{self, Write};

use konvolutt_letter::{Shelf, read};
use libfuzzer_sys::fuzz_target;

struct Nowhere;

impl Shelf for Nowhere {
    fn begin(&mut self, name: &str) -> io::Result<Box<dyn Write>> {
        // The name that a disk would see.
        let name = konvolutt_letter::neutral(name);
        assert!(!name.is_empty() && !name.contains(['/', '\\', '\0']) && name != "." && name != "..");
        Ok(Box::new(io::sink()))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let _ = read(&mut &*bytes, &mut Nowhere);
});
