//! Letters that are not tried at all: what the form did not write, and what no mailbox of the configuration is for.

use super::delivery::Outcome;
use super::{Relay, Unfit, schedule};
use crate::store::{Claim, Settlement, Status};

impl Relay {
    /// Nothing of it was sent. Until here its envelope is the word of the web side: none of it goes into the log as it is.
    pub(super) async fn set_aside(&self, name: &str, claim: Claim, status: Status, why: Unfit) -> Outcome {
        let place: fn(Status) -> Settlement = match &why {
            Unfit::Io(error) => return self.look_later(name, status, error),
            Unfit::Foreign(_) => Settlement::Quarantined,
            Unfit::NoMailbox(_) => Settlement::Held,
        };
        let status = Status {
            attempts: status.attempts + 1,
            last_error: why.to_string(),
            ..Status::default()
        };
        tracing::error!(name, "a letter is not sent: {}", status.last_error);
        match self.move_out(name, claim, place(status.clone())).await {
            Ok(()) => Outcome::Gone,
            Err(due) => Outcome::Waits(Status { due, ..status }),
        }
    }

    fn look_later(&self, name: &str, status: Status, error: &std::io::Error) -> Outcome {
        tracing::error!(%error, name, "a letter could not be read");
        let due = self.now() + schedule::MINUTE;
        Outcome::Waits(Status { due, ..status })
    }
}
