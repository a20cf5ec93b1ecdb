//! The desk while it is unlocked: the process that opens, what is in the mailbox, and the threads that keep it true.
//!
//! Dropping the last handle ends the process and the threads, and gives back everything that was read.

mod looks;
mod marking;
mod reader;

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::mailbox::{Dropped, Drops, Fetch, Mailbox};
use super::post::{Content, Place, Post, RowId};
use super::worker::{Answers, Ask, At, Begin, Body, Start, Worker};
use crate::desk::reading::Reading;
use crate::ledger::{Ledger, LedgerPlace};
use crate::trouble::Trouble;
use looks::Looks;

/// An unlocked desk.
pub struct Session {
    worker: Worker,
    post: Mutex<Post>,
    fetch: Vec<Arc<dyn Fetch>>,
    drops: Arc<Drops>,
    ledger: Arc<Ledger>,
    progress: Mutex<Progress>,
    looks: Mutex<Looks>,
    /// The marks of mails, by their names.
    marks: Mutex<HashMap<String, Vec<String>>>,
    who: String,
    over: AtomicBool,
}

/// How far the list is, and how fresh.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Inputs with something sealed that are to be read.
    pub to_read: usize,
    /// Those of them that were.
    pub read: usize,
    /// When the mailbox was looked through last; of several, that for which it is longest ago.
    pub looked: Option<Timestamp>,
    /// Each of them was looked through, or cannot be reached.
    pub whole: bool,
    /// Why it cannot be reached, or one of several.
    pub away: Option<Trouble>,
    /// Why marks are not kept in the mailbox although the settings say so.
    pub marks_only_here: Option<Trouble>,
    /// Why mail whose letter was opened was not moved although the settings say so.
    pub not_moved: Option<Trouble>,
    /// Why what was seen cannot be remembered.
    pub not_remembered: Option<Trouble>,
}

impl Session {
    /// Starts the process and looks into the mailboxes. Rows have larger numbers than `last`.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn begin(
        begin: Begin,
        start: Start,
        mut mailboxes: Vec<Box<dyn Mailbox>>,
        ledger: Arc<Ledger>,
        last: RowId,
    ) -> io::Result<Arc<Self>> {
        let drops = Arc::new(Drops::default());
        let looks = Looks::of(mailboxes.len());
        mailboxes.push(Box::new(Dropped::new(mailboxes.len(), Arc::clone(&drops))));
        let who = begin.who.clone();
        let session = Arc::new(Self {
            worker: Worker::new(begin, start)?,
            post: Mutex::new(Post::after(last)),
            fetch: mailboxes.iter().map(|mailbox| mailbox.fetch()).collect(),
            drops,
            ledger,
            progress: Mutex::default(),
            looks: Mutex::new(looks),
            marks: Mutex::default(),
            who,
            over: AtomicBool::new(false),
        });
        for (number, mailbox) in mailboxes.into_iter().enumerate() {
            let own = Arc::clone(&session);
            std::thread::spawn(move || reader::keep_looking(&own, number, mailbox));
        }
        Ok(session)
    }

    /// From now on nothing more is read.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        self.worker.end();
        self.fetch.iter().for_each(|fetch| fetch.end());
        {
            let mut post = self.post();
            *post = Post::after(post.last());
        }
        self.drops.clear();
    }

    /// Takes in what a clerk drops on the page.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn drop_in(&self, name: &str, bytes: Vec<u8>) -> Result<(), Trouble> {
        self.drops.put(name, bytes)
    }

    /// Whether it was ended: nobody waits for what is under way.
    pub(in crate::desk) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// What is in the mailbox.
    pub fn post(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the list is.
    pub fn progress(&self) -> Progress {
        let looks = self.looks();
        Progress {
            looked: looks.looked(),
            whole: looks.are_whole(),
            away: looks.away(),
            ..self.progress_mut().clone()
        }
    }

    fn looks(&self) -> MutexGuard<'_, Looks> {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress_mut(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One letter, opened now when its turn has not come.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn reading(&self, id: RowId) -> Result<Arc<Reading>, Trouble> {
        let places = {
            let post = self.post();
            let row = post.row(id).ok_or(Trouble::Missing)?;
            match &row.content {
                Content::Read(reading) => return Ok(Arc::clone(reading)),
                Content::NotRead(why) | Content::NotLookedAt(why) => return Err(why.clone()),
                Content::Waiting | Content::Known(_) => row.places.clone(),
            }
        };
        let (given, body) = self.whole(places, |place| place.at.given)?;
        let answers = self.worker.ask(Ask::ReadNow(given.clone()), body);
        reader::take(self, &given, answers)?;
        let post = self.post();
        match post.row(id).map(|row| &row.content) {
            Some(Content::Read(reading)) => Ok(Arc::clone(reading)),
            Some(Content::NotRead(why)) => Err(why.clone()),
            _ => Err(Trouble::Missing),
        }
    }

    /// The bytes of a letter's files, as they come.
    ///
    /// # Errors
    /// The mail cannot be had any more.
    pub fn files(&self, id: RowId) -> Result<Answers, Trouble> {
        self.ask_about(id, Ask::Files)
    }

    /// Writes a letter into a folder of its own, as `postrom open` does.
    ///
    /// # Errors
    /// The mail cannot be had any more.
    pub fn save(&self, id: RowId, out: &std::path::Path, ledger: &LedgerPlace) -> Result<Answers, Trouble> {
        self.ask_about(id, |at| Ask::Save {
            at,
            out: out.to_owned(),
            ledger: ledger.clone(),
        })
    }

    /// Seals a letter once more, to a case officer whose certificate this is, into a mail file in a folder.
    ///
    /// # Errors
    /// The mail cannot be had any more.
    pub fn reseal(&self, id: RowId, cert: &str, to: &std::path::Path) -> Result<Answers, Trouble> {
        self.ask_about(id, |at| Ask::Reseal {
            at,
            cert: cert.to_owned(),
            to: to.to_owned(),
        })
    }

    fn ask_about(&self, id: RowId, ask: impl Fn(At) -> Ask) -> Result<Answers, Trouble> {
        let places = {
            let post = self.post();
            post.row(id).map(|row| row.places.clone()).unwrap_or_default()
        };
        let (at, body) = self.whole(places, |place| place.at)?;
        Ok(self.worker.ask(ask(at), body))
    }

    /// The first place whose bytes can be had.
    fn whole<T>(&self, places: Vec<Place>, of: impl Fn(Place) -> T) -> Result<(T, Arc<Vec<u8>>), Trouble> {
        let mut why = Trouble::Missing;
        for place in places {
            match self.body(&place.at.given) {
                Ok(body) => return Ok((of(place), body)),
                Err(trouble) => why = trouble,
            }
        }
        Err(why)
    }

    fn body(&self, given: &super::worker::Given) -> Result<Arc<Vec<u8>>, Trouble> {
        match &given.body {
            Body::File(path) if path.is_file() => Ok(Arc::default()),
            Body::File(_) => Err(Trouble::Missing),
            Body::Follows => self.fetch.get(given.mailbox).ok_or(Trouble::Missing)?.fetch(given),
        }
    }
}
