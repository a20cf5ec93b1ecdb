//! Keeps looking at a mailbox on a server, on a thread of its own.
//!
//! Goes out: [`Arrival`]s. What always holds: a mail is told once, and again only when the mailbox was made anew; a connection
//! that ends is made again, later and later; a password that was refused is not said over and over; nothing is held
//! but one mail and what one was told of.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::folder::{examine, is_there};
use super::inbox::{Inbox, Told};
use super::login::Secret;
use super::talk::Talk;
use super::tls::{STEP, Stream};
use super::way::Way;
use crate::desk::mailbox::Arrival;
use crate::trouble::Away;

/// The first wait after a connection ended, and the longest.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// The first wait after a server refused a user, and the longest: it may lock out one who tries too often.
const REFUSED: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(15 * 60));
/// A server that is silent is asked after so long whether it is there.
const SILENT: Duration = Duration::from_secs(60);
/// How often one is asked that does not tell by itself.
const POLL: Duration = Duration::from_secs(10);
/// How often marks of colleagues are asked for, and mails that did not come.
const SOON: Duration = Duration::from_secs(5);

/// One mailbox, and the folder that its mail is moved to.
pub(super) struct Watch {
    pub(super) way: Way,
    /// The one that is named first: what is moved from it meanwhile is found in the next one.
    pub(super) folders: Vec<Inbox>,
    pub(super) to: SyncSender<Arrival>,
    /// Set by whoever knows that something changed.
    pub(super) look: Arc<AtomicBool>,
    pub(super) with_marks: bool,
    pub(super) number: usize,
    /// All that was there when nothing was missed.
    pub(super) there: HashSet<String>,
}

impl Watch {
    /// Until the desk is locked.
    pub(super) fn run(mut self) {
        let mut failed: u32 = 0;
        while !self.way.is_over() {
            let mut well = false;
            let secret = Secret::read(&self.way.login);
            let ended = match &secret {
                Ok(secret) => self.converse(secret, &mut well),
                Err(why) => Err(why.clone()),
            };
            let Err(why) = ended else { return };
            failed = if well { 0 } else { failed + 1 };
            let refused = matches!(why, Away::Refused { .. } | Away::TokenRefused { .. });
            let (first, longest) = if refused { REFUSED } else { WAITS };
            if !self.tell(Arrival::Away(self.way.trouble(why))) {
                return;
            }
            let wait = first.saturating_mul(1 << failed.saturating_sub(1).min(10)).min(longest);
            self.wait(wait, &|| refused && Secret::read(&self.way.login) != secret);
        }
    }

    /// Whether anybody still listens.
    fn tell(&self, arrival: Arrival) -> bool {
        let heard = self.to.send(arrival).is_ok();
        if !heard {
            self.way.stop.store(true, Ordering::Relaxed);
        }
        heard
    }

    /// Waits. A file is read more rarely than a flag.
    fn wait(&self, wait: Duration, enough: &dyn Fn() -> bool) {
        let begun = Instant::now();
        let mut looked = begun;
        while begun.elapsed() < wait && !self.way.is_over() {
            std::thread::sleep(STEP);
            if looked.elapsed() > Duration::from_secs(2) {
                looked = Instant::now();
                if enough() {
                    return;
                }
            }
        }
    }

    /// Until the connection ends, or nobody listens any more.
    fn converse(&mut self, secret: &Secret, well: &mut bool) -> Result<(), Away> {
        let mut talk = self.way.talk(secret)?;
        self.folders.iter_mut().for_each(Inbox::closed);
        let mut again = self.round(&mut talk)?;
        loop {
            *well = true;
            let begun = Instant::now();
            let mut changed = false;
            // A folder that is not open tells nothing by itself, nor does a mail that did not come.
            let soon = again || self.with_marks && self.folders.len() > 1;
            let most = if soon { SOON } else { SILENT };
            while !changed && begun.elapsed() < most {
                changed = self.rest(&mut talk, again)?;
                if self.way.is_over() {
                    return Ok(());
                }
                self.marks(&mut talk)?;
            }
            again = self.round(&mut talk)?;
        }
    }

    /// Waits for something new; whether there is.
    fn rest(&self, talk: &mut Talk<Stream>, again: bool) -> Result<bool, Away> {
        let poked = || self.look.load(Ordering::Relaxed);
        let enough = || self.way.is_over() || poked();
        let most = if self.with_marks || again { SOON } else { SILENT };
        let mut changed = talk.changed();
        if !changed && talk.can("IDLE") {
            changed = talk.idle(most, &enough)?;
        } else if !changed {
            let begun = Instant::now();
            while begun.elapsed() < most.min(POLL) && !enough() {
                std::thread::sleep(STEP);
            }
            talk.tell("NOOP")?;
        }
        Ok(changed | talk.changed() | self.look.swap(false, Ordering::Relaxed))
    }

    /// Looks at everything once; whether some mail did not come.
    fn round(&mut self, talk: &mut Talk<Stream>) -> Result<bool, Away> {
        let mut names = HashSet::new();
        let mut missed = false;
        // What the server refuses only now: told when all else was.
        let mut refused = Ok(());
        let (number, with_marks) = (self.number, self.with_marks);
        let (way, to) = (&self.way, &self.to);
        let mut tell = |arrival| to.send(arrival).is_ok();
        let one = self.folders.len() == 1;
        for (place, inbox) in self.folders.iter_mut().enumerate() {
            match inbox.open(talk, one) {
                // The folder that mail is moved to is made with the first of it. One that is only refused is not empty.
                Err(Away::NoBox { .. }) if place > 0 && !is_there(talk, &inbox.name)? => {
                    inbox.forget();
                    continue;
                }
                other => other?,
            }
            let mut told = Told {
                way,
                number,
                tell: &mut tell,
            };
            missed |= inbox.look(talk, &mut told)?;
            refused = inbox.trouble().and(refused);
            if with_marks {
                match inbox.marks(talk, &mut told) {
                    Err(why @ Away::Unwilling { .. }) => refused = Err(why),
                    other => other?,
                }
            }
            names.extend(inbox.names(way));
        }
        if missed {
            // It may be what was moved from where it was.
            names.extend(self.there.iter().cloned());
        } else {
            self.there.clone_from(&names);
        }
        self.tell(Arrival::Whole(names.into_iter().collect()));
        refused?;
        if let [first, _, ..] = &mut self.folders[..] {
            examine(talk, &first.name)?;
            // What came while the other folder was open is not told of again.
            missed |= first.differs(talk)?;
        }
        Ok(missed)
    }

    fn marks(&mut self, talk: &mut Talk<Stream>) -> Result<(), Away> {
        if !self.with_marks {
            return Ok(());
        }
        let (way, to, number) = (&self.way, &self.to, self.number);
        let mut tell = |arrival| to.send(arrival).is_ok();
        let mut told = Told {
            way,
            number,
            tell: &mut tell,
        };
        match self.folders.first_mut() {
            Some(first) => first.marks(talk, &mut told),
            None => Ok(()),
        }
    }
}
