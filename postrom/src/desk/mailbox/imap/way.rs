//! The way to a mailbox, and a connection that is kept while it is needed again and again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::address::Address;
use super::folder::{About, examine, select};
use super::login::{Secret, login};
use super::talk::Talk;
use super::tls::{Stream, connect};
use crate::desk::plan::Login;
use crate::trouble::{Away, Trouble};

/// A connection that was not used for so long may be dead without anybody having noticed.
const FRESH: Duration = Duration::from_secs(60);

/// What is needed to reach a mailbox.
#[derive(Clone)]
pub(super) struct Way {
    pub(super) address: Address,
    pub(super) login: Login,
    /// Everything ends as soon as this says so.
    pub(super) stop: Arc<AtomicBool>,
}

impl Way {
    /// Connects and logs in.
    pub(super) fn talk(&self, secret: &Secret) -> Result<Talk<Stream>, Away> {
        let stop = || self.is_over();
        let stream = connect(&self.address, self.login.ca_file.as_deref(), &stop)?;
        let mut talk = Talk::begin(stream, Arc::clone(&self.stop))?;
        login(&mut talk, &self.address.user, secret)?;
        Ok(talk)
    }

    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// What people are told.
    pub(super) fn trouble(&self, why: Away) -> Trouble {
        let mailbox = self.address.place(&self.address.folder);
        Trouble::Mailbox { mailbox, why }
    }
}

/// Whether marks are written through a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write,
}

/// What is done with a mailbox that is open.
type Work<'a, T> = &'a mut dyn FnMut(&mut Talk<Stream>, &About) -> Result<T, Away>;

/// A connection that is made when it is needed.
pub(super) struct Kept {
    way: Way,
    how: Use,
    open: Mutex<Option<Open>>,
}

struct Open {
    talk: Talk<Stream>,
    folder: Option<(String, About)>,
    used: Instant,
}

impl Kept {
    pub(super) fn new(way: Way, how: Use) -> Self {
        let open = Mutex::default();
        Self { way, how, open }
    }

    /// Does something with a mailbox that is open. A connection that turns out to be dead is made anew, once.
    pub(super) fn with<T>(&self, folder: &str, work: Work<'_, T>) -> Result<T, Away> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut kept) = open.take().filter(|kept| kept.used.elapsed() < FRESH) {
            let done = self.once(&mut kept, folder, work);
            if !done.as_ref().is_err_and(is_of_the_connection) {
                *open = Some(kept);
                return done;
            }
        }
        let mut new = Open {
            talk: self.way.talk(&Secret::read(&self.way.login)?)?,
            folder: None,
            used: Instant::now(),
        };
        let done = self.once(&mut new, folder, work);
        if !done.as_ref().is_err_and(is_of_the_connection) {
            *open = Some(new);
        }
        done
    }

    fn once<T>(&self, open: &mut Open, folder: &str, work: Work<'_, T>) -> Result<T, Away> {
        open.used = Instant::now();
        let talk = &mut open.talk;
        let about = match open.folder.take() {
            Some((name, about)) if name == folder => {
                // Else the server may not tell this connection of what is new.
                talk.tell("NOOP")?;
                about
            }
            _ if self.how == Use::Read => examine(talk, folder)?,
            _ => select(talk, folder)?,
        };
        open.folder = Some((folder.to_owned(), about.clone()));
        work(talk, &about)
    }
}

fn is_of_the_connection(why: &Away) -> bool {
    matches!(
        why,
        Away::Ended { .. } | Away::NoAnswer | Away::Unreachable { .. } | Away::NotUnderstood | Away::TooMuch
    )
}
