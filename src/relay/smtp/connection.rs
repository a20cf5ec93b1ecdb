//! One connection to the mail server, and one letter over it.

use std::fmt::Display;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Noop, Quit, Rcpt};
use lettre::transport::smtp::response::Severity;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};

use super::body::Body;
use super::refusal::Refusal;
use super::wire::Wire;
use crate::store::Letter;

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

    /// MAIL: what is refused here is the sender, for every letter alike.
    pub(super) async fn sender(&mut self, from: Address) -> Result<(), Refusal> {
        if self.idle() > FRESH {
            self.say(Noop, Severity::PositiveCompletion, NUDGE).await?;
        }
        let mail = Mail::new(Some(from), Vec::new());
        self.say(mail, Severity::PositiveCompletion, COMMAND).await
    }

    /// RCPT, DATA and the letter itself: what is refused from here on is this letter.
    pub(super) async fn letter(&mut self, to: Address, letter: &Letter) -> Result<(), Refusal> {
        let rcpt = Rcpt::new(to, Vec::new());
        self.say(rcpt, Severity::PositiveCompletion, COMMAND).await?;
        self.say(Data, Severity::PositiveIntermediate, DATA).await?;
        self.body(Body::new(letter.mail())).await?;
        // Of no further bytes lettre makes the closing dot, and waits for the reply.
        let end = timeout(LAST, self.smtp.message_iter(std::iter::empty::<&[u8]>()));
        let reply = end.await.map_err(|_| late())??;
        expect(Severity::PositiveCompletion, &reply)?;
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
                .map_err(|error| Refusal::without_reply(error.to_string()))?;
            body = rest;
            let written = timeout(PIECE, self.wire.write_all(&piece)).await;
            if let Err(error) = written.map_err(|_| late())? {
                return Err(self.last_words(error).await);
            }
        }
        Ok(())
    }

    /// A server that closes in the middle of a letter may have said why.
    async fn last_words(&mut self, error: std::io::Error) -> Refusal {
        match timeout(NUDGE, self.smtp.read_response()).await {
            Ok(Err(reply)) if reply.status().is_some() => reply.into(),
            _ => Refusal::without_reply(error.to_string()),
        }
    }

    async fn say(&mut self, command: impl Display, wanted: Severity, within: Duration) -> Result<(), Refusal> {
        let reply = timeout(within, self.smtp.command(command)).await;
        expect(wanted, &reply.map_err(|_| late())??)
    }

    /// Says goodbye. Whether that is heard does not matter.
    pub(super) async fn quit(mut self) {
        let _ = timeout(NUDGE, self.smtp.command(Quit)).await;
    }
}

fn late() -> Refusal {
    Refusal::without_reply("the mail server did not answer in time")
}

/// For lettre, "go on" and "done" are the same yes. A "go on" after the last dot is no receipt.
fn expect(wanted: Severity, reply: &lettre::transport::smtp::response::Response) -> Result<(), Refusal> {
    let code = reply.code();
    if code.severity == wanted {
        Ok(())
    } else {
        Err(Refusal::without_reply(format!(
            "the mail server answered out of turn: {code}"
        )))
    }
}
