//! Why a letter could not be sealed.

use std::io;

/// Why a letter could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No daily certificate qualifies: nothing may be sealed.
    #[error("no daily certificate can be sealed to")]
    Closed,
    /// The relay's own key cannot sign.
    #[error("{0}")]
    SigningKey(String),
    /// The sink or the source failed.
    #[error("writing the sealed letter failed: {0}")]
    Io(#[from] io::Error),
    /// The cryptographic library refused.
    #[error("sealing failed: {0}")]
    Crypto(String),
}
