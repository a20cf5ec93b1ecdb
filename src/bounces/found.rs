//! What a look found, and how it is told.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::alarms::{Alarm, Alarms};

/// Of a server's words, or of an error, in an alarm, which has 500 characters.
const QUOTED: usize = 160;

/// What a look found.
#[derive(Default)]
pub(super) struct Found {
    /// Done with: to be removed once that is written down.
    pub used: Vec<PathBuf>,
    /// Reports about no letter that is known.
    pub unknown: usize,
    /// Files that this user may not read.
    pub unreadable: usize,
    /// What could not be looked at or acted on, and why. It is tried again in the next look.
    pub failed: BTreeMap<PathBuf, io::Error>,
    /// The store, for all of them.
    pub store: Option<io::Error>,
    /// A directory that cannot be read, as the alarm says it.
    pub missing: Option<String>,
    /// There may be more than was seen, and nobody knows what.
    pub partial: bool,
}

impl Found {
    /// Of what stands in reports nothing goes into the log unless it is about a letter of ours: anybody can write one.
    pub(super) fn log(&self) {
        let Self {
            unknown, unreadable, ..
        } = self;
        if *unknown > 0 {
            tracing::warn!(
                reports = unknown,
                "reports of mail servers are about no letter that is known here; they stay where they are"
            );
        }
        if *unreadable > 0 {
            tracing::warn!(
                files = unreadable,
                "mails in a directory of [bounces] may not be read by this service; let it read them"
            );
        }
    }

    /// A look at a part proves that something is wrong, and never that it is over. One file that fails keeps only the alarm
    /// whose report it may be.
    pub(super) fn raise(&self, lost: BTreeMap<String, String>, alarms: &Alarms) {
        let mut told = lost;
        let own = || (!self.is_whole()).then(|| self.what_failed());
        told.extend(self.missing.clone().or_else(own).map(|text| (String::new(), text)));
        let standing = alarms.own().into_iter();
        for posted in standing.filter(|posted| posted.alarm == Alarm::Bounced) {
            let may_be_in = |path: &PathBuf| posted.text.contains(&path.display().to_string());
            let of_letter = !posted.about.is_empty();
            if self.partial || of_letter && self.failed.keys().any(may_be_in) {
                told.entry(posted.about).or_insert(posted.text);
            }
        }
        alarms.exactly(Alarm::Bounced, told.into_iter().collect());
    }

    pub(super) fn end(self) -> io::Result<()> {
        if self.is_whole() {
            return Ok(());
        }
        Err(io::Error::other(self.why()))
    }

    fn is_whole(&self) -> bool {
        self.failed.is_empty() && self.store.is_none()
    }

    /// Whatever fails, and wherever: what is to be done is never cut away.
    fn what_failed(&self) -> String {
        format!(
            "letters that come back may not be held: {}. To do: mend that; each look, some seconds apart, tries all of it again",
            self.why()
        )
    }

    fn why(&self) -> String {
        let quoted = |error: &io::Error| error.to_string().chars().take(QUOTED).collect::<String>();
        match (&self.store, self.failed.iter().next()) {
            (Some(error), _) => format!("the spool cannot be read or written: {}", quoted(error)),
            (None, Some((path, error))) => format!(
                "{} of the files there wait for the next look, {} since {}",
                self.failed.len(),
                path.display(),
                quoted(error)
            ),
            (None, None) => String::new(),
        }
    }
}

/// Whatever a server says and wherever its report lies: which letter, and what is to be done, is never cut away.
pub(super) fn lost(reference: &str, words: &str, report: &Path) -> String {
    let quoted: String = words.chars().take(QUOTED).collect();
    format!(
        "the letter {reference} came back, and is no longer kept here: {quoted}. To do: ask the post room for what is left of it, \
         mend what the mail server says, and then remove the report {}",
        report.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_keeps_its_letter_and_its_remedy_whatever_a_server_says() {
        let report = Path::new(
            "/var/mail/konvolutt-bounces/new/1764493200.M123456P1234.mail.authority.example,S=2345,W=2400:2,S",
        );
        for words in ["552 5.2.2 full".to_owned(), "ø".repeat(400)] {
            let text = lost("UJZ-52RN-FJC", &words, report);
            assert!(text.chars().count() < 500, "{text}");
            for wanted in ["UJZ-52RN-FJC", "To do: ", &words[..10], &report.display().to_string()] {
                assert!(text.contains(wanted), "{wanted}: {text}");
            }
            let failed = Found {
                failed: [(report.to_owned(), io::Error::other(words))].into(),
                ..Found::default()
            };
            let text = failed.what_failed();
            assert!(
                text.chars().count() < 500 && text.contains("tries all of it again"),
                "{text}"
            );
        }
    }
}
