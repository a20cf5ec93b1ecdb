//! What the last letters have shown, and no look at the disk can: it stands until the thing itself works again.

use std::collections::BTreeMap;
use std::time::Instant;

use super::backoff;
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
    /// When; none for what an earlier process left.
    at: Option<Instant>,
}

impl Failure {
    /// Whether a letter that went through just now proves that it is over. The letter may have begun before it failed,
    /// and who notifies the operator must have seen the alarm.
    fn is_disproved(&self, now: Instant) -> bool {
        self.at
            .is_none_or(|at| now.saturating_duration_since(at) >= backoff::FIRST)
    }
}

/// Everything that failed and has not worked since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// A letter could not be kept. That the file system has room says nothing of this.
    pub(super) disk: Option<Failure>,
    /// A file of a letter could not be kept while it arrived. Letters without files say nothing of this.
    pub(super) drafts: Option<Failure>,
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
                at: None,
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
    pub(super) fn hear(&mut self, evidence: &Evidence, now: Instant) -> bool {
        let before = self.clone();
        match evidence {
            Evidence::Written { mailbox, with_files } => {
                let stands = |failure: &mut Failure| !failure.is_disproved(now);
                self.letters += 1;
                self.disk = self.disk.take_if(stands);
                self.fault = self.fault.take_if(stands);
                if *with_files {
                    self.drafts = self.drafts.take_if(stands);
                }
                self.seal.retain(|name, failure| name != mailbox || stands(failure));
            }
            Evidence::WriteFailed(why) => {
                let text = format!("a letter could not be kept, and no write has succeeded since: {why}");
                self.disk = Some(self.failure(text, now));
            }
            Evidence::DraftFailed(why) => {
                let text = format!("a file could not be kept while it arrived, and none has been since: {why}");
                self.drafts = Some(self.failure(text, now));
            }
            Evidence::SealFailed { mailbox, why } => {
                let text = format!("a letter to {mailbox} could not be sealed: {why}; its forms are closed");
                let failure = self.failure(text, now);
                self.seal.insert(mailbox.clone(), failure);
            }
            Evidence::Fault(place) => {
                let text = format!("the program failed: {place}; the log has the place");
                self.fault = Some(self.failure(text, now));
            }
            Evidence::Look => {}
        }
        let kinds = |marks: &Self| (marks.seal.len(), marks.fault.is_some());
        (&before.disk, &before.drafts) != (&self.disk, &self.drafts) || kinds(&before) != kinds(self)
    }

    fn failure(&mut self, why: String, now: Instant) -> Failure {
        self.failures += 1;
        Failure {
            why,
            number: self.failures,
            at: Some(now),
        }
    }

    /// A write succeeded that began when things stood as in `before`.
    pub(super) fn disk_works(&mut self, before: &Self) -> bool {
        ends(&mut self.disk, &before.disk)
    }

    /// The same of a draft.
    pub(super) fn drafts_work(&mut self, before: &Self) -> bool {
        ends(&mut self.drafts, &before.drafts)
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
        self.disk.is_some() || self.drafts.is_some() || !self.seal.is_empty()
    }

    /// What of a form can be taken, given what a look says of it.
    pub(super) fn judge(&self, form: &Form, looked: FormState) -> FormState {
        match looked {
            FormState::Open { .. } | FormState::TextOnly if self.seal.contains_key(&form.mailbox) => {
                FormState::Closed(Why::Seal)
            }
            FormState::Open { .. } | FormState::TextOnly if self.disk.is_some() || self.drafts.is_some() => {
                FormState::Closed(Why::WriteFailed)
            }
            looked => looked,
        }
    }
}

/// Ends a failure if it is still the one that stood when the trial began.
fn ends(failure: &mut Option<Failure>, before: &Option<Failure>) -> bool {
    let over = failure.is_some() && failure == before;
    if over {
        *failure = None;
    }
    over
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(with_files: bool) -> Evidence {
        let mailbox = "post".into();
        Evidence::Written { mailbox, with_files }
    }

    fn seal_failed(mailbox: &str) -> Evidence {
        Evidence::SealFailed {
            mailbox: mailbox.into(),
            why: "no such curve".into(),
        }
    }

    #[test]
    fn a_letter_that_goes_through_ends_what_it_proves() {
        let (mut marks, now) = (Marks::default(), Instant::now());
        let later = now + backoff::FIRST;
        for evidence in [
            Evidence::WriteFailed("EIO".into()),
            Evidence::DraftFailed("EIO".into()),
            seal_failed("post"),
            seal_failed("other"),
            Evidence::Fault("a panic"),
        ] {
            assert!(marks.hear(&evidence, now));
        }
        assert!(!marks.hear(&Evidence::Look, later));
        assert!(
            !marks.hear(&written(true), later - std::time::Duration::from_millis(1)),
            "it may have begun before, and nobody could be told yet"
        );
        assert!(marks.hear(&written(false), later));
        assert!(marks.disk.is_none() && marks.fault.is_none());
        assert!(marks.drafts.is_some(), "it had no files");
        assert_eq!(
            marks.seal.keys().collect::<Vec<_>>(),
            ["other"],
            "it proves nothing of another mailbox"
        );
        assert!(!marks.hear(&written(false), later));
        assert!(marks.hear(&written(true), later) && marks.drafts.is_none());
    }

    /// The trial had succeeded already when the next letter failed.
    #[test]
    fn a_trial_proves_nothing_of_what_failed_after_it_began() {
        let (mut marks, now) = (Marks::default(), Instant::now());
        let fail = |marks: &mut Marks| {
            marks.hear(&Evidence::WriteFailed("EIO".into()), now);
            marks.hear(&Evidence::DraftFailed("EIO".into()), now);
            marks.hear(&seal_failed("post"), now);
        };
        fail(&mut marks);
        let began = marks.clone();
        fail(&mut marks);
        assert!(!marks.disk_works(&began) && !marks.drafts_work(&began) && !marks.sealing_works(&began, "post"));
        let began = marks.clone();
        assert!(marks.disk_works(&began) && marks.drafts_work(&began) && marks.sealing_works(&began, "post"));
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
