//! The files of a letter: what each of them is, and a picture of it that cannot act.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;

use super::answer::{bytes, page as answer, see};
use super::form::{Id, sort};
use super::frame::Frame;
use super::letter::{File, not_shown};
use super::{Desk, Shared, apart, fault, open};
use crate::desk::copies;
use crate::desk::post::{RowId, Sort};
use crate::desk::room::NotDone;
use crate::i18n::desk::copies::saved as said;
use crate::i18n::desk::letter::{LetterTexts, TEXTS};

#[derive(Template)]
#[template(path = "desk/files.html")]
struct Page {
    frame: Frame,
    t: &'static LetterTexts,
    id: RowId,
    sort: Sort,
    files: Vec<File>,
    /// Leads from the page to what belongs to the letter.
    to: String,
}

/// Looks at them, which may take a while: each is read by a process of its own.
pub(super) async fn page(State(desk): Shared, Id(id): Id, query: RawQuery) -> Response {
    apart(desk, move |desk| {
        let open = match open(desk, "../../") {
            Ok(open) => open,
            Err(locked) => return locked,
        };
        let sort = sort(&query);
        let frame = Frame::of(desk, "../../", format!("letter/{id}/files?sort={}", sort.name()));
        let lang = frame.lang;
        match desk.room.look(id) {
            Err(why) => not_shown(&open, frame, id, &why),
            Ok(looked) => answer(&Page {
                t: TEXTS.of(lang),
                frame,
                id,
                sort,
                files: File::looked(&looked, lang),
                to: String::new(),
            }),
        }
    })
    .await
}

/// New pixels; the letter's own are shown nowhere.
pub(super) async fn preview(State(desk): Shared, Path((id, number)): Path<(RowId, usize)>, uri: Uri) -> Response {
    apart(desk, move |desk| {
        let looked = desk.room.look(id).ok();
        let file = looked.as_ref().and_then(|files| files.get(number.checked_sub(1)?));
        match file.and_then(|file| file.looked.preview.as_ref()) {
            Some(preview) => bytes(StatusCode::OK, "image/png", preview.png.clone()),
            None => fault::no_such_letter(desk, &uri),
        }
    })
    .await
}

/// Saves one of them, counted from 1.
pub(super) async fn save(State(desk): Shared, Path((id, number)): Path<(RowId, usize)>, query: RawQuery) -> Response {
    apart(desk, move |desk| {
        let saved = number.checked_sub(1).ok_or(NotDone::Gone);
        let saved = saved.and_then(|number| copies::save_file(&desk.room, id, number));
        let saved = saved.map(|saved| said(&saved, desk.lang()));
        told(desk, id, "../../", sort(&query), saved)
    })
    .await
}

/// Saves the whole letter.
pub(super) async fn save_all(State(desk): Shared, Id(id): Id, query: RawQuery) -> Response {
    apart(desk, move |desk| {
        let saved = copies::save_all(&desk.room, id);
        let saved = saved.map(|saved| said(&saved, desk.lang()));
        told(desk, id, "../", sort(&query), saved)
    })
    .await
}

/// Back to the letter, which says what was done; or why it was not. `up` leads from the button to the letters.
fn told(desk: &Desk, id: RowId, up: &str, sort: Sort, done: Result<String, NotDone>) -> Response {
    match done {
        Ok(text) => {
            if let Some(open) = desk.room.glance() {
                open.say(id, text);
            }
            see(&format!("{up}{id}?sort={}", sort.name()))
        }
        Err(NotDone::Locked) => see(&format!("{up}../")),
        Err(why) => {
            let root = if up == "../" { "../../" } else { "../../../" };
            let frame = Frame::of(desk, root, format!("letter/{id}?sort={}", sort.name()));
            fault::not_done(frame, &why)
        }
    }
}
