//! The schema: made and brought up to date by the owner of the database, in one transaction, by `konvolutt store migrate`.

use std::io;
use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::engine::Engine;
use super::line::Line;
use super::settings::{Login, Settings};
use super::version::{VERSION, wrong};
use crate::store::files;
use konvolutt_letter::hex;

/// What leads from each version to the next: the first makes everything.
const STEPS: [&str; VERSION as usize] = [include_str!("schema.sql")];
/// A step may rewrite a large table.
const LONGEST: Duration = Duration::from_secs(3600);
const GRANTS: &str = include_str!("grants.sql");

/// What tells a secret from another, and nothing of what it is.
pub(super) fn fingerprint(secret: &[u8; 32]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret).map(|mac| mac.chain_update("konvolutt: which secret is it"));
    mac.map_or_else(|_| String::new(), |mac| hex(&mac.finalize().into_bytes()[..8]))
}

/// Makes the schema or brings it up to date, with the users and what each may do. Gives what was done.
///
/// # Errors
/// What the database says; then nothing was changed.
pub fn migrate(settings: &Settings, owner: &Login) -> io::Result<Vec<String>> {
    let secret = fingerprint(&*files::secret(&settings.local.directory)?);
    let (settings, owner) = (settings.clone(), owner.clone());
    Engine::default().run(async move {
        let line = writer(&settings, &owner).await?;
        line.simple("begin").await?;
        // A second one of this kind waits here.
        line.simple("select pg_advisory_xact_lock(7166281)").await?;
        let mut done = users(&line, &settings).await?;
        done.extend(steps(&line).await?);
        line.simple(GRANTS).await?;
        done.extend(secret_is_ours(&line, &secret).await?);
        done.extend(marks(&line).await?);
        line.simple("commit").await?;
        Ok(done)
    })
}

/// A connection to the server that takes writes, whatever else is wrong with it.
pub(super) async fn writer(settings: &Settings, owner: &Login) -> io::Result<Line> {
    let mut met = Vec::new();
    for host in &settings.hosts {
        let opened = async {
            let line = Line::open_for(settings, host, owner, LONGEST).await?;
            let rows = line.query("select pg_is_in_recovery()", &[]).await?;
            Ok((line, rows.first().is_some_and(|row| row.get(0))))
        };
        match opened.await {
            Ok((line, false)) => return Ok(line),
            Ok((_, true)) => met.push(format!("{host}: it is a read-only standby")),
            Err(error) => met.push(format!("{host}: {}", io::Error::to_string(&error))),
        }
    }
    Err(io::Error::new(io::ErrorKind::NotConnected, met.join("; ")))
}

/// Users belong to the whole server: those that are there stay as they are.
async fn users(line: &Line, settings: &Settings) -> io::Result<Vec<String>> {
    let mut done = Vec::new();
    for (role, login) in [
        ("konvolutt_web", &settings.web),
        ("konvolutt_relay", &settings.relay),
        ("konvolutt_operator", &settings.operator),
    ] {
        for user in [role, login.user.as_str()] {
            let found = line
                .query("select 1 from pg_roles where rolname = $1", &[&user])
                .await?;
            if found.is_empty() {
                line.simple(&format!("create role {} login", quoted(user))).await?;
                done.push(format!("made the user {user}, without a password"));
            }
        }
        if login.user != role {
            line.simple(&format!("grant {role} to {}", quoted(&login.user))).await?;
        }
    }
    Ok(done)
}

async fn steps(line: &Line) -> io::Result<Vec<String>> {
    let version = version(line).await?;
    let steps = usize::try_from(version).ok().and_then(|from| STEPS.get(from..));
    let Some(steps) = steps else {
        return Err(io::Error::other(wrong(version)));
    };
    for step in steps {
        line.simple(step).await?;
    }
    let now = VERSION.to_string();
    line.execute(
        "insert into konvolutt.about (key, value) values ('version', $1) on conflict (key) do update set value = $1",
        &[&now],
    )
    .await?;
    Ok(match (version, steps.len()) {
        (_, 0) => vec![format!("the schema has version {VERSION} already")],
        (0, _) => vec![format!("made the schema, version {VERSION}")],
        _ => vec![format!("brought the schema from version {version} to {VERSION}")],
    })
}

pub(super) async fn version(line: &Line) -> io::Result<i64> {
    let there = line.query("select 1 where to_regclass('konvolutt.about') is not null", &[]);
    if there.await?.is_empty() {
        return Ok(0);
    }
    let found = line
        .query("select value from konvolutt.about where key = 'version'", &[])
        .await?;
    let value = found.first().map(|row| row.get::<_, String>(0));
    Ok(value.and_then(|value| value.parse().ok()).unwrap_or(0))
}

/// The first node's secret is the store's.
async fn secret_is_ours(line: &Line, secret: &String) -> io::Result<Option<String>> {
    let made = line
        .execute(
            "insert into konvolutt.about (key, value) values ('secret', $1) on conflict (key) do nothing",
            &[secret],
        )
        .await?;
    if made == 1 {
        return Ok(Some(
            "this node's `secret` is the store's: copy it to each further node".to_owned(),
        ));
    }
    let found = line
        .query("select value from konvolutt.about where key = 'secret'", &[])
        .await?;
    if found.first().is_some_and(|row| row.get::<_, String>(0) == *secret) {
        return Ok(None);
    }
    Err(io::Error::other(
        "the file `secret` in this node's spool is another than the store's: copy it from a node that has its letters",
    ))
}

/// A database that was restored from a dump has marks of changes that are still to come where it was dumped: each look would
/// find them anew.
async fn marks(line: &Line) -> io::Result<Option<String>> {
    let reset = line
        .execute(
            "update konvolutt.letter set changed = pg_current_xact_id(), aside = null
             where changed > pg_current_xact_id() or aside > pg_current_xact_id()",
            &[],
        )
        .await?;
    Ok((reset > 0).then(|| format!("set the marks of {reset} letters back, as after a restore")))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
