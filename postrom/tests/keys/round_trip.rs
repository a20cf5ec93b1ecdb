//! What is sealed to a new key is opened by it.

use std::fs;

use postrom::{KeyProfile, trial};

use super::desk::{WORDS, load, made, opened, postrom, relay, said, seal};

const PROFILES: [KeyProfile; 3] = [KeyProfile::Compat, KeyProfile::Rfc9580, KeyProfile::Pqc];

#[test]
fn every_profile_opens_with_and_without_a_passphrase() {
    let relay = relay();
    for profile in PROFILES {
        for passphrase in [None, Some("hemmeleg æøå 1")] {
            let new = made(profile, passphrase);
            let sealed = seal(&new.cert, &relay);
            let keys = load(&new.key, passphrase).unwrap();
            assert_eq!(
                opened(&keys, &sealed).as_deref(),
                Some(WORDS),
                "{profile:?} {passphrase:?}"
            );
            // The control: another key of the same kind does not.
            let other = load(&made(profile, None).key, None).unwrap();
            assert_eq!(opened(&other, &sealed), None, "{profile:?}");
        }
    }
}

#[test]
fn keygen_writes_a_key_that_has_opened_a_letter() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().to_str().unwrap();
    fs::write(dir.path().join("pass"), "\u{FEFF}fire ord som ingen gjettar \r\n").unwrap();
    let pass = dir.path().join("pass");
    for profile in ["compat", "rfc9580", "pqc"] {
        let made = postrom(&[
            "keygen",
            "--out",
            out,
            "--name",
            profile,
            "--email",
            "post@authority.example",
            "--profile",
            profile,
            "--passphrase-file",
            pass.to_str().unwrap(),
        ]);
        assert!(made.status.success(), "{}", said(&made));
        assert!(!said(&made).contains('!'), "no warning: {}", said(&made));
        let key = fs::read(dir.path().join(format!("{profile}.key.asc"))).unwrap();
        // As a person would type it.
        assert!(
            !load(&key, Some("fire ord som ingen gjettar")).unwrap().is_empty(),
            "{profile}"
        );
    }
}

#[test]
fn a_key_that_opens_nothing_fails_its_trial() {
    let mut new = made(KeyProfile::Compat, None);
    trial(&new, None).unwrap();
    new.key = made(KeyProfile::Compat, None).key;
    assert!(trial(&new, None).is_err());
}
