//! Where mail comes from: folders and files, a mailbox on a server, what a clerk drops on the page.
//!
//! Comes in: what the settings name. Goes out: [`Arrival`]s, again and again, as the mailbox changes. What always holds: what
//! cannot be reached is told with a reason and tried again, and what was known of it stays.

mod dropped;
mod files;
mod imap;

use std::sync::Arc;
use std::time::Duration;

pub use dropped::{Dropped, Drops};
pub use files::Files;
pub use imap::{Address, Imap};

use super::plan::Plan;
use super::worker::Given;
use crate::source::Unread;
use crate::trouble::Trouble;

/// How long a look at a folder is good for.
const PAUSE: Duration = Duration::from_secs(2);
/// How soon a desk that is locked ends to wait.
const STEP: Duration = Duration::from_millis(50);

/// What a mailbox tells.
pub enum Arrival {
    /// There is this, and its bytes when it lies in no file.
    Input(Given, Arc<Vec<u8>>),
    /// There is something that cannot be read.
    Unread(Unread),
    /// Everything that is there now was told; these are the names of all of it.
    Whole(Vec<String>),
    /// The marks of some mails, by their names: all marks that each has now.
    Marks(Vec<(String, Vec<String>)>),
    /// It cannot be reached.
    Away(Trouble),
}

/// Every mailbox of a plan.
///
/// # Errors
/// The address of a server cannot be used.
pub fn mailboxes(plan: &Plan) -> Result<Vec<Box<dyn Mailbox>>, Trouble> {
    let mut mailboxes: Vec<Box<dyn Mailbox>> = Vec::new();
    if !plan.mail.is_empty() {
        mailboxes.push(Box::new(Files::new(0, plan.mail.clone())));
    }
    for server in &plan.servers {
        mailboxes.push(Box::new(Imap::new(mailboxes.len(), server, &plan.login)?));
    }
    Ok(mailboxes)
}

/// A mailbox that can be looked at.
pub trait Mailbox: Send {
    /// Tells what is new since the last look, and then that it was whole. It ends early when `tell` says no.
    fn look(&mut self, tell: &mut dyn FnMut(Arrival) -> bool);

    /// Waits until a further look may be worth it, at most until `stop` says so.
    fn wait(&mut self, stop: &dyn Fn() -> bool) {
        let mut waited = Duration::ZERO;
        while waited < PAUSE && !stop() {
            std::thread::sleep(STEP);
            waited += STEP;
        }
    }

    /// Who gets bytes once more that lie in no file.
    fn fetch(&self) -> Arc<dyn Fetch>;
}

/// Gets the bytes of something that lies in no file.
pub trait Fetch: Send + Sync {
    /// Those bytes.
    ///
    /// # Errors
    /// Why they cannot be had.
    fn fetch(&self, given: &Given) -> Result<Arc<Vec<u8>>, Trouble>;

    /// Whether marks are kept with the mails.
    fn keeps_marks(&self) -> bool {
        false
    }

    /// Changes the marks of a mail. `decide` is asked again when somebody else changed them meanwhile, and changes nothing with
    /// `None`.
    ///
    /// # Errors
    /// Why they cannot be changed.
    fn mark(&self, _given: &Given, _decide: &mut dyn FnMut(&[String]) -> Option<Change>) -> Result<(), Trouble> {
        Err(Trouble::Missing)
    }

    /// A letter in this was shown to a clerk.
    ///
    /// # Errors
    /// Why the mail was not moved, if it is to be.
    fn was_opened(&self, _given: &Given) -> Result<(), Trouble> {
        Ok(())
    }

    /// The desk is locked: nothing waits any longer.
    fn end(&self) {}
}

/// A change of a mail's marks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// To be set.
    pub add: Vec<String>,
    /// To be taken away.
    pub remove: Vec<String>,
    /// By this the letter becomes somebody's, and at most one may do it.
    pub claim: Option<Claim>,
}

/// Who wants a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The mark of the clerk who wants it; one of those to be set, or there already.
    pub keyword: String,
    /// What the marks of everybody who may want it begin with.
    pub start: &'static str,
}
