//! Keeps the list true to a mailbox: finds what is sealed in what arrives, and then reads it, what nobody has seen first.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use konvolutt_letter::unhex;

use super::Session;
use crate::desk::mailbox::{Arrival, Mailbox};
use crate::desk::post::Content;
use crate::desk::worker::{Answers, Ask, Body, Given, Said, Thing};
use crate::ledger::Seen;
use crate::trouble::Trouble;

/// Inputs of one batch: their rows show while the next ones are searched.
const BATCH: usize = 128;
/// Bytes of inputs that lie in no file and wait to be read.
const MOST_WAITING: usize = 64 * 1024 * 1024;

/// Looks again and again, until the desk is locked.
pub(super) fn keep_looking(session: &Arc<Session>, number: usize, mut mailbox: Box<dyn Mailbox>) {
    let mut batch = Batch {
        mailbox: number,
        ..Batch::default()
    };
    while !session.is_over() {
        mailbox.look(&mut |arrival| {
            batch.take(session, arrival);
            !session.is_over()
        });
        mailbox.wait(&|| session.is_over());
    }
}

/// What arrived and is not read yet.
#[derive(Default)]
struct Batch {
    mailbox: usize,
    to_find: Vec<(Given, Arc<Vec<u8>>)>,
    to_read: Vec<(Given, Arc<Vec<u8>>)>,
    bytes: usize,
}

impl Batch {
    fn take(&mut self, session: &Session, arrival: Arrival) {
        match arrival {
            Arrival::Input(given, body) => {
                self.bytes += body.len();
                self.to_find.push((given, body));
                if self.to_find.len() >= BATCH {
                    self.find(session);
                }
                // What lies in no file is not held until everything was searched.
                if self.bytes >= MOST_WAITING {
                    self.find(session);
                    self.read(session);
                }
            }
            Arrival::Unread(unread) => {
                let given = Given {
                    mailbox: self.mailbox,
                    name: unread.name.clone(),
                    named: unread.named,
                    body: Body::File(unread.name.clone().into()),
                };
                let thing = Thing::NotLookedAt {
                    source: unread.name,
                    why: unread.why,
                    reference: None,
                };
                session.post().found(&given, thing, None);
            }
            Arrival::Whole(names) => {
                self.find(session);
                let names: HashSet<String> = names.into_iter().collect();
                let own = self.mailbox;
                // Before anything goes: what lies in a sealed mail that was moved is found in its new place by reading it.
                self.read(session);
                session
                    .post()
                    .only(&|given| given.mailbox != own || names.contains(&given.name));
                session.looks().was_whole(self.mailbox);
            }
            Arrival::Marks(marks) => session.marked(marks),
            Arrival::Away(why) => {
                session.looks().is_away(self.mailbox, why);
                // What came before is not waiting for the rest.
                self.find(session);
                self.read(session);
            }
        }
    }

    /// Puts all questions, then hears the answers in their order.
    fn find(&mut self, session: &Session) {
        let asked: Vec<_> = self
            .to_find
            .drain(..)
            .map(|(given, body)| {
                let answers = session.worker.ask(Ask::Find(given.clone()), Arc::clone(&body));
                (given, body, answers)
            })
            .collect();
        for (given, body, answers) in asked {
            if session.is_over() {
                return;
            }
            if found(session, &given, answers) {
                self.to_read.push((given, body));
            } else {
                self.bytes -= body.len().min(self.bytes);
            }
        }
    }

    fn read(&mut self, session: &Session) {
        self.bytes = 0;
        let mut to_read = std::mem::take(&mut self.to_read);
        let turns = turns(session);
        to_read.sort_by_key(|(given, _)| turns.get(&given.name).copied());
        session.progress_mut().to_read += to_read.len();
        let asked: Vec<_> = to_read
            .into_iter()
            .map(|(given, body)| {
                let answers = session.worker.ask(Ask::Read(given.clone()), body);
                (given, answers)
            })
            .collect();
        let mut seen = Vec::new();
        for (given, answers) in asked {
            if session.is_over() {
                return;
            }
            match take(session, &given, answers) {
                Ok(read) => seen.extend(read),
                Err(why) => lost(session, &given, why),
            }
            session.progress_mut().read += 1;
            if seen.len() >= BATCH {
                remember(session, std::mem::take(&mut seen));
            }
        }
        remember(session, seen);
        session.compare();
    }
}

/// Takes what was found in an input; whether there is anything sealed.
fn found(session: &Session, given: &Given, answers: Answers) -> bool {
    let mut seals = HashSet::new();
    session.post().looking(given);
    for (said, _) in answers {
        match said {
            Said::Thing(thing) => {
                let seen = match &thing {
                    Thing::Sealed { seal, .. } => {
                        seals.insert(seal.clone());
                        unhex(seal.as_bytes()).and_then(|seal| session.ledger.seen(&seal))
                    }
                    _ => None,
                };
                session.post().found(given, thing, seen);
            }
            Said::Again => session.post().looking(given),
            Said::Failed(why) => lost(session, given, why),
            Said::Done => session.post().looked(given, &seals),
            _ => {}
        }
    }
    !seals.is_empty()
}

/// When an input is read: what nobody has seen before what is known, the oldest first.
type Turn = (bool, Option<Timestamp>);

fn turns(session: &Session) -> HashMap<String, Turn> {
    let post = session.post();
    let mut turns = HashMap::new();
    for row in post.rows() {
        let turn = (!matches!(row.content, Content::Waiting), row.received());
        for place in &row.places {
            turns.entry(place.at.given.name.clone()).or_insert(turn);
        }
    }
    turns
}

/// Takes what the sealed parts of an input say; what is to be remembered of them.
pub(super) fn take(session: &Session, given: &Given, answers: Answers) -> Result<Vec<Seen>, Trouble> {
    let mut seen = Vec::new();
    for (said, _) in answers {
        match said {
            Said::Read { seals, reading } => {
                if let Some(seal) = seals.last() {
                    seen.push(Seen::from(&reading.status, seal));
                }
                session.post().read(given, seals, *reading);
            }
            Said::NotRead { seals, source, why, .. } => session.post().not_read(given, seals, &source, why),
            Said::Thing(thing) => drop(session.post().found(given, thing, None)),
            Said::Failed(why) => return Err(why),
            _ => {}
        }
    }
    Ok(seen)
}

/// The process that opens ended while this was at hand, twice.
fn lost(session: &Session, given: &Given, why: Trouble) {
    let mut post = session.post();
    let waiting: Vec<_> = post
        .rows()
        .filter(|row| row.reading().is_none())
        .flat_map(|row| row.places.iter())
        .filter(|place| place.at.given == *given && !place.at.seals.is_empty())
        .map(|place| (place.at.seals.clone(), place.source.clone()))
        .collect();
    if waiting.is_empty() {
        let source = given.name.clone();
        let reference = None;
        post.found(given, Thing::NotLookedAt { source, why, reference }, None);
        return;
    }
    for (seals, source) in waiting {
        post.not_read(given, seals, &source, why.clone());
    }
}

fn remember(session: &Session, seen: Vec<Seen>) {
    if seen.is_empty() {
        return;
    }
    let remembered = session.ledger.remember(seen);
    let trouble = remembered.err().map(|error| Trouble::of_disk(&error));
    session.progress_mut().not_remembered = trouble;
}
