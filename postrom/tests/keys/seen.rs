//! `postrom show`: what a file is, without opening anything.

use std::fs;

use postrom::KeyProfile;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::serialize::SerializeInto;

use super::desk::{file, made, postrom, relay, said, seal};
use crate::support::signed;

#[test]
fn a_certificate_a_key_and_a_letter_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let new = made(KeyProfile::Compat, Some("x"));
    let form = relay();
    let sealed = seal(&new.cert, &form);
    let mail = [
        b"Subject: x\r\nX-Konvolutt-Reference: not one\r\n\r\n".as_slice(),
        &sealed,
    ]
    .concat();
    let subkey = new.cert.keys().subkeys().next().unwrap().key().keyid().to_hex();
    let grouped = postrom::names::grouped(&new.cert.fingerprint());
    let form_cert = form.armored().to_vec().unwrap();
    for (name, bytes, words) in [
        (
            "cert",
            &new.certificate,
            vec![
                grouped.as_str(),
                &subkey,
                "Postmottak <post@authority.example>",
                "taking letters",
                "until 20",
            ],
        ),
        (
            "key",
            &new.key,
            vec![&grouped, "secret half with a passphrase", "opens letters"],
        ),
        ("form", &form_cert, vec!["signing: a form's certificate"]),
        ("letter", &sealed, vec!["Sealed letter", &subkey, "bytes"]),
        ("mail", &mail, vec!["Sealed letter", &subkey, "none outside"]),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        let shown = postrom(&["show", path.to_str().unwrap()]);
        assert!(shown.status.success(), "{}", said(&shown));
        for word in words {
            assert!(said(&shown).contains(word), "{name} lacks {word:?}: {}", said(&shown));
        }
    }
}

#[test]
fn json_has_one_line_for_each_thing() {
    let paths = [
        "keys/gnupg-subkeys.key.asc",
        "cases/post-room/relay.cert.asc",
        "cases/post-room/v6/pqc.asc",
    ]
    .map(file);
    let paths = paths.each_ref().map(|path| path.to_str().unwrap());
    let shown = postrom(&[&["show", "--json"], &paths[..]].concat());
    let lines = String::from_utf8(shown.stdout).unwrap();
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["keys"][0]["secret"], "nothing");
    assert_eq!(lines[0]["keys"][1]["secret"], "locked");
    assert_eq!(lines[0]["use"], "recipient");
    assert_eq!(lines[1]["use"], "relay");
    assert_eq!(lines[2]["is"], "sealed");
    assert!(!lines[2]["sealed_to"].as_array().unwrap().is_empty());
}

#[test]
fn what_cannot_be_shown_is_a_sentence_and_the_rest_is_shown() {
    let here = file("cases/post-room/relay.cert.asc");
    let text = file("keys/README.md");
    let shown = postrom(&["show", "nowhere", here.to_str().unwrap(), text.to_str().unwrap()]);
    assert_eq!(shown.status.code(), Some(1));
    let said = said(&shown);
    assert!(
        said.contains("nowhere does not exist") && said.contains("neither a certificate"),
        "{said}"
    );
    assert!(said.contains("a form's certificate"), "{said}");
}

/// What is signed and not sealed is called that, and not a sealed letter that is none.
#[test]
fn a_signed_message_is_no_sealed_letter() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("signed.pgp");
    fs::write(&file, signed(&relay(), b"Hei.")).unwrap();
    let shown = postrom(&["show", file.to_str().unwrap()]);
    let said = said(&shown);
    assert_eq!(shown.status.code(), Some(1), "{said}");
    assert!(
        said.contains("signed and not sealed") && !said.contains("this is a sealed letter"),
        "{said}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_has_its_line_of_json() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(std::ffi::OsStr::from_bytes(b"n\xF8kkel.asc"));
    fs::write(&file, made(KeyProfile::Compat, None).certificate).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_postrom"));
    let shown = command.args(["show", "--json"]).arg(&file).output().unwrap();
    let line: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(line["file"].as_str().unwrap().ends_with("n\u{FFFD}kkel.asc"), "{line}");
}

#[test]
fn a_mail_to_very_many_is_bounded() {
    let mut bytes = Vec::new();
    let one = seal(&made(KeyProfile::Compat, None).cert, &relay());
    let pile = sequoia_openpgp::PacketPile::from_bytes(&one).unwrap();
    let pkesk = pile.path_ref(&[0]).unwrap().to_vec().unwrap();
    for _ in 0..1000 {
        bytes.extend(&pkesk);
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("many.pgp");
    fs::write(&file, &bytes).unwrap();
    let shown = postrom::show::sealed_parts(&file);
    assert!(shown[0].more && shown[0].sealed_to.len() == 64);
}
