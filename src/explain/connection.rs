//! Connections: the name, the way, and what cuts them.

use std::io::{self, ErrorKind};
use std::path::Path;

use super::{Explained, Peer, of_system, tls};

/// The host has no address.
pub fn no_such_name(peer: &Peer) -> Explained {
    let Peer { host, host_setting, .. } = peer;
    let what = format!("no address is found for the name {host}");
    let remedy =
        format!("correct {host_setting}, or look after this machine's name server (`getent hosts {host}` asks it)");
    Explained::new(what, remedy)
}

/// No connection, or none with TLS.
pub fn cannot_connect(peer: &Peer, error: &io::Error) -> Explained {
    if let Some(error) = tls::within(error) {
        return tls::explain(peer, error);
    }
    let Peer { who, host, port, .. } = peer;
    let (what, remedy) = match error.kind() {
        ErrorKind::ConnectionRefused => (
            format!("nothing listens at {host}:{port}"),
            format!("see that {who} runs and listens at this address, and correct host and port if it is another"),
        ),
        ErrorKind::TimedOut => (
            format!("{host}:{port} does not answer"),
            format!("correct host and port, and let the firewalls on both sides pass connections to {host}:{port}"),
        ),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::AddrNotAvailable => (
            format!("no way leads from this machine to {host}"),
            "look after this machine's network; an IPv6 address needs IPv6 here".into(),
        ),
        ErrorKind::PermissionDenied => (
            format!("this machine does not permit a connection to {host}:{port}"),
            "let its firewall, and what else restricts the service, pass it".into(),
        ),
        _ => return lost(peer, error),
    };
    Explained::new(what, remedy)
}

/// A Unix socket that does not lead to anybody.
pub fn cannot_use_socket(socket: &Path, error: &io::Error) -> Explained {
    let socket = socket.display();
    let (what, remedy) = match error.kind() {
        ErrorKind::NotFound => (
            "is not there",
            "start the server that makes it (Dovecot: `service lmtp`), or correct `socket`",
        ),
        ErrorKind::PermissionDenied => (
            "may not be used by this user",
            "let the service's user write to it (Dovecot: `mode` and `group` of its `unix_listener`), and go into the folders \
             above it",
        ),
        ErrorKind::ConnectionRefused => ("leads to nobody", "start the server that listens at it"),
        _ => {
            let what = format!("the socket {socket} cannot be used: {}", of_system(error));
            return Explained::new(what, "look after the server that listens at it");
        }
    };
    Explained::new(format!("the socket {socket} {what}"), remedy)
}

/// A connection that was there has ended.
pub fn lost(peer: &Peer, error: &io::Error) -> Explained {
    if let Some(error) = tls::within(error) {
        return tls::explain(peer, error);
    }
    let Peer { who, host, port, .. } = peer;
    let what = match error.kind() {
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => {
            format!("{who} closed the connection")
        }
        ErrorKind::TimedOut => format!("{who} does not answer any more"),
        _ => format!("the connection to {who} broke: {}", of_system(error)),
    };
    let remedy = match port {
        0 => format!("look into the log of the server at {host} for why it ends connections"),
        _ => format!("look into the log of {host} for why it ends connections at port {port}"),
    };
    Explained::new(what, remedy)
}
