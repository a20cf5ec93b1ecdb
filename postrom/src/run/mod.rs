//! A run: every input to its end, several letters at once, told in the order in which they were found.
//!
//! One thread reads and finds, some open, and the calling one places what they opened, in batches. What always holds:
//! each thing that was found is told exactly once; nothing that one input does to another; a letter is told only when its
//! folder would outlast a power cut.

mod done;
mod inside;
mod opener;
mod placer;
mod queue;
mod reader;
mod server;

use std::collections::HashSet;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;

use crate::Keys;
use crate::folder::Output;
use crate::i18n::Lang;
use crate::source::{Input, Unread};
use crate::told::Told;
use crate::trouble::Trouble;
use crate::trust::Trust;

pub(crate) use inside::{DEPTH, within};
use queue::Queue;

/// What a run works with.
pub struct Run<'a> {
    /// The clerk's keys.
    pub keys: &'a Keys,
    /// What letters are held against.
    pub trust: &'a Trust,
    /// Where they go.
    pub output: &'a Output,
    /// The clerk's language.
    pub lang: Lang,
    /// Where the server is told that a letter was opened.
    pub ack_to: Option<&'a Path>,
    /// How the work is done.
    pub pace: Pace,
    /// What was told before.
    pub skip: &'a Skip,
    /// Says when to end.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// What an earlier start of the run has done: what is passed over, because it was told already, and what was not told yet.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Skip {
    /// Whole inputs, by their name.
    pub inputs: HashSet<String>,
    /// Single things, by [`Told::source`].
    pub things: HashSet<String>,
    /// Things that were being put in place when the run was interrupted. They are gone through again, and news also where
    /// they are known by now.
    pub untold: HashSet<String>,
}

/// How the work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// By so many threads.
    Together(usize),
    /// One thing after the other, so that it is known which of them ended the program.
    OneByOne,
}

/// Is told of what happens, as it happens.
pub trait Listener: Sync {
    /// An input is being looked through: should the program end now, this was at hand.
    fn looks(&self, input: &str);
    /// It was looked through.
    fn looked(&self, input: &str);
    /// A sealed part is being opened: as above.
    fn opens(&self, source: &str, reference: Option<&str>);
    /// It was opened, or not.
    fn opened(&self, source: &str);
    /// Another thing was found, to be told in its turn.
    fn found(&self);
    /// Letters are about to be put in place: should the program end now, nobody was told of them.
    fn places(&self, sources: Vec<String>);
    /// What became of it.
    fn told(&self, told: Told);
    /// The letters are in place, but not all that is known of them could be written.
    fn not_remembered(&self, trouble: Trouble);
}

/// One input, or why there is none.
pub type Source = Result<Input, Unread>;

impl Run<'_> {
    /// Goes through all sources.
    pub fn go(&self, sources: impl Iterator<Item = Source> + Send, listener: &dyn Listener) {
        let queue = Queue::new(self.pace == Pace::OneByOne);
        let (done, results) = channel();
        let openers = match self.pace {
            Pace::Together(threads) => threads.max(1),
            Pace::OneByOne => 1,
        };
        thread::scope(|scope| {
            for _ in 0..openers {
                let done = done.clone();
                let queue = &queue;
                scope.spawn(move || opener::work(self, queue, &done, listener));
            }
            drop(done);
            let queue = &queue;
            scope.spawn(move || reader::read(self, sources, queue, listener));
            placer::place(self, &results, listener);
        });
    }
}
