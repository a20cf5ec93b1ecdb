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
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
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
    /// The connection that the last letter went over.
    pub kept: Mutex<Option<AsyncSmtpConnection>>,
}

/// For connecting, the handshake and the greeting (RFC 5321 §4.5.3.2.1 asks for 5 minutes at the greeting).
const GREETING: Duration = Duration::from_secs(5 * 60);
/// From MAIL to the reply to the last dot, which alone may take 10 minutes (RFC 5321 §4.5.3.2.6).
const SENDING: Duration = Duration::from_secs(30 * 60);
/// A reply before TLS is one short line or a few.
const LONGEST_REPLY: usize = 64 * 1024;

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Smtp {
    /// Sends one letter. Unknown errors are temporary.
    pub async fn send(&self, letter: &Letter) -> Attempt {
        let envelope = match envelope(letter) {
            Ok(envelope) => envelope,
            Err(error) => return Attempt::Permanent(error.to_string()),
        };
        let mut kept = self.kept.lock().await;
        let mut connection = match self.connection(kept.take()).await {
            Ok(connection) => connection,
            // Whatever a server says before it has seen a letter is about the connection, not the letter.
            Err(error) => return Attempt::Temporary(describe(&*error)),
        };
        match timeout(SENDING, connection.send(&envelope, &letter.mail)).await {
            Ok(Ok(_)) => {
                *kept = Some(connection);
                Attempt::Taken
            }
            Ok(Err(error)) if error.is_permanent() => Attempt::Permanent(describe(&error)),
            Ok(Err(error)) => Attempt::Temporary(describe(&error)),
            Err(_) => Attempt::Temporary("the mail server did not answer in time".into()),
        }
    }

    /// Connects, greets and logs in, and says goodbye: for `check --online`.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn try_out(&self) -> Result<(), String> {
        let mut connection = self.connection(None).await.map_err(|error| describe(&*error))?;
        let _ = timeout(Duration::from_secs(10), connection.quit()).await;
        Ok(())
    }

    async fn connection(&self, kept: Option<AsyncSmtpConnection>) -> Result<AsyncSmtpConnection, Failure> {
        if let Some(mut kept) = kept {
            let alive = timeout(Duration::from_secs(10), kept.test_connected()).await;
            if alive == Ok(true) {
                return Ok(kept);
            }
        }
        timeout(GREETING, self.connect())
            .await
            .map_err(|_| "the mail server did not answer in time")?
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
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
        let last = end.filter(|(_, line)| line.ends_with("\r\n") && line.as_bytes().get(3) == Some(&b' '));
        if let Some((end, _)) = last.last() {
            return match end == text.len() {
                true => Ok(text.into_owned()),
                false => Err("the mail server sent more than one reply before TLS; nothing was sent".into()),
            };
        }
        debug_assert!(reply.len() > before);
    }
}

fn expect(reply: &str, code: &str) -> Result<(), Failure> {
    let finals = reply.lines().filter(|line| line.as_bytes().get(3) == Some(&b' '));
    match reply.starts_with(code) && finals.count() == 1 {
        true => Ok(()),
        false => Err(format!("the mail server said: {}", printable(reply)).into()),
    }
}

fn envelope(letter: &Letter) -> Result<Envelope, Failure> {
    let from: Address = letter.envelope.from.parse()?;
    let to: Address = letter.envelope.to.parse()?;
    Ok(Envelope::new(Some(from), vec![to])?)
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
