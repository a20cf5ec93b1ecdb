//! Hands a letter to a case officer: a page that asks whom, and what it does.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use konvolutt_letter::{fill, printable};

use super::answer::{page as answer, see};
use super::form::{Fields, Id, sort};
use super::frame::Frame;
use super::{Desk, Shared, apart, fault, open};
use crate::desk::archive::{Officer, officers};
use crate::desk::post::{RowId, Sort};
use crate::desk::room::{NotDone, NotRegistered};
use crate::i18n::desk::acts::{ActTexts, TEXTS};
use crate::i18n::desk::export::no_officer;
use crate::names::grouped;

#[derive(Template)]
#[template(path = "desk/hand-over.html")]
struct Page {
    frame: Frame,
    t: &'static ActTexts,
    id: RowId,
    sort: Sort,
    reference: String,
    officers: Vec<Choice>,
    /// Why others cannot be chosen.
    problems: Vec<String>,
}

/// An officer who can be chosen.
struct Choice {
    key: String,
    name: String,
    fingerprint: String,
}

/// Everybody whom the settings name; files are read anew, for a certificate may have ended since.
fn all(desk: &Desk) -> (Vec<Officer>, Vec<String>) {
    let lang = desk.lang();
    let (mut good, mut problems) = (Vec::new(), Vec::new());
    for file in &desk.room.plan().officers {
        match officers(file) {
            Err(why) => problems.push(no_officer(file, &why, lang)),
            Ok(found) => {
                for one in found {
                    match one {
                        Ok(officer) => good.push(officer),
                        Err(why) => problems.push(no_officer(file, &why, lang)),
                    }
                }
            }
        }
    }
    (good, problems)
}

fn key(officer: &Officer) -> String {
    officer.cert.fingerprint().to_hex()
}

pub(super) async fn page(State(desk): Shared, Id(id): Id, query: RawQuery) -> Response {
    apart(desk, move |desk| {
        let open = match open(desk, "../../") {
            Ok(open) => open,
            Err(locked) => return locked,
        };
        let sort = sort(&query);
        let frame = Frame::of(desk, "../../", format!("letter/{id}/hand-over?sort={}", sort.name()));
        let reference = open
            .session
            .post()
            .row(id)
            .and_then(|row| row.reference().map(printable));
        if let Err(why) = desk.room.may_hand_over(id) {
            return refused(desk, id, sort, &why);
        }
        let (officers, problems) = all(desk);
        let choice = |officer: &Officer| Choice {
            key: key(officer),
            name: printable(&officer.name),
            fingerprint: grouped(&officer.cert.fingerprint()),
        };
        answer(&Page {
            t: TEXTS.of(frame.lang),
            frame,
            id,
            sort,
            reference: reference.unwrap_or_default(),
            officers: officers.iter().map(choice).collect(),
            problems: problems.iter().map(|text| printable(text)).collect(),
        })
    })
    .await
}

pub(super) async fn hand_over(State(desk): Shared, Id(id): Id, query: RawQuery, fields: Fields) -> Response {
    apart(desk, move |desk| {
        let sort = sort(&query);
        let (officers, _) = all(desk);
        let Some(officer) = officers.iter().find(|officer| key(officer) == fields.get("officer")) else {
            return see(&format!("../{id}/hand-over?sort={}", sort.name()));
        };
        match desk.room.hand_over(id, officer) {
            Ok(path) => {
                let path = printable(&path.display().to_string());
                if let Some(open) = desk.room.glance() {
                    open.say(id, fill(TEXTS.of(desk.lang()).handed_over, &[("path", &path)]));
                }
                see(&format!("../{id}?sort={}", sort.name()))
            }
            Err(why) => refused(desk, id, sort, &why),
        }
    })
    .await
}

fn refused(desk: &Desk, id: RowId, sort: Sort, why: &NotRegistered) -> Response {
    let frame = Frame::of(desk, "../../", format!("letter/{id}?sort={}", sort.name()));
    match why {
        NotRegistered::NotDone(NotDone::Locked) => see("../../"),
        NotRegistered::NotDone(why) => fault::not_done(frame, why),
        NotRegistered::NoPackage(why) => fault::no_package(frame, why),
    }
}
