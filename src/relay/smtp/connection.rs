//! One connection to the mail server, and one letter over it.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::authentication::Mechanism;
use lettre::transport::smtp::commands::{Data, Noop, Quit, Rset};
use tokio::time::{Instant, timeout};

use super::super::outgoing::Outgoing;
use super::body::Body;
use super::envelope::{Envelope, Naming};
use super::login;
use super::offers::Offers;
use super::reply::{Refusal, Reply, Stage};
use super::settings::Login;
use super::talk::Talk;

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
    talk: Talk,
    pub(super) offers: Offers,
    used: Instant,
    /// Counts it, for as long as it lives, among those that were let in.
    pub(super) let_in: Option<Arc<()>>,
}

impl Connection {
    pub(super) fn new(talk: Talk, offers: Offers) -> Self {
        let used = Instant::now();
        Self {
            talk,
            offers,
            used,
            let_in: None,
        }
    }

    pub(super) fn idle(&self) -> Duration {
        self.used.elapsed()
    }

    pub(super) async fn log_in(&mut self, login: &Login, within: Duration) -> Result<Mechanism, Refusal> {
        login::log_in(&mut self.talk, &self.offers, login, within).await
    }

    /// MAIL, with which every letter begins.
    pub(super) async fn sender(&mut self, envelope: &Envelope, naming: Naming) -> Result<(), Refusal> {
        if self.idle() > FRESH {
            self.say(Stage::Mail, Noop, 2, NUDGE).await?;
        }
        self.say(Stage::Mail, envelope.mail(naming), 2, COMMAND).await
    }

    /// Lets the server forget the letter that was begun; none when it does not listen any more.
    pub(super) async fn reset(mut self) -> Option<Self> {
        let listens = self.say(Stage::Mail, Rset, 2, COMMAND).await.is_ok();
        listens.then_some(self)
    }

    /// RCPT, DATA and the letter itself.
    pub(super) async fn letter(
        &mut self,
        envelope: &Envelope,
        naming: Naming,
        letter: &Outgoing,
    ) -> Result<(), Refusal> {
        self.say(Stage::Rcpt, envelope.rcpt(naming), 2, COMMAND).await?;
        self.say(Stage::Data, Data, 3, DATA).await?;
        self.body(Body::new(letter.mail())).await?;
        self.say(Stage::End, "\r\n.\r\n", 2, LAST).await?;
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
            let written = timeout(PIECE, self.talk.write(&piece)).await;
            if let Err(error) = written.map_err(|_| Refusal::late(Stage::End))? {
                return Err(self.last_words(&error).await);
            }
        }
        Ok(())
    }

    /// A server that closes in the middle of a letter may have said why.
    async fn last_words(&mut self, error: &std::io::Error) -> Refusal {
        match timeout(NUDGE, self.talk.reply(Stage::End)).await {
            Ok(Ok(reply)) if reply.code >= 400 => Refusal::new(Stage::End, &reply),
            _ => self.talk.lost(Stage::End, error),
        }
    }

    /// Says a line that is to be answered by a code of this class.
    pub(super) async fn say(
        &mut self,
        stage: Stage,
        line: impl Display,
        class: u16,
        within: Duration,
    ) -> Result<(), Refusal> {
        let reply = self.talk.command(stage, line, within).await?;
        expect(stage, class, reply).map(drop)
    }

    /// Says goodbye. Whether that is heard does not matter.
    pub(super) async fn quit(mut self) {
        let _ = self.talk.command(Stage::End, Quit, NUDGE).await;
    }
}

/// A reply of the wanted class (2: done, 3: go on). A "go on" after the last dot is no receipt.
pub(super) fn expect(stage: Stage, class: u16, reply: Reply) -> Result<Reply, Refusal> {
    match reply.code / 100 {
        found if found == class => Ok(reply),
        4 | 5 => Err(Refusal::new(stage, &reply)),
        _ => {
            let why = format!("the mail server answered out of turn: {reply}");
            Err(Refusal::without_reply(stage, &why))
        }
    }
}
