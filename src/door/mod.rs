//! The door: sockets, time-outs, TLS, limits per client, proxies and health. What stands behind it is a router.
//!
//! Comes in: connections from everywhere, and the settings of `[listen]` and `[limits]`. Goes out: requests with exactly one
//! valid Host and the [`Client`] that they count for. What always holds: a connection that stalls is closed; no source
//! holds more than its share; nothing of a client is logged, not even that there was one.
//!
//! In reading order: [`listeners`] opens the [`sockets`], also those [`handed_over`], and serves them; [`accept`] is the loop, with [`tls`], [`stall`],
//! [`pace`] and [`host`] on the way of a connection; [`client`] asks [`rate_limit`], and what
//! `owner` says of shares; [`overflow`] is for those who have theirs. [`redirect`] and [`health`] are what stands behind two small listeners.

#![deny(clippy::disallowed_methods)]

mod accept;
mod client;
mod handed_over;
mod health;
mod host;
mod listeners;
mod overflow;
mod pace;
mod rate_limit;
mod redirect;
mod sockets;
mod stall;
mod tls;

pub use client::ClientPolicy;
pub use health::{Health, router as health_router};
pub use listeners::{Listeners, Missing, Onion, Settings};
pub use rate_limit::LetterLimits;
pub use sockets::ListenAddress;
pub use tls::{Looked, Renewal, Tls};

pub(crate) use client::Client;
pub(crate) use overflow::Place;
pub(crate) use pace::Pace;
pub(crate) use rate_limit::{Allowance, PERIOD};
#[cfg(feature = "fuzzing")]
pub(crate) use {accept::connection, client::ListenerKind, client::Proxies};

use axum::http::{HeaderValue, header};
use axum::response::Response;

/// Closes the connection after this answer: what was read of the body then leaves memory with its buffer.
pub(crate) fn close(answer: &mut Response) {
    answer
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
}
