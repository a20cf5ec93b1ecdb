//! At a terminal.

use std::fs;

use postrom::KeyProfile;

use super::desk::Desk;
use crate::console::Console;

/// In a terminal, at the clerk's desk.
fn run(desk: &Desk, line: &str) -> Console {
    Console::run_in(line, |command| desk.at_home(command))
}

fn line(desk: &Desk, words: &[&str]) -> String {
    let command = desk.command(words);
    let words = command.get_args().map(|word| word.to_str().unwrap());
    let program = command.get_program().to_str().unwrap();
    format!("{program} {}", words.collect::<Vec<_>>().join(" "))
}

/// Letters, and a key that asks.
fn locked() -> (Desk, Vec<String>) {
    let mut desk = Desk::new();
    let year = std::time::Duration::from_secs(86_400 * 365);
    let passphrase = Some("rett passord her".into());
    let new = postrom::generate(KeyProfile::Compat, "Postmottak", "post@x.example", year, passphrase).unwrap();
    fs::write(desk.path("key.asc"), &new.key).unwrap();
    desk.own = new.cert;
    let letters = desk.letters(0..3);
    (desk, letters)
}

#[test]
fn a_clerk_has_three_tries_and_the_letters_open() {
    let (desk, letters) = locked();
    let mut console = run(&desk, &format!("{}; echo rc=$?", line(&desk, &["mail"])));
    for word in ["feil", "enno feil", "rett passord her"] {
        console.wait_for("Passphrase for");
        console.types(&format!("{word}\n"));
    }
    let seen = console.end();
    assert!(seen.contains("rc=0") && seen.contains("3 new letters"), "{seen}");
    assert!(!seen.contains("passord her") && !seen.contains("feil"), "{seen}");
    desk.has_whole(&letters);
}

#[test]
fn ctrl_c_at_the_question_ends_and_gives_the_terminal_back() {
    let (desk, _) = locked();
    let line = format!("trap : INT; {}; echo rc=$?; stty -a", line(&desk, &["mail"]));
    let mut console = run(&desk, &line);
    console.wait_for("Passphrase for");
    console.types("hemme\u{3}");
    let seen = console.end();
    assert!(seen.contains("rc=130") && !seen.contains("hemme"), "{seen}");
    assert!(seen.split_whitespace().any(|word| word == "echo"), "{seen}");
    assert!(!desk.out().exists());
}

/// On a terminal alone: whoever reads a file wants no line that is written over.
#[test]
fn how_far_a_run_has_come_is_shown() {
    let desk = Desk::new();
    desk.letters(0..300);
    let seen = run(&desk, &line(&desk, &["mail"])).end();
    assert!(seen.contains("\r\u{1b}[K") && seen.contains(" of "), "{seen}");
    let ran = desk.open(&["mail"]);
    assert!(
        !ran.said().contains('\r') && !ran.said().contains(" of 300"),
        "{}",
        ran.said()
    );
}

/// While letters are opened, Ctrl-C reaches both processes.
#[test]
fn ctrl_c_among_letters_is_a_sentence() {
    let desk = Desk::new();
    let letters = desk.letters(0..400);
    let line = format!("trap : INT; {}; echo rc=$?", line(&desk, &["mail"]));
    let mut console = run(&desk, &line);
    console.wait_for("✓");
    console.types("\u{3}");
    let seen = console.end();
    assert!(
        seen.contains("rc=1\r") && seen.contains("Run the command again"),
        "{seen}"
    );
    assert!(desk.folders().len() < letters.len() && desk.unfinished().is_empty());
    desk.all_whole();
}
