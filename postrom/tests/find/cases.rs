//! The files of `cases/post-room`, and what `mail_variants.py` makes of two letters.

use std::fs;
use std::path::{Path, PathBuf};

use postrom::found::Kind;

use super::make::{armor, base64, letter, mail, packets, part, tnef};
use super::told::{told, told_of};

fn case(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/cases/post-room", name]
        .iter()
        .collect()
}

#[test]
fn every_file_of_the_post_room_is_told() {
    let letters = [
        ("01-three-asc-attached.eml", 3),
        ("02-two-armors.asc", 2),
        ("04-stored.zip", 2),
        ("06-fwd-rfc822.eml", 1),
        ("10-mbox-crlfblank-missing.mbox", 2),
        ("12-bom.mbox", 2),
        // Saved by Outlook.
        ("13-real-ole.msg", 1),
        ("14-genuine-plus-larger-forged.eml", 2),
        ("18-bom.asc", 1),
        ("19-utf16.asc", 1),
        ("skew.eml", 1),
        ("v6/pqc.asc", 1),
        ("v6/rfc9580.asc", 1),
        ("forged-first/1-forged.eml", 1),
        ("forged-first/2-genuine.eml", 1),
    ];
    let keys = [
        "Postmottak.cert.asc",
        "practice.key.asc",
        "recovery.cert.asc",
        "relay.cert.asc",
        "v6/pqc.key.asc",
        "v6/rfc9580.key.asc",
    ];
    let others = ["README.txt", "practice.passphrase.txt"];
    for (name, sealed) in letters {
        let told = told_of(&case(name));
        assert_eq!(told.sealed.len(), sealed, "{name}");
        assert!(told.not_looked_at.is_empty() && told.unread.is_empty(), "{name}");
        assert!(told.sealed.iter().all(|part| part.packets.len() > 100), "{name}");
    }
    for key in keys {
        assert_eq!(told_of(&case(key)).kinds(), [Kind::Key], "{key}");
    }
    // A file that is added is not forgotten here.
    let mut named: Vec<_> = letters
        .map(|(name, _)| name)
        .into_iter()
        .chain(keys)
        .chain(others)
        .collect();
    named.sort_unstable();
    assert_eq!(all_below(&case("")), named);
}

/// Names of all files, with the folder that they lie in.
fn all_below(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            names.extend(
                all_below(&entry.path())
                    .into_iter()
                    .map(|below| format!("{name}/{below}")),
            );
        } else {
            names.push(name);
        }
    }
    names.sort();
    names
}

#[test]
fn every_variant_of_a_letter_is_told() {
    let (a, b) = (letter(1, "A"), letter(2, "B"));
    let (one, two) = (armor(&packets(1, 60)), armor(&packets(2, 60)));
    let attached = |data: &str| {
        part(
            "Content-Type: application/octet-stream; name=\"encrypted.asc\"",
            data.as_bytes(),
        )
    };
    let winmail = base64(&tnef(&[("encrypted.asc".to_owned(), one.clone().into_bytes())]));
    let mut compound = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    compound.extend([0; 504]);
    compound.extend(one.as_bytes());
    compound.extend([0; 600]);
    for (name, bytes, sealed) in [
        (
            "forward-rfc822",
            mail(
                "VS",
                "fw",
                "mixed",
                &[part("Content-Type: message/rfc822; name=\"Ny.eml\"", a.as_bytes())],
            ),
            1,
        ),
        (
            "two-sealed-parts",
            mail("VS", "fw", "mixed", &[attached(&one), attached(&two)]),
            2,
        ),
        ("two-armors", format!("{one}\n{two}").into_bytes(), 2),
        (
            "inline-after-words",
            format!("Subject: VS\n\nHei, kan du opne denne?\n\n{one}").into_bytes(),
            1,
        ),
        ("outlook", compound, 1),
        (
            "armor-with-bom",
            format!("\u{FEFF}{}", one.replace('\n', "\r\n")).into_bytes(),
            1,
        ),
        (
            "winmail-dat",
            mail(
                "VS",
                "fw",
                "mixed",
                &[part(
                    "Content-Type: application/ms-tnef; name=\"winmail.dat\"\nContent-Transfer-Encoding: base64",
                    winmail.as_bytes(),
                )],
            ),
            1,
        ),
    ] {
        let told = told(&bytes);
        assert_eq!(told.sealed.len(), sealed, "{name}");
        assert!(told.packets()[0] == packets(1, 60), "{name}");
    }
    assert_eq!(told(b.as_bytes()).sealed.len(), 1);
}

#[test]
fn a_maildir_as_dovecot_keeps_it_has_two_letters_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for sub in ["new", "cur", "tmp"] {
        std::fs::create_dir(folder.path().join(sub)).unwrap();
    }
    for (name, bytes) in [
        ("new/1795872240.M1P1.mx,S=9,W=9", letter(1, "A").as_str()),
        ("cur/1795872241.M2P2.mx,S=9:2,S", &letter(2, "B")),
        ("tmp/1795872242", "half a mail"),
        (
            "dovecot-uidlist",
            "3 V1720755020 N3\n1 S9 W9 :1795872240.M1P1.mx,S=9,W=9\n",
        ),
        ("dovecot-uidvalidity", "6690a34c"),
        ("dovecot-uidvalidity.6690a34c", ""),
        ("dovecot.index.log", "\u{1}\u{2}"),
        ("subscriptions", "Sent\n"),
        ("maildirfolder", ""),
        ("dovecot-keywords", "0 $Forwarded\n"),
    ] {
        if cfg!(windows) && name.contains(':') {
            continue;
        }
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let told = told_of(folder.path());
    assert_eq!(told.sealed.len(), 2);
    assert!(told.other.is_empty() && told.unread.is_empty() && told.not_looked_at.is_empty());
}
