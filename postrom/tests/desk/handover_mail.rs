//! A letter that is sealed again to a case officer: they open it, and nobody else does.

use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime};

use postrom::desk::archive::{NoOfficer, Officer};
use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::{CertBuilder, CertRevocationBuilder};
use sequoia_openpgp::packet::UserID;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::{KeyFlags, ReasonForRevocation};
use serde_json::Value;

use super::archive::{MARKER, put, sealed_record, tree};
use super::handover::run;
use super::office::Office;
use crate::program::desk::{Desk, Ran, reference};
use crate::support::{Sent, room};

const DAY: Duration = Duration::from_secs(86_400);

/// A post room with a letter, and a case officer with a key of their own.
fn with_officer(text: &str, files: &[(&str, &[u8])]) -> (Office, String) {
    let office = Office::new();
    let number = reference(1);
    let sent = Sent {
        files: files.to_vec(),
        ..Sent::new(&number, text)
    };
    put(&office, "mail/1.eml", sealed_record(&sent), files);
    let (cert, key) = room("Ola Saksbehandler");
    office.desk.put("ola.key.asc", key);
    put_cert(&office.desk, "ola.asc", &cert);
    (office, number)
}

fn put_cert(desk: &Desk, name: &str, cert: &Cert) {
    desk.put(
        name,
        cert.clone().strip_secret_key_material().armored().to_vec().unwrap(),
    );
}

fn open_as_officer(desk: &Desk, mail: &str) -> Ran {
    let mut command = desk.bare();
    command.args([
        mail,
        "--key",
        "ola.key.asc",
        "--relay",
        "relay.asc",
        "--out",
        "hos-ola",
        "--lang",
        "en",
    ]);
    command.output().unwrap().into()
}

#[test]
fn the_officer_opens_all_of_it_and_nobody_else_does() {
    let large = vec![9; 5_000_000];
    let files: Vec<(&str, &[u8])> = vec![("notat.txt", b"MERKE4C1D i notat"), ("stor.bin", &large)];
    let (office, number) = with_officer(&format!("Teksten {MARKER}"), &files);
    let ran = run(&office.desk, &[&number, "--to", "post", "--for", "ola.asc", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    let name = format!("{number} for Ola Saksbehandler.eml");
    assert_eq!(
        ran.lines()[0]["file"],
        office.desk.path("post").join(&name).display().to_string()
    );
    let mail = fs::read_to_string(office.desk.path(&format!("post/{name}"))).unwrap();
    let head = mail.split("\r\n\r\n").next().unwrap();
    assert!(!mail.contains(MARKER) && !head.contains("Kari") && !head.contains("Si fra"));
    assert!(head.contains(&format!("Subject: Letter {number}\r\n")), "{head}");
    assert!(head.contains("multipart/encrypted"), "{head}");
    assert!(
        mail.lines().count() == mail.matches("\r\n").count(),
        "lines end as mail's do"
    );
    // Theirs opens it, with everything in it.
    let opened = open_as_officer(&office.desk, &format!("post/{name}"));
    let folder = office.desk.path("hos-ola").join(format!("not-genuine {number}"));
    assert!(folder.is_dir(), "{}", opened.said());
    let tree = tree(&folder);
    assert!(String::from_utf8_lossy(&tree["letter.txt"]).contains(MARKER));
    assert_eq!(tree["attachments/notat.txt"], files[0].1);
    assert!(tree["attachments/stor.bin"] == large);
    let status: Value = serde_json::from_slice(&tree["status.json"]).unwrap();
    assert_eq!(
        status["verdict"], "unsigned",
        "they see that the form's own seal is gone"
    );
    // The post room's own key does not.
    let own = office.desk.open(&[&format!("post/{name}")]);
    assert_eq!(own.code, Some(1), "{}", own.said());
    // Once more is another file: nothing is replaced.
    let again = run(&office.desk, &[&number, "--to", "post", "--for", "ola.asc"]);
    assert_eq!(again.code, Some(0), "{}", again.said());
    assert!(
        office
            .desk
            .path(&format!("post/{number} for Ola Saksbehandler (2).eml"))
            .is_file()
    );
}

/// Without the form's signature a case officer cannot tell a forged letter any more.
#[test]
fn a_forged_letter_is_not_handed_on_as_if_it_were_none() {
    let (office, _) = with_officer("Ekte.", &[]);
    let mut stranger = Office::new();
    stranger.desk.own = office.desk.own.clone();
    let number = reference(2);
    office
        .desk
        .put("mail/2.eml", stranger.desk.mail(&Sent::new(&number, "Falskt.")));
    let words = [&*number, "--to", "post", "--for", "ola.asc"];
    let ran = run(&office.desk, &words);
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    assert!(!office.desk.path("post").exists());
    let ran = run(&office.desk, &[&words[..], &["--also-not-genuine"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    let name = format!("post/not-genuine {number} for Ola Saksbehandler.eml");
    let mail = fs::read_to_string(office.desk.path(&name)).unwrap();
    assert!(mail.contains(&format!("Subject: Letter not-genuine {number}\r\n")));
}

#[test]
fn a_certificate_that_cannot_serve_is_told_before_anything_is_opened() {
    let (office, number) = with_officer("Hei.", &[]);
    let revoked = CertBuilder::new()
        .add_userid("Kari Trekt")
        .add_storage_encryption_subkey();
    let (revoked, _) = revoked.generate().unwrap();
    let mut signer = revoked
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap()
        .into_keypair()
        .unwrap();
    let revocation = CertRevocationBuilder::new()
        .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"")
        .unwrap()
        .build(&mut signer, &revoked, None)
        .unwrap();
    let (revoked, _) = revoked.insert_packets(revocation).unwrap();
    let made = |days: u32, valid: u32| {
        let builder = CertBuilder::new().add_userid("Per Gammal <per@x.example>");
        let builder = builder.set_creation_time(SystemTime::now() - DAY * days);
        let builder = builder
            .set_validity_period(DAY * valid)
            .add_transport_encryption_subkey();
        builder.generate().unwrap().0
    };
    let signs = CertBuilder::new()
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .add_userid("Per Signerer")
        .generate()
        .unwrap()
        .0;
    put_cert(&office.desk, "revoked.asc", &revoked);
    put_cert(&office.desk, "expired.asc", &made(10, 5));
    put_cert(&office.desk, "signs.asc", &signs);
    office.desk.put("mail.asc", "Subject: Hei\r\n\r\nHei.\r\n");
    let both = [
        fs::read(office.desk.path("ola.asc")),
        fs::read(office.desk.path("signs.asc")),
    ];
    office.desk.put("both.asc", both.map(Result::unwrap).concat());
    for (file, said) in [
        ("revoked.asc", "was withdrawn"),
        ("expired.asc", "is not valid now"),
        ("signs.asc", "has no key that a letter can be sealed to"),
        ("mail.asc", "is not a certificate"),
        ("both.asc", "holds several"),
        ("missing.asc", "missing.asc"),
    ] {
        let ran = run(&office.desk, &[&number, "--to", "post", "--for", file]);
        assert_eq!(ran.code, Some(2), "{file}: {}", ran.said());
        assert!(ran.err.contains(said) && ran.err.contains(file), "{file}: {}", ran.err);
        assert!(!office.desk.path("post").exists());
    }
    // The control, and one whose key says only that it is for mail.
    put_cert(&office.desk, "mail-only.asc", &made(10, 50));
    for file in ["ola.asc", "mail-only.asc"] {
        let ran = run(&office.desk, &[&number, "--to", "post", "--for", file]);
        assert_eq!(ran.code, Some(0), "{file}: {}", ran.said());
    }
}

/// A user ID is anybody's text, and part of a file's name and of a head.
#[test]
fn a_hostile_name_stays_a_name() {
    let (office, number) = with_officer("Hei.", &[]);
    for (count, id) in [
        "../../etc/x\r\nBcc: alle@x.example",
        "a/b\\c:<ola@x.example>",
        "\u{202E}cod.exe",
        "=",
    ]
    .into_iter()
    .enumerate()
    {
        let builder = CertBuilder::new().add_userid(UserID::from(id));
        let (cert, _) = builder.add_storage_encryption_subkey().generate().unwrap();
        put_cert(&office.desk, "x.asc", &cert);
        let to = format!("post{count}");
        let ran = run(&office.desk, &[&number, "--to", &to, "--for", "x.asc", "--json"]);
        assert_eq!(ran.code, Some(0), "{id:?}: {}", ran.said());
        let file = std::path::PathBuf::from(ran.lines()[0]["file"].as_str().unwrap());
        assert_eq!(file.parent(), Some(&*office.desk.path(&to)), "{id:?}");
        let mail = fs::read_to_string(file).unwrap();
        assert!(!mail.split("\r\n\r\n").next().unwrap().contains("\r\nBcc:"), "{mail}");
    }
    let none = CertBuilder::new().add_userid("x").generate().unwrap().0;
    let why = Officer::of(none, SystemTime::now()).err().unwrap();
    assert!(matches!(why, NoOfficer::NoEncryption(_)), "{why:?}");
}

#[test]
#[ignore = "needs gpg"]
fn gnupg_opens_it() {
    let (office, number) = with_officer(&format!("Teksten {MARKER}"), &[("notat.txt", b"MERKE i notat")]);
    let home = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .tempdir()
        .unwrap();
    let gpg = |words: &[&str]| {
        let mut gpg = Command::new("gpg");
        gpg.arg("--homedir")
            .arg(home.path())
            .args(["--batch", "--trust-model", "always"])
            .args(words);
        let ran = gpg.current_dir(office.desk.root()).output().unwrap();
        assert!(
            ran.status.success(),
            "{words:?} {}",
            String::from_utf8_lossy(&ran.stderr)
        );
        String::from_utf8_lossy(&ran.stdout).into_owned()
    };
    gpg(&[
        "--passphrase",
        "",
        "--quick-gen-key",
        "Ola GnuPG <ola@x.example>",
        "default",
        "default",
        "1y",
    ]);
    let cert = gpg(&["--armor", "--export", "ola@x.example"]);
    office.desk.put("gpg.asc", cert);
    // Of every length that base64 can end with, since GnuPG looks for the end of the data.
    for _ in 0..3 {
        let ran = run(&office.desk, &[&number, "--to", "post", "--for", "gpg.asc", "--json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.said());
        let file = ran.lines()[0]["file"].as_str().unwrap().to_owned();
        let mail = fs::read_to_string(&file).unwrap();
        let begin = mail.find("-----BEGIN PGP").unwrap();
        office.desk.put("armor.asc", &mail[begin..]);
        let plain = gpg(&["--decrypt", "armor.asc"]);
        assert!(plain.contains(MARKER) && plain.contains("letter.json"), "{plain}");
    }
}
