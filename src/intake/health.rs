//! Health on a listener of its own, for the operator's monitoring: counts only.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::watch::Watch;

/// `/healthz`: the process lives. `/readyz`: letters can be taken. `/metrics`: Prometheus.
pub fn router(watch: Arc<Watch>) -> Router {
    let ready = watch.clone();
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async move || readiness(&ready)))
        .route(
            "/metrics",
            get(async move || ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], watch.metrics())),
        )
}

fn readiness(watch: &Watch) -> impl IntoResponse + use<> {
    let alarms = watch.alarms().into_iter();
    let lines: String = alarms
        .map(|(alarm, text)| format!("{}: {text}\n", alarm.name()))
        .collect();
    let status = match watch.is_ready() {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let verdict = if watch.is_ready() { "ready\n" } else { "not ready\n" };
    (status, format!("{verdict}{lines}"))
}
