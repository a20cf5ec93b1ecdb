//! Questions at a terminal.

use std::fs;
use std::path::Path;

use postrom::KeyProfile;

use super::desk::made;
use crate::console::Console;

fn keygen(out: &Path) -> String {
    let program = env!("CARGO_BIN_EXE_postrom");
    format!(
        "{program} keygen --name P --email p@authority.example --out {}",
        out.display()
    )
}

#[test]
fn ctrl_c_at_the_question_gives_the_terminal_back() {
    let dir = tempfile::tempdir().unwrap();
    // A second shell for the program: the first one lives on, as a clerk's does.
    let mut console = Console::run(&format!("trap : INT; {}; echo rc=$?; stty -a", keygen(dir.path())));
    console.wait_for("Passphrase for the new key: ");
    console.types("hemme\u{3}");
    let seen = console.end();
    assert!(seen.contains("rc=130"), "{seen}");
    let has = |word: &str| seen.split_whitespace().any(|shown| shown == word);
    assert!(has("echo") && has("isig") && !has("-echo"), "{seen}");
    assert!(!seen.contains("hemme"), "{seen}");
    assert!(fs::read_dir(dir.path()).unwrap().count() == 0);
}

#[test]
fn a_new_passphrase_is_asked_for_twice_and_never_shown() {
    for (second, words, made) in [
        ("fire ord som ingen gjettar", "trial letter", 3),
        ("fire ord", "differ", 0),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut console = Console::run(&keygen(dir.path()));
        console.wait_for("Passphrase for the new key: ");
        console.types("fire ord som ingen gjettarx\u{7f}\n");
        console.wait_for("Once more: ");
        console.types(&format!("{second}\n"));
        let seen = console.end();
        assert!(seen.contains(words) && !seen.contains("gjettar"), "{seen}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), made);
    }
}

#[test]
fn a_passphrase_has_three_tries() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("k");
    fs::write(&key, made(KeyProfile::Rfc9580, Some("rett")).key).unwrap();
    let line = format!(
        "{} open {} --key {} --out {}",
        env!("CARGO_BIN_EXE_postrom"),
        key.display(),
        key.display(),
        dir.path().join("out").display()
    );
    for (third, opens) in [("rett", true), ("gale", false)] {
        let mut console = Console::run(&line);
        console.wait_for("Passphrase for Postmottak");
        console.types("feil\n");
        console.wait_for("2 tries are left.");
        console.wait_for("Passphrase for Postmottak");
        console.types("feil\n");
        console.wait_for("One try is left.");
        console.wait_for("Passphrase for Postmottak");
        console.types(&format!("{third}\n"));
        let seen = console.end();
        assert_eq!(!seen.contains("stays locked"), opens, "{seen}");
    }
}
