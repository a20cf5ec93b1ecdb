//! Which certificates letters may be held against.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use postrom::keys::Looks;
use postrom::trust::NoTrust;
use postrom::{KeyProfile, Keys, Trust};
use sequoia_openpgp as openpgp;

use openpgp::Cert;
use openpgp::cert::CertBuilder;
use openpgp::packet::signature::SignatureBuilder;
use openpgp::serialize::SerializeInto;
use openpgp::types::{KeyFlags, ReasonForRevocation, SignatureType};

use super::desk::{YEAR, load, made, relay};

fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn armored(cert: &Cert) -> Vec<u8> {
    cert.armored().to_vec().unwrap()
}

/// A form's certificate that was made this long ago.
fn made_ago(address: &str, ago: Duration, valid_for: Duration) -> Cert {
    named_ago("Skjema", address, ago, valid_for)
}

fn named_ago(name: &str, address: &str, ago: Duration, valid_for: Duration) -> Cert {
    let form = CertBuilder::new().set_creation_time(SystemTime::now() - ago);
    let form = form
        .add_userid(format!("{name} <{address}>"))
        .set_validity_period(valid_for);
    form.add_signing_subkey().generate().unwrap().0
}

#[test]
fn keyrings_are_read_and_doubles_are_one() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (relay(), relay());
    let newer = {
        let mut pair = a
            .primary_key()
            .key()
            .clone()
            .parts_into_secret()
            .unwrap()
            .into_keypair()
            .unwrap();
        let id = openpgp::packet::UserID::from("Ny <ny@authority.example>");
        let bound = id
            .bind(
                &mut pair,
                &a,
                SignatureBuilder::new(SignatureType::PositiveCertification),
            )
            .unwrap();
        a.clone()
            .insert_packets([openpgp::Packet::from(id), bound.into()])
            .unwrap()
            .0
    };
    let text = String::from_utf8([armored(&a), armored(&b)].concat()).unwrap();
    let utf16: Vec<u8> = format!("\u{FEFF}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let binary = [a.to_vec().unwrap(), b.to_vec().unwrap()].concat();
    for bytes in [
        text.clone().into_bytes(),
        format!("\u{FEFF}{}", text.replace('\n', "\r\n")).into_bytes(),
        utf16,
        binary,
    ] {
        let files = [
            write(dir.path(), "ring", &bytes),
            write(dir.path(), "newer", &armored(&newer)),
        ];
        let trust = Trust::load(&files, &files[..0], &Keys::default()).unwrap();
        assert_eq!(trust.relays.len(), 2);
        let merged = trust
            .relays
            .iter()
            .find(|cert| cert.fingerprint() == a.fingerprint())
            .unwrap();
        assert_eq!(merged.userids().count(), 2, "the newer copy counts");
    }
}

#[test]
fn what_cannot_be_a_forms_certificate_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let own = made(KeyProfile::Compat, None);
    let keys = load(&own.key, None).unwrap();
    let recipient = made(KeyProfile::Compat, None).cert;
    let form = relay();
    let certifies = CertBuilder::new().set_primary_key_flags(KeyFlags::empty().set_certification());
    let certifies = certifies.add_userid("X <x@authority.example>").generate().unwrap().0;
    let known = [write(dir.path(), "known", &armored(&form))];
    let why = |bytes: &[u8], known: &[PathBuf]| {
        let path = write(dir.path(), "relay", bytes);
        let refused = Trust::load(std::slice::from_ref(&path), known, &keys).err().unwrap();
        assert_eq!(refused.path, path);
        refused.why
    };
    assert!(matches!(why(&own.certificate, &[]), NoTrust::OwnKey(label) if label.contains("Postmottak")));
    assert!(matches!(why(&armored(&recipient), &[]), NoTrust::TakesLetters(_)));
    assert!(matches!(why(&armored(&certifies), &[]), NoTrust::CannotSign(_)));
    assert!(matches!(why(&armored(&form), &known), NoTrust::AlsoKnown(_)));
    assert_eq!(why(b"\x89PNG", &[]), NoTrust::NotACertificate(Looks::Picture));
    let missing = Trust::load(&[dir.path().join("none")], &[], &keys).err().unwrap();
    assert!(matches!(missing.why, NoTrust::Unreadable(_)));
    // The control: the same form is good where nothing speaks against it.
    Trust::load(&known, &[], &keys).unwrap();
}

#[test]
fn of_a_secret_file_only_the_public_half_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "k", &relay().as_tsk().to_vec().unwrap());
    let trust = Trust::load(std::slice::from_ref(&path), &[], &Keys::default()).unwrap();
    assert!(!trust.relays[0].is_tsk());
    assert_eq!(trust.with_secret, [path]);
}

#[test]
fn a_form_that_has_moved_on_is_former() {
    let dir = tempfile::tempdir().unwrap();
    let old = made_ago("skjema@authority.example", 2 * YEAR, 4 * YEAR);
    let new = made_ago("Skjema@authority.example", YEAR, 4 * YEAR);
    let other = made_ago("anna@authority.example", 2 * YEAR, 4 * YEAR);
    let expired = made_ago("eldst@authority.example", 2 * YEAR, YEAR);
    let retired = {
        let cert = made_ago("slutt@authority.example", 2 * YEAR, 4 * YEAR);
        let mut pair = cert
            .primary_key()
            .key()
            .clone()
            .parts_into_secret()
            .unwrap()
            .into_keypair()
            .unwrap();
        let gone = cert.revoke(&mut pair, ReasonForRevocation::KeyRetired, b"").unwrap();
        cert.insert_packets([gone]).unwrap().0
    };
    let certs = [
        (&old, true),
        (&new, false),
        (&other, false),
        (&expired, true),
        (&retired, true),
    ];
    let ring = certs.iter().flat_map(|(cert, _)| armored(cert)).collect::<Vec<u8>>();
    let path = write(dir.path(), "ring", &ring);
    let trust = Trust::load(&[path], &[], &Keys::default()).unwrap();
    for (head, (cert, former)) in trust.heads().iter().zip(certs) {
        assert_eq!(head.former, former, "{:?}", head.name);
        assert_eq!(head.fingerprint.replace(' ', ""), cert.fingerprint().to_hex());
    }
    assert!(!trust.former(&other, SystemTime::now()) && trust.former(&other, SystemTime::now() + 3 * YEAR));
}

/// Several machines of one form: each signs with a key of its own under the same address, as long as its user id says which.
#[test]
fn a_form_of_several_nodes_has_no_former_key() {
    let dir = tempfile::tempdir().unwrap();
    let of = |name: &str, age: Duration| named_ago(name, "skjema@authority.example", age, 4 * YEAR);
    let first = of("Skjema (node a)", 2 * YEAR);
    let second = of("Skjema (node b)", YEAR);
    let renewed = of("Skjema (node a)", YEAR / 2);
    let mut ring = [armored(&first), armored(&second)].concat();
    let load = |ring: &[u8]| Trust::load(&[write(dir.path(), "ring", ring)], &[], &Keys::default()).unwrap();
    let trust = load(&ring);
    assert!(trust.heads().iter().all(|head| !head.former));
    // A node's own successor is one.
    ring.extend(armored(&renewed));
    let trust = load(&ring);
    let former = trust.heads().iter().map(|head| head.former).collect::<Vec<_>>();
    assert_eq!(former, [true, false, false]);
}

/// The clock of this machine is slow, and the form's key is new.
#[test]
fn a_key_that_is_not_valid_yet_has_a_name_and_is_no_former_one() {
    let dir = tempfile::tempdir().unwrap();
    let now = SystemTime::now();
    let day = Duration::from_secs(86_400);
    let form = CertBuilder::new()
        .set_creation_time(now + day)
        .add_userid("Skjema <skjema@authority.example>");
    let form = form.add_signing_subkey().generate().unwrap().0;
    let path = write(dir.path(), "k", &armored(&form));
    let trust = Trust::load(&[path], &[], &Keys::default()).unwrap();
    let head = trust.heads().remove(0);
    assert_eq!(head.name.as_deref(), Some("Skjema <skjema@authority.example>"));
    assert!(!head.former);
    // The form's older key is in use until then.
    let older = made_ago("skjema@authority.example", YEAR, 4 * YEAR);
    let both = Trust {
        relays: vec![older.clone(), form],
        ..Trust::default()
    };
    assert!(!both.former(&older, now));
}
