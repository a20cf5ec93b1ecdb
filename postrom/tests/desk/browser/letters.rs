//! What lies in the mailbox. Goes out: letters of every kind that a list can hold, and their references.

use konvolutt_letter::{Record, RecordAnswer};
use sequoia_openpgp::Cert;
use std::time::{Duration, SystemTime};

use crate::desk::samples::jpeg;
use crate::program::desk::{Desk, reference};
use crate::support::{Seal, Sent, letter, mail, relay, room};

/// A letter from the form, received on that day of November; its reference.
pub fn put(desk: &Desk, day: u32, text: &str) -> String {
    put_as(desk, day, text, &|_| {})
}

/// The same, with something in it otherwise.
pub fn put_as(desk: &Desk, day: u32, text: &str, alter: &dyn Fn(&mut Record)) -> String {
    put_by(desk, &Seal::by_relay(&desk.relay, &desk.own), day, text, alter)
}

fn put_by(desk: &Desk, seal: &Seal<'_>, day: u32, text: &str, alter: &dyn Fn(&mut Record)) -> String {
    let own = reference(day);
    let alter = |record: &mut Record| {
        record.received = format!("2026-11-{day:02}T09:30:00+01:00");
        alter(record);
    };
    let photo = jpeg(60, 40, 6);
    let mut files = vec![("notat.txt", b"Notat.".as_slice())];
    if day == 1 {
        files.extend([
            ("bilde.jpg", photo.as_slice()),
            ("bilde.exe", &photo),
            ("brev.pdf", b"%PDF-1.7\n/JavaScript"),
        ]);
    }
    let sent = Sent {
        alter: Some(&alter),
        files,
        ..Sent::new(&own, text)
    };
    let name = format!("mail/{day:02}-{}.eml", text.len());
    desk.put(&name, mail(&own, &seal.armored(&letter(&sent))));
    own
}

/// An answer about safe contact, as the shipped forms ask it.
pub fn contact(record: &mut Record, ways: &[(&str, &str)]) {
    record.answers.push(RecordAnswer {
        name: "trygg_kontakt".into(),
        kind: "checkboxes".into(),
        label: "Hvordan kan vi trygt ta kontakt med deg?".into(),
        label_read: None,
        values: ways.iter().map(|(_, said)| (*said).to_owned()).collect(),
        values_read: None,
        normalised: ways.iter().map(|(name, _)| (*name).to_owned()).collect(),
        chosen: true,
        note: None,
        safe_contact: true,
        sender: false,
        belongs_to: None,
    });
}

/// Rows that [`every_kind`] makes.
pub const KINDS: usize = 12;

/// One letter of every kind, in one mailbox.
pub fn every_kind(desk: &Desk) {
    let long = "Jeg har bedt om hjelp tre ganger, og ingen svarer. ".repeat(40);
    put_as(desk, 1, &long, &|record| {
        contact(record, &[("epost", "På e-post: kari@x.example")]);
        record.deadline_days = Some(14);
        record.answers[0].note = Some("Skrevet på en delt maskin.".into());
    });
    put_as(desk, 2, "Kan dere ringe meg?", &|record| {
        contact(record, &[("ring", "Telefon"), ("sms", "SMS")]);
        record.deadline_days = Some(90);
    });
    put_as(desk, 3, "Ikke ta kontakt.", &|record| contact(record, &[]));
    put_as(desk, 4, "Dette er en test.", &|record| record.test = true);
    let same = put(desk, 5, "Den ekte av to.");
    let stranger = relay("noen@y.example", SystemTime::now() - Duration::from_secs(86_400));
    let forged = Seal::by_relay(&stranger, &desk.own);
    assert_eq!(
        put_by(desk, &forged, 5, "Den falske av dem, med samme nummer.", &|_| {}),
        same
    );
    put_by(desk, &Seal::unsigned(&desk.own), 6, "Uten underskrift.", &|_| {});
    let other = room("Noen andre").0;
    for_another(desk, &other);
    damaged(desk, 9);
    let plain =
        b"Subject: Hei\r\nFrom: Ola <ola@x.example>\r\nMIME-Version: 1.0\r\n\r\nEn vanlig e-post, forseglet.\r\n";
    desk.put(
        "mail/10.eml",
        mail(&reference(10), &Seal::unsigned(&desk.own).armored(plain)),
    );
    put_as(desk, 11, "Hidden signs: a\u{200B}b \u{202E}c", &|record| {
        record.answers[0].values.push("<script>alert(1)</script>".repeat(20));
        record.notices = vec!["Sertifikatet går snart ut.".into()];
    });
    desk.put("mail/hei.eml", "Subject: Hei\r\n\r\nHei.\r\n");
}

/// One that was signed for somebody else, and one that only somebody else can open.
fn for_another(desk: &Desk, other: &Cert) {
    let intended = Seal {
        intended: vec![other],
        ..Seal::by_relay(&desk.relay, &desk.own)
    };
    put_by(desk, &intended, 7, "Til en annen.", &|_| {});
    put_by(
        desk,
        &Seal::by_relay(&desk.relay, other),
        8,
        "Bare en annen kan lese.",
        &|_| {},
    );
}

fn damaged(desk: &Desk, number: u32) {
    let mut bytes = desk.mail(&Sent::new(&reference(number), "Hel."));
    let begin = memchr::memmem::find(&bytes, b"-----BEGIN").unwrap();
    bytes[begin + 400..begin + 440].fill(b'A');
    desk.put("mail/09.eml", bytes);
}
