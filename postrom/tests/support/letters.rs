//! Letters as a form writes them.

use std::io::Read;

use konvolutt_letter::{HeaderValues, Letter, Record, RecordAnswer, RecordFile, SCHEMA, Source, Words, hex, write};
use sha2::{Digest, Sha256};

/// What somebody sent.
pub struct Sent<'a> {
    pub reference: &'a str,
    pub text: &'a str,
    pub files: Vec<(&'a str, &'a [u8])>,
    pub test: bool,
    /// What is otherwise in this letter.
    pub alter: Option<&'a dyn Fn(&mut Record)>,
}

impl<'a> Sent<'a> {
    pub fn new(reference: &'a str, text: &'a str) -> Self {
        Self {
            reference,
            text,
            files: Vec::new(),
            test: false,
            alter: None,
        }
    }
}

const WORDS: Words = Words {
    reference: "Referanse",
    received: "Mottatt",
    language: "Språk",
    form: "Skjema",
    authority: "Til",
    files: "Vedlegg",
    no_files: "Ingen vedlegg",
    bytes: "{n} byte",
    not_answered: "Ikke besvart",
    contact_unanswered: "ikke besvart",
    contact_unknown: "Skjemaet spør ikke om trygg kontakt.",
    test: "Dette er en test.",
};

/// The document that is sealed.
pub fn letter(sent: &Sent<'_>) -> Vec<u8> {
    let mut record = record(sent);
    if let Some(alter) = sent.alter {
        alter(&mut record);
    }
    document(record, &sent.files)
}

/// The same of what `letter.json` says, and the files beside it.
pub fn document(record: Record, files: &[(&str, &[u8])]) -> Vec<u8> {
    let reference = record.reference.clone();
    let subject = format!("Si fra {reference}");
    let letter = Letter {
        headers: HeaderValues {
            subject: subject.clone(),
            outer_subject: format!("Ny melding {reference}"),
            from: "Sikkert skjema <skjema@x.example>".into(),
            to: "post@x.example".into(),
            date: "Sat, 28 Nov 2026 15:00:00 +0100".into(),
            message_id: format!("<{reference}@x.example>"),
        },
        record,
        words: WORDS,
        received: "lørdag 28. november 2026 kl. 15.00".into(),
        boundary: "indre".into(),
    };
    let files: Vec<Source<'_>> = files
        .iter()
        .map(|(_, bytes)| Box::new(*bytes) as Box<dyn Read>)
        .collect();
    let mut out = Vec::new();
    write(&letter, files, &mut out).unwrap();
    out
}

/// What `letter.json` says.
pub fn record(sent: &Sent<'_>) -> Record {
    let answer = RecordAnswer {
        name: "melding".into(),
        kind: "textarea".into(),
        label: "Hva gjelder det?".into(),
        label_read: None,
        values: vec![sent.text.into()],
        values_read: None,
        normalised: Vec::new(),
        chosen: false,
        note: None,
        safe_contact: false,
        sender: false,
        belongs_to: None,
    };
    let files = sent.files.iter().map(|(name, bytes)| RecordFile {
        field: "vedlegg".into(),
        name: (*name).into(),
        media_type: "application/octet-stream".into(),
        size: bytes.len() as u64,
        sha256: hex(Sha256::digest(bytes)),
    });
    Record {
        schema: SCHEMA.into(),
        reference: sent.reference.into(),
        id: hex(&Sha256::digest(sent.text)[..16]),
        form: "si-fra".into(),
        title: "Si fra".into(),
        title_read: None,
        authority: "Postmottaket".into(),
        letter_language: "nb".into(),
        language: "nb".into(),
        language_name: "Bokmål".into(),
        received: "2026-11-28T15:00:00+01:00".into(),
        test: sent.test,
        notices: Vec::new(),
        archive: None,
        deadline_days: None,
        answers: vec![answer],
        files: files.collect(),
    }
}
