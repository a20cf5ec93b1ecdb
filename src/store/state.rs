//! What is known of a letter without reading it.

use serde::{Deserialize, Serialize};

/// Where a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// To be delivered.
    Waiting,
    /// Refused for good by the mail server, or held by the operator; kept.
    Held,
    /// Taken by the mail server; kept sealed for some days.
    Delivered,
    /// Changed on disk, or no letter of ours; kept in quarantine for inspection, never sent.
    Corrupt,
    /// Thrown away by the operator, or removed by hand: only a record of that is kept.
    Discarded,
}

/// What is remembered of the attempts at one letter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Attempts so far.
    pub attempts: u32,
    /// When the next one is due, seconds since 1970.
    pub due: u64,
    /// What the last one met; the mail server's words, nothing of the letter.
    pub last_error: String,
    /// Nothing could be sent at all then: the letter is due again as soon as the server lets another one in.
    #[serde(default)]
    pub unreachable: bool,
    /// The mailbox whose letters were refused, then or before, with no other word about it since: the letter is due again as
    /// soon as one of them gets through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_mailbox: Option<String>,
    /// The mailbox that an operator readdressed the letter to. Its envelope is under the letter's digest, and keeps the one
    /// that it was taken for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
}

impl Status {
    /// What stays when the attempts are forgotten: where the letter goes is an operator's word.
    #[must_use]
    pub fn untried(self) -> Self {
        Self {
            mailbox: self.mailbox,
            ..Self::default()
        }
    }
}

/// What is kept of a letter that was discarded: that it was, and why; nothing of what was in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discarded {
    /// Its number for people; empty when it could not be read.
    pub reference: String,
    /// The mailbox that it would have gone to; empty when that is not known.
    pub mailbox: String,
    /// When: the beginning of that day (UTC), seconds since 1970.
    pub day: u64,
    /// In the operator's words.
    pub why: String,
    /// It was corrupt: another letter may have its name, and this record says nothing of that one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub corrupt: bool,
}

/// Who delivers a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliverer {
    /// Its process.
    pub process: u32,
    /// Since when, seconds since 1970.
    pub since: u64,
    /// Its node, where several deliver from one store: then it is another relay at work, and no lock that is in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
}

/// A letter in the store, without its content.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub state: State,
    /// Number for people; empty when the letter cannot be read.
    pub reference: String,
    /// Mailbox it goes to.
    pub mailbox: String,
    /// Mailbox it was taken for, when an operator readdressed it to another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_for: Option<String>,
    /// Seconds since 1970 of its receipt, by the minute.
    pub accepted: u64,
    /// Bytes that it takes.
    pub size: u64,
    /// What was tried.
    pub status: Status,
    /// Who delivers it at this moment.
    pub in_flight: Option<Deliverer>,
    /// What is kept of it, when it was discarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discarded: Option<Discarded>,
}
