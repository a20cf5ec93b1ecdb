//! One connection to the database. It is driven by us, so that a warning which comes with a commit is seen: a wait for a
//! standby that was cancelled is reported as success, with one notice (`SyncRepWaitForLSN` in PostgreSQL's `syncrep.c`).

use std::fs::File;
use std::future::{Future, poll_fn};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Mutex;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::Severity;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;
use zeroize::Zeroizing;

use super::durability::{ASK, Durability};
use super::fault;
use super::settings::{Host, Login, Settings};
use super::tls;

/// An answer has this long. Waiting for a standby is part of it.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// A server has this long to be there.
const CONNECT: Duration = Duration::from_secs(5);
/// One that is there already has this long to say so.
const GLANCE: Duration = Duration::from_secs(2);
/// A transaction that nobody goes on with is ended by the server: it holds rows.
const IDLE: &str = "-c idle_in_transaction_session_timeout=60s";
/// A password is a line.
const LONGEST_PASSWORD: u64 = 4096;

/// One value of a statement.
pub(super) type Value<'a> = &'a (dyn ToSql + Sync);

/// An open connection.
pub(super) struct Line {
    client: Client,
    /// Notices that were worth a warning.
    warned: Arc<AtomicU64>,
    prepared: Mutex<Vec<(&'static str, Statement)>>,
    /// Where the server is on the net, it is told over TLS that nobody waits any more.
    tls: Option<MakeRustlsConnect>,
    /// An answer is outstanding, or did not come: the connection is not to be used again.
    broken: AtomicBool,
    /// An answer has this long.
    patience: Duration,
}

impl Line {
    /// Opens one to this server, as this user.
    pub(super) async fn open(settings: &Settings, host: &Host, login: &Login) -> io::Result<Self> {
        Self::open_for(settings, host, login, PATIENCE).await
    }

    /// The same, for statements that may take longer.
    pub(super) async fn open_for(
        settings: &Settings,
        host: &Host,
        login: &Login,
        patience: Duration,
    ) -> io::Result<Self> {
        let config = config(settings, host, login)?;
        let opened = async {
            match host {
                Host::Socket(..) => {
                    let (client, connection) = config.connect(NoTls).await.map_err(|error| fault::of(&error))?;
                    Ok(Self::driven(client, connection, None, patience))
                }
                Host::Net(..) => {
                    let tls = tls::connector(settings, login)?;
                    let (client, connection) = config.connect(tls.clone()).await.map_err(|error| fault::of(&error))?;
                    Ok(Self::driven(client, connection, Some(tls), patience))
                }
            }
        };
        within(CONNECT, opened).await
    }

    fn driven<S, T>(
        client: Client,
        connection: Connection<S, T>,
        tls: Option<MakeRustlsConnect>,
        patience: Duration,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let warned = Arc::new(AtomicU64::new(0));
        tokio::spawn(drive(connection, warned.clone()));
        Self {
            client,
            warned,
            prepared: Mutex::default(),
            tls,
            broken: AtomicBool::new(false),
            patience,
        }
    }

    /// Whether it can be used once more.
    pub(super) fn is_open(&self) -> bool {
        !self.broken.load(Ordering::SeqCst) && !self.client.is_closed()
    }

    /// What the server says of itself, and of its standbys up to this place of its log.
    pub(super) async fn durability(&self, since: Option<i64>) -> io::Result<Durability> {
        said(&self.query(ASK, &[&since]).await?)
    }

    /// Whether it still answers, without much patience.
    pub(super) async fn still_says(&self) -> io::Result<Durability> {
        let asked = tokio::time::timeout(GLANCE, self.durability(Some(0))).await;
        asked.unwrap_or_else(|_| Err(fault::silence(GLANCE.as_secs())))
    }

    /// Rows of a statement.
    pub(super) async fn query(&self, statement: &'static str, values: &[Value<'_>]) -> io::Result<Vec<Row>> {
        self.answered(async {
            let prepared = self.prepared(statement).await?;
            self.client.query(&prepared, values).await
        })
        .await
    }

    /// How many rows a statement changed.
    pub(super) async fn execute(&self, statement: &'static str, values: &[Value<'_>]) -> io::Result<u64> {
        self.answered(async {
            let prepared = self.prepared(statement).await?;
            self.client.execute(&prepared, values).await
        })
        .await
    }

    /// Statements without values.
    pub(super) async fn simple(&self, statements: &str) -> io::Result<()> {
        self.answered(self.client.batch_execute(statements)).await
    }

    /// A write that is to be a promise, and what the server says of its standbys right after it: the second question goes out
    /// with the first. That it cannot be answered takes nothing from the first answer.
    pub(super) async fn promise(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> io::Result<(u64, io::Result<Durability>)> {
        let since: Option<i64> = None;
        let (done, rows) = self
            .answered(async {
                let (write, ask) = (self.prepared(statement).await?, self.prepared(ASK).await?);
                let place: [Value<'_>; 1] = [&since];
                let (write, ask) = (self.client.execute(&write, values), self.client.query(&ask, &place));
                let (done, rows) = join(write, ask).await;
                Ok((done?, rows))
            })
            .await?;
        Ok((
            done,
            rows.map_err(|error| fault::of(&error)).and_then(|rows| said(&rows)),
        ))
    }

    /// The same for a transaction that is open.
    pub(super) async fn promise_commit(&self) -> io::Result<io::Result<Durability>> {
        self.simple("commit").await?;
        Ok(self.durability(None).await)
    }

    /// Whatever the server warned of: what it calls success may be none. Of a claim as of a commit: a letter that goes out and is
    /// lost with its machine would come once more, sealed anew.
    fn not_warned_since(&self, before: u64) -> io::Result<()> {
        if self.warned.load(Ordering::SeqCst) == before {
            return Ok(());
        }
        self.broken.store(true, Ordering::SeqCst);
        Err(io::Error::other(
            "the server warned that the commit may not be on its standbys",
        ))
    }

    /// A statement is prepared once for each connection.
    async fn prepared(&self, statement: &'static str) -> Result<Statement, tokio_postgres::Error> {
        let mut prepared = self.prepared.lock().await;
        if let Some((_, found)) = prepared.iter().find(|(text, _)| *text == statement) {
            return Ok(found.clone());
        }
        let made = self.client.prepare(statement).await?;
        prepared.push((statement, made.clone()));
        Ok(made)
    }

    /// Whoever does not answer in time is not asked again over this connection: what it says then would be the answer to
    /// something else.
    async fn answered<T>(&self, answer: impl Future<Output = Result<T, tokio_postgres::Error>>) -> io::Result<T> {
        let before = self.warned.load(Ordering::SeqCst);
        // Also when the wait itself is given up.
        self.broken.store(true, Ordering::SeqCst);
        let answer = tokio::time::timeout(self.patience, answer).await;
        let answer = answer.map_err(|_| self.give_up())?;
        self.broken.store(false, Ordering::SeqCst);
        let answer = answer.map_err(|error| fault::of(&error))?;
        self.not_warned_since(before)?;
        Ok(answer)
    }

    /// Whoever waits for a standby that is away would wait for ever, and with it a place at the server. What is cancelled may
    /// be done all the same, as anything that was not answered.
    fn give_up(&self) -> io::Error {
        let (token, tls) = (self.client.cancel_token(), self.tls.clone());
        tokio::spawn(async move {
            let cancelled = async {
                match tls {
                    Some(tls) => token.cancel_query(tls).await,
                    None => token.cancel_query(NoTls).await,
                }
            };
            // Nothing depends on it.
            let _ = tokio::time::timeout(CONNECT, cancelled).await;
        });
        fault::silence(self.patience.as_secs())
    }
}

fn said(rows: &[Row]) -> io::Result<Durability> {
    let row = rows.first();
    let row = row.ok_or_else(|| io::Error::other("the server says nothing of itself"))?;
    Durability::of(row).map_err(|error| fault::of(&error))
}

async fn within<T>(time: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let done = tokio::time::timeout(time, work).await;
    done.unwrap_or_else(|_| Err(fault::silence(time.as_secs())))
}

async fn drive<S, T>(mut connection: Connection<S, T>, warned: Arc<AtomicU64>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notice(notice)) if is_grave(notice.parsed_severity()) => {
                tracing::warn!("the database warns: {} ({})", notice.message(), notice.code().code());
                warned.fetch_add(1, Ordering::SeqCst);
            }
            Ok(_) => {}
            // Whoever waits for an answer hears of it.
            Err(_) => return,
        }
    }
}

/// What is not surely harmless is grave.
fn is_grave(severity: Option<Severity>) -> bool {
    let harmless = [Severity::Notice, Severity::Debug, Severity::Info, Severity::Log];
    severity.is_none_or(|severity| !harmless.contains(&severity))
}

fn config(settings: &Settings, host: &Host, login: &Login) -> io::Result<Config> {
    let mut config = Config::new();
    match host {
        Host::Net(name, port) => config.host(name).port(*port).ssl_mode(SslMode::Require),
        Host::Socket(directory, port) => config.host_path(directory).port(*port).ssl_mode(SslMode::Disable),
    };
    config
        .dbname(&settings.database)
        .user(&login.user)
        .application_name(format!("konvolutt {}", settings.node))
        .connect_timeout(CONNECT)
        .tcp_user_timeout(PATIENCE)
        .keepalives_idle(PATIENCE)
        .options(IDLE);
    if let Some(file) = &login.password_file {
        config.password(&*password(file)?);
    }
    Ok(config)
}

/// The first line of a file. Not later than it is needed: a password that was changed is taken by the next connection.
fn password(file: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    let mut bytes = Zeroizing::new(Vec::new());
    let opened = File::open(file).map_err(named)?;
    opened.take(LONGEST_PASSWORD).read_to_end(&mut bytes).map_err(named)?;
    let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    if let Some(end) = end {
        bytes.truncate(end);
    }
    Ok(bytes)
}
