//! One connection to the mail server, and one letter over it.

use std::fmt::Display;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Noop, Quit, Rcpt};
use lettre::transport::smtp::response::{Response, Severity};
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};

use super::super::outgoing::Outgoing;
use super::body::Body;
use super::reply::{Refusal, Reply, Stage};
use super::wire::Wire;

/// For each of MAIL and RCPT (RFC 5321 §4.5.3.2.2, .3).
const COMMAND: Duration = Duration::from_secs(5 * 60);
/// For the reply to DATA (RFC 5321 §4.5.3.2.4).
const DATA: Duration = Duration::from_secs(2 * 60);
/// For a piece of the letter (RFC 5321 §4.5.3.2.5).
const PIECE: Duration = Duration::from_secs(3 * 60);
/// For the reply to the last dot (RFC 5321 §4.5.3.2.6).
const LAST: Duration = Duration::from_secs(10 * 60);
/// Is an idle connection still there? And for goodbyes, which change nothing any more.
const NUDGE: Duration = Duration::from_secs(5);
/// A connection that was busy a moment ago need not be asked.
const FRESH: Duration = Duration::from_secs(1);

pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    wire: Wire,
    used: Instant,
}

impl Connection {
    pub(super) fn new(smtp: AsyncSmtpConnection, wire: Wire) -> Self {
        let used = Instant::now();
        Self { smtp, wire, used }
    }

    pub(super) fn idle(&self) -> Duration {
        self.used.elapsed()
    }

    /// MAIL, with which every letter begins alike.
    pub(super) async fn sender(&mut self, from: Address) -> Result<(), Refusal> {
        if self.idle() > FRESH {
            self.say(Stage::Mail, Noop, Severity::PositiveCompletion, NUDGE).await?;
        }
        let mail = Mail::new(Some(from), Vec::new());
        self.say(Stage::Mail, mail, Severity::PositiveCompletion, COMMAND).await
    }

    /// RCPT, DATA and the letter itself.
    pub(super) async fn letter(&mut self, to: Address, letter: &Outgoing) -> Result<(), Refusal> {
        let rcpt = Rcpt::new(to, Vec::new());
        self.say(Stage::Rcpt, rcpt, Severity::PositiveCompletion, COMMAND)
            .await?;
        self.say(Stage::Data, Data, Severity::PositiveIntermediate, DATA)
            .await?;
        self.body(Body::new(letter.mail())).await?;
        // Of no further bytes lettre makes the closing dot, and waits for the reply.
        let end = timeout(LAST, self.smtp.message_iter(std::iter::empty::<&[u8]>()));
        let reply = end.await.map_err(|_| late(Stage::End))?;
        expect(Stage::End, Severity::PositiveCompletion, reply)?;
        self.used = Instant::now();
        Ok(())
    }

    /// Ends before the closing dot when the disk fails: the server must not take half a letter for a whole one.
    async fn body(&mut self, mut body: Body) -> Result<(), Refusal> {
        while !body.has_ended() {
            let read = tokio::task::spawn_blocking(move || body.next()).await;
            let (rest, piece) = read
                .map_err(std::io::Error::other)
                .and_then(|read| read)
                .map_err(|error| Refusal::without_reply(Stage::End, &error.to_string()))?;
            body = rest;
            let written = timeout(PIECE, self.wire.write_all(&piece)).await;
            if let Err(error) = written.map_err(|_| late(Stage::End))? {
                return Err(self.last_words(error).await);
            }
        }
        Ok(())
    }

    /// A server that closes in the middle of a letter may have said why.
    async fn last_words(&mut self, error: std::io::Error) -> Refusal {
        match timeout(NUDGE, self.smtp.read_response()).await {
            Ok(Err(reply)) if reply.status().is_some() => Refusal::said(Stage::End, &reply),
            _ => Refusal::without_reply(Stage::End, &error.to_string()),
        }
    }

    async fn say(
        &mut self,
        stage: Stage,
        command: impl Display,
        wanted: Severity,
        within: Duration,
    ) -> Result<(), Refusal> {
        let reply = timeout(within, self.smtp.command(command)).await;
        expect(stage, wanted, reply.map_err(|_| late(stage))?)
    }

    /// Says goodbye. Whether that is heard does not matter.
    pub(super) async fn quit(mut self) {
        let _ = timeout(NUDGE, self.smtp.command(Quit)).await;
    }
}

fn late(stage: Stage) -> Refusal {
    Refusal::without_reply(stage, "the mail server did not answer in time")
}

/// For lettre, "go on" and "done" are the same yes. A "go on" after the last dot is no receipt.
fn expect(stage: Stage, wanted: Severity, reply: Result<Response, Error>) -> Result<(), Refusal> {
    let reply = reply.map_err(|error| Refusal::said(stage, &error))?;
    let code = reply.code();
    if code.severity == wanted {
        return Ok(());
    }
    let said = Reply::new(code.into(), reply.message());
    let why = format!("the mail server answered out of turn: {said}");
    Err(Refusal::without_reply(stage, &why))
}
