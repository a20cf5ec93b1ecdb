//! Pages about what went wrong: what, which letter, what to do, a button.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use konvolutt_letter::{fill, printable};

use super::answer::with_status;
use super::frame::Frame;
use super::{Desk, Shared};
use crate::desk::archive::NoPackage;
use crate::desk::post::{Content, Row};
use crate::desk::room::NotDone;
use crate::i18n::desk::acts::{self, ActTexts};
use crate::i18n::desk::copies;
use crate::i18n::desk::export;
use crate::i18n::desk::faults::{FaultTexts, TEXTS};
use crate::i18n::inputs;
use crate::trouble::Trouble;

#[derive(Template)]
#[template(path = "desk/fault.html")]
struct Fault {
    frame: Frame,
    t: &'static FaultTexts,
    heading: &'static str,
    text: String,
    /// Number and place of the letter that it is about.
    letter: Option<(String, Vec<String>)>,
    /// What the operator can be written.
    to_operator: Option<String>,
    button: Button,
}

/// What to do next.
struct Button {
    href: String,
    text: &'static str,
}

impl Fault {
    fn plain(frame: Frame, heading: &'static str, text: &str) -> Self {
        let button = Button {
            href: frame.root.to_owned(),
            text: frame.t.back,
        };
        Self {
            t: TEXTS.of(frame.lang),
            frame,
            heading,
            text: text.to_owned(),
            letter: None,
            to_operator: None,
            button,
        }
    }
}

/// A letter that cannot be shown. Loading the page again tries again.
pub(super) fn of_letter(frame: Frame, row: Option<&Row>, trouble: &Trouble) -> Response {
    let lang = frame.lang;
    let t = TEXTS.of(lang);
    let reference = row.and_then(Row::reference).map(printable);
    let text = inputs::trouble(lang, trouble, reference.as_deref());
    let mut fault = Fault::plain(frame, t.heading(trouble), &printable(&text));
    fault.letter = row.map(|row| {
        let number = reference.clone().unwrap_or_default();
        (
            number,
            row.places.iter().map(|place| printable(&place.source)).collect(),
        )
    });
    let resend = reference.filter(|_| matches!(trouble, Trouble::Damaged));
    fault.to_operator = resend.map(|reference| fill(t.please_resend, &[("reference", &reference)]));
    if may_pass(trouble) {
        fault.button = Button {
            href: format!("{}{}", fault.frame.root, fault.frame.here),
            text: fault.frame.t.again,
        };
    }
    with_status(StatusCode::OK, &fault)
}

/// What may be otherwise in a minute.
fn may_pass(trouble: &Trouble) -> bool {
    matches!(
        trouble,
        Trouble::Ended
            | Trouble::Stopped
            | Trouble::Disk { .. }
            | Trouble::Ledger { .. }
            | Trouble::LedgerAway { .. }
            | Trouble::Unreadable { .. }
    )
}

/// What a button was to do and did not. The letter's page shows how it stands.
pub(super) fn not_done(frame: Frame, why: &NotDone) -> Response {
    let lang = frame.lang;
    let t: &ActTexts = acts::TEXTS.of(lang);
    let mut fault = Fault::plain(frame, t.not_done, &printable(&acts::not_done(why, lang)));
    if !matches!(why, NotDone::Gone) {
        fault.button = Button {
            href: format!("{}{}", fault.frame.root, fault.frame.here),
            text: t.back_to_letter,
        };
    }
    with_status(StatusCode::CONFLICT, &fault)
}

/// Copies that are there still, although the letter was to be deleted here.
pub(super) fn not_deleted(frame: Frame, why: &[String]) -> Response {
    let heading = copies::TEXTS.of(frame.lang).not_deleted;
    refused(frame, heading, &why.join(" "))
}

/// The archive got nothing, so the letter is not registered.
pub(super) fn no_package(frame: Frame, why: &NoPackage) -> Response {
    let t = acts::TEXTS.of(frame.lang);
    let text = match why {
        // The flag that the command has is none of a page's.
        NoPackage::NotGenuine => t.not_genuine.to_owned(),
        why => export::no_package(why, t.the_letter, "", frame.lang),
    };
    refused(frame, t.not_done, &text)
}

fn refused(frame: Frame, heading: &'static str, text: &str) -> Response {
    let back = acts::TEXTS.of(frame.lang).back_to_letter;
    let mut fault = Fault::plain(frame, heading, &printable(text));
    fault.button = Button {
        href: format!("{}{}", fault.frame.root, fault.frame.here),
        text: back,
    };
    with_status(StatusCode::CONFLICT, &fault)
}

/// There is more room in the mailbox than in what was dropped.
pub(super) fn too_much(frame: Frame) -> Response {
    let (t, text) = (TEXTS.of(frame.lang), frame.t.not_dropped);
    with_status(StatusCode::PAYLOAD_TOO_LARGE, &Fault::plain(frame, t.too_large, text))
}

/// No page has this address.
pub(super) async fn not_found(State(desk): Shared, uri: Uri) -> Response {
    no_page(Frame::of(&desk, root(&uri), ""))
}

/// Leads from a page to the list.
fn root(uri: &Uri) -> &'static str {
    match uri.path().matches('/').count() {
        0..=1 => "./",
        2 => "../",
        _ => "../../",
    }
}

/// A number that is none, or that no letter has.
pub(super) fn no_such_letter(desk: &Desk, uri: &Uri) -> Response {
    no_page(Frame::of(desk, root(uri), ""))
}

fn no_page(frame: Frame) -> Response {
    let t = TEXTS.of(frame.lang);
    with_status(
        StatusCode::NOT_FOUND,
        &Fault::plain(frame, t.not_found, t.not_found_text),
    )
}

/// A body that no form of ours makes.
pub(super) fn bad_request(desk: &Desk, uri: &Uri) -> Response {
    let frame = Frame::of(desk, root(uri), "");
    let t = TEXTS.of(frame.lang);
    with_status(
        StatusCode::BAD_REQUEST,
        &Fault::plain(frame, t.bad_request, t.bad_request_text),
    )
}

/// Why a row cannot be shown, when that is known already.
pub(super) fn known(row: &Row) -> Option<&Trouble> {
    match &row.content {
        Content::NotRead(why) | Content::NotLookedAt(why) => Some(why),
        Content::Waiting | Content::Known(_) | Content::Read(_) => None,
    }
}
