//! Pages that a client reads: the list, the form, and what went wrong.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::render::{html, is_live, value_of};
use super::replay::Redisplay;
use super::sent_page::{NOT_RECEIVED, see_other};
use super::{Shared, info_pages};
use crate::i18n::Lang;
use crate::page::{FormPage, List, ListEntry};

/// The one number that every list of forms has a button for, where a form has.
const EMERGENCY: &str = "112";

/// The list, in the first language of the first form.
pub(super) async fn list(State(intake): State<Shared>) -> Response {
    listed(&intake, intake.lang_of(""))
}

pub(super) async fn list_in(State(intake): State<Shared>, Path(lang): Path<String>) -> Response {
    match languages(&intake).into_iter().find(|known| known.code() == lang) {
        Some(lang) => listed(&intake, lang),
        None => intake.nothing_there(&format!("/{lang}/")),
    }
}

fn listed(intake: &Shared, lang: Lang) -> Response {
    let entries = intake.pipeline.forms.iter().filter_map(|form| {
        let first = || Lang::from_code(form.languages.first()?);
        let own = Some(lang).filter(|lang| form.speaks(lang.code())).or_else(first)?;
        Some(ListEntry {
            href: format!("/{}/s/{}", own.code(), form.slug),
            lang: own.code(),
            heading: form.heading.get(own.code()).to_owned(),
            summary: form.summary.get(own.code()).to_owned(),
        })
    });
    let mut phones = intake.urgent(lang);
    phones.retain(|phone| phone.number == EMERGENCY);
    let mut languages = languages(intake);
    languages.retain(|other| *other != lang);
    let mut frame = intake.frame(lang, None);
    frame.home = None;
    let page = List {
        frame,
        languages,
        phones,
        forms: entries.collect(),
    };
    html(200, &page)
}

/// All that some form speaks.
fn languages(intake: &Shared) -> Vec<Lang> {
    let mut all = Vec::new();
    for code in intake.pipeline.forms.iter().flat_map(|form| &form.languages) {
        all.extend(Lang::from_code(code).filter(|lang| !all.contains(lang)));
    }
    all
}

/// An address that was copied with a slash too many.
pub(super) async fn without_slash(
    State(intake): State<Shared>,
    Path((lang, page, slug)): Path<(String, String, String)>,
) -> Response {
    let known = ["s", "trygg", "kryptering", "personvern"].contains(&page.as_str());
    match intake.form(&lang, &slug).filter(|_| known) {
        Some((lang, form)) => see_other(format!("/{}/{page}/{}", lang.code(), form.slug)),
        None => intake.nothing_there(&format!("/{lang}/{page}/{slug}/")),
    }
}

/// The form; with `?k=KEY` what was typed before, once.
pub(super) async fn show(
    State(intake): State<Shared>,
    Path((lang, slug)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Some((lang, form)) = intake.form(&lang, &slug) else {
        return intake.nothing_there(&format!("/{lang}/s/{slug}"));
    };
    let live = is_live(&headers);
    let key = query.as_deref().and_then(|query| value_of(query, "k"));
    let kept = match key.and_then(|key| intake.node.key(key, &intake.pipeline.alarms)) {
        Some(key) => intake.replay.take(key).await,
        None => None,
    };
    intake.readiness.ask().await;
    let state = intake.readiness.form(form);
    // What was typed is shown again also when nothing can be taken just now. Else: no one must write for half an hour and
    // then read that nothing can be received.
    let has_text = kept.as_ref().is_some_and(|kept| !kept.typed.is_empty());
    if !has_text && !state.is_open() {
        return intake.wrong(503, lang, Some(form), lang.catalog().closed_text);
    }
    let mut frame = intake.frame(lang, Some(form));
    frame.foot.privacy = "#personvern".to_owned();
    let again = kept.unwrap_or_else(|| without_text(lang, key.is_some(), live, query.as_deref()));
    let page = FormPage {
        frame,
        recipients: info_pages::recipients(&intake, form, |_| String::new()),
        machines: intake.readiness.machines(),
        form,
        typed: &again.typed,
        problems: &again.problems,
        notice: &again.notice,
        token: if again.token.is_empty() {
            intake.tokens.fresh(key.is_none())
        } else {
            again.token.clone()
        },
        files_total: state.files_total(),
        // The script has kept them.
        files_again: again.had_files && !live,
        review: &again.review,
    };
    html(again.status.max(200), &page)
}

/// What stands above an empty form.
fn without_text(lang: Lang, had_key: bool, live: bool, query: Option<&str>) -> Redisplay {
    let t = lang.catalog();
    let (notice, status) = match query {
        // The same, but the script still has the text in the page at hand.
        _ if had_key && live => (t.broken_upload, 0),
        // A key that opens nothing was used before, or is over a minute old.
        _ if had_key => (t.gone, 0),
        Some(NOT_RECEIVED) => (t.not_received, 500),
        _ => ("", 0),
    };
    Redisplay {
        notice: notice.to_owned(),
        status,
        ..Redisplay::default()
    }
}

pub(super) async fn not_found(State(intake): State<Shared>, uri: Uri) -> Response {
    intake.nothing_there(uri.path())
}

pub(super) async fn wrong_method(State(intake): State<Shared>, uri: Uri) -> Response {
    let lang = intake.lang_of(uri.path());
    let mut answer = intake.wrong(405, lang, None, lang.catalog().wrong_method);
    crate::door::close(&mut answer);
    answer
}
