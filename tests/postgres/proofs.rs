//! A connection proves itself before it is used. One that does not closes the form, with words that say what is wrong, and
//! the form opens by itself when it is right.

use std::sync::Arc;
use std::time::{Duration, Instant};

use konvolutt::store::postgres::{Login, Settings};
use konvolutt::store::{Budget, Committed, Share, Size, Store, StoreError};

use super::{commit, wait_for};
use crate::support::postgres::{DATABASE, Pair, Server, USERS, Wishes, in_three_nets, make_schema, open, settings};

/// How long a look may be believed.
const SOON: u64 = 30;

/// Why the store takes no letter now; `None` while it takes them.
fn closed(store: &dyn Store) -> Option<String> {
    let nobody = konvolutt::owner::Owner::default();
    let no_size = Size { waiting: 0, on_disk: 0 };
    let budget = Budget {
        mailbox: "postmottak",
        bytes: 1 << 40,
        largest: no_size,
        owner: &nobody,
    };
    // The look that the form is opened by, and a letter.
    match store.reserve(budget, no_size, Share::Text).map(drop) {
        Err(StoreError::Unproven(why)) => Some(why),
        other => {
            other.unwrap();
            None
        }
    }
}

/// It closes with a word that tells the trouble apart; nothing is promised meanwhile.
fn closes(store: &dyn Store, trouble: &str, words: &[&str]) {
    let (mut said, end) = (None, Instant::now() + Duration::from_secs(SOON));
    // What the trouble before was is said for a moment longer.
    let is_right = |why: &String| words.iter().any(|word| why.contains(word));
    while !said.as_ref().is_some_and(is_right) {
        assert!(Instant::now() < end, "{trouble}: {said:?}");
        std::thread::sleep(Duration::from_millis(50));
        said = commit(store, 7).err().and_then(|_| closed(store));
    }
    let done = commit(store, 8);
    assert!(matches!(done, Err(StoreError::Unproven(_))), "{trouble}: {done:?}");
}

fn opens(store: &dyn Store, after: &str) {
    wait_for(&format!("the form open after {after}"), SOON, || {
        closed(store).is_none().then_some(())
    });
    wait_for(&format!("a letter after {after}"), SOON, || commit(store, 9).ok());
}

/// A server of its own with a store in it; what the store is told.
fn alone() -> (Server, tempfile::TempDir, Settings) {
    let (server, dir) = (Server::start(&Wishes::default()), tempfile::tempdir().unwrap());
    server.sql("postgres", &format!("create database {DATABASE}"));
    let settings = settings(vec![server.socket()], DATABASE, &dir.path().join("spool"));
    make_schema(&settings);
    (server, dir, settings)
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_server_that_keeps_nothing_through_a_power_cut_closes_the_form() {
    let (server, _dir, settings) = alone();
    let store = open(&settings);
    assert_eq!(commit(&*store, 1).unwrap(), Committed::New);
    for (setting, good) in [("fsync", "on"), ("full_page_writes", "on")] {
        server.set(&[&format!("{setting} = off")]);
        closes(&*store, setting, &[setting]);
        // Also who comes new.
        closes(&*open(&settings), setting, &[setting]);
        server.set(&[&format!("{setting} = {good}")]);
        opens(&*store, setting);
    }
}

/// The session's own word counts, and whoever changes it for the user is not believed either.
#[test]
#[ignore = "needs root, PostgreSQL, nftables"]
fn a_commit_that_does_not_wait_is_never_believed() {
    if !in_three_nets("postgres::proofs::a_commit_that_does_not_wait_is_never_believed") {
        return;
    }
    let pair = Pair::start();
    let server = pair.primary();
    for value in ["off", "local", "remote_write"] {
        server.set(&[&format!("synchronous_commit = {value}")]);
        let user = format!("alter role konvolutt_web set synchronous_commit = '{value}'");
        server.sql("postgres", &user);
        pair.until_replicated();
        let store = open(&pair.settings("a"));
        pair.standby().freeze();
        // Either it says why not, or the session waits for the second machine all the same, and does not know.
        let done = commit(&*store, 2);
        pair.standby().wake();
        match &done {
            Err(StoreError::InDoubt) => {}
            Err(StoreError::Unproven(why)) => assert!(why.contains("synchronous_commit"), "{why}"),
            other => panic!("{value}: {other:?}"),
        }
    }
    server.set(&["synchronous_commit = on"]);
    server.sql("postgres", "alter role konvolutt_web reset synchronous_commit");
    opens(&*open(&pair.settings("a")), "synchronous_commit");
}

#[test]
#[ignore = "needs root, PostgreSQL, nftables"]
fn too_few_machines_close_the_form() {
    if !in_three_nets("postgres::proofs::too_few_machines_close_the_form") {
        return;
    }
    let mut pair = Pair::start();
    let store = open(&pair.settings("a"));
    assert_eq!(commit(&*store, 1).unwrap(), Committed::New);

    pair.standby_mut().stop();
    closes(&*store, "a standby that is gone", &["standby"]);
    assert!(pair.standby_mut().run());
    pair.until_replicated();
    opens(&*store, "a standby that is gone");

    // There, and waited for by nobody.
    let names = pair.primary().sql("postgres", "show synchronous_standby_names");
    pair.primary().set(&["synchronous_standby_names = ''"]);
    closes(&*store, "no names", &["standby", "synchronous_standby_names"]);
    pair.primary().set(&[&format!("synchronous_standby_names = '{names}'")]);
    pair.until_replicated();
    opens(&*store, "no names");

    // More than there are.
    let two = open(&Settings {
        standbys: 2,
        ..pair.settings("a")
    });
    closes(&*two, "two wanted", &["standby"]);

    // Only the one that takes no writes.
    let mut only_the_other = pair.settings("a");
    only_the_other.hosts.remove(0);
    let reads = open(&only_the_other);
    closes(&*reads, "a standby alone", &["standby", "recovery", "writes"]);
    pair.primary_mut().kill();
    closes(&*store, "a primary that is gone", &[""]);
    pair.promote();
    pair.rebuild_standby();
    opens(&*reads, "a promotion");
    opens(&*store, "a promotion");
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_server_that_lets_nobody_write_closes_the_form() {
    let (server, _dir, settings) = alone();
    let store = open(&settings);
    opens(&*store, "the start");
    server.sql(
        "postgres",
        &format!("alter database {DATABASE} set default_transaction_read_only = on"),
    );
    server.sql(
        "postgres",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'konvolutt%'",
    );
    closes(&*store, "a database that is read-only", &["read-only"]);
    server.sql(
        "postgres",
        &format!("alter database {DATABASE} reset default_transaction_read_only"),
    );
    server.sql(
        "postgres",
        "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'konvolutt%'",
    );
    opens(&*store, "a database that lets write");
}

/// Another secret gives other names: the same page would be another letter on each node.
#[test]
#[ignore = "needs PostgreSQL"]
fn another_secret_is_refused() {
    let (_server, dir, settings) = alone();
    opens(&*open(&settings), "the first node");
    let stranger = Settings {
        local: konvolutt::store::files::Settings::at(dir.path().join("other")),
        node: "b".to_owned(),
        ..settings.clone()
    };
    closes(&*open(&stranger), "another secret", &["secret"]);
    // And the first goes on.
    assert_eq!(commit(&*open(&settings), 2).unwrap(), Committed::New);
}

/// Who comes as another user than configured can do less or more than it should.
#[test]
#[ignore = "needs PostgreSQL"]
fn a_wrong_user_is_refused() {
    let (server, _dir, settings) = alone();
    server.sql("postgres", "create role stranger login");
    for user in ["stranger", "nobody_at_all", USERS[1]] {
        let wrong = Settings {
            web: Login::named(user),
            ..settings.clone()
        };
        let store = open(&wrong);
        wait_for(&format!("the form closed to {user}"), SOON, || commit(&*store, 2).err());
        assert!(commit(&*store, 3).is_err(), "{user}");
    }
    assert_eq!(server.sql(DATABASE, "select count(*) from konvolutt.letter"), "0");
    assert_eq!(commit(&*open(&settings), 2).unwrap(), Committed::New);
}

/// A program and a schema that do not know each other.
#[test]
#[ignore = "needs PostgreSQL"]
fn a_schema_of_another_version_closes_the_form() {
    let (server, _dir, settings) = alone();
    let store = open(&settings);
    opens(&*store, "the start");
    let set = |version: &str| {
        let statement = format!("update konvolutt.about set value = {version} where key = 'version'");
        server.sql(DATABASE, &statement);
    };
    for (version, words) in [
        ("'0'", "konvolutt store migrate"),
        ("(value::int + 1)::text", "newer version"),
    ] {
        let before = server.sql(DATABASE, "select value from konvolutt.about where key = 'version'");
        set(version);
        let fresh: Arc<dyn Store> = open(&settings);
        closes(&*fresh, version, &[words]);
        // Also who was there before.
        closes(&*store, version, &[words]);
        set(&format!("'{before}'"));
        opens(&*fresh, version);
    }
    // Nothing there at all.
    server.sql("postgres", "create database bare");
    let bare = open(&Settings {
        database: "bare".to_owned(),
        ..settings
    });
    closes(&*bare, "no schema", &["schema", "migrate"]);
}
