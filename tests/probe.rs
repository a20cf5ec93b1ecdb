//! Mending makes letters go at once: the relay asks between the letters, and each alarm ends by evidence of the thing itself.

use std::fs;
use std::time::{Duration, SystemTime};

use konvolutt::alarms::Alarm;
use konvolutt::store::State;
use rustix::process::Signal;
use tokio::time::Instant;

use crate::support::{Act, At, Depot, Running, Script, World};

use Act::{Close, Say};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const LETTERS: usize = 3;
const WRONG: Act = Say("535 5.7.8 authentication failed");

/// Letters that have waited for so long that their own turns come each two hours.
async fn stand(script: &Script) -> (Depot, Running) {
    let (depot, names) = letters(LETTERS);
    let relay = depot.serve(script);
    let tried = || names.iter().all(|name| depot.attempts(name) > 6);
    depot.until("the attempts", DAY, tried).await;
    assert_eq!(depot.alarms.subjects(Alarm::MailServer), [""]);
    (depot, relay)
}

/// Letters that wait since no login is taken: they try nothing themselves.
async fn stand_at_login(script: &Script, no: Act, count: usize) -> (Depot, Running) {
    script.always(Some((At::Auth, no)));
    let (depot, _) = letters(count);
    let relay = depot.serve(script);
    let told = || depot.alarms.subjects(Alarm::MailServer) == [""];
    depot.until("the alarm", MINUTE, told).await;
    (depot, relay)
}

fn letters(count: usize) -> (Depot, Vec<String>) {
    let depot = Depot::new();
    let numbers = 0..u32::try_from(count).unwrap();
    let names = numbers.map(|number| depot.letter(number, 2_000).0).collect();
    (depot, names)
}

/// How long it takes until all letters are delivered, and nothing is wrong any more.
async fn delivered(depot: &Depot) -> Duration {
    let begin = Instant::now();
    depot
        .until("the deliveries", 3 * 60 * MINUTE, || {
            depot.count(State::Delivered) == LETTERS
        })
        .await;
    assert!(
        depot
            .alarms
            .alarms()
            .iter()
            .all(|(alarm, _)| *alarm != Alarm::MailServer)
    );
    begin.elapsed()
}

fn logins(script: &Script) -> usize {
    let seen = script.seen.lock().unwrap();
    seen.commands
        .iter()
        .filter(|command| command.starts_with("AUTH"))
        .count()
}

#[tokio::test(start_paused = true)]
async fn a_server_that_can_be_reached_again_gets_the_letters_within_half_a_minute() {
    let script = Script::start(false).await;
    script.always(Some((At::Greeting, Close(""))));
    let (depot, relay) = stand(&script).await;
    // The control: between their turns nothing but the probe tries.
    let before = script.seen.lock().unwrap().connections;
    tokio::time::sleep(10 * MINUTE).await;
    let asked = script.seen.lock().unwrap().connections - before;
    assert!((18..=30).contains(&asked), "{asked} connections in ten minutes");
    assert_eq!(depot.alarms.subjects(Alarm::MailServer), [""]);
    script.always(None);
    let took = delivered(&depot).await;
    assert!(took <= Duration::from_secs(40), "{took:?}");
    relay.end().await;
}

/// A wrong password must not be tried so often that the account is locked, however many letters wait and whatever else the
/// server does between. What it says for now alone is tried more often.
#[tokio::test(start_paused = true)]
async fn fifty_letters_log_in_no_more_often_than_one() {
    for (no, hourly) in [
        (Say("535 5.7.8 authentication failed"), 11..=13),
        (Say("554 5.7.1 access denied"), 11..=13),
        (Say("454 4.7.0 temporary authentication failure"), 55..=61),
        (Close(""), 55..=61),
    ] {
        let script = Script::start(true).await;
        let (depot, relay) = stand_at_login(&script, no, 50).await;
        tokio::time::sleep(MINUTE / 2).await;
        assert_eq!(logins(&script), 1, "{no:?}: of many at once one asks");
        tokio::time::sleep(60 * MINUTE).await;
        let tried = logins(&script) - 1;
        assert!(hourly.contains(&tried), "{no:?}: {tried} logins in an hour");
        // A server that is away for a while makes no letter try the same password again.
        let before = logins(&script);
        script.always(Some((At::Greeting, Close(""))));
        tokio::time::sleep(6 * MINUTE).await;
        script.always(Some((At::Auth, no)));
        tokio::time::sleep(MINUTE).await;
        assert!(logins(&script) - before <= 2, "{no:?}");
        script.always(None);
        let all = || depot.count(State::Delivered) == 50;
        depot.until("the deliveries", 6 * MINUTE, all).await;
        assert!(depot.alarms.subjects(Alarm::MailServer).is_empty(), "{no:?}");
        relay.end().await;
    }
}

/// Another password is tried at once.
#[tokio::test(start_paused = true)]
async fn a_login_that_is_mended_lets_the_letters_go_at_once() {
    let script = Script::start(true).await;
    let (depot, relay) = stand_at_login(&script, WRONG, LETTERS).await;
    tokio::time::sleep(62 * MINUTE).await;
    script.always(None);
    fs::write(depot.root().join("password"), "eit anna løyndom\n").unwrap();
    let took = delivered(&depot).await;
    assert!(took <= Duration::from_secs(20), "{took:?}");
    relay.end().await;
}

/// How often letters log in to a server that allows two sessions. They go over those: no minute is lost, and nothing is told.
async fn logins_where_two_are_allowed(no: Act) -> usize {
    let script = Script::start(true).await;
    script.limit(2, no);
    let (depot, _) = letters(30);
    let begin = Instant::now();
    let relay = depot.serve(&script);
    let all = || {
        assert!(depot.alarms.subjects(Alarm::MailServer).is_empty(), "{no:?}");
        depot.count(State::Delivered) == 30
    };
    depot.until("the deliveries", 10 * MINUTE, all).await;
    let took = begin.elapsed();
    assert!(took < MINUTE / 2, "{no:?}: {took:?}");
    relay.end().await;
    logins(&script)
}

#[tokio::test(start_paused = true)]
async fn a_server_that_allows_few_sessions_gets_the_letters_over_those() {
    for no in [
        Say("421 4.7.0 too many sessions"),
        Say("454 4.7.0 too many sessions"),
        Close(""),
    ] {
        let mut asked = 0;
        // Two sessions that are quick take all letters before anybody asks for a third: then nothing was refused yet.
        for _ in 0..20 {
            asked = logins_where_two_are_allowed(no).await;
            if asked > 2 {
                break;
            }
        }
        assert!((3..=6).contains(&asked), "{no:?}: {asked} logins");
    }
}

/// Whether the password is good cannot be known then: no letter tries, and what is told is that there is no connection.
#[tokio::test(start_paused = true)]
async fn a_server_that_goes_away_after_a_refused_login_is_told_and_asked_as_what_it_is() {
    let script = Script::start(true).await;
    script.always(Some((At::Auth, WRONG)));
    let (depot, names) = letters(LETTERS);
    let relay = depot.serve(&script);
    let told = || {
        depot
            .alarms
            .own()
            .into_iter()
            .map(|posted| posted.text)
            .collect::<String>()
    };
    depot.until("the alarm", MINUTE, || told().contains("535")).await;
    let waits = || names.iter().all(|name| depot.attempts(name) == 1);
    depot.until("the attempts", MINUTE, waits).await;
    // Two of the three did not ask.
    let later = SystemTime::now() + 2 * 60 * MINUTE;
    let counted = depot.alarms.metrics(later);
    assert!(counted.contains("replies_total{code=\"535\"} 1\n"), "{counted}");

    script.always(Some((At::Greeting, Close(""))));
    depot
        .until("the other fault", 6 * MINUTE, || !told().contains("535"))
        .await;
    let before = script.seen.lock().unwrap().connections;
    tokio::time::sleep(10 * MINUTE).await;
    let asked = script.seen.lock().unwrap().connections - before;
    assert!((18..=21).contains(&asked), "{asked} connections in ten minutes");
    assert!(!told().contains("535") && told().contains("letters cannot be sent"));
    assert!(waits(), "a letter tried");

    fs::write(depot.root().join("password"), "eit anna løyndom\n").unwrap();
    script.always(None);
    let took = delivered(&depot).await;
    assert!(took <= Duration::from_secs(40), "{took:?}");
    relay.end().await;
}

/// The server was mended, and the password is as it was.
#[tokio::test(start_paused = true)]
async fn a_login_that_the_server_takes_again_is_noticed_within_five_minutes() {
    let script = Script::start(true).await;
    let (depot, relay) = stand_at_login(&script, WRONG, LETTERS).await;
    script.always(None);
    let took = delivered(&depot).await;
    assert!(took <= 5 * MINUTE + Duration::from_secs(10), "{took:?}");
    relay.end().await;
}

/// Connection and login are good all the time, and say nothing of the sender: a letter tries, and its alarm stands meanwhile.
#[tokio::test(start_paused = true)]
async fn a_refused_sender_ends_only_by_a_letter() {
    for (at, no) in [
        (At::Mail, "550 5.7.1 relaying denied"),
        (
            At::Rcpt,
            "553 5.7.1 <a@b>: Sender address rejected: not owned by user x",
        ),
        (At::Mail, "421 4.7.0 too many letters"),
    ] {
        let script = Script::start(true).await;
        script.always(Some((at, Say(no))));
        let (depot, relay) = stand(&script).await;
        for _ in 0..60 {
            tokio::time::sleep(MINUTE / 4).await;
            assert_eq!(depot.alarms.subjects(Alarm::MailServer), [""], "{no}");
        }
        script.always(None);
        let took = delivered(&depot).await;
        assert!(took <= 5 * MINUTE + Duration::from_secs(10), "{no}: {took:?}");
        relay.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_tries_at_once() {
    let script = Script::start(false).await;
    script.always(Some((At::Greeting, Close(""))));
    let (depot, relay) = stand(&script).await;
    relay.end().await;
    script.always(None);
    let relay = depot.serve(&script);
    let took = delivered(&depot).await;
    assert!(took <= Duration::from_secs(5), "{took:?}");
    relay.end().await;
}

/// SIGHUP says that something was mended, in the process that has the relay.
#[test]
fn a_hangup_tries_at_once() {
    let world = World::new();
    world.sink.refuse_next("MAIL", "550 5.7.1 relaying denied");
    world.marked_form().send();
    let alarm = world.root().join("spool/alarms/mail-server");
    world.until("the alarm", || alarm.exists());
    world.until("the attempt", || world.log().contains("a letter must wait"));
    // Its own turn comes half a minute later at the earliest.
    assert_eq!(world.sink.count(), 0);
    let begin = std::time::Instant::now();
    world.signal(Signal::HUP);
    world.sink.wait_for(1);
    let took = begin.elapsed();
    world.until("the end of the alarm", || !alarm.exists());
    assert!(took < Duration::from_secs(25), "{took:?}");
}
