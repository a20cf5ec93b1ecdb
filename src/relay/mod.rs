//! The relay: takes sealed letters from the spool to the mailbox, for as long as it takes.
//!
//! Comes in: names in the spool. Goes out: the same bytes over SMTP, or into a Maildir. Never sees a form, a
//! certificate or a plaintext. What always holds: a letter leaves the queue only when the other side has
//! taken full responsibility (RFC 5321 §6.1); only a refusal of this letter for good holds it, everything unknown
//! is temporary; nothing is thrown away.

mod maildir;
mod queue_run;
mod schedule;
mod smtp;
mod tls;

pub use maildir::Maildir;
pub use smtp::{Security, Smtp};
pub use tls::client_config;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::spool::{Letter, OnTheLine, Spool};
use crate::watch::Watch;

/// How letters leave.
pub enum Transport {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// Into a directory on this host.
    Maildir(Maildir),
}

/// What became of one attempt.
#[derive(Debug)]
pub enum Attempt {
    /// The other side has it.
    Taken,
    /// This letter is to be tried again.
    Temporary(String),
    /// This letter is refused for good.
    Permanent(String),
    /// Nothing can be sent at all: no connection, no login, no right to send.
    Unreachable(String),
}

/// Looks for letters at least this often, in case that nobody told.
const RESCAN: Duration = Duration::from_secs(5);

/// The relay and what it works with.
pub struct Relay {
    spool: Arc<Spool>,
    watch: Arc<Watch>,
    transport: Transport,
    news: Arc<Notify>,
    memory: Mutex<Memory>,
}

/// What the disk would not take: forgotten at a restart, when it is tried anew.
#[derive(Default)]
struct Memory {
    /// Taken by the other side, but not yet out of the queue: to be moved, never to be sent again, nor held.
    taken: HashMap<String, OnTheLine>,
    /// When a letter is due whose state file could not be written.
    due: HashMap<String, u64>,
}

impl Relay {
    /// A relay from this spool over this transport. `news` is told when a letter has come.
    pub fn new(spool: Arc<Spool>, watch: Arc<Watch>, transport: Transport, news: Arc<Notify>) -> Self {
        Self {
            spool,
            watch,
            transport,
            news,
            memory: Mutex::default(),
        }
    }

    /// Delivers until `stop` becomes true. A letter in delivery is finished first.
    ///
    /// # Errors
    /// `WouldBlock` when another process is already delivering from this spool.
    pub async fn run(self, mut stop: watch::Receiver<bool>) -> io::Result<()> {
        let spool = self.spool.clone();
        let _lease = tokio::task::spawn_blocking(move || spool.lease())
            .await
            .map_err(io::Error::other)??;
        loop {
            if let Err(error) = self.round(&stop).await {
                tracing::error!(%error, "the spool could not be read");
            }
            tokio::select! {
                () = async { drop(stop.wait_for(|stop| *stop).await) } => return Ok(()),
                () = self.news.notified() => {}
                () = tokio::time::sleep(RESCAN) => {}
            }
        }
    }

    async fn attempt(&self, letter: Letter) -> Attempt {
        match &self.transport {
            Transport::Smtp(smtp) => smtp.send(&letter).await,
            Transport::Maildir(maildir) => {
                let maildir = maildir.clone();
                let stored = tokio::task::spawn_blocking(move || maildir.store(&letter)).await;
                match stored {
                    Ok(Ok(())) => Attempt::Taken,
                    Ok(Err(error)) => Attempt::Unreachable(error.to_string()),
                    Err(error) => Attempt::Temporary(error.to_string()),
                }
            }
        }
    }

    /// The disk may be slow; the runtime must not wait for it.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Spool) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let spool = self.spool.clone();
        let done = tokio::task::spawn_blocking(move || work(&spool)).await;
        done.map_err(io::Error::other)?
    }
}
