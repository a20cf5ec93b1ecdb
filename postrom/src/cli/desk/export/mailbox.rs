//! Finds the letter that a clerk means among all that is in the mailbox.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use crate::desk::archive::NoPackage;
use crate::desk::post::{Content, Row, RowId};
use crate::desk::reading::Reading;
use crate::desk::session::Session;
use crate::i18n::desk::export::{self as texts, TEXTS};
use crate::i18n::{Lang, inputs};
use crate::judged::Verdict;
use crate::signals;
use crate::status::Kind;
use crate::trouble::Trouble;

/// How often it is asked how far it is.
const PACE: Duration = Duration::from_millis(20);

/// Waits until all of the mailbox was read, or somebody wants it to end. On a terminal it shows how far it is.
pub(super) fn wait(session: &Session, lang: Lang) {
    let shows = std::io::stderr().is_terminal();
    let show = |text: &str| {
        let mut terminal = std::io::stderr();
        // Progress that cannot be shown is none that is missed.
        let _ = terminal.write_all(text.as_bytes()).and_then(|()| terminal.flush());
    };
    loop {
        let progress = session.progress();
        if progress.whole || signals::ended() {
            break;
        }
        if shows && progress.to_read > 0 {
            show(&format!(
                "\r\x1b[K{}",
                texts::progress(progress.read, progress.to_read, lang)
            ));
        }
        std::thread::sleep(PACE);
    }
    if shows {
        show("\r\x1b[K");
    }
}

/// The letter that is meant.
pub(super) struct Chosen {
    pub(super) id: RowId,
    pub(super) reading: Arc<Reading>,
}

/// Why it is not clear which letter is meant.
pub(super) enum NotChosen {
    /// No letter has this number; so many things could not be opened.
    Unknown(usize),
    /// No letter that could be reached has this number.
    Away(Trouble),
    /// Several have it, and say different things.
    Contradicted,
    /// It is there, and cannot be opened.
    NotOpened(Trouble),
}

impl NotChosen {
    /// A word for machines.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "unknown",
            Self::Away(_) => "mailbox-away",
            Self::Contradicted => "contradicted",
            Self::NotOpened(_) => "not-opened",
        }
    }

    /// A word for machines, of a letter of which nothing was made.
    pub(super) fn of(why: &NoPackage) -> &'static str {
        match why {
            NoPackage::NotALetter => "not-a-letter",
            NoPackage::NotGenuine => "not-genuine",
            NoPackage::Document(_) => "no-document",
            NoPackage::Trouble(_) => "trouble",
        }
    }

    /// What happened, and what to do.
    pub(super) fn sentence(&self, reference: &str, lang: Lang) -> String {
        let t = TEXTS.of(lang);
        match self {
            Self::Unknown(0) => texts::about(t.unknown, reference),
            Self::Unknown(n) => {
                let perhaps = t.perhaps_among.of(*n as u64);
                format!("{} {perhaps}", texts::about(t.unknown, reference))
            }
            Self::Away(trouble) => format!("{reference}: {}", inputs::trouble(lang, trouble, None)),
            Self::Contradicted => texts::about(t.contradicted, reference),
            Self::NotOpened(trouble) => format!("{reference}: {}", inputs::trouble(lang, trouble, None)),
        }
    }
}

/// The letter with this number. Of several the one that is genuine, if it is the only one: a forger who has seen a number
/// cannot keep its letter from the archive.
pub(super) fn choose(session: &Session, reference: &str) -> Result<Chosen, NotChosen> {
    let post = session.post();
    let read = post.rows().filter_map(|row| Some((row, row.reading()?)));
    let letters: Vec<(&Row, &Arc<Reading>)> = read
        .filter(|(_, reading)| reading.status.kind == Kind::Letter)
        .filter(|(_, reading)| reading.status.reference.as_deref() == Some(reference))
        .collect();
    let genuine = |(_, reading): &&(&Row, &Arc<Reading>)| reading.status.verdict == Verdict::Genuine;
    let of_the_form: Vec<_> = letters.iter().filter(genuine).collect();
    let (row, reading) = match (&of_the_form[..], &letters[..]) {
        ([one], _) => **one,
        ([], [one]) => *one,
        ([], []) => {
            let why = not_there(post.rows(), reference);
            let away = session.progress().away.filter(|_| matches!(why, NotChosen::Unknown(_)));
            return Err(away.map_or(why, NotChosen::Away));
        }
        _ => return Err(NotChosen::Contradicted),
    };
    Ok(Chosen {
        id: row.id,
        reading: Arc::clone(reading),
    })
}

fn not_there<'a>(rows: impl Iterator<Item = &'a Row>, reference: &str) -> NotChosen {
    let mut not_opened = 0;
    for row in rows {
        let (Content::NotRead(why) | Content::NotLookedAt(why)) = &row.content else {
            continue;
        };
        // The mail around it says so, which anybody can write: it is a hint and no more.
        if row.reference() == Some(reference) {
            return NotChosen::NotOpened(why.clone());
        }
        not_opened += 1;
    }
    NotChosen::Unknown(not_opened)
}
