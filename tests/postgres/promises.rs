//! What a receipt is: a commit of which nobody knows how it ended is none, and what is found later is promised only after a
//! write that waits for the second machine.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use konvolutt::store::{Committed, Proof, Settlement, State, Store, StoreError};

use super::faults::kinds::cancel_waits;
use super::{begun, claimed_bytes, commit, commit_bytes, envelope, identity, wait_for};
use crate::support::postgres::{Pair, Server, fresh_database, in_three_nets, open, other_node, settings, shared};

/// A commit that cannot end: the second machine is cut off meanwhile.
fn commit_that_waits(pair: &Pair, store: &Arc<dyn Store>, number: u32) -> JoinHandle<Result<Committed, StoreError>> {
    let (store, server) = (store.clone(), pair.primary());
    // Nothing but the end of the letter is left when the line is pulled.
    let (begin, is_begun) = std::sync::mpsc::channel();
    let (go, goes) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let pending = begun(&*store, format!("{number}").as_bytes())?;
        begin.send(()).unwrap();
        goes.recv().unwrap();
        pending.commit(&identity(&*store, number), &envelope(number))
    });
    is_begun.recv().unwrap();
    pair.standby_net().pull();
    go.send(()).unwrap();
    wait_for("a commit that waits", 10, || is_waiting(server));
    thread
}

fn is_waiting(server: &Server) -> Option<()> {
    let question = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
    (server.sql("postgres", question) != "0").then_some(())
}

/// The same letter is nobody's promise for as long as the second machine is away, whoever asks, and is one afterwards.
fn is_no_receipt(pair: &Pair, store: &dyn Store, number: u32) {
    let other = open(&pair.settings("b"));
    for store in [store, &*other] {
        assert!(!matches!(store.repeats(&identity(store, number)), Ok(true)));
        assert!(commit(store, number).is_err(), "a read is no promise");
    }
    pair.standby_net().mend();
    pair.until_replicated();
    wait_for("an answer", 60, || commit(store, number).ok());
    // The second machine may go once more, for as long as the first holds on to the line that was cut.
    assert!(wait_for("an answer", 60, || store
        .repeats(&identity(store, number))
        .ok()));
    assert_eq!(
        wait_for("an answer", 60, || commit(&*other, number).ok()),
        Committed::Repeat
    );
}

#[test]
#[ignore = "needs root, PostgreSQL, nftables"]
fn a_wait_that_was_cancelled_is_no_receipt() {
    if !in_three_nets("postgres::promises::a_wait_that_was_cancelled_is_no_receipt") {
        return;
    }
    let pair = Pair::start();
    let store = open(&pair.settings("a"));
    assert_eq!(commit(&*store, 1).unwrap(), Committed::New, "the control");
    let commit = commit_that_waits(&pair, &store, 2);
    cancel_waits(pair.primary());
    let done = commit.join().unwrap();
    assert!(matches!(done, Err(StoreError::InDoubt)), "{done:?}");
    // The row is there for everybody to see.
    assert_eq!(
        pair.primary().sql("konvolutt", "select count(*) from konvolutt.letter"),
        "2"
    );
    is_no_receipt(&pair, &*store, 2);
}

#[test]
#[ignore = "needs root, PostgreSQL, nftables"]
fn a_commit_whose_backend_was_terminated_is_no_receipt() {
    if !in_three_nets("postgres::promises::a_commit_whose_backend_was_terminated_is_no_receipt") {
        return;
    }
    let pair = Pair::start();
    let store = open(&pair.settings("a"));
    let commit = commit_that_waits(&pair, &store, 2);
    pair.primary().sql(
        "postgres",
        "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'",
    );
    let done = commit.join().unwrap();
    assert!(matches!(done, Err(StoreError::InDoubt)), "{done:?}");
    assert_eq!(
        pair.primary().sql("konvolutt", "select count(*) from konvolutt.letter"),
        "1"
    );
    is_no_receipt(&pair, &*store, 2);
}

/// The server never ends a wait by itself, and a citizen waits for an answer.
#[test]
#[ignore = "needs root, PostgreSQL, nftables"]
fn a_commit_that_takes_too_long_is_no_receipt() {
    if !in_three_nets("postgres::promises::a_commit_that_takes_too_long_is_no_receipt") {
        return;
    }
    let pair = Pair::start();
    let store = open(&pair.settings("a"));
    let since = Instant::now();
    let done = commit_that_waits(&pair, &store, 2).join().unwrap();
    assert!(matches!(done, Err(StoreError::InDoubt)), "{done:?}");
    assert!(since.elapsed() < Duration::from_secs(60), "{:?}", since.elapsed());
    is_no_receipt(&pair, &*store, 2);
}

/// What nobody promised may be gone with its machine. The page that is sent again is a new letter then, in whichever form
/// it was sealed.
#[test]
#[ignore = "needs root, PostgreSQL, nftables"]
fn what_was_in_doubt_and_is_lost_is_taken_anew() {
    if !in_three_nets("postgres::promises::what_was_in_doubt_and_is_lost_is_taken_anew") {
        return;
    }
    let mut pair = Pair::start();
    let store = open(&pair.settings("a"));
    assert_eq!(commit(&*store, 1).unwrap(), Committed::New);
    let done = commit_that_waits(&pair, &store, 2);
    cancel_waits(pair.primary());
    assert!(matches!(done.join().unwrap(), Err(StoreError::InDoubt)));
    pair.primary_mut().kill();
    pair.promote();
    // Not sooner: what the dead one had sent already would still arrive.
    pair.primary_net().mend();
    // It says yes on one machine: that is not what the operator chose.
    let closed = |store: &dyn Store| match commit(store, 3) {
        Err(StoreError::Unproven(why)) => Some(why),
        other => {
            assert!(other.is_err(), "{other:?}");
            None
        }
    };
    wait_for("the closed form", 60, || closed(&*store));
    pair.rebuild_standby();
    assert_eq!(
        wait_for("an open form", 60, || commit_bytes(&*store, 2, b"sealed anew").ok()),
        Committed::New
    );
    assert_eq!(claimed_bytes(&*store, 2), b"sealed anew");
    assert_eq!(commit(&*store, 1).unwrap(), Committed::Repeat);
}

/// A double click that a proxy sends to two nodes, and a repeat after the delivery by one of them.
#[test]
#[ignore = "needs PostgreSQL"]
fn the_same_page_on_two_nodes_is_one_letter_with_one_receipt() {
    let dir = tempfile::tempdir().unwrap();
    let on_a = settings(vec![shared().socket()], &fresh_database(), &dir.path().join("spool"));
    let on_b = other_node(&on_a, "b");
    let nodes = [open(&on_a), open(&on_b)];
    for number in 0..20u32 {
        // Each node seals by itself.
        let proof = |node: usize| Proof {
            accepted: 60,
            seal: [u8::try_from(node).unwrap(); 32],
        };
        let commit = |node: usize| {
            let store = &*nodes[node % 2];
            let mut pending = begun(store, format!("{number} sealed by {node}").as_bytes()).unwrap();
            pending.prove(proof(node));
            pending.commit(&identity(store, number), &envelope(number)).unwrap()
        };
        let found: Vec<Committed> = std::thread::scope(|scope| {
            let commits: Vec<_> = (0..4).map(|node| scope.spawn(move || commit(node))).collect();
            commits.into_iter().map(|commit| commit.join().unwrap()).collect()
        });
        let first: Vec<usize> = (0..4).filter(|at| found[*at] == Committed::New).collect();
        assert_eq!(first.len(), 1, "{found:?}");
        let expected = format!("{number} sealed by {}", first[0]).into_bytes();
        for store in &nodes {
            assert_eq!(store.proof(&identity(&**store, number)), Some(proof(first[0])));
            assert!(store.repeats(&identity(&**store, number)).unwrap());
            assert_eq!(claimed_bytes(&**store, number), expected);
        }
        let name = identity(&*nodes[0], number).name;
        assert_eq!(name, identity(&*nodes[1], number).name);
        let claim = nodes[number as usize % 2].claim(&name).unwrap();
        claim.settle(Settlement::Delivered).unwrap();
        for node in 0..4 {
            assert_eq!(commit(node), Committed::Repeat);
        }
        assert_eq!(nodes[0].show(&name).unwrap().unwrap().state, State::Delivered);
    }
    assert_eq!(nodes[1].list().unwrap().len(), 20);
}
