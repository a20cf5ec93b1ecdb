//! The relay's alarms: letters that wait or stay. Their files lie on the disk, so they are raised and ended on blocking
//! threads, and the tasks that deliver wait for nothing but that.

use std::collections::BTreeSet;
use std::io;

use super::Relay;
use super::delivery::MOVES;
use super::queue_run::UNREADABLE;
use crate::alarms::{Alarm, Alarms};
use crate::store::State;

/// Ages at which a waiting letter raises the alarm, and raises it again.
const LATE_AFTER_HOURS: [u64; 3] = [24, 4, 1];

impl Relay {
    /// Raises an alarm, or changes what it says.
    #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
    pub(super) async fn raise(&self, alarm: Alarm, about: &str, text: String) {
        let about = about.to_owned();
        self.on_blocking_thread(move |alarms| alarms.raise(alarm, &about, &text))
            .await;
    }

    /// Ends those of these alarms that stand. Nearly always none does, and then no thread is needed.
    #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
    pub(super) async fn end<'a>(&self, over: impl IntoIterator<Item = (Alarm, &'a str)>) {
        let standing = over
            .into_iter()
            .filter(|(alarm, about)| self.alarms.stands(*alarm, about));
        let standing: Vec<_> = standing.map(|(alarm, about)| (alarm, about.to_owned())).collect();
        if !standing.is_empty() {
            let end = move |alarms: &Alarms| standing.iter().for_each(|(alarm, about)| alarms.clear(*alarm, about));
            self.on_blocking_thread(end).await;
        }
    }

    async fn on_blocking_thread(&self, act: impl FnOnce(&Alarms) + Send + 'static) {
        let alarms = self.alarms.clone();
        // An error is a panic, which the log has, or the end of the runtime.
        let _ = tokio::task::spawn_blocking(move || act(&alarms)).await;
    }

    pub(super) async fn tell_lateness(&self, oldest: Option<u64>) {
        let hours = oldest.map_or(0, |since| self.now().saturating_sub(since) / 3600);
        match LATE_AFTER_HOURS.iter().find(|limit| hours >= **limit) {
            Some(limit) => {
                let text = format!("a letter has waited for over {limit} h; `konvolutt queue list` shows why");
                self.raise(Alarm::Delayed, "", text).await;
            }
            None => self.end([(Alarm::Delayed, "")]).await,
        }
    }

    /// What is told of one letter is over when it has left the queue, also by an operator's hand.
    pub(super) async fn end_of_departed(&self, is_there: impl Fn(&str) -> bool) {
        let told = [Alarm::Delayed, Alarm::Stuck].into_iter();
        let told = told.flat_map(|alarm| self.alarms.subjects(alarm).into_iter().map(move |about| (alarm, about)));
        // Without a subject, or about the queue, the alarm is about no letter.
        let of_letters = told.filter(|(_, about)| !["", UNREADABLE, MOVES].contains(&about.as_str()));
        let over: Vec<_> = of_letters.filter(|(_, name)| !is_there(name)).collect();
        self.end(over.iter().map(|(alarm, name)| (*alarm, name.as_str()))).await;
    }

    /// A mailbox that no letter waits for any more stops nothing: it was renamed, or its letters were held or moved on.
    /// Only while no letter is being tried, since what that one meets is not in the table yet.
    pub(super) async fn end_refusals(&self, refused: &BTreeSet<String>) {
        let told = self.alarms.subjects(Alarm::MailServer).into_iter();
        // Without a subject the alarm is about the server.
        let over: Vec<_> = told
            .filter(|mailbox| !mailbox.is_empty() && !refused.contains(mailbox))
            .collect();
        self.end(over.iter().map(|mailbox| (Alarm::MailServer, mailbox.as_str())))
            .await;
    }

    /// Held and corrupt letters raise their alarm for as long as they lie there, also after a restart.
    #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
    pub(super) async fn tell_what_stays(&self) -> io::Result<()> {
        for (state, alarm, text) in [
            (State::Held, Alarm::Held, "is held; `konvolutt queue show` tells why"),
            (
                State::Corrupt,
                Alarm::Corrupt,
                "is not what the form wrote: changed on disk, or made by something else. It is kept in corrupt/, not sent",
            ),
        ] {
            let there = self.blocking(move |outbox| outbox.names(state)).await?;
            let found = there.into_iter().map(|name| {
                let text = format!("the letter {name} {text}");
                (name, text)
            });
            let found: Vec<_> = found.collect();
            self.on_blocking_thread(move |alarms| alarms.exactly(alarm, found))
                .await;
        }
        Ok(())
    }
}
