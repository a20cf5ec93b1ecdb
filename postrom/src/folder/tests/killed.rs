//! Runs in programs of their own: one that is killed, by the system or by somebody in a hurry, and two at once.

use std::process::{Child, Command, Stdio};

use super::*;

const OUT: &str = "POSTROM_TEST_OUT";
const WAITS: &str = "POSTROM_TEST_WAITS";
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
fn open_all(out: &Path) -> Output {
    let output = begin(out);
    let cases: Vec<Case> = cases().collect();
    for batch in cases.chunks(4) {
        let batch = batch
            .iter()
            .filter(|case| output.known(&case.seal(), &Trust::default()).is_none());
        let staged = batch.map(|case| stage(&output, case, &Trust::default())).collect();
        assert!(output.settle(staged).iter().all(Result::is_ok));
    }
    output
}

/// No test by itself: the program that is killed.
#[test]
#[ignore = "started by another test"]
fn victim() {
    let Some(out) = std::env::var_os(OUT) else { return };
    let output = open_all(Path::new(&out));
    // However slow the other one looks, it finds a run that lives.
    while std::env::var_os(WAITS).is_some() {
        std::thread::park();
    }
    drop(output);
}

fn start(out: &Path, waits: bool) -> Child {
    let mut victim = Command::new(std::env::current_exe().unwrap());
    victim
        .args(["--exact", "folder::tests::killed::victim", "--ignored"])
        .env(OUT, out);
    if waits {
        victim.env(WAITS, "1");
    }
    victim.stdout(Stdio::null()).spawn().unwrap()
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
    let mut left = 0;
    let points: Vec<usize> = (1..7 * usize::from(LETTERS)).step_by(23).collect();
    for enough in &points {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path();
        let mut victim = start(out, true);
        while count(out) < *enough {
            assert!(victim.try_wait().unwrap().is_none());
            // Windows renames no folder that somebody looks into all the time.
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        victim.kill().unwrap();
        assert!(!victim.wait().unwrap().success());
        all_is_whole(out);
        let (output, recovered) = Output::begin(settings(out)).ok().unwrap();
        left += recovered.removed;
        drop(output);
        let hidden = fs::read_dir(out).unwrap().flatten();
        let hidden = hidden.filter(|entry| entry.file_name().to_string_lossy().starts_with(".unfinished-"));
        // An empty one was killed before it had its lock, and may be somebody's who is just beginning: it goes in a minute.
        let rest = hidden.filter(|entry| count(&entry.path()) > 0).count();
        // Windows may let go of a killed program's files a moment after it: then the run after the next one removes them.
        assert!(rest == 0 || cfg!(windows));
        drop(open_all(out));
        assert_eq!(all_is_whole(out), usize::from(LETTERS));
    }
    // The control: each left something, but for one that had not begun.
    assert!(left + 1 >= points.len() || cfg!(windows), "{left} of {}", points.len());
}

/// As the test with two clerks, with programs instead of threads.
#[test]
fn two_programs_at_once_make_no_letter_twice() {
    for _ in 0..8 {
        let dir = tempfile::tempdir().unwrap();
        let both = [(), ()].map(|()| start(dir.path(), false));
        for mut program in both {
            assert!(program.wait().unwrap().success());
        }
        assert_eq!(all_is_whole(dir.path()), usize::from(LETTERS));
        let ledger = fs::read_to_string(dir.path().join("postrom-ledger.jsonl")).unwrap();
        assert_eq!(ledger.lines().count(), usize::from(LETTERS));
    }
}
