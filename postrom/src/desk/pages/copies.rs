//! Copies of letters that lie on the disk, and how they go.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use konvolutt_letter::printable;

use super::answer::{page as answer, see, with_status};
use super::form::Fields;
use super::frame::Frame;
use super::{Desk, Shared, apart, fault};
use crate::desk::copies::{Copy, Where, list, older_than, remove};
use crate::desk::room::NotDone;
use crate::i18n::desk::copies::{CopyTexts, TEXTS, not_removed};
use crate::i18n::desk::when;

/// After so long a copy is more likely forgotten than needed.
const OLD: Duration = Duration::from_secs(30 * 86_400);

#[derive(Template)]
#[template(path = "desk/copies.html")]
struct Copies {
    frame: Frame,
    t: &'static CopyTexts,
    copies: Vec<Shown>,
    old: Option<String>,
}

#[derive(Template)]
#[template(path = "desk/remove.html")]
struct Remove {
    frame: Frame,
    t: &'static CopyTexts,
    copy: Shown,
    problem: Option<String>,
}

/// A copy as pages show it.
struct Shown {
    key: String,
    reference: String,
    place: String,
    saved: String,
    /// It can be deleted from here.
    is_here: bool,
    why_not: &'static str,
}

impl Shown {
    fn of(copy: &Copy, desk: &Desk) -> Self {
        let lang = desk.lang();
        let t = TEXTS.of(lang);
        let (place, why_not) = match &copy.place {
            Where::Here(names) => (names.join("/"), ""),
            Where::Gone(names) => (names.join("/"), t.gone),
            Where::Elsewhere => (copy.saved.path.clone(), t.elsewhere),
        };
        Self {
            key: copy.key.clone(),
            reference: copy.saved.reference.as_deref().map(printable).unwrap_or_default(),
            place: printable(&place),
            saved: format!("{}, {}", when::said(&copy.saved.time, lang), printable(&copy.saved.who)),
            is_here: !matches!(copy.place, Where::Elsewhere),
            why_not,
        }
    }
}

pub(super) async fn page(State(desk): Shared) -> Response {
    apart(desk, |desk| match list(&desk.room) {
        Err(why) => refused(desk, &why),
        Ok(copies) => {
            let frame = Frame::of(desk, "./", "copies");
            let t = TEXTS.of(frame.lang);
            let old = older_than(&copies, OLD) as u64;
            answer(&Copies {
                frame,
                t,
                copies: copies.iter().map(|copy| Shown::of(copy, desk)).collect(),
                old: (old > 0).then(|| t.old.of(old)),
            })
        }
    })
    .await
}

/// Asks once more, and then removes it: the button of the list has no `sure`, the one of the question has.
pub(super) async fn take_away(State(desk): Shared, fields: Fields) -> Response {
    apart(desk, move |desk| {
        let key = fields.get("copy");
        if fields.get("sure").is_empty() {
            return ask(desk, key, None);
        }
        match remove(&desk.room, key) {
            Ok(_) => see("../copies"),
            Err(why) => ask(desk, key, Some(printable(&not_removed(&why, desk.lang())))),
        }
    })
    .await
}

fn ask(desk: &Desk, key: &str, problem: Option<String>) -> Response {
    let copies = match list(&desk.room) {
        Ok(copies) => copies,
        Err(why) => return refused(desk, &why),
    };
    let Some(copy) = copies.iter().find(|copy| copy.key == key) else {
        return see("../copies");
    };
    let frame = Frame::of(desk, "../", "copies");
    let page = Remove {
        t: TEXTS.of(frame.lang),
        frame,
        copy: Shown::of(copy, desk),
        problem,
    };
    match page.problem {
        None => answer(&page),
        Some(_) => with_status(StatusCode::CONFLICT, &page),
    }
}

fn refused(desk: &Desk, why: &NotDone) -> Response {
    match why {
        NotDone::Locked => see("./"),
        why => fault::not_done(Frame::of(desk, "./", ""), why),
    }
}
