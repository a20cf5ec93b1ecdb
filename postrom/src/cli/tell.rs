//! Tells a run on the terminal, or as lines of JSON, and counts what it came to.
//!
//! What has a name of its own, or asks for something to be done, gets a line; the rest of a mailbox is counted. When
//! standard output takes no more, the letters are opened all the same, and that is said once on standard error.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use konvolutt_letter::printable;

use super::{NO_LETTER, PIPE_CLOSED, PROBLEM};
use crate::apart::Event;
use crate::found::Kind;
use crate::i18n::cli::{self as texts, Tally};
use crate::i18n::{Lang, inputs, letters, open as open_texts};
use crate::judged::Verdict;
use crate::told::{Told, What};
use crate::trouble::Cause;
use crate::trust::Trust;

/// How often progress is shown.
const PACE: Duration = Duration::from_millis(100);

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
            output: Output {
                broken: None,
                closed: false,
                colour: io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            },
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

fn mark(told: &Told) -> &'static str {
    match (told.what, told.verdict) {
        (What::Foreign | What::Other, _) => "·",
        (What::NotLookedAt, _) if told.is_strangers_archive() => "·",
        (What::Letter, Some(Verdict::Genuine)) if told.test => "T",
        (What::Letter, Some(Verdict::Genuine)) => "✓",
        (What::Letter, Some(Verdict::NotChecked | Verdict::AfterYourClock)) => "?",
        _ => "✗",
    }
}

/// What is said of one thing: its line, and what belongs to it below.
fn lines(told: &Told, lang: Lang) -> Vec<String> {
    let mark = mark(told);
    let source = printable(&told.source);
    match told.what {
        What::Other => {
            let kind = inputs::kind(lang, told.kind.unwrap_or(Kind::Other));
            vec![format!("{mark} {source}: {kind}")]
        }
        What::NotOpened | What::NotLookedAt => {
            let error = printable(told.error.as_deref().unwrap_or_default());
            vec![format!("{mark} {source}"), format!("  {error}")]
        }
        What::Letter | What::Foreign => {
            let folder = told.folder.as_deref().map(printable).unwrap_or(source);
            let mut lines = vec![format!("{mark} {folder}{}", before(told, lang))];
            lines.extend(below(told, lang).into_iter().map(|line| format!("  {line}")));
            lines
        }
    }
}

/// Behind the name of what was opened before.
fn before(told: &Told, lang: Lang) -> String {
    if told.repeat {
        format!(" ({})", open_texts::TEXTS.of(lang).opened_before)
    } else {
        String::new()
    }
}

fn below(told: &Told, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(why) = &told.not_acknowledged {
        lines.push(format!("! {}", texts::server_not_told(why, lang)));
    }
    if let Some(before) = &told.before {
        lines.push(texts::opened_before(&readable(&before.opened), &before.by, lang));
        if before.moved {
            lines.push(texts::moved_away(told.folder.as_deref().unwrap_or_default(), lang));
        }
    }
    if let Some(from) = &told.renamed_from {
        lines.push(open_texts::renamed(from, lang));
    }
    // All of it was said when it was opened.
    if told.repeat && !told.named {
        return lines;
    }
    let Some(status) = &told.status else {
        if let (true, Some(verdict)) = (told.is_problem(), told.verdict) {
            lines.push(letters::sentence(crate::status::Kind::Letter, verdict, None, lang));
        }
        return lines;
    };
    lines.push(printable(&status.sentence));
    let remarks = status
        .header_mismatch
        .iter()
        .chain(&status.remarks)
        .chain(&status.notices);
    lines.extend(remarks.map(|remark| format!("! {}", printable(remark))));
    if told.what == What::Letter {
        lines.extend(
            open_texts::strangers(&status.readers, lang)
                .iter()
                .map(|line| format!("! {line}")),
        );
    }
    lines
}

/// A time as people read it, in the zone of this machine.
fn readable(time: &str) -> String {
    let Ok(time) = time.parse::<jiff::Timestamp>() else {
        return printable(time);
    };
    let local = time.to_zoned(jiff::tz::TimeZone::system());
    local.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Standard output, which may take no more.
struct Output {
    broken: Option<Cause>,
    /// It is a pipe whose reader is gone.
    closed: bool,
    colour: bool,
}

impl Output {
    fn line(&mut self, line: &str) {
        if self.broken.is_some() || self.closed {
            return;
        }
        let grey = self.colour && line.starts_with('·');
        let (begin, end) = if grey { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
        let mut out = io::stdout().lock();
        let written = writeln!(out, "{begin}{line}{end}").and_then(|()| out.flush());
        if let Err(error) = written {
            if error.kind() == io::ErrorKind::BrokenPipe {
                self.closed = true;
            } else {
                self.broken = Some(Cause::from(&error));
            }
        }
    }
}

/// How far the run has come: one line on a terminal, written over.
struct Progress {
    shown: bool,
    done: u64,
    all: u64,
    last: Option<Instant>,
    wanted: bool,
}

impl Progress {
    fn new() -> Self {
        Self {
            shown: false,
            done: 0,
            all: 0,
            last: None,
            wanted: io::stderr().is_terminal(),
        }
    }

    fn found(&mut self, lang: Lang) {
        self.all += 1;
        self.show(lang);
    }

    fn told(&mut self, lang: Lang) {
        self.done += 1;
        self.show(lang);
    }

    fn show(&mut self, lang: Lang) {
        if !self.wanted || self.last.is_some_and(|last| last.elapsed() < PACE) {
            return;
        }
        self.last = Some(Instant::now());
        self.shown = true;
        self.write(&format!("\r\x1b[K{}", texts::progress(self.done, self.all, lang)));
    }

    /// Progress that cannot be shown is none that is missed.
    fn write(&self, text: &str) {
        let mut terminal = io::stderr();
        let _ = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
    }

    fn clear(&mut self) {
        if self.shown {
            self.write("\r\x1b[K");
            self.shown = false;
        }
    }
}
