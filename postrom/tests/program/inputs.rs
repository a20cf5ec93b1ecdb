//! Bad inputs beside good ones: each gets its sentence, and everything else is opened.

use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::desk::{Desk, Ran, reference};
use crate::support::mail;

const HEAD: &str = "From: a@b.example\r\nSubject: hei\r\nMIME-Version: 1.0\r\n";
const SMIME: &str = "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\
                     Content-Transfer-Encoding: base64\r\n\r\nMIIBHgYJKoZIhvcNAQcDoIIBDzCCAQsC\r\n";
const MULTIPART: &str = "Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nHei.\r\n\
                         --x\r\nContent-Type: text/html\r\n\r\n<p>Hei.</p>\r\n--x--\r\n";

/// One `message/rfc822` in the other, and a letter in the last.
fn nested(heads: usize, mail: &[u8]) -> Vec<u8> {
    let mut bytes = "Content-Type: message/rfc822\r\n\r\n".repeat(heads).into_bytes();
    bytes.extend_from_slice(mail);
    bytes
}

/// 1.9 MB of keys that might be anybody's, before a few bytes.
fn wildcards() -> Vec<u8> {
    let mut one = vec![0xC1, 93, 3, 0, 0, 0, 0, 0, 0, 0, 0, 18, 1, 7, 0x40];
    one.extend([9; 32]);
    one.push(47);
    one.extend([7; 47]);
    one[1] = (one.len() - 2) as u8;
    let mut packets = one.repeat(1_900_000 / one.len());
    packets.extend([0xD2, 41, 1]);
    packets.extend([5; 40]);
    let mut armor = sequoia_openpgp::armor::Writer::new(Vec::new(), sequoia_openpgp::armor::Kind::Message).unwrap();
    armor.write_all(&packets).unwrap();
    armor.finalize().unwrap()
}

fn bomb() -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..200 {
        gz.write_all(&[0; 1_000_000]).unwrap();
    }
    gz.finish().unwrap()
}

fn zip_bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("stor.txt", options).unwrap();
    for _ in 0..200 {
        zip.write_all(&[0; 1_000_000]).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A mail that Outlook saved, without a letter.
fn outlook() -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    for name in ["/__properties_version1.0", "/__substg1.0_0037001F"] {
        file.create_stream(name).unwrap().write_all(&[0; 64]).unwrap();
    }
    file.into_inner().into_inner()
}

fn line(lines: &[Value], name: &str) -> Value {
    let of_name = |line: &&Value| line["source"].as_str().is_some_and(|source| source.contains(name));
    let mut found = lines.iter().filter(of_name);
    let line = found.next().unwrap_or_else(|| panic!("{name} was not told"));
    line.clone()
}

fn put_all(desk: &Desk) {
    for (name, bytes) in [
        ("wildcards.eml", mail(&reference(9), &wildcards())),
        ("bomb.gz", bomb()),
        ("bomb.zip", zip_bomb()),
        ("outlook.msg", outlook()),
        ("picture.png", b"\x89PNG\r\n\x1a\n0000IHDR".to_vec()),
        ("smime.eml", format!("{HEAD}{SMIME}").into_bytes()),
        ("ordinary.eml", format!("{HEAD}\r\nHei.\r\n").into_bytes()),
        ("multipart.eml", format!("{HEAD}{MULTIPART}").into_bytes()),
    ] {
        desk.put(&format!("mail/{name}"), bytes);
    }
    let made = Command::new("mkfifo").arg(desk.path("mail/queue")).status().unwrap();
    assert!(made.success());
    symlink("nowhere", desk.path("mail/dangling.eml")).unwrap();
    // Its first bytes cannot be read by anybody, root included.
    symlink("/proc/self/mem", desk.path("mail/unreadable.eml")).unwrap();
}

#[test]
fn bad_inputs_are_named_and_the_rest_is_opened() {
    let desk = Desk::new();
    let letters = desk.letters(0..6);
    for (number, heads) in [(4, 100_000), (5, 200_000)] {
        let name = format!("mail/{number:04}.eml");
        let mail = std::fs::read(desk.path(&name)).unwrap();
        desk.put(&name, nested(heads, &mail));
    }
    put_all(&desk);
    let ran = desk.open(&["missing.eml", "mail", "--json"]);
    let lines = ran.lines();
    for (name, what, code) in [
        ("missing.eml", "not-looked-at", "missing"),
        ("wildcards.eml", "not-opened", "too-many-recipients"),
        ("bomb.gz", "not-looked-at", "too-large"),
        ("bomb.zip", "not-looked-at", "bomb"),
        ("mail/queue", "not-looked-at", "not-a-file"),
        ("dangling.eml", "not-looked-at", "missing"),
        ("unreadable.eml", "not-looked-at", "unreadable"),
    ] {
        let line = line(&lines, name);
        assert_eq!(line["what"], what, "{line}");
        assert_eq!(line["trouble"]["code"], code, "{line}");
        let sentence = line["error"].as_str().unwrap();
        assert!(sentence.len() > 40 && !sentence.contains("os error"), "{sentence}");
    }
    for (name, kind) in [
        ("outlook.msg", "outlook"),
        ("picture.png", "picture"),
        ("smime.eml", "smime"),
        ("ordinary.eml", "mail"),
        ("multipart.eml", "mail"),
    ] {
        let line = line(&lines, name);
        assert_eq!(
            (&line["what"], &line["kind"]),
            (&"other".into(), &kind.into()),
            "{line}"
        );
    }
    let wildcards = line(&lines, "wildcards.eml");
    assert!(
        wildcards["error"].as_str().unwrap().contains(&reference(9)),
        "{wildcards}"
    );
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    desk.has_whole(&letters);
}

/// The exit code of one input, alone and beside a letter.
fn codes(desk: &Desk, name: &str) -> (Ran, Ran) {
    desk.put("none/.keep", "");
    (
        desk.open(&[name, "--ledger", "off"]),
        desk.open(&[name, "mail", "--ledger", "off"]),
    )
}

#[test]
fn exit_codes_are_as_promised() {
    let desk = Desk::new();
    desk.letters(0..1);
    desk.put("ordinary.eml", format!("{HEAD}\r\nHei.\r\n"));
    desk.put("smime.eml", format!("{HEAD}{SMIME}"));
    desk.put("multipart.eml", format!("{HEAD}{MULTIPART}"));
    desk.put("picture.png", b"\x89PNG\r\n\x1a\n0000IHDR");
    for name in ["ordinary.eml", "smime.eml", "multipart.eml", "picture.png"] {
        let (alone, beside) = codes(&desk, name);
        assert_eq!((alone.code, beside.code), (Some(3), Some(0)), "{}", alone.said());
        // What was named is named, in grey, and is nobody's fault.
        assert!(
            alone.out.contains(&format!("· {name}")) && !alone.out.contains('✗'),
            "{}",
            alone.said()
        );
    }
    let (alone, beside) = codes(&desk, "gone.eml");
    assert_eq!((alone.code, beside.code), (Some(1), Some(1)));
    assert_eq!(desk.open(&["mail", "--colour"]).code, Some(2));
    assert_eq!(desk.open(&[]).code, Some(2));
    let empty = desk.open(&["none"]);
    assert_eq!(empty.code, Some(3), "{}", empty.said());
}

#[test]
fn a_maildir_of_dovecot_is_two_letters() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    for (from, to) in [
        ("mail/0000.eml", "M/new/1795872240.M1P1.mx,S=9,W=9"),
        ("mail/0001.eml", "M/cur/1795872241.M2P2.mx,S=9:2,S"),
    ] {
        desk.put(to, std::fs::read(desk.path(from)).unwrap());
    }
    for (name, bytes) in [
        ("tmp/1795872242", "half a mail"),
        (
            "dovecot-uidlist",
            "3 V1720755020 N3\n1 S9 W9 :1795872240.M1P1.mx,S=9,W=9\n",
        ),
        ("dovecot-uidvalidity", "6690a34c"),
        ("dovecot-uidvalidity.6690a34c", ""),
        ("dovecot.index.log", "\u{1}\u{2}("),
        ("subscriptions", "Sent\n"),
        ("maildirfolder", ""),
        ("dovecot-keywords", "0 $Forwarded\n"),
    ] {
        desk.put(&format!("M/{name}"), bytes);
    }
    let ran = desk.open(&["M"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert_eq!(ran.out.matches("✓").count(), 2);
    assert!(ran.out.ends_with("2 new letters\n"), "{}", ran.out);
    desk.has_whole(&letters);
}

/// `postrom open - < folder`.
#[test]
fn a_standard_input_that_cannot_be_read_is_told_and_the_rest_goes_on() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    let mut command = desk.command(&["-", "mail"]);
    let folder = std::fs::File::open(desk.root()).unwrap();
    let ran: Ran = command.stdin(folder).output().unwrap().into();
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    assert!(
        ran.out.contains("✗ -\n") && ran.out.contains("a folder is where a file should be"),
        "{}",
        ran.said()
    );
    desk.has_whole(&letters);
}
