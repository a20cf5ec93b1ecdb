//! The relay: takes sealed letters from the store to the mailbox, for as long as it takes.
//!
//! Comes in: names in the store. Goes out: the same bytes over SMTP, or into a Maildir. Never sees a form, a
//! certificate or a plaintext. What always holds: only what is a sealed mail of our form leaves, and only to the addresses
//! of the relay's own configuration; a letter leaves the queue only when the other side has
//! taken full responsibility (RFC 5321 §6.1); only a refusal of this letter for good holds it, everything unknown
//! is temporary; nothing is thrown away.

#![deny(clippy::disallowed_methods)]

mod address_book;
mod alarms;
mod blame;
mod delivery;
#[expect(
    clippy::disallowed_methods,
    reason = "a letter is stored on a blocking thread (`Relay::attempt`)"
)]
mod maildir;
mod outgoing;
mod probe;
mod queue_run;
mod schedule;
mod sealed;
mod set_aside;
pub mod smtp;
mod table;
#[expect(
    clippy::disallowed_methods,
    reason = "reads certificates before the runtime starts, and then on a blocking thread"
)]
mod tls;

pub use address_book::{AddressBook, Addresses, Unfit};
pub use maildir::Maildir;
pub use outgoing::Outgoing;
pub use probe::Fault;
pub use smtp::Smtp;
pub use tls::{ClientIdentity, client_config, client_config_as};

use std::borrow::Cow;
use std::io;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use futures_util::FutureExt;
use tokio::sync::Notify;

use crate::alarms::Alarms;
use crate::diagnostic::Diagnostic;
use crate::store::{Leader, LeaseError, Letter, Outbox};
use crate::unix_time::seconds;
use blame::Blame;

/// How letters leave, as configured.
#[derive(Debug, Clone)]
pub enum TransportSettings {
    /// To a mail server.
    Smtp(smtp::Settings),
    /// To a mail server on this host, over its socket.
    Lmtp(smtp::Lmtp),
    /// Into a directory on this host.
    Maildir(Maildir),
}

/// What sending needs of the machine; all else can be taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// A host and its port.
    pub reach: Option<(String, u16)>,
    /// A Unix socket on this host.
    pub socket: Option<PathBuf>,
    /// Files that are read, and may be replaced by renaming.
    pub read: Vec<PathBuf>,
    /// A directory whose files are made and moved, each with a mode of its own.
    pub change: Option<PathBuf>,
}

impl TransportSettings {
    /// What sending needs of the machine.
    pub fn needs(&self) -> Needs {
        match self {
            Self::Smtp(settings) => settings.needs(),
            Self::Lmtp(settings) => settings.needs(),
            Self::Maildir(maildir) => maildir.needs(),
        }
    }

    /// Makes what must be there before the rest of the machine is taken away.
    ///
    /// # Errors
    /// When a directory cannot be made.
    pub fn prepare(&self) -> io::Result<()> {
        match self {
            Self::Smtp(_) | Self::Lmtp(_) => Ok(()),
            Self::Maildir(maildir) => maildir.make(),
        }
    }
}

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
    Permanent {
        /// In the other side's words.
        why: String,
        /// Sender and mailbox were taken before. Its size may be judged earlier, and says nothing of them.
        was_read: bool,
    },
    /// No letter of this letter's mailbox is taken.
    MailboxRefused(Trouble),
    /// Nothing can be sent at all: no connection, no login, no right to send.
    Unreachable(Trouble),
}

/// What is wrong for more than one letter.
#[derive(Debug)]
pub struct Trouble {
    /// What happened, in the other side's words.
    pub why: String,
    /// What the operator can do.
    pub remedy: Cow<'static, str>,
    /// What can end it.
    pub fault: Fault,
}

impl Trouble {
    /// The alarm's sentence: what cannot be done, why, and what helps.
    fn told(&self, what: &str) -> String {
        let Self { why, remedy, .. } = self;
        format!("{what}: {why}. To do: {remedy}. The letters wait, and go by themselves")
    }
}

/// The relay and what it works with.
pub struct Relay {
    outbox: Arc<dyn Outbox>,
    alarms: Arc<Alarms>,
    addresses: Arc<Addresses>,
    transport: Transport,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    bell: Arc<Notify>,
    leader: Arc<Leader>,
    blame: Blame,
}

/// Why the relay ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// It may not deliver.
    #[error(transparent)]
    Lease(#[from] LeaseError),
    /// A fault of ours.
    #[error("a delivery ended in a way that it must not: {0}")]
    Fault(#[from] tokio::task::JoinError),
}

impl Transport {
    /// The way out.
    ///
    /// # Errors
    /// When the settings were read for the side that does not send.
    pub fn new(settings: TransportSettings) -> io::Result<Self> {
        Ok(match settings {
            TransportSettings::Smtp(settings) => Self::Smtp(Box::new(Smtp::new(settings)?)),
            TransportSettings::Lmtp(settings) => Self::Smtp(Box::new(Smtp::over_socket(settings))),
            TransportSettings::Maildir(maildir) => Self::Maildir(maildir),
        })
    }

    /// Tries what can be tried without a letter, and tells each result as it comes: for `check --online`.
    pub async fn ask(&self, from: &str, mailboxes: &[smtp::Asked], tell: smtp::Tell<'_>) {
        match self {
            Self::Smtp(smtp) => smtp.ask(from, mailboxes, tell).await,
            Self::Maildir(maildir) => tell(Diagnostic::good(format!(
                "delivery to the Maildir {}",
                maildir.directory.display()
            ))),
        }
    }

    /// Letters on the way at once.
    fn at_once(&self) -> usize {
        match self {
            Transport::Smtp(smtp) => smtp.connections(),
            Transport::Maildir(_) => 1,
        }
    }

    /// Sessions that the mail server granted.
    fn held(&self) -> usize {
        match self {
            Transport::Smtp(smtp) => smtp.held(),
            Transport::Maildir(_) => 0,
        }
    }
}

impl Relay {
    /// A relay from this store over this transport, to these addresses.
    pub fn new(outbox: Arc<dyn Outbox>, alarms: Arc<Alarms>, addresses: AddressBook, transport: Transport) -> Self {
        let asked = outbox.clone();
        Self {
            leader: Arc::new(Leader::new(move || asked.leads())),
            outbox,
            alarms,
            addresses: Addresses::new(addresses),
            transport,
            clock: Box::new(SystemTime::now),
            bell: Arc::default(),
            blame: Blame::default(),
        }
    }

    /// Where letters go, for a configuration that is read again.
    pub fn addresses(&self) -> Arc<Addresses> {
        self.addresses.clone()
    }

    /// Whenever it rings, something was mended: what keeps letters from being sent is tried again at once.
    #[must_use]
    pub fn with_bell(mut self, bell: Arc<Notify>) -> Self {
        self.bell = bell;
        self
    }

    /// Who does what is to be done once, as all parts of this process know it.
    #[must_use]
    pub fn with_leader(mut self, leader: Arc<Leader>) -> Self {
        self.leader = leader;
        self
    }

    /// Another clock than the system's: ten days must pass in seconds when the retries of ten days are tried.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// What a library makes of a strange letter is no letter of ours either: it is tried again, and never sent unseen.
    async fn address(&self, name: &str, letter: &Letter) -> Result<Outgoing, Unfit> {
        let (addresses, letter) = (self.addresses.now(), letter.clone());
        let delimiter = addresses.bounce_delimiter;
        let addressed = tokio::task::spawn_blocking(move || addresses.address(&letter)).await;
        let addressed = addressed.unwrap_or_else(|fault| Err(Unfit::Io(io::Error::other(fault))))?;
        Ok(addressed.with_id(self.outbox.bounce_id(name), delimiter))
    }

    async fn attempt(&self, letter: Outgoing) -> Attempt {
        let attempt = async {
            match &self.transport {
                Transport::Smtp(smtp) => smtp.send(&letter, |code| self.alarms.count_reply(code)).await,
                Transport::Maildir(maildir) => {
                    let maildir = maildir.clone();
                    let stored = tokio::task::spawn_blocking(move || maildir.store(&letter)).await;
                    match stored.map_err(io::Error::other).and_then(|stored| stored) {
                        Ok(()) => Attempt::Taken,
                        Err(error) => Attempt::Unreachable(Trouble {
                            why: error.to_string(),
                            remedy: "look after the directory in [mail.maildir]".into(),
                            fault: Fault::Connection,
                        }),
                    }
                }
            }
        };
        // Whatever a library makes of a strange reply, the queue goes on.
        let attempt = AssertUnwindSafe(attempt).catch_unwind().await;
        attempt.unwrap_or_else(|_| Attempt::Temporary("a fault of this program".into()))
    }

    /// The store may be slow; the runtime must not wait for it.
    async fn blocking<T: Send + 'static, E: From<io::Error> + Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Outbox) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let outbox = self.outbox.clone();
        let done = tokio::task::spawn_blocking(move || work(&*outbox)).await;
        done.map_err(io::Error::other)?
    }

    /// Seconds since 1970.
    fn now(&self) -> u64 {
        seconds((self.clock)())
    }
}
