//! One way out, and what is told over it out of a memory.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::watch;

use super::Outlet;
use super::diff::{Board, Event};
use super::memory::Memory;
use crate::stop::is_stopped;
use crate::store::{Lead, Leader, Notes};
use crate::unix_time::seconds;

/// What a round came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Round {
    /// Something was told.
    Told,
    /// There was nothing to tell: no evidence that the way works.
    Quiet,
}

/// What is told out of a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    Everything,
    /// For as long as this node leads.
    InTerm(u64),
    /// Written down later: another node may lead, and have written.
    Unwritten,
    /// The rest is another node's.
    Ends,
}

/// One way out, and whom it belongs to.
pub(super) struct Voice {
    pub(super) outlet: Outlet,
    pub(super) notes: Arc<dyn Notes>,
    /// None of what leads nothing.
    pub(super) leader: Option<Arc<Leader>>,
}

impl Voice {
    pub(super) async fn lead(&self) -> Lead {
        let Some(leader) = self.leader.clone() else {
            return Lead::Anothers;
        };
        #[expect(clippy::disallowed_methods, reason = "on a blocking thread")]
        let asked = tokio::task::spawn_blocking(move || leader.ask()).await;
        // An error is a panic, which the log has, or the end of the runtime.
        asked.unwrap_or(Lead::Unknown)
    }

    /// Whether it is still so: telling takes time.
    async fn may(&self, telling: Telling) -> bool {
        match telling {
            Telling::InTerm(term) => self.lead().await == Lead::Mine(term),
            Telling::Everything | Telling::Unwritten | Telling::Ends => true,
        }
    }

    pub(super) async fn tell(
        &self,
        memory: &mut Memory,
        board: &Board,
        telling: Telling,
        stop: &watch::Receiver<bool>,
    ) -> Result<Round, String> {
        let (now, settings) = (seconds(SystemTime::now()), &self.outlet.settings);
        if memory.told.look(board, now, settings) {
            memory.changed();
        }
        let mut news = memory.told.news(board, now, settings);
        news.retain(|news| telling != Telling::Ends || news.notice.event == Event::Cleared);
        if news.is_empty() {
            self.save(memory, telling).await;
        }
        let (mut came_to, mut failed) = (Round::Quiet, None);
        for news in news {
            if is_stopped(stop) || !self.may(telling).await {
                break;
            }
            // One that cannot be told does not keep the others from being told.
            if let Err(error) = self.outlet.way.tell(&news.notice).await {
                failed = Some(error);
                continue;
            }
            let (way, event) = (self.outlet.name(), news.notice.event);
            tracing::info!(way, alarm = %news.notice.alarm, ?event, "an alarm was told");
            came_to = Round::Told;
            memory.told.mark(&news, board, now);
            memory.changed();
            self.save(memory, telling).await;
        }
        failed.map_or(Ok(came_to), Err)
    }

    pub(super) async fn save(&self, memory: &mut Memory, telling: Telling) {
        if telling != Telling::Unwritten && memory.is_unsaved() && self.may(telling).await {
            memory.save(&self.notes).await;
        }
    }
}
