//! Health on a listener of its own, for the operator's monitoring: counts, and what stands.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::alarms::{Alarms, OtherHalf, Posted, lines};
use crate::readiness::Readiness;

/// What a process can say of the service: of the half or halves that it is, and of the other.
#[derive(Clone)]
pub struct Health {
    /// What stands here.
    pub alarms: Arc<Alarms>,
    /// Whether letters can be taken, where they are.
    pub readiness: Option<Readiness>,
    /// This process delivers letters.
    pub delivers: bool,
    /// The form's half, where that is another process that this one can see.
    pub form: Option<Arc<OtherHalf>>,
}

/// `/healthz`: the process lives. `/readyz`: letters can be taken; of the relay alone: letters can be sent. `/readyz/all`, where
/// letters are sent: both, of both halves. `/metrics`: Prometheus.
pub fn router(health: Health) -> Router {
    let alarms = health.alarms.clone();
    let own = health.clone();
    let router = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async move || own.ready().await))
        .route(
            "/metrics",
            get(async move || {
                (
                    [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
                    alarms.metrics(SystemTime::now()),
                )
            }),
        );
    if health.delivers {
        // The form alone cannot tell: it sees nothing of the relay.
        return router.route("/readyz/all", get(async move || health.ready_in_all().await));
    }
    router
}

impl Health {
    async fn ready(&self) -> impl IntoResponse + use<> {
        let stops = match &self.readiness {
            Some(readiness) => {
                readiness.ask().await;
                readiness.stops()
            }
            None => self.mail_stops(),
        };
        answer(stops, lines(&self.alarms.own()))
    }

    async fn ready_in_all(&self) -> impl IntoResponse + use<> {
        let mut stops = self.mail_stops();
        let mut standing = lines(&self.alarms.own());
        if let Some(readiness) = &self.readiness {
            readiness.ask().await;
            stops.extend(readiness.stops());
        }
        if let Some(form) = &self.form {
            let (of_form, all) = form.told();
            stops.extend(of_form);
            standing.extend(all);
        }
        answer(stops, standing)
    }

    /// Why no letter can be sent.
    fn mail_stops(&self) -> Vec<String> {
        let own = self.alarms.own();
        let stops = own
            .iter()
            .filter(|Posted { alarm, about, .. }| alarm.stops_the_mail(about));
        lines(stops)
    }
}

fn answer(stops: Vec<String>, standing: Vec<String>) -> impl IntoResponse + use<> {
    let (status, verdict) = if stops.is_empty() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    // An alarm is raised a moment after what it is about was seen.
    let all: BTreeSet<String> = standing.into_iter().chain(stops).collect();
    let all: String = all.into_iter().map(|line| format!("{line}\n")).collect();
    (status, format!("{verdict}\n{all}"))
}
