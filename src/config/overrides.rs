//! What stands above the file: flags, environment, and the role that reads.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::door::ListenAddress;

/// What flags and environment say instead of the file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Instead of `listen.address`.
    pub listen: Option<ListenAddress>,
    /// Instead of `health.address`.
    pub health: Option<SocketAddr>,
    /// Instead of `spool.directory`.
    pub spool: Option<PathBuf>,
    /// Who reads.
    pub side: Side,
}

/// For whom the configuration is read. What is the other side's is not opened: the web side never has the mail password
/// in its hands, the relay no form and no certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Side {
    /// Everything.
    #[default]
    Both,
    /// The form alone.
    Web,
    /// The relay alone.
    Relay,
}
