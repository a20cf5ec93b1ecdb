//! `konvolutt alarms`: what stands, and whether the operator was notified.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use clap::Subcommand;
use serde_json::json;

use super::runtime::runtime;
use super::{Outcome, app, background, down, time};
use crate::alarms::Posted;
use crate::config::{Essentials, Overrides};
use crate::notify::{self, Notice};
use crate::store::Notes;
use crate::unix_time::seconds;

/// What to do with alarms.
#[derive(Debug, Subcommand)]
pub(super) enum Alarms {
    /// Lists every standing alarm, and when the operator was notified. Exit code 1 while any stands.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Sends a test through every command and webhook of `[alarm]` and `[alarm.escalate]`.
    Test,
    /// Tells that a half could not be started: what the units do when one fails.
    Down {
        /// The unit that failed, such as `konvolutt-web`.
        unit: String,
    },
}

pub(super) fn alarms(path: &Path, overrides: &Overrides, command: &Alarms) -> Outcome {
    let essentials = || app::essentials(path, overrides);
    match command {
        Alarms::List { json } => list(&essentials()?, *json),
        Alarms::Test => test(&essentials()?),
        // The spool may be what it is down for.
        Alarms::Down { unit } => down::down(unit, path, overrides, &app::essentials_unasked(path, overrides)?),
    }
}

fn list(essentials: &Essentials, json: bool) -> Outcome {
    let memory = memory(essentials)?;
    let mut posted = crate::alarms::posted(&essentials.spool.alarms());
    posted.sort_by_key(|posted| (posted.since, posted.key()));
    let told = |posted: &Posted| notify::told(&*memory, posted);
    if json {
        let all: Vec<_> = posted.iter().map(|posted| as_json(posted, &told(posted))).collect();
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(posted.is_empty());
    }
    if posted.is_empty() {
        println!("no alarm stands");
    }
    for posted in &posted {
        println!("{}  {}", posted.key(), posted.text);
        let told = told(posted);
        let told = told.iter().map(|(way, at)| format!("{way} {}", time(*at)));
        let told = match told.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "nobody yet".to_owned(),
            told => told,
        };
        println!("  since {}; told: {told}", time(seconds(posted.since)));
        println!("  to do: {}", posted.alarm.spec().what_to_do);
    }
    Ok(posted.is_empty())
}

/// What was told. A database that is away is asked once: what stands is listed all the same.
fn memory(essentials: &Essentials) -> anyhow::Result<Arc<dyn Notes>> {
    let store = app::store(essentials)?;
    match &essentials.database {
        Some(_) => match store.note("told") {
            Ok(_) => Ok(store),
            Err(error) => {
                eprintln!("who was told is not known: {error}");
                Ok(Arc::new(down::NoMemory))
            }
        },
        None => Ok(store),
    }
}

fn as_json(posted: &Posted, told: &[(&'static str, u64)]) -> serde_json::Value {
    let told: serde_json::Map<_, _> = told.iter().map(|(way, at)| ((*way).to_owned(), json!(at))).collect();
    json!({
        "alarm": posted.alarm.name(),
        "about": posted.about,
        "text": posted.text,
        "since": seconds(posted.since),
        "what_to_do": posted.alarm.spec().what_to_do,
        "stops_the_service": posted.alarm.stops_the_service(),
        "told": told,
    })
}

fn test(essentials: &Essentials) -> Outcome {
    let outlets = background::outlets_of_command(essentials);
    if outlets.is_empty() {
        println!("✗ [alarm] names no command and no webhook that can be used: nobody would be told");
        return Ok(false);
    }
    let notice = Notice::test(&essentials.alarm.telling.service, SystemTime::now());
    let mut all = true;
    for outlet in &outlets {
        match runtime()?.block_on(outlet.way.tell(&notice)) {
            Ok(()) => println!("✓ the {} took the test; see that it arrived", outlet.name()),
            Err(error) => {
                println!("✗ {error} ({})", outlet.name());
                all = false;
            }
        }
    }
    Ok(all)
}
