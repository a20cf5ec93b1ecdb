//! What a mail server refuses, and whose fault that is: the letter's only when it is said of the letter.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use konvolutt::alarms::Alarm;
use konvolutt::relay::TransportSettings;
use konvolutt::relay::smtp::{Login, Proof, Security};
use konvolutt::store::State;

use crate::support::{Act, At, Depot, Postfix, SENDER, Script};

use Act::Say;
use Outcome::{Held, Waits};

/// What becomes of the letter.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Waits,
    Held,
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// What the mail server says to RCPT, what the letter does, and whom the alarm is about.
const AT_RCPT: &[(&str, Outcome, Option<&str>)] = &[
    ("550 5.1.1 no such user", Waits, Some("postmottak")),
    (
        "550 5.7.1 your address 203.0.113.7 is blocked",
        Waits,
        Some("postmottak"),
    ),
    ("550 5.7.1 your address 195.2.2.7 is blocked", Waits, Some("postmottak")),
    ("554 5.7.1 <a@b>: Relay access denied", Waits, Some("postmottak")),
    ("454 4.7.1 <a@b>: Relay access denied", Waits, Some("postmottak")),
    ("552-5.2.2 the mailbox\r\n552 5.2.2 is full", Waits, Some("postmottak")),
    (
        "553 5.7.1 <a@b>: Sender address rejected: not owned by user x",
        Waits,
        Some(""),
    ),
    (
        "450 4.1.8 <a@b>: Sender address rejected: Domain not found",
        Waits,
        Some(""),
    ),
    ("450 4.7.1 greylisted", Waits, None),
    ("552 message refused by 65.3.4.9", Waits, None),
    ("552 5.2.3 too long for this mailbox", Held, None),
    ("552 5.3.4 message too big", Held, None),
];

/// Sender and recipient are the same for every letter: what a server says of them is about no letter, and the addresses in
/// its text are no codes.
#[tokio::test(start_paused = true)]
async fn a_reply_is_sorted_by_what_it_is_about() {
    for (reply, outcome, about) in AT_RCPT {
        let (depot, script) = (Depot::new(), Script::start(true).await);
        script.always(Some((At::Rcpt, Say(reply))));
        let (name, mail) = depot.letter(1, 2_000);
        let relay = depot.serve(&script);
        depot.until(reply, 10 * MINUTE, || depot.attempts(&name) > 0).await;
        depot
            .until(reply, MINUTE, || {
                depot.count(State::Held) == usize::from(*outcome == Held)
            })
            .await;
        assert_eq!(depot.count(State::Waiting), usize::from(*outcome == Waits), "{reply}");
        let told = depot.alarms.subjects(Alarm::MailServer);
        assert_eq!(told, Vec::from_iter(about.map(str::to_owned)), "{reply}");
        let texts: Vec<_> = depot.alarms.alarms().into_iter().map(|(_, text)| text).collect();
        let code = &reply[..3];
        assert!(
            about.is_none() || texts[0].contains(code) && texts[0].contains("To do: "),
            "{texts:?}"
        );
        script.always(None);
        if *outcome == Held {
            depot.store.release(&name).unwrap();
        }
        depot.until(reply, DAY, || depot.count(State::Delivered) == 1).await;
        assert!(depot.alarms.subjects(Alarm::MailServer).is_empty(), "{reply}");
        assert_eq!(script.mails(), [mail]);
        relay.end().await;
    }
}

/// "Relay access denied" at RCPT, five letters, a mended server: nobody has to do anything.
#[tokio::test(start_paused = true)]
async fn letters_that_were_refused_at_rcpt_go_by_themselves() {
    let (depot, script) = (Depot::new(), Script::start(false).await);
    let denied = "554 5.7.1 <postmottak@authority.example>: Relay access denied";
    script.always(Some((At::Rcpt, Say(denied))));
    let names: Vec<String> = (0..5).map(|number| depot.letter(number, 2_000).0).collect();
    let relay = depot.serve(&script);
    tokio::time::sleep(DAY).await;
    assert_eq!((depot.count(State::Waiting), depot.count(State::Held)), (5, 0));
    assert!(names.iter().all(|name| depot.attempts(name) > 5));
    assert_eq!(depot.alarms.subjects(Alarm::MailServer), ["postmottak"]);

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
        .until("the others", MINUTE, || depot.count(State::Delivered) == 5)
        .await;
    assert!(depot.alarms.subjects(Alarm::MailServer).is_empty());
    relay.end().await;
}

/// One address that is refused stops no letter to another.
#[tokio::test(start_paused = true)]
async fn a_refused_mailbox_stops_its_own_letters_alone() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.refuse_mailbox(Some(("gone@authority.example", "550 5.1.1 no such mailbox")));
    let gone: Vec<String> = (0..3)
        .map(|number| depot.letter_to(number, "gone", "gone@authority.example"))
        .collect();
    let relay = depot.serve(&script);
    depot
        .until("the refusals", 10 * MINUTE, || {
            gone.iter().all(|name| depot.attempts(name) > 0)
        })
        .await;
    assert_eq!(depot.alarms.subjects(Alarm::MailServer), ["gone"]);
    for number in 10..30 {
        depot.letter(number, 2_000);
        depot
            .until("a delivery to another", 10 * Duration::from_secs(1), || {
                script.mails().len() == usize::try_from(number).unwrap() - 9
            })
            .await;
    }
    // Those that got through say nothing of the refused one.
    assert_eq!(depot.alarms.subjects(Alarm::MailServer), ["gone"]);
    assert!(gone.iter().all(|name| depot.attempts(name) < 5));
    assert_eq!((depot.count(State::Waiting), depot.count(State::Held)), (3, 0));

    script.refuse_mailbox(None);
    depot
        .until("the deliveries", 3 * 60 * MINUTE, || {
            depot.count(State::Delivered) == 23
        })
        .await;
    assert!(depot.alarms.subjects(Alarm::MailServer).is_empty());

    // A mailbox that no letter waits for has no alarm.
    script.refuse_mailbox(Some(("gone@authority.example", "550 5.1.1 no such mailbox")));
    let name = depot.letter_to(40, "gone", "gone@authority.example");
    depot
        .until("the alarm", 10 * MINUTE, || {
            depot.attempts(&name) > 0 && !depot.alarms.subjects(Alarm::MailServer).is_empty()
        })
        .await;
    depot.store.hold(&name).unwrap();
    depot
        .until("the end of the alarm", 10 * MINUTE, || {
            depot.alarms.subjects(Alarm::MailServer).is_empty()
        })
        .await;
    relay.end().await;
}

/// What befalls a letter later says nothing of its mailbox: the alarm ends with evidence, not with other trouble.
#[tokio::test(start_paused = true)]
async fn other_trouble_does_not_end_what_is_known_of_a_mailbox() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.always(Some((At::Rcpt, Say("550 5.1.1 no such mailbox"))));
    let (name, mail) = depot.letter(1, 2_000);
    let relay = depot.serve(&script);
    let about = |subject: &str| depot.alarms.own().into_iter().find(|alarm| alarm.about == subject);
    depot
        .until("the alarm", 10 * MINUTE, || about("postmottak").is_some())
        .await;
    let raised = about("postmottak");
    for (at, trouble) in [
        (At::Rcpt, Say("421 4.3.2 shutting down")),
        (At::Rcpt, Say("450 4.7.1 greylisted")),
        (At::Rcpt, Act::Close("")),
        (At::Greeting, Act::Close("")),
    ] {
        script.always(Some((at, trouble)));
        let before = depot.attempts(&name);
        depot.until("an attempt", DAY, || depot.attempts(&name) > before).await;
        // Everything is looked at each minute.
        tokio::time::sleep(5 * MINUTE).await;
        assert_eq!(about("postmottak"), raised, "{trouble:?}");
    }
    script.always(None);
    depot
        .until("the delivery", DAY, || depot.count(State::Delivered) == 1)
        .await;
    assert!(depot.alarms.subjects(Alarm::MailServer).is_empty());
    assert_eq!(script.mails(), [mail]);
    relay.end().await;
}

/// A server that refuses a mailbox, or a letter that it has read, has let us in: it is not out of reach any more.
#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_one_letter_is_back_for_the_others() {
    for (at, no, held) in [
        (At::Rcpt, "550 5.1.1 no such mailbox", 0),
        (At::Dot, "554 5.6.0 no such content here", 1),
    ] {
        let (depot, script) = (Depot::new(), Script::start(true).await);
        script.always(Some((At::Greeting, Act::Close(""))));
        let (name, mail) = depot.letter(1, 2_000);
        let relay = depot.serve(&script);
        // From now on it is tried each two hours.
        depot.until(no, DAY, || depot.attempts(&name) > 6).await;
        script.once(at, Say(no));
        script.always(None);
        depot.letter_to(2, "other", "other@authority.example");
        depot.until(no, MINUTE, || depot.count(State::Delivered) == 1).await;
        assert!(script.mails().contains(&mail), "{no}");
        assert_eq!(depot.count(State::Held), held, "{no}");
        relay.end().await;
    }
}

/// The same for the alarm, which needs no other letter.
#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_a_mailbox_can_be_reached() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.always(Some((At::Greeting, Act::Close(""))));
    depot.letter(1, 2_000);
    let relay = depot.serve(&script);
    let told = || depot.alarms.subjects(Alarm::MailServer);
    depot.until("the alarm", 10 * MINUTE, || told() == [""]).await;
    script.always(Some((At::Rcpt, Say("550 5.1.1 no such mailbox"))));
    depot
        .until("the mailbox's alarm alone", DAY, || told() == ["postmottak"])
        .await;
    relay.end().await;
}

/// A filter that takes nothing sealed refuses each letter after its last byte. None is to blame, and one is enough to tell.
#[tokio::test(start_paused = true)]
async fn a_refusal_that_meets_all_letters_holds_one() {
    for (at, no) in [
        (At::Dot, "554 5.7.1 encrypted content is not allowed here"),
        (At::Dot, "550 refused"),
        (At::Data, "554 5.7.1 relaying denied"),
    ] {
        let (depot, script) = (Depot::new(), Script::start(true).await);
        script.always(Some((at, Say(no))));
        let names: Vec<_> = (0..5).map(|number| depot.letter(number, 2_000).0).collect();
        let relay = depot.serve(&script);
        depot
            .until(no, 10 * MINUTE, || names.iter().all(|name| depot.attempts(name) > 0))
            .await;
        tokio::time::sleep(DAY).await;
        assert_eq!((depot.count(State::Held), depot.count(State::Waiting)), (1, 4), "{no}");
        assert_eq!(depot.alarms.subjects(Alarm::MailServer), ["postmottak"], "{no}");
        script.always(None);
        // The first that gets through takes the others with it.
        depot.until(no, DAY, || depot.count(State::Delivered) == 4).await;
        assert!(depot.alarms.subjects(Alarm::MailServer).is_empty(), "{no}");
        // The control: one that is refused alone is held, and so is the next, once others were taken between.
        for number in [11, 12] {
            script.once(at, Say(no));
            depot.letter(number, 2_000);
            let held = if number == 11 { 2 } else { 3 };
            depot.until(no, MINUTE, || depot.count(State::Held) == held).await;
            depot.letter(number + 10, 2_000);
            depot.until(no, MINUTE, || depot.count(State::Waiting) == 0).await;
        }
        relay.end().await;
    }
}

/// The size alone is judged before the sender is: it says nothing of him.
#[tokio::test(start_paused = true)]
async fn a_letter_that_is_too_big_says_nothing_of_the_server() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.always(Some((At::Mail, Say("550 5.7.1 relaying denied"))));
    let (name, _) = depot.letter(1, 2_000);
    let relay = depot.serve(&script);
    let told = || depot.alarms.subjects(Alarm::MailServer);
    depot.until("the alarm", 10 * MINUTE, || told() == [""]).await;
    script.always(Some((At::Mail, Say("552 5.3.4 message too big"))));
    depot
        .until("the letter is held", DAY, || depot.count(State::Held) == 1)
        .await;
    tokio::time::sleep(5 * MINUTE).await;
    assert_eq!(told(), [""]);
    // The control: what ends it.
    script.always(None);
    depot.store.release(&name).unwrap();
    depot.until("the end of the alarm", DAY, || told().is_empty()).await;
    relay.end().await;
}

/// An address that no SMTP command can hold, from a configuration that took it: nothing is held, and others go on.
#[tokio::test(start_paused = true)]
async fn a_letter_to_what_is_no_address_waits() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let name = depot.letter_to(1, "odd", "post..mottak@authority.example");
    let relay = depot.serve(&script);
    depot.until("two attempts", DAY, || depot.attempts(&name) > 1).await;
    let listed = depot.store.show(&name).unwrap().unwrap();
    assert_eq!(listed.state, State::Waiting);
    assert!(
        listed.status.last_error.contains("no mail address"),
        "{:?}",
        listed.status
    );
    depot.letter(2, 2_000);
    depot
        .until("the other letter", MINUTE, || depot.count(State::Delivered) == 1)
        .await;
    relay.end().await;
}

/// What Postfix says at RCPT of a sender that it refuses, its `smtpd_delay_reject` being as it comes.
#[tokio::test]
#[ignore = "needs root and postfix"]
async fn a_sender_that_postfix_refuses_holds_nothing_and_goes_once_it_is_mended() {
    // Whom the login owns; and a list of senders that are not wanted.
    let login = (
        "smtpd_sender_login_maps = texthash:MAP\nsmtpd_sender_restrictions = reject_sender_login_mismatch",
        "somebody",
        "relay",
        "553 5.7.1",
        "",
    );
    let list = (
        "smtpd_sender_restrictions = check_sender_access texthash:MAP",
        "REJECT",
        "OK",
        "554 5.7.1",
        "postmottak",
    );
    tokio::join!(refused_by_postfix(login), refused_by_postfix(list));
}

async fn refused_by_postfix((rules, bad, good, code, about): (&str, &str, &str, &str, &str)) {
    let depot = Depot::new();
    let map = depot.root().join("map");
    fs::write(&map, format!("{SENDER} {bad}\n")).unwrap();
    let auth = depot.root().join("auth");
    say_yes_to_every_login(&auth);
    let rules = rules.replace("MAP", &map.display().to_string());
    let postfix = Postfix::start(
        depot.root(),
        &format!(
            "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = {}\n{rules}\n",
            auth.display()
        ),
    );
    let root = fs::read_to_string(depot.root().join("mail-ca.pem")).unwrap();
    let mut smtp = depot.smtp(postfix.port, Security::Starttls, &root, 1);
    smtp.login = Some(Login {
        user: "relay".into(),
        proof: Proof::Password(depot.root().join("password")),
    });
    let names: Vec<String> = (0..3).map(|number| depot.letter(number, 2_000).0).collect();
    let relay = depot.run(TransportSettings::Smtp(smtp));
    let tried = || names.iter().all(|name| depot.attempts(name) > 0);
    depot.until("an attempt at each", MINUTE, tried).await;
    assert_eq!(
        (depot.count(State::Waiting), depot.count(State::Held)),
        (3, 0),
        "{code}"
    );
    assert_eq!(depot.alarms.subjects(Alarm::MailServer), [about]);
    let texts = depot.alarms.alarms();
    assert!(texts.len() == 1 && texts[0].1.contains(code), "{texts:?}");
    let commands = postfix.log();
    assert!(
        commands.contains("reject: RCPT"),
        "the control: it is refused at RCPT\n{commands}"
    );

    fs::write(&map, format!("{SENDER} {good}\n")).unwrap();
    postfix.reload();
    depot
        .until("the deliveries", 3 * MINUTE, || depot.count(State::Delivered) == 3)
        .await;
    assert!(depot.alarms.alarms().is_empty(), "{:?}", depot.alarms.alarms());
    depot
        .until("the mails in Postfix' mailbox", MINUTE, || postfix.mails().len() == 3)
        .await;
    relay.end().await;
}

/// The side of Postfix that knows passwords (Dovecot's protocol of logins), which here takes each.
pub fn say_yes_to_every_login(path: &Path) {
    let listener = UnixListener::bind(path).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || drop(one_client(stream)));
        }
    });
}

fn one_client(stream: UnixStream) -> std::io::Result<()> {
    let mut answers = stream.try_clone()?;
    answers.write_all(
        b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00000000000000000000000000000000\nDONE\n",
    )?;
    for line in BufReader::new(stream).lines() {
        let line = line?;
        let mut words = line.split('\t');
        if words.next() == Some("AUTH") {
            let number = words.next().unwrap_or_default();
            answers.write_all(format!("OK\t{number}\tuser=relay\n").as_bytes())?;
        }
    }
    Ok(())
}
