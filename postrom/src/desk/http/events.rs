//! What the door has to say: to whoever comes and is not let in, and to the clerk. Values; their sentences are in
//! [`i18n::desk::start`](crate::i18n::desk::start).

/// Why a request is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// A process of another user, or of another machine.
    Stranger,
    /// It was sent to another name than ours.
    OtherName,
    /// A page of another site caused it.
    OtherSite,
    /// Neither GET nor POST.
    Method,
    /// Nothing is there, or not any more.
    NotHere,
    /// More than is taken.
    TooLarge,
    /// A fault of ours.
    Fault,
}

/// What the clerk should hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// So many addresses were tried that are none.
    Guessing(u64),
    /// A process of another user came.
    Stranger,
}
