//! What the last letters have shown, and no look at the disk can: it stands until the thing itself works again.

use std::collections::BTreeMap;

use super::look::{FormState, Why};
use crate::alarms::{Alarm, Posted};
use crate::form::Form;
use crate::submission::Evidence;

/// Something failed and has not worked since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) why: String,
    /// Which failure it is: a trial that began before the last one proves nothing.
    number: u64,
}

/// Everything that failed and has not worked since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// A letter could not be kept. That the file system has room says nothing of this.
    pub(super) disk: Option<Failure>,
    /// By mailbox: a letter could not be sealed.
    pub(super) seal: BTreeMap<String, Failure>,
    /// This program failed. It closes nothing: what one page provoked must not shut the door for all.
    pub(super) fault: Option<Failure>,
    failures: u64,
    /// Letters that went through.
    pub(super) letters: u64,
}

impl Marks {
    /// The alarms of the process before this one, where a restart proves nothing. The disk is not among them: a start
    /// writes and reads back before the first letter.
    pub(super) fn left_by_an_earlier_process(alarms: &[Posted]) -> Self {
        let mut marks = Self::default();
        for posted in alarms {
            let failure = Failure {
                why: posted.text.clone(),
                number: 0,
            };
            match posted.alarm {
                Alarm::Seal => drop(marks.seal.insert(posted.about.clone(), failure)),
                Alarm::Fault => marks.fault = Some(failure),
                _ => {}
            }
        }
        marks
    }

    /// Takes evidence; true when something is different now.
    pub(super) fn hear(&mut self, evidence: &Evidence) -> bool {
        let before = (self.disk.clone(), self.seal.len(), self.fault.is_some());
        match evidence {
            Evidence::Written { mailbox } => {
                self.letters += 1;
                self.disk = None;
                self.seal.remove(mailbox);
                self.fault = None;
            }
            Evidence::WriteFailed(why) => {
                let text = format!("a letter could not be kept, and no write has succeeded since: {why}");
                self.disk = Some(self.failure(text));
            }
            Evidence::SealFailed { mailbox, why } => {
                let text = format!("a letter to {mailbox} could not be sealed: {why}; its forms are closed");
                let failure = self.failure(text);
                self.seal.insert(mailbox.clone(), failure);
            }
            Evidence::Fault(place) => {
                let text = format!("the program failed: {place}; the log has the place");
                self.fault = Some(self.failure(text));
            }
            Evidence::Look => {}
        }
        before != (self.disk.clone(), self.seal.len(), self.fault.is_some())
    }

    fn failure(&mut self, why: String) -> Failure {
        self.failures += 1;
        Failure {
            why,
            number: self.failures,
        }
    }

    /// A write succeeded that began when things stood as in `before`.
    pub(super) fn disk_works(&mut self, before: &Self) -> bool {
        let over = self.disk.is_some() && self.disk == before.disk;
        if over {
            self.disk = None;
        }
        over
    }

    /// A trial letter was sealed that began when things stood as in `before`.
    pub(super) fn sealing_works(&mut self, before: &Self, mailbox: &str) -> bool {
        let over = self.seal.contains_key(mailbox) && self.seal.get(mailbox) == before.seal.get(mailbox);
        if over {
            self.seal.remove(mailbox);
        }
        over
    }

    /// True while there is something that can be tried.
    pub(super) fn can_be_tried(&self) -> bool {
        self.disk.is_some() || !self.seal.is_empty()
    }

    /// What of a form can be taken, given what a look says of it.
    pub(super) fn judge(&self, form: &Form, looked: FormState) -> FormState {
        match looked {
            FormState::Open { .. } | FormState::TextOnly if self.seal.contains_key(&form.mailbox) => {
                FormState::Closed(Why::Seal)
            }
            FormState::Open { .. } | FormState::TextOnly if self.disk.is_some() => FormState::Closed(Why::WriteFailed),
            looked => looked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Evidence {
        Evidence::Written { mailbox: "post".into() }
    }

    fn seal_failed(mailbox: &str) -> Evidence {
        Evidence::SealFailed {
            mailbox: mailbox.into(),
            why: "no such curve".into(),
        }
    }

    #[test]
    fn a_letter_that_goes_through_ends_what_it_proves() {
        let mut marks = Marks::default();
        for evidence in [
            Evidence::WriteFailed("EIO".into()),
            seal_failed("post"),
            seal_failed("other"),
            Evidence::Fault("a panic"),
        ] {
            assert!(marks.hear(&evidence));
        }
        assert!(!marks.hear(&Evidence::Look));
        assert!(marks.hear(&written()));
        assert!(marks.disk.is_none() && marks.fault.is_none());
        assert_eq!(
            marks.seal.keys().collect::<Vec<_>>(),
            ["other"],
            "it proves nothing of another mailbox"
        );
        assert!(!marks.hear(&written()));
    }

    /// The trial had succeeded already when the next letter failed.
    #[test]
    fn a_trial_proves_nothing_of_what_failed_after_it_began() {
        let mut marks = Marks::default();
        marks.hear(&Evidence::WriteFailed("EIO".into()));
        marks.hear(&seal_failed("post"));
        let began = marks.clone();
        marks.hear(&Evidence::WriteFailed("EIO".into()));
        marks.hear(&seal_failed("post"));
        assert!(!marks.disk_works(&began) && !marks.sealing_works(&began, "post"));
        let began = marks.clone();
        assert!(marks.disk_works(&began) && marks.sealing_works(&began, "post"));
        assert!(!marks.can_be_tried());
    }

    #[test]
    fn a_restart_proves_nothing_of_seals_and_faults() {
        let posted = |alarm, about: &str| Posted {
            alarm,
            about: about.into(),
            text: "so it was".into(),
            since: std::time::SystemTime::now(),
        };
        let left = [
            posted(Alarm::Seal, "post"),
            posted(Alarm::Fault, ""),
            posted(Alarm::Spool, ""),
        ];
        let marks = Marks::left_by_an_earlier_process(&left);
        assert!(marks.disk.is_none() && marks.fault.is_some() && marks.seal.contains_key("post"));
    }
}
