//! The files of a letter, looked at by the process that has no rights.

use std::cell::RefCell;
use std::sync::{Arc, PoisonError};

use super::{NotDone, Open, Room};
use crate::desk::files::each;
use crate::desk::look::{Looked, look};
use crate::desk::post::RowId;
use crate::desk::worker::Start;
use crate::status::StatusFile;
use crate::trouble::Trouble;

/// A file of a letter, and what was seen of it. It has no `Debug`.
pub struct LookedFile {
    /// Its name, size and digest.
    pub file: StatusFile,
    /// What it is.
    pub looked: Looked,
}

/// The letter that was looked at last: pictures of more than one are not kept.
pub(super) type Last = Option<(RowId, Arc<Vec<LookedFile>>)>;

impl Room {
    /// What is known of a letter's files, in their order.
    ///
    /// # Errors
    /// Why their bytes cannot be had, or that nothing is there that looks.
    pub fn look(&self, id: RowId) -> Result<Arc<Vec<LookedFile>>, NotDone> {
        let open = self.open().ok_or(NotDone::Locked)?;
        let start = self.look.as_ref().ok_or(NotDone::Trouble(Trouble::Ended))?;
        let reading = open.session.reading(id).map_err(NotDone::Trouble)?;
        // Two pages that ask for the same letter at once wait for each other.
        let mut last = open.looked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, files)) = &*last
            && *of == id
        {
            return Ok(Arc::clone(files));
        }
        let files = looked(start, &open, id, &reading.status.files).map_err(NotDone::Trouble)?;
        let files = Arc::new(files);
        *last = Some((id, Arc::clone(&files)));
        Ok(files)
    }
}

/// One file after the other. What has come and waits for its turn is no more than the letter holds.
fn looked(start: &Start, open: &Open, id: RowId, files: &[StatusFile]) -> Result<Vec<LookedFile>, Trouble> {
    let session = &open.session;
    let all = RefCell::new(Vec::new());
    let take = &mut |bytes: Vec<u8>| {
        let number = all.borrow().len();
        let Some(file) = files.get(number) else { return };
        // What the citizen called it says more than what it was renamed to.
        let name = file.name_in_letter.as_ref().unwrap_or(&file.name);
        let looked = look(start, name, &bytes, true, &|| session.is_over());
        let file = file.clone();
        all.borrow_mut().push(LookedFile { file, looked });
    };
    each(session, id, &mut || all.borrow_mut().clear(), take)?;
    let all = all.into_inner();
    if all.len() == files.len() && !session.is_over() {
        Ok(all)
    } else {
        // The mail is another one by now, or the desk was locked.
        Err(Trouble::Missing)
    }
}
