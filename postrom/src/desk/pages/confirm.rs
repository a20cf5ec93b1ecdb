//! Pages that ask once more, or for what an act needs.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use konvolutt_letter::{fill, printable};

use super::answer::page as answer;
use super::form::{Id, sort};
use super::frame::Frame;
use super::{Desk, Shared, apart, fault, open};
use crate::desk::post::{RowId, Sort};
use crate::desk::room::NotDone;
use crate::i18n::desk::acts::{ActTexts, TEXTS};
use crate::judged::Verdict;
use crate::ledger::State as Stands;

#[derive(Template)]
#[template(path = "desk/register.html")]
struct Register {
    frame: Frame,
    ask: Asked,
}

#[derive(Template)]
#[template(path = "desk/set-aside.html")]
struct SetAside {
    frame: Frame,
    ask: Asked,
}

#[derive(Template)]
#[template(path = "desk/delete.html")]
struct Delete {
    frame: Frame,
    ask: Asked,
}

/// What the three of them know of the letter.
struct Asked {
    t: &'static ActTexts,
    id: RowId,
    sort: Sort,
    reference: String,
    is_genuine: bool,
    is_registered: bool,
    /// Where the archive's package goes.
    packs_into: Option<String>,
    copies: Vec<String>,
}

impl Asked {
    #[allow(clippy::result_large_err)] // the response is what is wanted
    fn of(desk: &Desk, id: RowId, query: &RawQuery, page: &str) -> Result<(Frame, Self), Response> {
        let open = open(desk, "../../")?;
        let sort = sort(query);
        let frame = Frame::of(desk, "../../", format!("letter/{id}/{page}?sort={}", sort.name()));
        let _ = open.ledger.refresh();
        let found = {
            let post = open.session.post();
            post.row(id).and_then(|row| {
                let reference = row.reference().map(printable).unwrap_or_default();
                Some((row.document()?.to_owned(), reference, row.verdict(), row.kind()))
            })
        };
        let Some((document, reference, verdict, kind)) = found else {
            return Err(fault::not_done(frame, &NotDone::Gone));
        };
        let standing = open.ledger.standing(&document);
        let copies = open.ledger.copies_of(&document);
        let lang = frame.lang;
        let asked = Self {
            t: TEXTS.of(frame.lang),
            id,
            sort,
            reference,
            is_genuine: verdict == Some(Verdict::Genuine),
            is_registered: standing.state == Stands::Registered,
            packs_into: desk.room.packs(verdict, kind).map(|folder| {
                let folder = printable(&folder.display().to_string());
                fill(TEXTS.of(lang).register_package, &[("folder", &folder)])
            }),
            copies: copies.iter().map(|copy| printable(&copy.path)).collect(),
        };
        Ok((frame, asked))
    }
}

/// Asks for the archive's number.
pub(super) async fn register(State(desk): Shared, Id(id): Id, query: RawQuery) -> Response {
    apart(desk, move |desk| match Asked::of(desk, id, &query, "register") {
        Ok((frame, ask)) => answer(&Register { frame, ask }),
        Err(response) => response,
    })
    .await
}

/// Asks why.
pub(super) async fn set_aside(State(desk): Shared, Id(id): Id, query: RawQuery) -> Response {
    apart(desk, move |desk| match Asked::of(desk, id, &query, "set-aside") {
        Ok((frame, ask)) => answer(&SetAside { frame, ask }),
        Err(response) => response,
    })
    .await
}

/// Says what goes and what stays.
pub(super) async fn delete(State(desk): Shared, Id(id): Id, query: RawQuery) -> Response {
    apart(desk, move |desk| match Asked::of(desk, id, &query, "delete") {
        Ok((frame, ask)) => answer(&Delete { frame, ask }),
        Err(response) => response,
    })
    .await
}
