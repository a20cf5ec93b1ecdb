//! The contents of the configuration that requests go by: the one in use, and for an hour those before it.
//!
//! Comes in: a pipeline for each good reload. Goes out: routes. What always holds: a request sees one content from its first
//! byte to its answer; a page is answered by the form that it showed, so that text in a field which is gone since is taken
//! and not lost. Which mailbox a form has, where its letters go and whom they are sealed to is always what the newest content
//! says.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::node::Node;
use super::render::value_of;
use super::{Branding, Intake, Shared, routes};
use crate::form::Form;
use crate::submission::Pipeline;

/// A page that is open longer than this is answered by the form of now.
const KEPT: Duration = Duration::from_secs(3600);
/// Contents that are kept besides the one in use, however often it is reloaded.
const MOST: usize = 8;
/// Names the content of a page in its address. The first has none, but where several nodes each have their own first one.
const NAME: &str = "v";

/// All contents that pages may still belong to.
pub struct Contents(RwLock<Vec<Content>>);

struct Content {
    intake: Shared,
    routes: Router,
    /// Since when another one is in use.
    replaced: Option<Instant>,
}

impl Content {
    fn new(intake: Intake, replaced: Option<Instant>) -> Self {
        let intake = Arc::new(intake);
        Self {
            routes: routes(intake.clone()),
            intake,
            replaced,
        }
    }

    fn is_kept(&self, now: Instant) -> bool {
        self.replaced
            .is_none_or(|replaced| now.saturating_duration_since(replaced) < KEPT)
    }
}

impl Contents {
    /// The first content.
    pub fn new(intake: Intake) -> Arc<Self> {
        Arc::new(Self(RwLock::new(vec![Content::new(intake, None)])))
    }

    /// What a door serves: each request by its own content.
    pub fn router(self: &Arc<Self>) -> Router {
        let own = self.clone();
        Router::new().fallback(move |request: Request| {
            let routes = own.of(&request);
            async move { answer(routes, request).await }
        })
    }

    /// Takes up the next content. Pages of those before keep their forms and get the rest of the new one.
    pub fn replace(&self, next: &Pipeline, branding: &Branding) {
        let now = Instant::now();
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some(last) = all.last().map(|last| last.intake.clone()) else {
            return;
        };
        let before = all.iter().filter(|content| content.is_kept(now));
        let mut renewed: Vec<_> = before
            .map(|content| {
                let forms = content.intake.pipeline.forms.iter();
                let forms = Arc::new(forms.map(|form| kept(form, next)).collect());
                let pipeline = Arc::new(Pipeline { forms, ..next.clone() });
                let intake = content.intake.with(pipeline, branding.clone(), content.intake.number);
                Content::new(intake, content.replaced.or(Some(now)))
            })
            .collect();
        renewed.drain(..renewed.len().saturating_sub(MOST));
        let intake = last.with(Arc::new(next.clone()), branding.clone(), last.number + 1);
        renewed.push(Content::new(intake, None));
        *all = renewed;
    }

    /// The routes for a request: those of the content that its page named, else of the one in use.
    fn of(&self, request: &Request) -> Router {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let wanted = all.last().and_then(|newest| wanted(request, &newest.intake.node));
        let now = Instant::now();
        let named = all.iter().find(|content| Some(content.intake.number) == wanted);
        let found = named.filter(|content| content.is_kept(now)).or(all.last());
        found.map(|content| content.routes.clone()).unwrap_or_default()
    }
}

/// A form of a page that is open, with the mailbox that it has by now: the old one may be gone, or belong to others.
fn kept(form: &Form, next: &Pipeline) -> Form {
    let now = next.form(&form.slug).unwrap_or(form);
    Form {
        mailbox: now.mailbox.clone(),
        ..form.clone()
    }
}

/// The content that a request belongs to. A page is sent, and comes back with its text, to the address that it has. Each
/// node numbers its own: a number of another says nothing here.
fn wanted(request: &Request, node: &Node) -> Option<u64> {
    let query = request.uri().query().unwrap_or_default();
    let of_a_page = request.method() == Method::POST || value_of(query, "k").is_some();
    match value_of(query, NAME) {
        Some(text) => node.unmarked(text)?.parse().ok(),
        None => (of_a_page && !node.has_others()).then_some(0),
    }
}

/// What a page's address says of its content, after `mark`.
pub(super) fn named(number: u64, node: &Node, mark: char) -> String {
    if number == 0 && !node.has_others() {
        return String::new();
    }
    format!("{mark}{NAME}={}", node.marked(&number.to_string()))
}

async fn answer(routes: Router, request: Request) -> Response {
    let Ok(answer) = TowerToHyperService::new(routes).call(request).await;
    answer
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_page_belongs_to_the_content_that_its_address_names() {
        let alone = Node::default();
        let wanted_by = |method: Method, uri: &str| {
            let request = Request::builder().method(method).uri(uri).body(Body::empty());
            wanted(&request.unwrap(), &alone)
        };
        // A page of the first content, sent, and shown again with its text.
        assert_eq!(wanted_by(Method::POST, "/nn/s/skriv"), Some(0));
        assert_eq!(wanted_by(Method::GET, "/nn/s/skriv?k=abc"), Some(0));
        // One of a later content.
        let later = format!("/nn/s/skriv{}", named(3, &alone, '?'));
        assert_eq!(wanted_by(Method::POST, &later), Some(3));
        assert_eq!(
            wanted_by(Method::GET, &format!("/nn/s/skriv?k=abc{}", named(3, &alone, '&'))),
            Some(3)
        );
        // A page that is only asked for is the newest.
        assert_eq!(wanted_by(Method::GET, "/nn/s/skriv"), None);
        assert_eq!(wanted_by(Method::POST, "/nn/s/skriv?v=x"), None);
        assert_eq!(named(0, &alone, '?'), "");
    }

    #[test]
    fn no_number_of_another_node_names_a_content_here() {
        let (a, b) = (Node::named(Some("a".into())), Node::named(Some("b".into())));
        let wanted_at = |node: &Node, method: Method, uri: &str| {
            let request = Request::builder().method(method).uri(uri).body(Body::empty());
            wanted(&request.unwrap(), node)
        };
        for number in [0, 3] {
            let sent = format!("/nn/s/skriv{}", named(number, &a, '?'));
            assert_eq!(sent, format!("/nn/s/skriv?v=a.{number}"));
            assert_eq!(wanted_at(&a, Method::POST, &sent), Some(number));
            assert_eq!(wanted_at(&b, Method::POST, &sent), None, "the newest");
            let again = format!("/nn/s/skriv?k=a.abc{}", named(number, &a, '&'));
            assert_eq!(wanted_at(&a, Method::GET, &again), Some(number));
            assert_eq!(wanted_at(&b, Method::GET, &again), None);
        }
        // A page of before there were nodes.
        for uri in ["/nn/s/skriv", "/nn/s/skriv?v=3", "/nn/s/skriv?v=..", "/nn/s/skriv?v="] {
            assert_eq!(wanted_at(&a, Method::POST, uri), None, "{uri}");
        }
    }
}
