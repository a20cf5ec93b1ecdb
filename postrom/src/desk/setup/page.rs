//! The page with the questions.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use konvolutt_letter::printable;

use super::draft::{Draft, Field, Found, Mistake};
use super::file::{NotWritten, target};
use crate::desk::pages::Frame;
use crate::desk::room::Room;
use crate::i18n::Lang;
use crate::i18n::desk::setup::{self, SetupTexts, TEXTS};

/// What is shown with the questions.
pub(super) enum Shown {
    /// Nothing.
    Questions,
    /// What is wrong.
    Mistakes(Vec<Mistake>),
    /// What was found; it can be saved.
    Found(Found),
    /// Why it was not.
    NotWritten(Found, NotWritten),
}

#[derive(Template)]
#[template(path = "desk/setup.html")]
struct Page {
    frame: Frame,
    t: &'static SetupTexts,
    rows: Vec<Row>,
    problems: Vec<Problem>,
    found: Option<Summary>,
    /// Where it is written.
    file: String,
    /// Something is there already.
    exists: bool,
}

/// One question with its answer.
struct Row {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: String,
    /// Lines that are shown; one is a field of one line.
    lines: usize,
    mistakes: Vec<String>,
}

/// A sentence on top, and where it leads.
struct Problem {
    name: &'static str,
    sentence: String,
}

/// What was found.
struct Summary {
    keys: Vec<String>,
    relays: Vec<String>,
    mail: Vec<String>,
    out: Option<String>,
    /// Comes back with the wish to save.
    digest: String,
}

/// What a question is called in the form.
pub(super) fn name(field: Field) -> &'static str {
    match field {
        Field::Mail => "mail",
        Field::Password => "mail_password_file",
        Field::Token => "mail_token_file",
        Field::Keys => "keys",
        Field::Relay => "relay",
        Field::Known => "known",
        Field::Out => "out",
    }
}

/// To the first page, whichever that is by now.
pub(super) fn back() -> Response {
    Redirect::to("./").into_response()
}

pub(super) fn show(room: &Room, draft: &Draft, shown: &Shown) -> Response {
    let lang = room.lang();
    let mistakes = match shown {
        Shown::Mistakes(mistakes) => mistakes.as_slice(),
        _ => &[],
    };
    let (found, why) = match shown {
        Shown::Found(found) => (Some(found), None),
        Shown::NotWritten(found, why) => (Some(found), Some(why)),
        _ => (None, None),
    };
    let sentence = |mistake: &Mistake| printable(&setup::mistake(&mistake.why, lang));
    let on_top = mistakes.iter().map(|mistake| Problem {
        name: name(mistake.field),
        sentence: sentence(mistake),
    });
    let mut problems: Vec<Problem> = on_top.collect();
    problems.extend(why.map(|why| Problem {
        name: "save",
        sentence: not_written(why, lang),
    }));
    let row = |field: Field| Row {
        value: draft.get(field).to_owned(),
        lines: lines(field),
        mistakes: mistakes
            .iter()
            .filter(|mistake| mistake.field == field)
            .map(sentence)
            .collect(),
        name: name(field),
        label: setup::question(field, lang).0,
        hint: setup::question(field, lang).1,
    };
    let target = target(room.plan().settings.as_deref());
    let page = Page {
        frame: Frame::bare(lang, "./", "./"),
        t: TEXTS.of(lang),
        rows: Field::ALL.into_iter().map(row).collect(),
        problems,
        found: found.map(summary),
        exists: target.as_ref().is_some_and(|file| file.symlink_metadata().is_ok()),
        file: target
            .map(|file| printable(&file.to_string_lossy()))
            .unwrap_or_default(),
    };
    let status = if page.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn lines(field: Field) -> usize {
    match field {
        Field::Mail | Field::Keys | Field::Relay | Field::Known => 2,
        Field::Password | Field::Token | Field::Out => 1,
    }
}

fn summary(found: &Found) -> Summary {
    let shown = |path: &std::path::PathBuf| printable(&path.to_string_lossy());
    let head = |head: &crate::trust::Head| {
        let name = head.name.as_deref().unwrap_or_default();
        printable(format!("{name} {}", head.fingerprint).trim())
    };
    let servers = found.servers.iter().map(|server| printable(server));
    Summary {
        keys: found.key_labels.iter().map(|label| printable(label)).collect(),
        relays: found.heads.iter().map(head).collect(),
        mail: found.mail.iter().map(shown).chain(servers).collect(),
        out: found.out.as_ref().map(shown),
        digest: found.digest(),
    }
}

fn not_written(why: &NotWritten, lang: Lang) -> String {
    match why {
        NotWritten::Nowhere => TEXTS.of(lang).nowhere.into(),
        NotWritten::Exists(file) => setup::exists(file, lang),
        NotWritten::Disk(file, cause) => setup::not_written(file, cause, lang),
    }
}
