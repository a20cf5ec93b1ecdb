//! When somebody wrote is kept to the minute, also where no log is: in the times of files.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::support::{Options, World};

/// Files whose times of writing or reading tell more than the minute.
fn exact(directory: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let is_exact = |path: &PathBuf| {
        let meta = fs::symlink_metadata(path).unwrap();
        let whole = |seconds: i64, rest: i64| seconds % 60 == 0 && rest == 0;
        !whole(meta.mtime(), meta.mtime_nsec()) || !whole(meta.atime(), meta.atime_nsec())
    };
    files.filter(is_exact).collect()
}

/// What tells of a letter, and how many files of it there are.
fn looked_at(world: &World, rooms: &[&str]) -> usize {
    let rooms = rooms.iter().map(|room| world.root().join(room));
    rooms
        .map(|room| {
            assert_eq!(exact(&room), [""; 0].map(PathBuf::from), "{}", room.display());
            fs::read_dir(room).unwrap().count()
        })
        .sum()
}

#[test]
fn no_file_tells_when_somebody_wrote() {
    let mut world = World::with(Options {
        maildir: true,
        apart: true,
        without_relay: true,
        ..Options::default()
    });
    assert_eq!(world.marked_form().send().status, 303);
    assert_eq!(looked_at(&world, &["spool/new"]), 1);
    world.terminate();
    world.without_relay = false;
    world.start();
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    world.until("the empty name", || {
        let names = world.files_in("spool/new");
        names
            .iter()
            .all(|name| fs::metadata(name).is_ok_and(|meta| meta.len() == 0))
    });
    let rooms = ["spool/new", "spool/delivered", "spool/state", "postmottak/new"];
    assert_eq!(looked_at(&world, &rooms), 3);
}

/// A letter that has to wait: what was tried, and the alarm about it.
#[test]
fn nor_does_what_is_written_about_a_letter() {
    let world = World::with(Options {
        apart: true,
        ..Options::default()
    });
    world.sink.refuse_next("DOT", "554 5.6.0 no such content here");
    world.marked_form().send();
    world.until("the alarm", || {
        world
            .files_in("spool/alarms")
            .iter()
            .any(|file| file.to_string_lossy().contains("/held-"))
    });
    world.sink.refuse_next("RCPT", "451 later");
    world.marked_form().text("namn", "ny").send();
    world.until("an attempt", || world.files_in("spool/state").len() == 2);
    assert!(looked_at(&world, &["spool/new", "spool/held", "spool/state", "spool/alarms"]) >= 6);
    for state in world.files_in("spool/state") {
        let status: serde_json::Value = serde_json::from_slice(&fs::read(state).unwrap()).unwrap();
        assert_eq!(status["due"].as_u64().unwrap() % 60, 0, "{status}");
    }
}

/// The control.
#[test]
fn an_exact_time_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str, written: Duration, read: Duration| {
        let file = File::create(dir.path().join(name)).unwrap();
        let times = fs::FileTimes::new().set_modified(UNIX_EPOCH + written);
        file.set_times(times.set_accessed(UNIX_EPOCH + read)).unwrap();
    };
    let minute = Duration::from_secs(1_795_308_120);
    at("whole", minute, minute);
    at("written", minute + Duration::from_secs(17), minute);
    at("read", minute, minute + Duration::from_nanos(1));
    let mut found = exact(dir.path());
    found.sort();
    assert_eq!(found, ["read", "written"].map(|name| dir.path().join(name)));
    // As the file system writes it by itself, once more if it is just the whole minute.
    let by_itself = (0..2).any(|_| {
        fs::write(dir.path().join("now"), "x").unwrap();
        std::thread::sleep(Duration::from_millis(20));
        exact(dir.path()).len() == 3
    });
    assert!(by_itself);
}
