//! What each of the three users may do in the database: an act each. What the store needs is tried by all other tests; here,
//! what somebody could do who has a side's password and nothing else.

use std::io::Write;

use konvolutt::store::Settlement;

use super::{begun, commit, envelope, identity};
use crate::support::postgres::{USERS, fresh_database, open, settings, shared};

/// Tries statements as one user, on letters of every kind.
struct Rights {
    database: String,
    user: &'static str,
}

impl Rights {
    fn may(&self, statement: &str) {
        let done = shared().try_sql(self.user, &self.database, &undone(statement));
        assert!(done.is_ok(), "{} may not: {statement}\n{done:?}", self.user);
    }

    fn may_not(&self, statement: &str) {
        let done = shared().try_sql(self.user, &self.database, &undone(statement));
        let refused = done
            .as_ref()
            .is_err_and(|error| error.contains("permission denied") || error.contains("must be owner"));
        assert!(refused, "{} may: {statement}\n{done:?}", self.user);
        // The control: the statement is right, and its owner may.
        let done = shared().try_sql(crate::support::postgres::OWNER, &self.database, &undone(statement));
        assert!(done.is_ok(), "nobody may: {statement}\n{done:?}");
    }
}

/// Each act is taken back.
fn undone(statement: &str) -> String {
    format!("begin; {statement}; rollback")
}

/// A database with a waiting, a held and a delivered letter, one of them of several parts.
fn with_letters() -> String {
    let dir = tempfile::tempdir().unwrap();
    let database = fresh_database();
    let store = open(&settings(vec![shared().socket()], &database, &dir.path().join("spool")));
    for number in 1..=3 {
        commit(&*store, number).unwrap();
    }
    let mut large = begun(&*store, &vec![7; 600_000]).unwrap();
    large.flush().unwrap();
    large.commit(&identity(&*store, 4), &envelope(4)).unwrap();
    store.hold(&identity(&*store, 2).name).unwrap();
    let claim = store.claim(&identity(&*store, 3).name).unwrap();
    claim.settle(Settlement::Delivered).unwrap();
    store.set_note("note", b"told").unwrap();
    assert!(store.leads().unwrap());
    database
}

const NEW: &str = "insert into konvolutt.letter (name, mailbox, size, length, digest, envelope)
    values (repeat('a', 64), 'm', 1, 1, 'x', '{}')";

#[test]
#[ignore = "needs PostgreSQL"]
fn the_web_side_brings_letters_and_asks_by_name_and_nothing_else() {
    let web = Rights {
        database: with_letters(),
        user: USERS[0],
    };
    web.may(NEW);
    web.may("insert into konvolutt.part (letter, n, body) values (77, 0, 'x')");
    web.may("select proof, state, size from konvolutt.letter");
    web.may("update konvolutt.letter set seen = seen + 1");
    for statement in [
        "select body from konvolutt.part",
        "select letter from konvolutt.part",
        "select envelope from konvolutt.letter",
        "select digest from konvolutt.letter",
        "select status from konvolutt.letter",
        "select * from konvolutt.letter",
        "update konvolutt.letter set state = 'delivered'",
        "update konvolutt.letter set name = repeat('b', 64) where state = 'held'",
        "update konvolutt.letter set mailbox = 'mine'",
        "update konvolutt.letter set until = now()",
        "update konvolutt.letter set kept = false",
        "update konvolutt.part set body = 'x'",
        "delete from konvolutt.letter",
        "delete from konvolutt.part",
        "truncate konvolutt.part",
        "select owner from konvolutt.leader",
        "delete from konvolutt.leader",
        "update konvolutt.node set place = 'here'",
        "update konvolutt.about set value = ''",
        "select value from konvolutt.about",
        "delete from konvolutt.note",
        "create table konvolutt.own (a int)",
        "alter table konvolutt.letter disable trigger all",
        "drop table konvolutt.part",
    ] {
        web.may_not(statement);
    }
    // A letter that came is whole at once: nobody brings one that was delivered already, or of another time.
    web.may_not(
        "insert into konvolutt.letter (name, mailbox, size, length, digest, envelope, state)
         values (repeat('a', 64), 'm', 1, 1, 'x', '{}', 'delivered')",
    );
    web.may_not(
        "insert into konvolutt.letter (name, mailbox, size, length, digest, envelope, came)
         values (repeat('a', 64), 'm', 1, 1, 'x', '{}', 5)",
    );
}

#[test]
#[ignore = "needs PostgreSQL"]
fn the_relay_reads_and_moves_and_brings_nothing() {
    let relay = Rights {
        database: with_letters(),
        user: USERS[1],
    };
    relay.may("select * from konvolutt.letter, konvolutt.part");
    relay.may("update konvolutt.letter set state = 'held' where state = 'waiting'");
    relay.may("delete from konvolutt.part where letter in (select id from konvolutt.letter where state = 'delivered')");
    for statement in [
        NEW,
        "insert into konvolutt.part (letter, n, body) values (77, 0, 'x')",
        "update konvolutt.part set body = 'x'",
        "update konvolutt.letter set envelope = '{}'",
        "update konvolutt.letter set digest = 'x'",
        "update konvolutt.letter set name = repeat('b', 64) where state = 'held'",
        "update konvolutt.letter set mailbox = 'mine'",
        "update konvolutt.letter set proof = 'x'",
        "update konvolutt.about set value = ''",
        "truncate konvolutt.letter",
        "delete from konvolutt.note",
        "select nextval('konvolutt.letter_id')",
        "create table konvolutt.own (a int)",
        "drop table konvolutt.part",
    ] {
        relay.may_not(statement);
    }
}

#[test]
#[ignore = "needs PostgreSQL"]
fn the_operator_shows_moves_and_discards_and_brings_nothing() {
    let operator = Rights {
        database: with_letters(),
        user: USERS[2],
    };
    operator.may("select * from konvolutt.letter, konvolutt.part, konvolutt.about");
    operator.may("update konvolutt.letter set state = 'held'");
    operator.may("delete from konvolutt.part");
    for statement in [
        NEW,
        "insert into konvolutt.part (letter, n, body) values (77, 0, 'x')",
        "update konvolutt.part set body = 'x'",
        "update konvolutt.letter set envelope = '{}'",
        "update konvolutt.letter set digest = 'x'",
        "update konvolutt.letter set name = repeat('b', 64) where state = 'held'",
        "update konvolutt.letter set owner = 'me'",
        "delete from konvolutt.letter",
        "truncate konvolutt.part",
        "update konvolutt.leader set owner = 'me'",
        "update konvolutt.node set place = 'here'",
        "update konvolutt.about set value = ''",
        "create table konvolutt.own (a int)",
        "drop table konvolutt.part",
    ] {
        operator.may_not(statement);
    }
}

/// Others of the same server have no business there.
#[test]
#[ignore = "needs PostgreSQL"]
fn a_stranger_may_nothing() {
    let database = with_letters();
    shared().sql("postgres", "create role another_program login");
    let stranger = Rights {
        database,
        user: "another_program",
    };
    for statement in [
        "select name from konvolutt.letter",
        "select body from konvolutt.part",
        "select fsync from konvolutt.durability(0)",
        NEW,
    ] {
        stranger.may_not(statement);
    }
}
