//! Tells a run on the terminal, or as lines of JSON, and counts what it came to.
//!
//! What has a name of its own, or asks for something to be done, gets a line; the rest of a mailbox is counted. When
//! standard output takes no more, the letters are opened all the same, and that is said once on standard error.

mod lines;
mod output;
mod progress;

use std::process::ExitCode;

use super::{NO_LETTER, PIPE_CLOSED, PROBLEM};
use crate::apart::Event;
use crate::found::Kind;
use crate::i18n::cli::{self as texts, Tally};
use crate::i18n::{Lang, open as open_texts};
use crate::judged::Verdict;
use crate::told::{Told, What};
use crate::trust::Trust;
use lines::lines;
use output::Output;
use progress::Progress;

/// What was told so far.
pub(super) struct Teller {
    json: bool,
    verbose: bool,
    lang: Lang,
    tally: Tally,
    /// Something is for the clerk to do.
    problem: bool,
    letters: u64,
    /// Letters that a relay signed, and names of others that signed.
    genuine: u64,
    strangers: Vec<String>,
    checks: bool,
    output: Output,
    progress: Progress,
}

impl Teller {
    pub(super) fn new(json: bool, verbose: bool, lang: Lang) -> Self {
        Self {
            json,
            verbose,
            lang,
            tally: Tally::default(),
            problem: false,
            letters: 0,
            genuine: 0,
            strangers: Vec::new(),
            checks: false,
            output: Output::new(),
            progress: Progress::new(),
        }
    }

    /// What letters are held against, before the first of them.
    pub(super) fn checked_against(&mut self, trust: &Trust) {
        self.checks = !trust.relays.is_empty();
        let mut lines: Vec<String> = trust
            .heads()
            .iter()
            .map(|head| {
                let name = head.name.as_deref().unwrap_or("?");
                texts::checked_against(name, &head.fingerprint, head.former, self.lang)
            })
            .collect();
        if lines.is_empty() {
            lines.push(texts::TEXTS.of(self.lang).not_checked.into());
        }
        for line in lines {
            self.aside(&line);
        }
    }

    /// What is not about one letter: beside the lines of JSON, or among those for people.
    fn aside(&mut self, line: &str) {
        self.progress.clear();
        if self.json {
            say!("{line}");
        } else {
            self.output.line(line);
        }
    }

    /// The reader of the pipe has seen enough (`… | head`): nobody hears what else there is.
    pub(super) fn is_unheard(&self) -> bool {
        self.output.closed
    }

    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::Ready { removed } if removed > 0 => {
                let line = texts::removed_unfinished(removed, self.lang);
                self.aside(&format!("! {line}"));
            }
            Event::NotRemembered { trouble } => {
                self.problem = true;
                let line = open_texts::not_remembered(&trouble, self.lang);
                self.aside(&format!("✗ {line}"));
            }
            Event::Found => self.progress.found(self.lang),
            Event::Told { told } => {
                self.count(&told);
                self.tell(&told);
                self.progress.told(self.lang);
            }
            _ => {}
        }
    }

    fn count(&mut self, told: &Told) {
        self.problem |= told.is_problem();
        let tally = &mut self.tally;
        *match told.what {
            What::NotOpened => &mut tally.not_opened,
            What::NotLookedAt => &mut tally.not_looked_at,
            What::Foreign => &mut tally.other_mails,
            What::Other if is_mail(told.kind) => &mut tally.other_mails,
            What::Other => &mut tally.other_files,
            What::Letter => {
                self.letters += 1;
                self.genuine += u64::from(told.verdict == Some(Verdict::Genuine));
                match told.verdict {
                    // What asks for something to be done is not hidden among what is done.
                    Some(verdict) if told.repeat && !verdict.is_forgery() => &mut tally.letters_before,
                    Some(Verdict::Genuine) if told.test => &mut tally.tests,
                    Some(Verdict::Genuine) => &mut tally.new_letters,
                    Some(Verdict::NotChecked | Verdict::AfterYourClock) => &mut tally.unchecked,
                    _ => &mut tally.not_genuine,
                }
            }
        } += 1;
        if let (What::Letter, Some(Verdict::SignedByAnother), Some(status)) = (told.what, told.verdict, &told.status)
            && let Some(signer) = &status.signer
        {
            let name = signer.name.as_ref().unwrap_or(&signer.fingerprint);
            if !self.strangers.contains(name) {
                self.strangers.push(name.clone());
            }
        }
    }

    fn tell(&mut self, told: &Told) {
        if self.json {
            let line = serde_json::to_string(told).unwrap_or_default();
            self.progress.clear();
            self.output.line(&line);
        } else if self.verbose || told.named || told.is_problem() || is_news(told) {
            self.progress.clear();
            for line in lines(told, self.lang) {
                self.output.line(&line);
            }
        }
    }

    /// The summary, and the exit code.
    pub(super) fn end(&mut self, stopped: bool) -> ExitCode {
        self.progress.clear();
        if self.checks && self.genuine == 0 && !self.strangers.is_empty() {
            let line = texts::no_relay_fits(&self.strangers, self.lang);
            self.aside(&format!("! {line}"));
        }
        if stopped {
            self.aside(texts::stopped(self.lang));
        }
        if self.json {
            let summary = serde_json::json!({ "summary": self.tally, "stopped": stopped });
            self.output.line(&summary.to_string());
        } else {
            let summary = texts::summary(&self.tally, self.lang).join(" · ");
            self.output.line(&summary);
        }
        if self.output.closed {
            return ExitCode::from(PIPE_CLOSED);
        }
        if let Some(cause) = &self.output.broken {
            say!("✗ {}", open_texts::output_broken(cause, self.lang));
        }
        if self.problem || stopped || self.output.broken.is_some() {
            ExitCode::from(PROBLEM)
        } else if self.letters == 0 {
            ExitCode::from(NO_LETTER)
        } else {
            ExitCode::SUCCESS
        }
    }
}

fn is_mail(kind: Option<Kind>) -> bool {
    matches!(kind, Some(Kind::Mail | Kind::Smime))
}

/// A letter, or a mail that was sealed to the post room, which was not told before; what was not looked at.
fn is_news(told: &Told) -> bool {
    !told.repeat && matches!(told.what, What::Letter | What::Foreign | What::NotLookedAt)
}
