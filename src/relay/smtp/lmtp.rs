//! LMTP over a Unix socket (RFC 2033): the same conversation with a server on this machine, begun by LHLO.
//!
//! After the closing dot there is one reply for each recipient. A letter has one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::UnixStream;
use tokio::time::timeout;

use super::super::Needs;
use super::connect::{Patience, hello};
use super::connection::{Connection, expect};
use super::reply::{Refusal, Stage};
use super::talk::Talk;
use crate::explain::{self, Peer};

/// A server that delivers into mailboxes on this machine.
#[derive(Debug, Clone)]
pub struct Lmtp {
    /// Its socket.
    pub socket: PathBuf,
    /// Name in LHLO.
    pub hello: String,
    /// Letters that are handed over at once.
    pub connections: usize,
}

impl Lmtp {
    /// What sending needs of the machine.
    pub fn needs(&self) -> Needs {
        Needs {
            socket: Some(self.socket.clone()),
            ..Needs::default()
        }
    }
}

/// Connects and says hello. Nobody else is on the way, so there is neither TLS nor a login.
pub(super) async fn connect(settings: &Lmtp, patience: Patience) -> Result<Connection, Refusal> {
    let socket = settings.socket.as_path();
    let connected = timeout(patience.connecting, UnixStream::connect(socket)).await;
    let connected = connected.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
    let way =
        connected.map_err(|error| Refusal::explained(Stage::Connect, explain::cannot_use_socket(socket, &error)))?;
    let mut talk = Talk::new(Box::new(way) as Box<dyn super::talk::Way>, Arc::new(peer(socket)));
    let greeted = timeout(patience.reply, talk.reply(Stage::Connect)).await;
    let greeted = greeted.map_err(|_| Refusal::late(Stage::Connect))??;
    expect(Stage::Connect, 2, greeted)?;
    let offers = hello(format!("LHLO {}\r\n", settings.hello), &mut talk, patience).await?;
    Ok(Connection::new(talk, offers))
}

fn peer(socket: &Path) -> Peer {
    Peer {
        who: "the mail server",
        host: socket.display().to_string(),
        port: 0,
        host_setting: "`socket` in [mail.lmtp]",
        roots_setting: "",
        without_tls: "",
        without_identity: "",
    }
}
