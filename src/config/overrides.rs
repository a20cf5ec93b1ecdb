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
    /// Which half of it is needed.
    pub role: Role,
}

/// Which half of the service runs in a process. What is the other half's is not opened: the web role never has the mail
/// password in its hands, the relay no form and no certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Both.
    #[default]
    All,
    /// The form: takes and seals letters, has no way out.
    Web,
    /// The relay: delivers letters, serves no form.
    Relay,
}
