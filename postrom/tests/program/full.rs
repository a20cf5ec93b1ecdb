//! A disk without room: what is told as opened is whole, what is not told so is not there, and the rest opens later.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::desk::{Desk, reference};
use crate::support::Sent;

/// A disk in memory.
struct Small(PathBuf);

impl Small {
    fn mount(at: PathBuf) -> Self {
        fs::create_dir(&at).unwrap();
        let small = Self(at);
        small.is("size=1m");
        small
    }

    fn is(&self, option: &str) {
        let options = if self.0.join("postrom-ledger.jsonl").exists() {
            format!("remount,{option}")
        } else {
            option.to_owned()
        };
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "none"]).arg(&self.0);
        assert!(mount.status().unwrap().success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
#[ignore = "needs root"]
fn a_full_disk_keeps_whole_letters_and_the_rest_opens_later() {
    let desk = Desk::new();
    let small = Small::mount(desk.out());
    let large = vec![b'x'; 60_000];
    let mut letters = Vec::new();
    for number in 0..30 {
        let reference = reference(number);
        let text = format!("Brev nummer {number}.");
        let sent = Sent {
            files: vec![("notat.txt", b"MERKE i vedlegget"), ("stor.bin", &large)],
            ..Sent::new(&reference, &text)
        };
        desk.put(&format!("mail/{number:04}.eml"), desk.mail(&sent));
        letters.push(reference);
    }
    let ran = desk.open(&["mail", "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    let lines = ran.lines();
    let told = |what: &str| {
        let lines = lines.iter().filter(move |line| line["what"] == what);
        let mut told: Vec<String> = lines
            .map(|line| line["reference"].as_str().unwrap().to_owned())
            .collect();
        told.sort();
        told
    };
    let (opened, not) = (told("letter"), told("not-opened"));
    assert!(
        !opened.is_empty() && !not.is_empty() && opened.len() + not.len() == 30,
        "{}",
        ran.said()
    );
    desk.has_whole(&opened);
    assert!(desk.unfinished().is_empty());
    for line in lines.iter().filter(|line| line["what"] == "not-opened") {
        assert_eq!(line["trouble"]["cause"]["what"], "full", "{line}");
        let sentence = line["error"].as_str().unwrap();
        assert!(sentence.contains(line["reference"].as_str().unwrap()), "{sentence}");
    }
    small.is("size=64m");
    let ran = desk.open(&["mail"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert_eq!(ran.out.matches('✓').count(), not.len());
    desk.has_whole(&letters);
    drop(small);
}

/// Nothing at all fits: the run says why, and all is there the next time.
#[test]
#[ignore = "needs root"]
fn a_disk_that_takes_nothing_is_said_of_each_letter() {
    let desk = Desk::new();
    let small = Small::mount(desk.out());
    let letters = desk.letters(0..3);
    let filled = fs::write(desk.out().join("fyll"), vec![0; 2 << 20]);
    assert!(filled.is_err());
    let ran = desk.open(&["mail"]);
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    assert!(
        !ran.err.contains("os error") && !ran.out.contains("os error"),
        "{}",
        ran.said()
    );
    assert_eq!(
        ran.said().matches("no room left on the disk").count(),
        3,
        "{}",
        ran.said()
    );
    assert!(letters.iter().all(|letter| ran.out.contains(letter)), "{}", ran.said());
    assert!(desk.unfinished().is_empty());
    fs::remove_file(desk.out().join("fyll")).unwrap();
    assert_eq!(desk.open(&["mail"]).code, Some(0));
    desk.has_whole(&letters);
    drop(small);
}
