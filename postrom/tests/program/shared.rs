//! What others can put into the mailbox or the out folder to make the program say what is not so, or stop it.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use super::desk::{Desk, reference};
use crate::support::{Seal, Sent, letter, mail, relay};

/// Whoever knows a letter to the byte can seal it anew; that letter's verdict is not theirs.
#[test]
fn a_verdict_is_not_handed_on_to_another_seal() {
    let desk = Desk::new();
    let sent = reference(1);
    let document = letter(&Sent::new(&sent, "Eg treng hjelp."));
    let genuine = Seal::by_relay(&desk.relay, &desk.own).armored(&document);
    desk.put("mail/1.eml", mail(&sent, &genuine));
    assert_eq!(desk.open(&["mail"]).code, Some(0));
    fs::rename(desk.out().join(&sent), desk.path("case")).unwrap();

    let stranger = relay("nokon@y.example", SystemTime::now() - Duration::from_secs(3600));
    let anew = Seal::by_relay(&stranger, &desk.own).armored(&document);
    desk.put("anew.eml", mail(&sent, &anew));
    let unchecked = desk
        .bare()
        .args(["anew.eml", "--key", "key.asc", "--out", "out", "--json"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&unchecked.stdout).into_owned();
    assert!(
        told.contains("\"verdict\":\"not-checked\"") && !told.contains("\"genuine\""),
        "{told}"
    );
    let checked = desk.open(&["anew.eml", "--json"]);
    assert_eq!(checked.lines()[0]["verdict"], "signed-by-another", "{}", checked.said());
    assert_eq!(checked.code, Some(1));
    // The control: the letter itself is still what it was.
    assert_eq!(desk.open(&["mail"]).code, Some(0));
}

#[test]
fn a_full_standard_error_stops_no_letter() {
    let desk = Desk::new();
    let letters = desk.letters(0..3);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = desk
        .command(&["mail", "--json"])
        .stderr(Stdio::from(full))
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0));
    assert_eq!(desk.folders(), letters);
}

#[test]
fn a_queue_in_the_place_of_a_status_stops_no_letter() {
    let desk = Desk::new();
    let letters = desk.letters(0..1);
    let folder = desk.out().join(&letters[0]);
    fs::create_dir_all(&folder).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, folder.join("status.json"), 0o600.into()).unwrap();
    let ran = desk.open(&["mail"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert_eq!(desk.folders().len(), 2, "{:?}", desk.folders());
}

/// Archives in archives, each with a name of sixty thousand characters.
#[test]
fn names_without_end_are_cut() {
    let desk = Desk::new();
    desk.letters(0..1);
    let name = "n".repeat(60_000);
    let mut inner: Vec<u8> = b"-----BEGIN PGP MESSAGE-----\n\nwww\n".repeat(2000);
    for _ in 0..15 {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        zip.start_file(&*name, stored).unwrap();
        std::io::Write::write_all(&mut zip, &inner).unwrap();
        inner = zip.finish().unwrap().into_inner();
    }
    desk.put("mail/names.zip", inner);
    let ran = desk.open(&["mail", "--json"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.len() < 30_000_000, "{} bytes", ran.out.len());
    assert_eq!(desk.folders().len(), 1);
}

/// A folder that gets another name is one that a clerk may look for.
#[test]
fn a_folder_that_is_renamed_is_told_with_its_old_name() {
    let desk = Desk::new();
    let sent = reference(1);
    let stranger = relay("nokon@y.example", SystemTime::now() - Duration::from_secs(3600));
    let sealed = Seal::by_relay(&stranger, &desk.own).armored(&letter(&Sent::new(&sent, "Eg treng hjelp.")));
    desk.put("mail/1.eml", mail(&sent, &sealed));
    let mut unchecked = desk.bare();
    unchecked.args(["mail", "--key", "key.asc", "--out", "out"]);
    assert!(unchecked.status().unwrap().success());
    assert_eq!(desk.folders(), std::slice::from_ref(&sent));
    let checked = desk.open(&["mail"]);
    assert_eq!(desk.folders(), [format!("not-genuine {sent}")]);
    let old = format!("The folder was called {} until now.", desk.out().join(&sent).display());
    assert!(checked.out.contains(&old), "{}", checked.said());
    // What letters are held against is said, and once when it fits none of them.
    let misfit = "No letter fits the form's certificate";
    assert_eq!(checked.said().matches(misfit).count(), 1, "{}", checked.said());
    assert!(
        checked.out.starts_with("Checked against: Sikkert skjema"),
        "{}",
        checked.said()
    );
    desk.letters(2..3);
    assert!(!desk.open(&["mail"]).said().contains(misfit));
}
