//! A letter on paper.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::answer::page as answer;
use super::form::{Id, sort};
use super::frame::Frame;
use super::letter::{View, not_shown};
use super::{Shared, apart, open};
use crate::desk::post::{RowId, Sort};
use crate::i18n::desk::letter::{LetterTexts, TEXTS};
use crate::i18n::desk::{acts, contact};

#[derive(Template)]
#[template(path = "desk/print.html")]
struct Print {
    frame: Frame,
    t: &'static LetterTexts,
    contact: &'static contact::ContactTexts,
    back: &'static str,
    id: RowId,
    sort: Sort,
    view: View,
}

/// What the letter's own page prints too, as a page of its own.
pub(super) async fn page(State(desk): Shared, Id(id): Id, query: RawQuery) -> Response {
    apart(desk, move |desk| {
        let sort = sort(&query);
        let open = match open(desk, "../../") {
            Ok(open) => open,
            Err(locked) => return locked,
        };
        let frame = Frame::of(desk, "../../", format!("letter/{id}/print?sort={}", sort.name()));
        match desk.room.shown(id) {
            Err(why) => not_shown(&open, frame, id, &why),
            Ok(shown) => answer(&Print {
                t: TEXTS.of(frame.lang),
                contact: contact::TEXTS.of(frame.lang),
                back: acts::TEXTS.of(frame.lang).back_to_letter,
                id,
                sort,
                view: View::of(&open, id, &shown, frame.lang),
                frame,
            }),
        }
    })
    .await
}
