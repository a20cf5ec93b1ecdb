//! A letter as its page and its print show it. It has no `Debug`.

use konvolutt_letter::{Record, fill, printable, printable_lines};

use super::file::File;
use crate::desk::pages::answers::{self, Answer, Read};
use crate::desk::pages::line::{Due, deadline, due};
use crate::desk::post::{Row, RowId};
use crate::desk::reading::Reading;
use crate::desk::room::{Open, Shown};
use crate::i18n::Lang;
use crate::i18n::desk::contact::{self, Way};
use crate::i18n::desk::document;
use crate::i18n::desk::letter::TEXTS;
use crate::i18n::desk::list::{self, language};
use crate::i18n::desk::states::Tone;
use crate::i18n::desk::when;
use crate::i18n::letters;
use crate::i18n::open::strangers;
use crate::judged::{HIDDEN, PASSPHRASE, Reader};
use crate::status::{Kind, Status};

/// Everything of a letter that is shown.
pub(in crate::desk::pages) struct View {
    pub(in crate::desk::pages) sentence: String,
    pub(in crate::desk::pages) tone: Tone,
    pub(in crate::desk::pages) is_mail: bool,
    pub(in crate::desk::pages) is_test: bool,
    pub(in crate::desk::pages) reference: String,
    pub(in crate::desk::pages) form: String,
    pub(in crate::desk::pages) authority: String,
    pub(in crate::desk::pages) received: String,
    /// The last day of it, and how far that is.
    pub(in crate::desk::pages) deadline: String,
    pub(in crate::desk::pages) due: Due,
    pub(in crate::desk::pages) language: String,
    /// For the `lang` attribute of what was typed.
    pub(in crate::desk::pages) spoken: String,
    /// For the `lang` attribute of the form's own words.
    pub(in crate::desk::pages) written: String,
    pub(in crate::desk::pages) contact: Contact,
    pub(in crate::desk::pages) answers: Vec<Answer>,
    /// What the sender read in other words than those above.
    pub(in crate::desk::pages) read: Vec<Read>,
    pub(in crate::desk::pages) text: Option<String>,
    pub(in crate::desk::pages) files: Vec<File>,
    pub(in crate::desk::pages) remarks: Vec<String>,
    /// Rows that have its number and other content.
    pub(in crate::desk::pages) twins: Vec<RowId>,
    pub(in crate::desk::pages) signed_by: String,
    pub(in crate::desk::pages) opened_with: String,
    pub(in crate::desk::pages) readers: Vec<String>,
    pub(in crate::desk::pages) sources: Vec<String>,
}

/// Whether contact is safe.
pub(in crate::desk::pages) struct Contact {
    pub(in crate::desk::pages) class: &'static str,
    pub(in crate::desk::pages) words: &'static str,
    /// What was ticked, in short; or why nothing was.
    pub(in crate::desk::pages) more: String,
    pub(in crate::desk::pages) answers: Vec<Answer>,
}

impl View {
    pub(in crate::desk::pages) fn of(open: &Open, id: RowId, shown: &Shown, lang: Lang) -> Self {
        let Reading {
            status, record, text, ..
        } = &*shown.reading;
        let said = |text: &Option<String>| text.as_deref().map(printable).unwrap_or_default();
        // What a letter that is not the form's says in the form's name is not repeated in ours.
        let ours = !status.verdict.is_forgery();
        let (answers, contact) = record
            .as_ref()
            .map(|record| answers::of(record, ours))
            .unwrap_or_default();
        let post = open.session.post();
        let row = post.row(id);
        let code = |of: fn(&Record) -> &str| record.as_ref().map(|record| printable(of(record))).unwrap_or_default();
        Self {
            // Anew: the reading has it in the language that the desk was opened in.
            sentence: letters::sentence(status.kind, status.verdict, status.signer.as_ref(), lang),
            tone: Tone::of(status.verdict, status.kind),
            is_mail: status.kind == Kind::Mail,
            is_test: status.test && ours,
            reference: said(&status.reference),
            form: said(&status.form_title),
            authority: said(&status.authority),
            received: status
                .received
                .as_deref()
                .map(|time| when::said(time, lang))
                .unwrap_or_default(),
            deadline: row
                .and_then(deadline)
                .map(|(received, days)| when::deadline(received, days, lang))
                .unwrap_or_default(),
            due: row
                .map(|row| due(row, shown.standing.state, list::TEXTS.of(lang)))
                .unwrap_or_default(),
            language: record.as_ref().map(|record| language(record, lang)).unwrap_or_default(),
            contact: self::contact(shown, ours, contact, lang),
            text: (record.is_none() && status.kind == Kind::Letter).then(|| printable_lines(text)),
            spoken: code(|record| &record.language),
            written: code(Record::letter_language),
            answers,
            read: record.as_ref().map(Read::of).unwrap_or_default(),
            files: File::listed(&status.files, lang),
            remarks: remarks(status, lang),
            twins: twins(post.rows(), id, row),
            signed_by: signed_by(status, lang),
            opened_with: status.opened_with.as_deref().map(printable).unwrap_or_default(),
            readers: status.readers.iter().map(|reader| reader_name(reader, lang)).collect(),
            sources: row.map(sources).unwrap_or_default(),
        }
    }
}

fn contact(shown: &Shown, ours: bool, answers: Vec<Answer>, lang: Lang) -> Contact {
    let t = contact::TEXTS.of(lang);
    let Some(record) = shown.reading.record.as_ref().filter(|_| ours) else {
        return Contact {
            class: Way::ReadFirst.class(),
            words: t.unknown,
            more: String::new(),
            answers,
        };
    };
    let way = contact::way(record);
    Contact {
        class: way.class(),
        words: contact::words(way, lang),
        more: contact::more(record, lang),
        answers,
    }
}

/// Whoever can read along stands first: nobody looks for it behind the seal.
fn remarks(status: &Status, lang: Lang) -> Vec<String> {
    let strangers = match status.kind {
        Kind::Letter => strangers(&status.readers, lang),
        Kind::Mail => Vec::new(),
    };
    let all = strangers
        .iter()
        .chain(&status.remarks)
        .chain(&status.notices)
        .chain(&status.header_mismatch);
    all.map(|text| printable(text)).collect()
}

fn twins<'a>(rows: impl Iterator<Item = &'a Row>, id: RowId, row: Option<&Row>) -> Vec<RowId> {
    let Some(reference) = row.and_then(Row::reference) else {
        return Vec::new();
    };
    let is_twin =
        |other: &&Row| other.id != id && other.kind() == Some(Kind::Letter) && other.reference() == Some(reference);
    rows.filter(is_twin).map(|other| other.id).collect()
}

fn signed_by(status: &Status, lang: Lang) -> String {
    let Some(signer) = &status.signer else {
        return TEXTS.of(lang).nobody.to_owned();
    };
    let name = signer.name.as_deref().unwrap_or_default();
    printable(&format!("{name} {}", signer.fingerprint))
}

fn reader_name(reader: &Reader, lang: Lang) -> String {
    let t = document::TEXTS.of(lang);
    match &reader.known_as {
        Some(known) => printable(known),
        None if reader.key == HIDDEN => t.hidden_key.to_owned(),
        None if reader.key == PASSPHRASE => t.passphrase.to_owned(),
        None => fill(t.unknown_key, &[("key", &printable(&reader.key))]),
    }
}

fn sources(row: &Row) -> Vec<String> {
    row.places.iter().map(|place| printable(&place.source)).collect()
}
