//! What is to be done with a stretch of a mail: nothing, a search for armor, or a look at what it is once it is decoded.

use super::form::{self, Form};
use super::head::{self, Encoding, Mime};
use super::hidden;
use super::html;
use super::piece::Piece;
use super::unwrap::How;
use super::walk::Leaf;
use super::work::{Place, Work};
use crate::found::Step;

/// What is to be done with a stretch of a mail.
pub(super) fn work(piece: &Piece, leaf: Leaf, around: &Place) -> Vec<Work> {
    let all = piece.part(leaf.range.clone());
    let body = piece.part(leaf.body..leaf.range.end);
    let how = how(&leaf);
    if body.is_empty() || how == How::Plain && is_flat(&leaf, &body) {
        let start = leaf.body - leaf.range.start;
        return search(all, start, || place(&leaf, around)).into_iter().collect();
    }
    let head = piece.part(leaf.range.start..leaf.body);
    let mut work: Vec<Work> = search(head, 0, || place(&leaf, around)).into_iter().collect();
    let mut inner = place(&leaf, around);
    inner.depth += 1;
    if leaf.mime.as_ref().is_some_and(Mime::is_mail) && !matches!(inner.steps.last(), Some(Step::File { .. })) {
        inner.steps.push(Step::Forwarded);
    }
    let raw = how != How::Plain && html::worth_a_search(&body);
    work.push(Work::Look {
        piece: body,
        how,
        place: inner,
        raw,
    });
    work
}

/// Nothing when there can be no armor in it.
fn search(piece: Piece, body: usize, place: impl FnOnce() -> Place) -> Option<Work> {
    let worth = html::worth_a_search(&piece) || hidden::worth(&piece);
    worth.then(|| Work::Search {
        piece,
        body,
        place: place(),
    })
}

fn place(leaf: &Leaf, around: &Place) -> Place {
    let mut place = Place {
        top: false,
        mail: Some(leaf.mail.clone()),
        ..around.clone()
    };
    let forwarded = std::iter::repeat_n(Step::Forwarded, leaf.mail.forwarded);
    place.steps.extend(forwarded);
    let name = leaf.mime.as_ref().and_then(|mime| mime.name.clone());
    let name = name.filter(|_| !leaf.mail.encrypted);
    place.steps.extend(name.map(|name| Step::file(&name)));
    place
}

fn how(leaf: &Leaf) -> How {
    match leaf.mime.as_ref().map_or(Encoding::Plain, |mime| mime.encoding) {
        Encoding::Plain => How::Plain,
        Encoding::Base64 => How::Base64,
        Encoding::Quoted => How::Quoted,
    }
}

/// A body that is not encoded and holds nothing but text.
fn is_flat(leaf: &Leaf, body: &Piece) -> bool {
    match form::of(body) {
        Form::Flat(_) => true,
        // A few lines that name who wrote what are no mail, unless they say of what type it is.
        Form::Mail => {
            let kind = leaf.mime.as_ref().and_then(|mime| mime.kind.as_deref());
            let is_text = kind.is_none_or(|kind| kind.starts_with("text/"));
            is_text && Mime::read(&head::read(body, 0, true).fields).kind.is_none()
        }
        _ => false,
    }
}
