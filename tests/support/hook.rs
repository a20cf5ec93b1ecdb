//! Somebody who is told of alarms: a command that writes down what it gets, and a webhook behind TLS.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use super::sink::identity;

pub const TOKEN: &str = "s3cret-token";

pub struct Hook {
    root: PathBuf,
    pub address: SocketAddr,
    posted: Arc<Mutex<Vec<(String, String)>>>,
    /// Status of the next answers.
    refuse: Arc<Mutex<Vec<u16>>>,
}

impl Hook {
    /// Starts the webhook, and puts the command and everything it needs below `root`.
    pub fn start(root: &Path) -> Self {
        let (certificate, config) = identity("localhost");
        std::fs::write(root.join("hook-ca.pem"), certificate).unwrap();
        std::fs::write(root.join("hook-token"), format!("{TOKEN}\n")).unwrap();
        let script = "#!/bin/sh\n(cat; echo) >> \"$(dirname \"$0\")/told.jsonl\"\n";
        let command = root.join("tell");
        std::fs::write(&command, script).unwrap();
        std::fs::set_permissions(command, std::fs::Permissions::from_mode(0o700)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let hook = Self {
            root: root.to_owned(),
            address: listener.local_addr().unwrap(),
            posted: Arc::default(),
            refuse: Arc::default(),
        };
        let (posted, refuse, config) = (hook.posted.clone(), hook.refuse.clone(), Arc::new(config));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away in the middle is tried again.
                let _ = answer(stream, &config, &posted, &refuse);
            }
        });
        hook
    }

    /// The section of the configuration that leads here.
    pub fn section(&self) -> String {
        format!(
            "[alarm]\ncommand = [\"tell\"]\nwebhook = \"https://localhost:{}/alarms\"\n\
             webhook_token_file = \"hook-token\"\nwebhook_ca_file = \"hook-ca.pem\"\ncalm = \"1s\"\n",
            self.address.port()
        )
    }

    /// The next request is answered so.
    pub fn refuse_next(&self, status: u16) {
        self.refuse.lock().unwrap().push(status);
    }

    /// What came by the command.
    pub fn by_command(&self) -> Vec<Value> {
        let told = std::fs::read_to_string(self.root.join("told.jsonl")).unwrap_or_default();
        told.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// What came by the webhook and was taken.
    pub fn by_webhook(&self) -> Vec<Value> {
        let posted = self.posted.lock().unwrap();
        posted
            .iter()
            .map(|(_, body)| serde_json::from_str(body).unwrap())
            .collect()
    }

    /// Heads of all requests that were taken.
    pub fn heads(&self) -> Vec<String> {
        self.posted
            .lock()
            .unwrap()
            .iter()
            .map(|(head, _)| head.clone())
            .collect()
    }

    /// How often this was told, by both ways.
    pub fn count(&self, event: &str, alarm: &str) -> (usize, usize) {
        let is = |notice: &&Value| notice["event"] == event && notice["alarm"] == alarm;
        let (command, webhook) = (self.by_command(), self.by_webhook());
        (command.iter().filter(is).count(), webhook.iter().filter(is).count())
    }
}

fn answer(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    posted: &Mutex<Vec<(String, String)>>,
    refuse: &Mutex<Vec<u16>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let connection = ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let before = head.len();
        if stream.read_line(&mut head)? <= 2 {
            break;
        }
        if let Some(value) = head[before..].to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = String::new();
    stream.by_ref().take(length).read_to_string(&mut body)?;
    let mut refuse = refuse.lock().unwrap();
    let status = if refuse.is_empty() { 204 } else { refuse.remove(0) };
    if status == 204 {
        posted.lock().unwrap().push((head, body));
    }
    let reply = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.get_mut().write_all(reply.as_bytes())?;
    stream.get_mut().flush()
}
