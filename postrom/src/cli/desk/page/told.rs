//! What the door has to say while the desk runs.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::desk::http::Event;
use crate::i18n::Lang;
use crate::i18n::desk::start;

/// Whoever is not let in could come a thousand times a second.
const AGAIN: Duration = Duration::from_secs(60);

pub(super) struct Told {
    lang: Lang,
    stranger: Mutex<Option<Instant>>,
}

impl Told {
    pub(super) fn new(lang: Lang) -> Self {
        Self {
            lang,
            stranger: Mutex::default(),
        }
    }

    pub(super) fn event(&self, event: Event) {
        if event == Event::Stranger && !self.is_news() {
            return;
        }
        say!("! {}", start::event(event, self.lang));
    }

    fn is_news(&self) -> bool {
        let mut last = self.stranger.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = last.is_none_or(|last| last.elapsed() > AGAIN);
        if is_news {
            *last = Some(Instant::now());
        }
        is_news
    }
}
