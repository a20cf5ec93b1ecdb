//! The process that talks to the clerk: starts the one that opens, and starts it again when a mail ended it.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use super::frames::{hand_on, send};
use super::lines::Lines;
use super::order::{Event, Order};
use crate::i18n::inputs;
use crate::run::Skip;
use crate::signals;
use crate::told::{Told, What};
use crate::trouble::Trouble;

/// So often in a row it is started again when it ended before it told anything, and nothing was at hand.
const IN_VAIN: u32 = 2;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All was told.
    Whole,
    /// Somebody wanted it to stop.
    Stopped,
    /// Nobody listens any more.
    Unheard,
}

/// Why there was no run.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The process that opens could not be started.
    #[error(transparent)]
    NotStarted(io::Error),
    /// It ended before it did anything, or again and again.
    #[error("the part of the program that opens letters ended by itself")]
    Ended,
}

/// Does what an order says, until `tell` breaks off. `command` is how this program is started as the one that opens; it has
/// ended, and cleaned up, before this returns.
///
/// # Errors
/// When it cannot be started.
pub fn run(
    mut order: Order,
    command: &dyn Fn() -> Command,
    tell: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<End, Failure> {
    let mut reads_stdin = order.inputs.iter().any(|input| input == "-");
    let mut in_vain = 0;
    while !signals::ended() {
        let mut watch = Watched::default();
        let ended = once(&order, command, reads_stdin, &mut |event| {
            watch.see(&event);
            tell(event)
        })?;
        match ended {
            _ if signals::ended() => return Ok(End::Stopped),
            Ended::Whole => return Ok(End::Whole),
            Ended::Unheard => return Ok(End::Unheard),
            Ended::ByItself => {}
        }
        if reads_stdin {
            // What came through it cannot be had again.
            reads_stdin = false;
            order.inputs.retain(|input| input != "-");
            if tell(lost(&order, "-".into(), None)).is_break() {
                return Ok(End::Unheard);
            }
        }
        in_vain = if watch.told.is_empty() && !watch.idle {
            in_vain + 1
        } else {
            0
        };
        if watch.idle {
            // What was named before may be another thing by now: the ledger knows letters by what they are.
            order.skip = Skip::default();
        }
        order.skip.things.extend(watch.told);
        order.skip.untold.extend(watch.untold);
        if !order.one_by_one {
            // Which mail it was is seen when one thing is done after the other.
            order.one_by_one = true;
            continue;
        }
        match watch.at_hand.into_iter().next() {
            Some((culprit, reference)) => {
                let name = pass_over(&mut order.skip, culprit);
                if tell(lost(&order, name, reference)).is_break() {
                    return Ok(End::Unheard);
                }
            }
            // With nothing at hand it was no mail that ended it. That may happen once.
            None if in_vain > IN_VAIN => return Err(Failure::Ended),
            None => {}
        }
    }
    Ok(End::Stopped)
}

/// What one start of the process was seen to do.
#[derive(Default)]
struct Watched {
    /// Since it was idle last.
    told: Vec<String>,
    /// What was about to be put in place, and was not told since.
    untold: HashSet<String>,
    idle: bool,
    /// What was begun and not ended, with its letter's reference.
    at_hand: HashMap<AtHand, Option<String>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum AtHand {
    Input(String),
    Thing(String),
}

impl Watched {
    fn see(&mut self, event: &Event) {
        match event {
            Event::Looks { input } => self.begins(AtHand::Input(input.clone()), None),
            Event::Looked { input } => self.ends(&AtHand::Input(input.clone())),
            Event::Opens { source, reference } => self.begins(AtHand::Thing(source.clone()), reference.clone()),
            Event::Opened { source } => self.ends(&AtHand::Thing(source.clone())),
            Event::Places { sources } => self.untold.extend(sources.iter().cloned()),
            Event::Told { told } => {
                self.untold.remove(&told.source);
                self.told.push(told.source.clone());
            }
            Event::Idle => {
                self.told.clear();
                self.idle = true;
            }
            _ => {}
        }
    }

    fn begins(&mut self, what: AtHand, reference: Option<String>) {
        self.at_hand.insert(what, reference);
    }

    fn ends(&mut self, what: &AtHand) {
        self.at_hand.remove(what);
    }
}

fn pass_over(skip: &mut Skip, culprit: AtHand) -> String {
    match culprit {
        AtHand::Input(name) => {
            skip.inputs.insert(name.clone());
            name
        }
        AtHand::Thing(name) => {
            skip.things.insert(name.clone());
            name
        }
    }
}

/// What ended the process that opens is named, and lost to this run.
fn lost(order: &Order, source: String, reference: Option<String>) -> Event {
    let mut told = Told::of(source, true, What::NotOpened);
    told.error = Some(inputs::trouble(order.lang, &Trouble::Ended, reference.as_deref()));
    told.reference = reference;
    told.trouble = Some(Trouble::Ended);
    Event::Told { told: Box::new(told) }
}

enum Ended {
    Whole,
    ByItself,
    Unheard,
}

fn once(
    order: &Order,
    command: &dyn Fn() -> Command,
    reads_stdin: bool,
    see: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<Ended, Failure> {
    let line = serde_json::to_vec(order).map_err(io::Error::other);
    let line = Zeroizing::new(line.map_err(Failure::NotStarted)?);
    let mut command = command();
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(Failure::NotStarted)?;
    let lifeline = Lifeline::of(&mut child, line);
    if reads_stdin {
        let lifeline = lifeline.clone();
        // A process that takes no more is noticed by what it does not say.
        std::thread::spawn(move || hand_on(io::stdin(), |frame| lifeline.send(frame)));
    }
    let (mut whole, mut unheard) = (false, false);
    if let Some(out) = child.stdout.take() {
        for line in Lines::of(out) {
            let Ok(event) = line
                .map_err(io::Error::other)
                .and_then(|line| Ok(serde_json::from_slice(&line)?))
            else {
                break;
            };
            if let Event::Finished = event {
                whole = true;
            } else if !unheard && see(event).is_break() {
                // What it says until it has cleaned up is read on, or it would wait to be heard.
                unheard = true;
                signals::end(child.id());
                let lifeline = lifeline.clone();
                std::thread::spawn(move || lifeline.cut());
            }
        }
    }
    lifeline.cut();
    // Once it is waited for, its number may belong to another process.
    signals::on_end(|| {});
    let waited = child.wait();
    waited.map_err(Failure::NotStarted)?;
    Ok(if unheard {
        Ended::Unheard
    } else if whole {
        Ended::Whole
    } else {
        Ended::ByItself
    })
}

/// The pipe to the process that opens. When it is cut, that one stops and cleans up.
#[derive(Clone)]
struct Lifeline(Arc<Mutex<Option<ChildStdin>>>);

impl Lifeline {
    /// The first line that goes through it is the order.
    fn of(child: &mut Child, order: Zeroizing<Vec<u8>>) -> Self {
        let mut pipe = child.stdin.take();
        // A process that is gone already is noticed by what it does not say.
        if let Some(pipe) = &mut pipe {
            let _ = pipe.write_all(&order).and_then(|()| pipe.write_all(b"\n"));
        }
        let lifeline = Self(Arc::new(Mutex::new(pipe)));
        let (own, id) = (lifeline.clone(), child.id());
        signals::on_end(move || {
            signals::end(id);
            own.cut();
        });
        lifeline
    }

    fn send(&self, frame: &[u8]) -> io::Result<()> {
        let mut pipe = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match pipe.as_mut() {
            Some(pipe) => send(pipe, frame),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn cut(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
