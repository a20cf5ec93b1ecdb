//! The process that talks to the clerk: starts the one that opens, and starts it again when a mail ended it.

use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use super::frames::{hand_on, send};
use super::order::{Event, Order, Skip};
use crate::i18n::inputs;
use crate::signals;
use crate::told::{Told, What};
use crate::trouble::Trouble;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All was told.
    Whole,
    /// Somebody wanted it to stop.
    Stopped,
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

/// Does what an order says. `command` is how this program is started as the one that opens.
///
/// # Errors
/// When it cannot be started.
pub fn run(mut order: Order, command: &dyn Fn() -> Command, tell: &mut dyn FnMut(Event)) -> Result<End, Failure> {
    let mut reads_stdin = order.inputs.iter().any(|input| input == "-");
    while !signals::ended() {
        let mut watch = Watched::default();
        let ended = once(&order, command, reads_stdin, &mut |event| {
            watch.see(&event);
            tell(event);
        })?;
        match ended {
            _ if signals::ended() => return Ok(End::Stopped),
            Ended::Whole => return Ok(End::Whole),
            Ended::ByItself => {}
        }
        if reads_stdin {
            // What came through it cannot be had again.
            reads_stdin = false;
            order.inputs.retain(|input| input != "-");
            tell(lost(&order, "-".into()));
        }
        // With nothing at hand it was no mail that ended it.
        let culprit = watch.at_hand.into_iter().next().ok_or(Failure::Ended)?;
        order.skip.things.extend(watch.told);
        if order.one_by_one {
            let name = pass_over(&mut order.skip, culprit);
            tell(lost(&order, name));
        }
        order.one_by_one = true;
    }
    Ok(End::Stopped)
}

/// What one start of the process was seen to do.
#[derive(Default)]
struct Watched {
    told: Vec<String>,
    /// What was begun and not ended.
    at_hand: HashSet<AtHand>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum AtHand {
    Input(String),
    Thing(String),
}

impl Watched {
    fn see(&mut self, event: &Event) {
        match event {
            Event::Looks { input } => self.at_hand.insert(AtHand::Input(input.clone())),
            Event::Looked { input } => self.at_hand.remove(&AtHand::Input(input.clone())),
            Event::Opens { source } => self.at_hand.insert(AtHand::Thing(source.clone())),
            Event::Opened { source } => self.at_hand.remove(&AtHand::Thing(source.clone())),
            Event::Told { told } => {
                self.told.push(told.source.clone());
                false
            }
            _ => false,
        };
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
fn lost(order: &Order, source: String) -> Event {
    let mut told = Told::of(source, true, What::NotOpened);
    told.error = Some(inputs::trouble(order.lang, &Trouble::Ended, None));
    told.trouble = Some(Trouble::Ended);
    Event::Told { told: Box::new(told) }
}

enum Ended {
    Whole,
    ByItself,
}

fn once(
    order: &Order,
    command: &dyn Fn() -> Command,
    reads_stdin: bool,
    see: &mut dyn FnMut(Event),
) -> Result<Ended, Failure> {
    let mut command = command();
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(Failure::NotStarted)?;
    let lifeline = Lifeline::of(&mut child, order);
    if reads_stdin {
        let lifeline = lifeline.clone();
        std::thread::spawn(move || hand_on(io::stdin(), |frame| lifeline.send(frame)));
    }
    let mut whole = false;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).split(b'\n') {
            let Ok(event) = line
                .map_err(io::Error::other)
                .and_then(|line| Ok(serde_json::from_slice(&line)?))
            else {
                break;
            };
            if let Event::Finished = event {
                whole = true;
            } else {
                see(event);
            }
        }
    }
    lifeline.cut();
    let waited = child.wait();
    // Its number may belong to another process from now on.
    signals::on_end(|| {});
    waited.map_err(Failure::NotStarted)?;
    Ok(if whole { Ended::Whole } else { Ended::ByItself })
}

/// The pipe to the process that opens. When it is cut, that one stops and cleans up.
#[derive(Clone)]
struct Lifeline(Arc<Mutex<Option<ChildStdin>>>);

impl Lifeline {
    fn of(child: &mut Child, order: &Order) -> Self {
        let mut pipe = child.stdin.take();
        let line = zeroize::Zeroizing::new(serde_json::to_vec(order).unwrap_or_default());
        // A process that is gone already is noticed by what it does not say.
        if let Some(pipe) = &mut pipe {
            let _ = pipe.write_all(&line).and_then(|()| pipe.write_all(b"\n"));
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
