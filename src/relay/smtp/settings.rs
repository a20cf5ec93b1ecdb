//! Which mail server, and how it is spoken to: straight from the configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;

use super::super::{ClientIdentity, Needs};
use crate::explain::Peer;

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

    /// What helps where TLS does not begin.
    fn without_tls(self) -> &'static str {
        match self {
            Self::Implicit => {
                "port 587, and most others, begin in plain text: write `security = \"starttls\"` in [mail.smtp], or the port of \
                 implicit TLS (465)"
            }
            Self::Starttls => "look into the mail server's log, and at its settings for TLS",
        }
    }
}

/// How to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// User name.
    pub user: String,
    /// What proves that we are this user.
    pub proof: Proof,
}

/// What proves who we are: a file that is read at each login, so that a new one needs no restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Holds the password.
    Password(PathBuf),
    /// Holds an OAuth2 access token, which somebody else renews.
    Token(PathBuf),
}

impl Proof {
    /// Its file.
    pub fn file(&self) -> &Path {
        match self {
            Self::Password(file) | Self::Token(file) => file,
        }
    }
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
    /// The certificate that we show, where a server asks for one.
    pub identity: Option<Arc<ClientIdentity>>,
    /// Where its key lies, also on the side that does not send: so that it can be kept from that side.
    pub client_key: Option<PathBuf>,
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
        let login = self.login.iter().map(|login| login.proof.file());
        let identity = self.identity.iter().flat_map(|identity| identity.files());
        Needs {
            reach: Some((self.host.clone(), self.port)),
            read: login.chain(identity).map(Path::to_owned).collect(),
            ..Needs::default()
        }
    }

    /// The line that says who we are.
    pub(super) fn greeting(&self) -> Ehlo {
        Ehlo::new(ClientId::Domain(self.hello.clone()))
    }

    /// Where it is, for people.
    pub(super) fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// How it answers, for people.
    pub(super) fn answers(&self) -> &'static str {
        match self.security {
            Security::Implicit => "over TLS",
            Security::Starttls => "over TLS (STARTTLS)",
        }
    }

    /// Whom sentences about the connection name.
    pub(super) fn peer(&self) -> Peer {
        Peer {
            who: "the mail server",
            host: self.host.clone(),
            port: self.port,
            host_setting: "`host` in [mail.smtp]",
            roots_setting: "`ca_file` in [mail.smtp]",
            without_tls: self.security.without_tls(),
            without_identity: "name one as `client_certificate` and `client_key` in [mail.smtp]",
        }
    }
}
