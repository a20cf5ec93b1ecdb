//! A mail server on this machine, over its socket: the same promises as over the net.

use std::path::{Path, PathBuf};
use std::time::Duration;

use konvolutt::alarms::Alarm;
use konvolutt::diagnostic::Severity;
use konvolutt::relay::smtp::{Asked, Lmtp};
use konvolutt::relay::{Transport, TransportSettings};
use konvolutt::store::State;

use crate::mailbox::Dovecot;
use crate::support::{Act, At, Depot, MAILBOX, Options, SENDER, Script, World};

use Act::{Close, Say};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

fn lmtp(socket: &Path) -> Lmtp {
    Lmtp {
        socket: socket.to_owned(),
        hello: "authority.example".into(),
        connections: 2,
    }
}

async fn ask(settings: Lmtp) -> Vec<(Severity, String)> {
    let transport = Transport::new(TransportSettings::Lmtp(settings)).unwrap();
    let mailbox = Asked {
        name: "postmottak".into(),
        address: MAILBOX.into(),
        largest: Some(25_000_000),
    };
    let mut told = Vec::new();
    transport
        .ask(SENDER, &[mailbox], &mut |found| {
            told.push((found.severity, found.to_string()))
        })
        .await;
    told
}

/// Where and how the server says no, and how many letters are held and delivered then.
const NOES: &[(At, Act, usize, usize)] = &[
    (At::Greeting, Say("421 4.3.2 not now"), 0, 0),
    (At::SecureHello, Close(""), 0, 0),
    (At::Mail, Say("451 4.3.0 later"), 0, 0),
    (At::Rcpt, Say("550 5.1.1 no such mailbox"), 0, 0),
    (At::Data, Say("503 5.5.1 no valid recipients"), 0, 0),
    (At::Dot, Say("452 4.2.2 mailbox full"), 0, 0),
    (At::Dot, Say("554 5.6.0 not this one"), 1, 0),
    (At::Dot, Close(""), 0, 0),
    (At::Rcpt, Say("250 2.1.5 yes"), 0, 1),
];

#[tokio::test(start_paused = true)]
async fn whatever_the_socket_says_nothing_is_lost() {
    for (at, act, held, delivered) in NOES {
        let case = format!("{at:?} {act:?}");
        let depot = Depot::new();
        let socket = depot.root().join("lmtp");
        let script = Script::at_socket(&socket).await;
        script.once(*at, *act);
        let (name, mail) = depot.letter(1, 40_000);
        let relay = depot.run(TransportSettings::Lmtp(lmtp(&socket)));
        depot
            .until(&case, 30 * MINUTE, || {
                depot.attempts(&name) > 0 || depot.count(State::Waiting) == 0
            })
            .await;
        assert_eq!(
            (depot.count(State::Held), depot.count(State::Delivered)),
            (*held, *delivered),
            "{case}"
        );
        if *held > 0 {
            depot.store.release(&name).unwrap();
        }
        depot.until(&case, 2 * DAY, || depot.count(State::Delivered) == 1).await;
        assert!(script.mails().iter().all(|copy| *copy == mail), "{case}");
        let seen = script.seen.lock().unwrap().commands.clone();
        assert!(
            seen.iter().any(|line| line == "LHLO authority.example"),
            "{case} {seen:?}"
        );
        assert!(
            seen.iter()
                .all(|line| !line.starts_with("EHLO") && !line.starts_with("AUTH"))
        );
        relay.end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_leads_nowhere_is_an_alarm_that_names_it() {
    let depot = Depot::new();
    let socket = depot.root().join("lmtp");
    depot.letter(1, 2_000);
    let relay = depot.run(TransportSettings::Lmtp(lmtp(&socket)));
    let told = || {
        let alarms = depot.alarms.alarms().into_iter();
        let mut own = alarms.filter(|(alarm, _)| *alarm == Alarm::MailServer);
        own.next().map(|(_, text)| text).unwrap_or_default()
    };
    depot
        .until("the alarm", 10 * MINUTE, || told().contains("lmtp is not there"))
        .await;
    assert!(told().contains("service lmtp"), "{}", told());
    let script = Script::at_socket(&socket).await;
    depot
        .until("the delivery", DAY, || depot.count(State::Delivered) == 1)
        .await;
    assert!(told().is_empty());
    assert_eq!(script.mails().len(), 1);
    relay.end().await;
}

#[tokio::test]
async fn a_socket_is_asked_like_a_server() {
    let depot = Depot::new();
    let socket = depot.root().join("lmtp");
    let told = ask(lmtp(&socket)).await;
    assert!(told.len() == 1 && told[0].0 == Severity::Problem, "{told:?}");
    assert!(told[0].1.contains("lmtp is not there"), "{told:?}");

    let script = Script::at_socket(&socket).await;
    let told = ask(lmtp(&socket)).await;
    assert!(told.iter().all(|(severity, _)| *severity == Severity::Good), "{told:?}");
    assert!(
        told[0].1.contains("answers over its socket (LMTP)") && told[1].1.contains(MAILBOX),
        "{told:?}"
    );
    script.once(At::Rcpt, Say("550 5.1.1 no such user"));
    let told = ask(lmtp(&socket)).await;
    assert!(
        told[1].0 == Severity::Problem && told[1].1.contains("550 5.1.1"),
        "{told:?}"
    );
    assert!(script.seen.lock().unwrap().commands.iter().all(|line| line != "DATA"));

    // A socket has no port that anybody could look after.
    script.once(At::Greeting, Close(""));
    let told = ask(lmtp(&socket)).await;
    let wanted = format!("Look into the log of the server at {} for why", socket.display());
    assert!(told[0].1.contains(&wanted) && !told[0].1.contains("port"), "{told:?}");
}

fn to_the_socket(root: &Path, config: &Path) {
    let text = std::fs::read_to_string(config).unwrap();
    let (before, rest) = text.split_once("[mail.maildir]\ndirectory = \"postmottak\"\n").unwrap();
    let socket = root.join("lmtp");
    std::fs::write(
        config,
        format!("{before}[mail.lmtp]\nsocket = \"{}\"\n{rest}", socket.display()),
    )
    .unwrap();
}

/// The relay's sandbox lets it connect to the socket, and a letter goes the whole way.
#[tokio::test(flavor = "multi_thread")]
async fn the_relay_in_its_sandbox_reaches_the_socket() {
    let mut world = tokio::task::block_in_place(|| {
        World::with(Options {
            maildir: true,
            apart: true,
            change: |authority| to_the_socket(&authority.root, &authority.config()),
            ..Options::default()
        })
    });
    let script = Script::at_socket(&world.root().join("lmtp")).await;
    tokio::task::block_in_place(|| {
        assert_eq!(world.marked_form().send().status, 303);
        world.until("the letter at the socket", || script.mails().len() == 1);
        world.open(&script.mails()[0]);
        assert!(world.log().contains("the sandbox is closed"), "the control");
        assert_eq!(world.terminate(), Some(0));
    });
}

/// Dovecot, as it comes.
#[tokio::test]
#[ignore = "needs root and dovecot"]
async fn dovecot_takes_letters_over_its_socket() {
    let depot = Depot::new();
    let dovecot = Dovecot::start(depot.root(), "keep;");
    let socket: PathBuf = dovecot.socket();
    let told = ask(lmtp(&socket)).await;
    assert!(told.iter().all(|(severity, _)| *severity == Severity::Good), "{told:?}");
    let names: Vec<String> = (0..3).map(|number| depot.letter(number, 20_000).0).collect();
    let relay = depot.run(TransportSettings::Lmtp(lmtp(&socket)));
    depot
        .until("the deliveries", MINUTE, || {
            depot.count(State::Delivered) == names.len()
        })
        .await;
    depot
        .until("the mails", MINUTE, || dovecot.mails() == names.len())
        .await;
    assert!(depot.alarms.alarms().is_empty(), "{:?}", depot.alarms.alarms());
    relay.end().await;
}
