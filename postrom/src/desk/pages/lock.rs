//! The lock screen: whose key it is, and what letters are checked against. Nothing else is seen before it is open.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use konvolutt_letter::printable;
use sequoia_openpgp::crypto::Password;

use super::answer::{page, see};
use super::form::Fields;
use super::frame::Frame;
use super::{Desk, Shared, apart};
use crate::desk::room::NoOpening;
use crate::i18n::desk::lock::{LockTexts, TEXTS};
use crate::i18n::{Lang, inputs, keys, show};
use crate::keys::{Holds, Keys};
use crate::show::{CertShown, NotShown, Shown, State as Validity, look};
use crate::trust::{Head, Trust};

#[derive(Template)]
#[template(path = "desk/lock.html")]
struct Lock {
    frame: Frame,
    t: &'static LockTexts,
    by_itself: bool,
    keys: Vec<Key>,
    heads: Vec<Head>,
    /// Nobody named a certificate of a form.
    unchecked: bool,
    /// Each a reason why it is locked still.
    problems: Vec<String>,
    warnings: Vec<String>,
    /// Seconds.
    wait: u64,
    has_passphrase: bool,
}

/// One key that opens letters.
struct Key {
    name: String,
    valid: String,
    fingerprint: String,
}

/// The screen. The settings may name other files by now: they are read anew each time.
pub(super) fn screen(desk: &Desk) -> Response {
    let lang = desk.lang();
    let refused = desk
        .refused
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .take();
    let plan = desk.room.plan();
    let looked: Vec<_> = plan.keys.iter().map(|file| (file, look(file))).collect();
    let trust = Trust::load(&plan.relay, &plan.known, &Keys::default());
    let mut problems = refused.map(|why| sentences(&why, lang)).unwrap_or_default();
    for (file, looked) in &looked {
        if let Err(NotShown::Unreadable(cause)) = looked {
            problems.push(printable(&keys::unreadable(file, cause, lang)));
        }
    }
    let shown = looked.into_iter().flat_map(|(_, shown)| shown.unwrap_or_default());
    let certs: Vec<CertShown> = shown.filter_map(secret_key).collect();
    let heads = match trust {
        Ok(trust) => trust.heads(),
        Err(why) => {
            problems.push(printable(&keys::trust_error(&why, lang)));
            Vec::new()
        }
    };
    // What a try said already stands there anyway.
    problems.dedup();
    let is_locked = |cert: &CertShown| {
        cert.keys
            .iter()
            .any(|key| key.opens && key.secret == Some(Holds::Locked))
    };
    let wait = desk.room.wait().map_or(0, |wait| wait.as_secs() + 1);
    page(&Lock {
        frame: Frame::of(desk, "./", ""),
        t: TEXTS.of(lang),
        by_itself: desk.room.locked_by_itself() && problems.is_empty(),
        has_passphrase: certs.is_empty() || certs.iter().any(is_locked),
        warnings: warnings(&certs, lang),
        keys: certs.iter().map(|cert| key(cert, lang)).collect(),
        heads,
        unchecked: plan.relay.is_empty(),
        problems,
        wait,
    })
}

fn secret_key(shown: Shown) -> Option<CertShown> {
    match shown {
        Shown::Certificate(cert) if cert.secret => Some(cert),
        _ => None,
    }
}

fn key(cert: &CertShown, lang: Lang) -> Key {
    Key {
        name: printable(cert.name.as_deref().unwrap_or_default()),
        valid: show::validity(cert, lang),
        fingerprint: cert.fingerprint.clone(),
    }
}

/// From so many days before its end a key's renewal is everybody's business.
const SOON: i64 = 60;

/// What a clerk should do about the keys.
pub(super) fn warnings(certs: &[CertShown], lang: Lang) -> Vec<String> {
    let t = TEXTS.of(lang);
    let warning = |cert: &CertShown| {
        let left = cert
            .expires
            .map(|end| end.duration_since(jiff::Timestamp::now()).as_hours() / 24);
        match (cert.state, left) {
            (Validity::Expired | Validity::Withdrawn | Validity::Unsound, _) => Some(t.ended.to_owned()),
            (Validity::Valid, Some(days)) if days <= SOON => u64::try_from(days).ok().map(|days| t.ends.of(days)),
            _ => None,
        }
    };
    certs.iter().filter_map(warning).collect()
}

fn sentences(why: &NoOpening, lang: Lang) -> Vec<String> {
    let t = TEXTS.of(lang);
    let all = match why {
        // The screen itself says how long.
        NoOpening::Wait(_) => Vec::new(),
        NoOpening::Wrong => vec![t.wrong.to_owned()],
        NoOpening::Keys(errors) => errors.iter().map(|error| keys::error(error, lang)).collect(),
        NoOpening::Trust(error) => vec![keys::trust_error(error, lang)],
        NoOpening::Trouble(trouble) => vec![inputs::trouble(lang, trouble, None)],
    };
    all.iter().map(|text| printable(text)).collect()
}

/// Tries a passphrase. The answer is a redirect: no browser keeps what was typed, to send it once more.
pub(super) async fn unlock(State(desk): Shared, fields: Fields) -> Response {
    apart(desk, move |desk| {
        let typed = fields.get("passphrase");
        let typed = (!typed.is_empty()).then(|| Password::from(typed));
        let refused = desk.room.unlock(typed).err();
        *desk.refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = refused;
        see("./")
    })
    .await
}

/// Locks at once.
pub(super) async fn lock(State(desk): Shared) -> Response {
    apart(desk, |desk| {
        desk.room.lock();
        see("./")
    })
    .await
}
