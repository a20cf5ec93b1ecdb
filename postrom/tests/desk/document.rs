//! A letter as a document: what must hold of every one, without programs that look at it.

use std::time::{Duration, Instant};

use konvolutt_letter::{Record, RecordAnswer, RecordFile, SCHEMA};
use postrom::Verdict;
use postrom::desk::archive::pdf::{PdfError, letter_pdf};
use postrom::desk::reading::Reading;
use postrom::i18n::Lang;
use postrom::judged::{HIDDEN, Reader};
use postrom::status::{Kind, STATUS, Status, StatusFile};

/// Text that a citizen of the north writes.
pub const SAMI: &str = "Čálán dutnje: š č đ ŋ ŧ ž á æ ø å – čállit.";

pub fn answer(label: &str, values: &[&str]) -> RecordAnswer {
    RecordAnswer {
        name: "felt".into(),
        kind: "textarea".into(),
        label: label.into(),
        label_read: None,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        values_read: None,
        normalised: Vec::new(),
        chosen: false,
        note: None,
        safe_contact: false,
        sender: false,
        belongs_to: None,
    }
}

fn record(answers: Vec<RecordAnswer>) -> Record {
    let files = ["Bilete frå vegen.jpg", "brev.pdf"].map(|name| RecordFile {
        field: "vedlegg".into(),
        name: name.into(),
        media_type: "image/jpeg".into(),
        size: 123_456,
        sha256: "ab".repeat(32),
    });
    Record {
        schema: SCHEMA.into(),
        reference: "K7F-3K9Q-2MX".into(),
        id: "0f".repeat(16),
        form: "si-fra".into(),
        title: "Si frå om noko som ikkje er som det skal".into(),
        title_read: None,
        authority: "Sør-Varanger kommune".into(),
        letter_language: "nn".into(),
        language: "nn".into(),
        language_name: "Nynorsk".into(),
        received: "2026-11-28T15:04:00+01:00".into(),
        test: false,
        notices: Vec::new(),
        archive: None,
        deadline_days: None,
        answers,
        files: files.into(),
    }
}

fn status(record: &Record) -> Status {
    let some = |text: &str| Some(text.to_owned());
    let files = record.files.iter().map(|file| StatusFile {
        name: file.name.clone(),
        name_in_letter: None,
        size: file.size,
        sha256: file.sha256.clone(),
    });
    Status {
        schema: STATUS.into(),
        postrom: "0.1.0".into(),
        language: Lang::Nb,
        verdict: Verdict::Genuine,
        sentence: String::new(),
        kind: Kind::Letter,
        reference: some(&record.reference),
        id: some(&record.id),
        test: false,
        form: some(&record.form),
        form_title: some(&record.title),
        authority: some(&record.authority),
        received: some(&record.received),
        opened: some("2026-11-29T08:00:00+01:00"),
        opened_by: some("kari"),
        signer: None,
        opened_with: None,
        readers: vec![
            Reader {
                key: "1A".into(),
                known_as: some("6C516BD3AFDAC3E1D1B9D0A3A0B1C2D3E4F50617 Postmottaket i Sør-Varanger"),
            },
            Reader {
                key: HIDDEN.into(),
                known_as: None,
            },
        ],
        message_id: None,
        header_mismatch: Vec::new(),
        remarks: Vec::new(),
        notices: Vec::new(),
        source: "mail/1.eml".into(),
        place: Vec::new(),
        files: files.collect(),
        sha256: "cd".repeat(32),
        sealed_sha256: None,
        history: Vec::new(),
    }
}

/// An opened letter with these answers.
pub fn reading(answers: Vec<RecordAnswer>) -> Reading {
    let record = record(answers);
    Reading {
        status: status(&record),
        record: Some(record),
        text: String::new(),
        date: None,
    }
}

/// A letter as they come.
pub fn usual() -> Reading {
    let safe = RecordAnswer {
        chosen: true,
        safe_contact: true,
        ..answer(
            "Er det trygt å ta kontakt med deg?",
            &["Nei, ikkje ring. Skriv til e-postadressa."],
        )
    };
    let phone = RecordAnswer {
        normalised: vec!["+4799988777".into()],
        note: Some("Nummeret kan vere skrive feil.".into()),
        ..answer("Telefonnummer", &["999 88 777"])
    };
    let story = "Det skjedde i går.\n\nEg gjekk forbi skulen, og der låg det glas over heile vegen. Barna går der kvar dag, \
        og eg vil at nokon ryddar før nokon skader seg.\n\n\tHelsing";
    let mut reading = reading(vec![
        safe,
        answer("Kva gjeld det?", &[SAMI]),
        answer(
            "Fortel kva som skjedde",
            &[&format!("{story}\n{}", "Og så gjekk eg vidare heim. ".repeat(80))],
        ),
        phone,
        answer("Noko meir?", &[]),
        answer("Vegen 😀 og 字?", &["Ja 😀!\nSluttord: MERKE-SLUTT"]),
    ]);
    reading.status.remarks = vec!["Brevet lå i en e-post som noen hadde videresendt.".into()];
    reading
}

fn made(reading: &Reading) -> (Vec<u8>, Vec<char>) {
    let document = letter_pdf(reading, Lang::Nn).unwrap_or_else(|why| panic!("{why}"));
    (document.bytes, document.missing)
}

#[test]
fn the_same_letter_makes_the_same_bytes() {
    let (bytes, missing) = made(&usual());
    assert!(bytes.starts_with(b"%PDF-1.7"));
    assert_eq!(missing, ['字', '😀']);
    for _ in 0..4 {
        assert!(made(&usual()).0 == bytes);
    }
    // The control: another letter, another file; opened another day, the same.
    let mut other = usual();
    other.status.opened = Some("2027-01-01T08:00:00+01:00".into());
    other.status.opened_by = Some("ola".into());
    assert!(made(&other).0 == bytes);
    other.status.sha256 = "ee".repeat(32);
    assert!(made(&other).0 != bytes);
}

#[test]
fn every_verdict_and_language_makes_a_document() {
    for verdict in [
        Verdict::Genuine,
        Verdict::NotChecked,
        Verdict::AfterYourClock,
        Verdict::Unsigned,
        Verdict::SignedByAnother,
        Verdict::KeyNotValid,
        Verdict::NotForYou,
        Verdict::Broken,
    ] {
        for lang in [Lang::Nb, Lang::Nn, Lang::En] {
            for with_record in [true, false] {
                let mut reading = usual();
                reading.status.verdict = verdict;
                if !with_record {
                    reading.record = None;
                    reading.text = "Ein linje\n│ ein til".into();
                }
                assert!(letter_pdf(&reading, lang).is_ok(), "{verdict:?} {lang:?} {with_record}");
            }
        }
    }
}

/// What something makes, and how long it takes. Others use this machine too: what took too long is measured again.
fn best<T>(limit: Duration, make: impl Fn() -> T) -> (T, Duration) {
    let once = || {
        let begun = Instant::now();
        (make(), begun.elapsed())
    };
    let mut best = once();
    for _ in 0..3 {
        if best.1 < limit {
            break;
        }
        best = once();
    }
    best
}

/// Letters, accents, joiners and signs of many scripts in any order; the same for the same seed.
pub fn anything(seed: u64) -> String {
    const RANGES: [(u32, u32); 12] = [
        (0x20, 0x7F),
        (0xA0, 0x250),
        (0x250, 0x370),
        (0x300, 0x370),
        (0x300, 0x370),
        (0x370, 0x530),
        (0x590, 0x700),
        (0x900, 0x980),
        (0x1C80, 0x2000),
        (0x2000, 0x2100),
        (0xA640, 0xA800),
        (0x1F300, 0x1F700),
    ];
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: u32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u32::try_from((state >> 32) % u64::from(below)).unwrap()
    };
    let mut char = || {
        let (from, to) = RANGES[next(12) as usize];
        char::from_u32(from + next(to - from)).unwrap_or(' ')
    };
    (0..40).map(|_| char()).collect()
}

/// What may be sent: by form, or by somebody who writes a letter by hand.
fn hostile() -> Vec<(&'static str, Reading)> {
    let one = |text: String| reading(vec![answer("Hva?", &[&text])]);
    let many = |count: usize| reading((0..count).map(|_| answer("Hva skjedde?", &["Et svar."])).collect());
    let mut names = usual();
    for file in &mut names.status.files {
        file.name = "x".repeat(100_000);
        file.sha256 = "\u{202E}ikke hex\n".repeat(1000);
    }
    let mut empty = reading(Vec::new());
    for word in [
        &mut empty.status.reference,
        &mut empty.status.received,
        &mut empty.status.form_title,
    ] {
        *word = None;
    }
    let mut labels = reading(vec![answer(&"Hva ".repeat(100_000), &["x"]), answer("", &[""])]);
    labels.status.form_title = Some("T".repeat(100_000));
    labels.status.authority = Some("字".repeat(10_000));
    if let Some(record) = &mut labels.record {
        record.language = "nn) /Lang (".into();
        record.letter_language = "nn) /Lang (".into();
        record.language_name = "字".repeat(10_000);
    }
    let any = reading((0..1500).map(|seed| answer("Hva?", &[&anything(seed)])).collect());
    let every: String = ('\0'..=char::MAX).step_by(23).collect();
    vec![
        ("a thousand answers", many(1000)),
        ("a line without spaces", one("x".repeat(1_000_000))),
        ("a line of wide letters", one("Đ—".repeat(200_000))),
        ("five thousand lines", one("\n".repeat(5000))),
        ("half a million lines", one("a\n".repeat(500_000))),
        ("nothing that is seen", one("\u{200B}\u{200D}\u{FEFF}".repeat(10_000))),
        ("joined letters", one("a\u{200D}".repeat(10_000))),
        ("a tower of accents", one(format!("e{}", "\u{301}".repeat(10_000)))),
        ("signs around a letter", one(format!("а{}", "\u{489}".repeat(20_000)))),
        ("towers of accents", one("Z\u{31B}\u{335}\u{35C} ".repeat(10_000))),
        ("anything beside anything", any),
        ("every twenty-third character", one(every)),
        ("blanks", one(format!("a{}b", " ".repeat(1_000_000)))),
        ("signs that are lacking", one("字😀سلام".repeat(10_000))),
        ("names and digests", names),
        ("nothing", empty),
        ("labels", labels),
        ("values", reading(vec![answer("Hva?", &vec!["x"; 5000])])),
    ]
}

#[test]
fn nothing_that_is_sent_stops_it_or_takes_long() {
    // Five times what a released program may take.
    const LIMIT: Duration = Duration::from_secs(10);
    for (number, (what, reading)) in hostile().into_iter().enumerate() {
        // The words around the hostile ones differ; the costly way is the same.
        let verdicts = [Verdict::Genuine, Verdict::Unsigned];
        let both = ["names and digests", "nothing", "labels", "values"].contains(&what);
        for verdict in verdicts
            .into_iter()
            .cycle()
            .skip(number % 2)
            .take(if both { 2 } else { 1 })
        {
            let mut reading = reading.clone();
            reading.status.verdict = verdict;
            let (made, took) = best(LIMIT, || letter_pdf(&reading, Lang::Nb));
            let size = made.as_ref().map_or(0, |document| document.bytes.len());
            eprintln!("{what}, {verdict:?}: {took:?}, {size} bytes");
            assert!(made.is_ok_and(|document| document.bytes.starts_with(b"%PDF")), "{what}");
            assert!(took < LIMIT, "{what}: {took:?}");
        }
    }
}

/// What a released program may take for twenty thousand signs is 0.3 s; the program of the tests gets five times that.
#[test]
fn a_long_letter_is_quick() {
    const LIMIT: Duration = Duration::from_millis(1500);
    let story = "Eg såg det sjølv, og det var fælt å sjå på for alle som var der. ".repeat(320);
    let reading = reading(vec![answer("Kva skjedde?", &[&story])]);
    let (bytes, took) = best(LIMIT, || made(&reading).0);
    eprintln!("{} signs: {took:?}, {} bytes", story.chars().count(), bytes.len());
    assert!(story.chars().count() > 20_000 && took < LIMIT);
}

#[test]
fn a_mail_is_said_to_be_one_and_nothing_of_it_is_there() {
    let mut reading = usual();
    reading.status.kind = Kind::Mail;
    reading.status.verdict = Verdict::Unsigned;
    reading.status.reference = None;
    let mut without = reading.clone();
    without.record = None;
    without.text = "Noko heilt anna".into();
    assert!(made(&reading).0 == made(&without).0);
    assert!(made(&reading).1.is_empty());
}

#[test]
fn a_refusal_says_what_to_do() {
    let sentences = [Lang::Nb, Lang::Nn, Lang::En].map(|lang| PdfError::Refused.sentence(lang));
    assert!(
        sentences
            .iter()
            .all(|sentence| sentence.ends_with('.') && sentence.contains("letter.json"))
    );
    assert!(sentences[0] != sentences[1] && sentences[1] != sentences[2]);
}
