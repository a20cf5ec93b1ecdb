//! What is known from before, settings, and what the server is told.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::desk::{Desk, Ran};
use crate::support::{Seal, Sent, letter, mail};

/// They are not decrypted again: nobody could, with another key.
#[test]
fn known_letters_need_no_key_of_theirs() {
    let desk = Desk::new();
    desk.letters(0..3);
    assert_eq!(desk.open(&["mail"]).code, Some(0));
    let other = Desk::new();
    fs::copy(other.path("key.asc"), desk.path("key.asc")).unwrap();
    let ran = desk.open(&["mail", "--verbose"]);
    assert_eq!(
        (ran.code, ran.out.matches("(opened before)").count()),
        (Some(0), 3),
        "{}",
        ran.said()
    );
    // One line for all of them, when nobody asks for more.
    let ran = desk.open(&["mail"]);
    assert!(
        ran.out.ends_with("3 opened before\n") && !ran.out.contains('✓'),
        "{}",
        ran.said()
    );
    // It was really another key.
    let ran = desk.open(&["mail", "--ledger", "off"]);
    assert_eq!(
        (ran.code, ran.out.matches("None of the keys").count()),
        (Some(1), 3),
        "{}",
        ran.said()
    );
}

#[test]
fn a_folder_that_was_moved_is_opened_before() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    assert_eq!(desk.open(&["mail"]).code, Some(0));
    fs::rename(desk.out().join(&letters[0]), desk.path("case")).unwrap();
    let ran = desk.open(&["mail", "--verbose"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert!(ran.out.contains("moved away or deleted"), "{}", ran.said());
    desk.has_whole(&letters[1..]);
    // Whoever needs it again says so.
    let ran = desk.open(&["mail", "--ledger", "off"]);
    assert_eq!((ran.code, ran.out.matches('✓').count()), (Some(0), 1), "{}", ran.said());
    desk.has_whole(&letters);
}

#[test]
fn the_ledger_lies_where_it_is_said() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    let beside = desk.out().join("postrom-ledger.jsonl");
    assert_eq!(desk.open(&["mail", "--ledger", "off"]).code, Some(0));
    assert!(!beside.exists());
    assert_eq!(desk.open(&["mail", "--ledger", "bok.jsonl"]).code, Some(0));
    let book = fs::read_to_string(desk.path("bok.jsonl")).unwrap();
    assert!(book.lines().count() == 2 && !beside.exists(), "{book}");
    assert!(!book.contains("Brev nummer") && !book.contains("notat"), "{book}");
    fs::remove_dir_all(desk.out()).unwrap();
    let ran = desk.open(&["mail", "--ledger", "bok.jsonl"]);
    assert!(
        ran.out.ends_with("2 opened before\n") && desk.folders().is_empty(),
        "{}",
        ran.said()
    );
    assert_eq!(desk.open(&["mail"]).code, Some(0));
    assert!(beside.exists());
    desk.has_whole(&letters);
}

/// A list that cannot be used is named before anything is opened: a letter that lies opened and stands in no list would be
/// opened twice.
#[test]
fn a_ledger_that_cannot_be_used_is_named_before_anything_is_opened() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    fs::create_dir(desk.path("mappe")).unwrap();
    let key = fs::read(desk.path("key.asc")).unwrap();
    for ledger in ["mappe", "key.asc", "key.asc/bok.jsonl", "/dev/zero"] {
        let ran = desk.open(&["mail", "--ledger", ledger]);
        assert_eq!(ran.code, Some(1), "{}", ran.said());
        assert!(
            ran.said().contains(ledger) && ran.said().contains("Nothing was opened"),
            "{}",
            ran.said()
        );
        assert_eq!(desk.folders(), Vec::<String>::new());
    }
    assert_eq!(fs::read(desk.path("key.asc")).unwrap(), key);
    // A folder that is not there yet is made, as the out folder is.
    assert_eq!(desk.open(&["mail", "--ledger", "ny/mappe/bok.jsonl"]).code, Some(0));
    fs::remove_dir_all(desk.out()).unwrap();
    assert_eq!(desk.open(&["mail"]).code, Some(0));
    desk.has_whole(&letters);
}

/// Both ways to tell the server are named, and nothing is done without one.
#[test]
fn who_acknowledges_says_how() {
    let desk = Desk::new();
    for words in [
        &["x"][..],
        &["x", "--mail", "a@x.example"],
        &["x", "--mail", "b@x.example", "--to", "acks"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
        desk.at_home(&mut command);
        let ran: Ran = command.arg("ack").args(words).output().unwrap().into();
        assert_eq!(ran.code, Some(2), "{words:?}: {}", ran.said());
        assert!(ran.err.contains("--mail"), "{words:?}: {}", ran.said());
    }
}

/// Folders have names that are no text, from times before UTF-8.
#[test]
fn the_ledger_may_lie_in_a_folder_whose_name_is_no_text() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    let folder = desk.root().join(OsStr::from_bytes(b"br\xE5te"));
    fs::create_dir(&folder).unwrap();
    let settings = "mail = \"../mail\"\nkeys = \"../key.asc\"\nrelay = \"../relay.asc\"\nout = \"../out\"\nledger = \"bok.jsonl\"\n";
    fs::write(folder.join("postrom.toml"), settings).unwrap();
    let mut command = desk.bare();
    command.arg("--config").arg(folder.join("postrom.toml"));
    let ran: Ran = command.output().unwrap().into();
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    desk.has_whole(&letters);
    assert!(folder.join("bok.jsonl").exists());
}

/// A folder that everybody may write to and nobody may list: what is told there is told, and known to be.
#[test]
#[ignore = "needs root"]
fn a_drop_box_takes_acknowledgements() {
    let desk = Desk::new();
    desk.letters(0..2);
    let nobody = 65_534;
    for folder in ["", "mail", "acks"] {
        fs::create_dir_all(desk.path(folder)).unwrap();
        fs::set_permissions(desk.path(folder), fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(desk.path("acks"), fs::Permissions::from_mode(0o1733)).unwrap();
    for own in ["key.asc", "relay.asc"] {
        std::os::unix::fs::chown(desk.path(own), Some(nobody), Some(nobody)).unwrap();
    }
    fs::create_dir(desk.out()).unwrap();
    std::os::unix::fs::chown(desk.out(), Some(nobody), Some(nobody)).unwrap();
    for (round, kept) in [("first", 2), ("second", 0)] {
        let mut command = desk.command(&["mail", "--ack-to", "acks"]);
        command.uid(nobody).gid(nobody);
        let ran: Ran = command.output().unwrap().into();
        assert_eq!(ran.code, Some(0), "{round}: {}", ran.said());
        let acks: Vec<_> = fs::read_dir(desk.path("acks")).unwrap().collect();
        assert_eq!(acks.len(), kept, "{round}");
        // The server takes them away.
        for ack in acks {
            fs::remove_file(ack.unwrap().path()).unwrap();
        }
    }
}

fn run(desk: &Desk, words: &[&str]) -> Ran {
    desk.bare().args(words).output().unwrap().into()
}

/// `postrom open`, as a clerk types it.
#[test]
fn settings_say_what_a_clerk_does_not() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    let settings =
        "mail = [\"mail\"]\nkeys = [\"key.asc\"]\nrelay = [\"relay.asc\"]\nout = \"out\"\nlanguage = \"nn\"\n";
    desk.put("postrom.toml", settings);
    let ran = run(&desk, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert!(
        ran.out.ends_with("2 nye brev\n") && ran.err.contains("postrom.toml"),
        "{}",
        ran.said()
    );
    desk.has_whole(&letters);
    // Flags win, each by itself.
    let ran = run(&desk, &["--out", "annan", "--lang", "en"]);
    assert!(
        ran.out.ends_with("2 new letters\n") && desk.path("annan").is_dir(),
        "{}",
        ran.said()
    );
    let ran = run(&desk, &["--key", "gone.asc"]);
    assert!(ran.code == Some(1) && ran.err.contains("gone.asc"), "{}", ran.said());
    // A file elsewhere, whose paths count from there.
    fs::create_dir(desk.path("it")).unwrap();
    fs::rename(desk.path("postrom.toml"), desk.path("it/p.toml")).unwrap();
    assert_eq!(run(&desk, &[]).code, Some(2));
    for file in ["key.asc", "relay.asc", "mail"] {
        fs::rename(desk.path(file), desk.path(&format!("it/{file}"))).unwrap();
    }
    let ran = run(&desk, &["--config", "it/p.toml"]);
    assert!(ran.code == Some(0) && desk.path("it/out").is_dir(), "{}", ran.said());
    desk.put("it/p.toml", format!("{settings}rely = \"x\"\n"));
    let ran = run(&desk, &["--config", "it/p.toml"]);
    assert!(ran.code == Some(2) && ran.err.contains("rely"), "{}", ran.said());
}

#[test]
fn only_a_genuine_letter_in_its_place_is_acknowledged() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    fs::create_dir(desk.path("acks")).unwrap();
    let unsigned = letter(&Sent::new(&super::desk::reference(7), "Falskt."));
    let unsigned = mail(
        &super::desk::reference(7),
        &Seal::unsigned(&desk.own).armored(&unsigned),
    );
    desk.put("mail/forged.eml", unsigned);
    let ran = desk.open(&["mail", "--ack-to", "acks"]);
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    let mut acks: Vec<String> = fs::read_dir(desk.path("acks"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    acks.sort();
    let mut wanted: Vec<String> = letters.iter().map(|name| format!("{name}.ack")).collect();
    wanted.sort();
    assert_eq!(acks, wanted);
    // Where letters cannot be put nothing is acknowledged.
    fs::remove_dir_all(desk.path("acks")).unwrap();
    fs::create_dir(desk.path("acks")).unwrap();
    desk.put("stengd", "");
    let ran: Ran = desk
        .bare()
        .args([
            "mail",
            "--key",
            "key.asc",
            "--relay",
            "relay.asc",
            "--out",
            "stengd/out",
            "--ack-to",
            "acks",
        ])
        .output()
        .unwrap()
        .into();
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    assert_eq!(fs::read_dir(desk.path("acks")).unwrap().count(), 0);
}

/// A server that cannot be told is said with the letter, which is there all the same; the next run tells it.
#[test]
fn a_server_that_could_not_be_told_is_told_the_next_time() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    for opened_before in [0, 2] {
        let ran = desk.open(&["mail", "--ack-to", "acks"]);
        assert_eq!(ran.code, Some(1), "{}", ran.said());
        assert_eq!(ran.out.matches("was not told").count(), 2, "{}", ran.said());
        assert_eq!(
            ran.out.matches("(opened before)").count(),
            opened_before,
            "{}",
            ran.said()
        );
        desk.has_whole(&letters);
    }
    fs::create_dir(desk.path("acks")).unwrap();
    let acks = || fs::read_dir(desk.path("acks")).unwrap().count();
    let ran = desk.open(&["mail", "--ack-to", "acks"]);
    assert_eq!((ran.code, acks()), (Some(0), 2), "{}", ran.said());
    // The server has taken them: it is not told twice.
    fs::remove_dir_all(desk.path("acks")).unwrap();
    fs::create_dir(desk.path("acks")).unwrap();
    let ran = desk.open(&["mail", "--ack-to", "acks"]);
    assert_eq!((ran.code, acks()), (Some(0), 0), "{}", ran.said());
}
