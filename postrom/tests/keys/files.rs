//! Key files as programs write them and editors save them.

use std::fs;
use std::path::Path;

use postrom::keys::Looks;
use postrom::{KeyProfile, KeyRemark, Keys, KeysError};
use sequoia_openpgp as openpgp;

use openpgp::cert::CertParser;
use openpgp::crypto::{Password, S2K};
use openpgp::packet::key::SecretKeyMaterial;
use openpgp::parse::Parse;
use openpgp::serialize::SerializeInto;
use openpgp::types::{AEADAlgorithm, SymmetricAlgorithm};
use openpgp::{Cert, Packet};

use super::desk::{WORDS, file, load, made, opened, relay, seal};

fn refused(bytes: &[u8], passphrase: Option<&str>) -> KeysError {
    load(bytes, passphrase).err().unwrap()
}

#[test]
fn an_export_of_subkeys_opens_without_its_primary() {
    let cert = Cert::from_file(file("keys/gnupg.cert.asc")).unwrap();
    let sealed = seal(&cert, &relay());
    for (name, count) in [("gnupg", 2), ("gnupg-subkeys", 2), ("gnupg-one-subkey", 1)] {
        let bytes = fs::read(file(&format!("keys/{name}.key.asc"))).unwrap();
        let keys = load(&bytes, Some("practice")).unwrap();
        assert_eq!(keys.pairs().count(), count, "{name}");
        assert_eq!(opened(&keys, &sealed).as_deref(), Some(WORDS), "{name}");
        assert!(
            matches!(refused(&bytes, Some("wrong")), KeysError::Passphrase(_)),
            "{name}"
        );
        assert!(matches!(refused(&bytes, None), KeysError::NobodyToAsk(_)), "{name}");
    }
}

/// The same key, with GnuPG's mark in place of each secret: 1 for nothing, 2 for a smart card.
fn hollowed(mode: u8) -> Vec<u8> {
    let cert = Cert::from_file(file("keys/gnupg.cert.asc")).unwrap();
    let mut bytes = Vec::new();
    for packet in cert.into_packets() {
        let tag = match &packet {
            Packet::PublicKey(_) => 5,
            Packet::PublicSubkey(_) => 7,
            other => {
                bytes.extend(other.to_vec().unwrap());
                continue;
            }
        };
        let whole = packet.to_vec().unwrap();
        // Behind the tag and one octet of length.
        let mut body = whole[2..].to_vec();
        body.extend([255, 0, 101, 0]);
        body.extend(b"GNU");
        body.push(mode);
        if mode == 2 {
            body.push(16);
            body.extend([7; 16]);
        }
        bytes.extend([0xC0 | tag, u8::try_from(body.len()).unwrap()]);
        bytes.extend(body);
    }
    bytes
}

#[test]
fn a_key_whose_secret_is_elsewhere_says_where() {
    let hollow = refused(&hollowed(1), Some("practice"));
    assert!(matches!(hollow, KeysError::Hollow(_)), "{hollow}");
    let card = refused(&hollowed(2), Some("practice"));
    assert!(matches!(card, KeysError::OnCard(_)), "{card}");
}

#[test]
fn a_key_that_only_signs_needs_no_passphrase_and_opens_nothing() {
    let relay = relay().as_tsk().to_vec().unwrap();
    assert!(matches!(refused(&relay, None), KeysError::CannotOpen(_)));
    // A locked primary that only signs beside an open subkey: nobody is asked.
    let cert = Cert::from_bytes(&made(KeyProfile::Compat, None).key).unwrap();
    let primary = cert.primary_key().key().clone().parts_into_secret().unwrap();
    let locked = primary.encrypt_secret(&Password::from("x")).unwrap();
    let (mixed, _) = cert.insert_packets([Packet::from(locked)]).unwrap();
    let keys = load(&mixed.as_tsk().to_vec().unwrap(), None).unwrap();
    assert_eq!(keys.pairs().count(), 1);
}

#[test]
fn a_file_is_read_however_it_was_saved() {
    let new = made(KeyProfile::Compat, None);
    let other = made(KeyProfile::Rfc9580, None);
    let armor = String::from_utf8(new.key.clone()).unwrap();
    let sealed = seal(&new.cert, &relay());
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let quoted: String = armor.lines().map(|line| format!("> {line}  \r\n")).collect();
    let two = [armor.as_bytes(), b"\nog so\n", &other.key].concat();
    let binary = Cert::from_bytes(&new.key).unwrap().as_tsk().to_vec().unwrap();
    let other_binary = Cert::from_bytes(&other.key).unwrap().as_tsk().to_vec().unwrap();
    for (how, bytes, count) in [
        ("as it is", armor.clone().into_bytes(), 1),
        ("BOM", format!("\u{FEFF}{armor}").into_bytes(), 1),
        ("CRLF", armor.replace('\n', "\r\n").into_bytes(), 1),
        (
            "words before",
            format!("Hei, her er nøkkelen:\n\n{armor}\nHelsing\n").into_bytes(),
            1,
        ),
        ("æ first", format!("Æ her:\n{armor}").into_bytes(), 1),
        ("quoted", quoted.into_bytes(), 1),
        ("UTF-16", utf16(&format!("\u{FEFF}{armor}")), 1),
        ("UTF-16 without a mark", utf16(&armor), 1),
        ("twice", [armor.as_bytes(), armor.as_bytes()].concat(), 1),
        ("two armors", two, 2),
        ("binary", binary.clone(), 1),
        ("binary keyring", [binary, other_binary].concat(), 2),
    ] {
        let keys = load(&bytes, None).unwrap_or_else(|error| panic!("{how}: {error}"));
        assert_eq!(keys.certs().len(), count, "{how}");
        assert_eq!(opened(&keys, &sealed).as_deref(), Some(WORDS), "{how}");
    }
}

#[test]
fn what_is_no_key_is_named() {
    let sealed = seal(&made(KeyProfile::Compat, None).cert, &relay());
    let revocation = made(KeyProfile::Compat, None).revocation;
    for (bytes, looks) in [
        (b"".as_slice(), Looks::Empty),
        (b" \r\n", Looks::Empty),
        (b"\x89PNG\r\n\x1A\n", Looks::Picture),
        (b"%PDF-1.7", Looks::Document),
        (b"Subject: hei\r\n\r\nhei", Looks::Mail),
        (b"hei", Looks::Other),
        (&sealed, Looks::Sealed),
        (&revocation, Looks::Revocation),
    ] {
        match refused(bytes, None) {
            KeysError::NotAKey(_, found) => assert_eq!(found, looks),
            other => panic!("{looks:?}: {other}"),
        }
    }
    let public = made(KeyProfile::Compat, None).certificate;
    assert!(matches!(refused(&public, None), KeysError::OnlyPublic(_)));
    let missing = Keys::default().add(Path::new("nowhere"), &mut |_| None);
    assert!(matches!(missing, Err(KeysError::Unreadable(..))));
}

#[test]
fn every_kind_of_lock_opens() {
    let s2k = S2K::Argon2 {
        salt: [1; 16],
        t: 1,
        p: 1,
        m: 10,
    };
    let aes = SymmetricAlgorithm::AES256;
    for (profile, s2k, aead) in [
        (KeyProfile::Compat, S2K::default(), None),
        (KeyProfile::Compat, S2K::default(), Some(AEADAlgorithm::OCB)),
        (KeyProfile::Compat, s2k.clone(), Some(AEADAlgorithm::OCB)),
        (KeyProfile::Rfc9580, s2k, Some(AEADAlgorithm::OCB)),
    ] {
        let cert = Cert::from_bytes(&made(profile, None).key).unwrap();
        let locked = cert.keys().subkeys().secret().map(|subkey| {
            let key = subkey.key().clone();
            let SecretKeyMaterial::Unencrypted(open) = key.secret().clone() else {
                panic!()
            };
            let locked = open.encrypt_with(&key, s2k.clone(), aes, aead, &"x".into()).unwrap();
            Packet::from(key.add_secret(locked.into()).0)
        });
        let locked: Vec<Packet> = locked.collect();
        let (mixed, _) = cert.clone().insert_packets(locked).unwrap();
        let bytes = mixed.as_tsk().to_vec().unwrap();
        assert!(
            matches!(refused(&bytes, Some("y")), KeysError::Passphrase(_)),
            "{profile:?} {aead:?}"
        );
        let keys = load(&bytes, Some("x")).unwrap_or_else(|error| panic!("{profile:?} {aead:?}: {error}"));
        assert_eq!(opened(&keys, &seal(&cert, &relay())).as_deref(), Some(WORDS));
    }
}

#[test]
fn keys_go_through_a_pipe_and_come_out_whole() {
    let mut keys = Keys::default();
    let dir = tempfile::tempdir().unwrap();
    let relay = relay();
    let mut sealed = Vec::new();
    for profile in [KeyProfile::Compat, KeyProfile::Rfc9580, KeyProfile::Pqc] {
        let new = made(profile, Some("x"));
        let path = dir.path().join("k");
        fs::write(&path, &new.key).unwrap();
        keys.add(&path, &mut |_| Some("x".into())).unwrap();
        sealed.push(seal(&new.cert, &relay));
    }
    let known = made(KeyProfile::Compat, None).cert;
    keys.know(known.clone());
    let bytes = keys.to_bytes().unwrap();
    let there = Keys::from_bytes(&bytes).unwrap();
    for sealed in &sealed {
        assert_eq!(opened(&there, sealed).as_deref(), Some(WORDS));
    }
    assert_eq!(there.pairs().count(), 3);
    assert!(there.owner(&known.key_handle()).is_some());
    assert!(CertParser::from_bytes(&bytes).unwrap().flatten().count() == 4);
    assert!(Keys::from_bytes(b"").unwrap().is_empty() && Keys::from_bytes(b"x").is_err());
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("k");
    fs::write(&path, made(KeyProfile::Compat, None).key).unwrap();
    for (mode, told) in [(0o600, 0), (0o644, 1), (0o640, 1)] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let remarks = Keys::default().add(&path, &mut |_| None).unwrap();
        assert_eq!(remarks, vec![KeyRemark::ReadByOthers(path.clone()); told], "{mode:o}");
    }
}

#[test]
fn sixty_four_recipients_cost_no_more_than_their_own_key() {
    let mut keys = Keys::default();
    let dir = tempfile::tempdir().unwrap();
    for number in 0..8 {
        let path = dir.path().join(number.to_string());
        fs::write(&path, made(KeyProfile::Compat, None).key).unwrap();
        keys.add(&path, &mut |_| None).unwrap();
    }
    let stranger = made(KeyProfile::Compat, None).cert;
    let strangers = stranger.keys().map(|key| key.key().key_handle());
    assert_eq!(
        strangers
            .map(|handle| keys.pairs_for(Some(&handle)).count())
            .sum::<usize>(),
        0
    );
    let mine: Vec<_> = keys.pairs().map(|(_, pair)| pair.public().key_handle()).collect();
    assert!(mine.iter().all(|handle| keys.pairs_for(Some(handle)).count() == 1));
    assert_eq!(keys.pairs_for(None).count(), 8, "hidden recipients may be any of them");
}
