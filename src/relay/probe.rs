//! While nothing can be sent: asks again and again whether that is over, so that mending makes letters go at once.
//!
//! A letter that could not be sent waits for longer and longer, up to two hours; the login that was mended meanwhile would wait
//! with it. So the mail server is asked between the letters: connection, TLS, EHLO and login, and no letter. What always
//! holds: an alarm ends only by evidence of the thing itself. A login that is taken ends a fault of connection or login; what
//! was refused after it ends only by a letter, so one of them tries for all.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Relay, Transport, Trouble};

/// What keeps all letters from being sent, by what can end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No connection that can be used.
    Connection,
    /// The login is refused.
    Login,
    /// The login is refused for now, or the server hung up at it.
    LoginLater,
    /// What is refused after the login, or by what needs none.
    Sending,
}

/// Between two looks at the files of a login that was refused.
const GLANCE: Duration = Duration::from_secs(5);

impl Fault {
    /// To ask for a connection costs nobody anything. Login after login that is wrong gets an account locked.
    fn pause(self) -> Duration {
        match self {
            Self::Connection => Duration::from_secs(30),
            Self::LoginLater => Duration::from_secs(60),
            Self::Login | Self::Sending => Duration::from_secs(5 * 60),
        }
    }
}

/// What tells a file that was replaced or rewritten; nothing for one that cannot be seen.
pub(super) type Stamp = Vec<Option<(SystemTime, u64)>>;

/// When to ask next, and what is being asked.
pub(super) struct Probe {
    fault: Option<Fault>,
    /// Since a login was refused none was taken: a server that cannot be reached meanwhile says nothing of the login.
    login_refused: bool,
    next: Instant,
    glance: Instant,
    /// The files of the login, as they were when it was refused.
    files: Option<Stamp>,
    /// Times that something was heard of the server.
    heard: u64,
    pub(super) asking: JoinSet<Answer>,
}

/// What the server said to the probe.
pub(super) struct Answer {
    /// What had been heard when it was asked.
    heard: u64,
    pub(super) said: Result<(), Trouble>,
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing yet.
    Wait,
    /// Ask the server.
    Ask,
    /// Let one letter try.
    OneLetter,
    /// Look whether the files of the login are others now.
    Glance,
}

impl Probe {
    pub(super) fn new() -> Self {
        Self {
            fault: None,
            login_refused: false,
            next: Instant::now(),
            glance: Instant::now(),
            files: None,
            heard: 0,
            asking: JoinSet::new(),
        }
    }

    /// A letter, or a probe, found that nothing can be sent.
    pub(super) fn failed(&mut self, fault: Fault) {
        self.heard += 1;
        self.fault = Some(fault);
        let refused = matches!(fault, Fault::Login | Fault::LoginLater);
        if refused && !std::mem::replace(&mut self.login_refused, true) {
            self.files = None;
        }
        self.next = Instant::now() + fault.pause();
        self.glance = Instant::now() + GLANCE;
    }

    /// Something could be sent, or would be.
    pub(super) fn over(&mut self) {
        self.heard += 1;
        self.fault = None;
        self.login_refused = false;
    }

    /// True while the probe alone asks: each letter that logs in with a wrong password brings the account nearer to being locked.
    pub(super) fn asks_alone(&self) -> bool {
        self.login_refused
    }

    /// Whether what was refused may have been one session too many: a no for now, which says nothing of user and secret.
    pub(super) fn is_refused_for_now(&self) -> bool {
        self.fault == Some(Fault::LoginLater)
    }

    /// Asks the server, beside the letters.
    pub(super) fn ask(&mut self, relay: Arc<Relay>) {
        let heard = self.heard;
        self.asking.spawn(async move {
            let said = relay.ask().await;
            Answer { heard, said }
        });
    }

    /// Whether nothing newer was heard: a letter that was refused meanwhile, after its login, is not gainsaid by an answer
    /// about the login, and one that got through not by a connection that failed before.
    pub(super) fn is_news(&self, answer: &Answer) -> bool {
        answer.heard == self.heard
    }

    /// Whoever looks after the service says that something is different.
    pub(super) fn at_once(&mut self) {
        self.next = Instant::now();
    }

    /// When there is something to do.
    pub(super) fn wake(&self) -> Option<Instant> {
        self.fault.filter(|_| self.asking.is_empty())?;
        Some(if self.login_refused {
            self.next.min(self.glance)
        } else {
            self.next
        })
    }

    /// What to do, and when the next time is.
    pub(super) fn turn(&mut self, transport: &Transport) -> Turn {
        let (now, wake, fault) = (Instant::now(), self.wake(), self.fault);
        let (Some(_), Some(fault)) = (wake.filter(|wake| *wake <= now), fault) else {
            return Turn::Wait;
        };
        if self.next > now {
            self.glance = now + GLANCE;
            return Turn::Glance;
        }
        self.next = now + fault.pause();
        match (transport, fault) {
            (Transport::Smtp(_), Fault::Connection | Fault::Login | Fault::LoginLater) => Turn::Ask,
            _ => Turn::OneLetter,
        }
    }

    /// What the files of the login are now. Others than those that were refused are tried at once.
    pub(super) fn seen(&mut self, files: Stamp) {
        if self.files.as_ref().is_some_and(|before| *before != files) {
            self.at_once();
        }
        self.files = Some(files);
    }
}

impl Relay {
    /// Asks the mail server whether it would listen to a letter.
    async fn ask(&self) -> Result<(), Trouble> {
        match &self.transport {
            Transport::Smtp(smtp) => smtp.probe().await,
            Transport::Maildir(_) => Ok(()),
        }
    }

    /// Files that the login is read from.
    pub(super) async fn login_files(&self) -> Stamp {
        let files = match &self.transport {
            Transport::Smtp(smtp) => smtp.login_files(),
            Transport::Maildir(_) => Vec::new(),
        };
        let mut stamps = Vec::new();
        for file in files {
            stamps.push(stamp(file).await);
        }
        stamps
    }
}

async fn stamp(file: PathBuf) -> Option<(SystemTime, u64)> {
    let meta = tokio::fs::metadata(file).await.ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

#[cfg(test)]
mod tests {
    use super::super::Maildir;
    use super::*;

    fn maildir() -> Transport {
        Transport::Maildir(Maildir {
            directory: PathBuf::from("nowhere"),
        })
    }

    #[tokio::test(start_paused = true)]
    async fn each_fault_is_asked_for_at_its_own_pause() {
        for (fault, seconds) in [(Fault::Connection, 30), (Fault::Sending, 300)] {
            let mut probe = Probe::new();
            assert_eq!((probe.wake(), probe.turn(&maildir())), (None, Turn::Wait));
            probe.failed(fault);
            let wait = Duration::from_secs(seconds);
            assert_eq!(probe.wake(), Some(Instant::now() + wait));
            assert_eq!(probe.turn(&maildir()), Turn::Wait);
            tokio::time::sleep(wait).await;
            assert_eq!(probe.turn(&maildir()), Turn::OneLetter);
            assert_eq!(probe.turn(&maildir()), Turn::Wait);
            probe.at_once();
            assert_eq!(probe.turn(&maildir()), Turn::OneLetter);
            probe.over();
            assert_eq!(probe.wake(), None);
        }
    }

    /// The probe and a letter speak with the server at the same time.
    #[tokio::test(start_paused = true)]
    async fn an_answer_that_something_newer_was_heard_after_is_no_news() {
        let newer: [fn(&mut Probe); 3] = [
            // A letter found that the login is good, and the sender is not.
            |probe| probe.failed(Fault::Sending),
            |probe| probe.failed(Fault::Connection),
            // A letter got through.
            Probe::over,
        ];
        for hear in newer {
            let mut probe = Probe::new();
            probe.failed(Fault::Connection);
            let heard = probe.heard;
            let answer = Answer { heard, said: Ok(()) };
            assert!(probe.is_news(&answer), "the control");
            hear(&mut probe);
            assert!(!probe.is_news(&answer));
        }
    }

    #[test]
    fn the_probe_asks_alone_about_a_login() {
        for (fault, alone) in [
            (Fault::Login, true),
            (Fault::LoginLater, true),
            (Fault::Connection, false),
            (Fault::Sending, false),
        ] {
            let mut probe = Probe::new();
            assert!(!probe.asks_alone());
            probe.failed(fault);
            assert_eq!(probe.asks_alone(), alone, "{fault:?}");
            // Whether the login is good cannot be known while there is no connection.
            probe.failed(Fault::Connection);
            assert_eq!(probe.asks_alone(), alone, "{fault:?}");
            probe.over();
            assert!(!probe.asks_alone(), "{fault:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn another_password_is_tried_at_once_and_the_same_one_is_not() {
        let mut probe = Probe::new();
        probe.failed(Fault::Login);
        let file = |length| vec![Some((SystemTime::UNIX_EPOCH, length))];
        for length in [1, 1, 1] {
            tokio::time::sleep(GLANCE).await;
            assert_eq!(probe.turn(&maildir()), Turn::Glance);
            probe.seen(file(length));
            assert_eq!(probe.turn(&maildir()), Turn::Wait);
        }
        // The server went away, and the password was replaced meanwhile.
        probe.failed(Fault::Connection);
        tokio::time::sleep(GLANCE).await;
        assert_eq!(probe.turn(&maildir()), Turn::Glance);
        probe.seen(file(2));
        assert_eq!(probe.turn(&maildir()), Turn::OneLetter);
    }
}
