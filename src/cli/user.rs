//! As whom a process comes to a store.

use crate::alarms::Side;

/// As whom a process comes to what all its parts share. A user of a database reads only what is that user's, and a process
/// need not have the passwords of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// The form's side.
    Web,
    /// Whoever delivers.
    Relay,
    /// A command beside the service.
    Command,
}

impl As {
    /// Of a process with the alarms of these halves.
    pub(super) fn of(sides: &[Side]) -> Self {
        match sides {
            [] => Self::Command,
            [Side::Web] => Self::Web,
            _ => Self::Relay,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_comes_as_whoever_it_has_the_password_of() {
        assert_eq!(As::of(&[]), As::Command);
        assert_eq!(As::of(&[Side::Web]), As::Web);
        for delivers in [&[Side::Relay][..], &[Side::Web, Side::Relay]] {
            assert_eq!(As::of(delivers), As::Relay);
        }
    }
}
