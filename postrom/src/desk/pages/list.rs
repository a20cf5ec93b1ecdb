//! The list of letters.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use konvolutt_letter::{fill, printable};

use super::answer::{page as answer, see};
use super::form::{Fields, sort};
use super::frame::Frame;
use super::line::Line;
use super::{Desk, Shared, apart, lock, open};
use crate::desk::post::Sort;
use crate::desk::room::Open;
use crate::desk::session::Progress;
use crate::i18n::desk::list::{ListTexts, TEXTS};
use crate::i18n::desk::when;
use crate::i18n::{Lang, inputs, keys};

#[derive(Template)]
#[template(path = "desk/list.html")]
struct Page {
    frame: Frame,
    rows: Rows,
    search: zeroize::Zeroizing<String>,
    remarks: Vec<String>,
}

/// The part of the list that changes while somebody looks at it.
#[derive(Template)]
#[template(path = "desk/rows.html")]
struct Rows {
    t: &'static ListTexts,
    sort: Sort,
    chips: Vec<Chip>,
    lines: Vec<Line>,
    /// How many were found, when something was looked for.
    found: Option<String>,
    still_reading: bool,
    progress: Shown,
    other_mail: Option<String>,
    is_empty: bool,
}

struct Chip {
    name: &'static str,
    text: &'static str,
    count: usize,
    is_here: bool,
}

/// How far the list is, in words.
pub(super) struct Shown {
    /// While it fills.
    pub(super) filling: Option<(String, usize, usize)>,
    /// When it was looked through, or that it is being done.
    pub(super) looked: String,
    /// What does not work.
    pub(super) troubles: Vec<String>,
}

impl Shown {
    pub(super) fn of(progress: &Progress, lang: Lang) -> Self {
        let t = TEXTS.of(lang);
        let time = progress.looked.map(|looked| when::clock(looked, lang));
        let filling = (progress.read < progress.to_read).then(|| {
            let (read, all) = (progress.read.to_string(), progress.to_read.to_string());
            let text = fill(t.progress, &[("read", &read), ("all", &all)]);
            (text, progress.read, progress.to_read)
        });
        let sentence = |text, why| {
            printable(&fill(
                text,
                &[
                    ("why", &inputs::trouble(lang, why, None)),
                    ("time", time.as_deref().unwrap_or("–")),
                ],
            ))
        };
        let away = progress.away.as_ref().map(|why| sentence(t.away, why));
        let not_remembered = progress.not_remembered.as_ref();
        let not_remembered = not_remembered.map(|why| sentence(t.not_remembered, why));
        let not_done = [&progress.marks_only_here, &progress.not_moved].into_iter().flatten();
        let not_done = not_done.map(|why| printable(&inputs::trouble(lang, why, None)));
        Self {
            filling,
            looked: match &time {
                Some(time) => fill(t.looked, &[("time", time)]),
                None => t.not_looked.to_owned(),
            },
            troubles: away.into_iter().chain(not_remembered).chain(not_done).collect(),
        }
    }
}

impl Rows {
    fn of(open: &Open, sort: Sort, me: &str, lang: Lang) -> Self {
        let t = TEXTS.of(lang);
        // Marks that cannot be read now are shown as they were.
        let _ = open.ledger.refresh();
        let progress = open.session.progress();
        let search = open.search();
        let post = open.session.post();
        let list = post.list(sort, &search, me, &|document| open.ledger.standing(document));
        let chip = |of: Sort| Chip {
            name: of.name(),
            text: t.sort(of),
            count: list.counts.get(&of).copied().unwrap_or_default(),
            is_here: of == sort,
        };
        let others = post.others().values().sum::<usize>() as u64;
        let found = (!search.is_empty()).then(|| {
            let count = t.found.of(list.rows.len() as u64);
            fill(&count, &[("words", &printable(&search))])
        });
        Self {
            t,
            sort,
            chips: Sort::ALL.into_iter().map(chip).collect(),
            lines: list.rows.iter().map(|listed| Line::of(listed, me, lang)).collect(),
            still_reading: found.is_some() && progress.read < progress.to_read,
            found,
            progress: Shown::of(&progress, lang),
            other_mail: (others > 0).then(|| t.other_mail.of(others)),
            is_empty: post.rows().next().is_none(),
        }
    }
}

/// The lock screen, or the list.
pub(super) async fn page(State(desk): Shared, query: RawQuery) -> Response {
    apart(desk, move |desk| match desk.room.open() {
        None => lock::screen(desk),
        Some(open) => list(desk, &open, sort(&query)),
    })
    .await
}

fn list(desk: &Desk, open: &Open, sort: Sort) -> Response {
    let lang = desk.lang();
    let remarks = open.remarks.iter().map(|remark| printable(&keys::remark(remark, lang)));
    answer(&Page {
        frame: Frame::of(desk, "./", format!("?sort={}", sort.name())),
        rows: Rows::of(open, sort, &desk.room.plan().who, lang),
        search: open.search(),
        remarks: remarks.collect(),
    })
}

/// What changed meanwhile. Looking for that is no use of the desk.
pub(super) async fn rows(State(desk): Shared, query: RawQuery) -> Response {
    apart(desk, move |desk| match desk.room.glance() {
        None => see("./"),
        Some(open) => answer(&Rows::of(&open, sort(&query), &desk.room.plan().who, desk.lang())),
    })
    .await
}

/// What the list is to show. The words stay in memory: an address would put them into the browser's history.
pub(super) async fn search(State(desk): Shared, fields: Fields) -> Response {
    let open = match open(&desk, "./") {
        Ok(open) => open,
        Err(locked) => return locked,
    };
    open.search_for(fields.get("words"));
    let sort = Sort::named(fields.get("sort")).unwrap_or_default();
    see(&format!("./?sort={}", sort.name()))
}
