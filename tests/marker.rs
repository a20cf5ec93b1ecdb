//! The search that guards every other test must itself find something.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::support::World;

#[test]
fn a_planted_marker_is_found_in_every_form() {
    let world = World::new();
    let text = world.marker.text.clone();
    assert!(world.leaks().is_empty());
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let planted: [(&str, Vec<u8>); 5] = [
        ("plain", format!("before {text} after").into_bytes()),
        ("wide", wide),
        ("base64-0", BASE64.encode(format!("abc{text}defg")).into_bytes()),
        ("base64-1", BASE64.encode(format!("a{text}defg")).into_bytes()),
        ("base64-2", BASE64.encode(format!("ab{text}d")).into_bytes()),
    ];
    let path = world.root().join("spool/planted");
    for (name, bytes) in planted {
        fs::write(&path, bytes).unwrap();
        assert_eq!(world.leaks().len(), 1, "{name}");
        fs::remove_file(&path).unwrap();
    }
    let named = world.root().join("spool").join(&text);
    fs::write(&named, b"").unwrap();
    assert_eq!(world.leaks().len(), 1, "in a name");
    fs::remove_file(named).unwrap();
}
