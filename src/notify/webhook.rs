//! The webhook: one HTTPS request with the notice as JSON. Only the answer's status counts.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::Notice;
use crate::explain::{self, Explained, Peer};
use crate::https::{self, Address};

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
        let request = self.request(notice).await?;
        https::status(&self.address, &self.peer(), &self.tls, &request).await
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
            self.address.path(),
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
