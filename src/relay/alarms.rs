//! The relay's alarms: letters that wait or stay. Their files lie on the disk, so they are raised and ended on blocking
//! threads, and the tasks that deliver wait for nothing but that.

use std::collections::BTreeSet;
use std::io;

use super::Relay;
use crate::alarms::{Alarm, Alarms, MOVES, QUEUE};
use crate::store::{Lead, Listed, Outbox, State};
use konvolutt_letter::{Reference, printable};

/// Ages at which a waiting letter raises the alarm, and raises it again.
const LATE_AFTER_HOURS: [u64; 3] = [24, 4, 1];
/// Digits of a name that tell a letter from all others. Names of what is no letter are no longer than twice that.
const SHORT: usize = 24;
/// Of a server's words in an alarm, which has 500 characters.
const QUOTED: usize = 160;

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

    /// This process may deliver, so the relay is not down: also when a unit says so of an earlier one, after the start of this.
    #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
    pub(super) async fn is_up(&self) {
        self.on_blocking_thread(|alarms| alarms.is_up(Alarm::RelayDown)).await;
    }

    async fn on_blocking_thread(&self, act: impl FnOnce(&Alarms) + Send + 'static) {
        let alarms = self.alarms.clone();
        // An error is a panic, which the log has, or the end of the runtime.
        let _ = tokio::task::spawn_blocking(move || act(&alarms)).await;
    }

    /// Whether this relay is the one that looks at all letters. When nobody knows who that is, each does.
    #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
    pub(super) async fn looks_for_all(&self) -> bool {
        let (leader, alarms) = (self.leader.clone(), self.alarms.clone());
        let ask = move || {
            let looks = leader.ask() != Lead::Anothers;
            if !looks {
                alarms.leave_to_the_leader();
            }
            looks
        };
        // An error is a panic, which the log has, or the end of the runtime.
        tokio::task::spawn_blocking(ask).await.unwrap_or(true)
    }

    pub(super) async fn tell_lateness(&self, oldest: Option<(u64, String)>) {
        let late = oldest.and_then(|(since, name)| {
            let hours = self.now().saturating_sub(since) / 3600;
            let limit = LATE_AFTER_HOURS.iter().find(|limit| hours >= **limit);
            limit.map(|limit| (format!("a letter has waited for over {limit} h"), name))
        });
        let Some((what, name)) = late else {
            return self.end([(Alarm::Delayed, "")]).await;
        };
        // The first one stays named until it becomes worse: another text is told anew, and a queue that drains slowly would
        // tell of each letter.
        let standing = self.alarms.own().into_iter();
        let told = standing.filter(|posted| posted.alarm == Alarm::Delayed && posted.about.is_empty());
        let told = told.map(|posted| posted.text).find(|text| text.starts_with(&what));
        let text = match told {
            Some(told) => told,
            None => {
                let who = self.called(&name).await;
                format!(
                    "{what}, {who} before others. To do: `konvolutt queue list --state waiting` shows each with the mail \
                     server's last words"
                )
            }
        };
        self.raise(Alarm::Delayed, "", text).await;
    }

    /// A letter's reference; the beginning of its name when it has none that can be read.
    pub(super) async fn called(&self, name: &str) -> String {
        let owned = name.to_owned();
        let known: io::Result<_> = self.blocking(move |outbox| Ok(outbox.known(&owned, None))).await;
        called(name, known.ok().flatten().as_ref())
    }

    /// Letters that waited and are nowhere now. Told once: nothing remembers them.
    pub(super) async fn tell_removed(&self, gone: BTreeSet<String>) {
        if gone.is_empty() {
            return;
        }
        let removed: io::Result<_> = self.blocking(move |outbox| Ok(outbox.removed(&gone))).await;
        for (name, reference) in removed.unwrap_or_default() {
            tracing::warn!(%reference, name, "a letter that waited was removed from the spool by hand; it is not sent");
        }
    }

    /// What is told of one letter is over when it has left the queue, also by an operator's hand.
    pub(super) async fn end_of_departed(&self, is_there: impl Fn(&str) -> bool) {
        let told = [Alarm::Delayed, Alarm::Stuck].into_iter();
        let told = told.flat_map(|alarm| self.alarms.subjects(alarm).into_iter().map(move |about| (alarm, about)));
        // Without a subject, or about the queue, the alarm is about no letter.
        let of_letters = told.filter(|(_, about)| !["", QUEUE, MOVES].contains(&about.as_str()));
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
        type Sentence = fn(&str, Option<&Listed>) -> String;
        for (state, alarm, sentence) in [
            (State::Held, Alarm::Held, held as Sentence),
            (State::Corrupt, Alarm::Corrupt, corrupt as Sentence),
        ] {
            let look = move |outbox: &dyn Outbox| -> io::Result<Vec<_>> {
                let there = outbox.names(state)?.into_iter();
                let found = there.map(|name| {
                    // One that has just moved on is told of once more, and no longer at the next look.
                    let known = outbox.known(&name, Some(state));
                    let text = sentence(&name, known.as_ref());
                    (name, text)
                });
                Ok(found.collect())
            };
            let found = self.blocking(look).await?;
            self.on_blocking_thread(move |alarms| alarms.exactly(alarm, found))
                .await;
        }
        Ok(())
    }
}

/// Of a letter that something else may have made, whatever it calls itself is believed only when it has the shape of a
/// reference. Without one its name does, as far as `konvolutt queue` needs it.
fn called(name: &str, known: Option<&Listed>) -> String {
    let reference = known.and_then(|letter| Reference::parse(&letter.reference));
    reference.map_or_else(|| name.chars().take(SHORT).collect(), |reference| reference.to_string())
}

fn held(name: &str, known: Option<&Listed>) -> String {
    let who = called(name, known);
    // What is tried again has a time; what a command took out of the queue still has its last one.
    let refused = known.map(|letter| &letter.status);
    let refused = refused.filter(|status| status.due == 0 && !status.last_error.is_empty());
    let why = refused.map_or("by a command", |status| status.last_error.as_str());
    let why: String = printable(why).chars().take(QUOTED).collect();
    format!(
        "the letter {who} is held: {why}. To do: `konvolutt queue show {who}` tells more; then `queue release {who}`, `queue \
         readdress {who} --mailbox NAME`, or `queue discard {who}`"
    )
}

fn corrupt(name: &str, known: Option<&Listed>) -> String {
    let who = called(name, known);
    format!(
        "the letter {who} is not what the form wrote: changed on disk, or made by something else. It is kept in corrupt/, not \
         sent. To do: `konvolutt queue show {who}` tells why; compare it with a backup, then `queue discard {who}`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Status;

    fn letter(reference: &str, status: Status) -> Listed {
        Listed {
            name: "a".repeat(64),
            state: State::Held,
            reference: reference.to_owned(),
            mailbox: "postmottak".to_owned(),
            taken_for: None,
            accepted: 0,
            size: 1,
            status,
            in_flight: None,
            discarded: None,
        }
    }

    fn refused(why: &str) -> Status {
        Status {
            attempts: 1,
            last_error: why.to_owned(),
            ..Status::default()
        }
    }

    /// Whatever a server says, the sentence fits into an alarm with all that is to be done.
    #[test]
    fn a_held_letter_is_named_with_the_servers_words_and_the_way_out() {
        let reference = Reference::from_random(b"0123456789abcdef").to_string();
        let name = "a".repeat(64);
        for words in ["554 5.6.0 no".to_owned(), "x".repeat(5_000)] {
            let text = held(&name, Some(&letter(&reference, refused(&words))));
            assert!(text.len() < 500, "{text}");
            for wanted in [
                &words[..12],
                "queue show",
                "queue release",
                "queue readdress",
                "queue discard",
            ] {
                assert!(text.contains(wanted), "{wanted}: {text}");
            }
            assert_eq!(text.matches(&reference).count(), 5, "{text}");
            assert!(!text.contains(&name[..SHORT]), "{text}");
        }
        // An operator's own hold quotes nothing that was said of an attempt before.
        let waited = Status {
            due: 60,
            ..refused("451 later")
        };
        assert!(held(&name, Some(&letter(&reference, waited))).contains("by a command"));
    }

    #[test]
    fn what_calls_itself_anything_is_called_by_its_name() {
        let name = "a".repeat(64);
        for strange in ["", "../../x", "K7F\u{1b}[2J", "AAA-AAAA-AAA"] {
            let text = corrupt(&name, Some(&letter(strange, Status::default())));
            assert!(
                text.starts_with(&format!("the letter {} is not", &name[..SHORT])),
                "{text}"
            );
        }
        assert!(corrupt("strange-0011", None).contains("queue discard strange-0011"));
    }
}
