//! The commands of the desk where it is not built in: none.

use std::process::ExitCode;

use clap::Subcommand;

use crate::i18n::Lang;

#[derive(Debug, Subcommand)]
pub(super) enum Command {}

/// There is nothing to do.
pub(super) fn run(command: Command, _: Option<Lang>, _: Lang) -> ExitCode {
    match command {}
}
