//! SMTP: lettre speaks it, over a stream that we make.
//!
//! Two reasons for a stream of our own. lettre 0.11.23 writes the body and the closing dot apart with Nagle's
//! algorithm on and so waits 44 ms for the other side's delayed acknowledgement: nodelay makes one connection
//! 25 times faster. And after STARTTLS lettre keeps what it had already read in plaintext, so that a man in the
//! middle could put replies in advance into it; here the stream begins anew, and anything that came before the
//! handshake ends the attempt.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Attempt;
use crate::spool::Letter;

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
    /// Connections that letters went over.
    pub kept: Mutex<Vec<AsyncSmtpConnection>>,
}

/// For the connection itself.
const CONNECTING: Duration = Duration::from_secs(60);
/// For the handshake, the greeting and the login, and for each of MAIL and RCPT (RFC 5321 §4.5.3.2.1 to .3).
const COMMAND: Duration = Duration::from_secs(5 * 60);
/// For the reply to DATA (RFC 5321 §4.5.3.2.4).
const DATA: Duration = Duration::from_secs(2 * 60);
/// For the letter on the line and the reply to its last dot, which alone may take 10 minutes (RFC 5321 §4.5.3.2.6).
const LETTER: Duration = Duration::from_secs(20 * 60);
/// Is the kept connection still there?
const NUDGE: Duration = Duration::from_secs(10);
/// Connections kept for the next letters.
const KEPT: usize = 4;
/// A reply before TLS is one short line or a few.
const LONGEST_REPLY: usize = 64 * 1024;

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Smtp {
    /// Sends one letter. Unknown errors are temporary.
    pub async fn send(&self, letter: &Letter) -> Attempt {
        let (from, to) = match addresses(letter) {
            Ok(addresses) => addresses,
            Err(error) => return Attempt::Permanent(error.to_string()),
        };
        // A kept connection may have reached a limit of the server: once more over a new one before it counts.
        let kept = self.kept.lock().await.pop();
        if let Some(mut kept) = kept {
            let alive = timeout(NUDGE, kept.test_connected()).await == Ok(true);
            if alive && mail_from(&mut kept, &from).await.is_ok() {
                return self.rest(kept, to, letter).await;
            }
        }
        let mut fresh = match self.connection().await {
            Ok(connection) => connection,
            // Whatever a server says before it has seen a letter is about the connection, not the letter.
            Err(error) => return Attempt::Unreachable(describe(&*error)),
        };
        // Refused here is the sender, for every letter alike: a lost login, or no right to relay.
        match mail_from(&mut fresh, &from).await {
            Ok(()) => self.rest(fresh, to, letter).await,
            Err(why) => Attempt::Unreachable(why),
        }
    }

    /// RCPT, DATA and the letter itself: what is refused from here on is this letter.
    async fn rest(&self, mut connection: AsyncSmtpConnection, to: Address, letter: &Letter) -> Attempt {
        let late = || Attempt::Temporary("the mail server did not answer in time".into());
        match timeout(COMMAND, connection.command(Rcpt::new(to, Vec::new()))).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return refusal(&error),
            Err(_) => return late(),
        }
        match timeout(DATA, connection.command(Data)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return refusal(&error),
            Err(_) => return late(),
        }
        match timeout(LETTER, connection.message(&letter.mail)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return refusal(&error),
            Err(_) => return late(),
        }
        let mut kept = self.kept.lock().await;
        if kept.len() < KEPT {
            kept.push(connection);
        }
        Attempt::Taken
    }

    /// Connects, greets and logs in, and says goodbye: for `check --online`.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn try_out(&self) -> Result<(), String> {
        let mut connection = self.connection().await.map_err(|error| describe(&*error))?;
        let _ = timeout(NUDGE, connection.quit()).await;
        Ok(())
    }

    async fn connection(&self) -> Result<AsyncSmtpConnection, Failure> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port));
        let tcp = timeout(CONNECTING, tcp)
            .await
            .map_err(|_| "no connection to the mail server in time")??;
        let greeted = timeout(COMMAND, self.greet(tcp)).await;
        greeted.map_err(|_| "the mail server did not answer in time")?
    }

    async fn greet(&self, tcp: TcpStream) -> Result<AsyncSmtpConnection, Failure> {
        tcp.set_nodelay(true)?;
        let wire = match self.security {
            Security::Implicit => Wire::new(self.handshake(tcp).await?, Vec::new()),
            Security::Starttls => {
                let greeting_again = b"220 after STARTTLS\r\n".to_vec();
                Wire::new(self.handshake(self.starttls(tcp).await?).await?, greeting_again)
            }
        };
        let hello = ClientId::Domain(self.hello.clone());
        let mut connection = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello).await?;
        if let Some((user, file)) = &self.login {
            let password = zeroize::Zeroizing::new(tokio::fs::read_to_string(file).await?);
            let login = Credentials::new(user.clone(), password.trim_end_matches(['\r', '\n']).to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &login).await?;
        }
        Ok(connection)
    }

    async fn handshake(&self, tcp: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let name = ServerName::try_from(self.host.clone())?;
        Ok(TlsConnector::from(self.tls.clone()).connect(name, tcp).await?)
    }

    /// Greeting, EHLO, STARTTLS in plaintext. Nothing of a letter and no password is sent here.
    async fn starttls(&self, mut tcp: TcpStream) -> Result<TcpStream, Failure> {
        expect(&read_reply(&mut tcp).await?, "220")?;
        tcp.write_all(format!("EHLO {}\r\n", self.hello).as_bytes()).await?;
        let offers = read_reply(&mut tcp).await?;
        expect(&offers, "250")?;
        let offered = offers.lines().any(|line| {
            line.get(4..)
                .is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"))
        });
        if !offered {
            return Err("the mail server does not offer STARTTLS; nothing was sent".into());
        }
        tcp.write_all(b"STARTTLS\r\n").await?;
        expect(&read_reply(&mut tcp).await?, "220")?;
        Ok(tcp)
    }
}

/// One reply, all of its lines. More than that at once is somebody putting words in advance.
async fn read_reply(tcp: &mut TcpStream) -> Result<String, Failure> {
    let mut reply = Vec::new();
    loop {
        let before = reply.len();
        if tcp.read_buf(&mut reply).await? == 0 {
            return Err("the mail server closed the connection".into());
        }
        if reply.len() > LONGEST_REPLY {
            return Err("the mail server's reply does not end".into());
        }
        let text = String::from_utf8_lossy(&reply);
        let end = text.split_inclusive("\r\n").scan(0, |at, line| {
            *at += line.len();
            Some((*at, line))
        });
        let last = end.filter(|(_, line)| line.ends_with("\r\n") && is_last(line));
        if let Some((end, _)) = last.last() {
            return match end == text.len() {
                true => Ok(text.into_owned()),
                false => Err("the mail server sent more than one reply before TLS; nothing was sent".into()),
            };
        }
        debug_assert!(reply.len() > before);
    }
}

/// The last line of a reply has a blank after its code, or nothing at all (RFC 5321 §4.2.1).
fn is_last(line: &str) -> bool {
    matches!(line.as_bytes().get(3), Some(b' ' | b'\r'))
}

fn expect(reply: &str, code: &str) -> Result<(), Failure> {
    let finals = reply.split_inclusive("\r\n").filter(|line| is_last(line));
    match reply.starts_with(code) && finals.count() == 1 {
        true => Ok(()),
        false => Err(format!("the mail server said: {}", printable(reply)).into()),
    }
}

fn addresses(letter: &Letter) -> Result<(Address, Address), Failure> {
    Ok((letter.envelope.from.parse()?, letter.envelope.to.parse()?))
}

async fn mail_from(connection: &mut AsyncSmtpConnection, from: &Address) -> Result<(), String> {
    let command = connection.command(Mail::new(Some(from.clone()), Vec::new()));
    match timeout(COMMAND, command).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(describe(&error)),
        Err(_) => Err("the mail server did not answer in time".into()),
    }
}

/// What a refused letter means. 5xx is for good (RFC 5321 §4.2.1), but for a full mailbox: 552 without 5.3.4
/// ("message too big", RFC 3463) is what a clerk empties tomorrow.
fn refusal(error: &lettre::transport::smtp::Error) -> Attempt {
    let why = describe(error);
    let full = error.status().is_some_and(|code| u16::from(code) == 552) && !why.contains("5.3.4");
    match error.is_permanent() && !full {
        true => Attempt::Permanent(why),
        false => Attempt::Temporary(why),
    }
}

/// An error with its causes, for the log. Other people's words are cut and made printable.
fn describe(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    printable(&text)
}

fn printable(text: &str) -> String {
    let line = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(300).collect()
}

/// A TLS stream that first says what `advance` holds.
struct Wire {
    tls: TlsStream<TcpStream>,
    advance: io::Cursor<Vec<u8>>,
}

impl Wire {
    fn new(tls: TlsStream<TcpStream>, advance: Vec<u8>) -> Self {
        Self {
            tls,
            advance: io::Cursor::new(advance),
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wire")
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tls.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut rest = [0; 64];
        let room = out.remaining().min(rest.len());
        let said = io::Read::read(&mut self.advance, &mut rest[..room])?;
        if said > 0 {
            out.put_slice(&rest[..said]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.tls).poll_read(cx, out)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tls).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_shutdown(cx)
    }
}
