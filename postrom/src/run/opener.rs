//! One of the threads that open: takes what was found, opens it, and writes it under a hidden name.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;

use super::done::Done;
use super::queue::{Job, Queue};
use super::{Listener, Run, inside};
use crate::folder::{Known, Staged, name_now};
use crate::found::Sealed;
use crate::i18n::inputs;
use crate::open::open;
use crate::opened::Opened;
use crate::status::{Kind, Status};
use crate::told::{Before, Told, What};
use crate::trouble::{Cause, Trouble};

/// Opens until there is no more.
pub(super) fn work(run: &Run<'_>, queue: &Queue, done: &Sender<(u64, Vec<Done>)>, listener: &dyn Listener) {
    // What the libraries leave on this thread's stack ends with it.
    #[cfg(target_os = "linux")]
    let _clean = konvolutt_letter::harden::CleanStack;
    while let Some(Job { number, told, sealed }) = queue.take() {
        let outcome = match sealed {
            None => vec![Done::Told(Box::new(told))],
            Some(_) if (run.stop)() => vec![Done::Stopped],
            Some(sealed) => {
                let source = told.source.clone();
                listener.opens(&source, told.reference.as_deref());
                let outcome = guarded(run, told, &sealed);
                listener.opened(&source);
                outcome
            }
        };
        // Nobody listens only when the run has ended.
        let _ = done.send((number, outcome));
        queue.done();
    }
}

/// A fault of ours costs this letter: without this thread the others might wait for ever.
fn guarded(run: &Run<'_>, told: Told, sealed: &Sealed) -> Vec<Done> {
    let faulty = told.clone();
    let done = catch_unwind(AssertUnwindSafe(|| opened(run, told, sealed, 0)));
    done.unwrap_or_else(|_| vec![Done::Told(Box::new(not_opened(run, faulty, Trouble::Ended)))])
}

/// What became of a sealed part, and of those within it when it is a mail. `depth` is how many seals lie around it.
fn opened(run: &Run<'_>, told: Told, sealed: &Sealed, depth: u32) -> Vec<Done> {
    match try_open(run, &told, sealed) {
        Ok(Ok((staged, mail))) => {
            let inside = mail.map(|mail| {
                inside::look(run, &told, &mail, depth, &mut |told, sealed| {
                    opened(run, told, sealed, depth + 1)
                })
            });
            let mut done = vec![Done::Staged(Box::new(told), Box::new(staged))];
            done.extend(inside.into_iter().flatten());
            done
        }
        Ok(Err(known)) => vec![Done::Known(Box::new(known_already(run, told, &known)), Box::new(known))],
        Err(Trouble::Stopped) => vec![Done::Stopped],
        Err(trouble) => vec![Done::Told(Box::new(not_opened(run, told, trouble)))],
    }
}

/// A letter or a mail on its way to its folder; the mail once more, since there may be letters in it.
type Opening = (Staged, Option<Opened>);

/// Nothing is opened of what is known already.
fn try_open(run: &Run<'_>, told: &Told, sealed: &Sealed) -> Result<Result<Opening, Known>, Trouble> {
    let unreadable = |error: std::io::Error| Trouble::Unreadable {
        cause: Cause::from(&error),
    };
    let digest = sealed.data.sha256().map_err(unreadable)?;
    if let Some(known) = run.output.known(&digest, run.trust) {
        return Ok(Err(known));
    }
    let opened = open(&sealed.data, run.keys, run.trust, run.stop)?;
    let staged = run.output.stage(&opened, sealed, &told.source, &digest, run.trust)?;
    let mail = (staged.status().kind == Kind::Mail).then_some(opened);
    Ok(Ok((staged, mail)))
}

fn known_already(run: &Run<'_>, told: Told, known: &Known) -> Told {
    let entry = &known.entry;
    // What a clerk has put into its place since is another letter's.
    let mut status = Status::of(&known.folder).filter(|status| status.sha256 == entry.sha256);
    if let Some(status) = &mut status {
        name_now(status, run.trust.known.iter().chain(run.keys.certs()));
    }
    let is_news = run.skip.untold.contains(&told.source);
    Told {
        what: what(entry.kind),
        repeat: !is_news,
        verdict: Some(entry.verdict),
        test: entry.test,
        reference: entry.reference.clone().or(told.reference),
        before: (!is_news).then(|| Before {
            opened: entry.opened.clone(),
            by: entry.who.clone(),
            moved: !known.there,
        }),
        folder: Some(known.folder.display().to_string()),
        status,
        ..told
    }
}

/// What a kind of status is to a clerk.
pub(super) fn what(kind: Kind) -> What {
    match kind {
        Kind::Letter => What::Letter,
        Kind::Mail => What::Foreign,
    }
}

/// What is said of a sealed part that was not opened.
pub(super) fn not_opened(run: &Run<'_>, mut told: Told, trouble: Trouble) -> Told {
    told.what = What::NotOpened;
    told.error = Some(inputs::trouble(run.lang, &trouble, told.reference.as_deref()));
    told.trouble = Some(trouble);
    told
}
