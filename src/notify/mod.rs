//! Notifies the operator of alarms by ways that do not need the mail: a command on this machine, and a webhook.
//!
//! Comes in: what stands in `alarms/`. Goes out: a [`Notice`] when an alarm is raised, when it rises, when one that closes
//! the form comes back, once a day while it stands, and when it is over; of a letter never more than its reference and what the mail server said of it. Runs
//! beside the relay, since the web side has no way out. Each way has a memory of its own in the spool, so that a restart tells nothing twice and a webhook that was
//! down for a night is told in the morning, while the command is not told again. What came and went while nobody could
//! be told is not told: what counts is what stands. A second contact is told of what still stands after a time, and of the
//! end of what it was told of.

#![deny(clippy::disallowed_methods)]

mod command;
mod diff;
mod helper;
mod memory;
mod webhook;

pub use command::Command;
pub use diff::{Event, Notice};
pub use helper::{Helper, serve_helper};
pub use webhook::Webhook;

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use crate::alarms::{Alarm, Alarms, Posted};
use crate::stop::{is_stopped, stopped};
use crate::store::Notes;
use crate::unix_time::seconds;
use diff::Board;
use memory::Memory;

/// When to tell, and who speaks.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of the authority, so that who looks after many services knows which one speaks.
    pub service: String,
    /// An end is told once it has been over for this long, and another text once so long has passed since the last telling:
    /// what comes and goes each second does not wake the operator each second. What closes the service and comes back
    /// before its end was told is told again after so long, then after twice as long, and so on.
    pub calm: Duration,
    /// What still stands is told again after this time.
    pub repeat: Duration,
    /// An alarm is told once it has stood for so long: zero for the first contact, more for the second.
    pub after: Duration,
}

/// Somebody who is told: by a program, by a web address, or by both.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// A program to run.
    pub command: Option<Command>,
    /// An address to post to.
    pub webhook: Option<Webhook>,
}

impl Contact {
    /// There is a way at all.
    pub fn is_reached(&self) -> bool {
        self.command.is_some() || self.webhook.is_some()
    }
}

/// One way to a contact, and when it is used.
pub struct Outlet {
    /// The way.
    pub way: Way,
    /// When to tell, and who speaks.
    pub settings: Settings,
}

impl Outlet {
    /// For the operator's eyes, and in what the alarm `untold` is about.
    pub fn name(&self) -> &'static str {
        NOTES[self.place()].0
    }

    /// Name of its memory in the spool.
    fn note(&self) -> &'static str {
        NOTES[self.place()].1
    }

    fn place(&self) -> usize {
        let of_way = match self.way {
            Way::Command(_) | Way::Helper(_) => 0,
            Way::Webhook(_) => 1,
        };
        of_way + if self.settings.after.is_zero() { 0 } else { 2 }
    }
}

/// A way to notify the operator.
pub enum Way {
    /// Runs a program.
    Command(Command),
    /// Has it run by a process that may.
    Helper(Helper),
    /// Posts to a web address.
    Webhook(Webhook),
}

impl Way {
    /// Whom it notifies. A new recipient has been told nothing yet.
    fn whom(&self) -> String {
        match self {
            Way::Command(command) => command.argv.join(" "),
            Way::Helper(helper) => helper.whom(),
            Way::Webhook(webhook) => webhook.address.to_string(),
        }
    }

    /// Tells one notice, once.
    ///
    /// # Errors
    /// A sentence for the operator. It may have been told all the same.
    pub async fn tell(&self, notice: &Notice) -> Result<(), String> {
        match self {
            Way::Command(command) => command.run(notice).await,
            Way::Helper(helper) => helper.run(notice).await,
            Way::Webhook(webhook) => webhook.post(notice).await.map_err(|wrong| wrong.what),
        }
    }
}

/// The ways and their memories in the spool.
const NOTES: [(&str, &str); 4] = [
    ("command", "told-command.json"),
    ("webhook", "told-webhook.json"),
    ("escalation-command", "told-escalation-command.json"),
    ("escalation-webhook", "told-escalation-webhook.json"),
];
/// Looks at the alarms this often.
const ROUND: Duration = Duration::from_secs(1);
/// After a failure it is tried again after this time, then after twice as long, and so on.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// At most so long is waited.
const LONGEST_PAUSE: Duration = Duration::from_secs(10 * 60);

/// Tells everything that happens by one way, until `stop` becomes true. A telling that is under way then is finished and
/// written down: else the next start would tell it twice, and its end perhaps never. What is not begun by then is told after
/// the next start.
pub async fn run(outlet: Outlet, notes: Arc<dyn Notes>, alarms: Arc<Alarms>, mut stop: watch::Receiver<bool>) {
    let mut teller = Teller::new(outlet, notes).await;
    let mut pause = FIRST_PAUSE;
    while !is_stopped(&stop) {
        let (round, way) = (teller.round(&alarms, &stop).await, teller.outlet.name());
        judge(&alarms, way, &round).await;
        let wait = match round {
            Ok(_) => {
                pause = FIRST_PAUSE;
                ROUND
            }
            Err(error) => {
                let seconds = pause.as_secs();
                tracing::warn!(way, again_in_s = seconds, "an alarm could not be told: {error}");
                let longer = (pause * 2).min(LONGEST_PAUSE);
                std::mem::replace(&mut pause, longer)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stopped(&mut stop) => {}
        }
    }
}

/// What a round came to.
#[derive(Debug, PartialEq, Eq)]
enum Round {
    /// Something was told.
    Told,
    /// There was nothing to tell: no evidence that the way works.
    Quiet,
}

/// What a round says of its way. That one fails, the other way may tell, and readiness and metrics show it. That it works
/// again, only what was told shows: what could not be told may be over, and of an escalation nothing is due for hours.
async fn judge(alarms: &Arc<Alarms>, way: &'static str, round: &Result<Round, String>) {
    match round {
        Ok(Round::Told) => set_untold(alarms, way, None).await,
        Ok(Round::Quiet) => {}
        Err(error) => set_untold(alarms, way, Some(format!("alarms cannot be told by {way}: {error}"))).await,
    }
}

/// Raises or ends the alarm that a way fails. Its file lies on the disk, for which no task waits here.
#[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
async fn set_untold(alarms: &Arc<Alarms>, way: &'static str, text: Option<String>) {
    if text.is_none() && !alarms.stands(Alarm::Untold, way) {
        return;
    }
    let alarms = alarms.clone();
    let act = move || match text {
        Some(text) => alarms.raise(Alarm::Untold, way, &text),
        None => alarms.clear(Alarm::Untold, way),
    };
    // An error is a panic, which the log has, or the end of the runtime.
    let _ = tokio::task::spawn_blocking(act).await;
}

/// Tells once what stands and was not told yet: for a command that speaks because nobody else does.
///
/// # Errors
/// A sentence for the operator.
pub async fn tell_once(outlet: Outlet, notes: Arc<dyn Notes>, alarms: &Arc<Alarms>) -> Result<(), String> {
    // The sender lives as long as the round: nothing stops it.
    let (_running, stop) = watch::channel(false);
    Teller::new(outlet, notes).await.round(alarms, &stop).await.map(|_| ())
}

struct Teller {
    outlet: Outlet,
    notes: Arc<dyn Notes>,
    memory: Memory,
}

impl Teller {
    async fn new(outlet: Outlet, notes: Arc<dyn Notes>) -> Self {
        let (owned, note, whom) = (notes.clone(), outlet.note(), outlet.way.whom());
        let memory = tokio::task::spawn_blocking(move || Memory::load(&*owned, note, whom)).await;
        Self {
            // An error is a panic, which the log has, or the end of the runtime.
            memory: memory.unwrap_or_else(|_| Memory::empty(outlet.way.whom())),
            outlet,
            notes,
        }
    }

    async fn round(&mut self, alarms: &Arc<Alarms>, stop: &watch::Receiver<bool>) -> Result<Round, String> {
        let owned = alarms.clone();
        #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
        let board = tokio::task::spawn_blocking(move || Board::of(owned.board())).await;
        let board = board.map_err(|error| error.to_string())?;
        let (now, settings) = (seconds(SystemTime::now()), &self.outlet.settings);
        let changed = self.memory.told.look(&board, now, settings);
        let news = self.memory.told.news(&board, now, settings);
        if changed && news.is_empty() {
            self.save().await;
        }
        let (mut came_to, mut failed) = (Round::Quiet, None);
        for news in news {
            if is_stopped(stop) {
                break;
            }
            // One that cannot be told does not keep the others from being told.
            if let Err(error) = self.outlet.way.tell(&news.notice).await {
                failed = Some(error);
                continue;
            }
            let (way, event) = (self.outlet.name(), news.notice.event);
            tracing::info!(way, alarm = %news.notice.alarm, ?event, "an alarm was told");
            came_to = Round::Told;
            self.memory.told.mark(&news, &board, now);
            self.save().await;
        }
        failed.map_or(Ok(came_to), Err)
    }

    /// A full disk does not suppress a notification; at worst it is sent twice.
    async fn save(&self) {
        let (notes, note, bytes) = (self.notes.clone(), self.outlet.note(), self.memory.bytes());
        let saved = tokio::task::spawn_blocking(move || notes.set_note(note, &bytes)).await;
        if let Err(error) = saved.map_err(io::Error::other).and_then(|saved| saved) {
            tracing::warn!(%error, "what was told could not be written down");
        }
    }
}

/// What each way was told of an alarm: its name and when, for a listing.
pub fn told(notes: &dyn Notes, posted: &Posted) -> Vec<(&'static str, u64)> {
    let told = NOTES.into_iter().filter_map(|(way, note)| {
        let memory = Memory::read(notes, note)?;
        Some((way, memory.told.when(&posted.key())?))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::alarms::Side;

    /// Notes that no disk has.
    #[derive(Default)]
    struct Memo(Mutex<Option<Vec<u8>>>);

    impl Notes for Memo {
        fn note(&self, _: &str) -> io::Result<Option<Vec<u8>>> {
            Ok(self.0.lock().unwrap().clone())
        }

        fn set_note(&self, _: &str, bytes: &[u8]) -> io::Result<()> {
            *self.0.lock().unwrap() = Some(bytes.to_vec());
            Ok(())
        }
    }

    /// What the second contact could not be told was mended, and for hours nothing else is due: nobody knows whether it can
    /// be reached.
    #[tokio::test]
    #[expect(clippy::disallowed_methods, reason = "nothing else waits in a test")]
    async fn a_way_that_failed_stays_untold_until_something_is_told_by_it() {
        let dir = tempfile::tempdir().unwrap();
        let mended = dir.path().join("mended");
        let alarms = Arc::new(Alarms::new(dir.path().join("alarms"), &[Side::Relay]));
        std::fs::create_dir(dir.path().join("alarms")).unwrap();
        let argv = [
            "/bin/sh",
            "-c",
            "cat > /dev/null; test -e \"$0\"",
            mended.to_str().unwrap(),
        ];
        let outlet = Outlet {
            way: Way::Command(Command {
                argv: argv.map(str::to_owned).to_vec(),
                timeout: Duration::from_secs(60),
            }),
            settings: Settings {
                service: "x".into(),
                calm: Duration::from_secs(60),
                repeat: Duration::from_secs(86_400),
                after: Duration::from_secs(4 * 3600),
            },
        };
        let (_running, stop) = watch::channel(false);
        let way = outlet.name();
        let mut teller = Teller::new(outlet, Arc::new(Memo::default())).await;
        let since_friday = || {
            let file = dir.path().join("alarms/web-down");
            std::fs::write(&file, "the form could not be started").unwrap();
            let old = SystemTime::now() - Duration::from_secs(5 * 3600);
            std::fs::File::options()
                .append(true)
                .open(file)
                .unwrap()
                .set_modified(old)
                .unwrap();
        };
        since_friday();
        let failed = teller.round(&alarms, &stop).await;
        assert!(failed.is_err(), "{failed:?}");
        judge(&alarms, way, &failed).await;
        assert!(alarms.stands(Alarm::Untold, way));

        std::fs::remove_file(dir.path().join("alarms/web-down")).unwrap();
        let quiet = teller.round(&alarms, &stop).await;
        assert_eq!(quiet, Ok(Round::Quiet));
        judge(&alarms, way, &quiet).await;
        assert!(alarms.stands(Alarm::Untold, way), "without evidence");

        std::fs::write(&mended, "").unwrap();
        since_friday();
        let told = teller.round(&alarms, &stop).await;
        assert_eq!(told, Ok(Round::Told));
        judge(&alarms, way, &told).await;
        assert!(!alarms.stands(Alarm::Untold, way));
    }
}
