//! The command line of `postrom`.
//!
//! Exit code 0: good. 1: a problem was found or work was refused. 2: wrong use. 3: nothing wrong, and no letter either.

#![allow(clippy::print_stdout, clippy::print_stderr)] // this module alone talks to people

/// Says something on standard error. When that takes no more, there is nobody to tell.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($words)*);
    }};
}

mod ack;
#[cfg_attr(not(feature = "desk"), path = "no_desk.rs")]
mod desk;
mod keygen;
pub mod localised;
mod open;
pub mod passphrase;
mod schema;
mod show;
mod tell;
pub mod terminal;
mod with;
mod wkd;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use konvolutt_letter::program::{end_if_nobody_reads, exit, not_printed};

use crate::i18n::{self, Lang};
use crate::trouble::Cause;
use ack::Ack;
use keygen::Keygen;
use open::Open;
use schema::Schema;
use show::Show;
use wkd::Wkd;

/// A problem was found or work was refused.
const PROBLEM: u8 = 1;
/// Wrong use.
const WRONG_USE: u8 = 2;
/// Nothing wrong, and no letter of the form's either.
const NO_LETTER: u8 = 3;
/// As a shell tells SIGPIPE: whoever read standard output has seen enough.
const PIPE_CLOSED: u8 = 141;

/// The command by which this program starts itself once more, as the one that opens.
const OPENER: &str = "opener";

/// The post room: makes keys and opens sealed letters.
#[derive(Debug, Parser)]
#[command(name = "postrom", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// The language to speak.
    #[arg(long, global = true)]
    lang: Option<Lang>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Opens letters: each becomes a folder named by its reference.
    Open(Box<Open>),
    /// What the desk does.
    #[command(flatten)]
    Desk(desk::Command),
    /// Makes a key for a post room.
    Keygen(Keygen),
    /// Tells what a certificate, a key or a letter is, without opening anything.
    Show(Show),
    /// Lays out the folder in which an authority publishes its certificates.
    Wkd(Wkd),
    /// Tells the server that letters were opened: reference and time only.
    Ack(Ack),
    /// Prints the schema of a file that this program writes.
    Schema(Schema),
    /// Opens what the order on standard input says.
    #[command(name = OPENER, hide = true)]
    Opener,
}

/// The command line in a language, for manual pages and completions.
#[must_use]
pub fn command(lang: Lang) -> clap::Command {
    localised::localise(Cli::command(), lang)
}

/// Runs the program.
pub fn main() -> ExitCode {
    let asked = Lang::asked(std::env::args_os());
    let lang = asked.unwrap_or_else(Lang::of_system);
    // A fault inside a library is reported as a damaged letter. The text of the fault could hold what a citizen wrote:
    // its place is enough to find it.
    std::panic::set_hook(Box::new(move |fault| {
        end_if_nobody_reads(fault);
        if let Some(error) = not_printed(fault) {
            say!("✗ {}", i18n::cli::not_printed(&Cause::from(&error), lang));
            std::process::exit(PROBLEM.into());
        }
        let place = fault.location().map(ToString::to_string).unwrap_or_default();
        say!("  (a fault in the program at {place})");
    }));
    if let Err(error) = harden() {
        say!("✗ {error}");
        return ExitCode::from(PROBLEM);
    }
    match localised::parse::<Cli>(std::env::args_os(), lang) {
        Ok(cli) => run(cli.command, asked, lang),
        Err(told) if told.asked_for => {
            print!("{}", told.text);
            ExitCode::SUCCESS
        }
        Err(told) => {
            say!("{}", told.text.trim_end());
            ExitCode::from(WRONG_USE)
        }
    }
}

/// Whatever this program does, a secret key or a letter may be in its memory.
fn harden() -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    konvolutt_letter::harden::process()?;
    Ok(())
}

fn run(command: Command, asked: Option<Lang>, lang: Lang) -> ExitCode {
    match command {
        Command::Open(words) => open::open(&words, asked, lang),
        Command::Desk(command) => desk::run(command, asked, lang),
        Command::Keygen(words) => exit(keygen::keygen(&words, lang)),
        Command::Show(words) => exit::<anyhow::Error>(Ok(show::show(&words, lang))),
        Command::Wkd(words) => exit(wkd::wkd(&words, lang)),
        Command::Ack(words) => ack::ack(&words, lang),
        Command::Schema(words) => schema::print(&words),
        Command::Opener => open::opener_main(),
    }
}

/// What a command came to.
type Outcome = anyhow::Result<bool>;
