//! Reads the sources and finds what is sealed in them.

use std::collections::HashMap;

use super::queue::{Closing, Job, Queue};
use super::{Listener, Pace, Run, Source};
use crate::find::find;
use crate::found::{Found, Step};
use crate::i18n::inputs;
use crate::source::{Input, Unread};
use crate::told::{Told, What};
use crate::trouble::Trouble;

/// Reads to the end, or until somebody wants to stop.
pub(super) fn read(run: &Run<'_>, sources: impl Iterator<Item = Source>, queue: &Queue, listener: &dyn Listener) {
    let closing = Closing(queue);
    let mut finder = Finder {
        run,
        queue,
        listener,
        number: 0,
        names: HashMap::new(),
    };
    for source in sources {
        queue.settle();
        if (run.stop)() {
            break;
        }
        match source {
            Ok(input) => finder.look_into(&input),
            Err(Unread { name, named, why }) => finder.not_looked_at(name, named, why, None),
        }
    }
    drop(closing);
}

struct Finder<'a> {
    run: &'a Run<'a>,
    queue: &'a Queue,
    listener: &'a dyn Listener,
    number: u64,
    /// How often a source was named in the input at hand: no two things have one name, or the second would be taken for
    /// one that was told already.
    names: HashMap<String, u64>,
}

impl Finder<'_> {
    fn look_into(&mut self, input: &Input) {
        self.names.clear();
        if self.run.skip.inputs.contains(&input.name) {
            return;
        }
        self.listener.looks(&input.name);
        find(input, &mut |one| match self.run.pace {
            Pace::Together(_) => self.take(input, one),
            Pace::OneByOne => self.take_alone(input, one),
        });
        self.listener.looked(&input.name);
    }

    /// Nothing is looked through while this is opened: what ends the program then is known.
    fn take_alone(&mut self, input: &Input, found: Found) {
        self.listener.looked(&input.name);
        self.take(input, found);
        self.queue.settle();
        self.listener.looks(&input.name);
    }

    fn take(&mut self, input: &Input, found: Found) {
        // What is found after a stop waits for the next run.
        if (self.run.stop)() {
            return;
        }
        match found {
            Found::Sealed(sealed) => {
                let source = self.source(&input.name, &sealed.place);
                let mut told = Told::of(source, input.named, What::Letter);
                told.reference.clone_from(&sealed.reference);
                self.put(told, Some(sealed));
            }
            Found::NotLookedAt { place, why, reference } => {
                let source = self.source(&input.name, &place);
                self.not_looked_at(source, input.named, why, reference);
            }
            Found::Other { place, kind } => {
                let source = self.source(&input.name, &place);
                // One of many mails in an mbox has no name of its own.
                let named = input.named && place.is_empty();
                let mut told = Told::of(source, named, What::Other);
                told.kind = Some(kind);
                self.put(told, None);
            }
        }
    }

    fn not_looked_at(&mut self, source: String, named: bool, why: Trouble, reference: Option<String>) {
        let mut told = Told::of(source, named, What::NotLookedAt);
        told.error = Some(inputs::trouble(self.run.lang, &why, reference.as_deref()));
        told.trouble = Some(why);
        told.reference = reference;
        self.put(told, None);
    }

    fn put(&mut self, told: Told, sealed: Option<crate::found::Sealed>) {
        if self.run.skip.things.contains(&told.source) {
            return;
        }
        let number = self.number;
        self.number += 1;
        self.listener.found();
        self.queue.put(Job { number, told, sealed });
    }

    fn source(&mut self, name: &str, place: &[Step]) -> String {
        let source = match place {
            [] => name.to_owned(),
            place => format!("{name}, {}", inputs::place(self.run.lang, place)),
        };
        let times = self.names.entry(source.clone()).or_default();
        *times += 1;
        match *times {
            1 => source,
            times => format!("{source} ({times})"),
        }
    }
}
