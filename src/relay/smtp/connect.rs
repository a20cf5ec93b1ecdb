//! The way to a mail server that will take a letter: name, connection, greeting, TLS, EHLO, login.
//!
//! What always holds: nothing but EHLO and STARTTLS is said before TLS, and whatever comes before it in advance ends the
//! attempt.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::commands::Starttls;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::connection::{Connection, expect};
use super::offers::Offers;
use super::reply::{Refusal, Stage};
use super::sentences;
use super::settings::{Security, Settings};
use super::talk::{Talk, Way};
use crate::explain::{self, Peer};

/// How long a server may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For its name and the connection.
    pub(super) connecting: Duration,
    /// For each reply.
    pub(super) reply: Duration,
}

/// For letters (RFC 5321 §4.5.3.2.1 has five minutes for the greeting).
pub(super) const FOR_LETTERS: Patience = Patience {
    connecting: Duration::from_secs(60),
    reply: Duration::from_secs(5 * 60),
};

/// For somebody who sits and waits.
pub(super) const FOR_CHECKS: Patience = Patience {
    connecting: Duration::from_secs(10),
    reply: Duration::from_secs(10),
};

/// Connects and says hello; the login is another step.
pub(super) async fn connect(
    settings: &Settings,
    tls: &TlsConnector,
    patience: Patience,
) -> Result<Connection, Refusal> {
    let peer = Arc::new(settings.peer());
    let tcp = reach(&peer, patience).await?;
    let (way, greeted): (Box<dyn Way>, bool) = match settings.security {
        Security::Implicit => (handshake(tls, tcp, &peer, patience).await?, false),
        Security::Starttls => {
            let plain = starttls(settings, Talk::new(tcp, peer.clone()), patience).await?;
            (handshake(tls, plain, &peer, patience).await?, true)
        }
    };
    let mut talk = Talk::new(way, peer);
    if !greeted {
        greeting(settings, &mut talk, patience).await?;
    }
    let offers = hello(settings.greeting(), &mut talk, patience).await?;
    Ok(Connection::new(talk, offers))
}

async fn reach(peer: &Peer, patience: Patience) -> Result<TcpStream, Refusal> {
    let explained = |explained| Refusal::explained(Stage::Connect, explained);
    let silent = |_| explained(explain::cannot_connect(peer, &std::io::ErrorKind::TimedOut.into()));
    let name = (peer.host.as_str(), peer.port);
    let found = timeout(patience.connecting, lookup_host(name)).await;
    let found: Vec<_> = found.into_iter().flatten().flatten().collect();
    if found.is_empty() {
        return Err(explained(explain::no_such_name(peer)));
    }
    let tcp = timeout(patience.connecting, TcpStream::connect(found.as_slice())).await;
    let tcp = tcp.map_err(silent)?.and_then(|tcp| tcp.set_nodelay(true).map(|()| tcp));
    tcp.map_err(|error| explained(explain::cannot_connect(peer, &error)))
}

async fn handshake(
    tls: &TlsConnector,
    tcp: TcpStream,
    peer: &Peer,
    patience: Patience,
) -> Result<Box<dyn Way>, Refusal> {
    let name = ServerName::try_from(peer.host.clone());
    let name = name.map_err(|_| Refusal::explained(Stage::Connect, explain::no_such_name(peer)))?;
    let secured = timeout(patience.reply, tls.connect(name, tcp)).await;
    match secured.map_err(|_| Refusal::late(Stage::Connect))? {
        Ok(way) => Ok(Box::new(way)),
        Err(error) => Err(Refusal::explained(
            Stage::Connect,
            explain::cannot_connect(peer, &error),
        )),
    }
}

/// Greeting, EHLO and STARTTLS in plain text. What comes back is ready for the handshake.
async fn starttls(settings: &Settings, mut talk: Talk<TcpStream>, patience: Patience) -> Result<TcpStream, Refusal> {
    greeting(settings, &mut talk, patience).await?;
    talk.said_no_more()?;
    let offers = hello(settings.greeting(), &mut talk, patience).await?;
    talk.said_no_more()?;
    if !offers.starttls() {
        return Err(sentences::no_starttls(settings));
    }
    let go = talk.command(Stage::Connect, Starttls, patience.reply).await?;
    expect(Stage::Connect, 2, go)?;
    talk.said_no_more()?;
    Ok(talk.bare())
}

async fn greeting<S: Way>(settings: &Settings, talk: &mut Talk<S>, patience: Patience) -> Result<(), Refusal> {
    let said = timeout(patience.reply, talk.reply(Stage::Connect)).await;
    let said = said.map_err(|_| sentences::no_greeting(settings, patience.reply))??;
    expect(Stage::Connect, 2, said).map(drop)
}

/// Says who we are; what comes back is what the server can do.
pub(super) async fn hello<S: Way>(
    line: impl Display,
    talk: &mut Talk<S>,
    patience: Patience,
) -> Result<Offers, Refusal> {
    let said = talk.command(Stage::Connect, line, patience.reply).await?;
    Ok(Offers::of(&expect(Stage::Connect, 2, said)?))
}
