//! What somebody must be told about letters that wait or stay.

use std::collections::BTreeSet;
use std::io;

use super::Relay;
use crate::alarms::Alarm;
use crate::store::State;

/// Ages at which somebody is told that a letter waits, and told again.
const LATE_AFTER_HOURS: [u64; 3] = [24, 4, 1];

impl Relay {
    pub(super) fn tell_lateness(&self, oldest: Option<u64>) {
        let hours = oldest.map_or(0, |since| self.now().saturating_sub(since) / 3600);
        match LATE_AFTER_HOURS.iter().find(|limit| hours >= **limit) {
            Some(limit) => {
                let text = format!("a letter has waited for over {limit} h; `konvolutt queue list` shows why");
                self.alarms.raise(Alarm::Delayed, "", &text);
            }
            None => self.alarms.clear(Alarm::Delayed, ""),
        }
    }

    /// A mailbox that no letter waits for any more stops nothing: it was renamed, or its letters were held or moved on.
    /// Only while no letter is being tried, since what that one meets is not in the table yet.
    pub(super) fn end_refusals(&self, refused: &BTreeSet<String>) {
        let told = self.alarms.subjects(Alarm::MailServer).into_iter();
        // Without a subject the alarm is about the server.
        for mailbox in told.filter(|mailbox| !mailbox.is_empty() && !refused.contains(mailbox)) {
            self.alarms.clear(Alarm::MailServer, &mailbox);
        }
    }

    /// Held and corrupt letters raise their alarm for as long as they lie there, also after a restart.
    pub(super) async fn tell_what_stays(&self) -> io::Result<()> {
        for (state, alarm, text) in [
            (State::Held, Alarm::Held, "is held; `konvolutt queue show` tells why"),
            (
                State::Corrupt,
                Alarm::Corrupt,
                "was changed on disk; what is left of it is kept in corrupt/, not sent",
            ),
        ] {
            let there = self.blocking(move |outbox| outbox.names(state)).await?;
            let found = there.into_iter().map(|name| {
                let text = format!("the letter {name} {text}");
                (name, text)
            });
            self.alarms.exactly(alarm, found.collect());
        }
        Ok(())
    }
}
