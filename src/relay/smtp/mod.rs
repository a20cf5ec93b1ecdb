//! SMTP: lettre's words, in a conversation of our own.
//!
//! Why ([decision 92](../../../docs/decisions/92-smtp-by-lines-of-our-own.md)): a letter's bytes go from
//! the disk to the connection, and a failed read ends it before the closing dot; nothing that came before TLS is believed after
//! it; and each reply is known by its code, its subject and what helps.

mod address;
mod ask;
mod body;
mod connect;
mod connection;
mod echo;
mod envelope;
mod gate;
mod lmtp;
mod login;
mod offers;
mod pool;
mod reply;
mod sentences;
mod settings;
mod talk;
mod verdict;

pub use ask::{Asked, Tell};
pub use lmtp::Lmtp;
pub use login::check_proof;
pub use settings::{Login, Proof, Security, Settings};

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::outgoing::Outgoing;
use super::{Attempt, Fault, Trouble};
use address::address;
use connect::{FOR_LETTERS, Patience};
use connection::Connection;
use envelope::{Envelope, Naming};
use gate::{Gate, Who};
use pool::Pool;
use reply::{Refusal, Stage};
use verdict::{Verdict, remedy, verdict};

/// For everything before the letter: a server that answers each step late is no server.
const BEFORE_LETTERS: Duration = Duration::from_secs(6 * 60);
/// The reply to a letter that was taken (RFC 5321 §4.3.2).
const TAKEN: u16 = 250;

/// Whether letters can be sent from this address, or to it.
pub fn is_address(text: &str) -> bool {
    address(text).is_some()
}

/// A mail server.
pub struct Smtp {
    server: Server,
    pool: Pool,
    gate: Gate,
    /// Held by each connection that was let in.
    let_in: Arc<()>,
    /// A letter went only once its id was left out of the envelope: from then on, until a restart, none has one.
    refuses_ids: AtomicBool,
}

/// One letter that did not get through.
struct Failed {
    refusal: Refusal,
    naming: Naming,
    /// Where the server may still listen.
    connection: Option<Connection>,
}

/// Where it is, and how it is spoken to.
enum Server {
    Tls { settings: Settings, tls: TlsConnector },
    Socket(Lmtp),
}

impl Smtp {
    /// A mail server that nothing was sent to yet.
    ///
    /// # Errors
    /// When the settings were read for the side that does not send.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let tls = settings.tls.clone();
        let tls = tls.ok_or_else(|| io::Error::other("this side sends no mail"))?;
        let tls = tls.into();
        Ok(Self::at(Server::Tls { settings, tls }))
    }

    /// A mail server on this machine that nothing was sent to yet.
    pub fn over_socket(lmtp: Lmtp) -> Self {
        Self::at(Server::Socket(lmtp))
    }

    fn at(server: Server) -> Self {
        Self {
            server,
            pool: Pool::default(),
            gate: Gate::default(),
            let_in: Arc::default(),
            refuses_ids: AtomicBool::new(false),
        }
    }

    /// Letters on the way at once.
    pub(super) fn connections(&self) -> usize {
        match &self.server {
            Server::Tls { settings, .. } => settings.connections,
            Server::Socket(lmtp) => lmtp.connections,
        }
    }

    /// Sends one letter. Unknown errors are temporary. `heard` is told the code of the reply that decided; none when none came.
    /// It is told nothing of a letter that did not ask, since another was refused just before.
    pub async fn send(&self, letter: &Outgoing, heard: impl FnOnce(Option<u16>)) -> Attempt {
        let Some(envelope) = Envelope::of(letter) else {
            // The configuration refuses such an address; in any case it is no fault of the letter.
            let why = format!("sender or mailbox is no mail address: {}, {}", letter.from, letter.to);
            return Attempt::Temporary(why);
        };
        let sent = self.hand_over(&envelope, letter).await;
        if !sent.as_ref().is_err_and(|refusal| refusal.was_heard_before) {
            heard(sent.as_ref().map_or_else(|refusal| refusal.code, |()| Some(TAKEN)));
        }
        sent.map_or_else(attempt, |()| Attempt::Taken)
    }

    async fn hand_over(&self, envelope: &Envelope, letter: &Outgoing) -> Result<(), Refusal> {
        let Err(failed) = self.over_any(envelope, letter).await else {
            return Ok(());
        };
        let Failed {
            refusal,
            naming,
            connection,
        } = failed;
        if !naming.may_be_refused_by(&refusal) {
            leave(&refusal, connection).await;
            return Err(refusal);
        }
        // Where a reply is still to come, it would be taken for the one to RSET, and each later one for its neighbour's.
        let same = match connection.filter(|_| refusal.code.is_some()) {
            Some(connection) => connection.reset().await,
            None => None,
        };
        let connection = match same {
            Some(connection) => connection,
            None => self.connect(Who::Letter).await?,
        };
        let sent = self.over(connection, envelope, letter).await;
        // A no for now may have been about anything: greylisting keeps every new sender waiting.
        let for_good = refusal.code.is_some_and(|code| code >= 500);
        if sent.is_ok() && for_good && !self.refuses_ids.swap(true, Ordering::Relaxed) {
            tracing::warn!("letters go without an id in their envelope, since the mail server refuses it: {refusal}");
        }
        sent
    }

    async fn over_any(&self, envelope: &Envelope, letter: &Outgoing) -> Result<(), Failed> {
        let (mut connection, naming) = self.connection_for(envelope).await?;
        match connection.letter(envelope, naming, letter).await {
            Ok(()) => {
                self.pool.put(connection);
                Ok(())
            }
            Err(refusal) => Err(Failed {
                refusal,
                naming,
                connection: Some(connection),
            }),
        }
    }

    /// Over this connection, without an id.
    async fn over(&self, mut connection: Connection, envelope: &Envelope, letter: &Outgoing) -> Result<(), Refusal> {
        let sent = async {
            connection.sender(envelope, Naming::Plain).await?;
            connection.letter(envelope, Naming::Plain, letter).await
        };
        match sent.await {
            Ok(()) => {
                self.pool.put(connection);
                Ok(())
            }
            Err(refusal) => {
                leave(&refusal, Some(connection)).await;
                Err(refusal)
            }
        }
    }

    /// A connection that takes our sender: a kept one, else a new one. What a kept one says does not count: the server may
    /// have closed it meanwhile, or it may have reached a limit.
    async fn connection_for(&self, envelope: &Envelope) -> Result<(Connection, Naming), Failed> {
        if let Some(mut kept) = self.pool.take() {
            let naming = self.naming(envelope, &kept);
            if kept.sender(envelope, naming).await.is_ok() {
                return Ok((kept, naming));
            }
        }
        let mut fresh = self.connect(Who::Letter).await.map_err(Failed::to_connect)?;
        let naming = self.naming(envelope, &fresh);
        match fresh.sender(envelope, naming).await {
            Ok(()) => Ok((fresh, naming)),
            Err(refusal) => Err(Failed {
                refusal,
                naming,
                connection: Some(fresh),
            }),
        }
    }

    fn naming(&self, envelope: &Envelope, connection: &Connection) -> Naming {
        if self.refuses_ids.load(Ordering::Relaxed) {
            Naming::Plain
        } else {
            envelope.naming(&connection.offers)
        }
    }

    /// Connects, logs in, and says goodbye: whether letters could be sent again.
    ///
    /// # Errors
    /// What keeps them from it.
    pub(super) async fn probe(&self) -> Result<(), Trouble> {
        let connection = self.connect(Who::Probe).await.map_err(trouble)?;
        connection.quit().await;
        Ok(())
    }

    /// Connections that were let in and not closed since, as far as is known.
    pub(super) fn held(&self) -> usize {
        Arc::strong_count(&self.let_in) - 1
    }

    /// Lets letters log in again.
    pub(super) fn open_gate(&self) {
        self.gate.open();
    }

    /// Ends connections that nothing needs.
    pub(super) async fn tidy(&self) {
        for connection in self.pool.take_idle() {
            connection.quit().await;
        }
    }

    async fn connect(&self, who: Who) -> Result<Connection, Refusal> {
        let connecting = async {
            self.gate.look(who).await?;
            let mut connection = self.open(FOR_LETTERS).await?;
            if let Some(login) = self.login() {
                let login = connection.log_in(login, FOR_LETTERS.reply);
                self.gate.pass(who, login).await?;
            }
            connection.let_in = Some(self.let_in.clone());
            Ok(connection)
        };
        let connected = timeout(BEFORE_LETTERS, connecting).await;
        connected.map_err(|_| Refusal::late(Stage::Connect))?
    }

    /// Up to the server's offers, without a login.
    async fn open(&self, patience: Patience) -> Result<Connection, Refusal> {
        match &self.server {
            Server::Tls { settings, tls } => {
                renew_identity(settings).await;
                connect::connect(settings, tls, patience).await
            }
            Server::Socket(lmtp) => lmtp::connect(lmtp, patience).await,
        }
    }

    /// Files that the login is read from: others may be good where these were refused.
    pub(super) fn login_files(&self) -> Vec<PathBuf> {
        match &self.server {
            Server::Tls { settings, .. } => settings.needs().read,
            Server::Socket(_) => Vec::new(),
        }
    }

    fn login(&self) -> Option<&Login> {
        match &self.server {
            Server::Tls { settings, .. } => settings.login.as_ref(),
            Server::Socket(_) => None,
        }
    }
}

impl Failed {
    fn to_connect(refusal: Refusal) -> Self {
        Self {
            refusal,
            naming: Naming::Plain,
            connection: None,
        }
    }
}

/// Goodbye to a server that said no. Of one that said nothing nobody listens.
async fn leave(refusal: &Refusal, connection: Option<Connection>) {
    if let Some(connection) = connection.filter(|_| refusal.code.is_some()) {
        connection.quit().await;
    }
}

/// A client certificate may have been renewed.
async fn renew_identity(settings: &Settings) {
    if let Some(identity) = settings.identity.clone() {
        let looked = tokio::task::spawn_blocking(move || identity.look_again()).await;
        // The one that is shown stays.
        drop(looked);
    }
}

/// What a no means for the queue.
fn attempt(refusal: Refusal) -> Attempt {
    let was_read = refusal.stage >= Stage::Data;
    match verdict(&refusal) {
        Verdict::Hold => Attempt::Permanent {
            why: refusal.text,
            was_read,
        },
        Verdict::Later => Attempt::Temporary(refusal.text),
        Verdict::MailboxWaits => Attempt::MailboxRefused(trouble(refusal)),
        Verdict::AllWait => Attempt::Unreachable(trouble(refusal)),
    }
}

/// What is wrong for more than one letter, and what can end it: what was refused after the login says nothing of the login.
/// A server that only hangs up may have meant the password too.
fn trouble(refusal: Refusal) -> Trouble {
    let fault = match refusal.stage {
        Stage::Connect => Fault::Connection,
        Stage::Login if refusal.code.is_some_and(|code| code >= 500) => Fault::Login,
        Stage::Login => Fault::LoginLater,
        _ => Fault::Sending,
    };
    let general = || remedy(refusal.subject).into();
    Trouble {
        remedy: refusal.remedy.map_or_else(general, Into::into),
        why: refusal.text,
        fault,
    }
}
