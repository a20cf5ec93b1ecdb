//! Notifies the operator of alarms by ways that do not need the mail: a command on this machine, and a webhook.
//!
//! Comes in: what stands in `alarms/`. Goes out: a [`Notice`] when an alarm is raised, when it rises, when one that closes
//! the form comes back, once a day while it stands, and when it is over; of a letter never more than its reference and what the mail server said of it. Runs
//! beside the relay, since the web side has no way out. Where several nodes deliver from one store, each tells its own alarms, and the
//! one that leads those that all share. Each way has a memory of its own in the store, so that a restart tells nothing twice and a webhook that was
//! down for a night is told in the morning, while the command is not told again. What came and went while nobody could
//! be told is not told: what counts is what stands. A second contact is told of what still stands after a time, and of the
//! end of what it was told of.

#![deny(clippy::disallowed_methods)]

mod command;
mod diff;
mod helper;
mod memory;
mod teller;
mod voice;
mod webhook;

pub use command::Command;
pub use diff::{Event, Notice};
pub use helper::{Helper, serve_helper};
pub use webhook::Webhook;

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::alarms::{Alarm, Alarms, Posted};
use crate::stop::{is_stopped, stopped};
use crate::store::{Leader, Notes};
use teller::Teller;
use voice::Round;

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
        self.names().way
    }

    /// Names of its memories in the store.
    fn names(&self) -> &'static Names {
        &NOTES[self.place()]
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

/// A way and its memories in the store.
struct Names {
    way: &'static str,
    /// Of what all nodes share; of everything where there is one.
    note: &'static str,
    /// Of what all nodes share, and each told while nobody knew who leads.
    alone: &'static str,
}

impl Names {
    /// Every note in which something may be.
    fn notes(&self, notes: &dyn Notes) -> BTreeSet<String> {
        let own = [self.note, self.alone].map(|note| notes.own_name(note));
        own.into_iter().chain([self.note.to_owned()]).collect()
    }
}

const NOTES: [Names; 4] = [
    Names {
        way: "command",
        note: "told-command.json",
        alone: "told-alone-command.json",
    },
    Names {
        way: "webhook",
        note: "told-webhook.json",
        alone: "told-alone-webhook.json",
    },
    Names {
        way: "escalation-command",
        note: "told-escalation-command.json",
        alone: "told-alone-escalation-command.json",
    },
    Names {
        way: "escalation-webhook",
        note: "told-escalation-webhook.json",
        alone: "told-alone-escalation-webhook.json",
    },
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
pub async fn run(
    outlet: Outlet,
    notes: Arc<dyn Notes>,
    leader: Arc<Leader>,
    alarms: Arc<Alarms>,
    mut stop: watch::Receiver<bool>,
) {
    let mut teller = Teller::new(outlet, notes, Some(leader));
    let mut pause = FIRST_PAUSE;
    while !is_stopped(&stop) {
        let (round, way) = (teller.round(&alarms, &stop).await, teller.way());
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

/// Tells once what stands and was not told yet: for a command that speaks because nobody else on this node does. It leads
/// nothing.
///
/// # Errors
/// A sentence for the operator.
pub async fn tell_once(outlet: Outlet, notes: Arc<dyn Notes>, alarms: &Arc<Alarms>) -> Result<(), String> {
    // The sender lives as long as the round: nothing stops it.
    let (_running, stop) = watch::channel(false);
    Teller::new(outlet, notes, None).round(alarms, &stop).await.map(|_| ())
}

/// What was told of an alarm, by way: its name and when, for a listing.
pub fn told(notes: &dyn Notes, posted: &Posted) -> Vec<(&'static str, u64)> {
    let key = posted.key();
    let of = |way: &Names| {
        let when = way.notes(notes).into_iter().filter_map(|note| {
            let told = memory::told(notes, &note).ok()??;
            told.when(&key)
        });
        Some((way.way, when.max()?))
    };
    NOTES.iter().filter_map(of).collect()
}

/// What was told of all nodes' alarms and stands, for the one that leads from now on.
///
/// # Errors
/// When the store cannot be read.
pub fn told_of_all(notes: &dyn Notes) -> io::Result<Vec<Posted>> {
    let mut standing = Vec::new();
    for names in &NOTES {
        let told = memory::told(notes, names.note)?;
        standing.extend(told.into_iter().flat_map(|told| told.standing()));
    }
    standing.retain(|posted| posted.alarm.is_shared(&posted.about));
    Ok(standing)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use std::time::SystemTime;

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
        let mut teller = Teller::new(outlet, Arc::new(Memo::default()), None);
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
