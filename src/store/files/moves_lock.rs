//! The lock on all moves, waited for no longer than a move takes: whoever keeps it must not stop the relay unseen.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::held::Held;

/// A move is a few calls to the disk. Who holds the lock for longer is stopped, or wants to hold others up.
const PATIENCE: Duration = Duration::from_secs(5);
/// The kernel has no time-out for this lock, so it is asked for again. First soon, since a move takes about as long.
const PAUSES: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(20)];
/// After so much of the patience the longer pause is as good.
const SOON: Duration = Duration::from_millis(100);

/// Holds every other move off, also those of other processes, until it is dropped.
#[must_use]
pub(super) struct MovesLock {
    _lock: Held,
}

impl MovesLock {
    /// Waits for it, on a thread that may block.
    pub(super) fn take(path: &Path) -> io::Result<Self> {
        // A handle of its own each time: locks of one handle do not exclude each other.
        let lock = File::open(path)?;
        let begin = Instant::now();
        loop {
            match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Err(Errno::WOULDBLOCK) if begin.elapsed() < PATIENCE => {
                    let late = usize::from(begin.elapsed() > SOON);
                    std::thread::sleep(PAUSES[late]);
                }
                Err(Errno::WOULDBLOCK) => return Err(is_held(path, &lock)),
                Err(Errno::INTR) => {}
                locked => return Ok(locked.map(|()| Self { _lock: Held(lock) })?),
            }
        }
    }
}

fn is_held(path: &Path, lock: &File) -> io::Error {
    let by = lock.metadata().ok().and_then(|file| holder(&file));
    let by = by.map_or_else(
        || format!("another process (`fuser {}` says which)", path.display()),
        |process| format!("process {process}"),
    );
    let seconds = PATIENCE.as_secs();
    let text = format!("{by} has held the lock {} for {seconds} seconds", path.display());
    io::Error::new(io::ErrorKind::TimedOut, text)
}

/// The kernel tells of its locks piece by piece, and one is passed over when others go meanwhile: seen once in 130 times
/// beside two busy programs.
const LOOKS: usize = 5;

/// Who has a lock on this file. In the sandbox nobody can be asked.
fn holder(file: &Metadata) -> Option<u32> {
    let (major, minor) = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
    let place = format!("{major:02x}:{minor:02x}:{}", file.ino());
    let of = |line: &str| {
        // 1: FLOCK ADVISORY WRITE PROCESS MAJOR:MINOR:INODE 0 EOF; one who waits has an arrow in the second place.
        let words: Vec<&str> = line.split_whitespace().collect();
        let process = words.get(4)?.parse().ok()?;
        (words.get(5) == Some(&place.as_str()) && words[1] == "FLOCK").then_some(process)
    };
    let look = |_| fs::read_to_string("/proc/locks").ok()?.lines().find_map(of);
    (0..LOOKS).find_map(look)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn one_who_waits_gets_the_lock_when_it_is_free() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("moves.lock");
        File::create(&path).unwrap();
        let held = MovesLock::take(&path).unwrap();
        let begin = Instant::now();
        let release = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            drop(held);
        });
        let _lock = MovesLock::take(&path).unwrap();
        let waited = begin.elapsed();
        assert!(
            (Duration::from_millis(200)..Duration::from_secs(4)).contains(&waited),
            "{waited:?}"
        );
        release.join().unwrap();
    }

    #[test]
    fn one_who_holds_the_lock_for_too_long_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("moves.lock");
        File::create(&path).unwrap();
        let _held = MovesLock::take(&path).unwrap();
        let begin = Instant::now();
        let error = MovesLock::take(&path).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begin.elapsed() < PATIENCE + Duration::from_secs(2));
        let own = format!("process {} has held the lock", std::process::id());
        assert!(error.to_string().starts_with(&own), "{error}");
    }

    /// As a busy machine's locks do.
    #[test]
    fn the_holder_is_found_while_other_locks_come_and_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("moves.lock");
        let file = File::create(&path).unwrap().metadata().unwrap();
        let _held = MovesLock::take(&path).unwrap();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for number in 0..2 {
                let files = (0..100).map(|of| File::create(dir.path().join(format!("{number}-{of}"))).unwrap());
                let files: Vec<File> = files.collect();
                let over = &over;
                scope.spawn(move || {
                    while !over.load(Ordering::Relaxed) {
                        files.iter().for_each(|file| file.lock().unwrap());
                        files.iter().for_each(|file| file.unlock().unwrap());
                    }
                });
            }
            let missed = (0..3_000).filter(|_| holder(&file).is_none()).count();
            over.store(true, Ordering::Relaxed);
            assert_eq!(missed, 0);
        });
    }
}
