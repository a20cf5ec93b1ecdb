//! The way from the spool to the mailbox, whatever the other side does.

use std::time::{Duration, Instant, SystemTime};

use konvolutt::alarms::Alarm;
use konvolutt::store::State;

use crate::support::{Act, At, Depot, Identity, Options, Script, World};

/// The web role may not connect to anything; its letters are on their way at once all the same.
#[test]
fn another_process_learns_of_a_letter_at_once() {
    let mut world = World::with(Options {
        apart: true,
        ..Options::default()
    });
    // The first letter says that both are there.
    world.marked_form().send();
    world.sink.wait_for(1);
    let mut after = Vec::new();
    for n in 2..5 {
        let form = world.marked_form().text("namn", &format!("nummer {n}"));
        assert_eq!(form.send().status, 303);
        let receipt = Instant::now();
        world.sink.wait_for(n);
        after.push(receipt.elapsed());
    }
    // Whoever is not told looks only once a minute. Others use this machine too, and may hold one of them up.
    let at_once = after.iter().filter(|one| **one < Duration::from_secs(1)).count();
    assert!(
        at_once >= 2 && after.iter().all(|one| *one < Duration::from_secs(30)),
        "{after:?}"
    );
    assert_eq!(world.terminate(), Some(0));
}

use Act::{Close, Flood, Late, Say, SayBytes, Show};
use Outcome::{Held, Waits, WaitsThoughTaken};

/// What an attempt leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Waits,
    Held,
    /// The server has it, but its yes did not arrive: it gets the same bytes again.
    WaitsThoughTaken,
    Taken,
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const LONG_LINE: &str =
    "250-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

/// Everything that a server has done to somebody, each once, after which it is well again.
const TROUBLE: &[(At, Act, Outcome)] = &[
    (At::Greeting, Say("421 4.3.2 not now"), Waits),
    (At::Greeting, Say("554 5.7.1 not you"), Waits),
    (At::Greeting, Close(""), Waits),
    (At::Greeting, Late(Duration::from_secs(6 * 60)), Waits),
    (At::Greeting, Flood(LONG_LINE), Waits),
    (At::Greeting, Flood("220-there is more\r\n"), Waits),
    (At::Greeting, SayBytes(b"\xff\xfe\x00 HTTP/1.1 200 OK\r\n\r\n"), Waits),
    (At::Hello, Say("451 later"), Waits),
    (At::Hello, Say("550 who?"), Waits),
    (At::Hello, Close(""), Waits),
    (At::Hello, Say("250 script"), Waits),
    (At::Hello, Say("250-script\r\n250 STARTTLS\r\n220 go"), Waits),
    (At::Starttls, Say("454 no TLS today"), Waits),
    (At::Starttls, Say("501 no"), Waits),
    (At::Starttls, Close(""), Waits),
    (At::Starttls, Say("220 go\r\n250-injected\r\n250 AUTH PLAIN"), Waits),
    (At::Handshake, Show(Identity::WrongName), Waits),
    (At::Handshake, Show(Identity::Expired), Waits),
    (At::Handshake, Show(Identity::Untrusted), Waits),
    (At::SecureHello, Say("451 later"), Waits),
    (At::SecureHello, Say("554 no"), Waits),
    (At::SecureHello, Close(""), Waits),
    (At::SecureHello, Flood(LONG_LINE), Waits),
    (At::Auth, Say("454 later"), Waits),
    (At::Auth, Say("535 wrong password"), Waits),
    (At::Auth, Close(""), Waits),
    (At::Mail, Say("451 later"), Waits),
    (At::Mail, Say("550 5.7.1 relaying denied"), Waits),
    (At::Mail, Close(""), Waits),
    (At::Mail, SayBytes(b"\x80\x81garbage\r\n"), Waits),
    (At::Rcpt, Say("451 later"), Waits),
    (At::Rcpt, Say("550 5.1.1 no such mailbox"), Waits),
    (At::Rcpt, Say("553 5.7.1 not your sender"), Waits),
    (At::Rcpt, Say("554 5.7.1 relay access denied"), Waits),
    (At::Rcpt, Say("552 5.3.4 too big"), Held),
    (At::Rcpt, Say("552 5.2.2 mailbox full"), Waits),
    (At::Rcpt, Say("554 5.2.2 mailbox full"), Waits),
    (At::Rcpt, Say("530 5.7.0 log in first"), Waits),
    (At::Rcpt, Say("503 5.5.1 out of step"), Waits),
    (At::Rcpt, Say("354 go"), Waits),
    (At::Rcpt, Say("251 will forward"), Outcome::Taken),
    (At::Rcpt, Close(""), Waits),
    (At::Rcpt, Flood(LONG_LINE), Waits),
    (At::Data, Say("451 later"), Waits),
    (At::Data, Say("554 5.7.1 no"), Held),
    (At::Data, Say("250 ok"), Waits),
    (At::Data, Close(""), Waits),
    (At::Body, Close(""), Waits),
    (At::Body, Close("421 4.3.2 shutting down\r\n"), Waits),
    (At::Dot, Say("451 4.3.0 disk full"), WaitsThoughTaken),
    (At::Dot, Say("554 5.6.0 not this one"), Held),
    (At::Dot, Say("552 5.3.4 too big"), Held),
    (At::Dot, Say("354 go on"), WaitsThoughTaken),
    (At::Dot, Close(""), WaitsThoughTaken),
    (At::Dot, Close("25"), WaitsThoughTaken),
    (At::Dot, Late(Duration::from_secs(9 * 60)), Outcome::Taken),
    (At::Dot, Late(Duration::from_secs(11 * 60)), WaitsThoughTaken),
];

/// The same at the greeting of a server that begins with TLS.
const TROUBLE_IN_TLS: &[Act] = &[
    Flood(LONG_LINE),
    Say("421 4.3.2 not now"),
    Close(""),
    SayBytes(b"\xff\xfe\r\n"),
];

#[tokio::test(start_paused = true)]
async fn whatever_the_server_does_nothing_is_lost_or_told_to_others() {
    let cases = TROUBLE.len() + TROUBLE_IN_TLS.len();
    assert_eq!(cases, 61, "docs/promises.md says how many, in two places");
    for (at, act, outcome) in TROUBLE {
        one_trouble(false, *at, *act, *outcome).await;
    }
    for act in TROUBLE_IN_TLS {
        one_trouble(true, At::Greeting, *act, Waits).await;
    }
}

async fn one_trouble(tls_first: bool, at: At, act: Act, outcome: Outcome) {
    let case = format!("{at:?} {act:?}");
    let (depot, script) = (Depot::new(), Script::start(tls_first).await);
    script.once(at, act);
    let (name, mail) = depot.letter(1, 40_000);
    let relay = depot.serve(&script);
    depot
        .until(&case, 30 * MINUTE, || {
            depot.attempts(&name) > 0 || depot.count(State::Waiting) == 0
        })
        .await;

    let state = |state| usize::from(state == outcome);
    assert_eq!(depot.count(State::Held), state(Held), "{case}");
    assert_eq!(depot.count(State::Delivered), state(Outcome::Taken), "{case}");
    {
        let seen = script.seen.lock().unwrap();
        let plain = String::from_utf8_lossy(&seen.plain).into_owned();
        let commands: Vec<_> = plain.split_inclusive("\r\n").collect();
        assert!(
            commands
                .iter()
                .all(|line| ["EHLO authority.example\r\n", "STARTTLS\r\n"].contains(line)),
            "{case} {plain}"
        );
        if matches!(at, At::Greeting | At::Hello | At::Starttls | At::Handshake) {
            assert!(seen.commands.is_empty(), "{case} {:?}", seen.commands);
        }
        if !matches!(at, At::Body | At::Dot) && outcome != Outcome::Taken {
            assert_eq!(seen.letter_lines, 0, "{case}");
        }
        assert!(seen.flooded < 4_000_000, "{case} {}", seen.flooded);
    }

    // The server is well again.
    if outcome == Held {
        depot.store.release(&name).unwrap();
    }
    depot.until(&case, 2 * DAY, || depot.count(State::Delivered) == 1).await;
    let copies = script.mails();
    let expected = match (outcome, at) {
        (WaitsThoughTaken, _) | (Held, At::Dot) => 2,
        _ => 1,
    };
    assert_eq!(copies.len(), expected, "{case}");
    assert!(copies.iter().all(|copy| *copy == mail), "{case}");
    // The control: what was not said before is said now, and only over TLS.
    let login = script
        .seen
        .lock()
        .unwrap()
        .commands
        .iter()
        .any(|command| command.starts_with("AUTH PLAIN "));
    assert!(login, "{case}");
    relay.end().await;
}

/// Minutes after the receipt at which a letter is tried first; then it is every two hours, more or less.
const TABLE: [u64; 6] = [0, 1, 5, 15, 30, 60];

#[tokio::test(start_paused = true)]
async fn ten_days_of_no_follow_the_table_and_go_on() {
    let (depot, script) = (Depot::new(), Script::start(false).await);
    script.always(Some((At::Rcpt, Say("451 4.7.1 not today"))));
    let (_, mail) = depot.letter(1, 40_000);
    let begin = tokio::time::Instant::now();
    let relay = depot.serve(&script);
    // Rising alarms, each within two minutes of its hour.
    let delayed = || {
        let alarms = depot.alarms.alarms().into_iter();
        alarms
            .filter(|(alarm, _)| *alarm == Alarm::Delayed)
            .map(|(_, text)| text)
            .next()
    };
    for (minute, told) in [
        (58, None),
        (62, Some("over 1 h")),
        (238, Some("over 1 h")),
        (242, Some("over 4 h")),
        (1442, Some("over 24 h")),
    ] {
        tokio::time::sleep_until(begin + minute * MINUTE).await;
        assert_eq!(
            delayed().is_some(),
            told.is_some(),
            "after {minute} minutes: {:?}",
            delayed()
        );
        assert!(
            told.is_none_or(|told| delayed().unwrap().contains(told)),
            "after {minute} minutes: {:?}",
            delayed()
        );
    }
    tokio::time::sleep_until(begin + 10 * DAY).await;

    let attempts: Vec<u64> = script
        .seen
        .lock()
        .unwrap()
        .attempts
        .iter()
        .map(|at| (*at - begin).as_secs())
        .collect();
    // The receipt's time is written down by the minute, so that it may be up to a minute before the first attempt.
    for (minutes, at) in TABLE.iter().zip(&attempts) {
        assert!(at.abs_diff(minutes * 60) <= 61, "{minutes} minutes: {attempts:?}");
    }
    let gaps: Vec<u64> = attempts[5..].windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        gaps.iter().all(|gap| (96 * 60..=144 * 60 + 5).contains(gap)),
        "{gaps:?}"
    );
    assert!(gaps.len() >= 95, "{} attempts in ten days", attempts.len());
    assert!(
        gaps.iter().any(|gap| gap.abs_diff(gaps[0]) > 60),
        "letters that began together come together: {gaps:?}"
    );

    script.always(None);
    depot
        .until("the delivery", 3 * 60 * MINUTE, || depot.count(State::Delivered) == 1)
        .await;
    depot
        .until("the end of the alarm", 3 * MINUTE, || delayed().is_none())
        .await;
    assert_eq!(script.mails(), [mail]);
    relay.end().await;
}

#[tokio::test(start_paused = true)]
async fn ten_days_without_a_server_and_then_all_at_once() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.always(Some((At::Greeting, Close(""))));
    let mut mails: Vec<_> = (0..20).map(|number| depot.letter(number, 2_000).1).collect();
    let relay = depot.serve(&script);
    tokio::time::sleep(10 * DAY).await;
    assert_eq!(depot.count(State::Waiting), 20);
    assert!(
        depot
            .alarms
            .alarms()
            .iter()
            .any(|(alarm, _)| *alarm == Alarm::MailServer)
    );

    // Also over a restart.
    relay.end().await;
    let relay = depot.serve(&script);
    script.always(None);
    depot
        .until("the first delivery", 3 * 60 * MINUTE, || {
            depot.count(State::Delivered) > 0
        })
        .await;
    // The others do not wait for their own time.
    depot
        .until("the others", MINUTE, || depot.count(State::Delivered) == 20)
        .await;
    let mut copies = script.mails();
    copies.sort();
    mails.sort();
    assert_eq!(copies, mails);
    assert!(
        !depot
            .alarms
            .alarms()
            .iter()
            .any(|(alarm, _)| *alarm == Alarm::MailServer)
    );
    relay.end().await;
}

/// What a kept connection says before it sees a letter is no attempt at the letter.
#[tokio::test(start_paused = true)]
async fn a_connection_that_was_kept_may_have_died() {
    for act in [
        Close(""),
        Say("421 4.7.0 too many letters"),
        Say("451 later"),
        Late(6 * MINUTE),
    ] {
        let (depot, script) = (Depot::new(), Script::start(true).await);
        let relay = depot.serve(&script);
        depot.letter(1, 2_000);
        depot
            .until("a delivery", 10 * MINUTE, || depot.count(State::Delivered) == 1)
            .await;
        script.once(At::Mail, act);
        let (name, _) = depot.letter(2, 2_000);
        depot
            .until("the other delivery", 10 * MINUTE, || depot.count(State::Delivered) == 2)
            .await;
        assert_eq!(depot.attempts(&name), 0);
        let told = depot.alarms.metrics(SystemTime::now() + 5 * MINUTE);
        assert!(
            told.contains("deferred\"} 0") && told.contains("delivered\"} 2"),
            "{act:?}"
        );
        // The control: the second connection was needed.
        assert_eq!(script.seen.lock().unwrap().connections, 2, "{act:?}");
        relay.end().await;
    }
}
