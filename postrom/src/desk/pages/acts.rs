//! What the buttons of a letter do. Each ends in a redirect, back to the letter.

use axum::extract::{RawQuery, State};
use axum::http::Uri;
use axum::response::Response;
use konvolutt_letter::{fill, printable};

use super::answer::see;
use super::form::{Fields, Id, sort};
use super::frame::Frame;
use super::{Desk, Shared, apart, fault};
use crate::desk::copies::{NotDeleted, delete_here};
use crate::desk::post::{RowId, Sort};
use crate::desk::room::{NotDone, NotRegistered};
use crate::i18n::desk::acts::TEXTS;
use crate::i18n::desk::copies::{deleted, not_removed};
use crate::ledger::{Act, Aside};

pub(super) async fn take(desk: Shared, id: Id, query: RawQuery) -> Response {
    act(desk, id, query, Act::Taken).await
}

pub(super) async fn give_back(desk: Shared, id: Id, query: RawQuery) -> Response {
    act(desk, id, query, Act::GivenBack).await
}

pub(super) async fn undo(desk: Shared, id: Id, query: RawQuery) -> Response {
    act(desk, id, query, Act::Undone).await
}

pub(super) async fn delete(State(desk): Shared, Id(id): Id, query: RawQuery) -> Response {
    apart(desk, move |desk| match delete_here(&desk.room, id) {
        Ok(done) => {
            if let Some(open) = desk.room.glance() {
                open.say(id, deleted(&done, desk.lang()));
            }
            after(desk, id, sort(&query), Ok(()))
        }
        Err(NotDeleted::NotDone(why)) => after(desk, id, sort(&query), Err(why)),
        Err(NotDeleted::Copies(copies)) => {
            let lang = desk.lang();
            let why = copies
                .iter()
                .map(|(copy, why)| format!("{}: {}", copy.saved.path, not_removed(why, lang)));
            let why: Vec<String> = why.collect();
            fault::not_deleted(letter(desk, id, sort(&query)), &why)
        }
    })
    .await
}

pub(super) async fn set_aside(desk: Shared, id: Id, query: RawQuery, uri: Uri, fields: Fields) -> Response {
    let why = match fields.get("why") {
        "test" => Aside::Test,
        "spam" => Aside::Spam,
        "duplicate" => Aside::Duplicate,
        _ => return fault::bad_request(&desk, &uri),
    };
    act(desk, id, query, Act::SetAside { why }).await
}

pub(super) async fn register(State(desk): Shared, Id(id): Id, query: RawQuery, fields: Fields) -> Response {
    apart(desk, move |desk| {
        let sort = sort(&query);
        // The archive's package is in the office's language, whichever the clerk reads the pages in.
        match desk.room.register(id, fields.get("case"), desk.room.plan().lang) {
            Ok(package) => {
                if let Some((folder, open)) = package.zip(desk.room.glance()) {
                    let folder = printable(&folder.display().to_string());
                    open.say(id, fill(TEXTS.of(desk.lang()).packed, &[("folder", &folder)]));
                }
                after(desk, id, sort, Ok(()))
            }
            Err(NotRegistered::NotDone(why)) => after(desk, id, sort, Err(why)),
            Err(NotRegistered::NoPackage(why)) => fault::no_package(letter(desk, id, sort), &why),
        }
    })
    .await
}

async fn act(State(desk): Shared, Id(id): Id, RawQuery(query): RawQuery, act: Act) -> Response {
    apart(desk, move |desk| {
        let done = desk.room.act(id, act);
        after(desk, id, sort(&RawQuery(query)), done.map(drop))
    })
    .await
}

/// The letter as it stands now, or why it was not done.
fn after(desk: &Desk, id: RowId, sort: Sort, done: Result<(), NotDone>) -> Response {
    match done {
        Ok(()) => see(&format!("../{id}?sort={}", sort.name())),
        Err(NotDone::Locked) => see("../../"),
        Err(why) => fault::not_done(letter(desk, id, sort), &why),
    }
}

/// The frame of a page that leads back to the letter.
fn letter(desk: &Desk, id: RowId, sort: Sort) -> Frame {
    Frame::of(desk, "../../", format!("letter/{id}?sort={}", sort.name()))
}
