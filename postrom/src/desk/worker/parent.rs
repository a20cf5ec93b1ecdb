//! The desk's end: puts questions, hears answers, and starts the process that opens again when a mail ended it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::ask::{Ask, Begin, Said};
use super::wire;
use crate::trouble::Trouble;

/// So often in a row it is started again when it ended although nothing was asked of it.
const IN_VAIN: u32 = 3;
/// How long it may take to clean up.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is asked whether it has.
const STEP: Duration = Duration::from_millis(5);

/// How this program is started as the one that opens.
pub type Start = Box<dyn Fn() -> Command + Send + Sync>;

/// The process that opens. Dropping it ends the process and waits for that.
pub struct Worker(Arc<Shared>);

/// What is said to one question, up to [`Said::Done`] or [`Said::Failed`]; nothing more once the worker was ended, also of what
/// was said already.
pub struct Answers {
    said: Receiver<(Said, Vec<u8>)>,
    ended: Arc<AtomicBool>,
}

struct Shared {
    begin: Begin,
    start: Start,
    state: Mutex<State>,
    ended: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    number: u64,
    /// Every question without a whole answer.
    open: BTreeMap<u64, Question>,
    /// Those that were put to the process that runs now.
    put: BTreeSet<u64>,
    /// Those that were at hand when a process ended by itself: put one by one, so that it is known which of them did it.
    suspects: BTreeSet<u64>,
    running: Option<(Child, ChildStdin)>,
    in_vain: u32,
    over: bool,
}

struct Question {
    ask: Ask,
    body: Arc<Vec<u8>>,
    to: Sender<(Said, Vec<u8>)>,
}

impl Worker {
    /// Starts the process.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn new(begin: Begin, start: Start) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            begin,
            start,
            state: Mutex::default(),
            ended: Arc::default(),
        });
        let out = shared.start(&mut shared.state())?;
        let own = Arc::clone(&shared);
        std::thread::spawn(move || own.hear(out));
        Ok(Self(shared))
    }

    /// Puts a question; `body` is what follows it.
    pub fn ask(&self, ask: Ask, body: Arc<Vec<u8>>) -> Answers {
        let (to, answers) = channel();
        let mut state = self.0.state();
        let answers = Answers {
            said: answers,
            ended: Arc::clone(&self.0.ended),
        };
        // Nobody is left who would answer.
        if state.over {
            let _ = to.send((Said::Failed(Trouble::Ended), Vec::new()));
            return answers;
        }
        state.number += 1;
        let number = state.number;
        state.open.insert(number, Question { ask, body, to });
        state.put_what_may_be_put();
        answers
    }

    /// Ends the process and waits for that. Whoever waits for an answer gets none: a letter that takes long must not keep the
    /// keys in memory.
    pub fn end(&self) {
        self.0.ended.store(true, Ordering::Relaxed);
        let running = {
            let mut state = self.0.state();
            state.over = true;
            state.open.clear();
            state.running.take()
        };
        if let Some((mut child, pipe)) = running {
            // It cleans up what it has begun to save, and ends.
            drop(pipe);
            ended(&mut child);
        }
    }
}

impl Iterator for Answers {
    type Item = (Said, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        let said = self.said.recv().ok()?;
        (!self.ended.load(Ordering::Relaxed)).then_some(said)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits for its end, and does not wait for ever: who locks the desk wants the keys gone.
fn ended(child: &mut Child) {
    let until = Instant::now() + PATIENCE;
    while matches!(child.try_wait(), Ok(None)) {
        if Instant::now() > until {
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        std::thread::sleep(STEP);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, state: &mut State) -> io::Result<ChildStdout> {
        let mut command = (self.start)();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(mut pipe), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        // One that is gone already is noticed by what it does not say.
        let _ = wire::write(&mut pipe, &self.begin, &[]);
        state.running = Some((child, pipe));
        Ok(out)
    }

    /// Hands on what the process says, and starts it again when it ends by itself.
    fn hear(&self, mut out: ChildStdout) {
        loop {
            while let Ok(Some(((number, said), body))) = wire::read::<(u64, Said)>(&mut out) {
                self.state().hear(number, said, body);
            }
            let mut state = self.state();
            if state.over {
                return;
            }
            if let Some((mut child, _)) = state.running.take() {
                let _ = child.kill();
                let _ = child.wait();
            }
            state.look_for_the_culprit();
            match self.start(&mut state) {
                Ok(again) if state.in_vain <= IN_VAIN => {
                    out = again;
                    state.put_what_may_be_put();
                }
                _ => return state.give_up(),
            }
        }
    }
}

impl State {
    fn hear(&mut self, number: u64, said: Said, body: Vec<u8>) {
        self.in_vain = 0;
        let ends = matches!(said, Said::Done | Said::Failed(_));
        if let Some(question) = self.open.get(&number) {
            // Whoever asked may have gone.
            let _ = question.to.send((said, body));
        }
        if ends {
            self.open.remove(&number);
            self.put.remove(&number);
            self.suspects.remove(&number);
            self.put_what_may_be_put();
        }
    }

    /// While there are suspects, one thing is done after the other.
    fn put_what_may_be_put(&mut self) {
        let next = |state: &Self| match state.suspects.first() {
            Some(suspect) => Some(*suspect).filter(|_| state.put.is_empty()),
            None => state.open.keys().copied().find(|number| !state.put.contains(number)),
        };
        while let Some(number) = next(self) {
            let (Some(question), Some((_, pipe))) = (self.open.get(&number), &mut self.running) else {
                return;
            };
            self.put.insert(number);
            if wire::write(pipe, &(number, &question.ask), &question.body).is_err() {
                // Heard of where its answers end.
                return;
            }
        }
    }

    fn look_for_the_culprit(&mut self) {
        let put = std::mem::take(&mut self.put);
        if put.is_empty() {
            self.in_vain += 1;
        }
        let known = put.len() == 1;
        for number in put {
            let Some(question) = self.open.get(&number) else {
                continue;
            };
            if known && self.suspects.remove(&number) {
                let _ = question.to.send((Said::Failed(Trouble::Ended), Vec::new()));
                self.open.remove(&number);
            } else {
                let _ = question.to.send((Said::Again, Vec::new()));
                self.suspects.insert(number);
            }
        }
    }

    fn give_up(&mut self) {
        self.over = true;
        for question in std::mem::take(&mut self.open).into_values() {
            let _ = question.to.send((Said::Failed(Trouble::Ended), Vec::new()));
        }
    }
}
