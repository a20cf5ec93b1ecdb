//! Letters as the form makes them, sealed by the library: no server, so that hundreds of cells stay quick.

use std::fs;
use std::path::{Path, PathBuf};

use konvolutt::seal::{MailHead, Recipients, Sealer};
use konvolutt_letter::{
    HeaderValues, Letter, Record, RecordAnswer, RecordFile, SCHEMA, Source, Words, media_type, neutral, write,
};
use sha2::{Digest, Sha256};

use crate::support::{MAILBOX, SENDER};

/// Stands in every letter's text.
pub const MARKER: &str = "MERKE æøå ŋđŧ 😀 «x»";

/// How many files a letter has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    NoFile,
    OneFile,
    TwentyFiles,
    Large,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::NoFile, Self::OneFile, Self::TwentyFiles, Self::Large];

    fn files(self) -> Vec<File> {
        match self {
            Self::NoFile => Vec::new(),
            Self::OneFile => vec![File::new("Æøå ŋđŧ 😀 «x».pdf", b"%PDF\r\n\0\xff\n\r".to_vec())],
            Self::TwentyFiles => twenty(),
            Self::Large => vec![File::new("film.mp4", noise(20 << 20))],
        }
    }
}

/// A file as the citizen gave it.
pub struct File {
    given: String,
    pub bytes: Vec<u8>,
}

impl File {
    fn new(given: &str, bytes: Vec<u8>) -> Self {
        Self {
            given: given.to_owned(),
            bytes,
        }
    }

    /// The name that every program shows.
    pub fn name(&self) -> String {
        neutral(&self.given)
    }
}

/// Names that would act, content that looks like mail, and a file of 0 bytes, which the form refuses but the
/// format holds.
fn twenty() -> Vec<File> {
    let every_byte: Vec<u8> = (0..=255).collect();
    let mut files = vec![
        File::new("../../etc/passwd", b"root:x:0:0\n".to_vec()),
        File::new("a\r\nX-Injected: yes\r\n\r\nb.txt", b"\r\n.\r\n".to_vec()),
        File::new("tom.pdf", Vec::new()),
        File::new("Æøå ŋđŧ 😀 «x».pdf", every_byte.repeat(40)),
        File::new("bilde\u{202E}gpj.exe", b"MZ".to_vec()),
        File::new("CON.txt", b"From me\n>From you\n".to_vec()),
        File::new(
            "brev.eml",
            b"From: x@y.example\r\nContent-Type: text/html\r\n\r\n<b>x</b>".to_vec(),
        ),
        File::new(
            "brev.asc",
            b"-----BEGIN PGP MESSAGE-----\r\n\r\nxx\r\n-----END PGP MESSAGE-----\r\n".to_vec(),
        ),
        File::new("letter.json", b"{}".to_vec()),
        File::new(&format!("{}.pdf", "langt namn ".repeat(20)), b"x".to_vec()),
    ];
    files.extend((files.len()..20).map(|n| File::new(&format!("bilde {n}.jpg"), noise(1000 * n))));
    files
}

/// Bytes that no compression makes shorter and that are the same in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(length).collect()
}

/// A letter before it is sealed.
pub struct Plain {
    pub kind: Kind,
    pub files: Vec<File>,
    /// `letter.json`.
    pub record: Vec<u8>,
    /// What every program must give back.
    pub document: Vec<u8>,
}

impl Plain {
    pub fn new(kind: Kind) -> Self {
        let files = kind.files();
        let letter = letter(&files);
        let sources = files.iter().map(|file| Box::new(file.bytes.as_slice()) as Source<'_>);
        let mut document = Vec::new();
        write(&letter, sources.collect(), &mut document).unwrap();
        Self {
            kind,
            record: serde_json::to_vec(&letter.record).unwrap(),
            document,
            files,
        }
    }

    /// Seals it into a mail below `folder`.
    pub fn seal(&self, sealer: &Sealer, recipients: &Recipients, folder: &Path) -> Sealed<'_> {
        let mail = sealer.seal(Vec::new(), &head(), recipients, |out| out.write_all(&self.document));
        let mail = mail.unwrap_or_else(|error| panic!("{error}")).out;
        let sealed = Sealed {
            plain: self,
            mail: folder.join(format!("{:?}.eml", self.kind)),
            message: folder.join(format!("{:?}.asc", self.kind)),
        };
        fs::write(&sealed.message, armored_part(&mail)).unwrap();
        fs::write(&sealed.mail, mail).unwrap();
        sealed
    }
}

/// A sealed letter, as a mail and as a clerk would save the part in it.
pub struct Sealed<'a> {
    pub plain: &'a Plain,
    pub mail: PathBuf,
    pub message: PathBuf,
}

/// The OpenPGP message in a mail.
fn armored_part(mail: &[u8]) -> &[u8] {
    let find = |needle: &[u8]| mail.windows(needle.len()).position(|window| window == needle);
    let end = b"-----END PGP MESSAGE-----\r\n";
    let start = find(b"-----BEGIN PGP MESSAGE-----").unwrap();
    &mail[start..find(end).unwrap() + end.len()]
}

const DATE: &str = "Sat, 21 Nov 2026 22:59:00 +0100";
const REFERENCE: &str = "K7F-3K9Q-2MX";

fn head() -> MailHead {
    MailHead {
        from: SENDER.into(),
        to: MAILBOX.into(),
        subject: format!("Ny henvendelse {REFERENCE}"),
        date: DATE.into(),
        message_id: "<1@authority.example>".into(),
        reference: REFERENCE.into(),
        boundary: "=_ytre".into(),
    }
}

fn letter(files: &[File]) -> Letter {
    Letter {
        headers: HeaderValues {
            subject: format!("Skriv til oss {REFERENCE}"),
            outer_subject: head().subject,
            from: SENDER.into(),
            to: MAILBOX.into(),
            date: DATE.into(),
            message_id: head().message_id,
        },
        record: record(files),
        words: WORDS,
        received: "21.11.2026 22:59".into(),
        boundary: "=_indre".into(),
    }
}

fn record(files: &[File]) -> Record {
    Record {
        schema: SCHEMA.into(),
        reference: REFERENCE.into(),
        id: "0123456789abcdef0123456789abcdef".into(),
        form: "skriv".into(),
        title: "Skriv til oss".into(),
        title_read: None,
        authority: "Etaten i Nordland".into(),
        letter_language: "nb".into(),
        language: "nb".into(),
        language_name: "Bokmål".into(),
        received: "2026-11-21T22:59:00+01:00".into(),
        test: false,
        notices: Vec::new(),
        archive: None,
        deadline_days: None,
        answers: vec![RecordAnswer {
            kind: "textarea".into(),
            chosen: false,
            name: "melding".into(),
            label: "Hva vil du fortelle?".into(),
            label_read: None,
            values: vec![format!("{MARKER}\n  innrykk\n\n.\n-- \nslutt{}", " langt".repeat(300))],
            values_read: None,
            normalised: Vec::new(),
            note: None,
            safe_contact: false,
            sender: false,
            belongs_to: None,
        }],
        files: files.iter().map(record_file).collect(),
    }
}

fn record_file(file: &File) -> RecordFile {
    let digest = Sha256::digest(&file.bytes);
    RecordFile {
        field: "vedlegg".into(),
        name: file.name(),
        media_type: media_type(&file.name()).into(),
        size: file.bytes.len() as u64,
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

const WORDS: Words = Words {
    reference: "Referanse",
    received: "Mottatt",
    language: "Språk i skjemaet",
    form: "Skjema",
    authority: "Til",
    files: "Vedlegg",
    no_files: "Ingen vedlegg",
    bytes: "{n} byte",
    not_answered: "Ikke svart på",
    contact_unanswered: "Ikke svart på om det er trygt å ta kontakt.",
    contact_unknown: "Vi vet ikke om det er trygt å ta kontakt.",
    test: "PRØVE",
};
