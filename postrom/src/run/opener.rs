//! One of the threads that open: takes what was found, opens it, and writes it under a hidden name.

use std::sync::mpsc::Sender;

use super::queue::{Job, Queue};
use super::{Listener, Run};
use crate::folder::Staged;
use crate::found::Sealed;
use crate::i18n::inputs;
use crate::opened::Content;
use crate::told::{Before, Told, What};
use crate::trouble::{Cause, Trouble};
use crate::{ledger::Known, open::open};

/// What an opener hands on.
pub(super) enum Done {
    /// All that is to be said.
    Told(Box<Told>),
    /// Opened, and waiting for its name.
    Staged(Box<Told>, Box<Staged>),
    /// The run ends before this was opened.
    Stopped,
}

/// Opens until there is no more.
pub(super) fn work(run: &Run<'_>, queue: &Queue, done: &Sender<(u64, Done)>, listener: &dyn Listener) {
    // What the libraries leave on this thread's stack ends with it.
    #[cfg(target_os = "linux")]
    let _clean = konvolutt_letter::harden::CleanStack;
    while let Some(Job { number, told, sealed }) = queue.take() {
        let outcome = match sealed {
            None => Done::Told(Box::new(told)),
            Some(_) if (run.stop)() => Done::Stopped,
            Some(sealed) => {
                let source = told.source.clone();
                listener.opens(&source);
                let outcome = opened(run, told, &sealed);
                listener.opened(&source);
                outcome
            }
        };
        // Nobody listens only when the run has ended.
        let _ = done.send((number, outcome));
        queue.done();
    }
}

fn opened(run: &Run<'_>, mut told: Told, sealed: &Sealed) -> Done {
    match try_open(run, &mut told, sealed) {
        Ok(Some(staged)) => Done::Staged(Box::new(told), Box::new(staged)),
        Ok(None) => Done::Told(Box::new(told)),
        Err(Trouble::Stopped) => Done::Stopped,
        Err(trouble) => Done::Told(Box::new(not_opened(run, told, trouble))),
    }
}

/// Nothing is staged of what is known already.
fn try_open(run: &Run<'_>, told: &mut Told, sealed: &Sealed) -> Result<Option<Staged>, Trouble> {
    let unreadable = |error: std::io::Error| Trouble::Unreadable {
        cause: Cause::from(&error),
    };
    let digest = sealed.data.sha256().map_err(unreadable)?;
    if let Some(known) = run.output.known(&digest, run.trust) {
        known_already(told, known);
        return Ok(None);
    }
    let opened = open(&sealed.data, run.keys, run.trust, run.stop)?;
    if matches!(opened.content, Content::Foreign) {
        told.what = What::Foreign;
    }
    run.output
        .stage(&opened, sealed, &told.source, &digest, run.trust)
        .map(Some)
}

fn known_already(told: &mut Told, known: Known) {
    told.repeat = true;
    told.verdict = Some(known.verdict);
    told.test = known.test;
    told.reference = known.reference.or(told.reference.take());
    told.before = Some(Before {
        opened: known.opened,
        by: known.who,
        moved: known.moved,
    });
    told.folder = Some(known.folder);
    if known.foreign {
        told.what = What::Foreign;
    }
}

/// What is said of a sealed part that was not opened.
pub(super) fn not_opened(run: &Run<'_>, mut told: Told, trouble: Trouble) -> Told {
    told.what = What::NotOpened;
    told.error = Some(inputs::trouble(run.lang, &trouble, told.reference.as_deref()));
    told.trouble = Some(trouble);
    told
}
