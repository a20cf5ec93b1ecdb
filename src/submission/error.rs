//! Why there is no receipt.

use std::fmt;
use std::io;

use crate::answer::Problem;
use crate::seal::SealError;
use crate::store::StoreError;

/// Why there is no receipt.
#[derive(thiserror::Error)]
pub enum Refusal {
    /// The citizen can mend it.
    #[error("the answers have {} problems", .0.len())]
    Problems(Vec<Problem>),
    /// No daily certificate qualifies.
    #[error("no daily certificate can be sealed to")]
    Closed,
    /// Its sender has a share of the room already, or sent as many letters as may come from there.
    #[error("as much came from one sender as may")]
    OwnersShare,
    /// Through no fault of the citizen. The cause goes to the log, never to the page.
    #[error("the letter was not received: {0}")]
    NotReceived(#[from] Cause),
}

/// What of ours failed. Each is another thing to mend, and so another alarm.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// Nothing can be kept: no room, or the disk fails.
    #[error("{0}")]
    Disk(#[from] StoreError),
    /// The relay's own key cannot sign now.
    #[error("{0}")]
    SigningKey(String),
    /// The cryptographic library refused, with certificates and a key that are good.
    #[error("sealing failed: {0}")]
    Seal(String),
    /// A fault of this program, by the place where it was caught.
    #[error("{0}")]
    Fault(&'static str),
}

/// Without what a citizen wrote: a problem quotes it.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problems(problems) => write!(f, "Problems({})", problems.len()),
            Self::Closed => write!(f, "Closed"),
            Self::OwnersShare => write!(f, "OwnersShare"),
            Self::NotReceived(cause) => f.debug_tuple("NotReceived").field(cause).finish(),
        }
    }
}

impl From<SealError> for Refusal {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Closed => Self::Closed,
            SealError::SigningKey(why) => Cause::SigningKey(why).into(),
            // The letter goes straight to the disk, and its files come from there.
            SealError::Io(error) => error.into(),
            SealError::Crypto(why) => Cause::Seal(why).into(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::OwnersShare => Self::OwnersShare,
            error => Cause::Disk(error).into(),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        StoreError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One way of failing, one thing to mend.
    #[test]
    fn each_failure_has_its_cause() {
        let cause = |refusal: Refusal| match refusal {
            Refusal::NotReceived(Cause::Disk(_)) => "disk",
            Refusal::NotReceived(Cause::SigningKey(_)) => "key",
            Refusal::NotReceived(Cause::Seal(_)) => "seal",
            Refusal::NotReceived(Cause::Fault(_)) => "fault",
            Refusal::Closed => "closed",
            Refusal::OwnersShare => "share",
            Refusal::Problems(_) => "problems",
        };
        assert_eq!(cause(SealError::Closed.into()), "closed");
        assert_eq!(cause(SealError::SigningKey(String::new()).into()), "key");
        assert_eq!(cause(SealError::Crypto(String::new()).into()), "seal");
        assert_eq!(cause(SealError::Io(io::ErrorKind::NotFound.into()).into()), "disk");
        assert_eq!(cause(StoreError::Fenced.into()), "disk");
        assert_eq!(cause(StoreError::OwnersShare.into()), "share");
        assert_eq!(cause(io::Error::from(io::ErrorKind::StorageFull).into()), "disk");
    }

    #[test]
    fn nothing_of_the_citizen_is_printed() {
        let problem = Problem {
            field: Some("namn".into()),
            part: None,
            text: "«Kari» er for langt".into(),
        };
        let refusal = Refusal::Problems(vec![problem]);
        assert_eq!(format!("{refusal:?}"), "Problems(1)");
        assert_eq!(refusal.to_string(), "the answers have 1 problems");
    }
}
