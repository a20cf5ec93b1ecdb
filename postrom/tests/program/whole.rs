//! Nothing readable is written before the whole letter was found whole.

use std::fs;
use std::process::Command;

use super::desk::{Desk, Ran, reference};
use super::tree::files_with;
use crate::support::{Seal, Sent, letter, mail};

/// What the program makes below the out folder, by strace, and what it said.
fn made(desk: &Desk) -> (Vec<String>, Ran) {
    let log = desk.path("strace.log");
    let plain = desk.command(&["mail"]);
    let mut strace = Command::new("strace");
    strace.args([
        "-f",
        "-y",
        "-qq",
        "-s",
        "300",
        "-e",
        "trace=openat,open,creat,link,linkat,memfd_create",
        "-o",
    ]);
    strace.arg(&log).arg(plain.get_program()).args(plain.get_args());
    desk.at_home(&mut strace);
    let ran = strace.output().unwrap().into();
    let log = fs::read_to_string(log).unwrap();
    // New files, and old ones that are written to.
    let writes = |line: &&str| {
        ["O_CREAT", "O_WRONLY", "O_RDWR", "O_TMPFILE", "memfd"]
            .iter()
            .any(|flag| line.contains(flag))
    };
    (log.lines().filter(writes).map(str::to_owned).collect(), ran)
}

#[test]
#[ignore = "needs root and strace"]
fn a_letter_that_is_damaged_at_its_end_is_never_on_the_disk() {
    let large = b"MERKE i vedlegget ".repeat(500_000);
    for (name, file) in [("small", &large[..100]), ("large", &large[..])] {
        let desk = Desk::new();
        let reference = reference(1);
        let sent = Sent {
            files: vec![("notat.txt", file)],
            ..Sent::new(&reference, "Brev nummer 1.")
        };
        let seal = Seal::by_relay(&desk.relay, &desk.own);
        let mut packets = seal.packets(&letter(&sent));
        *packets.last_mut().unwrap() ^= 1;
        desk.put("mail/1.eml", mail(&reference, &armored(&packets)));
        let (files, ran) = made(&desk);
        assert_eq!(ran.code, Some(1), "{name}: {}", ran.said());
        assert!(
            ran.out.contains("damaged") && ran.out.contains(&reference),
            "{}",
            ran.said()
        );
        let allowed = [
            ".postrom-lock",
            "/lock\"",
            "/dev/null",
            "/dev/tty",
            "postrom-ledger.jsonl",
        ];
        let others: Vec<_> = files
            .iter()
            .filter(|file| !allowed.iter().any(|known| file.contains(known)))
            .collect();
        assert!(others.is_empty(), "{name}: {others:?}");
        assert!(desk.folders().is_empty() && desk.unfinished().is_empty());
        // With its blanks: five letters alone stand by chance in the base64 of one large mail in a hundred.
        assert!(files_with(desk.root(), b"MERKE i vedlegget").is_empty());
        // The same letter without the damage: the search sees its files.
        desk.put("mail/1.eml", desk.mail(&sent));
        let (files, ran) = made(&desk);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.said());
        assert!(files.iter().any(|file| file.contains("notat.txt")), "{name}: {files:?}");
    }
}

/// What a run of the program syncs and renames, in its order, by strace.
fn synced(desk: &Desk) -> Vec<String> {
    fs::create_dir(desk.path("acks")).unwrap();
    let log = desk.path("strace.log");
    let plain = desk.command(&["mail", "--ack-to", "acks"]);
    let mut strace = Command::new("strace");
    let calls = "trace=renameat2,rename,renameat,syncfs,fsync,fdatasync";
    strace.args(["-f", "-y", "-qq", "-s", "300", "-e", calls, "-o"]);
    strace.arg(&log).arg(plain.get_program()).args(plain.get_args());
    desk.at_home(&mut strace);
    let ran: Ran = strace.output().unwrap().into();
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    fs::read_to_string(log).unwrap().lines().map(str::to_owned).collect()
}

/// Each of these is in the log behind the one before it.
fn in_this_order(log: &[String], steps: &[[&str; 2]]) {
    let mut lines = log.iter();
    for step in steps {
        let is_it = |line: &String| step.iter().all(|word| line.contains(word));
        assert!(
            lines.any(is_it),
            "{step:?} comes too early or never: {}",
            log.join("\n")
        );
    }
}

/// The server hears of a letter only when its folder, with all that is in it, would outlast a power cut.
#[test]
#[ignore = "needs root and strace"]
fn a_letter_is_on_the_disk_before_its_name_and_its_name_before_the_server_hears_of_it() {
    let desk = Desk::new();
    let letters = desk.letters(0..1);
    let log = synced(&desk);
    let (folder, ack) = (format!("/{}\"", letters[0]), format!("/{}.ack\"", letters[0]));
    let out = format!("{}>", desk.out().display());
    let acks = format!("{}>", desk.path("acks").display());
    for inner in [
        "/letter.txt>",
        "/letter.json>",
        "/status.json>",
        "/attachments/notat.txt>",
        "/attachments>",
        "/000001>",
    ] {
        in_this_order(&log, &[["fsync(", inner], ["rename", &folder]]);
    }
    in_this_order(
        &log,
        &[
            ["rename", &folder],
            ["fsync(", &out],
            ["fdatasync(", "postrom-ledger.jsonl"],
            ["rename", &ack],
            ["fsync(", &acks],
            ["fdatasync(", "postrom-ledger.jsonl"],
        ],
    );
}

/// A share of another system, which shows modes and lets nobody set them.
#[test]
#[ignore = "needs root and strace"]
fn a_share_without_modes_takes_letters() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    let plain = desk.command(&["mail"]);
    let mut strace = Command::new("strace");
    let refuses = "inject=fchmod,fchmodat,chmod:error=EPERM";
    strace.args([
        "-f",
        "-qq",
        "-e",
        "trace=fchmod,fchmodat,chmod",
        "-e",
        refuses,
        "-o",
        "/dev/null",
    ]);
    strace.arg(plain.get_program()).args(plain.get_args());
    desk.at_home(&mut strace);
    let ran: Ran = strace.output().unwrap().into();
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    desk.has_whole(&letters);
}

/// Many letters at once are synced with one call for the whole file system: none has its name before one.
#[test]
#[ignore = "needs root and strace"]
fn many_letters_are_on_the_disk_before_their_names() {
    let desk = Desk::new();
    let letters = desk.letters(0..40);
    let log = synced(&desk);
    let out = format!("{}>", desk.out().display());
    let has = |line: &String, words: [&str; 2]| words.iter().all(|word| line.contains(word));
    assert!(
        log.iter().any(|line| has(line, ["syncfs(", &out])),
        "{}",
        log.join("\n")
    );
    for letter in &letters {
        let name = format!("/{letter}\"");
        let named = log.iter().position(|line| has(line, ["rename", &name])).unwrap();
        let hidden = format!("{}>", log[named].split('"').nth(1).unwrap());
        let synced = |line: &String| has(line, ["syncfs(", &out]) || has(line, ["fsync(", &hidden]);
        assert!(log[..named].iter().any(synced), "{letter}: {}", log.join("\n"));
    }
}

fn armored(packets: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = sequoia_openpgp::armor::Writer::new(Vec::new(), sequoia_openpgp::armor::Kind::Message).unwrap();
    writer.write_all(packets).unwrap();
    writer.finalize().unwrap()
}
