//! What is said of one thing on a terminal: its line, and what belongs to it below.

use konvolutt_letter::printable;

use crate::found::Kind;
use crate::i18n::cli as texts;
use crate::i18n::{Lang, inputs, letters, open as open_texts};
use crate::judged::Verdict;
use crate::told::{Told, What};

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

/// All lines about one thing.
pub(super) fn lines(told: &Told, lang: Lang) -> Vec<String> {
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
