//! The webhook: one HTTPS request with the notice as JSON. Only the answer's status counts.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::Notice;
use crate::explain::{self, Explained, Peer};

/// An address to post to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Host, checked against its certificate.
    pub host: String,
    /// Port.
    pub port: u16,
    /// HTTPS. Without it the host must be this machine.
    pub tls: bool,
    path: String,
}

/// Where to post, and how to be let in.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// The address.
    pub address: Address,
    /// File with a bearer token.
    pub token: Option<PathBuf>,
    /// TLS settings.
    pub tls: Arc<ClientConfig>,
    /// For the whole request.
    pub timeout: Duration,
}

impl Address {
    /// Reads `https://host[:port]/path`; `http://` for this machine alone.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let uri: Uri = text.parse().map_err(|_| "is not a web address")?;
        let authority = uri.authority().ok_or("is not a web address")?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("must begin with https://"),
        };
        if authority.as_str().contains('@') {
            return Err("holds a password, which would be seen in listings; put it into `webhook_token_file`");
        }
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if !tls && !is_here(&host) {
            return Err("must begin with https://, since it leaves this machine");
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { host, port, tls, path })
    }

    /// Host and port as they stand in a request.
    fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(out, "{scheme}://{}{}", self.authority(), self.path)
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl Webhook {
    /// Posts one notice; anything but a 2xx is a failure. Redirects are not followed: a token goes to one host only.
    ///
    /// # Errors
    /// What happened, and what helps.
    pub async fn post(&self, notice: &Notice) -> Result<(), Explained> {
        let answered = timeout(self.timeout, self.exchange(notice)).await;
        let seconds = self.timeout.as_secs();
        let late = |_| {
            Explained::new(
                format!("the webhook did not answer within {seconds} s"),
                "see that it runs and that firewalls let it be reached; `timeout` in [alarm] gives it longer",
            )
        };
        match answered.map_err(late)?? {
            200..=299 => Ok(()),
            status => Err(Explained::new(
                format!("the webhook answered {status}"),
                match status {
                    300..=399 => {
                        "name the address that it leads to as `webhook` in [alarm]: redirects are not followed"
                    }
                    401 | 403 => "correct the token in `webhook_token_file` in [alarm]",
                    404 | 410 => "correct `webhook` in [alarm]",
                    _ => "look into the log of the webhook's server",
                },
            )),
        }
    }

    async fn exchange(&self, notice: &Notice) -> Result<u16, Explained> {
        let Address { host, port, tls, .. } = &self.address;
        let request = self.request(notice).await?;
        let peer = self.peer();
        let found = lookup_host((host.as_str(), *port)).await;
        let found: Vec<_> = found.into_iter().flatten().collect();
        if found.is_empty() {
            return Err(explain::no_such_name(&peer));
        }
        let failed = |error: std::io::Error| explain::cannot_connect(&peer, &error);
        let tcp = TcpStream::connect(found.as_slice()).await.map_err(failed)?;
        if *tls {
            let name = ServerName::try_from(host.clone()).map_err(|_| explain::no_such_name(&peer))?;
            let secured = TlsConnector::from(self.tls.clone()).connect(name, tcp).await;
            return talk(secured.map_err(failed)?, &request).await.map_err(failed)?;
        }
        // `localhost` is a name, and a name can be made to mean anything.
        if !tcp.peer_addr().map_err(failed)?.ip().is_loopback() {
            return Err(Explained::new(
                "the webhook is not on this machine, and the address is not https",
                "write `https://` in `webhook` in [alarm]",
            ));
        }
        talk(tcp, &request).await.map_err(failed)?
    }

    fn peer(&self) -> Peer {
        Peer {
            who: "the webhook",
            host: self.address.host.clone(),
            port: self.address.port,
            host_setting: "the host of `webhook` in [alarm]",
            roots_setting: "`webhook_ca_file` in [alarm]",
            without_identity: "name a webhook that takes a token instead (`webhook_token_file` in [alarm])",
            without_tls: "write the port at which it speaks HTTPS in `webhook` in [alarm]",
        }
    }

    async fn request(&self, notice: &Notice) -> Result<Zeroizing<Vec<u8>>, Explained> {
        let body = serde_json::to_string(notice).map_err(|_| {
            Explained::new(
                "the notice cannot be written",
                "this is a fault of the program: report it",
            )
        })?;
        let version = env!("CARGO_PKG_VERSION");
        let mut head = Zeroizing::new(format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: konvolutt/{version}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n",
            self.address.path,
            self.address.authority(),
            body.len()
        ));
        if let Some(file) = &self.token {
            // Read for each request, so that it can be changed without a restart.
            let token = token_in(file, tokio::fs::read_to_string(file).await)?;
            *head = format!("{}Authorization: Bearer {}\r\n", *head, *token);
        }
        Ok(Zeroizing::new(format!("{}\r\n{body}", *head).into_bytes()))
    }

    /// Whether there is a token where one is needed: for a check.
    ///
    /// # Errors
    /// What is wrong with it.
    #[expect(clippy::disallowed_methods, reason = "before the runtime starts")]
    pub fn check_token(&self) -> Result<(), Explained> {
        let Some(file) = &self.token else {
            return Ok(());
        };
        token_in(file, std::fs::read_to_string(file)).map(|_| ())
    }
}

fn token_in(file: &Path, read: std::io::Result<String>) -> Result<Zeroizing<String>, Explained> {
    let text = read.map(Zeroizing::new);
    let text = text.map_err(|error| explain::cannot_read(file, &error))?;
    let token = text.trim();
    if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Zeroizing::new(token.to_owned()))
    } else {
        Err(Explained::new(
            format!("{} must hold one token and nothing else", file.display()),
            "write the token into it, in one line",
        ))
    }
}

/// Sends the request and reads the status of the answer. For one request and one number no HTTP client is needed.
async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &[u8],
) -> std::io::Result<Result<u16, Explained>> {
    stream.write_all(request).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    // `HTTP/1.1 204`, and an answer that never ends is not read to its end.
    while answer.len() < 12 {
        let mut some = [0; 12];
        let read = stream.read(&mut some).await?;
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&some[..read]);
    }
    let text = std::str::from_utf8(&answer).unwrap_or_default();
    let status = text
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(2..5)?.parse().ok());
    Ok(status.ok_or_else(|| {
        let helps = "see that `webhook` in [alarm] leads to a web server, by the right scheme and port";
        Explained::new("what the webhook answers is no HTTP", helps)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        let good = [
            "https://hooks.example/a?b=c",
            "http://127.0.0.1:9/x",
            "http://[::1]/",
            "http://localhost:8080",
        ];
        for text in good {
            assert!(Address::parse(text).is_ok(), "{text}");
        }
        let bad = [
            "http://hooks.example/",
            "http://10.0.0.1/",
            "http://127.0.0.1.example/",
            "https://user:secret@hooks.example/",
            "ftp://hooks.example/",
            "hooks.example",
            "https://",
            "https://hooks.example/a b",
            "https://hooks.example/\r\nX: y",
        ];
        for text in bad {
            assert!(Address::parse(text).is_err(), "{text}");
        }
        let address = Address::parse("https://hooks.example/a?b=c").unwrap();
        assert_eq!(address.to_string(), "https://hooks.example:443/a?b=c");
    }
}
