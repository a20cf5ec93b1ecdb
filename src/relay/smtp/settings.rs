//! Which mail server, and how it is spoken to: straight from the configuration.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ClientConfig;

use super::super::Needs;

/// When TLS begins. There is no third choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// At once, port 465 (RFC 8314 §3.3).
    Implicit,
    /// After STARTTLS, which must be offered (RFC 3207).
    Starttls,
}

impl Security {
    /// The port that goes with it.
    pub fn port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::Starttls => 587,
        }
    }
}

/// How to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// User name.
    pub user: String,
    /// Holds the password. Read at each connection, so that a new one needs no restart.
    pub password_file: PathBuf,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Host name, checked against its certificate.
    pub host: String,
    /// Port.
    pub port: u16,
    /// When TLS begins.
    pub security: Security,
    /// Whom to believe; none on the side that does not send.
    pub tls: Option<Arc<ClientConfig>>,
    /// Name in EHLO.
    pub hello: String,
    /// How to log in, where that is asked for.
    pub login: Option<Login>,
    /// Letters that are sent at once.
    pub connections: usize,
}

impl Settings {
    /// What sending needs of the machine.
    pub fn needs(&self) -> Needs {
        Needs {
            reach: Some((self.host.clone(), self.port)),
            read: self.login.iter().map(|login| login.password_file.clone()).collect(),
            change: None,
        }
    }
}
