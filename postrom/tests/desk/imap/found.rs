//! Letters in a mailbox of a real server.

use std::time::{Duration, Instant};

use base64::Engine;
use postrom::desk::post::Sort;
use postrom::desk::room::Open;
use postrom::desk::worker::Said;

use super::super::office::{Office, until, until_read};
use super::dovecot::Dovecot;
use super::{open, plan};
use crate::program::desk::reference;
use crate::support::{Sent, letter};

fn deliver_letters(office: &Office, dovecot: &Dovecot, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let reference = reference(number);
        let text = format!("Brev nummer {number}.");
        let sent = Sent {
            files: vec![("notat.txt", b"MERKE i vedlegget")],
            ..Sent::new(&reference, &text)
        };
        dovecot.deliver(&format!("{number}.brev"), office.desk.mail(&sent));
    }
}

fn others(open: &Open) -> usize {
    open.session.post().others().values().sum()
}

#[test]
#[ignore = "needs dovecot"]
fn letters_are_found_among_other_mail_and_nothing_is_changed() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    deliver_letters(&office, &dovecot, 0..50);
    for number in 0..30 {
        dovecot.deliver(
            &format!("{number}.vanlig"),
            format!("Subject: Hei {number}\r\n\r\nHei.\r\n"),
        );
    }
    let before = dovecot.files("");
    let (room, open) = open(plan(&office, "kari", dovecot.address("INBOX")));
    until_read(&open, 50);
    until("other mail is counted", || others(&open) == 30);
    let post = open.session.post();
    let list = post.list(Sort::New, "", "kari", &|document| open.ledger.standing(document));
    assert_eq!(list.rows.len(), 50);
    let id = list.rows[7].row.id;
    drop(post);
    let mut bytes = Vec::new();
    for (said, body) in open.session.files(id).unwrap() {
        assert!(!matches!(said, Said::Failed(_)));
        bytes.extend(body);
    }
    assert_eq!(bytes, b"MERKE i vedlegget");
    let begun = Instant::now();
    deliver_letters(&office, &dovecot, 50..51);
    until_read(&open, 51);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    room.lock();
    let mut after = dovecot.files("");
    after.retain(|(name, ..)| name != "new/50.brev");
    assert_eq!(after.len(), before.len());
    assert!(
        after == before,
        "{:?}",
        after.iter().map(|(name, ..)| name).collect::<Vec<_>>()
    );
    assert!(
        dovecot
            .flags("INBOX")
            .iter()
            .all(|flags| flags.replace("\\Recent", "").trim().is_empty())
    );
}

#[test]
#[ignore = "needs dovecot"]
fn a_server_that_goes_leaves_the_list_and_comes_back() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    deliver_letters(&office, &dovecot, 0..3);
    let (_room, open) = open(plan(&office, "kari", dovecot.address("")));
    until_read(&open, 3);
    until("it was looked through", || open.session.progress().looked.is_some());
    dovecot.stop();
    let said = super::told(&open);
    assert!(said.contains("The list is as it was"), "{said}");
    let progress = open.session.progress();
    assert!(progress.looked.is_some(), "the list has an age");
    until_read(&open, 3);
    deliver_letters(&office, &dovecot, 3..5);
    dovecot.run();
    until_read(&open, 5);
    until("it is not away any more", || open.session.progress().away.is_none());
    assert!(open.session.progress().looked > progress.looked);
    // One goes, by another program.
    std::fs::remove_file(dovecot.path("home/mail/new/0.brev")).unwrap();
    until_read(&open, 4);
}

/// A mailbox that was made anew has other mails behind the same numbers.
#[test]
#[ignore = "needs dovecot"]
fn numbers_that_mean_other_mails_are_not_trusted() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    deliver_letters(&office, &dovecot, 0..2);
    let (_room, open) = open(plan(&office, "kari", dovecot.address("INBOX")));
    until_read(&open, 2);
    dovecot.stop();
    let mailbox = dovecot.path("home/mail");
    for number in 0..2 {
        std::fs::remove_file(mailbox.join(format!("new/{number}.brev"))).unwrap();
    }
    for entry in std::fs::read_dir(&mailbox).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::remove_file(path).unwrap();
        }
    }
    deliver_letters(&office, &dovecot, 7..9);
    dovecot.run();
    let wanted = [reference(7), reference(8)];
    until("only the new letters are there", || {
        let post = open.session.post();
        let mut there: Vec<_> = post
            .rows()
            .filter_map(|row| row.reading()?.status.reference.clone())
            .collect();
        there.sort();
        let mut wanted = wanted.to_vec();
        wanted.sort();
        there == wanted
    });
}

fn attached(kind: &str, name: &str, bytes: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines: Vec<&str> = (0..encoded.len())
        .step_by(76)
        .map(|at| &encoded[at..(at + 76).min(encoded.len())])
        .collect();
    format!(
        "--b\r\nContent-Type: {kind}; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        lines.join("\r\n")
    )
}

fn large(text: &str, parts: &[String]) -> String {
    format!(
        "From: a@x.example\r\nSubject: Stor\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n{}--b--\r\n",
        parts.concat()
    )
}

/// Of pictures in ordinary mail only the beginning crosses the line; what is sealed is found wherever it lies.
#[test]
#[ignore = "needs dovecot"]
fn large_mails_are_fetched_whole_only_when_a_letter_may_be_in_them() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    let photo = [&b"\xff\xd8\xff\xe0"[..], &vec![0x55; 3_000_000]].concat();
    let photo = attached("image/jpeg", "bilete.jpg", &photo);
    for number in 0..5 {
        dovecot.deliver(&format!("{number}.foto"), large("Hei.", std::slice::from_ref(&photo)));
    }
    let (_room, desk) = open(plan(&office, "kari", dovecot.address("INBOX")));
    until("all are counted", || others(&desk) == 5);
    _room.lock();
    until("the server saw it go", || dovecot.said() > 0);
    let said = dovecot.said();
    assert!(said < 200_000, "{said} bytes for five photos of 4 MB");
    let seal = |number: u32| {
        let reference = reference(number);
        let text = format!("Brev nummer {number}.");
        let sealed = crate::support::Seal::by_relay(&office.desk.relay, &office.desk.own);
        String::from_utf8(sealed.armored(&letter(&Sent::new(&reference, &text)))).unwrap()
    };
    dovecot.deliver("10.tekst", large(&seal(10), std::slice::from_ref(&photo)));
    let file = attached("application/octet-stream", "encrypted.asc", seal(11).as_bytes());
    dovecot.deliver("11.fil", large("Hei.", &[photo.clone(), file]));
    let false_photo = [seal(12).into_bytes(), vec![b'\n'; 400_000]].concat();
    dovecot.deliver(
        "12.falsk",
        large("Hei.", &[attached("image/jpeg", "b.jpg", &false_photo)]),
    );
    let forwarded = office.desk.mail(&Sent::new(&reference(13), "Brev nummer 13."));
    let forwarded = format!(
        "--b\r\nContent-Type: message/rfc822\r\n\r\n{}\r\n",
        String::from_utf8(forwarded).unwrap()
    );
    dovecot.deliver("13.vidare", large("Hei.", &[photo, forwarded]));
    let (_room, desk) = open(plan(&office, "kari", dovecot.address("INBOX")));
    until_read(&desk, 4);
    // What was shortened is whole when its letter is opened.
    let id = {
        let post = desk.session.post();
        post.rows()
            .find(|row| row.reference() == Some(&reference(10)))
            .unwrap()
            .id
    };
    let answers: Vec<_> = desk.session.files(id).unwrap().collect();
    assert!(!answers.iter().any(|(said, _)| matches!(said, Said::Failed(_))));
}

#[test]
#[ignore = "needs dovecot"]
fn ten_thousand_mails_are_looked_through() {
    let office = Office::new();
    let dovecot = Dovecot::start(&office);
    for number in 0..10_000 {
        dovecot.deliver(
            &format!("{number}.vanlig"),
            format!("Subject: Hei {number}\r\n\r\nHei.\r\n"),
        );
    }
    deliver_letters(&office, &dovecot, 0..5);
    let begun = Instant::now();
    let (_room, open) = open(plan(&office, "kari", dovecot.address("INBOX")));
    let done = || others(&open) == 10_000 && open.session.progress().read == 5;
    while !done() {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "{} of 10 000",
            others(&open)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    eprintln!("10 000 mails: {:?}", begun.elapsed());
}
