//! One login at a time, and after one that was refused none but the probe's.
//!
//! The threat: fifty letters that each log in with a password that is wrong get the account locked at the mail server, and then
//! the right password is refused too. A letter asks nothing here that another has just been told.

use tokio::sync::Mutex;

use super::reply::{Refusal, Stage};

/// For whom a login is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// A letter, of which there may be many.
    Letter,
    /// The probe, which keeps its pauses.
    Probe,
}

/// What the last login came to, where it was refused.
#[derive(Default)]
pub(super) struct Gate(Mutex<Option<Refusal>>);

impl Gate {
    /// Refuses a letter what was refused before it.
    pub(super) async fn look(&self, who: Who) -> Result<(), Refusal> {
        still_refused(self.0.lock().await.as_ref(), who)
    }

    /// Logs in, once no other login is on its way.
    pub(super) async fn pass<T>(
        &self,
        who: Who,
        login: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        let mut refused = self.0.lock().await;
        still_refused(refused.as_ref(), who)?;
        let done = login.await;
        // A secret that could not be read was not said.
        *refused = done.as_ref().err().filter(|no| no.stage == Stage::Login).cloned();
        done
    }

    /// The refusal was about one session too many, and not about the login: letters may log in again. A login that is on its
    /// way decides itself.
    pub(super) fn open(&self) {
        if let Ok(mut refused) = self.0.try_lock() {
            *refused = None;
        }
    }
}

fn still_refused(refused: Option<&Refusal>, who: Who) -> Result<(), Refusal> {
    match refused {
        Some(no) if who == Who::Letter => Err(Refusal {
            was_heard_before: true,
            ..no.clone()
        }),
        _ => Ok(()),
    }
}
