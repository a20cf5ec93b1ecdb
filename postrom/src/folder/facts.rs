//! What `status.json` says of what was just opened.

use jiff::Zoned;
use konvolutt_letter::{Record, Reference, fill, hex, neutral, printable};

use super::headers::{field, mismatches};
use super::letter::Letter;
use crate::found::{Repair, Sealed};
use crate::i18n::Lang;
use crate::i18n::inputs::{repair, step};
use crate::i18n::letters::{TEXTS, sentence};
use crate::judged::Verdict;
use crate::opened::{Content, Opened};
use crate::status::{Kind, STATUS, Status, StatusFile};

/// Where a sealed part came from, and who opens it.
pub(crate) struct Origin<'a> {
    pub(crate) sealed: &'a Sealed,
    pub(crate) sealed_sha256: &'a [u8; 32],
    pub(crate) source: &'a str,
    pub(crate) lang: Lang,
    pub(crate) who: &'a str,
}

/// A letter is what a form signed, or may have signed, or what says in a known way which letter it is. Anything else is
/// somebody's mail.
pub(crate) fn kind(opened: &Opened) -> Kind {
    let Content::Letter(letter) = &opened.content else {
        return Kind::Mail;
    };
    let of_a_form = match opened.judged.verdict {
        Verdict::Unsigned | Verdict::SignedByAnother => false,
        // A newer form says in another way which letter it is.
        Verdict::NotChecked => !letter.record_bytes.is_empty(),
        // All others are said of a relay's signature only.
        _ => true,
    };
    if of_a_form || letter.record.is_some() {
        Kind::Letter
    } else {
        Kind::Mail
    }
}

/// Now, as RFC 3339 with the offset of this machine.
pub(crate) fn now() -> String {
    Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Of a mail.
pub(crate) fn of_mail(opened: &Opened, from: &Origin<'_>) -> Status {
    let (judged, lang) = (&opened.judged, from.lang);
    let mut remarks: Vec<String> = repairs(from);
    remarks.push(TEXTS.of(lang).remarks.mail.into());
    Status {
        schema: STATUS.into(),
        postrom: env!("CARGO_PKG_VERSION").into(),
        language: lang,
        verdict: judged.verdict,
        sentence: sentence(Kind::Mail, judged.verdict, judged.signer.as_ref(), lang),
        kind: Kind::Mail,
        reference: None,
        id: None,
        test: false,
        form: None,
        form_title: None,
        authority: None,
        received: None,
        opened: Some(now()),
        opened_by: Some(from.who.to_owned()),
        signer: judged.signer.clone(),
        opened_with: Some(judged.opened_with.clone()),
        readers: judged.readers.clone(),
        message_id: field(&from.sealed.outer, "message-id").map(printable),
        header_mismatch: Vec::new(),
        remarks,
        notices: Vec::new(),
        source: from.source.to_owned(),
        place: from
            .sealed
            .place
            .iter()
            .map(|place| printable(&step(lang, place)))
            .collect(),
        files: Vec::new(),
        sha256: hex(opened.sha256),
        sealed_sha256: Some(hex(from.sealed_sha256)),
        history: Vec::new(),
    }
}

/// Of a letter, whose files have these sizes.
pub(crate) fn of_letter(opened: &Opened, from: &Origin<'_>, letter: &Letter<'_>, sizes: &[u64]) -> Status {
    let document = letter.document;
    let record = document.record.as_ref();
    let (judged, lang) = (&opened.judged, from.lang);
    let genuine = judged.verdict == Verdict::Genuine;
    let said = |word: fn(&Record) -> &str| {
        record
            .map(|record| printable(word(record)))
            .filter(|word| !word.is_empty())
    };
    // The reference becomes a folder's name: only one that is really a reference may.
    let reference = record.and_then(|record| Reference::parse(&record.reference));
    let mut remarks: Vec<String> = repairs(from);
    remarks.extend(remarks_on(letter, judged.verdict, lang));
    let message_id = field(&document.protected, "message-id").or(field(&from.sealed.outer, "message-id"));
    Status {
        sentence: sentence(Kind::Letter, judged.verdict, judged.signer.as_ref(), lang),
        kind: Kind::Letter,
        reference: reference.map(|reference| reference.to_string()),
        id: said(|record| &record.id),
        test: record.is_some_and(|record| record.test),
        form: said(|record| &record.form),
        form_title: said(|record| &record.title),
        authority: letter.word("authority").map(printable),
        received: said(|record| &record.received),
        message_id: message_id.map(printable),
        header_mismatch: if handed_on(from.sealed) {
            Vec::new()
        } else {
            mismatches(&from.sealed.outer, &document.protected, genuine, lang)
        },
        remarks,
        notices: record.filter(|_| genuine).map(notices).unwrap_or_default(),
        files: files(letter, sizes),
        ..of_mail(opened, from)
    }
}

fn files(letter: &Letter<'_>, sizes: &[u64]) -> Vec<StatusFile> {
    let files = letter.files.iter().zip(sizes);
    let file = files.map(|(file, size)| StatusFile {
        name: file.name.clone(),
        name_in_letter: file.is_renamed().then(|| printable(&file.said)),
        size: *size,
        sha256: file.sha256.clone(),
    });
    file.collect()
}

fn remarks_on(letter: &Letter<'_>, verdict: Verdict, lang: Lang) -> Vec<String> {
    let genuine = verdict == Verdict::Genuine;
    let texts = &TEXTS.of(lang).remarks;
    let Some(record) = &letter.document.record else {
        return vec![texts.no_record.into()];
    };
    let mut remarks = Vec::new();
    // What a forger claims is no fact, and nothing that anybody could send again.
    if record.test && genuine {
        remarks.push(texts.test.to_owned());
    }
    if !verdict.is_forgery() {
        remarks.extend(remarks_on_files(record, letter, lang));
    }
    if !genuine && !notices(record).is_empty() {
        remarks.push(texts.own_notices.to_owned());
    }
    remarks
}

fn remarks_on_files(record: &Record, letter: &Letter<'_>, lang: Lang) -> Vec<String> {
    let texts = &TEXTS.of(lang).remarks;
    let mut remarks = Vec::new();
    let (said, came) = (record.files.len(), letter.files.len());
    if said != came {
        let values = [("said", &*said.to_string()), ("came", &*came.to_string())];
        remarks.push(fill(texts.file_count, &values));
    }
    for (said, came) in record.files.iter().zip(&letter.files) {
        if said.sha256 != came.sha256 {
            remarks.push(fill(texts.file_changed, &[("name", &neutral(&said.name))]));
        }
    }
    remarks
}

/// What differs from how the form sent it.
fn repairs(from: &Origin<'_>) -> Vec<String> {
    let repaired = from.sealed.repaired.iter();
    repaired.map(|one| repair(from.lang, *one).to_owned()).collect()
}

/// The remarks of the server, on the letter and on its answers. What a citizen wrote is not among them.
fn notices(record: &Record) -> Vec<String> {
    let on_answers = record
        .answers
        .iter()
        .filter_map(|answer| Some(format!("{} {}", answer.label, answer.note.as_ref()?)));
    record.notices.iter().cloned().chain(on_answers).collect()
}

/// The nearest mail around the letter is not the form's own: somebody attached the letter to it. That its sender and subject are
/// others says nothing.
fn handed_on(sealed: &Sealed) -> bool {
    sealed.reference.is_none() && sealed.repaired.contains(&Repair::FormOfMail)
}
