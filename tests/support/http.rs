//! What a browser sends, byte by byte.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType};

const BOUNDARY: &str = "----WebKitFormBoundaryTest";

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// From all that a server said.
    pub fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        Self {
            status: status.unwrap_or_else(|| panic!("no answer, but {text:?}")),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// The value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn location(&self) -> &str {
        self.header("location")
            .unwrap_or_else(|| panic!("no Location in {}", self.head))
    }
}

/// Where the visitors of the tests come from, and what they say they are: no log of any server may hold either.
pub const VISITOR: Ipv4Addr = Ipv4Addr::new(127, 7, 7, 77);
pub const AGENT: &str = "Agentus/7.7";

/// A visitor's connection.
pub fn connect(address: SocketAddr) -> TcpStream {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    if address.ip().is_loopback() {
        rustix::net::bind(&socket, &SocketAddr::from((VISITOR, 0))).unwrap();
    }
    rustix::net::connect(&socket, &address).unwrap();
    TcpStream::from(socket)
}

/// Sends bytes and reads the answer to its end.
pub fn exchange(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = connect(address);
    stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    // A server that refuses may close before it has read everything; the answer counts.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    Answer::read(&bytes)
}

/// A page about to be sent.
#[derive(Clone)]
pub struct Form {
    pub address: SocketAddr,
    pub path: String,
    pub headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Form {
    pub fn new(address: SocketAddr, path: &str) -> Self {
        let origin = format!("http://{address}");
        Self {
            address,
            path: path.to_owned(),
            headers: vec![
                (
                    "Content-Type".into(),
                    format!("multipart/form-data; boundary={BOUNDARY}"),
                ),
                ("Origin".into(), origin),
                ("Sec-Fetch-Site".into(), "same-origin".into()),
                ("User-Agent".into(), AGENT.into()),
            ],
            body: Vec::new(),
        }
    }

    pub fn text(mut self, name: &str, value: &str) -> Self {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        self.body.extend_from_slice(part.as_bytes());
        self
    }

    /// A part with this head, whatever it says.
    pub fn part(mut self, head: &[u8], value: &[u8]) -> Self {
        let begin = format!("--{BOUNDARY}\r\n").into_bytes();
        self.body
            .extend_from_slice(&[&begin, head, b"\r\n\r\n", value, b"\r\n"].concat());
        self
    }

    /// What no part is.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.body
            .extend_from_slice(&[b"--", BOUNDARY.as_bytes(), b"\r\n", bytes, b"\r\n"].concat());
        self
    }

    pub fn file(mut self, field: &str, name: &str, content: &[u8]) -> Self {
        // As browsers write names: quotes and line ends are percent-encoded.
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: text/html\r\n\r\n"
        );
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(content);
        self.body.extend_from_slice(b"\r\n");
        self
    }

    /// Replaces a header field.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// The request as bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let end = format!("--{BOUNDARY}--\r\n");
        let length = self.body.len() + end.len();
        let mut head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\n",
            self.path, self.address
        );
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        [head.as_bytes(), b"\r\n", &self.body, end.as_bytes()].concat()
    }

    pub fn send(&self) -> Answer {
        exchange(self.address, &self.bytes())
    }

    /// The status of the answer, if the server lives to give one.
    pub fn try_send(&self) -> Option<u16> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(40))).ok()?;
        stream.write_all(&self.bytes()).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.split(' ').nth(1)?.parse().ok()
    }

    /// The same page, sent to a server that was started again.
    pub fn at(&self, address: SocketAddr) -> Self {
        let mut again = self.clone().header("Origin", &format!("http://{address}"));
        again.address = address;
        again
    }
}
