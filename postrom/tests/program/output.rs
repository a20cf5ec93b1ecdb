//! What a run says, to a machine, to a pipe that closes, and to a disk that is full.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use super::desk::Desk;

#[test]
fn a_full_standard_output_stops_no_letter() {
    let desk = Desk::new();
    let letters = desk.letters(0..30);
    for json in [&[][..], &["--json"]] {
        let _ = std::fs::remove_dir_all(desk.out());
        let mut command = desk.command(&[&["mail"], json].concat());
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{said}");
        assert_eq!(said.matches("could not be written").count(), 1, "{said}");
        assert!(!said.contains("os error"), "{said}");
        desk.has_whole(&letters);
        assert!(desk.unfinished().is_empty());
    }
}

#[test]
fn every_command_says_when_it_cannot_print() {
    let desk = Desk::new();
    let letters = desk.letters(0..1);
    assert_eq!(desk.open(&["mail"]).code, Some(0));
    let letter = format!("out/{}", letters[0]);
    let keygen = [
        "keygen",
        "--out",
        "nye",
        "--name",
        "P",
        "--email",
        "p@x.example",
        "--no-passphrase",
    ];
    for words in [
        &keygen[..],
        &["show", "key.asc"],
        &["schema", "status"],
        &["schema", "manifest"],
        &[
            "export",
            &letters[0],
            "--to",
            "arkiv",
            "--mail",
            "mail",
            "--key",
            "key.asc",
            "--relay",
            "relay.asc",
        ],
        &["ack", &letter, "--mail", "a@x.example", "--from", "b@x.example"],
        &["--help"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
        desk.at_home(&mut command);
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ran = command
            .args(words)
            .args(["--lang", "en"])
            .stdout(full)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{words:?}: {said}");
        assert_eq!(
            said.matches("could not be printed: there is no room left").count(),
            1,
            "{words:?}: {said}"
        );
        assert!(!said.contains("fault"), "{words:?}: {said}");
    }
}

/// As `postrom open … | head -1` does it: what is in place is whole, and the next run has the rest.
#[test]
fn a_pipe_that_closes_leaves_nothing_behind() {
    let desk = Desk::new();
    let letters = desk.letters(0..300);
    let mut command = desk.command(&["mail"]);
    // A pipe would be open until both processes have ended.
    let err = File::create(desk.path("err")).unwrap();
    let mut child = command.stdout(Stdio::piped()).stderr(err).spawn().unwrap();
    let mut first = [0; 40];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let ended = child.wait().unwrap();
    let said = std::fs::read_to_string(desk.path("err")).unwrap();
    assert_eq!(ended.code(), Some(141), "{said}");
    assert!(!said.contains("fault"), "{said}");
    // The process that opens has cleaned up before the other one ends.
    let left: Vec<_> = std::fs::read_dir(desk.out())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".unfinished-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(desk.folders().len() < letters.len(), "too late");
    desk.all_whole();
    let ran = desk.open(&["mail"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert!(!ran.out.contains("half-finished"), "{}", ran.said());
    desk.has_whole(&letters);
}

#[test]
fn json_is_one_line_for_each_thing_and_a_summary() {
    let desk = Desk::new();
    let letters = desk.letters(0..5);
    desk.put("mail/ordinary.eml", "From: a@b.example\r\nSubject: hei\r\n\r\nHei.\r\n");
    let lines = desk.open(&["mail", "gone.eml", "--json"]).lines();
    let (summary, things) = lines.split_last().unwrap();
    assert_eq!(things.len(), 7);
    let told: Vec<&str> = things.iter().filter_map(|line| line["reference"].as_str()).collect();
    assert_eq!(told, letters);
    for line in &things[..5] {
        assert_eq!(
            (&line["what"], &line["verdict"]),
            (&"letter".into(), &"genuine".into()),
            "{line}"
        );
        assert!(
            line["folder"]
                .as_str()
                .unwrap()
                .ends_with(line["reference"].as_str().unwrap())
        );
        assert_eq!(line["status"]["schema"], "konvolutt.status/1", "{line}");
    }
    let count = |name: &str| summary["summary"][name].as_u64().unwrap();
    assert_eq!(
        (count("new_letters"), count("other_mails"), count("not_looked_at")),
        (5, 1, 1)
    );
    assert_eq!(summary["stopped"], false);
    // Known letters are lines too.
    let lines = desk.open(&["mail", "--json"]).lines();
    assert_eq!(lines.iter().filter(|line| line["repeat"] == true).count(), 5);
    assert_eq!(lines.last().unwrap()["summary"]["letters_before"], 5);
}
