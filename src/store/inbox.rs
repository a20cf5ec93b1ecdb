//! The web side: room for a letter, a letter being written, and the moment it becomes a promise.

use std::io::{self, Write};

use super::error::StoreError;
use super::identity::{Identities, Identity};
use super::letter::Envelope;
use super::proof::Proof;
use crate::owner::Owner;

/// What the web side may do.
pub trait Inbox: Send + Sync {
    /// How letters of this store are named.
    fn identities(&self) -> &Identities;

    /// Whether the letter of this identity was committed before: durable, as after a commit that says
    /// [`Committed::Repeat`], so that its receipt may be given once more without writing it again.
    ///
    /// # Errors
    /// Whether it is durable is not known.
    fn repeats(&self, identity: &Identity) -> Result<bool, StoreError>;

    /// The proof of the letter that was committed under this identity, if it has one: the same on every node, after a restart,
    /// and when the letter is gone already.
    fn proof(&self, identity: &Identity) -> Option<Proof>;

    /// Begins a letter.
    ///
    /// # Errors
    /// When the store is fenced or has no place for it.
    fn begin(&self) -> Result<Box<dyn Pending + '_>, StoreError>;

    /// Holds so much of the budget and of the disk back for a letter that is about to be read. What
    /// others hold back is not there to be had: 200 uploads at once do not all find the same free space.
    ///
    /// # Errors
    /// Fenced, less room than the floor, or the budget is used up.
    fn reserve(&self, budget: Budget<'_>, size: Size, share: Share) -> Result<Reservation, StoreError>;

    /// On so many machines a letter is when its receipt is given, as far as the store proves it at this moment: pages say it.
    /// Files are on one.
    fn machines(&self) -> u32 {
        1
    }

    /// Writes, makes durable and reads back before the first letter is taken. What fails fences.
    ///
    /// # Errors
    /// What failed. The form is then closed and says whom to phone.
    fn check_itself(&self) -> Result<(), StoreError>;

    /// Writes, makes durable and reads back, and looks whether new letters can still have names: evidence, after a letter
    /// could not be kept, that the next one can. Uses only what the web side may do in its sandbox.
    ///
    /// # Errors
    /// What failed. What would fence a letter fences; anything else may be tried again.
    fn probe(&self) -> Result<(), StoreError>;

    /// Counts what waits, by mailbox; to be called once, before the first reservation.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn count_waiting(&self) -> io::Result<()>;
}

/// A letter that has no name yet: dropped, it leaves nothing.
pub trait Pending: Write + Send + Sync {
    /// Bytes of the mail so far.
    fn length(&self) -> u64;

    /// Gives the letter a proof, which stands with its name from the commit on. One that the store cannot keep does not keep the
    /// letter out.
    fn prove(&mut self, proof: Proof);

    /// Makes the letter durable under its name. Only after `Ok` may a receipt be given.
    ///
    /// # Errors
    /// Nothing was promised. A failure after which the disk cannot be trusted fences the store and is never retried.
    fn commit(self: Box<Self>, identity: &Identity, envelope: &Envelope) -> Result<Committed, StoreError>;
}

/// What a commit found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// A new letter, durable now.
    New,
    /// The same page with the same content was committed before; this copy is thrown away.
    Repeat,
}

/// What room is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// A letter without attachments.
    Text,
    /// One with attachments.
    Attachments,
}

/// A mailbox, how many bytes may wait for it, and for whom room is asked.
#[derive(Debug, Clone, Copy)]
pub struct Budget<'a> {
    /// Its name.
    pub mailbox: &'a str,
    /// Bytes of its letters that may wait.
    pub bytes: u64,
    /// What the largest letter takes: who has nothing yet may send that one, although it be more than a share.
    pub largest: Size,
    /// Who sends. Nobody holds more than a share.
    pub owner: &'a Owner,
}

/// What a letter takes while it comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Bytes of its mailbox's budget: what waits in the end.
    pub waiting: u64,
    /// Bytes of the disk.
    pub on_disk: u64,
}

/// What a store holds back; dropping it gives that back.
pub trait Room: Send + Sync {
    /// The letter waits now, and counts as its owner's for as long as letters wait.
    fn became_a_letter(self: Box<Self>);
}

/// Room held back for one letter; given back when dropped.
pub struct Reservation(Box<dyn Room>);

impl Reservation {
    /// What gives the room back when it is dropped.
    pub fn new(held: impl Room + 'static) -> Self {
        Self(Box::new(held))
    }

    /// The letter that it was for waits now.
    pub fn became_a_letter(self) {
        self.0.became_a_letter();
    }
}
