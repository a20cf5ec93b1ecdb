//! The whole program with its letters in a database: from two forms to the mailbox, and what a citizen sees on each bad day.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use konvolutt::store::postgres::Host;
use rustix::process::Signal;

use crate::support::postgres::{DATABASE, Server, Wishes, fresh_database, make_schema, settings, shared};
use crate::support::{Answer, Authority, Form, Options, World};

thread_local! {
    /// Of the next node: the lines of its configuration, and the secret that it gets.
    static NEXT: RefCell<(String, Option<PathBuf>)> = RefCell::default();
}

fn in_database(authority: &Authority) {
    NEXT.with_borrow(|(lines, secret)| {
        let config = std::fs::read_to_string(authority.config()).unwrap();
        std::fs::write(authority.config(), config + lines).unwrap();
        if let Some(secret) = secret {
            std::fs::create_dir_all(authority.root.join("spool")).unwrap();
            use std::os::unix::fs::PermissionsExt;
            let private = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(authority.root.join("spool"), private).unwrap();
            std::fs::copy(secret, authority.root.join("spool/secret")).unwrap();
        }
    });
}

/// A node of this name; the secret of its first one, if it is not the first.
fn node(name: &str, server: &Server, database: &str, first: Option<&World>, more: Options) -> World {
    let Host::Socket(directory, port) = server.socket() else {
        panic!("a socket")
    };
    let lines = format!(
        "\n[store.postgres]\nhosts = [\"{}:{port}\"]\ndatabase = \"{database}\"\nstandbys = 0\nnode = \"{name}\"\n",
        directory.display()
    );
    NEXT.set((lines, first.map(|world| world.root().join("spool/secret"))));
    World::with(Options {
        change: in_database,
        ..more
    })
}

/// A server with a database that is made ready by [`ready`].
fn server() -> Server {
    let server = Server::start(&Wishes {
        disk: Some(400),
        settings: &["max_wal_size = 64MB", "min_wal_size = 32MB"],
        ..Wishes::default()
    });
    server.sql("postgres", &format!("create database {DATABASE}"));
    server
}

fn ready(server: &Server, world: &World) {
    let told = settings(vec![server.socket()], DATABASE, &world.root().join("spool"));
    make_schema(&told);
}

fn is_receipt(answer: &Answer) -> bool {
    answer.status == 303 && answer.location().contains("/kvittering/")
}

/// No receipt, and what was typed is there all the same.
fn gives_back(world: &World, answer: &Answer) {
    let shown = world.follow(answer);
    assert!(shown.status >= 500, "{}", shown.status);
    assert!(
        shown.body.contains(&world.marker.text),
        "the text is gone: {}",
        shown.body
    );
    assert!(shown.body.contains("116 006"), "nobody says whom to phone");
}

/// The form is closed, and the alarm says why.
fn is_closed(world: &World, words: &[&str]) {
    world.until("the closed form", || world.get("/nn/s/skriv").status == 503);
    let alarm = world.root().join("spool/alarms/database");
    let text = || std::fs::read_to_string(&alarm).unwrap_or_default();
    world.until(&format!("an alarm that says {words:?}"), || {
        words.iter().any(|word| text().contains(word))
    });
}

fn is_open(world: &World) {
    world.until("the open form", || world.get("/nn/s/skriv").status == 200);
    let alarms = || world.files_in("spool/alarms");
    world.until("the end of the alarms", || {
        !alarms().iter().any(|file| file.to_string_lossy().contains("/database"))
    });
}

fn delivers(world: &World, form: &Form) {
    let before = world.sink.count();
    // The page may have been seen before the last trouble was noticed: it is the same letter each time.
    world.until("a receipt", || is_receipt(&form.send()));
    world.open(&world.sink.wait_for(before + 1).pop().unwrap().mail);
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_letter_goes_from_either_node_to_the_mailbox() {
    let database = fresh_database();
    let first = node("a", shared(), &database, None, Options::default());
    let second = node("b", shared(), &database, Some(&first), Options::default());
    let (one, two) = (first.marked_form(), second.marked_form());
    assert!(is_receipt(&one.send()) && is_receipt(&two.send()));
    let count = || first.sink.count() + second.sink.count();
    first.until("both letters", || count() == 2);
    // The proxy sends a repeat to the other node.
    let again = one.at(second.address).send();
    assert!(is_receipt(&again), "{}", again.body);
    assert_eq!(second.reference(&again), first.reference(&one.send()));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(count(), 2);
    // Either delivers alone.
    let (mut first, second) = (first, second);
    first.terminate();
    let before = second.sink.count();
    for _ in 0..3 {
        assert!(is_receipt(&second.marked_form().send()));
    }
    second.sink.wait_for(before + 3);
    let listed = second.konvolutt(&["queue", "list", "--json"]);
    let listed: Vec<serde_json::Value> = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed.iter().filter(|letter| letter["state"] == "delivered").count(), 5);
}

/// Also a relay that is killed: the other one delivers what it had.
#[test]
#[ignore = "needs PostgreSQL"]
fn what_a_killed_relay_had_is_delivered_by_the_other_within_half_a_minute() {
    let database = fresh_database();
    let mut first = node("a", shared(), &database, None, Options::default());
    let gate = first.sink.gate.clone();
    let held = gate.lock().unwrap();
    assert!(is_receipt(&first.marked_form().send()));
    let question = "select count(*) from konvolutt.letter where node = 'a' and until > now()";
    first.until("the delivery that hangs", || shared().sql(&database, question) == "1");
    let second = node("b", shared(), &database, Some(&first), Options::default());
    let killed = std::time::Instant::now();
    first.kill();
    second.sink.wait_for(1);
    let took = killed.elapsed();
    eprintln!("delivered by the other after {:.1} s", took.as_secs_f64());
    assert!(took < Duration::from_secs(30), "{took:?}");
    drop(held);
}

/// Nobody sends it a third time, and the operator is told that it may have come twice.
#[test]
#[ignore = "needs PostgreSQL"]
fn a_claim_that_was_lost_while_its_letter_was_delivered_is_told() {
    let database = fresh_database();
    let world = node("a", shared(), &database, None, Options::default());
    let gate = world.sink.gate.clone();
    let held = gate.lock().unwrap();
    assert!(is_receipt(&world.marked_form().send()));
    let question = "select count(*) from konvolutt.letter where node = 'a' and until > now()";
    world.until("the delivery that hangs", || shared().sql(&database, question) == "1");
    shared().sql(
        &database,
        "update konvolutt.letter set owner = 'another', node = 'z', until = now() + interval '3 s'",
    );
    drop(held);
    world.until("a word about it", || world.log().contains("may be sent twice"));
    world.until("the delivery by who has it now", || world.sink.count() == 2);
    let mails = world.sink.mails();
    assert_eq!(mails[0].mail, mails[1].mail);
}

#[test]
#[ignore = "needs root, PostgreSQL"]
fn a_database_that_is_away_closes_the_form_until_it_is_back() {
    let mut server = server();
    server.stop();
    // At the start.
    let world = node("a", &server, DATABASE, None, Options::default());
    is_closed(&world, &["server", "connect", "socket"]);
    assert!(server.run());
    is_closed(&world, &["does not exist", "migrate"]);
    ready(&server, &world);
    is_open(&world);
    delivers(&world, &world.marked_form());

    // Between the page and the letter.
    let form = world.marked_form();
    server.kill();
    gives_back(&world, &form.send());
    is_closed(&world, &[""]);
    assert!(server.run());
    is_open(&world);
    delivers(&world, &form);

    // In the middle of an upload, and back before its end, or not.
    for is_back in [true, false] {
        let form = world.marked_form().file("vedlegg", "stor.pdf", &vec![b'x'; 2_500_000]);
        let bytes = form.bytes();
        let mut stream = TcpStream::connect(world.address).unwrap();
        stream.write_all(&bytes[..1_500_000]).unwrap();
        server.kill();
        if is_back {
            assert!(server.run());
        }
        std::thread::sleep(Duration::from_secs(2));
        stream.write_all(&bytes[1_500_000..]).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
        assert!(is_back || !answer.contains("/kvittering/"), "{answer}");
        if !is_back {
            assert!(server.run());
        }
        is_open(&world);
        delivers(&world, &world.marked_form());
    }
}

/// In the middle of a commit: it answers nothing any more, and then it does again.
#[test]
#[ignore = "needs root, PostgreSQL"]
fn a_database_that_falls_silent_gives_no_receipt() {
    let server = server();
    let world = node("a", &server, DATABASE, None, Options::default());
    ready(&server, &world);
    is_open(&world);
    let form = world.marked_form();
    server.freeze();
    let answer = form.send();
    server.wake();
    gives_back(&world, &answer);
    is_open(&world);
    delivers(&world, &form);
    // Also where the first had come through in the end: one letter.
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(world.sink.count(), 1);
}

#[test]
#[ignore = "needs root, PostgreSQL"]
fn a_database_whose_disk_is_full_gives_no_receipt_until_there_is_room() {
    let mut server = server();
    let world = node("a", &server, DATABASE, None, Options::default());
    ready(&server, &world);
    is_open(&world);
    delivers(&world, &world.marked_form());
    server.take_room();
    // The file of the log that is there may have room for some.
    let mut given = 0;
    let refused = loop {
        let form = world.marked_form().file("vedlegg", "stor.pdf", &vec![b'x'; 2_500_000]);
        let answer = form.send();
        if !is_receipt(&answer) {
            break (form, answer);
        }
        given += 1;
        assert!(given < 50, "a full disk takes everything");
    };
    gives_back(&world, &refused.1);
    server.give_room();
    std::thread::sleep(Duration::from_secs(1));
    if !server.runs() {
        assert!(server.run());
    }
    is_open(&world);
    world.sink.wait_for(1 + given);
    delivers(&world, &refused.0);
}

#[test]
#[ignore = "needs root, PostgreSQL"]
fn what_is_wrong_with_a_database_is_said_and_ends_by_itself() {
    let server = server();
    let world = node("a", &server, DATABASE, None, Options::default());
    ready(&server, &world);
    is_open(&world);
    let everybody = "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'konvolutt%'";
    let version = |version: &str| format!("update konvolutt.about set value = {version} where key = 'version'");
    let cases: [(&str, String, String, &[&str]); 5] = [
        (
            "read-only",
            format!("alter database {DATABASE} set default_transaction_read_only = on"),
            format!("alter database {DATABASE} reset default_transaction_read_only"),
            &["read-only"],
        ),
        (
            "a role without rights",
            "revoke usage on schema konvolutt from konvolutt_web".to_owned(),
            "grant usage on schema konvolutt to konvolutt_web".to_owned(),
            &["permission denied"],
        ),
        (
            "a role that may not come",
            "alter role konvolutt_web nologin".to_owned(),
            "alter role konvolutt_web login".to_owned(),
            &["not permitted to log in"],
        ),
        (
            "an old schema",
            version("'0'"),
            version("'1'"),
            &["konvolutt store migrate"],
        ),
        (
            "a disk that is not waited for",
            "alter role konvolutt_web set synchronous_commit = off".to_owned(),
            "alter role konvolutt_web reset synchronous_commit".to_owned(),
            &["synchronous_commit"],
        ),
    ];
    for (what, spoil, mend, words) in cases {
        let form = world.marked_form();
        server.sql(DATABASE, &spoil);
        server.sql(DATABASE, everybody);
        gives_back(&world, &form.send());
        is_closed(&world, words);
        let told = world.konvolutt(&["alarms", "list"]);
        assert!(
            String::from_utf8_lossy(&told.stdout).contains("database"),
            "{what}: {told:?}"
        );
        // Nobody changes anything from inside a database that is read-only.
        server.sql(
            if mend.starts_with("alter") {
                "postgres"
            } else {
                DATABASE
            },
            &mend,
        );
        server.sql(DATABASE, everybody);
        is_open(&world);
        delivers(&world, &form);
    }
    // A server that is told to read its settings again is not asked to do more.
    server.signal(Signal::HUP);
    delivers(&world, &world.marked_form());
}
