//! Whom a letter is sealed to: judged at every letter, told in time, and never by guess.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use konvolutt::seal::{Strength, Unfit, Unsealable, judge, parse_one};
use konvolutt::unix_time::seconds;
use postrom::{KeyProfile, Keys, Verdict, generate};
use sequoia_openpgp as openpgp;

use openpgp::cert::{CertBuilder, CipherSuite};
use openpgp::crypto::mpi;
use openpgp::packet::key::{Key4, PublicParts, SubordinateRole};
use openpgp::packet::{Key, UserID, signature::SignatureBuilder};
use openpgp::serialize::{Serialize, SerializeInto};
use openpgp::types::{HashAlgorithm, KeyFlags, PublicKeyAlgorithm, ReasonForRevocation, SignatureType};
use openpgp::{Cert, Packet};

use crate::support::{Authority, Office, World};

const DAY: Duration = Duration::from_secs(86_400);
const MAILBOX: &str = "postmottak@authority.example";

/// Pins another certificate as the daily one.
fn pin(authority: &Authority, armored: &[u8], fingerprint: &str) {
    fs::write(authority.root.join("keys/daily.cert.asc"), armored).unwrap();
    authority.edit("konvolutt.toml", &authority.daily, fingerprint);
}

fn new_daily(authority: &Authority, profile: KeyProfile, valid_for: Duration) {
    let new = generate(profile, "Postmottak", MAILBOX, valid_for, None).unwrap();
    pin(authority, &new.certificate, &new.cert.fingerprint().to_hex());
    fs::write(authority.root.join("secret/daily.key.asc"), &new.key).unwrap();
}

/// A certificate over RSA with so many bits.
fn rsa(suite: CipherSuite) -> Cert {
    let flags = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
    let builder = CertBuilder::new().set_cipher_suite(suite).add_userid(MAILBOX);
    builder
        .add_subkey(flags, None, None)
        .generate()
        .unwrap()
        .0
        .strip_secret_key_material()
}

/// A certificate whose own signatures use SHA-1, as GnuPG made them long ago.
fn sha1() -> Cert {
    let (fresh, _) = CertBuilder::general_purpose(Some(MAILBOX)).generate().unwrap();
    let mut signer = fresh
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap()
        .into_keypair()
        .unwrap();
    let id = UserID::from(MAILBOX);
    let builder = |kind, flags| {
        let builder = SignatureBuilder::new(kind).set_hash_algo(HashAlgorithm::SHA1);
        builder.set_key_flags(flags).unwrap()
    };
    let primary = Cert::from_packets(std::iter::once(Packet::from(fresh.primary_key().key().clone()))).unwrap();
    let certifies = builder(
        SignatureType::PositiveCertification,
        KeyFlags::empty().set_certification(),
    );
    let own = id.bind(&mut signer, &primary, certifies).unwrap();
    let policy = openpgp::policy::StandardPolicy::new();
    let mut keys = fresh
        .keys()
        .with_policy(&policy, None)
        .subkeys()
        .for_storage_encryption();
    let subkey = keys.next().unwrap().key().clone();
    let flags = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
    let bound = subkey
        .bind(&mut signer, &primary, builder(SignatureType::SubkeyBinding, flags))
        .unwrap();
    let packets: Vec<Packet> = vec![id.into(), own.into(), subkey.into(), bound.into()];
    primary.insert_packets(packets).unwrap().0
}

#[test]
fn weak_certificates_need_a_waiver_in_writing() {
    let (short, old) = (rsa(CipherSuite::RSA2k), sha1());
    // After their making, or their signatures would lie in the future.
    let now = SystemTime::now() + Duration::from_secs(1);
    assert_eq!(
        judge(&short, &Unsealable::of(&short), Strength::Full, now).err(),
        Some(Unfit::Weak(2048))
    );
    assert!(judge(&short, &Unsealable::of(&short), Strength::Waived, now).is_ok());
    assert_eq!(
        judge(&old, &Unsealable::of(&old), Strength::Full, now).err(),
        Some(Unfit::BadBinding)
    );
    assert!(judge(&old, &Unsealable::of(&old), Strength::Waived, now).is_ok());

    // In a configuration: refused without, taken with, and a waiver without a reason is none.
    let waived = |waiver: &'static str| {
        let (dir, short) = (tempfile::tempdir().unwrap(), short.clone());
        let authority = Authority::new(dir.path());
        authority.write_config(&crate::support::Way::Maildir);
        pin(
            &authority,
            &short.armored().to_vec().unwrap(),
            &short.fingerprint().to_hex(),
        );
        authority.edit(
            "konvolutt.toml",
            "role = \"daily\"",
            &format!("role = \"daily\"\n{waiver}"),
        );
        let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        let output = command
            .args(["check", "--config"])
            .arg(authority.config())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, told) = waived("");
    assert!(
        code == Some(1) && told.contains("too weak (RSA with 2048 bits"),
        "{told}"
    );
    let (code, told) = waived("waiver = \"ok\"");
    assert!(code == Some(1) && told.contains("must say why"), "{told}");
    let (code, told) = waived("waiver = \"Smartcards are replaced by March 2027; decided by the security officer\"");
    assert!(
        code == Some(0) && told.contains("may be weak, by waiver: Smartcards"),
        "{told}"
    );
}

#[test]
fn every_profile_is_sealed_to_and_opened() {
    for profile in [KeyProfile::Compat, KeyProfile::Rfc9580, KeyProfile::Pqc] {
        let office = Office::with(|authority| {
            new_daily(authority, profile, 365 * DAY);
            // A mix is told apart below.
            authority.edit(
                "konvolutt.toml",
                "files_limit_mb",
                "allow_classical_recipients = true\nfiles_limit_mb",
            );
        });
        let mail = office.mail("hei", &[("a.txt", b"x")]);
        let outcome = office
            .open(&mail)
            .unwrap_or_else(|error| panic!("{profile:?}: {error}"));
        assert_eq!(outcome.status.verdict, Verdict::Genuine, "{profile:?}");
        let mut recovery = Keys::default();
        recovery.add(&office.key("recovery"), &mut |_| None).unwrap();
        assert!(office.open_with(&recovery, &mail).is_ok(), "{profile:?}");
    }
}

#[test]
fn post_quantum_and_classical_do_not_mix_unless_it_is_said() {
    let world = World::with(crate::support::Options {
        change: |authority| new_daily(authority, KeyProfile::Pqc, 365 * DAY),
        ..Default::default()
    });
    let closed = world.get("/nn/s/skriv");
    assert_eq!(closed.status, 503);
    let output = world.konvolutt(&["check"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told.contains("mixes post-quantum and classical") && told.contains("allow_classical_recipients"),
        "{told}"
    );
    let (code, told) = said(world.konvolutt(&["keys", "list"]));
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("no letter can be sealed: post-quantum and classical"),
        "{told}"
    );
}

#[test]
fn an_end_that_comes_near_is_told_everywhere() {
    let world = World::with(crate::support::Options {
        change: |authority| {
            new_daily(authority, KeyProfile::Compat, 14 * DAY);
            authority.edit(
                "konvolutt.toml",
                "[spool]",
                "[health]\naddress = \"127.0.0.1:0\"\n\n[spool]",
            );
        },
        ..Default::default()
    });
    let told = String::from_utf8(world.konvolutt(&["check"]).stdout).unwrap();
    assert!(told.contains("expires in 13 days"), "{told}");
    world.until("the alarm", || {
        world.root().join("spool/alarms/expiring-postmottak").exists()
    });
    let alarm = fs::read_to_string(world.root().join("spool/alarms/expiring-postmottak")).unwrap();
    assert!(alarm.contains("expires within 14 days"), "{alarm}");

    let health = world.health();
    let ready = health("/readyz");
    assert_eq!(ready.status, 200);
    assert!(ready.body.contains("expiring: Postmottak"), "{}", ready.body);
    let metrics = health("/metrics").body;
    // The recovery certificate lives longer.
    let expiries = metrics
        .lines()
        .filter(|line| line.starts_with("konvolutt_certificate_expiry_timestamp_seconds{fingerprint=\""));
    let expiries = expiries.map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap());
    let left = expiries.map(|expiry| expiry - seconds(SystemTime::now())).min();
    assert_eq!(left.map(|left| left / 86_400), Some(13), "{metrics}");
    assert!(metrics.contains("konvolutt_alarm{kind=\"expiring\"} 1"), "{metrics}");

    world.marked_form().send();
    let folder = world.open(&world.sink.wait_for(1)[0].mail);
    let letter = fs::read_to_string(folder.join("letter.txt")).unwrap();
    assert!(
        letter.contains("! Nøkkelen Postmottak <postmottak@authority.example> går ut om 13 dagar."),
        "{letter}"
    );
}

/// Files that are no certificate that can be used: a sentence each, quickly, in little memory.
#[test]
fn bad_certificate_files_are_answered_quickly() {
    let dir = tempfile::tempdir().unwrap();
    let good = fresh(90 * DAY);
    let armored = |cert: &Cert| cert.armored().to_vec().unwrap();
    let two = [armored(&good), armored(&fresh(90 * DAY))].concat();
    let cases: Vec<(&str, Vec<u8>, String, &str)> = vec![
        ("5 000 user ids", crowded(), "0".repeat(40), "larger than 512 KiB"),
        (
            "garbage in armor",
            b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n????\n-----END PGP PUBLIC KEY BLOCK-----\n".to_vec(),
            "0".repeat(40),
            "no OpenPGP certificate",
        ),
        (
            "not OpenPGP",
            vec![b'x'; 100_000],
            "0".repeat(40),
            "no OpenPGP certificate",
        ),
        (
            "two certificates",
            two,
            good.fingerprint().to_hex(),
            "more than one certificate",
        ),
        ("version 3", version_3(), "0".repeat(40), "no OpenPGP certificate"),
        (
            "subkey revoked",
            armored(&subkey_revoked()),
            String::new(),
            "cannot be sealed to: it is revoked",
        ),
        (
            "Kyber of LibrePGP",
            armored(&libre_kyber()),
            String::new(),
            "no encryption subkey that a letter can be sealed to: the algorithm",
        ),
        (
            "one second left",
            armored(&fresh(Duration::from_secs(60))),
            String::new(),
            "not valid at this time",
        ),
    ];
    for (name, bytes, fingerprint, wanted) in cases {
        let root = dir.path().join(name.replace(' ', "-"));
        fs::create_dir(&root).unwrap();
        let authority = Authority::new(&root);
        authority.write_config(&crate::support::Way::Maildir);
        let fingerprint = match fingerprint.as_str() {
            "" => parse_one(&bytes).unwrap().fingerprint().to_hex(),
            given => given.to_owned(),
        };
        pin(&authority, &bytes, &fingerprint);
        if name == "one second left" {
            // Dated back by a minute when it was made: its end is now.
            std::thread::sleep(Duration::from_secs(1));
        }
        let (told, took, memory) = quickest(&authority.config());
        assert!(
            told.contains("daily.cert.asc") && told.contains(wanted),
            "{name}: {told}"
        );
        assert!(told.contains('→'), "{name} says not what to do: {told}");
        assert!(took < Duration::from_secs(1), "{name} took {took:?}");
        assert!(memory < 64 * 1024, "{name} took {memory} KiB");
    }
}

/// The best of eight runs, or the first that is quick: a busy machine may spoil one.
fn quickest(config: &Path) -> (String, Duration, u64) {
    let mut runs = std::iter::repeat_with(|| measured(config)).take(8);
    let first = runs.next().unwrap();
    if first.1 < Duration::from_secs(1) {
        return first;
    }
    runs.chain([first]).min_by_key(|run| run.1).unwrap()
}

/// Runs `check`; returns what it said, how long it took and its peak of memory in KiB.
fn measured(config: &Path) -> (String, Duration, u64) {
    // A run that ends between two looks has shown no memory: once more.
    let runs = std::iter::repeat_with(|| watched(config)).take(20);
    let seen = runs.into_iter().find(|(_, _, peak)| *peak > 0);
    seen.expect("the memory was never seen")
}

fn watched(config: &Path) -> (String, Duration, u64) {
    let begin = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let command = command.args(["check", "--config"]).arg(config).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(1));
    }
    let took = begin.elapsed();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{}: {told}", config.display());
    (told, took, peak)
}

fn fresh(valid_for: Duration) -> Cert {
    generate(KeyProfile::Compat, "Postmottak", MAILBOX, valid_for, None)
        .unwrap()
        .cert
}

/// 10 MB: as somebody makes it who wants to fill memory.
fn crowded() -> Vec<u8> {
    let (cert, _) = CertBuilder::new().generate().unwrap();
    let mut bytes = cert.to_vec().unwrap();
    for i in 0..5000 {
        Packet::from(UserID::from(format!("{i} {}", "x".repeat(2000))))
            .serialize(&mut bytes)
            .unwrap();
    }
    assert!(bytes.len() > 10_000_000);
    bytes
}

/// A public key packet of version 3 (RFC 4880 §5.5.2) with an RSA key of 1024 bits.
fn version_3() -> Vec<u8> {
    let mut body = vec![3, 0x38, 0, 0, 0, 0, 0, 1, 4, 0];
    body.extend([0xff; 128]);
    body.extend([0, 17, 1, 0, 1]);
    let mut packet = vec![0x99, 0, body.len() as u8];
    packet[1] = (body.len() >> 8) as u8;
    packet.extend(body);
    packet
}

fn secret_cert() -> Cert {
    let flags = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
    CertBuilder::new()
        .add_userid(MAILBOX)
        .add_subkey(flags, None, None)
        .generate()
        .unwrap()
        .0
}

fn subkey_revoked() -> Cert {
    let cert = secret_cert();
    let mut signer = cert
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap()
        .into_keypair()
        .unwrap();
    let subkey = cert.keys().subkeys().next().unwrap();
    let mut revoke = openpgp::cert::SubkeyRevocationBuilder::new();
    revoke = revoke
        .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"lost")
        .unwrap();
    let revocation = revoke.build(&mut signer, &cert, subkey.key(), None).unwrap();
    cert.insert_packets(vec![revocation])
        .unwrap()
        .0
        .strip_secret_key_material()
}

/// GnuPG 2.5 makes subkeys of algorithm 8 (Kyber, LibrePGP), which is not RFC 9980's ML-KEM.
fn libre_kyber() -> Cert {
    let (cert, _) = CertBuilder::new().add_userid(MAILBOX).generate().unwrap();
    let mut signer = cert
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap()
        .into_keypair()
        .unwrap();
    let material = mpi::PublicKey::Unknown {
        mpis: vec![mpi::MPI::new(&[0x40; 33])].into_boxed_slice(),
        rest: vec![7; 1184].into_boxed_slice(),
    };
    let key =
        Key4::<PublicParts, SubordinateRole>::new(SystemTime::now() - DAY, PublicKeyAlgorithm::Unknown(8), material);
    let key = Key::from(key.unwrap());
    let flags = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
    let builder = SignatureBuilder::new(SignatureType::SubkeyBinding)
        .set_key_flags(flags)
        .unwrap();
    let bound = key.bind(&mut signer, &cert, builder).unwrap();
    let packets: Vec<Packet> = vec![key.into(), bound.into()];
    cert.insert_packets(packets).unwrap().0.strip_secret_key_material()
}

/// A certificate of `tests/certs`.
fn stored(name: &str) -> (Vec<u8>, String) {
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/certs/{name}.asc"))).unwrap();
    let fingerprint = parse_one(&bytes).unwrap().fingerprint().to_hex();
    (bytes, fingerprint)
}

fn said(output: std::process::Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// The library knows ECDH, and not every curve: what cannot be sealed to does not count, and that is said before the
/// first citizen finds it out.
#[test]
fn a_key_counts_only_if_a_letter_can_be_sealed_to_it() {
    for (name, because) in [
        ("brainpool-P256", "the curve brainpoolP256r1 is not supported"),
        ("brainpool-P384", "the curve brainpoolP384r1 is not supported"),
        ("brainpool-P512", "the curve brainpoolP512r1 is not supported"),
        ("secp256k1", "secp256k1 is not supported"),
        ("brainpool-primary", "the curve brainpoolP256r1 is not supported"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new(dir.path());
        authority.write_config(&crate::support::Way::Maildir);
        let (bytes, fingerprint) = stored(name);
        pin(&authority, &bytes, &fingerprint);
        for words in [["check", "--config"].as_slice(), &["keys", "list", "--config"]] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
            let (code, told) = said(command.args(words).arg(authority.config()).output().unwrap());
            assert_eq!(code, Some(1), "{name}, {words:?}: {told}");
            assert!(told.contains(because), "{name}, {words:?}: {told}");
        }
    }
}

#[test]
fn a_form_is_closed_while_no_letter_can_be_sealed() {
    let world = World::with(crate::support::Options {
        change: |authority| {
            let (bytes, fingerprint) = stored("brainpool-P384");
            pin(authority, &bytes, &fingerprint);
        },
        ..Default::default()
    });
    let closed = world.get("/nn/s/skriv");
    assert_eq!(closed.status, 503);
    assert!(closed.body.contains("75 02 17 11"), "{}", closed.body);
    let alarm = world.root().join("spool/alarms/certificate-postmottak");
    world.until("the alarm", || {
        fs::read_to_string(&alarm).is_ok_and(|text| text.contains("brainpoolP384r1"))
    });
}

/// The key that can be sealed to is enough, and the other one costs no letter; also when the file changes in between.
#[test]
fn a_key_that_cannot_be_sealed_to_does_not_spoil_the_others() {
    let world = World::with(crate::support::Options {
        change: |authority| {
            let (bytes, fingerprint) = stored("brainpool-beside-cv25519");
            pin(authority, &bytes, &fingerprint);
        },
        ..Default::default()
    });
    assert_eq!(said(world.konvolutt(&["check"])).0, Some(0));
    assert_eq!(world.marked_form().send().status, 303);
    world.open_with("recovery", &world.sink.wait_for(1)[0].mail);

    // The same certificate, renewed to the wrong curve alone.
    let cert = parse_one(&stored("brainpool-beside-cv25519").0).unwrap();
    let curve = |key: &openpgp::packet::Key<_, _>| match key.mpis() {
        mpi::PublicKey::ECDH { curve, .. } => curve.clone(),
        other => panic!("{other:?}"),
    };
    let narrowed = cert.retain_subkeys(|subkey| curve(subkey.key()) == openpgp::types::Curve::BrainpoolP256);
    assert_eq!(narrowed.keys().subkeys().count(), 1);
    let file = world.root().join("keys/daily.cert.asc");
    fs::write(&file, narrowed.armored().to_vec().unwrap()).unwrap();
    world.until("the form is closed", || world.get("/nn/s/skriv").status == 503);
}

/// A user ID that nobody signed is anybody's text. One that holds is shown, but cannot act on a terminal.
#[test]
fn only_a_user_id_that_holds_is_a_name() {
    let forged = UserID::from("Avisa <tips@avisa.example>");
    let append = |bytes: &[u8]| {
        let cert = parse_one(bytes)
            .unwrap()
            .insert_packets(vec![Packet::from(forged.clone())]);
        cert.unwrap().0.armored().to_vec().unwrap()
    };
    let file = "keys/daily.cert.asc";
    let world = World::new();
    let before = fs::read(world.root().join(file)).unwrap();
    let after = append(&before);
    assert!(parse_one(&after).unwrap().userids().any(|id| *id.userid() == forged));
    fs::write(world.root().join(file), &after).unwrap();
    for told in [
        said(world.konvolutt(&["check"])).1,
        said(world.konvolutt(&["keys", "list"])).1,
    ] {
        assert!(told.contains(MAILBOX) && !told.contains("Avisa"), "{told}");
    }
    // A page may still show the certificate of the last look. As a file it is what the post room gave; as a name it is not
    // there.
    let armor = String::from_utf8(after).unwrap();
    // The head has comments, which a page escapes.
    let (_, armor) = armor.trim().split_once("\n\n").unwrap();
    let shown = || world.get("/nn/kryptering/skriv").body;
    world.until("the new certificate", || shown().contains(armor));
    let page = shown();
    let names: String = page.split("-----BEGIN").next().unwrap().to_owned();
    assert!(names.contains(MAILBOX) && !names.contains("Avisa"), "{names}");

    // A certificate with nothing but such a user ID has no name. It has no self-signature that says what it is for either.
    let bare = fresh(90 * DAY).retain_userids(|_| false);
    pin(
        &world.authority,
        &append(&bare.armored().to_vec().unwrap()),
        &bare.fingerprint().to_hex(),
    );
    let (_, told) = said(world.konvolutt(&["keys", "list"]));
    assert!(
        !told.contains("Avisa") && told.contains(&bare.fingerprint().to_hex()),
        "{told}"
    );
}

#[test]
fn a_name_cannot_act_on_a_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&crate::support::Way::Maildir);
    let flags = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
    let builder = CertBuilder::new().add_userid("Post\n\u{2713} all is well\u{1b}[2J\u{202e}x <p@x.example>");
    let (cert, _) = builder.add_subkey(flags, None, None).generate().unwrap();
    let cert = cert.strip_secret_key_material();
    pin(
        &authority,
        &cert.armored().to_vec().unwrap(),
        &cert.fingerprint().to_hex(),
    );
    for words in [["check", "--config"].as_slice(), &["keys", "list", "--config"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        let (_, told) = said(command.args(words).arg(authority.config()).output().unwrap());
        assert!(told.contains("Post \u{2713} all is well [2J x <p@x.example>"), "{told}");
        assert!(!told.contains(['\u{1b}', '\u{202e}']), "{told}");
    }
}

/// A revocation that could not be read once (no descriptor was free) takes effect with the next look.
#[test]
#[ignore = "needs strace, root"]
fn a_revocation_that_could_not_be_read_once_is_read_again() {
    use openpgp::parse::Parse;
    for error in ["EMFILE", "EIO"] {
        let world = World::new();
        assert_eq!(world.get("/nn/s/skriv").status, 200);
        let file = world.root().join("keys/daily.cert.asc");
        let cert = parse_one(&fs::read(&file).unwrap()).unwrap();
        let revocation = fs::read(world.root().join("secret/daily.revocation.asc")).unwrap();
        let revoked = cert
            .insert_packets(vec![Packet::from_bytes(&revocation).unwrap()])
            .unwrap()
            .0;
        // A new file beside it, with its name only once the calls fail.
        let new = file.with_extension("new");
        fs::write(&new, revoked.armored().to_vec().unwrap()).unwrap();
        let fault = crate::support::Fault::new(&world, &format!("openat:error={error}"), Some(file.clone()));
        fs::rename(&new, &file).unwrap();
        let begin = Instant::now();
        let alarm = world.root().join("spool/alarms/certificate-postmottak");
        world.until("the file could not be read", || {
            world.get("/nn/s/skriv");
            alarm.exists()
        });
        // The last good one serves until then.
        assert_eq!(world.get("/nn/s/skriv").status, 200, "{error}");
        assert!(fault.end() > 0, "nothing failed");
        world.until("the revocation is known", || world.get("/nn/s/skriv").status == 503);
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "{error}: {:?}",
            begin.elapsed()
        );
    }
}

/// `docs/keys.md`, step by step.
#[test]
fn the_drill_works() {
    let mut world = World::new();
    let open = |world: &World, key: &str, mail: &[u8]| {
        let file = world.root().join("drill.eml");
        fs::write(&file, mail).unwrap();
        let mut command = crate::support::postrom();
        command.current_dir(world.root()).args([
            "open",
            "drill.eml",
            "--relay",
            "keys/relay.cert.asc",
            "--out",
            "opened",
            "--key",
        ]);
        command
            .arg(format!("secret/{key}.key.asc"))
            .output()
            .unwrap()
            .status
            .success()
    };
    let letter = |world: &World, n: usize| {
        assert_eq!(world.marked_form().text("namn", &n.to_string()).send().status, 303);
        world.sink.wait_for(n)[n - 1].mail.clone()
    };
    let before = letter(&world, 1);

    // Rotate: a new key beside the old one; both receive; then the old one goes.
    let new = generate(KeyProfile::Compat, "Postmottak 2", MAILBOX, 365 * DAY, None).unwrap();
    fs::write(world.root().join("keys/daily2.cert.asc"), &new.certificate).unwrap();
    fs::write(world.root().join("secret/daily2.key.asc"), &new.key).unwrap();
    let section = format!(
        "[[mailbox.certificate]]\nfile = \"keys/daily2.cert.asc\"\nfingerprint = \"{}\"\nrole = \"daily\"\n\n",
        new.cert.fingerprint()
    );
    world.authority.edit(
        "konvolutt.toml",
        "[[mailbox.certificate]]",
        &format!("{section}[[mailbox.certificate]]"),
    );
    assert_eq!(world.terminate(), Some(0));
    world.start();
    let during = letter(&world, 2);
    assert!(open(&world, "daily", &during) && open(&world, "daily2", &during));
    assert!(!open(&world, "daily2", &before), "older letters need the older key");

    // The old key is stolen: its revocation, merged into its file, takes it out at once.
    let cert = parse_one(&fs::read(world.root().join("keys/daily.cert.asc")).unwrap()).unwrap();
    use openpgp::parse::Parse;
    let revocation = Packet::from_bytes(&fs::read(world.root().join("secret/daily.revocation.asc")).unwrap()).unwrap();
    let revoked = cert.insert_packets(vec![revocation]).unwrap().0;
    fs::write(
        world.root().join("keys/daily.cert.asc"),
        revoked.armored().to_vec().unwrap(),
    )
    .unwrap();
    let after = letter(&world, 3);
    assert!(!open(&world, "daily", &after) && open(&world, "daily2", &after));
    let folder = world.open_with("daily2", &after);
    let text = fs::read_to_string(folder.join("letter.txt")).unwrap();
    assert!(text.contains("kunne ikkje krypterast til Postmottak"), "{text}");

    // Every daily key is lost: the recovery key opens everything.
    for mail in [before, during, after] {
        assert!(open(&world, "recovery", &mail));
    }
}

/// SIGHUP reads everything again and stops nothing.
#[test]
fn a_hangup_reads_the_certificates_again() {
    let world = World::new();
    world.signal(rustix::process::Signal::HUP);
    assert_eq!(world.marked_form().send().status, 303);
    world.sink.wait_for(1);
}
