//! Where the database is, and as whom each side comes to it.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::store::files;

/// A database that several nodes share.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its servers: the one that takes writes is looked for, in this order.
    pub hosts: Vec<Host>,
    /// Name of the database.
    pub database: String,
    /// Certificates that a server's is checked by; the system's when there is none. Servers on a Unix socket show none.
    pub ca: Option<PathBuf>,
    /// So many machines beside the one that takes writes have a letter on their disks before there is a receipt.
    pub standbys: u32,
    /// Name of this node: no other may have it.
    pub node: String,
    /// As whom letters are taken.
    pub web: Login,
    /// As whom they are delivered.
    pub relay: Login,
    /// As whom the operator's commands come.
    pub operator: Login,
    /// What stays on this machine: drafts, the secret that names are derived from (the same file on every node), floors for
    /// its disk; and for how long delivered letters are kept.
    pub local: files::Settings,
    /// Bytes that all letters together may take in the database.
    pub most_bytes: u64,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// By name or address, over TLS.
    Net(String, u16),
    /// A directory with the server's Unix socket, and its port number.
    Socket(PathBuf, u16),
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Net(name, port) => write!(out, "{name}:{port}"),
            Self::Socket(directory, port) => write!(out, "{} (port {port})", directory.display()),
        }
    }
}

/// A user of the database, and how it proves that it is that user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Its name.
    pub user: String,
    /// A file with its password, read anew for each connection.
    pub password_file: Option<PathBuf>,
    /// A certificate and its key, PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl Login {
    /// A user that proves nothing: the server knows it by its socket.
    pub fn named(user: &str) -> Self {
        Self {
            user: user.to_owned(),
            password_file: None,
            identity: None,
        }
    }

    /// Files that each new connection reads.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let identity = self.identity.iter().flat_map(|(certificate, key)| [certificate, key]);
        self.password_file.iter().chain(identity).map(PathBuf::as_path)
    }
}
