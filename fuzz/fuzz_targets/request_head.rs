//! A whole conversation with the server, given anything: no panic, nothing but answers of HTTP, each with the table of
//! headers when it is ours, and never a receipt.

#![no_main]

#[path = "../scene.rs"]
mod scene;

use std::sync::OnceLock;

use axum::Router;
use konvolutt::intake::probe;
use libfuzzer_sys::fuzz_target;

static ROUTES: OnceLock<Router> = OnceLock::new();

fuzz_target!(|said: &[u8]| {
    let routes = ROUTES.get_or_init(|| probe::routes(scene::pipeline()).unwrap());
    let answer = probe::conversation(routes, said).unwrap();
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "not HTTP");
    let has = |text: &[u8]| answer.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text));
    assert!(!has(b"location: /nn/kvittering"), "a receipt for nothing");
    assert!(!has(b"500 Internal"), "a fault of ours");
    assert!(!has(b"<html") || has(b"content-security-policy: default-src"), "a page without its headers");
});
