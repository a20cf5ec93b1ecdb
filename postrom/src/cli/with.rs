//! What letters are opened with: the same words for each command that opens some.

use std::path::PathBuf;

use clap::Args;

/// Keys, certificates, and the settings that they stand in otherwise.
#[derive(Debug, Args)]
pub(super) struct With {
    /// Settings file.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The post room's key; may be given several times.
    #[arg(long, value_name = "KEY")]
    pub(super) key: Vec<PathBuf>,
    /// The form's public certificate; may be given several times.
    #[arg(long, value_name = "CERT")]
    pub(super) relay: Vec<PathBuf>,
    /// Another certificate that letters are sealed to.
    #[arg(long, value_name = "CERT")]
    pub(super) known: Vec<PathBuf>,
    /// Reads passphrases from the first lines of these files.
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: Vec<PathBuf>,
}
