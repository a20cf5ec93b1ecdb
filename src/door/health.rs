//! Health on a listener of its own, for the operator's monitoring: counts only.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::alarms::Alarms;
use crate::readiness::Readiness;

/// `/healthz`: the process lives. `/readyz`: letters can be taken. `/metrics`: Prometheus. The relay alone has no
/// readiness of its own: it takes no letters.
pub fn router(alarms: Arc<Alarms>, readiness: Option<Readiness>) -> Router {
    let standing = alarms.clone();
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async move || ready(&standing, readiness.as_ref()).await))
        .route(
            "/metrics",
            get(async move || {
                (
                    [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
                    alarms.metrics(SystemTime::now()),
                )
            }),
        )
}

async fn ready(alarms: &Alarms, readiness: Option<&Readiness>) -> impl IntoResponse + use<> {
    let stops = match readiness {
        Some(readiness) => {
            readiness.ask().await;
            readiness.stops()
        }
        None => Vec::new(),
    };
    let (status, verdict) = if stops.is_empty() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    let standing = alarms.alarms().into_iter();
    let standing = standing.map(|(alarm, text)| format!("{}: {text}", alarm.name()));
    // An alarm is raised a moment after what it is about was seen.
    let mut lines: BTreeSet<String> = standing.collect();
    lines.extend(stops);
    let lines: String = lines.into_iter().map(|line| format!("{line}\n")).collect();
    (status, format!("{verdict}\n{lines}"))
}
