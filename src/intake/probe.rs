//! For fuzz targets and for tests against a second parser: the real readers, with nothing around them.

use std::io::{self, Read};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

use super::body_kind::BodyKind;
use super::drafts::Drafts;
use super::meter::Meter;
use super::parts::{self, UploadLimits};
use super::{Branding, Imprint, Intake, router};
use crate::door::{ClientPolicy, LetterLimits, ListenerKind, Pace, Place, Proxies, connection};
use crate::draft::DraftDirectory;
use crate::owner::{self, Owner};
use crate::readiness::{self, Readiness};
use crate::submission::Pipeline;

/// One part of a page that was sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// Name of the field.
    pub name: String,
    /// Name of the file, when it is one.
    pub file: Option<String>,
    /// What it holds.
    pub content: Vec<u8>,
}

/// What was seen in a body.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Parts that name a field.
    pub parts: Vec<Part>,
    /// Others were there as well.
    pub has_strange_part: bool,
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_time().build()
}

/// Reads a multipart body that comes in these pieces: text first, then files. `None` when it is refused.
///
/// # Errors
/// When a draft cannot be read again.
#[expect(clippy::disallowed_methods, reason = "no server runs beside it")]
pub fn multipart(pieces: Vec<Vec<u8>>, boundary: &str, drafts: &DraftDirectory) -> io::Result<Option<Page>> {
    let pieces = pieces.into_iter().map(|piece| Ok::<_, io::Error>(Bytes::from(piece)));
    let mut limits = UploadLimits {
        text_total: 1 << 20,
        text_longest: 1 << 20,
        memory: owner::Shared::new(1 << 20)
            .hold(&Owner::default(), 0)
            .map_err(|_| io::ErrorKind::OutOfMemory)?,
        room: Some(Arc::new(|_| Ok(()))),
        drafts: Drafts::new(drafts.clone()),
        file_fields: Vec::new(),
        files_total: 1 << 20,
        files_most: 20,
    };
    let body = Body::from_stream(stream::iter(pieces));
    let meter = Arc::new(Meter::start(Pace::OF_THE_NET, Place::OfItsOwn { _held: None }, || {
        false
    }));
    let kind = BodyKind::Parts(boundary.to_owned());
    let read = parts::read(body, &kind, &mut limits, meter);
    let (mut received, None) = runtime()?.block_on(read) else {
        return Ok(None);
    };
    if received.not_kept.is_some() || received.too_much_text.is_some() {
        return Ok(None);
    }
    let text = received.typed.pairs().map(|(name, value)| Part {
        name: name.to_owned(),
        file: None,
        content: value.as_bytes().to_vec(),
    });
    let mut parts: Vec<Part> = text.collect();
    for upload in received.files.take() {
        let mut content = Vec::new();
        if let Some(draft) = &upload.draft {
            draft.reader()?.read_to_end(&mut content)?;
        }
        parts.push(Part {
            name: upload.fact.field,
            file: Some(upload.fact.name),
            content,
        });
    }
    Ok(Some(Page {
        parts,
        has_strange_part: received.has_strange_part,
    }))
}

/// The routes of a pipeline, for [`conversation`], with a readiness of its own.
///
/// # Errors
/// When there can be no further thread.
pub fn routes(mut pipeline: Pipeline) -> io::Result<Router> {
    let readiness = Readiness::new(&pipeline.alarms);
    pipeline.witness = readiness.witness();
    let pipeline = Arc::new(pipeline);
    readiness::start(&readiness, pipeline.clone())?;
    Ok(routes_with(pipeline, readiness))
}

/// As [`routes`], with a readiness that looks at this pipeline already.
pub fn routes_with(pipeline: Arc<Pipeline>, readiness: Readiness) -> Router {
    routes_on_node(pipeline, readiness, None)
}

/// As [`routes_with`], on one of several nodes.
pub fn routes_on_node(pipeline: Arc<Pipeline>, readiness: Readiness, node: Option<Arc<str>>) -> Router {
    let policy = Arc::new(ClientPolicy::new(Proxies::default(), LetterLimits::default()));
    let look = Branding::new((None, None), None, Imprint::default());
    router(Intake::new(pipeline, readiness, look, policy, None).on_node(node))
}

/// Says all this to the server, closes, and returns everything that it says. A question that has to be looked into is
/// dropped when its client has gone, so this shows how what is said is read.
///
/// # Errors
/// When there is no runtime to be had.
pub fn conversation(routes: &Router, said: &[u8]) -> io::Result<Vec<u8>> {
    converse(routes, said, true)
}

/// As [`conversation`], and waits for the whole answer as a browser does. What is said must ask the server to close.
///
/// # Errors
/// When there is no runtime to be had.
pub fn question(routes: &Router, said: &[u8]) -> io::Result<Vec<u8>> {
    converse(routes, said, false)
}

fn converse(routes: &Router, said: &[u8], leaves: bool) -> io::Result<Vec<u8>> {
    runtime()?.block_on(async {
        let (mut client, ours) = tokio::io::duplex(64 * 1024);
        let policy = ClientPolicy::new(Proxies::default(), LetterLimits::default());
        let who = policy.client(ListenerKind::Public, true, None);
        let (_tell, stop) = watch::channel(false);
        let mut answer = Vec::new();
        let visit = async {
            // A client that is refused early does not get to say everything.
            let _ = client.write_all(said).await;
            if leaves {
                let _ = client.shutdown().await;
            }
            client.read_to_end(&mut answer).await
        };
        let (read, ()) = tokio::join!(visit, connection(ours, who, routes.clone(), stop));
        read.map(|_| answer)
    })
}
