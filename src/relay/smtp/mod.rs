//! SMTP: lettre speaks it, over a stream that we make.
//!
//! Three reasons for a stream of our own. lettre 0.11.23 writes the body and the closing dot apart with Nagle's
//! algorithm on and so waits 44 ms for the other side's delayed acknowledgement: nodelay makes one connection
//! 25 times faster. After STARTTLS lettre keeps what it had already read in plaintext, so that a man in the
//! middle could put replies in advance into it; here the stream begins anew, and anything that came before the
//! handshake ends the attempt. And lettre wants a letter in one piece, or in pieces that cannot fail; here its bytes
//! go from the disk to the connection, and a failed read ends the connection before the closing dot.

mod body;
mod connection;
mod pool;
mod reply;
mod settings;
mod starttls;
mod verdict;
mod wire;

pub use settings::{Login, Security, Settings};

use std::io;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::outgoing::Outgoing;
use super::{Attempt, Trouble};
use connection::Connection;
use pool::Pool;
use reply::{Refusal, Stage};
use verdict::{Verdict, remedy, verdict};
use wire::Wire;

/// For the connection itself.
const CONNECTING: Duration = Duration::from_secs(60);
/// For the handshake, the greeting and the login (RFC 5321 §4.5.3.2.1).
const GREETING: Duration = Duration::from_secs(5 * 60);
/// The reply to a letter that was taken (RFC 5321 §4.3.2).
const TAKEN: u16 = 250;
/// In the order in which they are preferred.
const LOGINS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// Whether letters can be sent from this address, or to it.
pub fn is_address(text: &str) -> bool {
    text.parse::<Address>().is_ok()
}

/// A mail server.
pub struct Smtp {
    /// Where it is, and how it is spoken to.
    pub settings: Settings,
    tls: TlsConnector,
    pool: Pool,
}

impl Smtp {
    /// A mail server that nothing was sent to yet.
    ///
    /// # Errors
    /// When the settings were read for the side that does not send.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let tls = settings.tls.clone();
        let tls = tls.ok_or_else(|| io::Error::other("this side sends no mail"))?;
        Ok(Self {
            settings,
            tls: tls.into(),
            pool: Pool::default(),
        })
    }

    /// Sends one letter. Unknown errors are temporary. `heard` is told the code of the reply that decided; none when none came.
    pub async fn send(&self, letter: &Outgoing, heard: impl FnOnce(Option<u16>)) -> Attempt {
        let addresses = letter.from.parse().and_then(|from: Address| {
            let to: Address = letter.to.parse()?;
            Ok((from, to))
        });
        let sent = match addresses {
            Ok((from, to)) => self.hand_over(from, to, letter).await,
            // The configuration refuses such an address; in any case it is no fault of the letter.
            Err(error) => return Attempt::Temporary(format!("sender or mailbox is no mail address: {error}")),
        };
        heard(sent.as_ref().map_or_else(|refusal| refusal.code, |()| Some(TAKEN)));
        sent.map_or_else(attempt, |()| Attempt::Taken)
    }

    async fn hand_over(&self, from: Address, to: Address, letter: &Outgoing) -> Result<(), Refusal> {
        let mut connection = self.connection_for(&from).await?;
        match connection.letter(to, letter).await {
            Ok(()) => {
                self.pool.put(connection);
                Ok(())
            }
            Err(refusal) => {
                if refusal.code.is_some() {
                    connection.quit().await;
                }
                Err(refusal)
            }
        }
    }

    /// A connection that takes our sender: a kept one, else a new one. What a kept one says does not count: the server may
    /// have closed it meanwhile, or it may have reached a limit.
    async fn connection_for(&self, from: &Address) -> Result<Connection, Refusal> {
        if let Some(mut kept) = self.pool.take()
            && kept.sender(from.clone()).await.is_ok()
        {
            return Ok(kept);
        }
        let mut fresh = self.connect().await?;
        match fresh.sender(from.clone()).await {
            Ok(()) => Ok(fresh),
            Err(refusal) => {
                fresh.quit().await;
                Err(refusal)
            }
        }
    }

    /// Connects, greets and logs in, and says goodbye: for `check --online`.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn try_out(&self) -> Result<(), String> {
        let connection = self.connect().await.map_err(|refusal| refusal.to_string())?;
        connection.quit().await;
        Ok(())
    }

    /// Ends connections that nothing needs.
    pub(super) async fn tidy(&self) {
        for connection in self.pool.take_idle() {
            connection.quit().await;
        }
    }

    async fn connect(&self) -> Result<Connection, Refusal> {
        let late = |why: &str| Refusal::without_reply(Stage::Connect, why);
        let tcp = TcpStream::connect((self.settings.host.as_str(), self.settings.port));
        let tcp = timeout(CONNECTING, tcp)
            .await
            .map_err(|_| late("no connection to the mail server in time"))?
            .map_err(Refusal::connecting)?;
        let greeted = timeout(GREETING, self.greet(tcp)).await;
        greeted.map_err(|_| late("the mail server did not answer in time"))?
    }

    async fn greet(&self, tcp: TcpStream) -> Result<Connection, Refusal> {
        let settings = &self.settings;
        tcp.set_nodelay(true).map_err(Refusal::connecting)?;
        let wire = match settings.security {
            Security::Implicit => Wire::new(self.handshake(tcp).await?, b""),
            Security::Starttls => {
                let ready = starttls::ask(tcp, &settings.hello).await?;
                let greeting_again = b"220 after STARTTLS\r\n";
                Wire::new(self.handshake(ready).await?, greeting_again)
            }
        };
        let hello = ClientId::Domain(settings.hello.clone());
        let smtp = AsyncSmtpConnection::connect_with_transport(Box::new(wire.clone()), &hello).await;
        let mut smtp = smtp.map_err(|error| Refusal::said(Stage::Connect, &error))?;
        if let Some(login) = &settings.login {
            log_in(&mut smtp, login).await?;
        }
        Ok(Connection::new(smtp, wire))
    }

    async fn handshake(&self, tcp: TcpStream) -> Result<TlsStream<TcpStream>, Refusal> {
        let name = ServerName::try_from(self.settings.host.clone()).map_err(Refusal::connecting)?;
        self.tls.connect(name, tcp).await.map_err(Refusal::connecting)
    }
}

async fn log_in(smtp: &mut AsyncSmtpConnection, login: &Login) -> Result<(), Refusal> {
    if smtp.server_info().get_auth_mechanism(&LOGINS).is_none() {
        let why = "the mail server offers no login that is known here (PLAIN, LOGIN)";
        return Err(Refusal::without_reply(Stage::Connect, why));
    }
    let password = tokio::fs::read_to_string(&login.password_file).await;
    let password = zeroize::Zeroizing::new(password.map_err(Refusal::connecting)?);
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let credentials = Credentials::new(login.user.clone(), password);
    let taken = smtp.auth(&LOGINS, &credentials).await;
    taken.map_or_else(|error| Err(Refusal::said(Stage::Connect, &error)), |_| Ok(()))
}

/// What a no means for the queue.
fn attempt(refusal: Refusal) -> Attempt {
    let (what, remedy) = (verdict(&refusal), remedy(refusal.subject));
    let was_read = refusal.stage >= Stage::Data;
    let why = refusal.text;
    match what {
        Verdict::Hold => Attempt::Permanent { why, was_read },
        Verdict::Later => Attempt::Temporary(why),
        Verdict::MailboxWaits => Attempt::MailboxRefused(Trouble { why, remedy }),
        Verdict::AllWait => Attempt::Unreachable(Trouble { why, remedy }),
    }
}
