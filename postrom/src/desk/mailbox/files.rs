//! Maildirs, mboxes, folders and single files.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Arrival, Fetch, Mailbox};
use crate::desk::worker::{Body, Given};
use crate::source::{self, Seen, sources};
use crate::trouble::Trouble;

/// Paths that are looked at again and again.
pub struct Files {
    number: usize,
    paths: Vec<PathBuf>,
    seen: Seen,
}

impl Files {
    /// Of what a clerk points at; `number` is which of the desk's mailboxes this is.
    pub fn new(number: usize, paths: Vec<PathBuf>) -> Self {
        Self {
            number,
            paths,
            seen: Seen::default(),
        }
    }
}

impl Mailbox for Files {
    fn look(&mut self, tell: &mut dyn FnMut(Arrival) -> bool) {
        let (mut now, mut away) = (Seen::default(), None);
        let mut names = Vec::new();
        for one in sources(self.paths.clone(), None) {
            // What went and came back is told once more: its row went with it.
            let is_new = now.is_new(&one) && !self.seen.holds(&one);
            match one {
                Ok(input) => {
                    names.push(input.name.clone());
                    let source::Body::File(path) = input.body else { continue };
                    let given = Given {
                        mailbox: self.number,
                        name: input.name,
                        named: input.named,
                        body: Body::File(path),
                    };
                    if is_new && !tell(Arrival::Input(given, Arc::default())) {
                        return;
                    }
                }
                // The mailbox itself: a share that is away says nothing of the mails in it.
                Err(unread) if unread.named => away = Some(unread.why),
                Err(unread) => {
                    names.push(unread.name.clone());
                    if is_new && !tell(Arrival::Unread(unread)) {
                        return;
                    }
                }
            }
        }
        match away {
            Some(why) => {
                self.seen.add(now);
                tell(Arrival::Away(why));
            }
            None => {
                self.seen = now;
                tell(Arrival::Whole(names));
            }
        }
    }

    fn fetch(&self) -> Arc<dyn Fetch> {
        Arc::new(InFiles)
    }
}

/// Whoever reads a file needs nobody to fetch it.
struct InFiles;

impl Fetch for InFiles {
    fn fetch(&self, _: &Given) -> Result<Arc<Vec<u8>>, Trouble> {
        Ok(Arc::default())
    }
}
