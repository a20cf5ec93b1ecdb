//! Whether anything is new, for the script.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::answer::bytes;
use super::list::Shown;
use super::{Desk, Shared, apart};

/// It is asked every few seconds, and that is no use of the desk.
pub(super) async fn live(State(desk): Shared) -> Response {
    apart(desk, |desk| {
        let said = said(desk).unwrap_or_else(|| json!({"locked": true}));
        bytes(StatusCode::OK, "application/json", said.to_string())
    })
    .await
}

fn said(desk: &Desk) -> Option<serde_json::Value> {
    let open = desk.room.glance()?;
    let locks_in = desk.room.locks_in()?;
    let _ = open.ledger.refresh();
    let progress = open.session.progress();
    let shown = Shown::of(&progress, desk.lang());
    let (text, read, all) = shown.filling.unwrap_or_default();
    // One after the other: the post is not held while a slow share is waited for.
    let post = open.session.post().version();
    let ledger = open.ledger.read_to();
    Some(json!({
        "locked": false,
        "locks_in": locks_in.as_secs(),
        "version": format!("{post}-{ledger}-{}", shown.troubles.len()),
        "progress": {"text": text, "read": read, "all": all},
        "looked": shown.looked,
        "troubles": shown.troubles,
    }))
}
