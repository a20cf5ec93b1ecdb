//! A claim is a row with an owner and a time of the database: whoever is gone has it for a while, and then another delivers.

use std::io::Read;
use std::thread::sleep;
use std::time::{Duration, Instant};

use konvolutt::store::{ClaimError, Committed, Settlement, State, Status};

use super::{commit, identity, wait_for};
use crate::support::postgres::{
    DATABASE, Server, Wishes, fresh_database, make_schema, open, other_node, settings, shared,
};
use konvolutt::store::postgres::Settings;

/// What a letter may wait for a relay that is gone.
const LEASE: Duration = Duration::from_secs(30);

fn two_nodes(dir: &tempfile::TempDir) -> [Settings; 2] {
    let on_a = settings(vec![shared().socket()], &fresh_database(), &dir.path().join("spool"));
    [on_a.clone(), other_node(&on_a, "b")]
}

/// A delivery that takes longer than a lease is still one relay's.
#[test]
#[ignore = "needs PostgreSQL"]
fn a_long_delivery_is_renewed_and_nobody_else_begins_it() {
    let dir = tempfile::tempdir().unwrap();
    let [a, b] = two_nodes(&dir).map(|settings| open(&settings));
    assert_eq!(commit(&*a, 1).unwrap(), Committed::New);
    let name = identity(&*a, 1).name;
    let claim = a.claim(&name).unwrap();
    let end = Instant::now() + LEASE + Duration::from_secs(5);
    while Instant::now() < end {
        match b.claim(&name) {
            Err(ClaimError::Busy(Some(by))) => assert_eq!(by.node.as_deref(), Some("a")),
            other => panic!("{:?}", other.err()),
        }
        sleep(Duration::from_secs(1));
    }
    claim.settle(Settlement::Delivered).unwrap();
    assert!(matches!(b.claim(&name), Err(ClaimError::Gone)));
}

/// By the clock of the database, whatever those of the nodes say; and the relay that lost its letter undoes nothing that the
/// other did.
#[test]
#[ignore = "needs PostgreSQL"]
fn a_claim_that_was_lost_meanwhile_settles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let [on_a, on_b] = two_nodes(&dir);
    let (a, b) = (open(&on_a), open(&on_b));
    assert_eq!(commit(&*a, 1).unwrap(), Committed::New);
    let name = identity(&*a, 1).name;
    let claim = a.claim(&name).unwrap();
    let mut bytes = Vec::new();
    claim.letter().mail().read_to_end(&mut bytes).unwrap();
    // As after a long silence: nothing was renewed, and the time is over.
    shared().sql(
        &on_a.database,
        "update konvolutt.letter set until = now() - interval '1 second'",
    );
    let second = b.claim(&name).unwrap();
    claim.settle(Settlement::Held(Status::default())).unwrap();
    let shown = b.show(&name).unwrap().unwrap();
    assert_eq!(
        (shown.state, shown.in_flight.unwrap().node.as_deref()),
        (State::Waiting, Some("b"))
    );
    second.settle(Settlement::Delivered).unwrap();
    assert_eq!(a.show(&name).unwrap().unwrap().state, State::Delivered);
}

/// A clock of the database that goes ahead and back lets a letter wait no longer than a lease.
#[test]
#[ignore = "needs PostgreSQL, faketime"]
fn a_clock_that_jumps_keeps_no_letter_away() {
    let server = Server::start(&Wishes {
        own_clock: true,
        ..Wishes::default()
    });
    let dir = tempfile::tempdir().unwrap();
    server.sql("postgres", &format!("create database {DATABASE}"));
    let settings = settings(vec![server.socket()], DATABASE, &dir.path().join("spool"));
    make_schema(&settings);
    let store = open(&settings);
    server.shift_clock(7_200);
    assert_eq!(wait_for("a letter", 30, || commit(&*store, 1).ok()), Committed::New);
    let name = identity(&*store, 1).name;
    let claim = store.claim(&name).unwrap();
    // Its relay is gone, and so are the two hours.
    std::mem::forget(claim);
    server.sql(
        "postgres",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'konvolutt_relay'",
    );
    server.shift_clock(0);
    let other = open(&other_node(&settings, "b"));
    drop(store);
    let seconds = LEASE.as_secs();
    let claim = wait_for("the letter of a relay that is gone", seconds, || {
        other.claim(&name).ok()
    });
    claim.settle(Settlement::Delivered).unwrap();
}

/// Each of two nodes delivers what the other does not, and one of them does what is to be done once.
#[test]
#[ignore = "needs PostgreSQL"]
fn any_number_of_relays_deliver_each_letter_once() {
    let dir = tempfile::tempdir().unwrap();
    let nodes = two_nodes(&dir).map(|settings| open(&settings));
    let _leases = nodes.each_ref().map(|node| node.lease().unwrap());
    for number in 0..120 {
        assert_eq!(commit(&*nodes[0], number).unwrap(), Committed::New);
    }
    let delivered: Vec<Vec<String>> = std::thread::scope(|scope| {
        let relays: Vec<_> = (0..4)
            .map(|relay| {
                let store = &*nodes[relay % 2];
                scope.spawn(move || {
                    let mut own = Vec::new();
                    for (name, _) in store.waiting().unwrap() {
                        if let Ok(claim) = store.claim(&name) {
                            own.push(name);
                            claim.settle(Settlement::Delivered).unwrap();
                        }
                    }
                    own
                })
            })
            .collect();
        relays.into_iter().map(|relay| relay.join().unwrap()).collect()
    });
    assert!(nodes[0].leads().unwrap() && !nodes[1].leads().unwrap());
    let shares: Vec<usize> = delivered.iter().map(Vec::len).collect();
    assert!(shares.iter().filter(|share| **share > 0).count() > 1, "{shares:?}");
    let mut all: Vec<&String> = delivered.iter().flatten().collect();
    all.sort();
    all.dedup();
    assert_eq!((all.len(), shares.iter().sum::<usize>()), (120, 120));
    assert_eq!(nodes[1].backlog().unwrap().letters, 0);
}
