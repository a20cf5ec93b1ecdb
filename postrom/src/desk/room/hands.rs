//! What a clerk's hands do with a letter beyond marks: registering it, and sealing it to a case officer.

use std::path::PathBuf;

use super::{NotDone, Open, Room};
use crate::desk::archive::{NoPackage, Officer, Order, allows};
use crate::desk::handover::{hand_over, hand_to_officer};
use crate::desk::post::RowId;
use crate::i18n::Lang;
use crate::judged::Verdict;
use crate::ledger::{Act, Standing};
use crate::status::Kind;

/// Why a letter is not registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRegistered {
    /// A colleague has it, or it is not there.
    NotDone(NotDone),
    /// The archive's package could not be made.
    NoPackage(NoPackage),
}

impl From<NotDone> for NotRegistered {
    fn from(why: NotDone) -> Self {
        Self::NotDone(why)
    }
}

/// Folder below the out folder for mails to case officers. They are sealed.
const FOR_OFFICERS: &str = "handed-over";

impl Room {
    /// Whether a letter goes to the archive as a package when it is registered: only one that came through the form, and
    /// only when the settings say where to.
    pub fn packs(&self, verdict: Option<Verdict>, kind: Option<Kind>) -> Option<&PathBuf> {
        let is_genuine = verdict == Some(Verdict::Genuine) && kind == Some(Kind::Letter);
        self.plan().archive.folder.as_ref().filter(|_| is_genuine)
    }

    /// Registers a letter under the archive's number of it, after the archive's folder has its package; where that is.
    ///
    /// # Errors
    /// Why not.
    pub fn register(&self, id: RowId, case: &str, lang: Lang) -> Result<Option<PathBuf>, NotRegistered> {
        let open = self.open().ok_or(NotDone::Locked)?;
        let case = Some(case.trim().to_owned()).filter(|case| !case.is_empty());
        let act = Act::Registered { case };
        let (document, to) = {
            let post = open.session.post();
            let row = post.row(id).ok_or(NotDone::Gone)?;
            let document = row.document().ok_or(NotDone::Gone)?.to_owned();
            (document, self.packs(row.verdict(), row.kind()))
        };
        let standing = standing(&open, &document);
        // No package of a letter that a colleague has.
        let allowed = standing.allows(&act, &self.plan().who);
        allowed.map_err(NotDone::Refused)?;
        let folder = match to {
            None => None,
            Some(to) => {
                let order = Order {
                    to: to.clone(),
                    message: self.plan().archive.message,
                    also_not_genuine: false,
                };
                let made = hand_over(&open.session, id, &order, lang, &|| false);
                Some(made.map_err(NotRegistered::NoPackage)?.package.folder)
            }
        };
        self.act(id, act)?;
        Ok(folder)
    }

    /// Seals a letter once more, to this officer, as a mail file; where that is.
    ///
    /// # Errors
    /// Why not.
    pub fn hand_over(&self, id: RowId, officer: &Officer) -> Result<PathBuf, NotRegistered> {
        let open = self.open().ok_or(NotDone::Locked)?;
        self.may_hand_over(id)?;
        let to = self.plan().out.join(FOR_OFFICERS);
        let done = hand_to_officer(&open.session, id, officer, &to);
        Ok(done.map_err(NotDone::Trouble)?)
    }

    /// Whether a letter may be sealed to an officer: without the form's signature they cannot tell a forged one any more.
    ///
    /// # Errors
    /// Why not.
    pub fn may_hand_over(&self, id: RowId) -> Result<(), NotRegistered> {
        let open = self.open().ok_or(NotDone::Locked)?;
        if open.session.post().row(id).is_none() {
            return Err(NotDone::Gone.into());
        }
        // What is remembered of a letter is anybody's word: it is opened for this.
        let reading = open.session.reading(id).map_err(NotDone::Trouble)?;
        allows(&reading, false).map_err(NotRegistered::NoPackage)
    }
}

fn standing(open: &Open, document: &str) -> Standing {
    // What cannot be read anew is refused where it is written.
    let _ = open.ledger.refresh();
    open.ledger.standing(document)
}
