//! A web server for certificates: says over TLS what a test put there, and how.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::sink::identity;

/// What is answered.
#[derive(Clone)]
pub enum Reply {
    /// All of it.
    File(Vec<u8>),
    /// These bytes, head and all, and then the end of the connection without a word.
    Raw(Vec<u8>),
    /// Nothing, for so long.
    Silence(Duration),
}

type Replies = Arc<Mutex<BTreeMap<String, Reply>>>;

pub struct Shelf {
    pub address: SocketAddr,
    replies: Replies,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Shelf {
    /// Starts it; its root certificate goes to `shelf-ca.pem` below `root`.
    pub fn start(root: &Path) -> Self {
        let (certificate, config) = identity("localhost");
        std::fs::write(root.join("shelf-ca.pem"), certificate).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (replies, asked) = (Replies::default(), Arc::new(Mutex::new(Vec::new())));
        let (config, own, own_asked) = (Arc::new(config), replies.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, own, asked) = (config.clone(), own.clone(), own_asked.clone());
                // A client that goes away in the middle is its own affair.
                std::thread::spawn(move || answer(stream, &config, &own, &asked).ok());
            }
        });
        Self {
            address,
            replies,
            asked,
        }
    }

    /// Says this wherever the path begins so; what is nowhere is 404.
    pub fn put(&self, path: &str, reply: Reply) {
        self.replies.lock().unwrap().insert(path.to_owned(), reply);
    }

    pub fn clear(&self) {
        self.replies.lock().unwrap().clear();
    }

    /// The paths that were asked for.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }
}

fn answer(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    replies: &Replies,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let connection = ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut head = String::new();
    while stream.read_line(&mut head)? > 2 {}
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(path.clone());
    let found = {
        let replies = replies.lock().unwrap();
        replies
            .iter()
            .find(|(start, _)| path.starts_with(*start))
            .map(|(_, reply)| reply.clone())
    };
    let stream = stream.get_mut();
    match found {
        None => stream.write_all(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n")?,
        Some(Reply::File(bytes)) => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len())?;
            stream.write_all(&bytes)?;
        }
        Some(Reply::Raw(bytes)) => {
            stream.write_all(&bytes)?;
            return stream.flush();
        }
        Some(Reply::Silence(time)) => std::thread::sleep(time),
    }
    stream.conn.send_close_notify();
    stream.flush()
}
