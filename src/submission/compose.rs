//! From answers to a letter with its heads and envelope.

use std::io;
use std::time::SystemTime;

use jiff::Zoned;

use super::{Cause, Mailbox, Office, Pipeline, Refusal, Submission, Upload};
use crate::answer::Answer;
use crate::i18n::{Catalog, Lang, fill};
use crate::seal::{MailHead, Recipients};
use crate::store::{Envelope, Identity};
use konvolutt_letter::mime;
use konvolutt_letter::{
    Archive, HeaderValues, Letter, Record, RecordAnswer, RecordFile, Reference, SCHEMA, Source, Words, hex,
    hides_something, media_type, neutral, unique_names,
};

/// The same answers twice: as the letter has them, and as the citizen read and gave them. What was typed is the same in both.
pub(super) struct Answers {
    /// The language of the letter.
    pub(super) lang: Lang,
    pub(super) written: Vec<Answer>,
    pub(super) read: Vec<Answer>,
}

pub(super) struct Composed {
    pub(super) letter: Letter,
    pub(super) head: MailHead,
    pub(super) envelope: Envelope,
}

pub(super) fn compose(
    pipeline: &Pipeline,
    submission: &Submission<'_>,
    mailbox: &Mailbox,
    answers: Answers,
    recipients: &Recipients,
    identity: &Identity,
) -> Result<Composed, Refusal> {
    let office = &pipeline.office;
    let reference = Reference::from_random(&identity.reference).to_string();
    let now = minute(&Zoned::now().with_time_zone(office.time_zone.clone()));
    let date =
        jiff::fmt::rfc2822::to_string(&now).map_err(|_| Cause::Fault("the date of a letter could not be written"))?;
    let lang = answers.lang;
    let title = submission.form.title.get(lang.code());
    let headers = HeaderValues {
        subject: format!("{title} {reference}"),
        outer_subject: format!("{} {reference}", office.subject),
        from: mime::mailbox(&office.from_name, &office.from_address),
        to: mailbox.address.clone(),
        message_id: format!("<{}@{}>", identity.envelope, office.domain()),
        date,
    };
    let head = MailHead {
        from: headers.from.clone(),
        to: headers.to.clone(),
        subject: mime::unstructured(&headers.outer_subject),
        date: headers.date.clone(),
        message_id: headers.message_id.clone(),
        reference: reference.clone(),
        boundary: boundary()?,
    };
    let envelope = Envelope {
        mailbox: mailbox.name.clone(),
        from: office.envelope_from.clone(),
        to: mailbox.address.clone(),
        reference: reference.clone(),
        accepted: u64::try_from(now.timestamp().as_second()).unwrap_or(0),
    };
    let letter = Letter {
        record: record(office, submission, answers, recipients, identity, reference, &now),
        words: words(lang.catalog()),
        received: now.strftime("%d.%m.%Y %H:%M (UTC%:z)").to_string(),
        boundary: boundary()?,
        headers,
    };
    Ok(Composed { letter, head, envelope })
}

fn record(
    office: &Office,
    submission: &Submission<'_>,
    answers: Answers,
    recipients: &Recipients,
    identity: &Identity,
    reference: String,
    now: &Zoned,
) -> Record {
    let (lang, read_in) = (answers.lang, submission.lang);
    let t = lang.catalog();
    let of_the_page = [
        submission.automatic.then_some(t.letter_automatic),
        submission.guessed_encoding.then_some(t.letter_encoding),
    ];
    let of_the_page = of_the_page.into_iter().flatten().map(str::to_owned);
    let left_out = recipients
        .left_out
        .iter()
        .map(|out| fill(t.letter_left_out, &[("name", &out.name)]));
    let expiring = recipients.expiring(SystemTime::now());
    let expiring = expiring.iter().map(|(recipient, days)| {
        let text = t.letter_expires.of(lang, *days);
        let (name, days) = (recipient.name(), days.to_string());
        fill(text, &[("name", &name), ("days", &days)])
    });
    let title = submission.form.title.get(lang.code());
    let title_read = submission.form.title.get(read_in.code());
    let answers = answers.written.into_iter().zip(answers.read);
    Record {
        schema: SCHEMA.to_owned(),
        reference,
        id: identity.id.clone(),
        form: submission.form.slug.clone(),
        title: title.to_owned(),
        title_read: (title_read != title).then(|| title_read.to_owned()),
        authority: office.authority.get(lang.code()).to_owned(),
        letter_language: lang.code().to_owned(),
        language: read_in.code().to_owned(),
        language_name: read_in.name_for(lang),
        received: now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        test: submission.test,
        notices: of_the_page.chain(left_out).chain(expiring).collect(),
        archive: submission.form.archive.as_ref().map(|archive| Archive {
            public_title: archive.public_title.get(lang.code()).to_owned(),
            legal_basis: archive.legal_basis.clone(),
            access_code: archive.access_code.clone(),
        }),
        deadline_days: submission.form.deadline_days,
        answers: answers.map(|(answer, read)| record_answer(answer, read, t)).collect(),
        files: record_files(&submission.files),
    }
}

fn record_answer(mut answer: Answer, mut read: Answer, t: &'static Catalog) -> RecordAnswer {
    let hidden = answer.values.iter().any(|value| hides_something(value));
    let notes: Vec<_> = answer
        .note
        .take()
        .into_iter()
        .chain(hidden.then(|| t.letter_hidden.to_owned()))
        .collect();
    RecordAnswer {
        name: std::mem::take(&mut answer.name),
        kind: answer.kind.name().to_owned(),
        label_read: (read.label != answer.label).then(|| std::mem::take(&mut read.label)),
        values_read: (read.values != answer.values).then(|| std::mem::take(&mut read.values)),
        chosen: answer.kind.has_options(),
        label: std::mem::take(&mut answer.label),
        values: std::mem::take(&mut answer.values),
        normalised: std::mem::take(&mut answer.normalised),
        note: (!notes.is_empty()).then(|| notes.join(" ")),
        safe_contact: answer.safe_contact,
        sender: answer.sender,
        belongs_to: answer.belongs_to.take(),
    }
}

/// Two files of one name are told apart here, so that text, record and attachments say the same.
fn record_files(files: &[Upload]) -> Vec<RecordFile> {
    let came: Vec<_> = files
        .iter()
        .filter_map(|file| Some((&file.fact, file.draft.as_ref()?)))
        .collect();
    let harmless: Vec<String> = came.iter().map(|(fact, _)| neutral(&fact.name)).collect();
    let names = unique_names(harmless.iter().map(String::as_str));
    came.into_iter()
        .zip(names)
        .map(|((fact, draft), name)| RecordFile {
            field: fact.field.clone(),
            media_type: media_type(&name).to_owned(),
            name,
            size: draft.length(),
            sha256: hex(draft.sha256()),
        })
        .collect()
}

/// The files' bytes, in the order of the record.
pub(super) fn sources(files: &[Upload]) -> io::Result<Vec<Source<'_>>> {
    let drafts = files.iter().filter_map(|file| file.draft.as_ref());
    drafts
        .map(|draft| draft.reader().map(|reader| Box::new(reader) as Source<'_>))
        .collect()
}

pub(super) fn words(t: &'static Catalog) -> Words {
    Words {
        reference: t.letter_reference,
        received: t.letter_received,
        language: t.letter_language,
        form: t.letter_form,
        authority: t.letter_authority,
        files: t.letter_files,
        no_files: t.letter_no_files,
        bytes: t.letter_bytes,
        not_answered: t.letter_not_answered,
        contact_unanswered: t.letter_contact_unanswered,
        contact_unknown: t.letter_contact_unknown,
        test: t.letter_test,
    }
}

/// Rounded down to the minute: enough for the post room, too little to prove who sent something when.
fn minute(now: &Zoned) -> Zoned {
    let rounded = now.round(
        jiff::ZonedRound::new()
            .smallest(jiff::Unit::Minute)
            .mode(jiff::RoundMode::Trunc),
    );
    rounded.unwrap_or_else(|_| now.clone())
}

/// A boundary that cannot occur in base64 or quoted-printable: `=_` is in neither.
fn boundary() -> io::Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("=_{}", hex(bytes)))
}
