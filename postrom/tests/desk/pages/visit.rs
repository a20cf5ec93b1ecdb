//! Somebody who looks at pages: requests go to the router as they come from the door.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use konvolutt_letter::{Record, RecordAnswer};
use postrom::desk::pages::router;
use postrom::desk::room::{Open, Room};

use crate::desk::office::{Office, until_read};

/// A page as it came.
pub struct Page {
    pub status: StatusCode,
    pub location: Option<String>,
    pub text: String,
}

/// A clerk at a desk.
pub struct Visit {
    pub room: Arc<Room>,
    pages: TowerToHyperService<axum::Router>,
    runtime: tokio::runtime::Runtime,
}

impl Visit {
    /// The desk is locked.
    pub fn locked(office: &Office, who: &str) -> Self {
        Self::of(office.room(who))
    }

    /// The desk is open, and so many letters are read.
    pub fn open(office: &Office, who: &str, letters: usize) -> (Self, Open) {
        let visit = Self::locked(office, who);
        visit.room.unlock(None).unwrap();
        let open = visit.room.open().unwrap();
        until_read(&open, letters);
        (visit, open)
    }

    pub fn of(room: Room) -> Self {
        let room = Arc::new(room);
        Self {
            pages: TowerToHyperService::new(router(Arc::clone(&room))),
            room,
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .build()
                .unwrap(),
        }
    }

    pub fn get(&self, place: &str) -> Page {
        self.ask(Request::get(place).body(Body::empty()).unwrap())
    }

    /// As a form sends it.
    pub fn post(&self, place: &str, fields: &str) -> Page {
        let request = Request::post(place).header("content-type", "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(fields.to_owned())).unwrap())
    }

    /// Of what is no text.
    pub fn status(&self, place: &str) -> StatusCode {
        let request = Request::get(place).body(Body::empty()).unwrap();
        self.runtime
            .block_on(async { self.pages.call(request).await.unwrap().status() })
    }

    pub fn ask(&self, request: Request<Body>) -> Page {
        self.runtime.block_on(async {
            let answer = self.pages.call(request).await.unwrap();
            let status = answer.status();
            let location = answer
                .headers()
                .get("location")
                .map(|place| place.to_str().unwrap().to_owned());
            let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            Page { status, location, text }
        })
    }
}

impl Page {
    /// What stands between two marks.
    pub fn between(&self, begin: &str, end: &str) -> &str {
        let rest = self
            .text
            .split_once(begin)
            .unwrap_or_else(|| panic!("no {begin} in {}", self.text))
            .1;
        rest.split_once(end).unwrap().0
    }

    pub fn has(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}

/// An answer about safe contact, as the shipped forms ask it.
pub fn contact(ways: &[&str]) -> impl Fn(&mut Record) + use<> {
    let ways: Vec<String> = ways.iter().map(|way| (*way).to_owned()).collect();
    move |record| {
        record.answers.push(RecordAnswer {
            name: "trygg_kontakt".into(),
            kind: "checkboxes".into(),
            label: "Hvordan kan vi trygt ta kontakt med deg?".into(),
            label_read: None,
            values: ways.iter().map(|way| format!("Trygt: {way}")).collect(),
            values_read: None,
            normalised: ways.clone(),
            chosen: true,
            note: None,
            safe_contact: true,
            sender: false,
            belongs_to: None,
        });
    }
}
