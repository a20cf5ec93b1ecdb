//! What is to be done with a stretch of a mail: nothing, a search for armor, or a look at what it is once it is decoded.

use super::form::{self, Form};
use super::head::{self, Encoding, Mime};
use super::html;
use super::look::{Place, Work};
use super::piece::Piece;
use super::unwrap::How;
use super::walk::Leaf;
use crate::found::Step;

/// What is to be done with a stretch of a mail.
pub(super) fn work(piece: &Piece, leaf: Leaf, around: &Place) -> Vec<Work> {
    let all = piece.part(leaf.range.clone());
    let body = piece.part(leaf.body..leaf.range.end);
    let start = leaf.body - leaf.range.start;
    let place = || {
        let mut place = Place {
            top: false,
            mail: Some(leaf.mail.clone()),
            ..around.clone()
        };
        place
            .steps
            .extend(std::iter::repeat_n(Step::Forwarded, leaf.mail.forwarded));
        let name = leaf.mime.as_ref().and_then(|mime| mime.name.clone());
        place
            .steps
            .extend(name.filter(|_| !leaf.mail.encrypted).map(|name| Step::File { name }));
        place
    };
    let encoding = leaf.mime.as_ref().map_or(Encoding::Plain, |mime| mime.encoding);
    let how = match encoding {
        Encoding::Plain => How::Plain,
        Encoding::Base64 => How::Base64,
        Encoding::Quoted => How::Quoted,
    };
    let is_text = leaf
        .mime
        .as_ref()
        .is_none_or(|mime| mime.kind.as_deref().is_none_or(|kind| kind.starts_with("text/")));
    let plain = how == How::Plain
        && match form::of(&body) {
            Form::Flat(_) => true,
            // A few lines that name who wrote what are no mail, unless they say of what type it is.
            Form::Mail => is_text && Mime::read(&head::read(&body, 0, true).fields).kind.is_none(),
            _ => false,
        };
    let searched = |piece: &Piece| html::worth_a_search(piece);
    if plain || body.is_empty() {
        return if searched(&all) {
            vec![Work::Search {
                piece: all,
                body: start,
                place: place(),
            }]
        } else {
            Vec::new()
        };
    }
    let mut work = Vec::new();
    let head = piece.part(leaf.range.start..leaf.body);
    if searched(&head) {
        work.push(Work::Search {
            piece: head,
            body: 0,
            place: place(),
        });
    }
    let mut inner = place();
    inner.depth += 1;
    if leaf.mime.as_ref().is_some_and(Mime::is_mail) && !matches!(inner.steps.last(), Some(Step::File { .. })) {
        inner.steps.push(Step::Forwarded);
    }
    let raw = how != How::Plain && searched(&body);
    work.push(Work::Look {
        piece: body,
        how,
        place: inner,
        raw,
    });
    work
}
