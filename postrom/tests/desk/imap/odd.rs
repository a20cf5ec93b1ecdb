//! Servers that are not hostile, and do otherwise than they should.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use postrom::trouble::{Away, Trouble};

use super::super::office::{Office, until, until_read};
use super::script::Script;
use super::scripted::letters;
use super::{open, plan, told};

const CAN: &str = "SASL-IR AUTH=PLAIN IDLE";

fn heard(script: &Script, command: &str) -> usize {
    let heard = script.heard.lock().unwrap();
    heard.iter().filter(|heard| heard.starts_with(command)).count()
}

/// A mail that is too large is told as that, and stops no other, also when it is known only as it comes.
#[test]
fn a_server_that_tells_no_sizes_gives_its_mails() {
    let office = Office::new();
    let mut mails = letters(&office, 3);
    mails.insert(1, vec![b'a'; 120_000_000]);
    let instead = |command: &str| {
        let asks = command.ends_with("RFC822.SIZE)");
        asks.then(|| "TAG NO [CANNOT] Sizes are not told here.\r\n".to_owned())
    };
    let script = Script::new(CAN, mails, Box::new(instead));
    let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
    until_read(&open, 3);
    until("it was looked through", || open.session.progress().looked.is_some());
    assert_eq!(open.session.progress().away, None);
    let post = open.session.post();
    let list = post.list(postrom::desk::post::Sort::CouldNotBeOpened, "", "kari", &|_| {
        Default::default()
    });
    assert_eq!(list.rows.len(), 1);
}

/// What is said to `UID SEARCH ALL`, and before it by the way, after three letters were read.
fn searches_then(said: &'static str, by_the_way: &'static str, check: impl Fn(&postrom::desk::room::Open)) {
    let office = Office::new();
    let are_read = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&are_read);
    let instead = move |command: &str| match command {
        "UID SEARCH ALL" => now.load(Ordering::Relaxed).then(|| said.to_owned()),
        "IDLING" => {
            until("the letters are read", || now.load(Ordering::Relaxed));
            Some(by_the_way.to_owned())
        }
        _ => None,
    };
    let script = Script::new(CAN, letters(&office, 3), Box::new(instead));
    let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
    until_read(&open, 3);
    are_read.store(true, Ordering::Relaxed);
    until("it searched again", || heard(&script, "UID SEARCH ALL") > 1);
    check(&open);
}

#[test]
fn a_search_that_is_not_understood_is_no_empty_mailbox() {
    for said in [
        "* SEARCH 1 2 three\r\nTAG OK\r\n",
        "* SEARCH 99999999999\r\nTAG OK\r\n",
        "* SEARCH 1\r\n* SEARCH (2)\r\nTAG OK\r\n",
        "* SEARCH 1\n* SEARCH 2\nTAG OK\r\n",
        "TAG OK nothing said\r\n",
        "* 1 FETCH (UID 1)\r\nTAG OK\r\n",
    ] {
        searches_then(said, "* 3 EXISTS\r\n", |open| {
            let away = told(open);
            assert!(away.contains("The list is as it was"), "{away}");
            // Nothing is taken away later.
            std::thread::sleep(Duration::from_millis(200));
            until_read(open, 3);
        });
    }
}

/// Where nothing is, some servers say nothing to a search.
#[test]
fn a_mailbox_that_became_empty_is_empty() {
    for empty in [
        "* 0 EXISTS\r\n",
        "* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n",
        "* 4 EXISTS\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n",
    ] {
        searches_then("TAG OK\r\n", empty, |open| {
            until_read(open, 0);
            until("it is well", || open.session.progress().away.is_none());
        });
    }
    let office = Office::new();
    let silent = |command: &str| (command == "UID SEARCH ALL").then(|| "TAG OK\r\n".to_owned());
    let script = Script::new(CAN, Vec::new(), Box::new(silent));
    let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
    until("it was looked through", || open.session.progress().looked.is_some());
    assert_eq!(open.session.progress().away, None);
}

/// Whatever a server says of itself is short when people see it, and has no code in it.
#[test]
fn what_a_server_says_is_shown_in_part() {
    let office = Office::new();
    for (at, said) in [
        ("GREETING", "* BYE [UNAVAILABLE] "),
        ("CAPABILITY", "* BYE [UNAVAILABLE] "),
        ("CAPABILITY", "TAG BAD [UNAVAILABLE] "),
        ("AUTHENTICATE", "TAG NO [UNAVAILABLE] "),
        ("EXAMINE", "TAG NO [UNAVAILABLE] "),
        ("UID SEARCH", "TAG NO [UNAVAILABLE] "),
        ("IDLE", "+ idling\r\nTAG NO [UNAVAILABLE] "),
    ] {
        let instead = move |command: &str| {
            let text = "Not now. ".repeat(400);
            command.starts_with(at).then(|| format!("{said}{text}\r\n"))
        };
        let script = Script::new(CAN, Vec::new(), Box::new(instead));
        let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
        let said = told(&open);
        assert!(said.contains("Not now. Not now"), "{at}: {said}");
        assert!(said.len() < 700 && !said.contains("UNAVAILABLE"), "{at}: {said}");
    }
}

/// One that says that it can wait, and cannot, is asked instead.
#[test]
fn a_server_that_refuses_to_wait_is_asked_now_and_then() {
    for said in [
        "TAG BAD Unknown command.\r\n",
        "TAG OK Done already.\r\n",
        "+ idling\r\nTAG OK Done.\r\n",
    ] {
        let office = Office::new();
        let instead = move |command: &str| (command == "IDLE").then(|| said.to_owned());
        let script = Script::new(CAN, letters(&office, 1), Box::new(instead));
        let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
        until_read(&open, 1);
        until("it was asked to wait", || heard(&script, "IDLE") > 0);
        std::thread::sleep(Duration::from_millis(1500));
        assert_eq!(open.session.progress().away, None, "{said}");
        assert_eq!((heard(&script, "IDLE"), heard(&script, "EXAMINE")), (1, 1), "{said}");
        until("it is asked", || heard(&script, "NOOP") > 0);
    }
}

/// Nothing is guessed of what a server can do, nor which mails its numbers mean.
#[test]
fn what_has_to_be_said_and_is_not_is_told() {
    for (at, wanted) in [
        ("CAPABILITY", "is no IMAP server"),
        ("EXAMINE", "does not do what is needed"),
    ] {
        let office = Office::new();
        let instead = move |command: &str| command.starts_with(at).then(|| "* 1 EXISTS\r\nTAG OK\r\n".to_owned());
        let script = Script::new(CAN, letters(&office, 1), Box::new(instead));
        let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
        let said = told(&open);
        assert!(said.contains(wanted), "{said}");
        assert_eq!(heard(&script, "LOGIN"), 0);
    }
}

#[test]
fn a_password_is_not_said_to_a_server_that_takes_none() {
    let office = Office::new();
    let script = Script::new("LOGINDISABLED", Vec::new(), Box::new(|_| None));
    let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
    let said = told(&open);
    assert!(said.contains("LOGINDISABLED"), "{said}");
    assert_eq!(heard(&script, "LOGIN"), 0);
}

/// A server that is in trouble is no wrong password: it is tried again soon.
#[test]
fn who_cannot_log_in_just_now_is_told_so() {
    let office = Office::new();
    let count = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&count);
    let instead = move |command: &str| {
        let refused = command.starts_with("AUTHENTICATE") && own.fetch_add(1, Ordering::Relaxed) == 0;
        refused.then(|| "TAG NO [UNAVAILABLE] Temporary failure.\r\n".to_owned())
    };
    let script = Script::new(CAN, letters(&office, 1), Box::new(instead));
    let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
    let said = told(&open);
    assert!(
        said.contains("Temporary failure") && !said.contains("password"),
        "{said}"
    );
    until_read(&open, 1);
}

/// That marks are refused is told, and hides nothing of what came and went.
#[test]
fn a_server_that_refuses_marks_gives_its_list() {
    let office = Office::new();
    let instead = |command: &str| match command {
        _ if command.starts_with("EXAMINE") => Some(
            "* 2 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [PERMANENTFLAGS (\\*)]\r\n* OK [HIGHESTMODSEQ 9]\r\nTAG OK\r\n"
                .to_owned(),
        ),
        _ if command.contains("MODSEQ") => Some("TAG NO [CANNOT] No marks today.\r\n".to_owned()),
        _ => None,
    };
    let script = Script::new(
        "SASL-IR AUTH=PLAIN IDLE CONDSTORE",
        letters(&office, 2),
        Box::new(instead),
    );
    let mut plan = plan(&office, "kari", script.serve(&office));
    plan.login.marks = true;
    let (_room, open) = open(plan);
    until_read(&open, 2);
    assert!(told(&open).contains("No marks today"));
    assert!(open.session.progress().looked.is_some());
    script.mails.lock().unwrap().pop();
    until_read(&open, 1);
    until("it is told again", || open.session.progress().away.is_some());
}

/// A folder that is there and cannot be opened just now is no folder without letters.
#[test]
fn letters_in_a_folder_that_is_refused_stay() {
    let office = Office::new();
    let (listed, opened) = (Arc::new(AtomicUsize::new(1)), Arc::new(AtomicUsize::new(0)));
    let (lists, opens) = (Arc::clone(&listed), Arc::clone(&opened));
    let instead = move |command: &str| {
        if command == "EXAMINE \"Opna\"" && opens.fetch_add(1, Ordering::Relaxed) > 0 {
            return Some("TAG NO Something is wrong.\r\n".to_owned());
        }
        let line = match lists.load(Ordering::Relaxed) {
            0 => "",
            1 => "* LIST (\\HasNoChildren) \"/\" Opna\r\n",
            _ => "* LIST (\\NonExistent) \"/\" Opna\r\n",
        };
        match command {
            "LIST \"\" \"Opna\"" => Some(format!("{line}TAG OK\r\n")),
            // So that it is looked at again and again.
            "IDLING" => Some("* 2 EXISTS\r\n".to_owned()),
            _ => None,
        }
    };
    let script = Script::new(CAN, letters(&office, 2), Box::new(instead));
    let mut plan = plan(&office, "kari", script.serve(&office));
    plan.login.move_opened_to = Some("Opna".into());
    let (_room, open) = open(plan);
    until_read(&open, 2);
    let places = || open.session.post().rows().map(|row| row.places.len()).sum::<usize>();
    until("both folders are known", || places() == 4);
    let said = told(&open);
    assert!(said.contains("Something is wrong"), "{said}");
    assert_eq!(places(), 4);
    for gone in [0, 2] {
        listed.store(gone, Ordering::Relaxed);
        until("it is well without it", || open.session.progress().away.is_none());
        until("what lay there went", || places() == 2);
        opened.store(0, Ordering::Relaxed);
        until("it is there again", || places() == 4);
        listed.store(1, Ordering::Relaxed);
        until("it is refused again", || open.session.progress().away.is_some());
    }
}

/// That a folder was opened tells how many mails are in it. That is nothing new.
#[test]
fn two_folders_are_waited_for_as_one_is() {
    let office = Office::new();
    let script = Script::new(CAN, letters(&office, 2), Box::new(|_| None));
    let mut plan = plan(&office, "kari", script.serve(&office));
    plan.login.move_opened_to = Some("Opna".into());
    let (_room, open) = open(plan);
    until_read(&open, 2);
    until("it waits", || heard(&script, "IDLE") > 0);
    let searched = heard(&script, "UID SEARCH");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(heard(&script, "UID SEARCH"), searched);
}

/// A server that refuses everything: at first with a reason that passes, then without one for a while.
#[test]
fn what_is_refused_for_a_while_is_read_later() {
    let office = Office::new();
    let refusals = Arc::new(AtomicUsize::new(0));
    let refused = Arc::clone(&refusals);
    let instead = move |command: &str| {
        let gives = command.starts_with("UID FETCH") && command.contains("BODY.PEEK[]");
        let said = match refused.load(Ordering::Relaxed) {
            0 => "TAG NO [UNAVAILABLE] Later.\r\n",
            1 => "TAG NO Later.\r\n",
            _ => "",
        };
        match command {
            _ if gives && !said.is_empty() => Some(said.to_owned()),
            // Its trouble is over when it has begun anew.
            "IDLING" if refused.load(Ordering::Relaxed) == 2 => {
                refused.store(3, Ordering::Relaxed);
                Some("* BYE New start.\r\n".to_owned())
            }
            // So that nobody waits for long meanwhile.
            "IDLING" if refused.load(Ordering::Relaxed) == 1 => Some("* 2 EXISTS\r\n".to_owned()),
            _ => None,
        }
    };
    let script = Script::new(CAN, letters(&office, 2), Box::new(instead));
    let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
    let rows = || open.session.post().rows().count();
    let said = told(&open);
    assert!(said.contains("Later."), "{said}");
    assert_eq!(rows(), 0, "nothing is said of letters that may come");
    refusals.store(1, Ordering::Relaxed);
    until("they are told as refused", || rows() == 2);
    assert!(open.session.post().rows().all(|row| row.reading().is_none()));
    refusals.store(2, Ordering::Relaxed);
    until_read(&open, 2);
    assert_eq!(rows(), 2);
}

/// One mail that a server keeps back holds no other one up, and is no letter that cannot be opened.
#[test]
fn one_that_is_kept_back_holds_no_other_up() {
    let office = Office::new();
    let is_back = Arc::new(AtomicBool::new(false));
    let gives = Arc::clone(&is_back);
    let instead = move |command: &str| {
        let rest = command.strip_prefix("UID FETCH ")?;
        let asks = rest.contains("BODY.PEEK[]") && ["1", "1:3"].contains(&rest.split(' ').next()?);
        (asks && !gives.load(Ordering::Relaxed)).then(|| "TAG NO [UNAVAILABLE] Not this one.\r\n".to_owned())
    };
    let script = Script::new(CAN, letters(&office, 3), Box::new(instead));
    let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
    let said = told(&open);
    assert!(said.contains("Not this one."), "{said}");
    until_read(&open, 2);
    assert_eq!(open.session.post().rows().count(), 2);
    is_back.store(true, Ordering::Relaxed);
    until_read(&open, 3);
    until("it is told that all is well", || open.session.progress().away.is_none());
}

/// A letter that is asked for again, and refused, is not told to be gone.
#[test]
fn what_is_refused_is_not_gone() {
    let office = Office::new();
    let is_read = Arc::new(AtomicBool::new(false));
    let refuses = Arc::clone(&is_read);
    let instead = move |command: &str| {
        let gives = command.starts_with("UID FETCH") && command.contains("BODY.PEEK[]");
        (gives && refuses.load(Ordering::Relaxed)).then(|| "TAG NO [UNAVAILABLE] Not now.\r\n".to_owned())
    };
    let script = Script::new(CAN, letters(&office, 1), Box::new(instead));
    let (_room, open) = open(plan(&office, "kari", script.serve(&office)));
    until_read(&open, 1);
    is_read.store(true, Ordering::Relaxed);
    let id = open.session.post().rows().next().unwrap().id;
    let why = open.session.files(id).map(drop).unwrap_err();
    assert!(
        matches!(&why, Trouble::Mailbox { why: Away::Unwilling { text }, .. } if text == "Not now."),
        "{why:?}"
    );
}
