//! A mail server that does what a script says, in the same runtime as the relay: so that with a paused clock nine
//! minutes pass at once, and no time-out fires while the other side is only busy.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;

/// Where in the conversation something happens. The first three are in plaintext, but for [`At::Greeting`] when TLS
/// comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Greeting,
    Hello,
    Starttls,
    Handshake,
    SecureHello,
    Auth,
    /// Any other line, such as what a login asks for.
    More,
    /// A line with nothing in it, which answers a refused token.
    Empty,
    Mail,
    Rcpt,
    Data,
    /// After the letter's first lines.
    Body,
    /// After the closing dot.
    Dot,
}

/// What happens there instead of the usual.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    Say(&'static str),
    SayBytes(&'static [u8]),
    /// Says this, or nothing, and closes.
    Close(&'static str),
    /// Says yes after so long.
    Late(Duration),
    /// Says this until nobody listens any more.
    Flood(&'static str),
    /// Shows another certificate.
    Show(Identity),
}

impl Act {
    const USUAL: Act = Act::Late(Duration::ZERO);
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    Good,
    Expired,
    WrongName,
    /// Right in everything, but nobody vouches for it.
    Untrusted,
    /// One that may sign others, and so is no server's.
    Authority,
    NotYet,
    /// Of an authority that has the name of a trusted one.
    OtherKey,
    /// The good one, of a server that lets in only who shows the script's client certificate.
    AsksBack,
}

/// What the server saw.
#[derive(Default)]
pub struct Seen {
    /// Every byte that came in plaintext.
    pub plain: Vec<u8>,
    /// Every command that came over TLS.
    pub commands: Vec<String>,
    /// Lines of letters, whether the letter ended or not.
    pub letter_lines: usize,
    /// Whole letters, each time with the moment of its closing dot.
    pub mails: Vec<(Instant, Vec<u8>)>,
    /// When a letter was announced.
    pub attempts: Vec<Instant>,
    pub connections: usize,
    pub flooded: usize,
}

#[derive(Clone)]
pub struct Script {
    pub port: u16,
    pub tls_first: bool,
    /// Root certificate, PEM.
    pub root: String,
    pub seen: Arc<Mutex<Seen>>,
    /// Each happens once, then the server is well again.
    acts: Arc<Mutex<Vec<(At, Act)>>>,
    /// Happens every time, for as long as it stands.
    always: Arc<Mutex<Option<(At, Act)>>>,
    /// What RCPT gets that names this address.
    refused: Arc<Mutex<Option<(&'static str, &'static str)>>>,
    /// So many may be logged in at once; what the next one gets.
    limit: Arc<Mutex<Option<(usize, Act)>>>,
    /// Held by each session that is logged in.
    #[expect(clippy::redundant_allocation, reason = "only the inner one counts sessions")]
    logged_in: Arc<Arc<()>>,
    /// A certificate that the server knows, and its key (PEM).
    pub client: (String, String),
    identities: Arc<[Arc<ServerConfig>; 8]>,
}

impl Script {
    pub async fn start(tls_first: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let script = Self::new(listener.local_addr().unwrap().port(), tls_first);
        let server = script.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                server.seen.lock().unwrap().connections += 1;
                let session = server.clone();
                // A client that goes away in the middle is part of the play.
                tokio::spawn(async move { drop(session.talk(stream).await) });
            }
        });
        script
    }

    /// The same at a Unix socket, with neither TLS nor a login: LMTP.
    pub async fn at_socket(path: &Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let script = Self::new(0, true);
        let server = script.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let session = server.clone();
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    if session.answer(At::Greeting, &mut stream, "220 script LMTP").await? {
                        session.secure(stream).await?;
                    }
                    std::io::Result::Ok(())
                });
            }
        });
        script
    }

    fn new(port: u16, tls_first: bool) -> Self {
        let Identities { root, client, all } = identities();
        Self {
            port,
            tls_first,
            root,
            seen: Arc::default(),
            acts: Arc::default(),
            always: Arc::default(),
            refused: Arc::default(),
            limit: Arc::default(),
            logged_in: Arc::default(),
            client,
            identities: Arc::new(all),
        }
    }

    pub fn once(&self, at: At, act: Act) {
        self.acts.lock().unwrap().push((at, act));
    }

    pub fn always(&self, play: Option<(At, Act)>) {
        *self.always.lock().unwrap() = play;
    }

    /// Refuses an address, for as long as it stands.
    pub fn refuse_mailbox(&self, refused: Option<(&'static str, &'static str)>) {
        *self.refused.lock().unwrap() = refused;
    }

    /// No more than so many are logged in at once, from now on; the next one gets this.
    pub fn limit(&self, sessions: usize, no: Act) {
        *self.limit.lock().unwrap() = Some((sessions, no));
    }

    /// One session more, or what is said instead.
    fn log_in(&self) -> Result<Arc<()>, Act> {
        let limit = *self.limit.lock().unwrap();
        let all = Arc::strong_count(&*self.logged_in) - 1;
        match limit {
            Some((sessions, no)) if all >= sessions => Err(no),
            _ => Ok(Arc::clone(&*self.logged_in)),
        }
    }

    fn refusal(&self, at: At, line: &str) -> Option<Act> {
        let refused = *self.refused.lock().unwrap();
        let refused = refused.filter(|(address, _)| at == At::Rcpt && line.contains(address));
        refused.map(|(_, text)| Act::Say(text))
    }

    pub fn mails(&self) -> Vec<Vec<u8>> {
        let seen = self.seen.lock().unwrap();
        seen.mails.iter().map(|(_, mail)| mail.clone()).collect()
    }

    fn act(&self, here: At) -> Option<Act> {
        let standing = *self.always.lock().unwrap();
        if let Some((_, act)) = standing.filter(|(at, _)| *at == here) {
            return Some(act);
        }
        let mut acts = self.acts.lock().unwrap();
        let place = acts.iter().position(|(at, _)| *at == here)?;
        Some(acts.remove(place).1)
    }

    async fn talk(self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        if !self.tls_first && !self.plain(&mut stream).await? {
            return Ok(());
        }
        let identity = match self.act(At::Handshake) {
            Some(Act::Show(identity)) => identity,
            _ => Identity::Good,
        };
        let acceptor = TlsAcceptor::from(self.identities[identity as usize].clone());
        let mut stream = BufReader::new(acceptor.accept(stream).await?);
        if self.tls_first && !self.answer(At::Greeting, &mut stream, "220 script ESMTP").await? {
            return Ok(());
        }
        self.secure(stream).await
    }

    /// Until TLS is to begin.
    async fn plain(&self, stream: &mut TcpStream) -> std::io::Result<bool> {
        let mut stream = BufReader::new(stream);
        if !self.answer(At::Greeting, &mut stream, "220 script ESMTP").await? {
            return Ok(false);
        }
        for (at, yes) in [(At::Hello, "250-script\r\n250 STARTTLS"), (At::Starttls, "220 go")] {
            let mut line = Vec::new();
            stream.read_until(b'\n', &mut line).await?;
            self.seen.lock().unwrap().plain.extend(&line);
            if line.is_empty() || !self.answer(at, &mut stream, yes).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn secure(&self, mut stream: impl AsyncBufReadExt + AsyncWrite + Unpin) -> std::io::Result<()> {
        let mut _logged_in = None;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            self.seen.lock().unwrap().commands.push(line.trim_end().to_owned());
            let verb = line.split([' ', ':', '\r']).next().unwrap_or_default();
            let (at, yes) = match verb {
                "EHLO" | "LHLO" => (At::SecureHello, "250-script\r\n250 AUTH PLAIN"),
                "AUTH" => (At::Auth, "235 ok"),
                "" => (At::Empty, "535 no"),
                "MAIL" => (At::Mail, "250 ok"),
                "RCPT" => (At::Rcpt, "250 ok"),
                "DATA" => (At::Data, "354 go"),
                other if !["NOOP", "RSET", "QUIT"].contains(&other) => (At::More, "250 ok"),
                _ => {
                    stream.write_all(b"250 ok\r\n").await?;
                    stream.flush().await?;
                    continue;
                }
            };
            if at == At::Mail {
                self.seen.lock().unwrap().attempts.push(Instant::now());
            }
            let mut act = self.refusal(at, &line).or_else(|| self.act(at));
            if at == At::Auth && act.is_none() {
                match self.log_in() {
                    Ok(session) => _logged_in = Some(session),
                    Err(no) => act = Some(no),
                }
            }
            if !self.play(act.unwrap_or(Act::USUAL), &mut stream, yes).await? {
                return Ok(());
            }
            if at == At::Data && act.is_none() && !self.letter(&mut stream).await? {
                return Ok(());
            }
        }
    }

    async fn letter(&self, stream: &mut (impl AsyncBufReadExt + AsyncWrite + Unpin)) -> std::io::Result<bool> {
        let mut mail = Vec::new();
        loop {
            let start = mail.len();
            if stream.read_until(b'\n', &mut mail).await? == 0 {
                return Ok(false);
            }
            if &mail[start..] == b".\r\n" {
                mail.truncate(start);
                break;
            }
            if mail[start..].starts_with(b"..") {
                mail.remove(start);
            }
            let lines = {
                let mut seen = self.seen.lock().unwrap();
                seen.letter_lines += 1;
                seen.letter_lines
            };
            if lines == 3
                && let Some(act) = self.act(At::Body)
                && !self.play(act, stream, "").await?
            {
                return Ok(false);
            }
        }
        self.seen.lock().unwrap().mails.push((Instant::now(), mail));
        self.answer(At::Dot, stream, "250 taken").await
    }

    async fn answer(
        &self,
        at: At,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        yes: &str,
    ) -> std::io::Result<bool> {
        self.play(self.act(at).unwrap_or(Act::USUAL), stream, yes).await
    }

    /// `false` when the connection is at its end.
    async fn play(&self, act: Act, stream: &mut (impl AsyncWrite + Unpin), yes: &str) -> std::io::Result<bool> {
        match act {
            Act::Say(text) => stream.write_all(format!("{text}\r\n").as_bytes()).await?,
            Act::SayBytes(bytes) => stream.write_all(bytes).await?,
            Act::Late(time) => {
                if !time.is_zero() {
                    sleep(time).await;
                }
                stream.write_all(format!("{yes}\r\n").as_bytes()).await?;
            }
            Act::Flood(text) => loop {
                stream.write_all(text.as_bytes()).await?;
                stream.flush().await?;
                self.seen.lock().unwrap().flooded += text.len();
            },
            Act::Close(text) => {
                stream.write_all(text.as_bytes()).await?;
                stream.shutdown().await?;
                return Ok(false);
            }
            Act::Show(_) => unreachable!("a certificate is shown in the handshake"),
        }
        stream.flush().await?;
        Ok(true)
    }
}

fn client_verifier(known: Arc<RootCertStore>) -> Arc<dyn ClientCertVerifier> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(known, provider);
    verifier.build().unwrap()
}

struct Identities {
    root: String,
    client: (String, String),
    all: [Arc<ServerConfig>; 8],
}

/// One of each kind, and what the relay trusts: all but the untrusted one.
fn identities() -> Identities {
    let mut roots = String::new();
    let client = rcgen::generate_simple_self_signed(vec!["relay".to_owned()]).unwrap();
    let mut known = RootCertStore::empty();
    known.add(client.cert.der().clone()).unwrap();
    let known = Arc::new(known);
    let mut make = |name: &str, kind: Identity| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        match kind {
            Identity::Expired => {
                (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
            }
            Identity::NotYet => {
                (params.not_before, params.not_after) = (date_time_ymd(2090, 1, 1), date_time_ymd(2091, 1, 1));
            }
            Identity::Authority => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            Identity::Untrusted => params.distinguished_name.push(DnType::CommonName, "somebody else"),
            Identity::Good | Identity::WrongName | Identity::OtherKey | Identity::AsksBack => {}
        }
        let certificate = params.self_signed(&key).unwrap();
        if !matches!(kind, Identity::Untrusted | Identity::OtherKey) {
            roots += &certificate.pem();
        }
        let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = if kind == Identity::AsksBack {
            config.with_client_cert_verifier(client_verifier(known.clone()))
        } else {
            config.with_no_client_auth()
        };
        Arc::new(
            config
                .with_single_cert(vec![certificate.der().clone()], secret)
                .unwrap(),
        )
    };
    let all = [
        make("localhost", Identity::Good),
        make("localhost", Identity::Expired),
        make("somebody.else.example", Identity::WrongName),
        make("localhost", Identity::Untrusted),
        make("localhost", Identity::Authority),
        make("localhost", Identity::NotYet),
        make("localhost", Identity::OtherKey),
        make("localhost", Identity::AsksBack),
    ];
    Identities {
        root: roots,
        client: (client.cert.pem(), client.signing_key.serialize_pem()),
        all,
    }
}
