//! Whose an alarm is: the half that raises it, the part that looks again, and the node that tells it.

/// The half of the service that raises an alarm, and that alone may end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The form: takes and seals letters.
    Web,
    /// The relay: delivers letters and tells of alarms.
    Relay,
}

/// The part of the service that an alarm belongs to: it looks again, and what it does not find any more is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looker {
    /// `readiness`: certificates, signing key, disk, and what came of the last letter.
    Readiness,
    /// The web site: its certificate and its texts.
    Site,
    /// Disk and clock of this machine, and what an earlier process of the relay left.
    Host,
    /// The relay, by what comes of each letter, and by the right to deliver at all.
    Relay,
    /// Acknowledgements of the post room.
    PostRoom,
}

impl Looker {
    /// The half that it runs in.
    pub fn side(self) -> Side {
        match self {
            Looker::Readiness | Looker::Site => Side::Web,
            Looker::Host | Looker::Relay | Looker::PostRoom => Side::Relay,
        }
    }
}

/// Whose an alarm is, where several nodes deliver from one store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// About one node, which tells it.
    Node,
    /// About what all share. Whichever node meets it has it, and the one that leads tells it.
    All,
    /// The same, and only the node that leads looks for it.
    Leader,
}
