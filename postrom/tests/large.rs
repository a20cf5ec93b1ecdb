//! What a large letter costs: memory that does not grow with it.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use konvolutt_letter::{Reference, private_file};
use sequoia_openpgp::serialize::SerializeInto;

use crate::support::{Seal, Sent, letter, mail, relay, room};

/// A file of 20 MB makes a mail of 38 MB.
const FILE: usize = 20_000_000;
/// Of both processes together.
const MOST_KB: u64 = 20_000;

/// What these processes hold in memory now, in kilobytes. The program's own text is not counted: it lies on the disk, both
/// processes share it, and a build for tests has much of it.
pub fn held(parent: u32) -> u64 {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    let ids = children.split_whitespace().filter_map(|id| id.parse().ok());
    std::iter::once(parent).chain(ids).map(held_by).sum()
}

fn held_by(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

#[test]
fn a_large_letter_takes_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let (own, key) = room("Postmottak");
    let form = relay("skjema@x.example", SystemTime::now() - Duration::from_secs(3600));
    let path = |name: &str| dir.path().join(name);
    private_file::create(&path("key.asc"), 0o600)
        .unwrap()
        .write_all(&key)
        .unwrap();
    fs::write(path("relay.asc"), form.armored().to_vec().unwrap()).unwrap();
    let reference = Reference::from_random(b"0123456789abcdef").to_string();
    let file: Vec<u8> = (0..FILE).map(|at| ((at * at) >> 7) as u8).collect();
    let document = letter(&Sent {
        files: vec![("film.mp4", &file)],
        ..Sent::new(&reference, "Sjå filmen.")
    });
    let mail = mail(&reference, &Seal::by_relay(&form, &own).armored(&document));
    assert!(mail.len() > 35_000_000);
    fs::write(path("mail.eml"), mail).unwrap();

    let mut run = Command::new(env!("CARGO_BIN_EXE_postrom"))
        .args([
            "open",
            "mail.eml",
            "--key",
            "key.asc",
            "--relay",
            "relay.asc",
            "--out",
            "out",
        ])
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    let ended = loop {
        most = most.max(held(run.id()));
        if let Some(ended) = run.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(ended.success());
    assert_eq!(
        fs::read(path("out").join(&reference).join("attachments/film.mp4")).unwrap(),
        file
    );
    println!("{most} kB at most, for a mail of 38 MB");
    assert!(most > 1000, "something was measured");
    assert!(most < MOST_KB, "{most} kB");
}
