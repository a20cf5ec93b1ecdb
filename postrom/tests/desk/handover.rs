//! `postrom export`: which letter is meant, what is said, and what becomes of it.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::archive::{MARKER, put, sealed_record, tree};
use super::office::Office;
use crate::program::desk::{Desk, Ran, reference};
use crate::support::{Seal, Sent, mail};

/// `postrom export` with this desk's mailbox and keys.
pub fn export(desk: &Desk, words: &[&str]) -> Command {
    export_in(desk, "en", words)
}

fn export_in(desk: &Desk, lang: &str, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
    desk.at_home(&mut command);
    let own = [
        "--mail",
        "mail",
        "--key",
        "key.asc",
        "--relay",
        "relay.asc",
        "--lang",
        lang,
    ];
    command.arg("export").args(words).args(own);
    command
}

fn run_in(desk: &Desk, lang: &str, words: &[&str]) -> Ran {
    export_in(desk, lang, words).output().unwrap().into()
}

pub fn run(desk: &Desk, words: &[&str]) -> Ran {
    export(desk, words).output().unwrap().into()
}

fn letter(office: &Office, number: u32, text: &str) -> String {
    let reference = reference(number);
    let record = sealed_record(&Sent::new(&reference, text));
    put(office, &format!("mail/{number}.eml"), record, &[]);
    reference
}

#[test]
fn letters_are_found_however_their_reference_is_written() {
    let office = Office::new();
    let [one, two] = [1, 2].map(|number| letter(&office, number, &format!("Brev nummer {number}.")));
    let loose = one.to_lowercase().replace('-', " ");
    let ran = run(&office.desk, &[&loose, &two, &one, "--to", "arkiv"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert_eq!(ran.out.matches('✓').count(), 2, "{}", ran.out);
    let tree = tree(&office.desk.path("arkiv"));
    for reference in [&one, &two] {
        assert!(tree.contains_key(&format!("{reference}/letter.pdf")));
    }
    assert!(!tree.keys().any(|name| name.ends_with(".xml")), "nobody asked for it");
}

#[test]
fn what_is_not_there_is_named_and_the_rest_is_done() {
    let office = Office::new();
    let there = letter(&office, 1, "Hei.");
    let missing = reference(9);
    let ran = run(&office.desk, &[&missing, &there, "--to", "arkiv", "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    let lines = ran.lines();
    assert_eq!(
        (&lines[0]["reference"], &lines[0]["code"]),
        (&missing.into(), &"unknown".into())
    );
    assert_eq!(
        (&lines[1]["done"], &lines[1]["verdict"]),
        (&true.into(), &"genuine".into())
    );
    for (words, code) in [
        (&["K7F-3K9Q-2MM", "--to", "arkiv"][..], 2),
        (&[&*there][..], 2),
        (&[&*there, "--dry-run"], 2),
        (&[&*there, "--to", "arkiv", "--arkivmelding", "noark"], 2),
    ] {
        let ran = run(&office.desk, words);
        assert_eq!(ran.code, Some(code), "{words:?} {}", ran.said());
        assert!(!ran.err.is_empty());
    }
    // One that is damaged is not called unknown: the mail around it has its number.
    let number = reference(3);
    let sealed = Seal::by_relay(&office.desk.relay, &office.desk.own).armored(b"x");
    let damaged = String::from_utf8(sealed).unwrap().replacen("\nwV4D", "\nwV4A", 1);
    office.desk.put("mail/3.eml", mail(&number, damaged.as_bytes()));
    let broken = run(&office.desk, &[&number, "--to", "arkiv", "--json"]).lines();
    assert_eq!(broken[0]["code"], "not-opened", "{broken:?}");
    let unknown = run(&office.desk, &[&reference(9), "--to", "arkiv"]);
    assert!(unknown.err.contains("could not be opened"), "{}", unknown.said());
}

/// A mailbox on a server is asked too; that it cannot be reached is not that the letter is unknown.
#[test]
fn a_server_that_is_away_is_told() {
    let office = Office::new();
    let number = letter(&office, 1, "Hei.");
    office.desk.put("password", "hemmelig\n");
    office.desk.put(
        "postrom.toml",
        "mail = ['mail', 'imaps://kari@127.0.0.1:1/INBOX']\nmail_password_file = 'password'\nkeys = 'key.asc'\nrelay = 'relay.asc'\nlanguage = 'en'\n",
    );
    let export = |number: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
        office.desk.at_home(&mut command);
        let ran: Ran = command
            .args(["export", number, "--to", "arkiv", "--json"])
            .output()
            .unwrap()
            .into();
        (ran.code, ran.lines()[0].clone(), ran.said())
    };
    let (code, told, said) = export(&reference(9));
    assert_eq!((code, &told["code"]), (Some(1), &"mailbox-away".into()), "{said}");
    // The control: what lies here is found all the same.
    let (code, told, said) = export(&number);
    assert_eq!((code, &told["done"]), (Some(0), &true.into()), "{said}");
    let ran = run(
        &office.desk,
        &[&number, "--to", "arkiv", "--mail", "imap://kari@mail.example/INBOX"],
    );
    assert!(
        ran.code == Some(2) && ran.err.contains("encrypted only"),
        "{}",
        ran.said()
    );
}

/// Who copies the example is not told that it is none.
#[test]
fn the_example_of_a_reference_is_one() {
    let office = Office::new();
    for lang in ["nb", "nn", "en"] {
        let ran = run_in(&office.desk, lang, &["XYZ", "--to", "arkiv"]);
        assert_eq!(ran.code, Some(2), "{}", ran.said());
        let (_, after) = ran.err.split_once(": ").unwrap();
        let (example, _) = after.split_once(". ").unwrap();
        let ran = run_in(&office.desk, lang, &[example, "--to", "arkiv"]);
        assert_eq!(ran.code, Some(1), "{example}: {}", ran.said());
    }
}

/// A forger who has seen a number cannot keep its letter from the archive, nor take its place.
#[test]
fn of_several_letters_with_one_number_the_genuine_one_counts() {
    let office = Office::new();
    let number = letter(&office, 1, "Ekte.");
    let mut stranger = Office::new();
    stranger.desk.own = office.desk.own.clone();
    office
        .desk
        .put("mail/2.eml", stranger.desk.mail(&Sent::new(&number, "Falskt.")));
    let ran = run(&office.desk, &[&number, "--to", "arkiv", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    let json = fs::read_to_string(office.desk.path(&format!("arkiv/{number}/letter.json"))).unwrap();
    assert!(json.contains("Ekte.") && !json.contains("Falskt."));
    // Two of the form's that say different things: nobody can know.
    put(
        &office,
        "mail/3.eml",
        sealed_record(&Sent::new(&number, "Noe annet.")),
        &[],
    );
    let ran = run(&office.desk, &[&number, "--to", "arkiv2", "--json"]);
    assert_eq!((ran.code, &ran.lines()[0]["code"]), (Some(1), &"contradicted".into()));
    assert!(!office.desk.path("arkiv2").exists());
    // Forged ones alone.
    let number = reference(5);
    office
        .desk
        .put("mail/5.eml", stranger.desk.mail(&Sent::new(&number, "Falskt.")));
    let ran = run(&office.desk, &[&number, "--to", "arkiv2"]);
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    assert!(ran.err.contains("--also-not-genuine"), "{}", ran.err);
    let ran = run(&office.desk, &[&number, "--to", "arkiv2", "--also-not-genuine"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert!(
        office
            .desk
            .path(&format!("arkiv2/not-genuine {number}/letter.pdf"))
            .is_file()
    );
}

#[test]
fn a_dry_run_shows_the_message_and_writes_nothing() {
    let office = Office::new();
    let number = letter(&office, 1, MARKER);
    let before = tree(office.desk.root());
    for form in ["efm", "fiks1", "fiks2"] {
        let ran = run(&office.desk, &[&number, "--dry-run", "--arkivmelding", form]);
        assert_eq!(ran.code, Some(0), "{}", ran.said());
        assert!(ran.out.starts_with("<?xml") && ran.out.trim_end().ends_with("</arkivmelding>"));
        let shown = run(
            &office.desk,
            &[&number, "--to", "arkiv", "--dry-run", "--arkivmelding", form, "--json"],
        );
        assert_eq!(shown.lines()[0]["message"], ran.out);
    }
    assert!(tree(office.desk.root()) == before && !office.desk.path("arkiv").exists());
}

#[test]
fn what_is_not_said_stands_in_the_settings() {
    let office = Office::new();
    let number = letter(&office, 1, "Hei.");
    office.desk.put(
        "postrom.toml",
        "mail = \"mail\"\nkeys = \"key.asc\"\nrelay = \"relay.asc\"\nlanguage = \"nn\"\n",
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
    office.desk.at_home(&mut command);
    command.args(["export", &number, "--to", "arkiv", "--arkivmelding", "efm"]);
    let ran: Ran = command.output().unwrap().into();
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert!(ran.out.contains("ligg klart i"), "{}", ran.out);
    let manifest = fs::read(office.desk.path(&format!("arkiv/{number}/manifest.json"))).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["message"], "efm");
}
