//! The commands of the desk: its page, the hand-over, and the processes that the desk starts.

mod export;
mod look;
mod opener;
mod page;

use std::process::ExitCode;

use clap::Subcommand;

use crate::i18n::Lang;

/// The command by which this program starts itself once more, as the one that opens for the desk.
const OPENER: &str = "desk-opener";
/// The same for the one that looks at a citizen's file.
const LOOK: &str = "desk-look";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The clerk's page: shows the letters, opens them, and hands them to the archive.
    Desk(Box<page::Page>),
    /// Hands letters over to the archive, or to a case officer.
    Export(Box<export::Export>),
    /// Answers what the desk asks on standard input.
    #[command(name = OPENER, hide = true)]
    Opener,
    /// Looks at the file that comes on standard input.
    #[command(name = LOOK, hide = true)]
    Look,
}

/// Does it.
pub(super) fn run(command: Command, asked: Option<Lang>, lang: Lang) -> ExitCode {
    match command {
        Command::Desk(words) => page::page(&words, asked, lang),
        Command::Export(words) => export::export(&words, asked, lang),
        Command::Opener => opener::main(),
        Command::Look => look::main(),
    }
}
