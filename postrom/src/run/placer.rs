//! Gives letters their folders, in the order in which they were found, and tells of them.
//!
//! While one batch is written through to the disk, the next one gathers: a slow disk makes large batches.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;

use super::done::Done;
use super::opener::{not_opened, what};
use super::server::Server;
use super::{Listener, Run};
use crate::folder::{Known, Placed, Staged};
use crate::told::Told;
use crate::trouble::Trouble;

/// So many letters are taken from the openers at once. Behind one that took long more may have gathered, and are one batch.
const BATCH: usize = 128;

/// Places and tells until the openers have ended.
pub(super) fn place(run: &Run<'_>, results: &Receiver<(u64, Vec<Done>)>, listener: &dyn Listener) {
    let mut waiting = BTreeMap::new();
    let mut next = 0;
    let mut known = Vec::new();
    while let Ok((number, done)) = results.recv() {
        waiting.insert(number, done);
        waiting.extend(results.try_iter().take(BATCH));
        let mut batch = Vec::new();
        while let Some(done) = waiting.remove(&next) {
            batch.extend(done);
            next += 1;
        }
        settle(run, batch, &mut known, listener);
    }
    // What was found before a stop, behind something that was not opened any more.
    settle(run, waiting.into_values().flatten().collect(), &mut known, listener);
    let certs = run.trust.known.iter().chain(run.keys.certs());
    if let Err(trouble) = run.output.name_readers(&known, certs) {
        listener.not_remembered(trouble);
    }
}

/// One batch: through to the disk, named, acknowledged, told.
fn settle(run: &Run<'_>, batch: Vec<Done>, known: &mut Vec<Known>, listener: &dyn Listener) {
    let (mut told, mut staged) = (Vec::new(), Vec::new());
    let mut server = Server::of(run);
    for done in batch {
        match done {
            Done::Told(one) => told.push((one, false)),
            Done::Known(mut one, before) => {
                one.not_acknowledged = server.known(&before.entry);
                told.push((one, false));
                known.push(*before);
            }
            Done::Staged(one, folder) => {
                told.push((one, true));
                staged.push(*folder);
            }
            Done::Stopped => {}
        }
    }
    if !staged.is_empty() {
        let sources = told
            .iter()
            .filter(|(_, waits)| *waits)
            .map(|(one, _)| one.source.clone());
        listener.places(sources.collect());
    }
    let mut placed = settled(run, staged).into_iter();
    for (mut one, waits) in told {
        if waits && let Some(outcome) = placed.next() {
            *one = match outcome {
                Ok(placed) => in_place(run, &mut server, *one, placed),
                Err(trouble) => not_opened(run, *one, trouble),
            };
        }
        listener.told(*one);
    }
    if let Err(trouble) = server.remember() {
        listener.not_remembered(trouble);
    }
}

fn settled(run: &Run<'_>, staged: Vec<Staged>) -> Vec<Result<Placed, Trouble>> {
    if staged.is_empty() {
        return Vec::new();
    }
    run.output.settle(staged)
}

fn in_place(run: &Run<'_>, server: &mut Server<'_>, told: Told, placed: Placed) -> Told {
    let status = placed.status;
    let not_acknowledged = server.placed(&status);
    Told {
        what: what(status.kind),
        reference: status.reference.clone().or(told.reference),
        verdict: Some(status.verdict),
        test: status.test,
        folder: Some(placed.folder.display().to_string()),
        renamed_from: placed.renamed_from.map(|folder| folder.display().to_string()),
        repeat: placed.repeat && !run.skip.untold.contains(&told.source),
        status: Some(status),
        not_acknowledged,
        ..told
    }
}
