//! A mail server inside the test: a real SMTP conversation over real TLS.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// When TLS begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SinkTls {
    Implicit,
    Starttls,
    /// Never offered.
    Missing,
    /// STARTTLS with words put in advance, as a man in the middle would.
    Injected,
}

/// One mail as a server got it.
#[derive(Clone)]
pub struct Delivery {
    pub from: String,
    pub to: String,
    pub login: Option<String>,
    pub encrypted: bool,
    /// With dot-stuffing undone.
    pub mail: Vec<u8>,
}

#[derive(Default)]
struct Seen {
    mails: Vec<Delivery>,
    /// Every line that came in plaintext.
    plain: Vec<String>,
    /// Every MAIL, RCPT and DATA.
    commands: Vec<String>,
}

/// A mail server on a port of its own.
pub struct Sink {
    /// Nobody is there: connections end at once.
    pub away: Arc<AtomicBool>,
    /// Of each mail only the head is kept: for many.
    pub keeps_heads_only: Arc<AtomicBool>,
    pub address: SocketAddr,
    pub ca_file: PathBuf,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    /// Verb and reply, for the next letters, instead of yes.
    refuse: Arc<Mutex<Vec<(&'static str, &'static str)>>>,
    /// Locked, RCPT and the final dot get no reply.
    pub gate: Arc<Mutex<()>>,
}

impl Sink {
    /// Starts a server whose certificate bears `name`; its root is written into `dir`.
    pub fn start(dir: &Path, tls: SinkTls, name: &str) -> Self {
        let (certificate, config) = identity(name);
        let ca_file = dir.join("mail-ca.pem");
        std::fs::write(&ca_file, certificate).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = Self {
            away: Arc::default(),
            keeps_heads_only: Arc::default(),
            address: listener.local_addr().unwrap(),
            ca_file,
            seen: Arc::default(),
            refuse: Arc::default(),
            gate: Arc::default(),
        };
        let (seen, refuse, config) = (sink.seen.clone(), sink.refuse.clone(), Arc::new(config));
        let gate = sink.gate.clone();
        let (away, heads_only) = (sink.away.clone(), sink.keeps_heads_only.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if away.load(Ordering::SeqCst) {
                    continue;
                }
                let heads_only = heads_only.clone();
                let (seen, refuse, config) = (seen.clone(), refuse.clone(), config.clone());
                let gate = gate.clone();
                std::thread::spawn(move || {
                    let session = Session {
                        seen: &seen,
                        refuse: &refuse,
                        gate: &gate,
                        heads_only: &heads_only,
                        encrypted: false,
                        login: None,
                    };
                    // A client that goes away in the middle is part of some tests.
                    let _ = session.talk(stream, tls, config);
                });
            }
        });
        sink
    }

    /// The next letter is answered with this reply to `verb` (MAIL, RCPT, or DOT for the closing dot: then the mail is not kept).
    pub fn refuse_next(&self, verb: &'static str, reply: &'static str) {
        self.refuse.lock().unwrap().push((verb, reply));
    }

    /// Waits until at least `count` mails have come.
    pub fn wait_for(&self, count: usize) -> Vec<Delivery> {
        let end = Instant::now() + Duration::from_secs(60);
        let mut seen = self.seen.0.lock().unwrap();
        while seen.mails.len() < count {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} of {count} mails came", seen.mails.len());
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
        seen.mails.clone()
    }

    pub fn count(&self) -> usize {
        self.seen.0.lock().unwrap().mails.len()
    }

    pub fn mails(&self) -> Vec<Delivery> {
        // Also asked while a test that waited in vain ends: a second panic there would end all the others.
        let seen = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.mails.clone()
    }

    /// References of the mails that came.
    pub fn references(&self) -> Vec<String> {
        let reference = |delivery: Delivery| {
            let text = String::from_utf8_lossy(&delivery.mail).into_owned();
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("X-Konvolutt-Reference: "));
            line.unwrap().to_owned()
        };
        self.mails().into_iter().map(reference).collect()
    }

    /// Every line that came before TLS.
    pub fn plain_lines(&self) -> Vec<String> {
        self.seen.0.lock().unwrap().plain.clone()
    }

    /// Every MAIL, RCPT and DATA, also of letters that were refused or cut off.
    pub fn commands(&self) -> Vec<String> {
        self.seen.0.lock().unwrap().commands.clone()
    }

    /// The `[mail.smtp]` section that leads here.
    pub fn section(&self, security: &str, host: &str) -> String {
        format!(
            "[mail.smtp]\nhost = \"{host}\"\nport = {}\nsecurity = \"{security}\"\nca_file = \"{}\"\n",
            self.address.port(),
            self.ca_file.display()
        )
    }
}

/// A certificate that bears `name`, as PEM, and what a server needs to use it.
pub(super) fn identity(name: &str) -> (String, ServerConfig) {
    let key = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], secret)
        .unwrap();
    (key.cert.pem(), config)
}

struct Session<'a> {
    seen: &'a (Mutex<Seen>, Condvar),
    refuse: &'a Mutex<Vec<(&'static str, &'static str)>>,
    gate: &'a Mutex<()>,
    heads_only: &'a AtomicBool,
    encrypted: bool,
    login: Option<String>,
}

impl Session<'_> {
    fn talk(mut self, stream: TcpStream, tls: SinkTls, config: Arc<ServerConfig>) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let secure = |stream| {
            let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
            std::io::Result::Ok(StreamOwned::new(connection, stream))
        };
        if tls == SinkTls::Implicit {
            self.encrypted = true;
            return self.commands(secure(stream)?, tls, true).map(|_| ());
        }
        let upgraded = self.commands(stream.try_clone()?, tls, true)?;
        if upgraded {
            self.encrypted = true;
            self.commands(secure(stream)?, tls, false)?;
        }
        Ok(())
    }

    /// Speaks until QUIT or, with `true`, until TLS is to begin.
    fn commands(&mut self, stream: impl Read + Write, tls: SinkTls, greet: bool) -> std::io::Result<bool> {
        let mut stream = BufReader::new(stream);
        if greet {
            stream.get_mut().write_all(b"220 sink.example ESMTP\r\n")?;
        }
        let (mut from, mut to) = (String::new(), String::new());
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line)? == 0 {
                return Ok(false);
            }
            if !self.encrypted {
                self.seen.0.lock().unwrap().plain.push(line.clone());
            }
            let word = line.trim_end();
            let verb = word.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            if ["MAIL", "RCPT", "DATA"].contains(&verb.as_str()) {
                self.seen.0.lock().unwrap().commands.push(word.to_owned());
            }
            let reply = match verb.as_str() {
                "EHLO" if self.encrypted => "250-sink.example\r\n250 AUTH PLAIN\r\n".into(),
                "EHLO" if tls == SinkTls::Missing => "250 sink.example\r\n".into(),
                "EHLO" => "250-sink.example\r\n250 STARTTLS\r\n".into(),
                "STARTTLS" => {
                    let injected = match tls {
                        SinkTls::Injected => "250 injected\r\n250 injected\r\n",
                        _ => "",
                    };
                    stream.get_mut().write_all(format!("220 go\r\n{injected}").as_bytes())?;
                    return Ok(true);
                }
                "AUTH" => {
                    self.login = Some(word.rsplit(' ').next().unwrap_or_default().to_owned());
                    "235 ok\r\n".into()
                }
                "MAIL" => {
                    from = word.to_owned();
                    self.reply_to("MAIL")
                }
                "RCPT" => {
                    to = word.to_owned();
                    drop(self.gate.lock());
                    self.reply_to("RCPT")
                }
                "DATA" => {
                    stream.get_mut().write_all(b"354 go\r\n")?;
                    let mail = read_data(&mut stream)?;
                    let reply = self.reply_to("DOT");
                    if reply.starts_with("250") {
                        self.keep(Delivery {
                            from: from.clone(),
                            to: to.clone(),
                            login: self.login.clone(),
                            encrypted: self.encrypted,
                            mail,
                        });
                    }
                    drop(self.gate.lock());
                    reply
                }
                "QUIT" => {
                    stream.get_mut().write_all(b"221 bye\r\n")?;
                    return Ok(false);
                }
                _ => String::from("250 ok\r\n"),
            };
            stream.get_mut().write_all(reply.as_bytes())?;
            stream.get_mut().flush()?;
        }
    }

    fn reply_to(&self, verb: &str) -> String {
        let mut refuse = self.refuse.lock().unwrap();
        match refuse.iter().position(|(at, _)| *at == verb) {
            Some(place) => format!("{}\r\n", refuse.remove(place).1),
            None => "250 ok\r\n".into(),
        }
    }

    fn keep(&self, mut delivery: Delivery) {
        if self.heads_only.load(Ordering::SeqCst) {
            let head = delivery
                .mail
                .windows(4)
                .position(|end| end == b"\r\n\r\n")
                .unwrap_or_default();
            delivery.mail = delivery.mail[..head].to_vec();
        }
        self.seen.0.lock().unwrap().mails.push(delivery);
        self.seen.1.notify_all();
    }
}

fn read_data(stream: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut mail = Vec::new();
    loop {
        let start = mail.len();
        if stream.read_until(b'\n', &mut mail)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if &mail[start..] == b".\r\n" {
            mail.truncate(start);
            return Ok(mail);
        }
        if mail[start..].starts_with(b"..") {
            mail.remove(start);
        }
    }
}
