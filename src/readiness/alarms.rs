//! Which alarms follow from what is known: all of them, each time, so that the rest is over.

use std::time::SystemTime;

use super::look::{Look, MailboxLook};
use super::marks::Marks;
use crate::alarms::{Alarm, Raised};
use crate::seal::WARNED_BEFORE;
use crate::store::StoreError;
use crate::unix_time::seconds;

/// What the warning about the end of the signing key is about; other warnings are about a mailbox.
const KEY: &str = "signing-key";

/// Every alarm of this looker that is to stand.
pub(super) fn found(look: &Look, marks: &Marks) -> Vec<Raised> {
    let mut found = Vec::new();
    for (name, mailbox) in &look.mailboxes {
        of_certificates(&mut found, look, name, mailbox);
    }
    of_key(&mut found, look);
    of_disk(&mut found, look, marks);
    for (mailbox, failure) in &marks.seal {
        raise(&mut found, Alarm::Seal, mailbox, failure.why.clone());
    }
    if let Some(failure) = &marks.fault {
        raise(&mut found, Alarm::Fault, "", failure.why.clone());
    }
    found
}

/// When each certificate stops qualifying, in seconds since 1970, by its fingerprint: for the metrics.
pub(super) fn expiries(look: &Look) -> impl Iterator<Item = (String, u64)> {
    let fit = look.mailboxes.values().flat_map(|mailbox| &mailbox.recipients.fit);
    fit.filter_map(|(recipient, _)| Some((recipient.cert.fingerprint().to_hex(), seconds(recipient.expires?))))
}

/// Of several forms with the same trouble the first tells it.
fn raise(found: &mut Vec<Raised>, alarm: Alarm, about: &str, text: String) {
    if !found.iter().any(|one| one.alarm == alarm && one.about == about) {
        let about = about.to_owned();
        found.push(Raised { alarm, about, text });
    }
}

fn of_certificates(found: &mut Vec<Raised>, look: &Look, name: &str, mailbox: &MailboxLook) {
    let now = look.at.unwrap_or(SystemTime::UNIX_EPOCH);
    let MailboxLook {
        recipients, troubles, ..
    } = mailbox;
    let left_out = recipients.left_out.iter();
    let left_out = left_out.map(|out| format!("{} ({}): {}", out.name, out.fingerprint, out.why));
    let all: Vec<_> = troubles.iter().cloned().chain(left_out).collect();
    if !all.is_empty() {
        raise(found, Alarm::Certificate, name, all.join("; "));
    }
    let expiring = recipients.expiring(now);
    let soon: Vec<_> = expiring
        .iter()
        .map(|(recipient, days)| {
            let (step, fingerprint) = (step(*days).unwrap_or(*days), recipient.cert.fingerprint());
            format!("{} ({fingerprint}) expires within {step} days", recipient.name())
        })
        .collect();
    if !soon.is_empty() {
        raise(found, Alarm::Expiring, name, soon.join("; "));
    }
    // A mailbox that no form writes to closes none.
    let has_forms = look.forms.values().any(|room| room.mailbox == name);
    if let Some(why) = recipients.why_closed().filter(|_| has_forms) {
        let text = format!("the mailbox {name} cannot be sealed to: {why}; its forms are closed");
        raise(found, Alarm::FormClosed, name, text);
    }
}

fn of_key(found: &mut Vec<Raised>, look: &Look) {
    match &look.key {
        None => {}
        Some(Err(why)) => raise(found, Alarm::SigningKey, "", format!("no letter can be signed: {why}")),
        Some(Ok(key)) => {
            if let Some(step) = key.days_left.and_then(step) {
                let text = format!("the relay's signing key expires within {step} days; then the form is closed");
                raise(found, Alarm::Expiring, KEY, text);
            }
        }
    }
}

/// A full spool heals by itself, a fenced one needs a hand, a database is mended elsewhere: three alarms. While the store is
/// not believed the failure that did it is no trouble of its own.
fn of_disk(found: &mut Vec<Raised>, look: &Look, marks: &Marks) {
    let failed = marks.disk.as_ref().or(marks.drafts.as_ref());
    if let Some(failure) = failed.filter(|_| !look.is_not_believed()) {
        raise(found, Alarm::Spool, "", failure.why.clone());
    }
    for room in look.forms.values() {
        if let Err(error) = &room.state {
            let (alarm, about) = match error {
                StoreError::Fenced => (Alarm::Fenced, ""),
                StoreError::Unproven(_) => (Alarm::Database, ""),
                StoreError::Budget(mailbox) => (Alarm::Spool, mailbox.as_str()),
                StoreError::Full(_) | StoreError::OwnersShare | StoreError::InDoubt | StoreError::Io(_) => {
                    (Alarm::Spool, "")
                }
            };
            raise(found, alarm, about, format!("no letter can be kept: {error}"));
        }
    }
}

/// The step of [`WARNED_BEFORE`] that so many days have reached: the alarm changes its text, and so is told again, at
/// each of them.
fn step(days: u64) -> Option<u64> {
    WARNED_BEFORE.into_iter().rev().find(|step| days <= *step)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::super::look::{FormState, Room};
    use super::*;
    use crate::seal::Recipients;
    use crate::submission::Evidence;

    fn with_room(states: Vec<Result<FormState, StoreError>>) -> Look {
        let room = |state| Room {
            mailbox: "post".into(),
            state,
        };
        let forms = states.into_iter().enumerate();
        Look {
            at: Some(SystemTime::now()),
            forms: forms.map(|(n, state)| (n.to_string(), room(state))).collect(),
            ..Look::default()
        }
    }

    fn keys(look: &Look, marks: &Marks) -> Vec<(&'static str, String)> {
        let found = found(look, marks).into_iter();
        found.map(|raised| (raised.alarm.name(), raised.about)).collect()
    }

    #[test]
    fn a_disk_is_one_alarm_however_it_shows() {
        let mut marks = Marks::default();
        marks.hear(&Evidence::WriteFailed("EIO".into()), Instant::now());
        let room = || Ok(FormState::TextOnly);
        let full = || Err(StoreError::Full(std::io::ErrorKind::StorageFull.into()));
        let budget = || Err(StoreError::Budget("post".into()));
        let none = Marks::default();
        assert_eq!(keys(&with_room(vec![room()]), &none), []);
        assert_eq!(
            keys(&with_room(vec![room()]), &marks),
            [("spool", String::new())],
            "room is no write"
        );
        assert_eq!(
            keys(&with_room(vec![full(), full()]), &marks),
            [("spool", String::new())]
        );
        assert_eq!(
            keys(&with_room(vec![budget(), room()]), &none),
            [("spool", "post".into())]
        );
        let fenced = with_room(vec![Err(StoreError::Fenced)]);
        assert_eq!(keys(&fenced, &marks), [("fenced", String::new())]);
    }

    /// Its words are the proof's, and a look that finds it good again ends it without a trial.
    #[test]
    fn a_database_that_proves_nothing_is_one_alarm_that_closes_the_form_and_heals() {
        let mut marks = Marks::default();
        let unproven = || StoreError::Unproven("fsync is off on db1".into());
        let refusal = unproven().into();
        let heard = Evidence::of(&refusal, "post").unwrap();
        assert_eq!(heard, Evidence::Look);
        marks.hear(&heard, Instant::now());
        let look = with_room(vec![Err(unproven()), Err(unproven())]);
        let raised = found(&look, &marks);
        assert_eq!(raised.len(), 1, "{raised:?}");
        assert_eq!(raised[0].alarm.name(), "database");
        assert!(raised[0].alarm.stops_the_service() && raised[0].text.contains("fsync is off on db1"));
        assert_eq!(keys(&with_room(vec![Ok(FormState::TextOnly)]), &marks), []);
        // What a letter met before is the same trouble.
        marks.hear(&Evidence::WriteFailed("the connection is lost".into()), Instant::now());
        assert_eq!(keys(&look, &marks), [("database", String::new())]);
    }

    /// An operator mends each of them elsewhere.
    #[test]
    fn a_seal_and_a_fault_are_alarms_of_their_own() {
        let mut marks = Marks::default();
        marks.hear(&Evidence::Fault("a panic"), Instant::now());
        let (mailbox, why) = ("post".to_owned(), "no such curve".to_owned());
        marks.hear(&Evidence::SealFailed { mailbox, why }, Instant::now());
        let look = with_room(vec![Ok(FormState::TextOnly)]);
        assert_eq!(keys(&look, &marks), [("seal", "post".into()), ("fault", String::new())]);
    }

    #[test]
    fn a_mailbox_without_forms_closes_none() {
        let mut look = with_room(vec![Ok(FormState::TextOnly)]);
        for mailbox in ["post", "spare"] {
            let closed = MailboxLook {
                recipients: Arc::new(Recipients::none()),
                troubles: Vec::new(),
                next_change: None,
            };
            look.mailboxes.insert(mailbox.into(), closed);
        }
        assert_eq!(keys(&look, &Marks::default()), [("form-closed", "post".into())]);
    }

    #[test]
    fn expiry_is_told_at_each_step() {
        let told = [91, 90, 61, 60, 30, 14, 13, 7, 1, 0].map(step);
        let steps = [
            None,
            Some(90),
            Some(90),
            Some(60),
            Some(30),
            Some(14),
            Some(14),
            Some(7),
            Some(1),
            Some(1),
        ];
        assert_eq!(told, steps);
    }
}
