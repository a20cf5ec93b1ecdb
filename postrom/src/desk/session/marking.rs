//! What clerks do with letters, and what the marks of mails say of what colleagues did.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::Session;
use crate::desk::marks::{act, seen};
use crate::desk::post::{Place, Row, RowId};
use crate::ledger::{Act, Mark, Refusal, Standing};
use crate::trouble::Trouble;

impl Session {
    /// Does what a clerk wants with a letter.
    ///
    /// # Errors
    /// What stood in the way, or a colleague who was faster.
    pub fn act(self: &Arc<Self>, id: RowId, mark: Mark) -> Result<Result<Standing, Refusal>, Trouble> {
        let places = self.post().row(id).map(|row| row.places.clone()).unwrap_or_default();
        let opened = mark.act == Act::Opened;
        let place = self.with_marks(&places);
        let kept = place.and_then(|place| Some((&**self.fetch.get(place.at.given.mailbox)?, &place.at.given)));
        let done = act(&self.ledger, kept, mark);
        if done.only_here.is_some() {
            self.progress_mut().marks_only_here = done.only_here;
        }
        if let (Ok(Ok(_)), Some(place)) = (&done.standing, place) {
            // What was read of its marks is older than this one.
            self.marks().remove(&place.at.given.name);
        }
        if opened && done.standing.is_ok() {
            self.was_opened(places);
        }
        done.standing
    }

    /// The mail that the marks of a letter are kept with: for every desk the same, also when the letter came more than once.
    fn with_marks<'a>(&self, places: &'a [Place]) -> Option<&'a Place> {
        let kept = |place: &&Place| {
            let fetch = self.fetch.get(place.at.given.mailbox);
            fetch.is_some_and(|fetch| fetch.keeps_marks())
        };
        // A longer name has the larger number.
        places.iter().filter(kept).min_by_key(|place| {
            let given = &place.at.given;
            (given.mailbox, given.name.len(), &given.name)
        })
    }

    /// Moves mail, where the settings say so. The clerk reads meanwhile.
    fn was_opened(self: &Arc<Self>, places: Vec<Place>) {
        let session = Arc::clone(self);
        let moving = move || {
            for place in places {
                let given = &place.at.given;
                let Some(fetch) = session.fetch.get(given.mailbox) else {
                    continue;
                };
                match fetch.was_opened(given) {
                    // Somebody else was faster, or the list is about to follow.
                    Ok(()) | Err(Trouble::Missing) => {}
                    Err(why) => session.progress_mut().not_moved = Some(why),
                }
            }
        };
        // Mail that was not moved is where it was.
        let _ = std::thread::Builder::new().name("move".into()).spawn(moving);
    }

    fn marks(&self) -> MutexGuard<'_, HashMap<String, Vec<String>>> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks of mails, as they are now.
    pub(super) fn marked(&self, marks: Vec<(String, Vec<String>)>) {
        self.marks().extend(marks);
        self.compare();
    }

    /// What the marks say of letters that are known.
    pub(super) fn compare(&self) {
        let marks = self.marks();
        if marks.is_empty() {
            return;
        }
        let mut post = self.post();
        let says = |row: &Row| {
            let flags = marks.get(&self.with_marks(&row.places)?.at.given.name)?;
            Some(seen(&self.ledger, row.document()?, flags, &self.who))
        };
        let new = post.rows().filter(|row| says(row) == Some(true)).count();
        if new > 0 {
            post.touch();
        }
    }
}
