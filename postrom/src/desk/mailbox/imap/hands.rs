//! What the desk does with single mails of a mailbox on a server, while another connection keeps looking at it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::folder::mails;
use super::marking::mark;
use super::moving::moved;
use super::name::Name;
use super::talk::unwilling;
use super::way::{Kept, Use, Way};
use crate::desk::mailbox::{Change, Fetch};
use crate::desk::worker::Given;
use crate::trouble::{Away, Trouble};

/// Two connections that are made when they are needed: one that cannot change anything, and one for marks and moving,
/// which a desk that only reads never makes.
pub(super) struct Hands {
    way: Way,
    reading: Kept,
    writing: Kept,
    /// Where mails are that this desk moved, until the list knows.
    moved: Mutex<HashMap<Name, Name>>,
    /// Held while a mail is on its way.
    moving: Mutex<()>,
    /// Says that there is something to look at.
    look: Arc<AtomicBool>,
}

impl Hands {
    pub(super) fn new(way: Way, look: Arc<AtomicBool>) -> Self {
        Self {
            reading: Kept::new(way.clone(), Use::Read),
            writing: Kept::new(way.clone(), Use::Write),
            moved: Mutex::default(),
            moving: Mutex::default(),
            way,
            look,
        }
    }

    fn moves(&self) -> MutexGuard<'_, HashMap<Name, Name>> {
        self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a mail is now.
    fn name(&self, given: &Given) -> Result<Name, Trouble> {
        let name = Name::of(&given.name, &self.way.address).ok_or(Trouble::Missing)?;
        Ok(self.moves().get(&name).cloned().unwrap_or(name))
    }

    /// Does something with a mail where it is; once more when it is not there because it was just on its way.
    fn there<T>(&self, given: &Given, work: &mut dyn FnMut(&Name) -> Result<Option<T>, Away>) -> Result<T, Trouble> {
        let name = self.name(given)?;
        let mut found = work(&name);
        if matches!(found, Ok(None)) {
            drop(self.moving.lock().unwrap_or_else(PoisonError::into_inner));
            let now = self.name(given)?;
            if now != name {
                found = work(&now);
            }
        }
        found.map_err(|why| self.trouble(why))?.ok_or(Trouble::Missing)
    }

    fn trouble(&self, why: Away) -> Trouble {
        self.way.trouble(why)
    }

    fn move_to(&self, name: &Name, to: &str) -> Result<(), Away> {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let place = self.writing.with(&name.folder, &mut |talk, about| {
            if about.validity != name.validity {
                return Ok(None);
            }
            moved(talk, name.uid, to)
        })?;
        if let Some((validity, uid)) = place {
            let new = Name {
                folder: to.to_owned(),
                validity,
                uid,
            };
            self.moves().insert(name.clone(), new);
        }
        self.look.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Fetch for Hands {
    fn fetch(&self, given: &Given) -> Result<Arc<Vec<u8>>, Trouble> {
        let mail = self.there(given, &mut |name| {
            self.reading.with(&name.folder, &mut |talk, about| {
                let mut found = None;
                if about.validity == name.validity {
                    let ended = mails(talk, &[name.uid], &mut |_, mail| found = Some(mail))?;
                    if found.is_none() {
                        // That it is refused is not that it is gone.
                        ended.or(unwilling)?;
                    }
                }
                Ok(found)
            })
        })?;
        Ok(Arc::new(mail))
    }

    fn keeps_marks(&self) -> bool {
        self.way.login.marks
    }

    fn mark(&self, given: &Given, decide: &mut dyn FnMut(&[String]) -> Option<Change>) -> Result<(), Trouble> {
        if !self.way.login.marks {
            return Err(self.trouble(Away::NoMarks));
        }
        self.there(given, &mut |name| {
            self.writing.with(&name.folder, &mut |talk, about| {
                if !(about.keeps_keywords && about.counts_changes) {
                    return Err(Away::NoMarks);
                }
                let is_there = about.validity == name.validity && mark(talk, name.uid, decide)?;
                Ok(is_there.then_some(()))
            })
        })
    }

    fn was_opened(&self, given: &Given) -> Result<(), Trouble> {
        let Some(to) = &self.way.login.move_opened_to else {
            return Ok(());
        };
        let name = self.name(given)?;
        if name.folder == *to {
            return Ok(());
        }
        self.move_to(&name, to).map_err(|why| self.trouble(why))
    }

    fn end(&self) {
        self.way.stop.store(true, Ordering::Relaxed);
    }
}
