//! Runs in programs of their own: one that is killed, by the system or by somebody in a hurry, and two at once.

use std::process::{Child, Command, Stdio};

use super::*;

const OUT: &str = "POSTROM_TEST_OUT";
const LETTERS: u8 = 40;

fn cases() -> impl Iterator<Item = Case> {
    (0..LETTERS).map(|number| {
        let case = letter("hei").with_files(&[("a.jpg", "one"), ("a.jpg", "two")]);
        let mut record = case.record.clone();
        record["reference"] = konvolutt_letter::Reference::from_random(&[number; 16])
            .to_string()
            .into();
        record["id"] = format!("{number}").into();
        let seal = number + 1;
        Case { record, seal, ..case }
    })
}

/// Opens all letters, four at a time.
fn open_all(out: &Path) {
    let output = begin(out);
    let cases: Vec<Case> = cases().collect();
    for batch in cases.chunks(4) {
        let batch = batch
            .iter()
            .filter(|case| output.known(&case.seal(), &Trust::default()).is_none());
        let staged = batch.map(|case| stage(&output, case, &Trust::default())).collect();
        assert!(output.settle(staged).iter().all(Result::is_ok));
    }
}

/// No test by itself: the program that is killed.
#[test]
#[ignore = "started by another test"]
fn victim() {
    if let Some(out) = std::env::var_os(OUT) {
        open_all(Path::new(&out));
    }
}

fn start(out: &Path) -> Child {
    let mut victim = Command::new(std::env::current_exe().unwrap());
    victim
        .args(["--exact", "folder::tests::killed::victim", "--ignored"])
        .env(OUT, out);
    victim.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Everything below a folder.
fn count(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| 1 + count(&entry.path())).sum()
}

/// What has a name is whole.
fn all_is_whole(out: &Path) -> usize {
    for name in seen(out) {
        let folder = out.join(&name);
        let status = Status::of(&folder).unwrap();
        assert_eq!(status.reference, Some(name));
        for file in &status.files {
            let bytes = fs::read_to_string(folder.join("attachments").join(&file.name)).unwrap();
            assert_eq!(digest(&bytes), file.sha256);
        }
        assert!(text(&folder).ends_with("byte\n") && folder.join("letter.json").exists());
    }
    seen(out).len()
}

/// Killed at many points, seen by how much there is on the disk: after writing, between names, before the ledger. Each time
/// what has a name is whole, the next run removes the rest, and in the end each letter lies there once.
#[test]
fn a_run_that_is_killed_leaves_whole_letters_and_nothing_else() {
    let (mut left, mut killed) = (0, 0);
    for enough in (1..300).step_by(23) {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path();
        let mut victim = start(out);
        let ended = loop {
            if let Some(ended) = victim.try_wait().unwrap() {
                break ended;
            }
            if count(out) >= enough {
                victim.kill().unwrap();
            }
        };
        killed += usize::from(!ended.success());
        all_is_whole(out);
        let (output, recovered) = Output::begin(settings(out)).ok().unwrap();
        left += recovered.removed;
        drop(output);
        assert!(fs::read_dir(out).unwrap().flatten().all(|entry| {
            let name = entry.file_name().into_string().unwrap();
            !name.starts_with(".unfinished-")
        }));
        open_all(out);
        assert_eq!(all_is_whole(out), usize::from(LETTERS));
    }
    // The control: something was killed, and left something.
    assert!(killed > 5 && left > 5, "{killed} {left}");
}

/// As the test with two clerks, with programs instead of threads.
#[test]
fn two_programs_at_once_make_no_letter_twice() {
    for _ in 0..8 {
        let dir = tempfile::tempdir().unwrap();
        let both = [start(dir.path()), start(dir.path())];
        for mut program in both {
            assert!(program.wait().unwrap().success());
        }
        assert_eq!(all_is_whole(dir.path()), usize::from(LETTERS));
        let ledger = fs::read_to_string(dir.path().join("postrom-ledger.jsonl")).unwrap();
        assert_eq!(ledger.lines().count(), usize::from(LETTERS));
    }
}
