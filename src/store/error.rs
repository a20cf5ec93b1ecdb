//! What can go wrong, as far as code decides on it.

use std::io;

use super::state::Deliverer;

/// Why the store did not take a letter. No receipt may be given.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room, and nothing was kept, unless the letter had its name already and the directory could not be made durable:
    /// then it may be delivered all the same (decision 44). Heals by itself when there is room again.
    #[error("the spool is full: {0}")]
    Full(io::Error),
    /// The budget of a mailbox is used up: its letters are not delivered. Heals by itself when they are.
    #[error("as much waits for the mailbox {0} as may (`waiting_limit_mb`)")]
    Budget(String),
    /// There is room, but its sender has a share of it already. Heals by itself when letters are delivered.
    #[error("as much waits of one sender as may")]
    OwnersShare,
    /// The letter is there, but whether a power cut would take it back is not known. It may be delivered; then the same
    /// page gets its receipt.
    #[error("the letter's name could not be made durable; it may be delivered all the same")]
    InDoubt,
    /// An fsync failed, now or earlier: what this disk says cannot be trusted until a restart.
    #[error("the spool is fenced: writing to disk failed earlier; restart the service once the disk is in order")]
    Fenced,
    /// A database does not prove that it keeps letters as it should, or cannot be reached: what is wrong, in words. Heals by
    /// itself once it proves it.
    #[error("the database does not prove that it keeps letters: {0}")]
    Unproven(String),
    /// Anything else.
    #[error("the spool failed: {0}")]
    Io(io::Error),
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        // What a store said itself, to one who only writes.
        match error.downcast::<Self>() {
            Ok(own) => own,
            Err(error) if is_full(&error) => Self::Full(error),
            Err(error) => Self::Io(error),
        }
    }
}

/// No room, for whatever reason: heals by itself.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

/// What is wrong with a letter that is not as it was committed. The sentence goes on after "the letter".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Shorter than any letter.
    #[error("is cut short")]
    Cut,
    /// Its last line is missing or no longer readable.
    #[error("has no trailer")]
    NoTrailer,
    /// Its digest says another thing than its bytes.
    #[error("was changed")]
    Changed,
    /// Whole, but its envelope cannot be read.
    #[error("has no envelope")]
    NoEnvelope,
    /// Whole, but not the letter of this name.
    #[error("is another letter under a wrong name")]
    WrongName,
    /// Leads somewhere else.
    #[error("is a symbolic link")]
    Link,
    /// A directory, a pipe, or of another owner.
    #[error("is not a file of this service")]
    Foreign,
}

/// Why a letter could not be claimed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// It does not wait any more: delivered, held, or moved by a command.
    #[error("the letter does not wait any more")]
    Gone,
    /// It is claimed already.
    #[error("{}", being_delivered(.0.as_ref()))]
    Busy(Option<Deliverer>),
    /// No letter can be claimed: somebody holds all moves off.
    #[error("no letter can be moved: {0}")]
    Blocked(io::Error),
    /// Not as it was committed. It is in quarantine now, and is never sent.
    #[error("the letter {0}")]
    Corrupt(Damage),
    /// Of a newer program, with the number of its format: it stays where it is, and waits for that program.
    #[error(
        "was written by a newer version of this program (spool format {0}): install that version again, and the letter \
         will be sent"
    )]
    Newer(u64),
    /// It was settled before, but the store could not move it, and still cannot. It is never sent again.
    #[error("it cannot be moved out of the queue: {0}")]
    Unmoved(io::Error),
    /// The store could not be asked.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Why an operator's command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The letter is not in a state in which this can be done.
    #[error("the letter is not there any more")]
    Gone,
    /// The relay delivers it at this moment.
    #[error("{}", being_delivered(.0.as_ref()))]
    Busy(Option<Deliverer>),
    /// The store failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Why a process may not deliver.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Another one does.
    #[error("another process is delivering from this spool")]
    Taken,
    /// The store could not be asked.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Who has it is not known when there was no room to write it down.
fn being_delivered(by: Option<&Deliverer>) -> String {
    let Some(Deliverer { process, since, node }) = by else {
        return "the letter is being delivered at this moment".to_owned();
    };
    let at = i64::try_from(*since)
        .ok()
        .and_then(|at| jiff::Timestamp::from_second(at).ok());
    let at = at.map_or_else(String::new, |at| at.strftime(" since %H:%M:%SZ").to_string());
    let of = node
        .as_ref()
        .map_or_else(String::new, |node| format!(" of the node {node}"));
    format!("the letter is being delivered at this moment, by process {process}{of}{at}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::io::Errno;

    #[test]
    fn only_what_heals_by_itself_counts_as_full() {
        for (errno, full) in [
            (Errno::NOSPC, true),
            (Errno::DQUOT, true),
            (Errno::FBIG, true),
            (Errno::IO, false),
            (Errno::ROFS, false),
            (Errno::MFILE, false),
            (Errno::ACCESS, false),
        ] {
            let error = StoreError::from(io::Error::from(errno));
            assert_eq!(matches!(error, StoreError::Full(_)), full, "{errno}");
            assert_eq!(matches!(error, StoreError::Io(_)), !full, "{errno}");
        }
    }

    #[test]
    fn whoever_has_a_letter_is_named_as_far_as_it_is_known() {
        let busy = |by| ClaimError::Busy(by).to_string();
        assert_eq!(busy(None), "the letter is being delivered at this moment");
        let by = Deliverer {
            process: 7,
            since: 3_661,
            node: None,
        };
        assert_eq!(
            busy(Some(by.clone())),
            "the letter is being delivered at this moment, by process 7 since 01:01:01Z"
        );
        let node = Some("b".to_owned());
        assert_eq!(
            busy(Some(Deliverer { node, ..by })),
            "the letter is being delivered at this moment, by process 7 of the node b since 01:01:01Z"
        );
    }
}
