//! What stands around every page.

use super::Desk;
use crate::i18n::Lang;
use crate::i18n::desk::frame::{FrameTexts, TEXTS};
use crate::i18n::letters::code;

/// The head, the menu and the foot of a page.
pub(in crate::desk) struct Frame {
    pub(in crate::desk) t: &'static FrameTexts,
    pub(in crate::desk) lang: Lang,
    /// Leads from the page to the list.
    pub(in crate::desk) root: &'static str,
    /// Leads from the list to the page.
    pub(in crate::desk) here: String,
    /// Whether there is anything to lock.
    pub(in crate::desk) open: bool,
    /// Seconds until it locks itself.
    pub(in crate::desk) locks_in: u64,
}

impl Frame {
    /// Of the page at `here`, seen from the list.
    pub(super) fn of(desk: &Desk, root: &'static str, here: impl Into<String>) -> Self {
        let locks_in = desk.room.locks_in();
        Self {
            open: locks_in.is_some(),
            locks_in: locks_in.map_or(0, |left| left.as_secs()),
            ..Self::bare(desk.lang(), root, here)
        }
    }

    /// Of a page that knows nothing of the desk.
    pub(in crate::desk) fn bare(lang: Lang, root: &'static str, here: impl Into<String>) -> Self {
        Self {
            t: TEXTS.of(lang),
            lang,
            root,
            here: here.into(),
            open: false,
            locks_in: 0,
        }
    }

    /// Code of the page's language.
    pub(in crate::desk) fn code(&self) -> &'static str {
        code(self.lang)
    }

    /// The other languages, with what each calls itself.
    pub(in crate::desk) fn others(&self) -> Vec<(&'static str, &'static str)> {
        let all = [(Lang::Nb, "Bokmål"), (Lang::Nn, "Nynorsk"), (Lang::En, "English")];
        let others = all.into_iter().filter(|(lang, _)| *lang != self.lang);
        others.map(|(lang, name)| (code(lang), name)).collect()
    }

    /// The time until it locks itself, as a clock shows it.
    pub(in crate::desk) fn left(&self) -> String {
        format!("{}:{:02}", self.locks_in / 60, self.locks_in % 60)
    }
}
