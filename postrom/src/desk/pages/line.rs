//! One letter as a line of the list.

use konvolutt_letter::{Record, printable};

use crate::desk::post::{Listed, Row, RowId};
use crate::i18n::Lang;
use crate::i18n::desk::contact::{self, Way};
use crate::i18n::desk::list::{ListTexts, TEXTS, language};
use crate::i18n::desk::states::{check, holder, state};
use crate::i18n::desk::when;
use crate::ledger::State;

/// What a row shows. It has no `Debug`.
pub(super) struct Line {
    pub(super) id: RowId,
    pub(super) reference: String,
    pub(super) form: String,
    pub(super) received: String,
    pub(super) due: Due,
    pub(super) way: &'static str,
    pub(super) contact: &'static str,
    pub(super) files: String,
    pub(super) tone: &'static str,
    pub(super) check: &'static str,
    pub(super) state: &'static str,
    pub(super) is_new: bool,
    pub(super) holder: String,
    pub(super) times: String,
    pub(super) contradicted: bool,
}

/// How long there is left to answer.
#[derive(Default)]
pub(super) struct Due {
    pub(super) text: String,
    pub(super) late: bool,
}

impl Line {
    pub(super) fn of(listed: &Listed<'_>, me: &str, lang: Lang) -> Self {
        let t = TEXTS.of(lang);
        let row = listed.row;
        let (tone, checked) = check(row, lang);
        let record = record(row);
        let way = record.map(contact::way);
        let times = row.places.len() as u64;
        Self {
            id: row.id,
            reference: row.reference().map_or_else(|| t.no_number.to_owned(), printable),
            form: form(row, lang),
            received: row.received().map(|time| when::day(time, lang)).unwrap_or_default(),
            due: due(row, listed.standing.state, t),
            way: way.map_or("", Way::class),
            contact: way.map_or("", |way| contact::words(way, lang)),
            files: files(row, t, lang),
            tone: tone.class(),
            check: checked,
            state: state(listed.standing.state, listed.standing.aside, lang),
            is_new: listed.standing.state == State::New,
            holder: holder(&listed.standing, me, lang),
            times: if times > 1 { t.times.of(times) } else { String::new() },
            contradicted: listed.contradicted,
        }
    }
}

/// What the letter says for machines. Of one that is not the form's, nothing of that is taken over into our own words.
fn record(row: &Row) -> Option<&Record> {
    let record = row.reading()?.record.as_ref()?;
    (!row.verdict()?.is_forgery()).then_some(record)
}

fn form(row: &Row, lang: Lang) -> String {
    let Some(reading) = row.reading() else {
        let file = row.places.first().map(|place| place.source.as_str());
        // What was not opened has no form; where it lies says more.
        let known = row.document().is_some() || crate::desk::pages::fault::known(row).is_none();
        return match file {
            Some(file) if !known => printable(file.rsplit(['/', '\\']).next().unwrap_or(file)),
            _ => String::new(),
        };
    };
    let title = reading.status.form_title.as_deref().map(printable).unwrap_or_default();
    match &reading.record {
        Some(record) => format!("{title} · {}", language(record, lang)),
        None => title,
    }
}

/// Nobody waits for what is done with, and a deadline is the form's word only.
pub(super) fn due(row: &Row, state: State, t: &ListTexts) -> Due {
    let is_open = matches!(state, State::New | State::Opened | State::Taken);
    let Some((received, days)) = deadline(row).filter(|_| is_open) else {
        return Due::default();
    };
    let left = when::days_left(received, days);
    let text = match left {
        0 => t.due_today.to_owned(),
        1.. => t.days_left.of(left.unsigned_abs()),
        _ => t.overdue.of(left.unsigned_abs()),
    };
    Due { text, late: left <= 0 }
}

/// When a letter was received, and how many days there are to answer it.
pub(super) fn deadline(row: &Row) -> Option<(jiff::Timestamp, u16)> {
    let days = record(row).filter(|record| !record.test)?.deadline_days?;
    Some((row.received()?, days))
}

fn files(row: &Row, t: &ListTexts, lang: Lang) -> String {
    let files = row
        .reading()
        .map(|reading| reading.status.files.as_slice())
        .unwrap_or_default();
    if files.is_empty() {
        return String::new();
    }
    let size = files.iter().map(|file| file.size).sum();
    format!("{}, {}", t.files.of(files.len() as u64), when::size(size, lang))
}
