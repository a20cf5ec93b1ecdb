//! The demo where it is not built in: it plays the post room as well, and so has code that opens letters.

use clap::Subcommand;

use super::Outcome;

#[derive(Debug, Subcommand)]
pub(super) enum Command {}

/// There is nothing to do.
pub(super) fn run(command: Command) -> Outcome {
    match command {}
}
