//! `konvolutt alarms`: what stands, and whether the operator was notified.

use std::time::SystemTime;

use clap::Subcommand;
use serde_json::json;

use super::runtime::runtime;
use super::{Outcome, app, time};
use crate::alarms::Posted;
use crate::config::Config;
use crate::notify::{self, Notice, Way};
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
    /// Sends a test through the command and the webhook of `[alarm]`.
    Test,
}

pub(super) fn alarms(config: &Config, command: &Alarms) -> Outcome {
    match command {
        Alarms::List { json } => list(config, *json),
        Alarms::Test => test(config),
    }
}

fn list(config: &Config, json: bool) -> Outcome {
    let store = app::store(config)?;
    let mut posted = crate::alarms::posted(&config.spool.alarms());
    posted.sort_by_key(|posted| (posted.since, posted.key()));
    let told = |posted: &Posted| notify::told(&store, posted);
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

fn test(config: &Config) -> Outcome {
    let command = config.alarm.command.clone().map(Way::Command);
    let ways: Vec<Way> = command
        .into_iter()
        .chain(config.alarm.webhook.clone().map(Way::Webhook))
        .collect();
    if ways.is_empty() {
        println!("✗ [alarm] names no command and no webhook that can be used: nobody would be told");
        return Ok(false);
    }
    let notice = Notice::test(&config.alarm.telling.service, SystemTime::now());
    let mut all = true;
    for way in &ways {
        match runtime()?.block_on(way.tell(&notice)) {
            Ok(()) => println!("✓ the {} took the test; see that it arrived", way.name()),
            Err(error) => {
                println!("✗ {error}");
                all = false;
            }
        }
    }
    Ok(all)
}
