//! The relay's side: which letters should have been opened by now.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::read::{Found, read};
use super::{Rounds, Settings};
use crate::alarms::{Alarm, Alarms, Looker};
use crate::mail_folder;
use crate::store::{Identity, Notes, State, Store};
use crate::unix_time::seconds;
use konvolutt_letter::Reference;

/// Name of the memory in the spool. It outlives the delivered letters themselves.
const NOTE: &str = "awaited.json";
/// An acknowledgement of no known letter is removed after this time.
const UNASKED: Duration = Duration::from_secs(7 * 86_400);
/// References named in one alarm.
const NAMED: usize = 20;

/// What the post room has not said yet.
pub struct Waiting {
    settings: Settings,
    memory: Memory,
}

#[derive(Default, PartialEq, Clone, Serialize, Deserialize)]
struct Memory {
    /// Since when citizens' letters are watched: older ones were opened by people who were not asked to tell.
    begun: Option<u64>,
    /// By name in the spool.
    letters: BTreeMap<String, Awaited>,
}

#[derive(PartialEq, Clone, Serialize, Deserialize)]
struct Awaited {
    reference: String,
    /// When it was delivered; of a test letter, when it was first waited for.
    since: u64,
    /// A test letter to this mailbox.
    canary: Option<String>,
    /// It was opened, or is a test letter that no longer matters. It stays here for as long as its name is in the spool: what
    /// is delivered and not known here is taken for a citizen's letter.
    opened: bool,
}

impl Waiting {
    /// Goes on where an earlier process ended.
    ///
    /// # Errors
    /// When that is not to be had now, and will be.
    pub fn load(settings: Settings, notes: &dyn Notes) -> io::Result<Self> {
        let note = notes.note_to_go_on(NOTE)?;
        // What cannot be read is begun anew: at worst an alarm comes twice.
        let memory = note
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Ok(Self { settings, memory })
    }

    /// What is expected.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// One look at everything.
    ///
    /// # Errors
    /// When the spool cannot be read or written; what is known was told.
    pub fn look(&mut self, store: &dyn Store, alarms: &Alarms, now: SystemTime) -> io::Result<()> {
        let before = self.memory.clone();
        self.expect_canaries(store, now);
        self.expect_letters(store, now)?;
        let used = self.hear(store, now);
        self.tell_unopened(alarms, now);
        self.tell_canaries(store, alarms, now);
        self.forget(store, now)?;
        if self.memory != before {
            store.set_note(NOTE, &serde_json::to_vec(&self.memory).map_err(io::Error::other)?)?;
        }
        // Only once it is written down.
        mail_folder::tidy(&used);
        Ok(())
    }

    fn expect_canaries(&mut self, store: &dyn Store, now: SystemTime) {
        let running = self.settings.running(store, now);
        let asked = |mailbox: &String| running.iter().any(|(own, _)| own == mailbox);
        for letter in self.memory.letters.values_mut() {
            letter.opened |= letter.canary.as_ref().is_some_and(|mailbox| !asked(mailbox));
        }
        for (mailbox, identity) in running {
            let awaited = Awaited::new(&identity, seconds(now), Some(mailbox));
            self.memory.letters.entry(identity.name).or_insert(awaited);
        }
    }

    fn expect_letters(&mut self, store: &dyn Store, now: SystemTime) -> io::Result<()> {
        if self.settings.unopened_after.is_none() {
            self.memory.begun = None;
            self.memory.letters.retain(|_, letter| letter.canary.is_some());
            return Ok(());
        }
        let begun = *self.memory.begun.get_or_insert(seconds(now));
        let delivered = store.delivered()?;
        self.give_up(store, &delivered);
        for (name, delivered) in delivered {
            // By the minute: one that was delivered in the first minute is not forgotten.
            let since = seconds(delivered);
            if since < begun / 60 * 60 || self.memory.letters.contains_key(&name) {
                continue;
            }
            if let Some(identity) = store.identities().of_name(&name) {
                self.memory.letters.insert(name, Awaited::new(&identity, since, None));
            }
        }
        Ok(())
    }

    /// A letter that came back, or was discarded after that, is not in the mailbox: nobody can open it, and the alarm over it
    /// would never end. Delivered again, it is waited for from then on. One of which nothing is known any more still counts.
    fn give_up(&mut self, store: &dyn Store, delivered: &[(String, SystemTime)]) {
        let delivered: BTreeSet<&str> = delivered.iter().map(|(name, _)| name.as_str()).collect();
        let is_elsewhere = |name: &String| {
            let letter = store.show(name).ok().flatten();
            letter.is_some_and(|letter| match letter.state {
                State::Held => true,
                // Of a corrupt one under the same name the record says nothing about this one.
                State::Discarded => letter.discarded.is_some_and(|record| !record.corrupt),
                State::Waiting | State::Delivered | State::Corrupt => false,
            })
        };
        self.memory.letters.retain(|name, letter| {
            let is_awaited = letter.canary.is_none() && !letter.opened && !delivered.contains(name.as_str());
            !(is_awaited && is_elsewhere(name))
        });
    }

    /// Takes what the post room said, and returns the files that are done with.
    fn hear(&mut self, store: &dyn Store, now: SystemTime) -> Vec<PathBuf> {
        let found = self.settings.directories.iter().flat_map(|directory| read(directory));
        let mut used = Vec::new();
        for Found {
            acknowledgement,
            path,
            modified,
        } in found.collect::<Vec<_>>()
        {
            let reference = acknowledgement.reference.to_string();
            let of = self
                .memory
                .letters
                .iter_mut()
                .filter(|(_, letter)| letter.reference == reference);
            let mut taken = false;
            for (name, letter) in of {
                if store
                    .identities()
                    .of_name(name)
                    .is_some_and(|own| acknowledgement.proves(&own.id))
                {
                    (letter.opened, taken) = (true, true);
                }
            }
            let age = now.duration_since(modified).unwrap_or_default();
            if taken || age > UNASKED {
                used.push(path);
            }
        }
        used
    }

    /// The newest test letter that was opened says that the way is open; what went before it no longer matters.
    fn tell_canaries(&mut self, store: &dyn Store, alarms: &Alarms, now: SystemTime) {
        let Some(rounds) = &self.settings.rounds else {
            alarms.settle(Looker::PostRoom);
            return;
        };
        for mailbox in &rounds.mailboxes {
            let own = |letter: &Awaited| letter.canary.as_ref() == Some(mailbox);
            let opened = self
                .memory
                .letters
                .values()
                .filter(|letter| own(letter) && letter.opened);
            let last = opened.map(|letter| letter.since).max().unwrap_or(0);
            for letter in self.memory.letters.values_mut() {
                letter.opened |= own(letter) && letter.since < last;
            }
            let limit = rounds.missing_after;
            let late = |letter: &Awaited| own(letter) && !letter.opened && letter.is_late(limit, now);
            let missing = self.memory.letters.iter().filter(|(_, letter)| late(letter));
            match missing.min_by_key(|(_, letter)| letter.since) {
                None => alarms.clear(Alarm::Canary, mailbox),
                Some((name, letter)) => {
                    let (reference, limit) = (&letter.reference, words(limit));
                    let state = store.show(name).ok().flatten().map(|letter| letter.state);
                    let place = place(state);
                    let text =
                        format!("nobody opened the test letter {reference} to {mailbox} within {limit}: {place}");
                    alarms.raise(Alarm::Canary, mailbox, &text);
                }
            }
        }
        // A mailbox that is no longer asked.
        alarms.settle(Looker::PostRoom);
    }

    fn tell_unopened(&self, alarms: &Alarms, now: SystemTime) {
        let limit = self.settings.unopened_after;
        let late = |letter: &&Awaited| {
            letter.canary.is_none() && !letter.opened && limit.is_some_and(|limit| letter.is_late(limit, now))
        };
        let mut late: Vec<_> = self.memory.letters.values().filter(late).collect();
        late.sort_by_key(|letter| letter.since);
        if late.is_empty() {
            alarms.clear(Alarm::Unopened, "");
            return;
        }
        let named: Vec<_> = late
            .iter()
            .take(NAMED)
            .map(|letter| letter.reference.as_str())
            .collect();
        let more = match late.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (count, limit) = (late.len(), words(limit.unwrap_or_default()));
        let text = format!(
            "letters not opened within {limit} of their delivery: {count} ({}{more})",
            named.join(", ")
        );
        alarms.raise(Alarm::Unopened, "", &text);
    }

    /// An opened letter is remembered for as long as its name is there: it would be waited for again.
    fn forget(&mut self, store: &dyn Store, now: SystemTime) -> io::Result<()> {
        if !self.memory.letters.values().any(|letter| letter.opened) {
            return Ok(());
        }
        let there: BTreeSet<_> = store.delivered()?.into_iter().map(|(name, _)| name).collect();
        let running = self.settings.running(store, now);
        // A test letter no longer matters, but may still be on its way; that of this round is waited for by its name.
        let may_come = |name: &String| {
            running.iter().any(|(_, identity)| identity.name == *name)
                || store.show(name).map_or(true, |shown| shown.is_some())
        };
        let is_done = |name: &String, letter: &Awaited| {
            letter.opened && !there.contains(name) && (letter.canary.is_none() || !may_come(name))
        };
        self.memory.letters.retain(|name, letter| !is_done(name, letter));
        Ok(())
    }
}

impl Settings {
    /// The test letters of the running round, with their mailboxes.
    fn running(&self, store: &dyn Store, now: SystemTime) -> Vec<(String, Identity)> {
        let of = |rounds: &Rounds| {
            let identity = |mailbox: &String| Rounds::identity(store.identities(), mailbox, rounds.round(now));
            let mailboxes = rounds.mailboxes.iter();
            mailboxes.map(|mailbox| (mailbox.clone(), identity(mailbox))).collect()
        };
        self.rounds.as_ref().map(of).unwrap_or_default()
    }
}

impl Awaited {
    fn new(identity: &Identity, since: u64, canary: Option<String>) -> Self {
        let reference = Reference::from_random(&identity.reference).to_string();
        Self {
            reference,
            since,
            canary,
            opened: false,
        }
    }

    fn is_late(&self, limit: Duration, now: SystemTime) -> bool {
        seconds(now).saturating_sub(self.since) > limit.as_secs()
    }
}

/// Where a test letter got to: the first thing that an operator wants to know.
fn place(state: Option<State>) -> &'static str {
    match state {
        None => "it was never written; is the web side running, and the form open?",
        Some(State::Waiting) => "it still waits here; `konvolutt queue list` shows why",
        Some(State::Held) => "it was refused and is held; `konvolutt queue show` tells why",
        Some(State::Corrupt) => "it is not what the form wrote: changed on disk, or made by something else",
        Some(State::Discarded) => "it was discarded; `konvolutt queue show` tells why",
        Some(State::Delivered) => "the mail server took it; ask the post room whether it came",
    }
}

fn words(length: Duration) -> String {
    match length.as_secs() {
        seconds if seconds % 86_400 == 0 => format!("{} days", seconds / 86_400),
        seconds if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
