//! What a run leaves: nothing.

#[cfg(unix)]
use std::fs::File;
#[cfg(unix)]
use std::time::{Duration, SystemTime};

use super::*;

fn hidden(out: &Path) -> usize {
    let names = fs::read_dir(out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".unfinished-")).count()
}

#[test]
fn a_run_removes_what_is_not_finished() {
    let dir = tempfile::tempdir().unwrap();
    let output = begin(dir.path());
    drop(stage(&output, &letter("a"), &Trust::default()));
    assert_eq!(hidden(dir.path()), 1);
    drop(output);
    assert_eq!((hidden(dir.path()), seen(dir.path()).len()), (0, 0));
}

/// The share with the ledger goes while a run watches, and comes back.
#[test]
fn a_run_names_the_ledger_that_went_away_and_goes_on_when_it_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let (share, away) = (dir.path().join("share"), dir.path().join("away"));
    let file = share.join("ledger.jsonl");
    let settings = OutputSettings {
        ledger: LedgerPlace::File(file.clone()),
        ..settings(&dir.path().join("out"))
    };
    let output = Output::begin(settings).ok().unwrap().0;
    let put = |case: &Case| output.settle(vec![stage(&output, case, &Trust::default())]).remove(0);
    assert!(put(&letter("a")).is_ok());
    fs::rename(&share, &away).unwrap();
    fs::create_dir(&share).unwrap();
    let named = Trouble::LedgerAway {
        file: file.display().to_string(),
    };
    assert_eq!(put(&letter("b")).err(), Some(named));
    assert!(!file.exists());
    fs::remove_dir(&share).unwrap();
    fs::rename(&away, &share).unwrap();
    assert!(put(&letter("b")).is_ok());
}

/// A run that was killed leaves its folder, unlocked. One that lives, of a colleague, keeps its own.
#[test]
fn the_next_run_removes_what_a_killed_one_left() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path();
    let dead = out.join(".unfinished-0123456789abcdef");
    fs::create_dir_all(dead.join("000001/attachments")).unwrap();
    fs::write(dead.join("lock"), "").unwrap();
    fs::write(dead.join("000001/letter.txt"), "what a citizen wrote").unwrap();
    // Its maker ended before it had a lock, and so before there was a letter in it: that is told to nobody.
    let began = out.join(".unfinished-3123456789abcdef.new");
    fs::create_dir(&began).unwrap();
    // Those of the first version, without a lock: one that is just being made, and an old one.
    fs::create_dir(out.join(".unfinished-2123456789abcdef")).unwrap();
    let old = usize::from(cfg!(unix));
    #[cfg(unix)]
    {
        let folder = out.join(".unfinished-1123456789abcdef");
        fs::create_dir(&folder).unwrap();
        let made = SystemTime::now() - Duration::from_secs(3600);
        File::open(&folder).unwrap().set_modified(made).unwrap();
    }
    fs::create_dir(out.join(".unfinished-letters")).unwrap();

    let (colleague, recovered) = Output::begin(settings(out)).ok().unwrap();
    assert_eq!(recovered.removed, 1 + old);
    let staged = stage(&colleague, &letter("a"), &Trust::default());
    let (output, recovered) = Output::begin(settings(out)).ok().unwrap();
    assert_eq!(recovered.removed, 0);
    assert!(staged.folder.join("letter.txt").exists() && !dead.exists() && !began.exists());
    assert!(out.join(".unfinished-2123456789abcdef").exists() && out.join(".unfinished-letters").exists());
    output.finish();
    assert!(colleague.settle(vec![staged])[0].is_ok());
}

/// A run that ends in order is no interrupted one, whenever a colleague's begins.
#[test]
fn a_run_that_is_ending_is_not_taken_for_an_interrupted_one() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path();
    let begun = || Output::begin(settings(out)).ok().unwrap();
    let ended = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..500 {
                drop(begun());
            }
            ended.store(true, std::sync::atomic::Ordering::Relaxed);
        });
        while !ended.load(std::sync::atomic::Ordering::Relaxed) {
            assert_eq!(begun().1.removed, 0);
        }
    });
    assert_eq!(hidden(out), 0);
}

/// The disk fails while a batch is settled: each letter of it is told, and nothing of them has a name.
#[test]
fn a_disk_that_fails_leaves_no_half_folder() {
    let dir = tempfile::tempdir().unwrap();
    let output = begin(dir.path());
    let staged: Vec<Staged> = ["a", "b"]
        .map(|typed| stage(&output, &letter(typed), &Trust::default()))
        .into();
    fs::remove_dir_all(&staged[1].folder).unwrap();
    let settled = output.settle(staged);
    assert!(settled.iter().all(|placed| matches!(placed, Err(Trouble::Disk { .. }))));
    assert!(seen(dir.path()).is_empty());
    // The next batch is not the worse for it.
    let staged = vec![stage(&output, &letter("a"), &Trust::default())];
    assert!(output.settle(staged)[0].is_ok());
}

#[cfg(unix)]
mod rights {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o7777
    }

    fn everything(out: &Path) -> Vec<(bool, u32)> {
        let folder = one(out, &letter("a").with_files(&[("a.jpg", "one")]));
        let paths = [
            folder.clone(),
            folder.join("attachments"),
            folder.join("letter.txt"),
            folder.join("letter.json"),
            folder.join("status.json"),
            folder.join("attachments/a.jpg"),
            out.join("postrom-ledger.jsonl"),
            out.join(".postrom-lock"),
        ];
        paths.iter().map(|path| (path.is_dir(), mode(path))).collect()
    }

    #[test]
    fn a_letter_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("new/letters");
        for (is_folder, mode) in everything(&out) {
            assert_eq!(mode, if is_folder { 0o700 } else { 0o600 });
        }
        assert_eq!(mode(&out), 0o700);
        // A folder that others may look into does not make letters theirs.
        let open = tempfile::tempdir().unwrap();
        for shared in [0o755, 0o777, 0o1777] {
            fs::set_permissions(open.path(), fs::Permissions::from_mode(shared)).unwrap();
            let made = everything(open.path());
            assert!(
                !made.is_empty() && made.iter().all(|(_, mode)| mode & 0o077 == 0),
                "{shared:o}"
            );
            let _ = fs::remove_dir_all(open.path().join(REF));
            let _ = fs::remove_file(open.path().join("postrom-ledger.jsonl"));
            let _ = fs::remove_file(open.path().join(".postrom-lock"));
        }
    }

    #[test]
    fn in_a_shared_folder_the_group_has_its_rights() {
        for shared in [0o2770, 0o2775, 0o770] {
            let dir = tempfile::tempdir().unwrap();
            fs::set_permissions(dir.path(), fs::Permissions::from_mode(shared)).unwrap();
            let group = dir.path().metadata().unwrap().gid();
            for (is_folder, mode) in everything(dir.path()) {
                assert_eq!(mode, if is_folder { 0o2770 } else { 0o660 });
            }
            assert_eq!(dir.path().join(REF).metadata().unwrap().gid(), group);
        }
        // The group may look, and no more.
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o2750)).unwrap();
        for (is_folder, mode) in everything(dir.path()) {
            assert_eq!(mode, if is_folder { 0o2750 } else { 0o640 });
        }
    }
}
