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
/// When this node has no secret to compare.
pub fn ask_each(settings: &Settings, login: &Login) -> io::Result<Vec<Asked>> {
    let secret = fingerprint(&*files::secret(&settings.local.directory)?);
    let (settings, login) = (settings.clone(), login.clone());
    Engine::default().run(async move {
        let mut all = Vec::new();
        for host in &settings.hosts {
            let said = one(&settings, host, &login).await;
            let verdict = said.as_ref().ok().map(|said| said.holds(settings.standbys, &secret));
            let host = host.clone();
            all.push(Asked { host, said, verdict });
        }
        Ok(all)
    })
}

async fn one(settings: &Settings, host: &Host, login: &Login) -> io::Result<Durability> {
    Line::open(settings, host, login).await?.durability().await
}
