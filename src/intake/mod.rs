//! HTTP, and only HTTP: what a browser sends becomes parts for the [`Pipeline`], what comes of it becomes a
//! page.
//!
//! Comes in: requests from the door. Goes out: pages without cookie or third party. What always holds: nothing of a client
//! is logged, not even that there was one; a page of which no letter can come is read all the same, and its text given back;
//! what waits for the disk, or takes a core, runs on blocking threads.

#![deny(clippy::disallowed_methods)]

mod admit;
mod assets;
mod blocking;
mod body_kind;
mod branding;
mod charset;
mod contents;
mod copies;
mod drafts;
mod forms;
mod frames;
mod headers;
mod info_pages;
mod kept;
mod leave;
mod meter;
mod multipart;
mod node;
mod part_head;
mod parts;
mod post;
#[cfg(feature = "fuzzing")]
pub mod probe;
mod receipts;
mod render;
mod replay;
mod review;
mod sent_page;
mod submit;
mod token;
mod verdict;

pub use branding::{Branding, Colour, Imprint, Logo};
pub use contents::Contents;
pub use submit::QUICKEST;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;
use futures_util::FutureExt;
use tokio::sync::Semaphore;

use crate::door::ClientPolicy;
use crate::form::Form;
use crate::i18n::Lang;
use crate::owner;
use crate::readiness::Readiness;
use crate::submission::{Pipeline, ReceiptSeal};
use copies::Copies;
use drafts::Drafts;
use node::Node;
use replay::Replay;
use token::Tokens;

/// What every request shares.
pub struct Intake {
    /// The way of a letter.
    pub pipeline: Arc<Pipeline>,
    /// What can be taken now.
    readiness: Readiness,
    branding: Branding,
    policy: Arc<ClientPolicy>,
    /// Name of the onion service, for those who can use it.
    onion: Option<String>,
    /// Which content of the configuration this is: the first has 0.
    number: u64,
    node: Arc<Node>,
    replay: Arc<Replay>,
    copies: Arc<Copies>,
    drafts: Drafts,
    tokens: Arc<Tokens>,
    receipts: Arc<ReceiptSeal>,
    /// Bytes of text in memory.
    texts: Arc<owner::Shared>,
    /// Bodies with files.
    uploads: Arc<owner::Shared>,
    /// Bodies that come through the onion service and may take their time.
    onion_bodies: Arc<Semaphore>,
    /// Sealing is work for a core: as many at once as there are cores.
    sealers: Arc<Semaphore>,
}

type Shared = Arc<Intake>;

impl Intake {
    /// An intake for this pipeline.
    pub fn new(
        pipeline: Arc<Pipeline>,
        readiness: Readiness,
        branding: Branding,
        policy: Arc<ClientPolicy>,
        onion: Option<String>,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            drafts: Drafts::new(pipeline.drafts.clone()),
            receipts: Arc::new(ReceiptSeal::new(pipeline.inbox.identities())),
            pipeline,
            readiness,
            branding,
            policy,
            onion,
            number: 0,
            node: Arc::default(),
            replay: Arc::new(Replay::new()),
            copies: Arc::new(Copies::new()),
            tokens: Arc::new(Tokens::new()),
            texts: owner::Shared::new(admit::TEXTS),
            uploads: owner::Shared::new(admit::UPLOADS),
            sealers: Arc::new(Semaphore::new(cores)),
            onion_bodies: Arc::new(Semaphore::new(admit::ONION_BODIES)),
        }
    }

    /// The same on one of several nodes, by its name: texts that wait are found by a proxy that knows it.
    #[must_use]
    pub fn on_node(self, name: Option<Arc<str>>) -> Self {
        Self {
            node: Arc::new(Node::named(name)),
            ..self
        }
    }

    /// The same intake for another content of the configuration: shares, tokens and kept texts are those of all.
    fn with(&self, pipeline: Arc<Pipeline>, branding: Branding, number: u64) -> Self {
        Self {
            pipeline,
            branding,
            number,
            readiness: self.readiness.clone(),
            policy: self.policy.clone(),
            onion: self.onion.clone(),
            node: self.node.clone(),
            replay: self.replay.clone(),
            copies: self.copies.clone(),
            drafts: self.drafts.clone(),
            tokens: self.tokens.clone(),
            receipts: self.receipts.clone(),
            texts: self.texts.clone(),
            uploads: self.uploads.clone(),
            onion_bodies: self.onion_bodies.clone(),
            sealers: self.sealers.clone(),
        }
    }

    /// The form of an address, in a language that it speaks.
    fn form(&self, lang: &str, slug: &str) -> Option<(Lang, &Form)> {
        let form = self.pipeline.form(slug)?;
        let lang = Lang::from_code(lang).filter(|lang| form.speaks(lang.code()))?;
        Some((lang, form))
    }

    /// More than half of something that all share is taken: whoever is slow has to hurry.
    fn is_crowded(&self) -> bool {
        self.policy.is_crowded() || self.texts.is_half_full() || self.uploads.is_half_full()
    }
}

/// The routes: the contract with every link to us.
pub fn router(intake: Intake) -> Router {
    routes(Arc::new(intake))
}

fn routes(intake: Shared) -> Router {
    Router::new()
        .route("/", get(forms::list))
        .route("/{lang}", get(forms::list_in))
        .route("/{lang}/", get(forms::list_in))
        .route("/stil.css", get(assets::style))
        .route("/ut.js", get(assets::exit_script))
        .route("/skjema.js", get(assets::form_script))
        .route("/bilete.js", get(assets::picture_script))
        .route("/steg.js", get(assets::step_script))
        .route("/merke", get(assets::logo))
        .route("/kvittering.css", get(receipts::style))
        .route("/kvittering.js", get(assets::receipt_script))
        .route("/{lang}/s/{slug}", get(forms::show).post(post::send))
        .route("/{lang}/{page}/{slug}/", get(forms::without_slash))
        .route("/{lang}/kvittering/{sealed}", get(receipts::page))
        .route("/{lang}/kvittering/{sealed}/kvittering.txt", get(receipts::text))
        .route("/{lang}/kvittering/{sealed}/kopi", get(receipts::copy))
        .route("/{lang}/trygg/{slug}", get(info_pages::safety))
        .route("/{lang}/kryptering/{slug}", get(info_pages::encryption))
        .route("/{lang}/personvern/{slug}", get(info_pages::privacy))
        .route("/nokkel/{slug}/{file}", get(info_pages::certificate))
        .route("/ut/{slug}", get(leave::exit))
        .route("/ut/{slug}/videre", get(leave::onward))
        .fallback(forms::not_found)
        .method_not_allowed_fallback(forms::wrong_method)
        .layer(from_fn(assets::only_where))
        .layer(from_fn_with_state(intake.clone(), no_body_but_in_post))
        .layer(from_fn_with_state(intake.clone(), survive))
        .layer(from_fn_with_state(intake.clone(), headers::set))
        .with_state(intake)
}

/// A fault of ours ends one request with a page, not with a dead connection.
async fn survive(State(intake): State<Shared>, request: Request, next: Next) -> Response {
    let lang = intake.lang_of(request.uri().path());
    let sent_to = (request.method() == Method::POST).then(|| request.uri().path().to_owned());
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let answer = answer.unwrap_or_else(|_| {
        // The text of a panic may hold what a citizen typed; its place is in the log.
        intake.pipeline.fault("a panic while a page was answered");
        let mut answer = match sent_to {
            Some(path) => sent_page::not_received(&path),
            None => intake.wrong(500, lang, None, lang.catalog().not_received),
        };
        crate::door::close(&mut answer);
        answer
    });
    // The framework's own refusals are a line of English without a page.
    let kind = answer.headers().get(header::CONTENT_TYPE);
    if answer.status().is_client_error() && kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain")) {
        intake.wrong(answer.status().as_u16(), lang, None, lang.catalog().not_found)
    } else {
        answer
    }
}

/// A body where none belongs is a confused or hostile client: answered and closed, never read on.
async fn no_body_but_in_post(State(intake): State<Shared>, request: Request, next: Next) -> Response {
    let bodyless = hyper::body::Body::is_end_stream(request.body());
    if bodyless || request.method() == Method::POST {
        return next.run(request).await;
    }
    let lang = intake.lang_of(request.uri().path());
    let mut answer = intake.wrong(400, lang, None, lang.catalog().broken_upload);
    crate::door::close(&mut answer);
    answer
}
