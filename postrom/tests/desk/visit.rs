//! A desk that runs, and whoever comes to its door: over raw TCP, so that anything can be said.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::program::desk::Desk;
use crate::program::process::Running;

/// `postrom desk` with its address.
pub struct Visit {
    pub running: Running,
    pub address: SocketAddr,
    /// The one-time address that was printed, without the slash before it.
    pub invitation: String,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(known, value)| known.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// `postrom desk` with a desk's key, certificate and mailbox, and no browser.
pub fn command(desk: &Desk, words: &[&str]) -> Command {
    let all = [
        "--mail",
        "mail",
        "--key",
        "key.asc",
        "--relay",
        "relay.asc",
        "--out",
        "out",
    ];
    let mut command = bare(desk, &all);
    command.args(words);
    command
}

/// `postrom desk` with these words only, at home.
pub fn bare(desk: &Desk, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
    desk.at_home(&mut command);
    command.arg("desk").args(["--no-browser", "--lang", "en"]).args(words);
    command
}

impl Visit {
    pub fn of(desk: &Desk) -> Self {
        Self::start(command(desk, &[]))
    }

    pub fn start(command: Command) -> Self {
        let running = Running::start(command);
        running.until("its address", || running.out().ends_with('\n'));
        let out = running.out();
        let line = out.trim_end().strip_prefix("ready http://").unwrap();
        let (address, invitation) = line.split_once('/').unwrap();
        Self {
            address: address.parse().unwrap(),
            invitation: invitation.to_owned(),
            running,
        }
    }

    /// `Host: …` as it has to be.
    pub fn host(&self) -> String {
        format!("Host: {}\r\n", self.address)
    }

    pub fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    /// Says something and hears everything that is answered.
    pub fn say(&self, words: impl AsRef<[u8]>) -> Answer {
        say(self.address, words)
    }

    /// A request with the right `Host` and these headers.
    pub fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let host = self.host();
        self.say(format!(
            "{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n"
        ))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    /// A form, as a page of the desk's own sends it.
    pub fn post(&self, path: &str, form: &str) -> Answer {
        let (host, address) = (self.host(), self.address);
        self.say(format!(
            "POST {path} HTTP/1.1\r\n{host}Origin: http://{address}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ))
    }

    /// Goes in by the address that was printed; the way to the desk, with a slash on both sides.
    pub fn enter(&self) -> String {
        let answer = self.get(&format!("/{}", self.invitation));
        assert_eq!(answer.status, 303, "{}", answer.head);
        answer.header("location").unwrap().to_owned()
    }

    /// What the desk says of itself.
    pub fn live(&self, home: &str) -> Value {
        serde_json::from_str(&self.get(&format!("{home}live")).body).unwrap()
    }

    /// Waits until each of these is on the first page.
    pub fn shows(&self, home: &str, references: &[String]) {
        self.running.until("the letters", || {
            let page = self.get(home).body;
            references.iter().all(|reference| page.contains(reference))
        });
    }

    /// Unlocked, with a key that has no passphrase.
    pub fn unlock(&self, home: &str) {
        assert_eq!(self.post(&format!("{home}unlock"), "").status, 303);
        assert_eq!(self.live(home)["locked"], false);
    }
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

pub fn say(address: SocketAddr, words: impl AsRef<[u8]>) -> Answer {
    let mut stream = connect(address);
    // Who is refused may be cut off while still talking.
    let _ = stream.write_all(words.as_ref());
    hear(&mut stream)
}

/// Everything up to the end.
pub fn hear(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or(0),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
