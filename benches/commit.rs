//! Commits measured: `cargo bench --bench commit`.
//!
//! Letters of 64 KiB made durable in a store of files by 1, 8 and 32 writers; beside it, in the same run and on the same disk,
//! a bare loop of write, fsync, link, fsync of the directory. The two take turns, since a disk's speed drifts.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement prints, and stops when something is wrong

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use konvolutt::store::files::{FileStore, Settings};
use konvolutt::store::{Envelope, Inbox};

const LETTER: usize = 64 * 1024;
const TURN: Duration = Duration::from_millis(700);
const TURNS: usize = 5;

fn main() {
    // `cargo test --benches` asks only whether it builds.
    if std::env::args().any(|word| word == "--test") {
        return;
    }
    // On a disk: the directory for temporary files may lie in memory.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store = FileStore::open(&Settings::at(dir.path().join("spool")));
    let (store, bare) = (store.unwrap(), dir.path().join("bare"));
    fs::create_dir(&bare).unwrap();
    println!("{:>8}{:>14}{:>14}{:>8}", "writers", "commits/s", "bare/s", "");
    for writers in [1, 8, 32] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            ours.push(rate(writers, |number| commit(&store, number)));
            theirs.push(rate(writers, |number| write(&bare, number)));
        }
        let (ours, theirs) = (median(ours), median(theirs));
        println!("{writers:>8}{ours:>14.0}{theirs:>14.0}{:>7.0} %", ours / theirs * 100.0);
    }
}

fn commit(store: &FileStore, number: u64) {
    let identity = store.identities().of(&number.to_be_bytes(), &[0; 32]);
    let mut pending = store.begin().unwrap();
    pending.write_all(&[b'x'; LETTER]).unwrap();
    let envelope = Envelope {
        mailbox: "postmottak".into(),
        from: "a@authority.example".into(),
        to: "b@authority.example".into(),
        reference: "K7F-3K9Q-2MX".into(),
        accepted: 0,
    };
    pending.commit(&identity, &envelope).unwrap();
}

fn write(bare: &Path, number: u64) {
    let unfinished = bare.join(format!("unfinished-{number}"));
    let mut file = File::create(&unfinished).unwrap();
    file.write_all(&[b'x'; LETTER]).unwrap();
    file.sync_all().unwrap();
    fs::hard_link(&unfinished, bare.join(format!("{number:064x}"))).unwrap();
    fs::remove_file(unfinished).unwrap();
    File::open(bare).unwrap().sync_all().unwrap();
}

/// How often per second so many writers get it done.
fn rate(writers: usize, work: impl Fn(u64) + Sync) -> f64 {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let (done, begin) = (AtomicU64::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| {
                while begin.elapsed() < TURN {
                    work(NUMBER.fetch_add(1, Ordering::Relaxed));
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    done.into_inner() as f64 / begin.elapsed().as_secs_f64()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
