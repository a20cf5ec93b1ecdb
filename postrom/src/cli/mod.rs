//! The command line of `postrom`.
//!
//! Exit code 0: good. 1: a problem was found or work was refused. 2: wrong use.

#![allow(clippy::print_stdout, clippy::print_stderr)] // this module alone talks to people

mod ack;
mod keygen;
pub mod passphrase;
mod show;
pub mod terminal;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sequoia_openpgp::Cert;

use crate::i18n::Lang;
use crate::{Keys, Verdict};
use ack::Ack;
use keygen::Keygen;
use konvolutt_letter::printable;
use konvolutt_letter::program::{end_if_nobody_reads, exit};
use passphrase::load_keys;
use show::Show;

/// The post room: makes keys and opens sealed letters.
#[derive(Debug, Parser)]
#[command(name = "postrom", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a key for a post room.
    Keygen(Keygen),
    /// Opens letters: each becomes a folder named by its reference.
    Open {
        /// Mails (.eml), sealed files (.asc, .pgp), mboxes, Maildirs, folders, or - for standard input.
        #[arg(required = true)]
        input: Vec<PathBuf>,
        /// The post room's key; may be given several times.
        #[arg(long, required = true, value_name = "KEY")]
        key: Vec<PathBuf>,
        /// The form's public certificate; without it nothing shows as genuine.
        #[arg(long, value_name = "CERT")]
        relay: Option<PathBuf>,
        /// Another certificate that letters are sealed to, such as the recovery key's; any further one is reported as unknown.
        #[arg(long, value_name = "CERT")]
        known: Vec<PathBuf>,
        /// Folder for the opened letters.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Reads a passphrase from the first line of this file; may be given several times.
        #[arg(long, value_name = "FILE")]
        passphrase_file: Vec<PathBuf>,
        /// Tells the server of each letter that it was opened: a drop file with reference and time, in this folder.
        #[arg(long, value_name = "DIR")]
        ack_to: Option<PathBuf>,
        /// Tells the outcome as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tells the server that letters were opened: reference and time only.
    Ack(Ack),
    /// Tells what a certificate, a key or a letter is, without opening anything.
    Show(Show),
}

/// Runs the program.
pub fn main() -> ExitCode {
    // A fault inside a library is reported as a damaged letter. The text of the fault could hold what a citizen wrote:
    // its place is enough to find it.
    std::panic::set_hook(Box::new(|fault| {
        end_if_nobody_reads(fault);
        let place = fault.location().map(ToString::to_string).unwrap_or_default();
        eprintln!("  (a fault in the program at {place})");
    }));
    exit(run(Cli::parse().command))
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Keygen(words) => keygen::keygen(&words, Lang::En),
        Command::Open {
            input,
            key,
            relay,
            known,
            out,
            passphrase_file,
            ack_to,
            json,
        } => {
            let mut keys = load_keys(&key, &passphrase_file, Lang::En, &mut |sentence| {
                eprintln!("! {sentence}")
            })?;
            for cert in &known {
                keys.know(crate::load_certificate(cert)?);
            }
            let places = Places { out, ack_to };
            open_all(&input, &keys, relay.as_deref(), &places, json)
        }
        Command::Ack(words) => ack::ack(&words),
        Command::Show(words) => Ok(show::show(&words, Lang::En)),
    }
}

/// What became of one mail.
#[derive(serde::Serialize)]
struct Told {
    source: String,
    folder: Option<PathBuf>,
    repeat: bool,
    status: Option<crate::Status>,
    error: Option<String>,
    /// Why the server was not told, although it should have been.
    not_acknowledged: Option<String>,
}

/// Where things are put.
struct Places {
    out: PathBuf,
    ack_to: Option<PathBuf>,
}

impl Told {
    fn failed(source: String, error: String) -> Self {
        Self {
            source,
            folder: None,
            repeat: false,
            status: None,
            error: Some(error),
            not_acknowledged: None,
        }
    }
}

fn open_all(inputs: &[PathBuf], keys: &Keys, relay: Option<&Path>, places: &Places, json: bool) -> Outcome {
    let relay = relay.map(crate::load_certificate).transpose()?;
    let mut told = Vec::new();
    for path in inputs {
        crate::each_input(path, &mut |input| {
            let one = match input {
                Ok(input) => open_one(&input, keys, relay.as_ref(), places),
                // Forty other letters wait behind the file that cannot be read.
                Err(unread) => Told::failed(unread.source, unread.why),
            };
            if !json {
                tell(&one);
            }
            told.push(one);
        })?;
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&told)?);
    } else if told.is_empty() {
        println!("no mail was found");
    }
    let fine = |one: &Told| {
        let verdict = one.status.as_ref().map(|status| status.verdict);
        matches!(verdict, Some(Verdict::Genuine | Verdict::NotChecked)) && one.not_acknowledged.is_none()
    };
    Ok(told.iter().all(fine))
}

fn open_one(input: &crate::Input, keys: &Keys, relay: Option<&Cert>, places: &Places) -> Told {
    let (outcome, error) = match crate::unpack(input, keys, relay, &places.out) {
        Ok(outcome) => (Some(outcome), None),
        Err(error) => (None, Some(error)),
    };
    let repeat = outcome.as_ref().is_some_and(|outcome| outcome.repeat);
    let (folder, status) = outcome.map(|outcome| (outcome.folder, outcome.status)).unzip();
    Told {
        not_acknowledged: status.as_ref().and_then(|status| acknowledge(status, places)),
        source: input.source.clone(),
        folder,
        repeat,
        status,
        error,
    }
}

/// A letter that is not genuine is nothing that the server waits for.
fn acknowledge(status: &crate::Status, places: &Places) -> Option<String> {
    let directory = places.ack_to.as_ref()?;
    let written = ack::drop_file(&ack::acknowledgement(status)?, directory);
    written.err().map(|error| format!("{error:#}"))
}

fn tell(one: &Told) {
    let (Some(folder), Some(status)) = (&one.folder, &one.status) else {
        println!(
            "✗ {}\n  {}",
            printable(&one.source),
            printable(one.error.as_deref().unwrap_or_default())
        );
        return;
    };
    let mark = match status.verdict {
        Verdict::Genuine => "✓",
        Verdict::NotChecked => "?",
        _ => "✗",
    };
    let repeat = if one.repeat { " (opened before)" } else { "" };
    println!("{mark} {}{repeat}\n  {}", folder.display(), status.sentence);
    for remark in status
        .header_mismatch
        .iter()
        .chain(&status.remarks)
        .chain(&status.notices)
    {
        println!("  ! {}", printable(remark));
    }
    if let Some(why) = &one.not_acknowledged {
        println!(
            "  ! The server was not told that this letter was opened: {}",
            printable(why)
        );
    }
    for reader in status.readers.iter().filter(|reader| reader.known_as.is_none()) {
        let key = &reader.key;
        println!("  ! {key} can open this letter too and is not known here; name it with --known if it should.");
    }
}

/// What a command came to.
type Outcome = anyhow::Result<bool>;
