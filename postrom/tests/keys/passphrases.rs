//! Passphrases that fit one key and not another, and what is said of it.

use std::fs;
use std::path::{Path, PathBuf};

use postrom::cli::passphrase::load_keys;
use postrom::i18n::Lang;
use postrom::{KeyProfile, Keys};
use sequoia_openpgp as openpgp;

use openpgp::Packet;
use openpgp::cert::CertBuilder;
use openpgp::crypto::Password;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::SerializeInto;

use super::desk::made;

/// Two keys and two files with their passphrases, one per line end and mark that editors leave.
fn two_keys(dir: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut keys, mut passphrases) = (Vec::new(), Vec::new());
    for (name, passphrase, text) in [
        ("a", "første frase", "\u{FEFF}første frase\r\n"),
        ("b", "andre", "andre  \n"),
    ] {
        keys.push(dir.join(name));
        fs::write(dir.join(name), made(KeyProfile::Rfc9580, Some(passphrase)).key).unwrap();
        passphrases.push(dir.join(format!("{name}.pass")));
        fs::write(dir.join(format!("{name}.pass")), text).unwrap();
    }
    (keys, passphrases)
}

fn loaded(keys: &[PathBuf], passphrases: &[PathBuf]) -> (anyhow::Result<Keys>, String) {
    let mut told = String::new();
    let keys = load_keys(keys, passphrases, Lang::En, &mut |sentence| told.push_str(sentence));
    (keys, told)
}

#[test]
fn every_file_is_tried_for_every_key() {
    let dir = tempfile::tempdir().unwrap();
    let (keys, passphrases) = two_keys(dir.path());
    let (all, _) = loaded(&keys, &passphrases);
    assert_eq!(all.unwrap().pairs().count(), 2);
}

#[test]
fn a_wrong_passphrase_for_one_key_does_not_stop_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let (keys, passphrases) = two_keys(dir.path());
    let (some, told) = loaded(&keys, &passphrases[1..]);
    assert_eq!(some.unwrap().pairs().count(), 1);
    assert!(
        told.contains("does not fit the key in") && told.contains("/a."),
        "{told}"
    );
    let (none, _) = loaded(&keys[..1], &passphrases[1..]);
    assert!(none.err().unwrap().to_string().contains("does not fit"));
}

/// A certificate that grew: each of its subkeys has a passphrase of its own.
fn grown(passphrases: [&str; 2]) -> Vec<u8> {
    let builder = CertBuilder::general_purpose(Some("Postmottak <post@authority.example>"));
    let (cert, _) = builder.add_transport_encryption_subkey().generate().unwrap();
    let policy = StandardPolicy::new();
    let mut locked = Vec::new();
    let takes_letters = cert.keys().subkeys().with_policy(&policy, None);
    for (key, passphrase) in takes_letters.for_transport_encryption().zip(passphrases) {
        let key = key.key().clone().parts_into_secret().unwrap();
        let key = key.encrypt_secret(&Password::from(passphrase)).unwrap();
        locked.push(Packet::from(key));
    }
    assert_eq!(locked.len(), 2);
    let (cert, _) = cert.insert_packets(locked).unwrap();
    cert.as_tsk().to_vec().unwrap()
}

#[test]
fn each_passphrase_is_tried_for_each_subkey() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        fs::write(dir.path().join(name), bytes).unwrap();
        dir.path().join(name)
    };
    let key = file("key", &grown(["første", "andre"]));
    let (one, other) = (file("one", "første\n".as_bytes()), file("other", b"andre\n"));
    for order in [[&one, &other], [&other, &one]] {
        let order = order.map(Clone::clone);
        let (keys, told) = loaded(std::slice::from_ref(&key), &order);
        assert_eq!(keys.unwrap().pairs().count(), 2, "{told}");
    }
    let (keys, told) = loaded(&[key], &[one]);
    assert_eq!(keys.unwrap().pairs().count(), 1);
    assert!(told.contains("stays locked"), "{told}");
}

#[test]
fn an_empty_passphrase_file_is_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let (keys, _) = two_keys(dir.path());
    let empty = dir.path().join("empty");
    fs::write(&empty, "\r\nfrase\r\n").unwrap();
    for (files, words) in [
        (vec![empty], "first line"),
        (vec![dir.path().join("none")], "does not exist"),
    ] {
        let (refused, _) = loaded(&keys, &files);
        let said = refused.err().unwrap().to_string();
        assert!(said.contains(words), "{said}");
        // It is about a key that there is, and no way to make another one.
        assert!(!said.contains("new key") && !said.contains("--no-passphrase"), "{said}");
    }
}

#[test]
fn a_passphrase_file_that_gives_none_does_not_stop_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let (keys, mut passphrases) = two_keys(dir.path());
    let empty = dir.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    passphrases.insert(0, empty);
    passphrases.push(dir.path().join("none"));
    let (all, told) = loaded(&keys, &passphrases);
    assert_eq!(all.unwrap().pairs().count(), 2);
    for words in ["empty is empty", "does not exist"] {
        assert!(told.contains(words), "{told}");
    }
}
