//! What no real server does on purpose.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use postrom::ledger::{Act, State};

use super::super::office::{Office, until, until_read};
use super::script::Script;
use super::{open, plan, told};
use crate::program::desk::reference;
use crate::support::Sent;

pub(super) fn letters(office: &Office, count: u32) -> Vec<Vec<u8>> {
    let mail = |number| {
        office
            .desk
            .mail(&Sent::new(&reference(number), &format!("Brev {number}.")))
    };
    (0..count).map(mail).collect()
}

/// Every command of a desk that only reads, until it is locked.
#[test]
fn a_desk_that_only_reads_says_nothing_that_changes_anything() {
    let office = Office::new();
    let script = Script::new(
        "SASL-IR AUTH=PLAIN IDLE MOVE CONDSTORE UIDPLUS",
        letters(&office, 3),
        Box::new(|_| None),
    );
    let address = script.serve(&office);
    let (room, open) = open(plan(&office, "kari", address));
    until_read(&open, 3);
    room.act(1, Act::Opened).unwrap();
    room.act(1, Act::Taken).unwrap();
    assert!(open.session.files(1).unwrap().count() > 0);
    room.lock();
    let heard = script.heard.lock().unwrap();
    let may = [
        "CAPABILITY",
        "AUTHENTICATE PLAIN ",
        "EXAMINE \"INBOX\"",
        "UID SEARCH ALL",
        "IDLE",
        "NOOP",
    ];
    for command in heard.iter() {
        let peeks = command.starts_with("UID FETCH ")
            && (command.ends_with("(UID RFC822.SIZE)") || command.ends_with("(UID BODY.PEEK[])"));
        assert!(peeks || may.iter().any(|may| command.starts_with(may)), "{command}");
    }
    assert!(heard.iter().any(|command| command.contains("BODY.PEEK[]")));
}

/// A search that is refused or cut is no empty mailbox, and a server that says nothing new by itself is asked.
#[test]
fn a_list_is_never_emptied_by_a_server_in_trouble() {
    let office = Office::new();
    let (refuses, hangs_up, searched) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let (no, gone, count) = (Arc::clone(&refuses), Arc::clone(&hangs_up), Arc::clone(&searched));
    let instead = move |command: &str| {
        if command != "UID SEARCH ALL" {
            // Something new, so that it searches again.
            return (command == "NOOP").then(|| "* 9 EXISTS\r\nTAG OK\r\n".to_owned());
        }
        count.fetch_add(1, Ordering::Relaxed);
        match (no.load(Ordering::Relaxed), gone.load(Ordering::Relaxed)) {
            (true, _) => Some("TAG NO [UNAVAILABLE] Not now.\r\n".to_owned()),
            (_, true) => Some(String::new()),
            _ => None,
        }
    };
    let script = Script::new("SASL-IR AUTH=PLAIN", letters(&office, 3), Box::new(instead));
    let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
    until_read(&open, 3);
    refuses.store(true, Ordering::Relaxed);
    let said = told(&open);
    assert!(said.contains("Not now"), "{said}");
    refuses.store(false, Ordering::Relaxed);
    until("well again", || open.session.progress().away.is_none());
    hangs_up.store(true, Ordering::Relaxed);
    let said = told(&open);
    assert!(said.contains("ended the connection"), "{said}");
    let before = searched.load(Ordering::Relaxed);
    until("it was tried again", || searched.load(Ordering::Relaxed) > before);
    until_read(&open, 3);
}

#[test]
fn what_is_no_imap_over_tls_is_told() {
    let office = Office::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.unwrap().write_all(b"* OK no TLS here\r\n");
        }
    });
    office.desk.put(
        "ca.pem",
        super::certificate::Certificate::of("localhost", 2099).authority,
    );
    let (_room, plain) = open(plan(&office, "kari", format!("imaps://post@localhost:{port}/")));
    let said = told(&plain);
    assert!(said.contains("no encrypted connection"), "{said}");
    for (greeting, wanted) in [
        ("HTTP/1.1 400 Bad Request\r\n", "is no IMAP server"),
        ("* BYE Too many connections.\r\n", "It says: Too many connections."),
    ] {
        let instead = move |command: &str| (command == "GREETING").then(|| greeting.to_owned());
        let script = Script::new("", Vec::new(), Box::new(instead));
        let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
        let said = told(&open);
        assert!(said.contains(wanted), "{said}");
    }
}

/// No length that is only announced is believed, no bracket followed for ever, no mail left out silently.
#[test]
fn a_hostile_server_costs_nothing_but_its_own_list() {
    let office = Office::new();
    let instead = |command: &str| match command {
        "UID SEARCH ALL" => Some(format!("* SEARCH {}\r\nTAG OK\r\n", "1 ".repeat(3_000_000))),
        _ => None,
    };
    let script = Script::new("SASL-IR AUTH=PLAIN IDLE", Vec::new(), Box::new(instead));
    let (_room, endless) = open(plan(&office, "kari", script.serve(&office)));
    let said = told(&endless);
    assert!(said.contains("more than any mailbox has to say"), "{said}");

    let deep = "(".repeat(500_000);
    let instead = move |command: &str| match command {
        _ if command.ends_with("RFC822.SIZE)") => Some(
            // A date that is none, which no reader of such answers has to bear.
            "* 1 FETCH (UID 1 INTERNALDATE NIL)\r\n\
             * 1 FETCH (UID 1 RFC822.SIZE 900000)\r\n* 2 FETCH (UID 2 RFC822.SIZE 3000000000)\r\nTAG OK\r\n"
                .to_owned(),
        ),
        _ if command.ends_with("BODYSTRUCTURE)") => {
            Some(format!("* 1 FETCH (UID 1 BODYSTRUCTURE {deep}\r\nTAG OK\r\n"))
        }
        _ if command.starts_with("UID FETCH 3 (UID BODY") || command.starts_with("UID FETCH 3:4 (UID BODY") => {
            Some("TAG NO [SERVERBUG] This one is damaged.\r\n".to_owned())
        }
        _ => None,
    };
    let script = Script::new("SASL-IR AUTH=PLAIN IDLE", letters(&office, 4), Box::new(instead));
    let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
    until_read(&open, 2);
    until("the others are told", || {
        let post = open.session.post();
        let list = post.list(postrom::desk::post::Sort::CouldNotBeOpened, "", "kari", &|_| {
            Default::default()
        });
        list.rows.len() == 2
    });
}

/// Locking does not wait for a server that says nothing: whoever holds the keys ends at once.
#[test]
fn a_desk_is_locked_while_a_server_hangs() {
    let office = Office::new();
    let hanging = |command: &str| (command == "UID SEARCH ALL").then(|| "* SEARCH 1".to_owned());
    let script = Script::new("SASL-IR AUTH=PLAIN IDLE", letters(&office, 1), Box::new(hanging));
    let (room, open) = open(plan(&office, "kari", script.serve(&office)));
    until("the server was asked", || {
        script
            .heard
            .lock()
            .unwrap()
            .iter()
            .any(|command| command == "UID SEARCH ALL")
    });
    let session = Arc::downgrade(&open.session);
    drop(open);
    room.lock();
    let begun = Instant::now();
    until("nothing is left", || session.upgrade().is_none());
    // Sooner than the server would be given up.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn where_marks_cannot_be_kept_the_ledger_keeps_them() {
    let office = Office::new();
    let script = Script::new("SASL-IR AUTH=PLAIN IDLE", letters(&office, 1), Box::new(|_| None));
    let mut plan = plan(&office, "kari", script.serve(&office));
    plan.login.marks = true;
    let (room, open) = open(plan);
    until_read(&open, 1);
    assert_eq!(room.act(1, Act::Taken).unwrap().state, State::Taken);
    let why = open.session.progress().marks_only_here.unwrap();
    let said = postrom::i18n::inputs::trouble(postrom::i18n::Lang::En, &why, None);
    assert!(said.contains("cannot keep marks"), "{said}");
    assert!(
        !script
            .heard
            .lock()
            .unwrap()
            .iter()
            .any(|command| command.contains("STORE"))
    );
}

/// Without MOVE a mail is copied, and removed alone; without UIDPLUS that cannot be, and is told.
#[test]
fn mail_is_moved_only_where_it_can_be_moved_alone() {
    let office = Office::new();
    for (can, wanted) in [
        ("SASL-IR AUTH=PLAIN IDLE UIDPLUS", true),
        ("SASL-IR AUTH=PLAIN IDLE", false),
    ] {
        let script = Script::new(can, letters(&office, 1), Box::new(|_| None));
        let mut plan = plan(&office, "kari", script.serve(&office));
        plan.login.move_opened_to = Some("Åpna".into());
        let (room, open) = open(plan);
        until_read(&open, 1);
        room.act(1, Act::Opened).unwrap();
        let heard = |command: &str| script.heard.lock().unwrap().iter().any(|heard| heard == command);
        if wanted {
            until("it was removed", || heard("UID EXPUNGE 1"));
            assert!(heard("UID COPY 1 \"&AMU-pna\"") && heard("UID STORE 1 +FLAGS.SILENT (\\Deleted)"));
        } else {
            until("it is told", || open.session.progress().not_moved.is_some());
            assert!(
                !script
                    .heard
                    .lock()
                    .unwrap()
                    .iter()
                    .any(|command| command.contains("COPY"))
            );
        }
    }
}

/// A folder beside it that is well does not hide a server that is not.
#[test]
fn each_mailbox_is_away_by_itself() {
    let office = Office::new();
    office.desk.letters(0..2);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    office.desk.put(
        "ca.pem",
        super::certificate::Certificate::of("localhost", 2099).authority,
    );
    let mut plan = plan(&office, "kari", format!("imaps://post@localhost:{port}/INBOX"));
    plan.mail = vec![office.desk.path("mail")];
    let (_room, open) = open(plan);
    until_read(&open, 2);
    assert!(told(&open).contains("cannot be reached"));
    let looked = open.session.progress().looked;
    until("the folder was looked at again", || {
        open.session.progress().looked > looked
    });
    assert!(told(&open).contains("cannot be reached"));
}

/// A connection that nobody ends and over which nothing comes any more is noticed.
#[test]
#[ignore = "needs two minutes"]
fn a_line_that_dies_silently_is_noticed() {
    let office = Office::new();
    let script = Script::new("SASL-IR AUTH=PLAIN IDLE", letters(&office, 1), Box::new(|_| None));
    let server = script.serve(&office);
    let port: u16 = server
        .rsplit_once(':')
        .unwrap()
        .1
        .trim_end_matches("/INBOX")
        .parse()
        .unwrap();
    let cut = Arc::new(AtomicBool::new(false));
    let between = between(port, Arc::clone(&cut));
    let (_room, open) = open(plan(&office, "kari", format!("imaps://post@localhost:{between}/INBOX")));
    until_read(&open, 1);
    cut.store(true, Ordering::Relaxed);
    let begun = Instant::now();
    while open.session.progress().away.is_none() {
        assert!(begun.elapsed() < Duration::from_secs(130));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(told(&open).contains("does not answer"));
    until_read(&open, 1);
}

/// Hands on what two sides say, until it is cut: then it takes everything and hands on nothing.
fn between(port: u16, cut: Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (one, other) = (stream.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
            for (mut from, mut to) in [(one.try_clone().unwrap(), other.try_clone().unwrap()), (other, one)] {
                let cut = Arc::clone(&cut);
                std::thread::spawn(move || {
                    let mut block = [0; 4096];
                    while let Ok(read @ 1..) = from.read(&mut block) {
                        if !cut.load(Ordering::Relaxed) && to.write_all(&block[..read]).is_err() {
                            return;
                        }
                    }
                });
            }
        }
    });
    own
}
