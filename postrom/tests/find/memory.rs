//! Inputs that are built to fill the memory: what the whole program held at most, beside what it was given.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use konvolutt_letter::private_file;

use super::make::{armor, base64, gzip, mail, packets, part, zip};
use crate::support::room;

/// Of both processes together, for inputs of some megabytes: what may be held unfolded, and what the program has anyway.
const MOST_KB: u64 = 200_000;
/// As the other inputs that are built to do harm.
const PATIENCE: Duration = Duration::from_secs(30);

/// The most that this process and those that it started had in memory so far, in kilobytes.
fn peaks(parent: u32) -> u64 {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    let ids = children.split_whitespace().filter_map(|id| id.parse().ok());
    std::iter::once(parent).chain(ids).map(peak).sum()
}

fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

/// What the program held at most, in kilobytes, when it looked through these bytes.
fn held(folder: &Path, bytes: &[u8]) -> u64 {
    fs::write(folder.join("input"), bytes).unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_postrom"))
        .args(["open", "input", "--key", "key.asc", "--out", "out"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let mut most = 0;
    while run.try_wait().unwrap().is_none() {
        most = most.max(peaks(run.id()));
        if start.elapsed() > PATIENCE {
            run.kill().unwrap();
            run.wait().unwrap();
            panic!("{most} kB, and no end");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    most
}

/// Each line quoted once more than the one before it: a mail in an mbox in an mbox.
fn mailboxes_in_each_other(levels: usize, rest: &str) -> String {
    let lines = (0..levels).map(|level| format!("{}From a\n", ">".repeat(level)));
    format!("{}Subject: a\n\n{rest}", lines.collect::<String>())
}

/// Ten thousand files beside each of the archives, which lie in each other.
fn archives_in_each_other(levels: usize) -> Vec<u8> {
    let name = "å".repeat(200);
    let mut inner = b"a".to_vec();
    for _ in 0..levels {
        let mut files = vec![(name.clone(), inner)];
        files.extend((0..9_000).map(|number| (format!("{number}"), Vec::new())));
        inner = zip(&files, false);
    }
    inner
}

#[test]
fn what_is_built_to_fill_the_memory_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let (_, key) = room("Postmottak");
    let file = private_file::create(&dir.path().join("key.asc"), 0o600);
    file.unwrap().write_all(&key).unwrap();

    let parts =
        |part: &str, count: usize| format!("Content-Type: multipart/mixed; boundary=b\n\n{}", part.repeat(count));
    let beneath = |text: &str| format!("Subject: a\n{}{text}", "Content-Type: message/rfc822\n\n".repeat(20));
    let attached = |bytes: &[u8]| {
        let head = "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64";
        mail("a", "x", "mixed", &[part(head, base64(bytes).as_bytes())])
    };
    let quoted = mailboxes_in_each_other(20, &"a line of a mail\n".repeat(800_000));
    let control = held(dir.path(), &attached(armor(&packets(1, 60)).repeat(3).as_bytes()));
    println!("{control} kB for a small mail");
    assert!(control > 1_000 && control < MOST_KB, "something was measured");
    for (name, bytes) in [
        ("parts", beneath(&parts("--b\nPGP\n", 500_000)).into_bytes()),
        (
            "mails of an mbox",
            attached("From \na:\n\n".repeat(1_000_000).as_bytes()),
        ),
        ("mailboxes in each other", attached(&gzip(quoted.as_bytes()))),
        ("archives in each other", archives_in_each_other(18)),
    ] {
        let start = Instant::now();
        let most = held(dir.path(), &bytes);
        println!(
            "{name}: {most} kB for {} kB, {:?}",
            bytes.len() / 1_000,
            start.elapsed()
        );
        assert!(most < MOST_KB, "{name}: {most} kB");
    }
}
