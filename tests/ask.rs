//! `check --online`: the mail server is asked everything that a letter asks it, and every no has a sentence of ours.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use konvolutt::diagnostic::{Diagnostic, Severity};
use konvolutt::https::Address;
use konvolutt::notify::{Notice, Webhook};
use konvolutt::relay::smtp::{self, Asked, Login, Proof, Security};
use konvolutt::relay::{ClientIdentity, Transport, TransportSettings, client_config, client_config_as};

use crate::support::{Act, At, Authority, Depot, Identity, Postfix, SENDER, Script, Way};

use Act::{Close, Late, Say, Show};
use Severity::{Good, Problem, Warning};

const OFFERS: &str = "250-script\r\n250-SIZE 26214400\r\n250 AUTH PLAIN";

/// What libraries and systems say among themselves.
const INSIDE: [&str; 14] = [
    "os error",
    "Os {",
    "Error",
    "InvalidC",
    "InvalidM",
    "Certificate(",
    "Alert",
    "NoItems",
    "DnsName",
    "lettre",
    "rustls",
    "webpki",
    "Custom",
    "kind:",
];

fn mailbox(name: &str, megabytes: u64) -> Asked {
    Asked {
        name: name.into(),
        address: format!("{name}@authority.example"),
        largest: Some(megabytes * 1_000_000),
    }
}

fn settings(depot: &Depot, script: &Script) -> smtp::Settings {
    let security = if script.tls_first {
        Security::Implicit
    } else {
        Security::Starttls
    };
    let mut smtp = depot.smtp(script.port, security, &script.root, 1);
    smtp.login = Some(Login {
        user: "relay".into(),
        proof: Proof::Password(depot.root().join("password")),
    });
    smtp
}

async fn ask(settings: smtp::Settings, mailboxes: &[Asked]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let transport = Transport::new(TransportSettings::Smtp(settings)).unwrap();
    transport.ask(SENDER, mailboxes, &mut |found| told.push(found)).await;
    for found in &told {
        let text = found.to_string();
        assert!(INSIDE.iter().all(|word| !text.contains(word)), "{text}");
        assert!(found.severity == Good || found.remedy.len() > 10, "{text}");
    }
    told
}

fn texts(told: &[Diagnostic]) -> Vec<(Severity, &str)> {
    told.iter().map(|found| (found.severity, found.what.as_str())).collect()
}

fn verbs(script: &Script) -> Vec<String> {
    let seen = script.seen.lock().unwrap();
    // Without what is said at the login.
    let words = |line: &String| match line.strip_prefix("AUTH ") {
        Some(login) => format!("AUTH {}", login.split(' ').next().unwrap()),
        None => line.clone(),
    };
    seen.commands.iter().map(words).collect()
}

#[tokio::test]
async fn a_server_that_takes_letters_is_asked_everything_but_for_the_letter() {
    for tls_first in [true, false] {
        let (depot, script) = (Depot::new(), Script::start(tls_first).await);
        script.once(At::SecureHello, Say(OFFERS));
        let told = ask(
            settings(&depot, &script),
            &[mailbox("postmottak", 25), mailbox("arkiv", 10)],
        )
        .await;
        assert!(told.iter().all(|found| found.severity == Good), "{told:?}");
        assert_eq!(told.len(), 4, "{told:?}");
        assert_eq!(told[1].what, "it takes the login of relay (PLAIN)");
        assert!(
            told[2]
                .what
                .contains("to postmottak@authority.example (mailbox `postmottak`), up to 26 MB")
        );
        assert_eq!(
            verbs(&script),
            [
                "EHLO authority.example",
                "AUTH PLAIN",
                "MAIL FROM:<skjema@authority.example> SIZE=25000000",
                "RCPT TO:<postmottak@authority.example>",
                "RSET",
                "MAIL FROM:<skjema@authority.example> SIZE=10000000",
                "RCPT TO:<arkiv@authority.example>",
                "RSET",
                "QUIT",
            ]
        );
    }
}

/// Of no login nothing is said, least of all that it was taken.
#[tokio::test]
async fn without_a_login_none_is_told() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let mut settings = settings(&depot, &script);
    settings.login = None;
    let told = ask(settings, &[mailbox("postmottak", 25)]).await;
    assert!(
        told.iter()
            .all(|found| found.severity == Good && !found.what.contains("login")),
        "{told:?}"
    );
    // No SIZE is sent to a server that does not offer it.
    assert!(verbs(&script).contains(&"MAIL FROM:<skjema@authority.example>".to_owned()));
}

/// Where, what the server does, how bad that is, what is told, what helps.
const NOES: &[(At, Act, Severity, &str, &str)] = &[
    (
        At::Greeting,
        Say("554 5.7.1 not you"),
        Problem,
        "554 5.7.1 not you",
        "Look after the mail server",
    ),
    (
        At::Greeting,
        Close(""),
        Problem,
        "closed the connection",
        "Look into the log of localhost",
    ),
    (
        At::SecureHello,
        Say("554 no"),
        Problem,
        "554 no",
        "Look after the mail server",
    ),
    (
        At::SecureHello,
        Say("250-script\r\n250 AUTH GSSAPI NTLM"),
        Problem,
        "offers only the logins GSSAPI, NTLM; Konvolutt speaks PLAIN, LOGIN and XOAUTH2",
        "client certificate",
    ),
    (
        At::SecureHello,
        Say("250 script"),
        Problem,
        "offers no login at this port",
        "587 or 465",
    ),
    (
        At::Auth,
        Say("535 5.7.8 wrong"),
        Problem,
        "does not take the login: 535 5.7.8 wrong",
        "Correct `user` (relay)",
    ),
    // What says nothing of the password does not send anybody to look after it.
    (
        At::Auth,
        Say("454 4.7.0 temporary authentication failure"),
        Problem,
        "does not take the login: 454 4.7.0",
        "Wait: the mail server says that it is for now",
    ),
    (
        At::Auth,
        Say("421 4.7.0 try again later"),
        Problem,
        "does not take the login: 421 4.7.0",
        "Wait: the mail server says that it is for now",
    ),
    (
        At::Auth,
        Say("554 5.7.1 access denied"),
        Problem,
        "does not take the login: 554 5.7.1",
        "it does not say that user or secret is wrong",
    ),
    (
        At::Auth,
        Say("535 5.7.139 disabled for the Tenant"),
        Problem,
        "5.7.139",
        "Set-CASMailbox",
    ),
    (
        At::Auth,
        Say("550 5.7.30 Basic authentication is not supported"),
        Problem,
        "5.7.30",
        "`token_file`",
    ),
    (
        At::Mail,
        Say("550 5.7.1 relaying denied"),
        Problem,
        "does not take mail from skjema@authority.example: 550 5.7.1 relaying denied",
        "`user` with the password or token, or the client certificate",
    ),
    (
        At::Mail,
        Say("552 5.3.4 too big"),
        Problem,
        "does not take a mail of the size that `postmottak` is configured for: 552 5.3.4 too big",
        "Lower `message_limit_mb`",
    ),
    (
        At::Rcpt,
        Say("553 5.7.1 <a@b>: Sender address rejected: not owned by user relay"),
        Problem,
        "does not take mail from skjema@authority.example: 553 5.7.1",
        "Let the mail server take mail from the addresses in [mail]",
    ),
    (
        At::Rcpt,
        Say("550 5.1.1 no such user"),
        Problem,
        "does not take mail to postmottak@authority.example (mailbox `postmottak`): 550 5.1.1 no such user",
        "Correct `address` of this mailbox, or make the mailbox",
    ),
    (
        At::Rcpt,
        Say("454 4.7.1 <a@b>: Relay access denied"),
        Problem,
        "Relay access denied",
        "let the mail server carry mail",
    ),
    (
        At::Rcpt,
        Say("554 5.7.1 <a@b>: Relay access denied"),
        Problem,
        "Relay access denied",
        "permit_sasl",
    ),
    (
        At::Rcpt,
        Say("450 4.7.1 greylisted"),
        Warning,
        "at this moment: 450 4.7.1 greylisted",
        "greylisting",
    ),
    (
        At::Rcpt,
        Close(""),
        Problem,
        "closed the connection",
        "Look into the log of localhost",
    ),
    (
        At::Handshake,
        Show(Identity::WrongName),
        Problem,
        "is for somebody.else.example, not for localhost",
        "`host` in [mail.smtp]",
    ),
    (
        At::Handshake,
        Show(Identity::Expired),
        Problem,
        "ended on 2021-01-01",
        "Give localhost a new certificate",
    ),
    (
        At::Handshake,
        Show(Identity::Untrusted),
        Problem,
        "of an authority that is not trusted here",
        "`ca_file` in [mail.smtp]",
    ),
    (
        At::Handshake,
        Show(Identity::OtherKey),
        Problem,
        "is not signed by the authority that is trusted here, only by one of its name",
        "`ca_file` in [mail.smtp]",
    ),
    (
        At::Handshake,
        Show(Identity::Authority),
        Problem,
        "one of an authority (CA:TRUE)",
        "basicConstraints=critical,CA:FALSE",
    ),
    (
        At::Handshake,
        Show(Identity::NotYet),
        Problem,
        "valid only from 2090-01-01",
        "this machine's clock",
    ),
];

#[tokio::test]
async fn every_no_has_a_sentence_and_what_helps() {
    for (at, act, severity, what, remedy) in NOES {
        let (depot, script) = (Depot::new(), Script::start(true).await);
        script.once(*at, *act);
        let told = ask(settings(&depot, &script), &[mailbox("postmottak", 25)]).await;
        let found = told.iter().find(|found| found.severity != Good);
        let found = found.unwrap_or_else(|| panic!("{at:?} {act:?} {told:?}"));
        assert_eq!(found.severity, *severity, "{found}");
        assert!(found.what.contains(what) && found.remedy.contains(remedy), "{found}");
        assert_eq!(
            told.iter().filter(|found| found.severity != Good).count(),
            1,
            "{told:?}"
        );
        assert!(verbs(&script).iter().all(|line| line != "DATA"));
    }
}

/// One mailbox that is refused says nothing of the next; a sender that is refused is refused for all.
#[tokio::test]
async fn what_is_wrong_with_one_mailbox_does_not_hide_the_others() {
    let both = [mailbox("postmottak", 25), mailbox("arkiv", 25)];
    for (no, wanted) in [
        ("550 5.1.1 no such user", vec![Good, Good, Problem, Good]),
        ("450 4.7.1 greylisted", vec![Good, Good, Warning, Good]),
        (
            "553 5.7.1 Sender address rejected: not owned",
            vec![Good, Good, Problem, Warning],
        ),
        // It goes on listening.
        ("421 4.3.2 shutting down", vec![Good, Good, Warning, Good]),
    ] {
        let (depot, script) = (Depot::new(), Script::start(true).await);
        script.once(At::Rcpt, Say(no));
        let told = ask(settings(&depot, &script), &both).await;
        let found: Vec<Severity> = told.iter().map(|found| found.severity).collect();
        assert_eq!(found, wanted, "{no} {told:?}");
    }
}

/// A mailbox of which nothing was heard does not pass for good.
#[tokio::test]
async fn mailboxes_that_were_not_asked_are_named() {
    let all = ["postmottak", "arkiv", "nokon"].map(|name| mailbox(name, 25));
    for act in [Close("421 4.3.2 shutting down\r\n"), Close("")] {
        let (depot, script) = (Depot::new(), Script::start(true).await);
        script.once(At::Rcpt, act);
        let told = ask(settings(&depot, &script), &all).await;
        let last = told.last().unwrap();
        assert_eq!((told.len(), last.severity), (4, Warning), "{told:?}");
        assert!(last.what.ends_with("these mailboxes: `arkiv`, `nokon`."), "{last}");
    }
    // The control: with nothing left to ask there is nothing to tell.
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.once(At::Rcpt, Close(""));
    let told = ask(settings(&depot, &script), &all[..1]).await;
    assert_eq!(told.len(), 3, "{told:?}");
}

/// A server that repeats the line of the login gets no secret into what is told.
#[tokio::test]
async fn a_login_that_the_server_repeats_is_not_told_on() {
    // The depot's login: PLAIN, and its password alone.
    for (echo, code) in [
        ("535 5.7.8 cannot decode AHJlbGF5AGzDuHluZG9t", "535 5.7.8 ("),
        ("454 4.7.0 no user with password l\u{f8}yndom now", "454 4.7.0 ("),
        (
            "AUTH PLAIN AHJlbGF5AGzDuHluZG9t: what?",
            "did not answer as it should (",
        ),
        ("354 AHJlbGF5AGzDuHluZG9t", "354 ("),
    ] {
        let (depot, script) = (Depot::new(), Script::start(true).await);
        script.once(At::Auth, Say(echo));
        let told = ask(settings(&depot, &script), &[mailbox("postmottak", 25)]).await;
        let found = told.last().unwrap().to_string();
        assert!(found.contains(code) && !found.contains("GzDuHluZG9t"), "{found}");
        assert!(!found.contains("l\u{f8}yndom"), "{found}");
    }
}

/// A letter above the server's limit would get its receipt first.
#[tokio::test]
async fn a_limit_above_the_servers_is_told_with_both_figures() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.once(At::SecureHello, Say(OFFERS));
    let told = ask(settings(&depot, &script), &[mailbox("postmottak", 60)]).await;
    let found = &told[2];
    assert_eq!(found.severity, Problem);
    assert!(
        found.what.contains("at most 26214400 bytes") && found.what.contains("configured for 60 MB"),
        "{found}"
    );
    assert!(found.remedy.contains("`message_limit_mb = 26`"), "{found}");
    assert_eq!(told[3].severity, Good, "the rest is asked all the same: {told:?}");
}

/// A token is a login of its own; the server wants an empty line before it says no.
#[tokio::test]
async fn a_token_logs_in_and_a_refused_one_is_told_with_its_file() {
    use base64::Engine;
    let offers = "250-script\r\n250 AUTH PLAIN XOAUTH2";
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let file = depot.root().join("token");
    std::fs::write(&file, "ya29.token\n").unwrap();
    let mut settings = settings(&depot, &script);
    settings.login = Some(Login {
        user: "skjema@authority.example".into(),
        proof: Proof::Token(file.clone()),
    });
    script.once(At::SecureHello, Say(offers));
    let told = ask(settings.clone(), &[mailbox("postmottak", 25)]).await;
    assert_eq!(told[1].what, "it takes the login of skjema@authority.example (XOAUTH2)");
    let said = script.seen.lock().unwrap().commands[1].clone();
    let said = said.strip_prefix("AUTH XOAUTH2 ").unwrap().to_owned();
    let said = base64::engine::general_purpose::STANDARD.decode(said).unwrap();
    assert_eq!(said, b"user=skjema@authority.example\x01auth=Bearer ya29.token\x01\x01");

    // Another one, as whoever renews it puts it there.
    std::fs::write(depot.root().join("new"), "ya29.other").unwrap();
    std::fs::rename(depot.root().join("new"), &file).unwrap();
    script.once(At::SecureHello, Say(offers));
    script.once(At::Auth, Say("334 eyJzdGF0dXMiOiI0MDEifQ=="));
    script.once(At::Empty, Say("535 5.7.3 Authentication unsuccessful"));
    let told = ask(settings, &[mailbox("postmottak", 25)]).await;
    let found = &told[1];
    assert_eq!(found.severity, Problem);
    let wanted = format!(
        "535 5.7.3 Authentication unsuccessful (the token in {} was written ",
        file.display()
    );
    assert!(
        found.what.contains(&wanted) && found.remedy.contains("packaging/oauth2"),
        "{found}"
    );
    let commands = script.seen.lock().unwrap().commands.clone();
    let at = commands
        .iter()
        .rposition(|line| line.starts_with("AUTH XOAUTH2"))
        .unwrap();
    assert_eq!(commands[at + 1], "", "an empty line");
}

/// An old server that asks for user and password one after the other.
#[tokio::test]
async fn a_server_that_knows_only_login_is_logged_in_to() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.once(At::SecureHello, Say("250-script\r\n250 AUTH=LOGIN NTLM"));
    script.once(At::Auth, Say("334 VXNlcm5hbWU6"));
    script.once(At::More, Say("334 UGFzc3dvcmQ6"));
    script.once(At::More, Say("235 2.7.0 yes"));
    let told = ask(settings(&depot, &script), &[mailbox("postmottak", 25)]).await;
    assert_eq!(told[1].what, "it takes the login of relay (LOGIN)");
    let commands = script.seen.lock().unwrap().commands.clone();
    // `relay`, and the password of the depot.
    assert_eq!(commands[1..4], ["AUTH LOGIN", "cmVsYXk=", "bMO4eW5kb20="]);
}

/// A server that knows this machine by its certificate: shown where it is asked for, without a user, and a new one without a
/// restart.
#[tokio::test]
async fn a_client_certificate_is_shown_and_a_new_one_too() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let (certificate, key) = (depot.root().join("client.pem"), depot.root().join("client.key"));
    let put = |(first, second): (&str, &str)| {
        for (path, text) in [(&certificate, first), (&key, second)] {
            let new = path.with_extension("new");
            std::fs::write(&new, text).unwrap();
            std::fs::rename(new, path).unwrap();
        }
    };
    let other = rcgen::generate_simple_self_signed(vec!["somebody".to_owned()]).unwrap();
    put((&other.cert.pem(), &other.signing_key.serialize_pem()));
    let identity = Arc::new(ClientIdentity::load(&certificate, &key).unwrap());
    let mut settings = settings(&depot, &script);
    let ca = depot.root().join("ca.pem");
    settings.tls = Some(client_config_as(&identity, Some(&ca)).unwrap());
    settings.identity = Some(identity);
    settings.login = None;
    let transport = Transport::new(TransportSettings::Smtp(settings.clone())).unwrap();
    let mailboxes = [mailbox("postmottak", 25)];
    let asked = async || {
        script.once(At::Handshake, Show(Identity::AsksBack));
        let mut told = Vec::new();
        transport.ask(SENDER, &mailboxes, &mut |found| told.push(found)).await;
        told
    };
    let told = asked().await;
    assert!(
        told[0].what.contains("does not take our client certificate"),
        "{told:?}"
    );
    assert!(told[0].remedy.contains("trust whoever signed it"), "{told:?}");

    put((&script.client.0, &script.client.1));
    let told = asked().await;
    assert!(
        told.len() == 2 && told.iter().all(|found| found.severity == Good),
        "{told:?}"
    );

    // Half a renewal: what was good stays.
    std::fs::write(&key, "half").unwrap();
    let told = asked().await;
    assert!(told.iter().all(|found| found.severity == Good), "{told:?}");

    // None at all, as a control that the server asks.
    settings.tls = Some(client_config(Some(&ca)).unwrap());
    settings.identity = None;
    script.once(At::Handshake, Show(Identity::AsksBack));
    let told = ask(settings, &mailboxes).await;
    assert!(
        told[0].what.contains("lets in only who shows a client certificate"),
        "{told:?}"
    );
}

/// Ten seconds for each step, on the runtime's clock.
#[tokio::test(start_paused = true)]
async fn a_silent_server_is_told_after_ten_seconds() {
    let long = Late(Duration::from_secs(60));
    for (at, tls_first, what) in [
        (At::Greeting, false, "says nothing within 10 s of the connection"),
        (At::Greeting, true, "says nothing within 10 s of the connection"),
        (At::Hello, false, "did not answer in time"),
        (At::Auth, true, "did not answer in time"),
        (At::Mail, true, "did not answer in time"),
        (At::Rcpt, true, "did not answer in time"),
    ] {
        let (depot, script) = (Depot::new(), Script::start(tls_first).await);
        script.once(at, long);
        let begin = tokio::time::Instant::now();
        let told = ask(settings(&depot, &script), &[mailbox("postmottak", 25)]).await;
        let found = told.iter().find(|found| found.severity == Problem).unwrap();
        assert!(found.what.contains(what), "{at:?} {found}");
        // RSET and QUIT have their own time.
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "{at:?} {:?}",
            begin.elapsed()
        );
    }
}

/// The wrong kind of TLS for a port, both ways.
#[tokio::test]
async fn the_wrong_security_for_a_port_is_told() {
    let (depot, script) = (Depot::new(), Script::start(false).await);
    let mut wrong = settings(&depot, &script);
    wrong.security = Security::Implicit;
    let told = ask(wrong, &[]).await;
    assert!(told[0].what.contains("is no TLS"), "{told:?}");
    assert!(told[0].remedy.contains("`security = \"starttls\"`"), "{told:?}");

    tokio::time::pause();
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let mut wrong = settings(&depot, &script);
    wrong.security = Security::Starttls;
    let told = ask(wrong, &[]).await;
    assert!(told[0].what.contains("says nothing within 10 s"), "{told:?}");
    assert!(told[0].remedy.contains("`security = \"implicit\"`"), "{told:?}");
}

/// One connection that gets these bytes for its first ones.
fn answers(bytes: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = [0; 512];
        let _ = stream.read(&mut hello);
        stream.write_all(bytes).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    port
}

#[tokio::test]
async fn what_ends_a_handshake_is_told() {
    // None that the kernel gives away: one that was free a moment ago may be another listener's by now.
    let closed = 1;
    let alert = |kind: u8| -> &'static [u8] { Vec::leak(vec![0x15, 3, 3, 0, 2, 2, kind]) };
    for (port, what, remedy) in [
        (answers(alert(70)), "TLS 1.2 or 1.3 is needed", "Let localhost offer"),
        (answers(alert(40)), "TLS 1.2 or 1.3 is needed", "Let localhost offer"),
        (
            answers(alert(116)),
            "only who shows a client certificate",
            "`client_certificate`",
        ),
        (
            answers(alert(48)),
            "does not take our client certificate",
            "trust whoever signed it",
        ),
        (answers(alert(80)), "ends the TLS handshake", "openssl s_client"),
        (answers(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "is no TLS", "starttls"),
        (answers(b""), "closed the connection", "log of localhost"),
        (closed, "nothing listens at localhost:", "runs and listens"),
    ] {
        let (depot, script) = (Depot::new(), Script::start(true).await);
        let mut settings = settings(&depot, &script);
        settings.port = port;
        if what == "closed the connection" {
            settings.port = answers_nothing();
        }
        let told = ask(settings, &[]).await;
        assert!(
            told[0].what.contains(what) && told[0].remedy.contains(remedy),
            "{told:?}"
        );
    }
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let mut settings = settings(&depot, &script);
    settings.host = "nowhere.invalid".into();
    let told = ask(settings, &[]).await;
    assert!(
        told[0]
            .what
            .contains("no address is found for the name nowhere.invalid"),
        "{told:?}"
    );
}

/// What is said of TLS to the mail server is said of TLS to the webhook too, with its own settings.
#[tokio::test]
async fn the_webhook_has_the_same_sentences() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let ca = depot.root().join("ca.pem");
    std::fs::write(&ca, &script.root).unwrap();
    // None that the kernel gives away: one that was free a moment ago may be another listener's by now.
    let closed = 1;
    for (identity, place, what, remedy) in [
        (Identity::Expired, "localhost", "ended on 2021-01-01", "new certificate"),
        (
            Identity::Untrusted,
            "localhost",
            "not trusted here",
            "`webhook_ca_file` in [alarm]",
        ),
        (
            Identity::WrongName,
            "localhost",
            "is for somebody.else.example",
            "host of `webhook` in [alarm]",
        ),
        (
            Identity::Authority,
            "localhost",
            "CA:TRUE",
            "`webhook_ca_file` in [alarm]",
        ),
        (Identity::Good, "localhost", "is no HTTP", "`webhook` in [alarm]"),
        (
            Identity::Good,
            "nowhere.invalid",
            "no address is found",
            "host of `webhook`",
        ),
        (
            Identity::Good,
            "closed",
            "nothing listens at localhost",
            "the webhook runs and listens",
        ),
    ] {
        script.once(At::Handshake, Show(identity));
        let (host, port) = if place == "closed" {
            ("localhost", closed)
        } else {
            (place, script.port)
        };
        let webhook = Webhook {
            address: Address::parse(&format!("https://{host}:{port}/")).unwrap(),
            token: None,
            tls: client_config(Some(&ca)).unwrap(),
            timeout: Duration::from_secs(30),
        };
        let notice = Notice::test("konvolutt", std::time::SystemTime::now());
        let wrong = webhook.post(&notice).await.unwrap_err();
        assert!(wrong.what.contains(what) && wrong.remedy.contains(remedy), "{wrong:?}");
        assert!(INSIDE.iter().all(|word| !wrong.what.contains(word)), "{wrong:?}");
        assert!(!wrong.remedy.contains("[mail.smtp]"), "{wrong:?}");
    }
}

/// Closes at once.
fn answers_nothing() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || drop(listener.accept().unwrap()));
    port
}

/// What is known without asking is on the screen before anybody is waited for.
#[test]
fn what_is_known_is_told_before_the_server_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    authority.write_config(&Way::Smtp(format!(
        "[mail.smtp]\nhost = \"localhost\"\nport = {port}\nsecurity = \"starttls\"\n"
    )));
    let mut check = Command::new(env!("CARGO_BIN_EXE_konvolutt"))
        .args(["check", "--online", "--config"])
        .arg(authority.config())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The server takes the connection, and says nothing until all that is known has been read.
    let mut lines = BufReader::new(check.stdout.take().unwrap()).lines();
    let told: Vec<String> = lines
        .by_ref()
        .map(Result::unwrap)
        .take_while(|line| !line.contains("Nobody is told"))
        .collect();
    assert!(
        told.iter().any(|line| line.starts_with("✓ ") && line.contains("spool")),
        "{told:?}"
    );
    let (mut client, _) = listener.accept().unwrap();
    client.write_all(b"554 5.7.1 not you\r\n").unwrap();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(
        rest.iter()
            .any(|line| line.contains("cannot be used: 554 5.7.1 not you")),
        "{rest:?}"
    );
    assert_eq!(check.wait().unwrap().code(), Some(1));
}

/// Postfix as an operator has it: logins, owned senders, mailboxes in a list, its own limit of size.
#[tokio::test]
#[ignore = "needs root and postfix"]
async fn postfix_says_what_is_wrong_before_any_letter() {
    let depot = Depot::new();
    let (owners, boxes, auth) = (
        depot.root().join("owners"),
        depot.root().join("boxes"),
        depot.root().join("auth"),
    );
    std::fs::write(&owners, format!("{SENDER} relay\nannan@authority.example somebody\n")).unwrap();
    std::fs::write(&boxes, "postmottak@authority.example postmottak/\n").unwrap();
    crate::refusals::say_yes_to_every_login(&auth);
    let postfix = Postfix::start(
        depot.root(),
        &format!(
            "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = {}\n\
             smtpd_sender_login_maps = texthash:{}\nsmtpd_sender_restrictions = reject_sender_login_mismatch\n\
             virtual_mailbox_maps = texthash:{}\nmessage_size_limit = 26214400\n\
             smtpd_relay_restrictions = defer_unauth_destination\n",
            auth.display(),
            owners.display(),
            boxes.display()
        ),
    );
    let root = std::fs::read_to_string(depot.root().join("mail-ca.pem")).unwrap();
    let mut settings = depot.smtp(postfix.port, Security::Starttls, &root, 1);
    settings.login = Some(Login {
        user: "relay".into(),
        proof: Proof::Password(depot.root().join("password")),
    });
    let elsewhere = Asked {
        address: "post@elsewhere.example".into(),
        ..mailbox("elsewhere", 25)
    };
    let mailboxes = [mailbox("postmottak", 60), mailbox("nokon", 25), elsewhere];
    let told = ask(settings.clone(), &mailboxes).await;
    let told = texts(&told);
    let wanted = [
        (Good, "answers over TLS (STARTTLS)"),
        (Good, "it takes the login of relay (PLAIN)"),
        (
            Problem,
            "at most 26214400 bytes (SIZE), and the mailbox `postmottak` is configured for 60 MB",
        ),
        (Good, "to postmottak@authority.example"),
        (
            Problem,
            "550 5.1.1 <nokon@authority.example>: Recipient address rejected",
        ),
        (Problem, "454 4.7.1 <post@elsewhere.example>: Relay access denied"),
    ];
    assert_eq!(told.len(), wanted.len(), "{told:?}");
    for ((severity, text), (wanted, words)) in told.iter().zip(wanted) {
        assert!(*severity == wanted && text.contains(words), "{text}");
    }

    // A sender that this login does not own, and then everything as it should be.
    let transport = Transport::new(TransportSettings::Smtp(settings.clone())).unwrap();
    let mut told = Vec::new();
    let both = [mailbox("postmottak", 25), mailbox("nokon", 25)];
    transport
        .ask("annan@authority.example", &both, &mut |found| told.push(found))
        .await;
    let [.., refused, not_asked] = told.as_slice() else {
        panic!("{told:?}");
    };
    let words = "does not take mail from annan@authority.example: 553 5.7.1";
    assert!(refused.to_string().contains(words), "{refused}");
    // It is no sender for the second one either, which was not asked about.
    assert!(not_asked.to_string().contains("`nokon`"), "{not_asked}");
    let told = ask(settings, &both[..1]).await;
    assert!(
        told.len() == 3 && told.iter().all(|found| found.severity == Good),
        "{told:?}"
    );
    assert!(postfix.mails().is_empty(), "nothing was sent");
}
