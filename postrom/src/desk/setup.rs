//! What a desk asks for when nobody said it: where the mail lies, and which key opens it.
//!
//! Comes in: answers, as a form sends them. Goes out: a page that says what was found at them or what is wrong, then a
//! `postrom.toml`, and a desk that goes on with it. What always holds: nothing is written before a clerk has seen whose key
//! and whose certificate it is; once the desk is set up, this page is gone.

mod check;
pub mod draft;
mod file;
mod page;
mod values;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::plan::{Said, plan};
use super::room::Room;
use crate::i18n::desk::setup::TEXTS;
use crate::settings::Settings;
use crate::trouble::Cause;

pub use check::check;
pub use draft::{Draft, Field, Found, Mistake, Why};
pub use file::{NotWritten, target, text, write};
use page::Shown;

/// What the questions are for.
struct Asking {
    room: Arc<Room>,
    /// What the command line says beside the answers.
    said: Said,
}

type Shared = State<Arc<Asking>>;

/// What a clerk wants done with the answers.
#[derive(Debug, Default)]
struct Wish {
    save: bool,
    /// What the page showed: whoever changes an answer and presses Enter has not seen what is found now.
    seen: String,
    /// Settings that are there already get another name.
    aside: bool,
}

/// `/` and `/setup`. `said` is what the command line said; answers go before it.
pub fn router(room: Arc<Room>, said: &Said) -> Router {
    let said = Said {
        passphrase_files: said.passphrase_files.clone(),
        ledger: said.ledger.clone(),
        ..Said::default()
    };
    let pages = Router::new().route("/", get(first)).route("/setup", post(answered));
    pages.fallback(elsewhere).with_state(Arc::new(Asking { room, said }))
}

async fn first(State(asking): Shared) -> Response {
    page::show(&asking.room, &Draft::of(asking.room.plan()), &Shown::Questions)
}

/// There is nothing else yet.
async fn elsewhere() -> Response {
    page::back()
}

async fn answered(State(asking): Shared, form: Result<Form<Vec<(String, String)>>, FormRejection>) -> Response {
    let Ok(Form(pairs)) = form else {
        return page::back();
    };
    let (draft, wish) = read(pairs);
    // It looks at disks.
    let done = tokio::task::spawn_blocking(move || asking.answer(&draft, &wish)).await;
    done.unwrap_or_else(|_| page::back())
}

fn read(pairs: Vec<(String, String)>) -> (Draft, Wish) {
    let (mut draft, mut wish) = (Draft::default(), Wish::default());
    for (name, value) in pairs {
        match name.as_str() {
            "save" => wish.save = true,
            "seen" => wish.seen = value,
            "aside" => wish.aside = true,
            name => {
                if let Some(field) = Field::ALL.into_iter().find(|field| page::name(*field) == name) {
                    *draft.at(field) = value;
                }
            }
        }
    }
    (draft, wish)
}

impl Asking {
    fn answer(&self, draft: &Draft, wish: &Wish) -> Response {
        let shown = match check(draft, std::env::home_dir().as_deref()) {
            Err(mistakes) => Shown::Mistakes(mistakes),
            Ok(found) if !wish.save || wish.seen != found.digest() => Shown::Found(found),
            Ok(found) => match self.go_on(&found, wish) {
                Ok(()) => return page::back(),
                Err(why) => Shown::NotWritten(found, why),
            },
        };
        page::show(&self.room, draft, &shown)
    }

    fn go_on(&self, found: &Found, wish: &Wish) -> Result<(), NotWritten> {
        let old = self.room.plan();
        let lang = self.room.lang();
        let file = target(old.settings.as_deref()).ok_or(NotWritten::Nowhere)?;
        let failed = |cause| NotWritten::Disk(file.clone(), cause);
        let text = text(found, lang, TEXTS.of(lang).about_file, old.settings.as_deref());
        // Read as at the next start, so that it is not written when that could not read it.
        let settings = Settings::parse(&file, text.as_bytes(), std::env::home_dir().as_deref());
        let settings = settings.map_err(|_| failed(Cause::SomethingElse))?;
        let plan = plan(self.said.clone(), Some(settings), lang, old.who.clone());
        write(&file, &text, wish.aside).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => NotWritten::Exists(file.clone()),
            _ => failed(Cause::from(&error)),
        })?;
        // A second tab may have been faster.
        self.room.set_up(plan);
        Ok(())
    }
}
