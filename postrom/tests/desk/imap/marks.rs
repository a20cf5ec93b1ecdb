//! Who has which letter, as keywords that all mail programs show.

use std::time::{Duration, Instant};

use postrom::desk::room::{NotDone, Open, Room};
use postrom::ledger::{Act, Aside, Refusal, State};

use super::super::office::{Office, until, until_read};
use super::dovecot::Dovecot;
use super::{open, plan, told};
use crate::program::desk::reference;
use crate::support::Sent;

fn desk(office: &Office, dovecot: &Dovecot, who: &str) -> (Room, Open) {
    let mut plan = plan(office, who, dovecot.address("INBOX"));
    plan.login.marks = true;
    open(plan)
}

fn holder(open: &Open) -> (State, Option<String>) {
    let post = open.session.post();
    let document = post.rows().next().unwrap().document().unwrap();
    let standing = open.ledger.standing(document);
    (standing.state, standing.holder)
}

fn one_letter(office: &Office, dovecot: &Dovecot) {
    dovecot.deliver("1.brev", office.desk.mail(&Sent::new(&reference(1), "Brev.")));
}

fn within_ten_seconds(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    until(what, so);
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{what}: {:?}",
        begun.elapsed()
    );
}

#[test]
#[ignore = "needs dovecot"]
fn two_desks_see_each_others_keywords_and_only_one_takes() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    one_letter(&office, &dovecot);
    let (kari, at_kari) = desk(&office, &dovecot, "kari");
    let (ola, at_ola) = desk(&office, &dovecot, "ola");
    until_read(&at_kari, 1);
    until_read(&at_ola, 1);
    let version = at_ola.session.post().version();
    assert_eq!(kari.act(1, Act::Taken).unwrap().state, State::Taken);
    within_ten_seconds("ola sees it", || holder(&at_ola) == (State::Taken, Some("kari".into())));
    assert!(at_ola.session.post().version() > version);
    let others = NotDone::Refused(Refusal::Others("kari".into()));
    assert_eq!(ola.act(1, Act::Taken).unwrap_err(), others);
    assert_eq!(ola.act(1, Act::GivenBack).unwrap_err(), others);
    for _ in 0..60 {
        kari.act(1, Act::GivenBack).unwrap();
        let taken: Vec<bool> = std::thread::scope(|scope| {
            let hands = [&kari, &ola].map(|room| scope.spawn(|| room.act(1, Act::Taken).is_ok()));
            hands.map(|hand| hand.join().unwrap()).to_vec()
        });
        assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
        if taken[1] {
            ola.act(1, Act::GivenBack).unwrap();
            kari.act(1, Act::Taken).unwrap();
        }
    }
    let case = Some("26/17".to_owned());
    kari.act(1, Act::Registered { case }).unwrap();
    within_ten_seconds("ola sees that", || {
        holder(&at_ola) == (State::Registered, Some("kari".into()))
    });
    let flags = dovecot.flags("INBOX").join(" ");
    for wanted in ["$KonvoluttTeken", "$KonvoluttHos-kari", "$KonvoluttJournalfort"] {
        assert!(flags.contains(wanted), "{flags}");
    }
    assert!(!flags.contains("ola") && !flags.contains("Seen"), "{flags}");
    assert_eq!(kari.act(1, Act::Undone).unwrap().state, State::Taken);
    within_ten_seconds("ola sees that it was undone", || holder(&at_ola).0 == State::Taken);
}

/// What another mail program marks by itself is seen, and other keywords are left alone.
#[test]
#[ignore = "needs dovecot"]
fn keywords_of_other_programs_stay() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    one_letter(&office, &dovecot);
    let add = |flags: &str| dovecot.doveadm(&["flags", "add", "-u", "post", flags, "mailbox", "INBOX", "all"]);
    add("$Label1 \\Flagged");
    let (kari, at_kari) = desk(&office, &dovecot, "Åse Li");
    until_read(&at_kari, 1);
    kari.act(1, Act::SetAside { why: Aside::Spam }).unwrap();
    let flags = dovecot.flags("INBOX").join(" ");
    for wanted in [
        "$Label1",
        "\\Flagged",
        "$KonvoluttLagtBort-spam",
        "$KonvoluttHos-aase-li",
    ] {
        assert!(flags.contains(wanted), "{flags}");
    }
    kari.act(1, Act::Undone).unwrap();
    let flags = dovecot.flags("INBOX").join(" ");
    assert!(!flags.contains("Konvolutt") && flags.contains("$Label1"), "{flags}");
    add("$KonvoluttTeken $KonvoluttHos-per");
    within_ten_seconds("it is seen", || holder(&at_kari) == (State::Taken, Some("per".into())));
}

/// A desk that starts later, on another machine, sees what was done.
#[test]
#[ignore = "needs dovecot"]
fn a_desk_that_comes_later_sees_what_was_done() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    one_letter(&office, &dovecot);
    let (kari, at_kari) = desk(&office, &dovecot, "kari");
    until_read(&at_kari, 1);
    kari.act(1, Act::Registered { case: None }).unwrap();
    let (_ola, at_ola) = desk(&office, &dovecot, "ola");
    until_read(&at_ola, 1);
    within_ten_seconds("ola sees it", || {
        holder(&at_ola) == (State::Registered, Some("kari".into()))
    });
    dovecot.stop();
    told(&at_kari);
    assert!(matches!(kari.act(1, Act::Deleted), Err(NotDone::Trouble(_))));
}
