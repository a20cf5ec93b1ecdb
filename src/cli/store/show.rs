//! `konvolutt store show`.

use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::server::Server;
use crate::cli::{Outcome, app, database};
use crate::config::Essentials;
use crate::store::{Listed, State};

/// Letters in one state.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Count {
    letters: usize,
    bytes: u64,
}

/// In the order of a letter's life.
const STATES: [(State, &str); 5] = [
    (State::Waiting, "waiting"),
    (State::Held, "held"),
    (State::Delivered, "delivered"),
    (State::Corrupt, "corrupt"),
    (State::Discarded, "discarded"),
];

pub(super) fn show(essentials: &Essentials, json: bool) -> Outcome {
    let (place, servers) = match &essentials.database {
        None => {
            let place = json!({ "store": "files", "directory": essentials.spool.directory });
            (place, Vec::new())
        }
        Some(settings) => {
            let place = json!({
                "store": "postgres",
                "database": settings.database,
                "node": settings.node,
                "standbys_needed": settings.standbys,
            });
            (place, database::ask_each(settings)?)
        }
    };
    let proves = essentials.database.is_none() || servers.iter().any(|server| server.is_good);
    let letters = if proves { Some(counted(essentials)?) } else { None };
    if json {
        println!(
            "{}",
            serde_json::to_string_pretty(&whole(place, &servers, proves, letters.as_deref()))?
        );
    } else {
        print(&place, &servers, letters.as_deref());
    }
    Ok(proves)
}

fn counted(essentials: &Essentials) -> anyhow::Result<Vec<(&'static str, Count)>> {
    Ok(counts(&app::store(essentials)?.list()?))
}

fn counts(letters: &[Listed]) -> Vec<(&'static str, Count)> {
    let of = |(state, word)| {
        let own = letters.iter().filter(|letter| letter.state == state);
        let count = own.fold(Count::default(), |count, letter| Count {
            letters: count.letters + 1,
            bytes: count.bytes + letter.size,
        });
        (word, count)
    };
    STATES.map(of).into()
}

fn whole(mut place: Value, servers: &[Server], proves: bool, letters: Option<&[(&str, Count)]>) -> Value {
    let hosts = servers.iter().map(|server| {
        let mut told = json!({ "host": server.host, "good": server.is_good, "problem": server.why });
        for (name, value) in &server.facts {
            told[*name] = value.clone();
        }
        told
    });
    if !servers.is_empty() {
        place["hosts"] = hosts.collect();
    }
    place["proves"] = proves.into();
    if let Some(letters) = letters {
        let letters = letters.iter().map(|(word, count)| ((*word).to_owned(), json!(count)));
        place["letters"] = Value::Object(letters.collect());
    }
    place
}

fn print(place: &Value, servers: &[Server], letters: Option<&[(&str, Count)]>) {
    let word = |name: &str| match &place[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if place["store"] == "files" {
        println!("letters are files in {}", word("directory"));
    } else {
        println!(
            "letters are in the database {}; this node is `{}`; a receipt needs {} standbys",
            word("database"),
            word("node"),
            word("standbys_needed")
        );
    }
    for server in servers {
        let mark = if server.is_good || server.follows { "✓" } else { "✗" };
        let why = match &server.why {
            Some(why) if !server.follows => format!(": {why}"),
            _ if server.follows => ": it follows another, and takes no letters".to_owned(),
            _ => ": it takes letters".to_owned(),
        };
        println!("{mark} {}{why}", server.host);
        for (name, value) in &server.facts {
            let value = match value.as_str() {
                Some("") => "(empty)".to_owned(),
                Some(text) => text.to_owned(),
                None => value.to_string(),
            };
            println!("    {name}  {value}");
        }
    }
    for (word, count) in letters.unwrap_or_default() {
        println!("{:>8}  {word}, {} bytes", count.letters, count.bytes);
    }
    if letters.is_none() {
        println!("✗ no server can be trusted with letters now: the form is closed, and letters wait");
    }
}
