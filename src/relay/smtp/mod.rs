//! SMTP: lettre speaks it, over a stream that we make.
//!
//! Three reasons for a stream of our own. lettre 0.11.23 writes the body and the closing dot apart with Nagle's
//! algorithm on and so waits 44 ms for the other side's delayed acknowledgement: nodelay makes one connection
//! 25 times faster. After STARTTLS lettre keeps what it had already read in plaintext, so that a man in the
//! middle could put replies in advance into it; here the stream begins anew, and anything that came before the
//! handshake ends the attempt. And lettre wants a letter in one piece, or in pieces that cannot fail; here its bytes
//! go from the disk to the line, and a failed read ends the connection before the closing dot.

mod body;
mod connection;
mod refusal;
mod starttls;
mod wire;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Attempt;
use crate::store::Letter;
use connection::Connection;
use refusal::describe;
use wire::Wire;

/// When TLS begins. There is no third choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// At once, port 465 (RFC 8314 §3.3).
    Implicit,
    /// After STARTTLS, which must be offered (RFC 3207).
    Starttls,
}

/// A mail server.
pub struct Smtp {
    /// Host name, checked against its certificate.
    pub host: String,
    /// Port.
    pub port: u16,
    /// When TLS begins.
    pub security: Security,
    /// TLS settings.
    pub tls: Arc<ClientConfig>,
    /// Name in EHLO.
    pub hello: String,
    /// User name, and the file that holds the password.
    pub login: Option<(String, PathBuf)>,
    /// Letters on the line at once.
    pub connections: usize,
    /// Connections that letters went over.
    pub kept: Kept,
}

/// Connections kept for the next letters.
#[derive(Default)]
pub struct Kept(Mutex<Vec<Connection>>);

/// For the connection itself.
const CONNECTING: Duration = Duration::from_secs(60);
/// For the handshake, the greeting and the login (RFC 5321 §4.5.3.2.1).
const GREETING: Duration = Duration::from_secs(5 * 60);
/// Servers close idle connections after some minutes; it is more polite to be first.
const IDLE: Duration = Duration::from_secs(30);

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Smtp {
    /// Sends one letter. Unknown errors are temporary.
    pub async fn send(&self, letter: &Letter) -> Attempt {
        let (from, to) = match addresses(letter) {
            Ok(addresses) => addresses,
            Err(error) => return Attempt::Permanent(error.to_string()),
        };
        let mut line = match self.line(&from).await {
            Ok(line) => line,
            // Whatever a server says before it has seen a letter is about the connection, not the letter.
            Err(why) => return Attempt::Unreachable(why),
        };
        let refusal = match line.letter(to, letter).await {
            Ok(()) => {
                self.kept.put(line);
                return Attempt::Taken;
            }
            Err(refusal) => refusal,
        };
        if refusal.code.is_some() {
            line.quit().await;
        }
        refusal.about_the_letter()
    }

    /// A connection that takes our sender: a kept one, else a new one. What a kept one says does not count: the server may
    /// have closed it meanwhile, or it may have reached a limit.
    async fn line(&self, from: &Address) -> Result<Connection, String> {
        if let Some(mut kept) = self.kept.take()
            && kept.sender(from.clone()).await.is_ok()
        {
            return Ok(kept);
        }
        let mut fresh = self.connection().await.map_err(|error| describe(&*error))?;
        match fresh.sender(from.clone()).await {
            Ok(()) => Ok(fresh),
            Err(refusal) => {
                fresh.quit().await;
                Err(refusal.why)
            }
        }
    }

    /// Connects, greets and logs in, and says goodbye: for `check --online`.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn try_out(&self) -> Result<(), String> {
        let line = self.connection().await.map_err(|error| describe(&*error))?;
        line.quit().await;
        Ok(())
    }

    /// Ends connections that nobody needs.
    pub(super) async fn tidy(&self) {
        for line in self.kept.idle() {
            line.quit().await;
        }
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port));
        let tcp = timeout(CONNECTING, tcp)
            .await
            .map_err(|_| "no connection to the mail server in time")??;
        let greeted = timeout(GREETING, self.greet(tcp)).await;
        greeted.map_err(|_| "the mail server did not answer in time")?
    }

    async fn greet(&self, tcp: TcpStream) -> Result<Connection, Failure> {
        tcp.set_nodelay(true)?;
        let wire = match self.security {
            Security::Implicit => Wire::new(self.handshake(tcp).await?, b""),
            Security::Starttls => {
                let ready = starttls::ask(tcp, &self.hello).await?;
                let greeting_again = b"220 after STARTTLS\r\n";
                Wire::new(self.handshake(ready).await?, greeting_again)
            }
        };
        let hello = ClientId::Domain(self.hello.clone());
        let mut smtp = AsyncSmtpConnection::connect_with_transport(Box::new(wire.clone()), &hello).await?;
        if let Some((user, file)) = &self.login {
            let password = zeroize::Zeroizing::new(tokio::fs::read_to_string(file).await?);
            let login = Credentials::new(user.clone(), password.trim_end_matches(['\r', '\n']).to_owned());
            smtp.auth(&[Mechanism::Plain, Mechanism::Login], &login).await?;
        }
        Ok(Connection::new(smtp, wire))
    }

    async fn handshake(&self, tcp: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let name = ServerName::try_from(self.host.clone())?;
        Ok(TlsConnector::from(self.tls.clone()).connect(name, tcp).await?)
    }
}

impl Kept {
    fn put(&self, line: Connection) {
        self.lines().push(line);
    }

    /// The one that was used last, since it is the most likely to be there still.
    fn take(&self) -> Option<Connection> {
        self.lines().pop()
    }

    fn idle(&self) -> Vec<Connection> {
        self.lines().extract_if(.., |line| line.idle() > IDLE).collect()
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn addresses(letter: &Letter) -> Result<(Address, Address), Failure> {
    Ok((letter.envelope.from.parse()?, letter.envelope.to.parse()?))
}
