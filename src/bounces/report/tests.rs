//! Reports in the shapes of the programs that write them, and mails that are none.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

macro_rules! corpus {
    ($($name:literal)+) => {
        [$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bounces/", $name, ".eml")))),+]
    };
}

/// Mails that were written for the tests.
const CORPUS: [(&str, &str); 13] = corpus!(
    "postfix-failed" "postfix-delayed" "postfix-relayed" "sendmail-failed" "sendmail-delayed" "exim-failed" "exim-text"
    "exchange-online-failed" "gmail-failed" "gateway-failed" "no-report-forwarded" "no-report-vacation" "no-report-read"
);

fn read(name: &str) -> Option<Report> {
    let (_, mail) = CORPUS.iter().find(|(own, _)| *own == name).unwrap();
    // As a mail server writes it, and as a Maildir has it.
    let [crlf, lf] = [mail.replace('\n', "\r\n"), (*mail).to_owned()].map(|mail| Report::read(mail.as_bytes()));
    assert_eq!(crlf, lf, "{name}");
    lf
}

fn id(digits: &str) -> String {
    digits.repeat(16)
}

/// What is told: in which words, and by which of the three ids.
const TOLD: [(&str, Action, &str, [bool; 3]); 10] = [
    (
        "postfix-failed",
        Action::Failed,
        "550 5.1.1 <postmottak@authority.example>: Recipient address rejected: User unknown (postmottak@authority.example)",
        [true, false, true],
    ),
    (
        "postfix-delayed",
        Action::Delayed,
        "connect to mx.authority.example[192.0.2.25]:25: Connection timed out (postmottak@authority.example)",
        [true, false, true],
    ),
    (
        "postfix-relayed",
        Action::Done,
        "250 2.0.0 Ok: queued as 4F2 (postmottak@authority.example)",
        [true, false, true],
    ),
    (
        "sendmail-failed",
        Action::Failed,
        "552 5.2.2 Mailbox full (postmottak@authority.example)",
        [false, true, true],
    ),
    (
        "sendmail-delayed",
        Action::Delayed,
        "450 4.4.7 delivery temporarily suspended (postmottak@authority.example)",
        [false, true, true],
    ),
    (
        "exim-failed",
        Action::Failed,
        "550 5.7.1 no thank you (postmottak@authority.example)",
        [true, false, true],
    ),
    (
        "exim-text",
        Action::Failed,
        "postmottak@authority.example SMTP error from remote mail server after RCPT TO:<postmottak@authority.example>: host \
         mx.authority.example [192.0.2.25]: 554 5.7.1 refused by policy",
        [false, false, true],
    ),
    (
        "exchange-online-failed",
        Action::Failed,
        "550 5.4.1 Recipient address rejected: Access denied. [FR0P281MB0001.DEUP281.PROD.OUTLOOK.example \
         2026-11-29T20:41:07.123Z 08DE2F0000000000] (postmottak@authority.example)",
        [false, false, true],
    ),
    (
        "gmail-failed",
        Action::Failed,
        "552-5.2.2 The mailbox has no room left. Please tell the 552 5.2.2 owner of it to make some \
         (postmottak@authority.example)",
        [false, false, true],
    ),
    (
        "gateway-failed",
        Action::Failed,
        "5.2.2 (two@authority.example)",
        [true, false, false],
    ),
];

#[test]
fn each_program_is_understood() {
    for (name, action, words, [envelope, address, message]) in TOLD {
        let report = read(name).unwrap_or_else(|| panic!("{name} is a report"));
        assert_eq!((report.action, report.words.as_str()), (action, words), "{name}");
        assert_eq!(report.envelope_id, envelope.then(|| id("e0")), "{name}");
        assert_eq!(report.message_id, message.then(|| id("5e")), "{name}");
        assert_eq!(!report.address_ids.is_empty(), address, "{name}");
        assert!(report.address_ids.iter().all(|own| *own == id("ad")), "{name}");
    }
}

#[test]
fn a_report_that_returns_nothing_of_the_letter_names_it_as_what_it_answers_to() {
    let (_, mail) = CORPUS
        .iter()
        .find(|(name, _)| *name == "exchange-online-failed")
        .unwrap();
    let (without, returned) = mail.split_once("Content-Type: message/rfc822").unwrap();
    assert!(returned.contains(&id("5e")));
    assert_eq!(Report::read(without.as_bytes()).unwrap().message_id, Some(id("5e")));
    let of_nobody = without.replace(&id("5e"), "1");
    assert_eq!(Report::read(of_nobody.as_bytes()).unwrap().message_id, None);
}

/// Somebody forwards a report, is away, or lets a letter be confirmed: nothing came back.
#[test]
fn other_mail_is_no_report() {
    for name in ["no-report-forwarded", "no-report-vacation", "no-report-read"] {
        assert_eq!(read(name), None, "{name}");
    }
    assert_eq!(Report::read(b""), None);
    assert_eq!(Report::read(&[0; 4096]), None);
}

/// What the other side says stands in alarms and on terminals.
#[test]
fn words_are_short_and_harmless() {
    let words = "\u{1b}[31mred\u{202e} ".to_owned() + &"long ".repeat(10_000);
    let mail = format!(
        "Content-Type: message/delivery-status\n\nReporting-MTA: x\n\nAction: failed\nDiagnostic-Code: smtp; {words}\n"
    );
    let report = Report::read(mail.as_bytes()).unwrap();
    assert!(report.words.starts_with("[31mred long") && report.words.chars().count() <= LONGEST + 1);
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let change = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        any::<u8>(),
        0..5u8,
    );
    let changes = prop::collection::vec(change, 1..40);
    (0..CORPUS.len(), changes).prop_map(|(which, changes)| {
        let mut mail = CORPUS[which].1.as_bytes().to_vec();
        for (at, other, byte, what) in changes {
            if mail.len() < 2 {
                break;
            }
            let (at, other) = (at.index(mail.len()), other.index(mail.len()));
            let (begin, end) = (at.min(other), at.max(other).min(at.min(other) + 2_000));
            match what {
                0 => mail[at] = byte,
                1 => drop(mail.drain(begin..end)),
                2 => mail.extend_from_within(begin..end),
                3 => mail.insert(at, byte),
                _ => mail.swap(at, other),
            }
        }
        mail
    })
}

proptest! {
    #[test]
    fn whatever_is_sent_is_read_without_a_panic(mail in mutated()) {
        if let Some(report) = Report::read(&mail) {
            prop_assert!(report.words.chars().count() <= LONGEST + 1);
            let ids = report.address_ids.iter().chain(&report.message_id);
            prop_assert!(ids.into_iter().all(|id| is_id(id)));
        }
    }
}

/// The most that is read of a mail, in the shapes that would cost most.
#[test]
fn the_worst_mail_is_soon_read() {
    let most = usize::try_from(super::super::look::LONGEST).unwrap();
    let filled = |begin: &str, piece: &str| {
        let times = (most - begin.len()) / piece.len();
        format!("{begin}{}", piece.repeat(times)).into_bytes()
    };
    let status = "Content-Type: message/delivery-status\n\n";
    for mail in [
        filled("Content-Type: multipart/report; boundary=b\n\n", "--b\n"),
        filled(
            "Content-Type: multipart/report; boundary=b\n\n",
            "--b\nContent-Type: multipart/mixed; boundary=b\n\n",
        ),
        filled(status, "Action: failed\n\n"),
        filled(status, "Action: failed\nDiagnostic-Code: x\n\n"),
        filled("To: ", "@"),
        filled("To: ", "+0123456789abcdef0123456789abcdef@"),
        filled("X-Failed-Recipients: ", "a"),
        filled("X-Failed-Recipients: aab\n\n", "aa\n"),
        filled("Content-Type: multipart/report; ", "x;"),
        filled("Content-Type: multipart/report; boundary=", "\""),
        filled("a:", "\n b"),
        filled(
            "Content-Type: message/delivery-status\nContent-Transfer-Encoding: quoted-printable\n\n",
            "=41=",
        ),
    ] {
        let begin = Instant::now();
        Report::read(&mail);
        let took = begin.elapsed();
        let what = String::from_utf8_lossy(&mail[..60]).into_owned();
        // Some milliseconds; far from what a quadratic step would need.
        assert!(took < Duration::from_secs(2), "{took:?} for {what}");
    }
}
