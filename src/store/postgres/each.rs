//! Each server asked for itself, whatever is wrong with the others: for people. What the service goes by is in `pool`.

use std::io;

use super::durability::Durability;
use super::engine::Engine;
use super::line::Line;
use super::schema::fingerprint;
use super::settings::{Host, Login, Settings};
use crate::store::files;

/// What came of asking one server.
#[derive(Debug)]
pub struct Asked {
    /// Which.
    pub host: Host,
    /// What it says of itself, or why it said nothing.
    pub said: io::Result<Durability>,
    /// Whether letters may be trusted to it, or why not; of one that said nothing nothing.
    pub verdict: Option<Result<(), String>>,
}

impl Asked {
    /// It takes writes.
    pub fn is_writer(&self) -> bool {
        self.said.as_ref().is_ok_and(|said| !said.recovering)
    }

    /// Letters may be trusted to it.
    pub fn is_good(&self) -> bool {
        matches!(self.verdict, Some(Ok(())))
    }
}

/// Asks all of them as this user, in their order.
///
/// # Errors
/// When this node's secret cannot be read.
pub fn ask_each(settings: &Settings, login: &Login) -> io::Result<Vec<Asked>> {
    let secret = own_secret(settings)?;
    let (settings, login) = (settings.clone(), login.clone());
    Engine::default().run(async move {
        let mut all = Vec::new();
        for host in &settings.hosts {
            let said = one(&settings, host, &login).await;
            let verdict = said.as_ref().ok().map(|said| judge(said, &settings, secret.as_deref()));
            let host = host.clone();
            all.push(Asked { host, said, verdict });
        }
        Ok(all)
    })
}

/// To ask makes nothing: a node that was never started has none yet.
fn own_secret(settings: &Settings) -> io::Result<Option<String>> {
    let there = settings.local.secret().try_exists()?;
    let read = there.then(|| files::secret(&settings.local.directory));
    Ok(read.transpose()?.map(|secret| fingerprint(&secret)))
}

fn judge(said: &Durability, settings: &Settings, secret: Option<&str>) -> Result<(), String> {
    if secret.is_none() && !said.secret.is_empty() {
        return Err(format!(
            "this node has no `secret` yet, and the store has one: copy it from another node to {}",
            settings.local.secret().display()
        ));
    }
    said.holds(settings.standbys, secret.unwrap_or_default())
}

async fn one(settings: &Settings, host: &Host, login: &Login) -> io::Result<Durability> {
    Line::open(settings, host, login).await?.durability(Some(0)).await
}
