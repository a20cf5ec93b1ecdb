//! Moves between two spools: what a database does otherwise is tried with one.

mod cut;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::*;
use crate::store::files::transfer::Spool;
use crate::store::files::{FileStore, Settings as At};
use crate::store::{
    Committed, Envelope, Identity, Inbox, LeaseError, Notes, Outbox, Proof, Settlement, Shelf, State, Status,
    StoreError,
};
use crate::unix_time::{file_times, seconds};
use std::time::UNIX_EPOCH;

struct Two {
    dir: tempfile::TempDir,
}

fn identity(store: &FileStore, number: u32) -> Identity {
    store.identities().of(&number.to_be_bytes(), &[0; 32])
}

fn commit(store: &FileStore, number: u32) -> Result<Committed, StoreError> {
    let mut pending = store.begin()?;
    // More than one part for some.
    let line = format!("{number} of a letter\r\n");
    pending.write_all(line.repeat(1 + number as usize % 3 * 30_000).as_bytes())?;
    if number.is_multiple_of(2) {
        pending.prove(Proof {
            accepted: 60,
            seal: [number as u8; 32],
        });
    }
    let envelope = Envelope {
        mailbox: "post".into(),
        from: "a@authority.example".into(),
        to: "b@authority.example".into(),
        reference: format!("TST-{number:04}-TST"),
        accepted: 60 * u64::from(number),
    };
    pending.commit(&identity(store, number), &envelope)
}

impl Two {
    /// Two spools with one secret; the first has letters in every state.
    fn new() -> Self {
        let two = Self::empty();
        let store = FileStore::open(&two.at("a")).unwrap();
        let name = |number| identity(&store, number).name;
        for number in 0..18 {
            assert_eq!(commit(&store, number).unwrap(), Committed::New);
        }
        let settle = |number, settlement| store.claim(&name(number)).unwrap().settle(settlement).unwrap();
        let tried = |attempts| Status {
            attempts,
            due: 1_900_000_000,
            last_error: "451 later".into(),
            ..Status::default()
        };
        settle(4, Settlement::Later(tried(3)));
        store.readdress(&name(5), "other").unwrap();
        for number in 6..9 {
            settle(number, Settlement::Delivered);
        }
        settle(9, Settlement::Held(tried(1)));
        store.hold(&name(10)).unwrap();
        store.hold(&name(11)).unwrap();
        store.discard(&name(11), State::Held, "sent twice").unwrap();
        for number in [12, 13, 14] {
            settle(number, Settlement::Quarantined(tried(1)));
        }
        store.discard(&name(12), State::Corrupt, "damaged").unwrap();
        // The page came once more.
        assert_eq!(commit(&store, 13).unwrap(), Committed::New);
        store.set_note("bounces", b"42").unwrap();
        let spool = two.path("a");
        // Longer ago than it is kept, and what nobody's program wrote.
        fs::remove_file(spool.join("delivered").join(name(8))).unwrap();
        fs::write(spool.join("corrupt").join(name(40)), b"").unwrap();
        fs::write(spool.join("corrupt").join(format!("{}-2", name(14))), b"once more").unwrap();
        fs::write(spool.join("corrupt/strange-0011223344556677"), "foreign").unwrap();
        for (number, minute) in [(1, 50), (6, 20), (8, 7), (9, 12)] {
            for directory in ["new", "held", "delivered"] {
                if let Ok(file) = File::open(spool.join(directory).join(name(number))) {
                    let long = if directory == "new" { minute } else { minute - 3 };
                    file.set_times(file_times(UNIX_EPOCH + Duration::from_secs(1_700_000_040 + long * 60)))
                        .unwrap();
                }
            }
        }
        two
    }

    fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let two = Self { dir };
        FileStore::open(&two.at("a")).unwrap();
        fs::create_dir(two.path("b")).unwrap();
        fs::copy(two.path("a").join("secret"), two.path("b").join("secret")).unwrap();
        two
    }

    fn path(&self, of: &str) -> PathBuf {
        self.dir.path().join(of)
    }

    fn at(&self, of: &str) -> At {
        At::at(self.path(of))
    }

    fn end(&self, of: &str) -> Spool {
        Spool::open(&self.at(of)).unwrap()
    }

    fn moved(&self, from: &str, to: &str) -> io::Result<Moved> {
        let ends = (self.end(from), self.end(to));
        between(&ends.0, &ends.1, SystemTime::now(), &mut |_, _| {})
    }

    /// All that is kept there of letters.
    fn kept(&self, of: &str) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for directory in ["new", "held", "delivered", "corrupt", "discarded", "state", "notes"] {
            for entry in fs::read_dir(self.path(of).join(directory)).unwrap().map(Result::unwrap) {
                let name = format!("{directory}/{}", entry.file_name().display());
                if name.contains("strange") {
                    continue;
                }
                let meta = entry.metadata().unwrap();
                let bytes = fs::read(entry.path()).unwrap();
                let mut kept = konvolutt_letter::hex(sha2::Digest::finalize(sha2::Digest::chain_update(
                    <sha2::Sha256 as sha2::Digest>::new(),
                    bytes,
                )));
                if !["state", "notes"].contains(&directory) {
                    let proof = proof(&entry.path());
                    let minute = seconds(meta.modified().unwrap()) / 60;
                    kept += &format!(" {minute} {proof:?} {}", meta.len());
                }
                if ["new", "held", "delivered"].contains(&directory) {
                    kept += &format!(" {:o}", meta.permissions().mode());
                }
                all.insert(name, kept);
            }
        }
        all
    }

    fn order(&self, of: &str) -> Vec<String> {
        let store = FileStore::open(&self.at(of)).unwrap();
        store.waiting().unwrap().into_iter().map(|(name, _)| name).collect()
    }
}

/// What differs is said, and no more.
fn same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) {
    let of = |all: &BTreeMap<String, String>, name: &String| all.get(name).cloned();
    let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = names.into_iter().filter(|name| of(one, name) != of(other, name));
    let differ: Vec<_> = differ.map(|name| (name, of(one, name), of(other, name))).collect();
    assert!(differ.is_empty(), "{differ:#?}");
}

fn proof(path: &Path) -> Vec<u8> {
    let mut value = [0; 128];
    let length = rustix::fs::lgetxattr(path, "user.konvolutt.seal", &mut value).unwrap_or(0);
    value[..length].to_vec()
}

#[test]
fn letters_in_every_state_go_there_and_back_as_they_are() {
    let two = Two::new();
    let (before, order) = (two.kept("a"), two.order("a"));
    let moved = two.moved("a", "b").unwrap();
    same(&two.kept("b"), &before);
    assert_eq!(two.order("b"), order);
    let counts = Counts {
        waiting: 10,
        held: 2,
        delivered: 2,
        names: 1,
        corrupt: 4,
        discarded: 2,
    };
    assert_eq!(
        (moved.letters, moved.there, moved.others, moved.notes),
        (counts, 0, 0, 1)
    );
    assert_eq!(moved.written, 21);
    assert!(moved.damaged.is_empty());
    assert!(
        moved.stay.len() == 1 && moved.stay[0].ends_with("strange-0011223344556677"),
        "{:?}",
        moved.stay
    );
    // The letters are still there, and come back as what became of them since.
    let store = FileStore::open(&two.at("b")).unwrap();
    store.claim(&order[0]).unwrap().settle(Settlement::Delivered).unwrap();
    drop(store);
    let now = two.kept("b");
    assert_ne!(now, before);
    let back = two.moved("b", "a").unwrap();
    same(&two.kept("a"), &now);
    assert_eq!((back.letters.waiting, back.letters.delivered), (9, 3));
    // And once more, since each end knows of the other.
    assert_eq!(two.moved("a", "b").unwrap().digest, back.digest);
}

#[test]
fn a_store_that_was_left_refuses_whoever_works_with_it() {
    let two = Two::new();
    let running = FileStore::open(&two.at("a")).unwrap();
    let waits = two.order("a").remove(0);
    two.moved("a", "b").unwrap();
    let refused = FileStore::open(&two.at("a")).err().unwrap().to_string();
    assert!(
        refused.starts_with("its letters were moved to the files of the spool on 20"),
        "{refused}"
    );
    // Whoever had it open before.
    assert!(commit(&running, 90).is_err());
    assert!(running.repeats(&identity(&running, 1)).is_err());
    assert!(running.probe().is_err());
    assert!(running.claim(&waits).is_err());
    assert!(running.hold(&waits).is_err());
    // The control.
    let store = FileStore::open(&two.at("b")).unwrap();
    assert_eq!(commit(&store, 90).unwrap(), Committed::New);
    store.hold(&waits).unwrap();
    // Of every letter that holds its name a repeat is known.
    for number in [0, 5, 6, 8, 9, 11] {
        assert_eq!(commit(&store, number).unwrap(), Committed::Repeat, "{number}");
    }
    drop(store);
    // Run once more it does nothing: what became of the letters since stays.
    let since = two.kept("b");
    let again = two.moved("a", "b").unwrap();
    assert!(again.again && again.written == 0, "{again:?}");
    same(&two.kept("b"), &since);
}

#[test]
fn a_relay_that_runs_keeps_the_letters_where_they_are() {
    let two = Two::new();
    let store = FileStore::open(&two.at("a")).unwrap();
    let lease = store.lease().unwrap();
    let refused = Spool::open(&two.at("a")).err().unwrap();
    assert!(
        refused.to_string().contains("end the service on every node"),
        "{refused}"
    );
    drop(lease);
    let end = two.end("a");
    assert!(matches!(store.lease(), Err(LeaseError::Taken)));
    drop(end);
    assert!(store.lease().is_ok());
}

#[test]
fn another_letter_of_the_same_name_stops_before_anything_is_changed() {
    let two = Two::new();
    let store = FileStore::open(&two.at("b")).unwrap();
    let mut pending = store.begin().unwrap();
    pending.write_all(b"sealed at another time").unwrap();
    let envelope = Envelope {
        mailbox: "post".into(),
        from: String::new(),
        to: String::new(),
        reference: String::new(),
        accepted: 60,
    };
    let name = identity(&store, 1).name;
    pending.commit(&identity(&store, 1), &envelope).unwrap();
    // One of its own, which is in nobody's way.
    commit(&store, 70).unwrap();
    drop(store);
    let (one, other) = (two.kept("a"), two.kept("b"));
    let refused = two.moved("a", "b").unwrap_err().to_string();
    assert!(
        refused.contains(&name) && refused.contains("nothing was moved"),
        "{refused}"
    );
    assert_eq!((two.kept("a"), two.kept("b")), (one, other));
    for of in ["a", "b"] {
        FileStore::open(&two.at(of)).unwrap();
    }
    let store = FileStore::open(&two.at("b")).unwrap();
    store.hold(&name).unwrap();
    store.discard(&name, State::Held, "the other is sent").unwrap();
    drop(store);
    fs::remove_file(two.path("b/new").join(&name)).unwrap();
    fs::remove_file(two.path("b/discarded").join(&name)).unwrap();
    let moved = two.moved("a", "b").unwrap();
    assert_eq!((moved.letters.waiting, moved.others), (10, 1));
    assert_eq!(two.order("b").len(), 11);
}

#[test]
fn old_letters_are_not_written_over_by_a_store_that_never_had_them() {
    let two = Two::new();
    two.moved("a", "b").unwrap();
    let kept = two.kept("a");
    // A store made anew in the place of the one that has the letters.
    fs::remove_dir_all(two.path("b")).unwrap();
    fs::create_dir(two.path("b")).unwrap();
    fs::copy(two.path("a/secret"), two.path("b/secret")).unwrap();
    let refused = two.moved("b", "a").unwrap_err().to_string();
    assert!(refused.contains("would be written over"), "{refused}");
    same(&two.kept("a"), &kept);
}

#[test]
fn what_is_damaged_is_corrupt_from_then_on_and_a_delivered_name_stays_taken() {
    let two = Two::new();
    let store = FileStore::open(&two.at("a")).unwrap();
    let name = |number| identity(&store, number).name;
    let mut damaged = Vec::new();
    for (place, number) in [("new", 1), ("held", 9), ("delivered", 6)] {
        let path = two.path("a").join(place).join(name(number));
        let mut bytes = fs::read(&path).unwrap();
        bytes[3] ^= 1;
        fs::write(&path, &bytes).unwrap();
        damaged.push((name(number), bytes));
    }
    let moved = two.moved("a", "b").unwrap();
    assert_eq!(moved.damaged.len(), 3);
    assert_eq!(
        (moved.letters.waiting, moved.letters.held, moved.letters.names),
        (9, 1, 2)
    );
    for (name, bytes) in damaged {
        assert_eq!(fs::read(two.path("b/corrupt").join(name)).unwrap(), bytes);
    }
    let store = FileStore::open(&two.at("b")).unwrap();
    assert_eq!(commit(&store, 6).unwrap(), Committed::Repeat);
    assert_eq!(commit(&store, 1).unwrap(), Committed::New);
}
