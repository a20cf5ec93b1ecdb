//! A server over TLS that says what a test wants, and remembers what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::super::office::Office;
use super::certificate::Certificate;

/// What the server does at a command, in the place of what it would do: says this, with `TAG` for the command's tag; with
/// nothing in it, it hangs up. `GREETING` and `IDLING` are asked for as if they were commands.
pub type Instead = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

pub struct Script {
    /// What it says that it can do.
    pub can: &'static str,
    pub mails: Mutex<Vec<Vec<u8>>>,
    pub instead: Instead,
    pub heard: Mutex<Vec<String>>,
}

type Tls = BufReader<StreamOwned<ServerConnection, TcpStream>>;

/// A server named localhost. The authority of its certificate is that of the office.
pub fn config(office: &Office) -> Arc<ServerConfig> {
    let certificate = Certificate::of("localhost", 2099);
    office.desk.put("ca.pem", &certificate.authority);
    let chain = vec![CertificateDer::from_pem_slice(certificate.chain.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Arc::new(config)
}

impl Script {
    /// Serves until the test ends; its address. The authority of its certificate is that of the office.
    pub fn serve(self: &Arc<Self>, office: &Office) -> String {
        let config = config(office);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("imaps://post@localhost:{}/INBOX", listener.local_addr().unwrap().port());
        let own = Arc::clone(self);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (own, config) = (Arc::clone(&own), Arc::clone(&config));
                std::thread::spawn(move || {
                    let tls = ServerConnection::new(config).unwrap();
                    own.talk(&mut BufReader::new(StreamOwned::new(tls, stream.unwrap())))
                });
            }
        });
        address
    }

    pub fn new(can: &'static str, mails: Vec<Vec<u8>>, instead: Instead) -> Arc<Self> {
        Arc::new(Self {
            can,
            mails: Mutex::new(mails),
            instead,
            heard: Mutex::default(),
        })
    }

    /// `None` ends the connection.
    fn talk(&self, stream: &mut Tls) -> Option<()> {
        if let Some(greeting) = (self.instead)("GREETING") {
            say(stream, &greeting)?;
        }
        say(stream, "* OK at your service\r\n")?;
        loop {
            let line = hear(stream)?;
            let (tag, command) = line.split_once(' ')?;
            self.heard.lock().unwrap().push(command.to_owned());
            if let Some(said) = (self.instead)(command) {
                say(stream, &said.replace("TAG", tag))?;
                if said.is_empty() {
                    return None;
                }
                continue;
            }
            if command == "IDLE" {
                let more = (self.instead)("IDLING").unwrap_or_default();
                say(stream, &format!("+ idling\r\n{more}"))?;
                assert_eq!(hear(stream)?, "DONE");
            }
            if let Some(said) = command.strip_prefix("AUTHENTICATE PLAIN ") {
                assert_eq!(BASE64.decode(said).unwrap(), b"\0post\0hemmelig");
            }
            say(stream, &self.answer(command))?;
            say(stream, &format!("{tag} OK done\r\n"))?;
        }
    }

    fn answer(&self, command: &str) -> String {
        let mails = self.mails.lock().unwrap();
        if command == "CAPABILITY" {
            return format!("* CAPABILITY IMAP4rev1 {}\r\n", self.can);
        }
        if command.starts_with("EXAMINE") || command.starts_with("SELECT") {
            let count = mails.len();
            return format!("* {count} EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [PERMANENTFLAGS (\\*)] all\r\n");
        }
        if command == "UID SEARCH ALL" {
            let uids: Vec<String> = (1..=mails.len()).map(|uid| uid.to_string()).collect();
            return format!("* SEARCH {}\r\n", uids.join(" "));
        }
        let mut said = String::new();
        for (uid, mail) in (1..).zip(&*mails) {
            let mail = String::from_utf8_lossy(mail);
            let length = mail.len();
            let wanted = command.strip_prefix("UID FETCH ").is_some_and(|rest| holds(rest, uid));
            if wanted && command.contains("RFC822.SIZE") {
                said += &format!("* {uid} FETCH (UID {uid} RFC822.SIZE {length})\r\n");
            } else if wanted && command.contains("BODY.PEEK[])") {
                said += &format!("* {uid} FETCH (UID {uid} BODY[] {{{length}}}\r\n{mail})\r\n");
            } else if let Some(most) = command.split("BODY.PEEK[]<0.").nth(1).filter(|_| wanted) {
                let mail = &mail[..length.min(most.trim_end_matches(">)").parse().unwrap())];
                let length = mail.len();
                said += &format!("* {uid} FETCH (UID {uid} BODY[]<0> {{{length}}}\r\n{mail})\r\n");
            }
        }
        said
    }
}

/// Whether a set at the beginning of this holds a number.
fn holds(rest: &str, uid: u32) -> bool {
    let set = rest.split(' ').next().unwrap();
    set.split(',').any(|part| {
        let (from, to) = part.split_once(':').unwrap_or((part, part));
        (from.parse().unwrap()..=to.parse().unwrap_or(u32::MAX)).contains(&uid)
    })
}

fn say(stream: &mut Tls, said: &str) -> Option<()> {
    stream.get_mut().write_all(said.as_bytes()).ok()?;
    stream.get_mut().flush().ok()
}

fn hear(stream: &mut Tls) -> Option<String> {
    let mut line = String::new();
    stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
    Some(line.trim_end().to_owned())
}
