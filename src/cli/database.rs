//! A PostgreSQL that several nodes share, for whoever opens it or asks it.

mod transfer;

use std::io;
use std::sync::Arc;

use serde_json::{Value, json};

use super::server::Server;
use super::user::As;
use crate::store::Store;
use crate::store::postgres::{self, Asked, Durability, Login, PostgresStore, Settings, Who};

pub(super) use transfer::move_all;

/// Opens the store. Nobody is asked.
pub(super) fn open(settings: &Settings, user: As) -> io::Result<Arc<dyn Store>> {
    let who = match user {
        As::Web => Who::Web,
        As::Relay => Who::Relay,
        As::Command => Who::Operator,
    };
    Ok(Arc::new(PostgresStore::open(settings)?.with_notes_as(who)))
}

/// Makes what of the store is on this machine: its secret above all.
pub(super) fn make_local(settings: &Settings) -> io::Result<()> {
    PostgresStore::open(settings).map(drop)
}

/// Makes the schema or brings it up to date. What was done.
pub(super) fn migrate(settings: &Settings, owner: &Login) -> io::Result<Vec<String>> {
    postgres::migrate(settings, owner)
}

/// Asks each server as the operator's user.
pub(super) fn ask_each(settings: &Settings) -> io::Result<Vec<Server>> {
    let asked = postgres::ask_each(settings, &settings.operator)?;
    Ok(asked.iter().map(server).collect())
}

fn server(asked: &Asked) -> Server {
    let why = match (&asked.said, &asked.verdict) {
        (Err(error), _) => Some(error.to_string()),
        (Ok(_), Some(Err(why))) => Some(why.clone()),
        (Ok(_), _) => None,
    };
    Server {
        host: asked.host.to_string(),
        is_good: asked.is_good(),
        follows: asked.said.as_ref().is_ok_and(|said| said.recovering),
        why,
        facts: asked.said.as_ref().map(facts).unwrap_or_default(),
    }
}

/// By the names that PostgreSQL has for them, and ours.
fn facts(said: &Durability) -> Vec<(&'static str, Value)> {
    vec![
        ("in_recovery", json!(said.recovering)),
        ("fsync", json!(said.fsync)),
        ("full_page_writes", json!(said.full_page_writes)),
        ("synchronous_commit", json!(said.synchronous_commit)),
        ("synchronous_standby_names", json!(said.standby_names)),
        ("standbys_seen", json!(said.standbys)),
        ("lag_seconds", json!(said.lag)),
        ("schema_version", json!(said.version)),
    ]
}
