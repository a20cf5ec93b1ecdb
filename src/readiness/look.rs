//! One look at everything that a letter needs: a value, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use crate::form::Form;
use crate::seal::Recipients;
use crate::store::StoreError;
use crate::submission::Pipeline;

/// What of a form can be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormState {
    /// Letters with files of so many bytes together.
    Open {
        /// Most bytes of files in one letter.
        files_total: u64,
    },
    /// Letters without files: room is short.
    TextOnly,
    /// None.
    Closed(Why),
}

/// Why a form is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nothing was looked at yet.
    NotLooked,
    /// No daily certificate qualifies.
    NoCertificate,
    /// The relay's key cannot sign.
    SigningKey,
    /// The last letter could not be sealed, and a trial has not succeeded since.
    Seal,
    /// The last letter could not be kept, and no write has succeeded since.
    WriteFailed,
    /// No room, or the disk is fenced.
    Spool,
}

impl FormState {
    /// Most bytes of files in a letter, as the page says it.
    pub fn files_total(&self) -> u64 {
        match self {
            Self::Open { files_total } => *files_total,
            Self::TextOnly | Self::Closed(_) => 0,
        }
    }

    /// True while a letter can be written with a good conscience.
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Closed(_))
    }

    /// False when no letter need be tried. In the other cases it is: there is no better evidence.
    pub fn is_worth_trying(&self) -> bool {
        !matches!(
            self,
            Self::Closed(Why::NotLooked | Why::NoCertificate | Why::SigningKey)
        )
    }
}

/// What was seen at one moment.
#[derive(Default)]
pub(super) struct Look {
    /// When; nothing before the first.
    pub(super) at: Option<SystemTime>,
    pub(super) mailboxes: BTreeMap<String, MailboxLook>,
    pub(super) key: Option<Result<KeyLook, String>>,
    pub(super) forms: BTreeMap<String, Room>,
    /// A letter is on so many machines before its receipt.
    pub(super) machines: u32,
}

/// The certificates of a mailbox.
pub(super) struct MailboxLook {
    pub(super) recipients: Arc<Recipients>,
    /// Files that are not what was pinned.
    pub(super) troubles: Vec<String>,
    /// When the recipients may be others although no file changes.
    pub(super) next_change: Option<SystemTime>,
}

/// The signing key, when it can sign.
pub(super) struct KeyLook {
    pub(super) days_left: Option<u64>,
    pub(super) ends: Option<SystemTime>,
}

/// What the spool says of one form.
pub(super) struct Room {
    pub(super) mailbox: String,
    pub(super) state: Result<FormState, StoreError>,
}

/// Looks. Blocks for as long as the disk does.
pub(super) fn look(pipeline: &Pipeline) -> Look {
    pipeline.mailboxes.iter().for_each(|mailbox| mailbox.pinned.look());
    let now = SystemTime::now();
    let mailboxes = pipeline.mailboxes.iter().map(|mailbox| {
        let look = MailboxLook {
            recipients: Arc::new(mailbox.pinned.recipients(now)),
            troubles: mailbox.pinned.troubles(),
            next_change: mailbox.pinned.next_change(now),
        };
        (mailbox.name.clone(), look)
    });
    let key = pipeline.sealer.key(now).map(|key| KeyLook {
        days_left: key.days_left(now),
        ends: key.ends(now),
    });
    let forms = pipeline.forms.iter().map(|form| {
        let room = Room {
            mailbox: form.mailbox.clone(),
            state: room(pipeline, form),
        };
        (form.slug.clone(), room)
    });
    Look {
        at: Some(now),
        mailboxes: mailboxes.collect(),
        key: Some(key),
        forms: forms.collect(),
        // After the room, whose question has the store prove itself.
        machines: pipeline.inbox.machines(),
    }
}

fn room(pipeline: &Pipeline, form: &Form) -> Result<FormState, StoreError> {
    let files_total = pipeline.files_now(form)?;
    let takes_none = files_total == 0 && pipeline.limits(form).files_total > 0;
    Ok(if takes_none {
        FormState::TextOnly
    } else {
        FormState::Open { files_total }
    })
}

impl Look {
    /// False before the first look.
    pub(super) fn is_one(&self) -> bool {
        self.at.is_some()
    }

    /// What this look says of a form.
    pub(super) fn form(&self, slug: &str) -> FormState {
        let Some(room) = self.forms.get(slug) else {
            return FormState::Closed(Why::NotLooked);
        };
        if !self.recipients(&room.mailbox).open() {
            return FormState::Closed(Why::NoCertificate);
        }
        if !matches!(self.key, Some(Ok(_))) {
            return FormState::Closed(Why::SigningKey);
        }
        match &room.state {
            Ok(state) => state.clone(),
            Err(_) => FormState::Closed(Why::Spool),
        }
    }

    pub(super) fn recipients(&self, mailbox: &str) -> Arc<Recipients> {
        let own = self.mailboxes.get(mailbox);
        own.map_or_else(|| Arc::new(Recipients::none()), |own| own.recipients.clone())
    }

    /// True when nothing that the store says is believed: until a restart, or until it proves itself.
    pub(super) fn is_not_believed(&self) -> bool {
        let unbelieved = |error: &StoreError| matches!(error, StoreError::Fenced | StoreError::Unproven(_));
        self.forms
            .values()
            .any(|room| room.state.as_ref().is_err_and(unbelieved))
    }

    /// True when a certificate's file is not what was pinned, or could not be read.
    pub(super) fn has_troubles(&self) -> bool {
        self.mailboxes.values().any(|mailbox| !mailbox.troubles.is_empty())
    }

    /// The next moment at which something of this begins or stops being valid.
    pub(super) fn next_end(&self) -> Option<SystemTime> {
        let certificates = self.mailboxes.values().filter_map(|mailbox| mailbox.next_change);
        let key = self.key.iter().flatten().filter_map(|key| key.ends);
        certificates.chain(key).filter(|end| Some(*end) > self.at).min()
    }
}
