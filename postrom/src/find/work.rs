//! What is still to be done within an input, as values: a stretch of bytes, what to do with it, and where it lies.

use std::rc::Rc;

use super::head::Mail;
use super::mbox::Mails;
use super::piece::Piece;
use super::unwrap::How;
use super::walk::Walk;
use crate::found::Step;
use crate::trouble::Trouble;

/// The steps to a place. What lies side by side shares those that lead to it: ten thousand files below twenty long names
/// would fill the memory. There are some hundred of them at most, since each is freed by the one behind it.
#[derive(Clone, Default)]
pub(super) struct Steps(Option<Rc<(Steps, Step)>>);

impl Steps {
    pub(super) fn push(&mut self, step: Step) {
        let before = std::mem::take(self);
        self.0 = Some(Rc::new((before, step)));
    }

    pub(super) fn last(&self) -> Option<&Step> {
        self.0.as_deref().map(|(_, step)| step)
    }

    pub(super) fn to_vec(&self) -> Vec<Step> {
        let links = std::iter::successors(self.0.as_deref(), |(before, _)| before.0.as_deref());
        let mut steps: Vec<_> = links.map(|(_, step)| step.clone()).collect();
        steps.reverse();
        steps
    }
}

impl Extend<Step> for Steps {
    fn extend<T: IntoIterator<Item = Step>>(&mut self, steps: T) {
        steps.into_iter().for_each(|step| self.push(step));
    }
}

/// Where something lies.
#[derive(Clone, Default)]
pub(super) struct Place {
    pub steps: Steps,
    pub mail: Option<Rc<Mail>>,
    pub depth: u32,
    /// It is the input itself, taken out of something that only packs it.
    pub top: bool,
    /// It may say again what was told already.
    pub again: bool,
}

/// Something to be done.
pub(super) enum Work {
    /// To be decoded, and looked at for what it is; with `raw`, armor that stands in it undecoded counts too.
    Look {
        piece: Piece,
        how: How,
        place: Place,
        raw: bool,
    },
    /// The rest of a mail, to be walked through.
    Walk { walk: Box<Walk>, place: Place },
    /// The rest of an mbox.
    Mails { mails: Mails, place: Place },
    /// To be searched for armor; the body of it begins at `body`.
    Search { piece: Piece, body: usize, place: Place },
    /// To be searched for armor that what was taken out of it did not have.
    Leftovers { piece: Piece, place: Place, told: u64 },
    /// To be said.
    Say { why: Trouble, place: Place },
}
