//! Pages that a client reads: the list, the form, and what went wrong.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::Shared;
use super::render::{html, is_live, value_of};
use super::replay::Redisplay;
use super::sent_page::NOT_RECEIVED;
use crate::i18n::Lang;
use crate::page::{FormPage, List, ListEntry};

pub(super) async fn list(State(intake): State<Shared>) -> Response {
    let entries = intake.pipeline.forms.iter().flat_map(|form| {
        let langs = form.languages.iter().filter_map(|code| Lang::from_code(code));
        langs.map(|lang| ListEntry {
            href: format!("/{}/s/{}", lang.code(), form.slug),
            lang: lang.code(),
            lang_name: lang.own_name(),
            title: form.title.get(lang.code()).to_owned(),
        })
    });
    let page = List {
        frame: intake.frame(intake.lang_of(""), None),
        forms: entries.collect(),
    };
    html(200, &page)
}

/// The form; with `?k=KEY` what was typed before, once.
pub(super) async fn show(
    State(intake): State<Shared>,
    Path((lang, slug)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Some((lang, form)) = intake.form(&lang, &slug) else {
        return nothing_there(&intake, &lang);
    };
    let live = is_live(&headers);
    let key = query.as_deref().and_then(|query| value_of(query, "k"));
    let kept = match key {
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
    let again = kept.unwrap_or_else(|| without_text(lang, key.is_some(), live, query.as_deref()));
    let page = FormPage {
        frame: intake.frame(lang, Some(form)),
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
    let lang = intake.lang_of(uri.path());
    intake.wrong(404, lang, None, lang.catalog().not_found)
}

pub(super) async fn wrong_method(State(intake): State<Shared>, uri: Uri) -> Response {
    let lang = intake.lang_of(uri.path());
    let mut answer = intake.wrong(405, lang, None, lang.catalog().wrong_method);
    crate::door::close(&mut answer);
    answer
}

pub(super) fn nothing_there(intake: &Shared, lang: &str) -> Response {
    let lang = intake.lang_of(&format!("/{lang}/"));
    intake.wrong(404, lang, None, lang.catalog().not_found)
}
