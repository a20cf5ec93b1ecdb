//! Health on a listener of its own, for the operator's monitoring: counts only.

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::alarms::Alarms;

/// `/healthz`: the process lives. `/readyz`: letters can be taken. `/metrics`: Prometheus.
pub fn router(alarms: Arc<Alarms>) -> Router {
    let ready = alarms.clone();
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async move || readiness(&ready)))
        .route(
            "/metrics",
            get(async move || ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], alarms.metrics())),
        )
}

fn readiness(alarms: &Alarms) -> impl IntoResponse + use<> {
    let lines: String = alarms
        .alarms()
        .into_iter()
        .map(|(alarm, text)| format!("{}: {text}\n", alarm.name()))
        .collect();
    let status = if alarms.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let verdict = if alarms.is_ready() { "ready\n" } else { "not ready\n" };
    (status, format!("{verdict}{lines}"))
}
