//! Letters of every length come back byte for byte, and the largest take no memory.

use std::io::{Read, Write};

use konvolutt::store::{Committed, Settlement, State};
use sha2::{Digest, Sha256};

use super::{begun, claimed_bytes, commit_bytes, envelope, identity};
use crate::support::postgres::{fresh_database, open, settings, shared};
use crate::support::resident;

const MIB: usize = 1 << 20;
const PART: usize = 256 * 1024;

#[test]
#[ignore = "needs PostgreSQL"]
fn letters_of_every_length_come_back_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&settings(
        vec![shared().socket()],
        &fresh_database(),
        &dir.path().join("spool"),
    ));
    // Around the ends of parts, and every value of a byte.
    let lengths = [
        0,
        1,
        255,
        PART - 1,
        PART,
        PART + 1,
        2 * PART - 1,
        2 * PART,
        2 * PART + 1,
        5 * PART + 77,
    ];
    for (number, length) in (0u32..).zip(lengths) {
        let bytes: Vec<u8> = (0..length).map(|at| (at * 31 + at / 256) as u8).collect();
        assert_eq!(
            commit_bytes(&*store, number, &bytes).unwrap(),
            Committed::New,
            "{length}"
        );
        assert_eq!(
            commit_bytes(&*store, number, &bytes).unwrap(),
            Committed::Repeat,
            "{length}"
        );
        assert_eq!(claimed_bytes(&*store, number), bytes, "{length}");
        let kept = store.letter(&identity(&*store, number).name).unwrap().unwrap();
        assert_eq!(kept.digest()[..], Sha256::digest(&bytes)[..], "{length}");
    }
    assert_eq!(store.backlog().unwrap().letters, 10);
}

/// What somebody changed in the database is not delivered.
#[test]
#[ignore = "needs PostgreSQL"]
fn a_letter_that_was_changed_in_the_database_is_never_sent() {
    let dir = tempfile::tempdir().unwrap();
    let database = fresh_database();
    let store = open(&settings(vec![shared().socket()], &database, &dir.path().join("spool")));
    let bytes: Vec<u8> = (0..600_000u32).map(|at| at as u8).collect();
    let changes = [
        "update konvolutt.part set body = set_byte(body, 1000, 7) where letter = N and n = 1",
        "update konvolutt.part set body = substr(body, 1, 1000) where letter = N and n = 2",
        "delete from konvolutt.part where letter = N and n = 1",
        "update konvolutt.part set n = n + 1 where letter = N and n = 2",
        "update konvolutt.letter set envelope = replace(envelope, 'b@authority', 'c@authority') where id = N",
        "update konvolutt.letter set envelope = '{}' where id = N",
        "update konvolutt.letter set length = length - 1 where id = N",
        "insert into konvolutt.part values (N, 3, 'more')",
    ];
    for (number, change) in (0u32..).zip(changes) {
        commit_bytes(&*store, number, &bytes).unwrap();
        let name = identity(&*store, number).name;
        let id = shared().sql(
            &database,
            &format!("select id from konvolutt.letter where name = '{name}'"),
        );
        shared().sql(&database, &change.replace('N', &id));
        let claimed = store.claim(&name);
        let harmless = claimed.as_ref().is_ok_and(|claim| {
            let mut read = Vec::new();
            claim
                .letter()
                .mail()
                .read_to_end(&mut read)
                .is_ok_and(|_| read == bytes)
        });
        assert!(claimed.is_err() || harmless, "{change}");
        if claimed.is_err() {
            assert_eq!(store.show(&name).unwrap().unwrap().state, State::Corrupt, "{change}");
        }
    }
    // The control.
    commit_bytes(&*store, 99, &bytes).unwrap();
    assert_eq!(claimed_bytes(&*store, 99), bytes);
}

/// In and out as a stream, whatever its length. The machine that the database is on keeps its own.
#[test]
#[ignore = "needs PostgreSQL"]
fn a_letter_of_35_mb_takes_no_more_than_8_mib_of_memory() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&settings(
        vec![shared().socket()],
        &fresh_database(),
        &dir.path().join("spool"),
    ));
    let chunk: Vec<u8> = (0..64 * 1024u32).map(|at| (at * 7) as u8).collect();
    let own = std::process::id();
    let pass = |number: u32, length: usize| {
        let mut most = 0;
        let mut pending = begun(&*store, b"").unwrap();
        let mut digest = Sha256::new();
        while (pending.length() as usize) < length {
            pending.write_all(&chunk).unwrap();
            digest.update(&chunk);
            most = most.max(resident(own));
        }
        pending.commit(&identity(&*store, number), &envelope(number)).unwrap();
        most = most.max(resident(own));
        let claim = store.claim(&identity(&*store, number).name).unwrap();
        let (mut mail, mut read, mut buffer) = (claim.letter().mail(), Sha256::new(), vec![0; 64 * 1024]);
        loop {
            let length = mail.read(&mut buffer).unwrap();
            if length == 0 {
                break;
            }
            read.update(&buffer[..length]);
            most = most.max(resident(own));
        }
        assert_eq!(read.finalize(), digest.finalize());
        claim.settle(Settlement::Delivered).unwrap();
        most
    };
    // Whatever is needed for any letter is there.
    pass(1, 2 * MIB);
    let before = resident(own);
    let most = pass(2, 35 * MIB);
    let grown = most.saturating_sub(before);
    eprintln!("35 MiB in and out: {} KiB more", grown / 1024);
    assert!(grown <= 8 * MIB as u64, "{grown}");
}
