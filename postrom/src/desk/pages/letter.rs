//! One letter.

mod file;
mod neighbours;
mod view;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use konvolutt_letter::printable;

use super::answer::page as answer;
use super::form::{Id, sort};
use super::frame::Frame;
use super::{Desk, Shared, apart, fault, open};
use crate::desk::post::{RowId, Sort};
use crate::desk::room::{NotDone, Open, Shown};
use crate::i18n::desk::acts::{self, ActTexts};
use crate::i18n::desk::letter::{LetterTexts, TEXTS};
use crate::i18n::desk::{contact, states, when};
use crate::i18n::{Lang, inputs};
use crate::ledger::{Standing, State as Stands};
pub(super) use file::File;
use neighbours::Neighbours;
pub(super) use view::View;

#[derive(Template)]
#[template(path = "desk/letter.html")]
struct Page {
    frame: Frame,
    t: &'static LetterTexts,
    acts: &'static ActTexts,
    contact: &'static contact::ContactTexts,
    id: RowId,
    sort: Sort,
    view: View,
    state: String,
    history: Vec<String>,
    can: Can,
    neighbours: Neighbours,
    copies: Option<String>,
    problems: Vec<String>,
    said: Option<String>,
}

impl Page {
    /// Leads from the page to what belongs to the letter.
    fn to(&self) -> String {
        format!("{}/", self.id)
    }
}

/// Which buttons make sense.
struct Can {
    take: bool,
    give_back: bool,
    register: bool,
    undo: bool,
    delete: bool,
}

impl Can {
    fn of(standing: &Standing, me: &str) -> Self {
        let mine = standing.holder.as_deref() == Some(me);
        let is_open = matches!(standing.state, Stands::New | Stands::Opened);
        let held = standing.state == Stands::Taken;
        Self {
            take: is_open,
            give_back: held && mine,
            register: is_open || held && mine,
            undo: standing.acts.last().is_some_and(|last| last.who == me) && standing.state > Stands::Opened,
            delete: standing.state != Stands::Deleted && (!held || mine),
        }
    }
}

/// Shows it, which marks it as opened.
pub(super) async fn page(State(desk): Shared, Id(id): Id, query: RawQuery) -> Response {
    apart(desk, move |desk| letter(desk, id, sort(&query))).await
}

fn letter(desk: &Desk, id: RowId, sort: Sort) -> Response {
    let open = match open(desk, "../") {
        Ok(open) => open,
        Err(locked) => return locked,
    };
    let frame = Frame::of(desk, "../", format!("letter/{id}?sort={}", sort.name()));
    match desk.room.shown(id) {
        Ok(shown) => answer(&shown_page(desk, &open, frame, id, sort, &shown)),
        Err(why) => not_shown(&open, frame, id, &why),
    }
}

/// Why a letter is not shown, as a page.
pub(super) fn not_shown(open: &Open, frame: Frame, id: RowId, why: &NotDone) -> Response {
    match why {
        NotDone::Trouble(trouble) => {
            let post = open.session.post();
            fault::of_letter(frame, post.row(id), trouble)
        }
        why => fault::not_done(frame, why),
    }
}

fn shown_page(desk: &Desk, open: &Open, frame: Frame, id: RowId, sort: Sort, shown: &Shown) -> Page {
    let lang = frame.lang;
    let me = &desk.room.plan().who;
    let t = TEXTS.of(lang);
    let standing = &shown.standing;
    let copies = open.ledger.copies_of(&shown.reading.status.sha256).len() as u64;
    Page {
        t,
        acts: acts::TEXTS.of(lang),
        contact: contact::TEXTS.of(lang),
        id,
        sort,
        view: View::of(open, id, shown, lang),
        state: state(standing, me, lang),
        history: history(standing, lang),
        can: Can::of(standing, me),
        neighbours: Neighbours::of(open, id, sort, me),
        copies: (copies > 0).then(|| t.saved_at.of(copies)),
        problems: problems(shown, lang),
        said: open.said(id),
        frame,
    }
}

fn state(standing: &Standing, me: &str, lang: Lang) -> String {
    let state = states::state(standing.state, standing.aside, lang);
    let holder = states::holder(standing, me, lang);
    let case = standing.case.as_deref().map(printable).unwrap_or_default();
    let said = [state.to_owned(), holder, case]
        .into_iter()
        .filter(|text| !text.is_empty());
    said.collect::<Vec<_>>().join(" · ")
}

fn history(standing: &Standing, lang: Lang) -> Vec<String> {
    let acts = standing.acts.iter();
    let lines = acts.map(|mark| acts::done(&mark.act, &mark.who, &when::said(&mark.time, lang), lang));
    lines.filter(|line| !line.is_empty()).collect()
}

fn problems(shown: &Shown, lang: Lang) -> Vec<String> {
    let t = TEXTS.of(lang);
    let marked = shown.not_marked.as_ref().map(|why| inputs::trouble(lang, why, None));
    let told = shown.not_told.as_ref().map(|why| {
        let why = inputs::trouble(lang, why, None);
        konvolutt_letter::fill(t.not_told, &[("why", &why)])
    });
    marked.into_iter().chain(told).map(|text| printable(&text)).collect()
}
