//! What happened and whom to tell: alarms and counts.
//!
//! Comes in: events, each without anything of the citizen. Goes out: one log line, a file in `alarms/` that the
//! relay's side and other programs pick up, and the numbers behind `/metrics`. An alarm stands until what
//! raised it clears it, over restarts as well.

mod alarm;
mod board;
mod metrics;
mod other_half;
mod whose;

pub use alarm::{Alarm, MOVES, QUEUE, Spec, TABLE};
pub use board::Posted;
pub use metrics::{Event, Family, Gauge, Kind, STEP, families};
pub use other_half::OtherHalf;
pub use whose::{Looker, Side, Whose};

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use metrics::Metrics;

/// Every alarm that stands, and what is counted: the one place where events meet.
pub struct Alarms {
    directory: PathBuf,
    /// By kind and by what it is about: a mailbox, a letter, or nothing in particular. Never held over I/O: the health
    /// page reads it.
    standing: Mutex<BTreeMap<(Alarm, String), Standing>>,
    /// Held while memory and file of an alarm change together, and so *over I/O*: only what raises and clears takes it,
    /// on blocking threads.
    moving: Mutex<()>,
    /// The halves whose alarms this process raises.
    own: Vec<Side>,
    metrics: Metrics,
}

/// One alarm in memory.
struct Standing {
    text: String,
    since: SystemTime,
    /// This process found it itself, and did not only find its file at the start.
    found: bool,
    /// Its file says this text.
    on_board: bool,
}

/// What a look found: one alarm that is to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// Its kind.
    pub alarm: Alarm,
    /// A mailbox, or empty.
    pub about: String,
    /// One sentence.
    pub text: String,
}

impl Alarms {
    /// Alarms are dropped into `directory` as files. Those of these sides that an earlier process left there stand
    /// until they are looked at again: see [`Alarms::settle`].
    pub fn new(directory: PathBuf, own: &[Side]) -> Self {
        let left = board::read(&directory).into_iter();
        let left = left.filter(|posted| own.contains(&posted.alarm.side())).map(|posted| {
            let standing = Standing {
                text: posted.text,
                since: posted.since,
                found: false,
                on_board: true,
            };
            ((posted.alarm, posted.about), standing)
        });
        Self {
            standing: Mutex::new(left.collect()),
            directory,
            moving: Mutex::default(),
            own: own.to_vec(),
            metrics: Metrics::new(SystemTime::now()),
        }
    }

    /// This looker looked at everything once since the start: alarms of its kinds that an earlier process left and that
    /// nothing raised again are over.
    pub fn settle(&self, looker: Looker) {
        let standing = self.standing();
        let left = standing.iter().filter(|(_, standing)| !standing.found);
        let left = left.filter(|((alarm, _), _)| alarm.spec().looker == looker);
        let over: Vec<_> = left.map(|(key, _)| key.clone()).collect();
        drop(standing);
        over.iter().for_each(|(alarm, about)| self.clear(*alarm, about));
    }

    /// Makes what stands of this looker's kinds exactly what it found: the rest is over. Nothing that was raised this
    /// way can be forgotten.
    pub fn reflect(&self, looker: Looker, found: &[Raised]) {
        self.replace(|alarm| alarm.spec().looker == looker, found);
    }

    /// As [`Alarms::reflect`], for one kind: what it is about, and what it says of each.
    pub fn exactly(&self, alarm: Alarm, found: Vec<(String, String)>) {
        let found = found.into_iter().map(|(about, text)| Raised { alarm, about, text });
        self.replace(|kind| kind == alarm, &found.collect::<Vec<_>>());
    }

    fn replace(&self, is_own: impl Fn(Alarm) -> bool, found: &[Raised]) {
        let still: BTreeSet<_> = found.iter().map(|one| (one.alarm, one.about.as_str())).collect();
        let standing: Vec<_> = self.standing().keys().cloned().collect();
        for (alarm, about) in &standing {
            if is_own(*alarm) && !still.contains(&(*alarm, about.as_str())) {
                self.clear(*alarm, about);
            }
        }
        found
            .iter()
            .for_each(|one| self.raise(one.alarm, &one.about, &one.text));
    }

    /// Raises an alarm about a mailbox, a letter's number or (empty) the whole service, or changes what it says. It is
    /// logged once per text, and its file is written until that succeeds. Blocks on the disk.
    pub fn raise(&self, alarm: Alarm, about: &str, text: &str) {
        let text = board::line(text);
        let key = (alarm, about.to_owned());
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let New {
            in_log,
            on_board,
            since,
        } = self.remember(&key, &text);
        if in_log {
            tracing::error!(alarm = alarm.name(), about = subject(about), "{text}");
        }
        if !on_board {
            return;
        }
        // The file comes after memory: on a full disk the alarm stands all the same, for `/readyz` and the other ways of
        // telling, and each later raise tries the file again. Only the first failure is logged.
        match board::post(&self.directory, alarm, about, &text, since) {
            Ok(()) => {
                if let Some(standing) = self.standing().get_mut(&key) {
                    standing.on_board = true;
                }
            }
            Err(error) if in_log => {
                tracing::warn!(alarm = alarm.name(), %error, "the alarm could not be dropped as a file");
            }
            Err(_) => {}
        }
    }

    /// Puts an alarm into memory and says what is to follow.
    fn remember(&self, key: &(Alarm, String), text: &str) -> New {
        let mut standing = self.standing();
        match standing.get_mut(key) {
            Some(same) if same.text == text => {
                // What an earlier process left is logged by this one too. Its file stays as it is: the file's date says
                // since when the alarm stands.
                let found_before = std::mem::replace(&mut same.found, true);
                New {
                    in_log: !found_before,
                    on_board: !same.on_board,
                    since: same.since,
                }
            }
            other => {
                // With another text it is still the same alarm, since it was raised first.
                let since = other.map_or_else(SystemTime::now, |other| other.since);
                let new = Standing {
                    text: text.to_owned(),
                    since,
                    found: true,
                    on_board: false,
                };
                standing.insert(key.clone(), new);
                New {
                    in_log: true,
                    on_board: true,
                    since,
                }
            }
        }
    }

    /// What raised the alarm is over. Blocks on the disk.
    pub fn clear(&self, alarm: Alarm, about: &str) {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        if self.standing().remove(&(alarm, about.to_owned())).is_some() {
            // As loud as its beginning: who reads errors only has seen that one, and looks for its end.
            tracing::error!(alarm = alarm.name(), about = subject(about), "the alarm is over");
            board::remove(&self.directory, alarm, about);
        }
    }

    /// The half that this kind says is down runs: the caller is the evidence. Unlike [`Alarms::clear`] it also ends what another
    /// process wrote since the start of this one, or what cannot be read: what says that a half is down is written while
    /// that one may just be starting. To be called now and then. Blocks on the disk.
    pub fn is_up(&self, alarm: Alarm) {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.standing().remove(&(alarm, String::new())).is_some();
        if board::remove(&self.directory, alarm, "") || known {
            tracing::error!(alarm = alarm.name(), "the alarm is over");
        }
    }

    /// An alarm that the node told which led before this one stands here too, since it was raised there, as if an earlier process
    /// had left it. Blocks on the disk.
    pub fn adopt(&self, told: &Posted) {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (told.alarm, told.about.clone());
        if self.standing().contains_key(&key) {
            return;
        }
        // On a full disk it stands all the same.
        let posted = board::post(&self.directory, told.alarm, &told.about, &told.text, told.since);
        let standing = Standing {
            text: told.text.clone(),
            since: told.since,
            found: false,
            on_board: posted.is_ok(),
        };
        self.standing().insert(key, standing);
    }

    /// Another node leads: what is looked for once is no longer known here, which says nothing of whether it is over. Blocks on
    /// the disk.
    pub fn leave_to_the_leader(&self) {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let left: Vec<_> = {
            let standing = self.standing();
            let own = standing.keys().filter(|(alarm, about)| alarm.is_looked_for_once(about));
            own.cloned().collect()
        };
        for key in left {
            self.standing().remove(&key);
            board::remove(&self.directory, key.0, &key.1);
            tracing::info!(
                alarm = key.0.name(),
                about = subject(&key.1),
                "the alarm is another node's now"
            );
        }
    }

    /// Whether this alarm stands, as far as this process knows. Waits for no disk.
    pub fn stands(&self, alarm: Alarm, about: &str) -> bool {
        self.standing().contains_key(&(alarm, about.to_owned()))
    }

    /// What the standing alarms of a kind are about.
    pub fn subjects(&self, alarm: Alarm) -> Vec<String> {
        let standing = self.standing();
        let own = standing.keys().filter(|(kind, _)| *kind == alarm);
        own.map(|(_, about)| about.clone()).collect()
    }

    /// Every standing alarm of this process, with its text.
    pub fn alarms(&self) -> Vec<(Alarm, String)> {
        let own = self.own().into_iter();
        own.map(|posted| (posted.alarm, posted.text)).collect()
    }

    /// Every alarm that this process knows: its own, and what an earlier one left it.
    pub fn own(&self) -> Vec<Posted> {
        let standing = self.standing();
        let posted = standing.iter().map(|((alarm, about), standing)| Posted {
            alarm: *alarm,
            about: about.clone(),
            text: standing.text.clone(),
            since: standing.since,
        });
        posted.collect()
    }

    /// Every alarm of every process: what lies in the directory, and what this process knows even if the disk is full.
    pub fn board(&self) -> Vec<Posted> {
        let mut all: BTreeMap<String, Posted> = BTreeMap::new();
        for posted in posted(&self.directory).into_iter().chain(self.own()) {
            all.insert(posted.key(), posted);
        }
        all.into_values().collect()
    }

    /// A sign of life for the other half, by the minute. Blocks on the disk.
    ///
    /// # Errors
    /// When the disk does not take it; the other half then says that this one does not run.
    pub fn give_sign_of_life(&self) -> io::Result<()> {
        other_half::give_sign(&self.directory, SystemTime::now())
    }

    /// This process ends: the other half need not wait until the sign has grown old. Blocks on the disk.
    pub fn take_sign_of_life_away(&self) {
        other_half::take_sign_away(&self.directory);
    }

    /// Counts one event.
    pub fn count(&self, event: Event) {
        self.metrics.count(event, SystemTime::now());
    }

    /// Counts one attempt at a letter by the code of the mail server's reply that decided it; `None` when no reply came.
    pub fn count_reply(&self, code: Option<u16>) {
        self.metrics.count_reply(code, SystemTime::now());
    }

    /// Says what was measured just now.
    pub fn set(&self, gauge: Gauge, value: u64) {
        self.set_for(gauge, "", value);
    }

    /// As [`Alarms::set`], for a gauge that has a value for each of several things.
    pub fn set_for(&self, gauge: Gauge, label: &str, value: u64) {
        self.metrics.set(gauge, label, value, SystemTime::now());
    }

    /// Prometheus text format, as it is told at this time: what letters change is told by steps of five minutes. Alarms of the
    /// other half are left out: this process does not know of them, and 0 would say that none stands.
    pub fn metrics(&self, now: SystemTime) -> String {
        let standing = self.standing();
        let count = |kind: Alarm| standing.keys().filter(|(alarm, _)| *alarm == kind).count();
        let own = Alarm::all().filter(|kind| self.own.contains(&kind.side()));
        self.metrics.text(now, own.map(|kind| (kind.name(), count(kind))))
    }

    fn standing(&self) -> MutexGuard<'_, BTreeMap<(Alarm, String), Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For a line of the log: nothing, where an alarm is about nothing in particular.
fn subject(about: &str) -> Option<&str> {
    (!about.is_empty()).then_some(about)
}

/// Where something of an alarm is new.
struct New {
    /// It belongs into the log.
    in_log: bool,
    /// Its file is to be written: it is missing, or says something else.
    on_board: bool,
    /// Since when the alarm stands.
    since: SystemTime,
}

/// A line for each alarm, as people read them.
pub fn lines<'a>(posted: impl IntoIterator<Item = &'a Posted>) -> Vec<String> {
    let posted = posted.into_iter();
    posted
        .map(|one| format!("{}: {}", one.alarm.name(), one.text))
        .collect()
}

/// Every alarm that lies in a directory.
pub fn posted(directory: &Path) -> Vec<Posted> {
    board::read(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(alarms: &Alarms) -> Vec<(String, String)> {
        alarms
            .board()
            .into_iter()
            .map(|posted| (posted.key(), posted.text))
            .collect()
    }

    #[test]
    fn an_alarm_stands_over_a_restart_until_it_is_looked_at_again() {
        let dir = tempfile::tempdir().unwrap();
        let alarms = || Alarms::new(dir.path().to_owned(), &[Side::Relay]);
        let first = alarms();
        first.raise(Alarm::MailServer, "", "no connection");
        first.raise(Alarm::Held, "abc", "held");
        first.raise(Alarm::Disk, "", "filling up");
        let second = alarms();
        assert_eq!(texts(&second).len(), 3);
        second.raise(Alarm::Disk, "", "filling up");
        second.settle(Looker::Host);
        let left = [
            ("disk", "filling up"),
            ("held-abc", "held"),
            ("mail-server", "no connection"),
        ];
        assert_eq!(
            texts(&second),
            left.map(|(key, text)| (key.to_owned(), text.to_owned()))
        );
        second.settle(Looker::Relay);
        assert_eq!(
            texts(&second),
            [("disk".to_owned(), "filling up".to_owned())],
            "what this process found itself stays"
        );
        second.settle(Looker::Host);
        assert_eq!(posted(dir.path()).len(), 1);
        second.clear(Alarm::Disk, "");
        assert_eq!(posted(dir.path()).len(), 0);
    }

    #[test]
    fn what_a_look_does_not_find_any_more_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let alarms = Alarms::new(dir.path().to_owned(), &[Side::Web]);
        let found = |alarm, about: &str| Raised {
            alarm,
            about: about.to_owned(),
            text: "so it is".to_owned(),
        };
        alarms.raise(Alarm::Tls, "", "another looker's");
        alarms.reflect(
            Looker::Readiness,
            &[
                found(Alarm::Spool, ""),
                found(Alarm::Spool, "post"),
                found(Alarm::Seal, "post"),
            ],
        );
        assert_eq!(texts(&alarms).len(), 4);
        alarms.reflect(Looker::Readiness, &[found(Alarm::Spool, "post")]);
        let keys: Vec<_> = texts(&alarms).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["spool-post", "tls"]);
    }

    /// The metrics, the names of files and the messages all find an alarm by its name.
    #[test]
    fn names_are_told_apart() {
        let mut names: Vec<_> = TABLE.iter().map(|spec| spec.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
        for (place, spec) in TABLE.iter().enumerate() {
            assert_eq!(spec.alarm as usize, place);
        }
    }

    /// An alarm that has stood since Friday is told by a second way in time, although it says something else each day.
    #[test]
    fn since_when_an_alarm_stands_outlives_another_text_and_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let alarms = || Alarms::new(dir.path().to_owned(), &[Side::Relay]);
        alarms().raise(Alarm::Delayed, "", "over 1 h");
        let friday = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_795_200_000);
        let file = std::fs::File::options().append(true).open(dir.path().join("delayed"));
        file.unwrap().set_modified(friday).unwrap();
        for text in ["over 4 h", "over 24 h"] {
            alarms().raise(Alarm::Delayed, "", text);
            let told = posted(dir.path()).remove(0);
            assert_eq!((told.text.as_str(), told.since), (text, friday));
        }
        // The control: once over, it is another one.
        let last = alarms();
        last.clear(Alarm::Delayed, "");
        last.raise(Alarm::Delayed, "", "over 1 h");
        assert!(posted(dir.path()).remove(0).since > friday);
    }

    /// 0 would say that none stands, and this process does not know.
    #[test]
    fn the_numbers_tell_of_no_alarm_of_the_other_half() {
        let dir = tempfile::tempdir().unwrap();
        let told = |own: &[Side]| {
            let text = Alarms::new(dir.path().to_owned(), own).metrics(SystemTime::now());
            ["spool", "held"].map(|kind| text.contains(&format!("konvolutt_alarm{{kind=\"{kind}\"}} 0\n")))
        };
        assert_eq!(told(&[Side::Web]), [true, false]);
        assert_eq!(told(&[Side::Relay]), [false, true]);
        assert_eq!(told(&[Side::Web, Side::Relay]), [true, true]);
    }

    /// The node that led before tells no more of it; this one alone can find out that it is over.
    #[test]
    fn what_another_node_told_stands_until_it_is_looked_for_here() {
        let dir = tempfile::tempdir().unwrap();
        let alarms = Alarms::new(dir.path().to_owned(), &[Side::Relay]);
        let told = |alarm, about: &str| Posted {
            alarm,
            about: about.to_owned(),
            text: "as it was told".to_owned(),
            since: SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_795_200_000),
        };
        alarms.raise(Alarm::MailServer, "", "as it is here");
        for one in [
            told(Alarm::MailServer, ""),
            told(Alarm::Held, "a"),
            told(Alarm::Held, "b"),
        ] {
            alarms.adopt(&one);
        }
        let text = |about: &str| (format!("held-{about}"), "as it was told".to_owned());
        let own = ("mail-server".to_owned(), "as it is here".to_owned());
        assert_eq!(texts(&alarms), [text("a"), text("b"), own.clone()]);
        assert_eq!(posted(dir.path()).len(), 3);
        let since = |posted: &Posted| posted.alarm == Alarm::Held && posted.since == told(Alarm::Held, "a").since;
        assert_eq!(posted(dir.path()).iter().filter(|posted| since(posted)).count(), 2);
        alarms.exactly(Alarm::Held, vec![("a".to_owned(), "as it was told".to_owned())]);
        assert_eq!(texts(&alarms), [text("a"), own]);
    }

    #[test]
    fn a_node_that_no_longer_leads_keeps_what_it_meets_itself() {
        let dir = tempfile::tempdir().unwrap();
        let alarms = Alarms::new(dir.path().to_owned(), &[Side::Relay]);
        let there = [
            (Alarm::Bounced, ""),
            (Alarm::Canary, "post"),
            (Alarm::Clock, ""),
            (Alarm::Corrupt, "a"),
            (Alarm::Delayed, ""),
            (Alarm::Delayed, "a"),
            (Alarm::Held, "a"),
            (Alarm::MailServer, ""),
            (Alarm::Stuck, QUEUE),
            (Alarm::Unopened, ""),
        ];
        there
            .iter()
            .for_each(|(alarm, about)| alarms.raise(*alarm, about, "so it is"));
        alarms.leave_to_the_leader();
        let keys: Vec<_> = texts(&alarms).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["clock", "delayed-a", "mail-server", "stuck-queue"]);
        assert_eq!(posted(dir.path()).len(), 4);
    }

    /// What one side left is nothing that the other may end.
    #[test]
    fn alarms_of_the_other_side_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let relay = Alarms::new(dir.path().to_owned(), &[Side::Relay]);
        relay.raise(Alarm::Delayed, "", "late");
        let web = Alarms::new(dir.path().to_owned(), &[Side::Web]);
        web.settle(Looker::Readiness);
        web.settle(Looker::Relay);
        web.clear(Alarm::Delayed, "");
        assert_eq!(texts(&web).len(), 1);
        assert!(web.alarms().is_empty());
    }

    /// What a unit says of a half that failed may be written after the next start of that half, by another user, or badly.
    #[test]
    fn a_half_that_runs_ends_what_another_process_wrote_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let running = Alarms::new(dir.path().to_owned(), &[Side::Web]);
        let beside = Alarms::new(dir.path().to_owned(), &[Side::Web, Side::Relay]);
        for alarm in [Alarm::WebDown, Alarm::RelayDown] {
            beside.raise(alarm, "", "it could not be started");
        }
        running.clear(Alarm::WebDown, "");
        assert_eq!(
            posted(dir.path()).len(),
            2,
            "the control: what it does not know it does not clear"
        );
        running.is_up(Alarm::WebDown);
        let left: Vec<_> = posted(dir.path()).iter().map(Posted::key).collect();
        assert_eq!(left, ["relay-down"]);
        std::os::unix::fs::symlink("nowhere", dir.path().join("web-down")).unwrap();
        running.is_up(Alarm::WebDown);
        assert!(dir.path().join("web-down").symlink_metadata().is_err());
        // Its own memory ends with the file.
        beside.is_up(Alarm::RelayDown);
        assert!(!beside.stands(Alarm::RelayDown, "") && posted(dir.path()).is_empty());
    }

    /// The disk is full for the file, and the alarm stands all the same; the file follows when there is room.
    #[test]
    fn an_alarm_that_cannot_be_written_stands_and_is_written_later() {
        let dir = tempfile::tempdir().unwrap();
        let there = dir.path().join("alarms");
        let alarms = Alarms::new(there.clone(), &[Side::Web]);
        alarms.raise(Alarm::Spool, "", "full");
        assert!(texts(&alarms).len() == 1 && posted(&there).is_empty());
        std::fs::create_dir(&there).unwrap();
        alarms.raise(Alarm::Spool, "", "full");
        assert_eq!(posted(&there).len(), 1);
    }
}
