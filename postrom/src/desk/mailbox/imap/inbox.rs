//! What is known of one folder of a server, and what is new in it.
//!
//! What always holds: every mail is told: whole, without what cannot hold anything sealed, or as one that cannot be had.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::folder::{beginnings, examine, flags, mails, sizes, uids};
use super::large::shortened;
use super::name::Name;
use super::talk::{Ended, Talk, spoken, unwilling};
use super::tls::Stream;
use super::way::Way;
use super::words::is_of_the_moment;
use crate::desk::mailbox::Arrival;
use crate::desk::worker::{Body, Given};
use crate::source::Unread;
use crate::trouble::{Away, Cause, Trouble};

/// Mails up to this size are fetched whole, several at once.
const SMALL: u64 = 256 * 1024;
/// Bytes and mails of one question.
const AT_ONCE: (u64, usize) = (4 * 1024 * 1024, 100);
/// Mails of one question whose sizes nobody told.
const UNKNOWN: usize = 16;
/// Numbers in one question.
const NUMBERS: usize = 500;
/// The largest mail that is looked at, as everywhere, and in megabytes.
const LARGEST: u64 = 100_000_000;
const MEGABYTES: u64 = LARGEST / 1_000_000;
/// A server may leave out a mail that somebody deletes just now, or refuse one. One that it does not give so often is told.
const TRIES: u8 = 3;
/// After so many that are refused with a reason that passes, no further one is asked for now.
const MOST_TROUBLES: usize = 200;

/// One folder.
pub(super) struct Inbox {
    pub(super) name: String,
    validity: Option<u32>,
    is_open: bool,
    /// All that is there.
    there: Vec<u32>,
    told: HashSet<u32>,
    tries: HashMap<u32, u8>,
    /// Why the server gives some of them only later, and how many.
    trouble: Option<Away>,
    troubles: usize,
    /// Told as mails that the server does not give.
    refused: HashSet<u32>,
    counts_changes: bool,
    /// Changes of marks up to this count were told.
    marks_to: u64,
}

/// Who is told, and as whom.
pub(super) struct Told<'a> {
    pub(super) way: &'a Way,
    pub(super) number: usize,
    pub(super) tell: &'a mut dyn FnMut(Arrival) -> bool,
}

impl Inbox {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            validity: None,
            is_open: false,
            there: Vec::new(),
            told: HashSet::new(),
            tries: HashMap::new(),
            trouble: None,
            troubles: 0,
            refused: HashSet::new(),
            counts_changes: false,
            marks_to: 0,
        }
    }

    /// A connection begins: nothing is open in it, and what was refused may have been refused because of the last one's trouble.
    pub(super) fn closed(&mut self) {
        self.is_open = false;
        for uid in self.refused.drain() {
            self.told.remove(&uid);
            self.tries.remove(&uid);
        }
    }

    /// Opens it; one that is the only one stays open.
    pub(super) fn open(&mut self, talk: &mut Talk<Stream>, only: bool) -> Result<(), Away> {
        if self.is_open && only {
            return Ok(());
        }
        self.there.clear();
        let about = examine(talk, &self.name)?;
        self.is_open = true;
        self.counts_changes = about.counts_changes;
        if self.validity != Some(about.validity) {
            self.forget();
            self.validity = Some(about.validity);
        }
        Ok(())
    }

    /// Its mails are gone: whatever comes in their place is told.
    pub(super) fn forget(&mut self) {
        self.validity = None;
        self.there.clear();
        self.told.clear();
        self.tries.clear();
        self.refused.clear();
        self.marks_to = 0;
    }

    /// Whether something else is there than was there.
    pub(super) fn differs(&self, talk: &mut Talk<Stream>) -> Result<bool, Away> {
        // That it was opened told how many there are.
        talk.changed();
        Ok(uids(talk)? != self.there)
    }

    fn named(&self, uid: u32) -> Name {
        Name {
            folder: self.name.clone(),
            validity: self.validity.unwrap_or_default(),
            uid,
        }
    }

    /// The names of all that was told and is there.
    pub(super) fn names(&self, way: &Way) -> Vec<String> {
        let told = self.there.iter().filter(|uid| self.told.contains(uid));
        told.map(|uid| self.named(*uid).text(&way.address)).collect()
    }

    /// Why some mails come only later: told when all others were.
    pub(super) fn trouble(&mut self) -> Result<(), Away> {
        self.trouble.take().map_or(Ok(()), Err)
    }

    /// Tells what is new; whether some of it did not come.
    pub(super) fn look(&mut self, talk: &mut Talk<Stream>, told: &mut Told<'_>) -> Result<bool, Away> {
        // Whoever asks now hears of everything up to now.
        talk.changed();
        self.troubles = 0;
        self.there = uids(talk)?;
        let there: HashSet<u32> = self.there.iter().copied().collect();
        self.told.retain(|uid| there.contains(uid));
        self.tries.retain(|uid, _| there.contains(uid));
        let new: Vec<u32> = self
            .there
            .iter()
            .copied()
            .filter(|uid| !self.told.contains(uid))
            .collect();
        for some in new.chunks(NUMBERS) {
            self.some(talk, some, told)?;
        }
        Ok(new.iter().any(|uid| !self.told.contains(uid)))
    }

    fn some(&mut self, talk: &mut Talk<Stream>, new: &[u32], told: &mut Told<'_>) -> Result<(), Away> {
        let sizes = sizes(talk, new)?;
        let (unknown, known): (Vec<u32>, Vec<u32>) = new.iter().partition(|uid| !sizes.contains_key(uid));
        for some in unknown.chunks(UNKNOWN) {
            self.fetch(talk, some, false, told)?;
            if told.way.is_over() {
                return Ok(());
            }
        }
        let (mut batch, mut bytes) = (Vec::new(), 0);
        for uid in &known {
            let size = sizes.get(uid).copied().unwrap_or_default();
            if size > LARGEST {
                self.unread(*uid, Trouble::TooLarge { limit: MEGABYTES }, told);
            } else if size > SMALL {
                match shortened(talk, *uid)? {
                    Some(mail) => self.came(*uid, mail, told),
                    None => self.fetch(talk, &[*uid], true, told)?,
                }
            } else {
                if bytes + size > AT_ONCE.0 || batch.len() == AT_ONCE.1 {
                    self.fetch(talk, &std::mem::take(&mut batch), true, told)?;
                    bytes = 0;
                }
                bytes += size;
                batch.push(*uid);
            }
            if told.way.is_over() {
                return Ok(());
            }
        }
        self.fetch(talk, &batch, true, told)
    }

    /// These mails, whole. When the server refuses several, each by itself: one that is damaged does not stop the others.
    /// Of those whose size is not `known`, no more than it takes to know that they are too large.
    fn fetch(&mut self, talk: &mut Talk<Stream>, some: &[u32], known: bool, told: &mut Told<'_>) -> Result<(), Away> {
        if some.is_empty() {
            return Ok(());
        }
        let take = &mut |uid, mail| self.came(uid, mail, told);
        let ended = if known {
            mails(talk, some, take)?
        } else {
            beginnings(talk, some, LARGEST + 1, take)?
        };
        let missing: Vec<u32> = some.iter().copied().filter(|uid| !self.told.contains(uid)).collect();
        match (ended, &missing[..]) {
            (_, []) => {}
            (Ended::No(text), [_]) if some.len() == 1 && is_of_the_moment(&text) => {
                self.troubles += 1;
                if self.troubles > MOST_TROUBLES {
                    return Err(unwilling(text));
                }
                self.trouble = Some(unwilling(text));
            }
            (Ended::No(text), [one]) if some.len() == 1 => {
                let cause = Cause::Other { text: spoken(&text) };
                self.tried(*one, Trouble::Unreadable { cause }, told);
            }
            (Ended::No(_), several) => {
                for one in several {
                    self.fetch(talk, &[*one], known, told)?;
                }
            }
            (Ended::Done(_), several) => {
                for one in several {
                    self.tried(*one, Trouble::Missing, told);
                }
            }
        }
        Ok(())
    }

    /// One did not come. A server may be in trouble for a moment, so that is told only after some tries.
    fn tried(&mut self, uid: u32, why: Trouble, told: &mut Told<'_>) {
        let tries = self.tries.entry(uid).or_default();
        *tries += 1;
        if *tries >= TRIES {
            self.refused.insert(uid);
            self.unread(uid, why, told);
        }
    }

    fn came(&mut self, uid: u32, mail: Vec<u8>, told: &mut Told<'_>) {
        if self.told.contains(&uid) {
            return;
        }
        if mail.len() as u64 > LARGEST {
            return self.unread(uid, Trouble::TooLarge { limit: MEGABYTES }, told);
        }
        self.told.insert(uid);
        let given = Given {
            mailbox: told.number,
            name: self.named(uid).text(&told.way.address),
            named: false,
            body: Body::Follows,
        };
        (told.tell)(Arrival::Input(given, Arc::new(mail)));
    }

    fn unread(&mut self, uid: u32, why: Trouble, told: &mut Told<'_>) {
        self.told.insert(uid);
        let name = self.named(uid).text(&told.way.address);
        (told.tell)(Arrival::Unread(Unread {
            name,
            named: false,
            why,
        }));
    }

    /// Tells marks that changed since they were told.
    pub(super) fn marks(&mut self, talk: &mut Talk<Stream>, told: &mut Told<'_>) -> Result<(), Away> {
        if !self.counts_changes {
            return Ok(());
        }
        let (changed, count) = flags(talk, self.marks_to)?;
        let first = std::mem::replace(&mut self.marks_to, count) == 0;
        let is_ours = |flag: &String| flag.to_ascii_lowercase().starts_with("$konvolutt");
        let marks: Vec<_> = changed
            .into_iter()
            .filter(|(_, flags)| !first || flags.iter().any(is_ours))
            .map(|(uid, flags)| (self.named(uid).text(&told.way.address), flags))
            .collect();
        if !marks.is_empty() {
            (told.tell)(Arrival::Marks(marks));
        }
        Ok(())
    }
}
