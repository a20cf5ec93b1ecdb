//! The reader of form files, given anything: no panic, and a form or a reason.

#![no_main]

use konvolutt::form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = std::env::temp_dir().join(format!("konvolutt-fuzz-{}.toml", std::process::id()));
    std::fs::write(&file, bytes).unwrap();
    let mut diagnostics = Vec::new();
    let form = form::read(&file, &["nb", "nn", "en"], "2026-11-21".parse().unwrap(), &mut diagnostics);
    assert!(form.is_some() || !diagnostics.is_empty(), "refused without a word");
});
