//! The command line of `postrom`.
//!
//! Exit code 0: good. 1: a problem was found or work was refused. 2: wrong use.

#![allow(clippy::print_stdout, clippy::print_stderr)] // this module alone talks to people

mod ack;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand, ValueEnum};
use sequoia_openpgp::Cert;

use crate::found::{Found, Sealed};
use crate::{KeyProfile, Keys, Verdict};
use ack::Ack;
use konvolutt_letter::printable;
use konvolutt_letter::program::{end_if_nobody_reads, exit, write_new, write_secret};

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
    Keygen {
        /// Folder for the new files.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Name in the key, and of the files.
        #[arg(long)]
        name: String,
        /// Address of the mailbox.
        #[arg(long)]
        email: String,
        /// Which programs it is for.
        #[arg(long, value_enum, default_value_t = Profile::Compat)]
        profile: Profile,
        /// Years until it expires.
        #[arg(long, default_value_t = 3)]
        years: u32,
        /// Reads the passphrase from the first line of this file.
        #[arg(long, value_name = "FILE", conflicts_with = "no_passphrase")]
        passphrase_file: Option<PathBuf>,
        /// Leaves the key without a passphrase.
        #[arg(long)]
        no_passphrase: bool,
    },
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
        /// Reads the keys' passphrase from the first line of this file.
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
        /// Tells the server of each letter that it was opened: a drop file with reference and time, in this folder.
        #[arg(long, value_name = "DIR")]
        ack_to: Option<PathBuf>,
        /// Tells the outcome as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tells the server that letters were opened: reference and time only.
    Ack(Ack),
}

/// Which programs a key is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Profile {
    /// Every OpenPGP program, GnuPG 2.2 and Thunderbird among them.
    Compat,
    /// Programs that read RFC 9580.
    Rfc9580,
    /// Programs that read RFC 9980, post-quantum.
    Pqc,
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
        Command::Keygen {
            out,
            name,
            email,
            profile,
            years,
            passphrase_file,
            no_passphrase,
        } => {
            let passphrase = if no_passphrase {
                None
            } else {
                Some(new_passphrase(passphrase_file.as_deref())?)
            };
            keygen(&out, &name, &email, profile, years, passphrase)
        }
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
            let mut keys = keys(&key, passphrase_file.as_deref())?;
            for cert in &known {
                keys.know(crate::load_certificate(cert)?);
            }
            let places = Places { out, ack_to };
            open_all(&input, &keys, relay.as_deref(), &places, json)
        }
        Command::Ack(words) => ack::ack(&words),
    }
}

fn keygen(out: &Path, name: &str, email: &str, profile: Profile, years: u32, passphrase: Option<String>) -> Outcome {
    let profile = match profile {
        Profile::Compat => KeyProfile::Compat,
        Profile::Rfc9580 => KeyProfile::Rfc9580,
        Profile::Pqc => KeyProfile::Pqc,
    };
    fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    if name.is_empty() || name.contains(|c: char| c.is_control() || "<>".contains(c)) || !email.contains('@') {
        bail!("--name may not hold < or >, and --email must be an address: together they become `Name <address>`");
    }
    let file = |ending: &str| out.join(konvolutt_letter::neutral(&format!("{name}.{ending}.asc")));
    let (certificate, key, revocation) = (file("cert"), file("key"), file("revocation"));
    if let Some(there) = [&certificate, &key, &revocation].into_iter().find(|path| path.exists()) {
        bail!("{} exists already; choose another --name or --out", there.display());
    }
    let valid_for = Duration::from_secs(u64::from(years) * 365 * 86_400);
    let new = crate::generate(profile, name, email, valid_for, passphrase).context("the key could not be made")?;
    write_secret(&key, &new.key)?;
    write_secret(&revocation, &new.revocation)?;
    write_new(&certificate, &new.certificate, 0o644)?;
    println!("certificate  {} (send it to the operator)", certificate.display());
    println!("key          {} (keep it, with a copy in a safe)", key.display());
    println!(
        "revocation   {} (for the day the key is lost or stolen)",
        revocation.display()
    );
    println!("fingerprint  {}", new.cert.fingerprint());
    println!("             read it to the operator over the telephone");
    Ok(true)
}

fn keys(files: &[PathBuf], passphrase_file: Option<&Path>) -> anyhow::Result<Keys> {
    let given = passphrase_file.map(first_line).transpose()?;
    let mut keys = Keys::default();
    for file in files {
        let mut ask = |path: &Path| match &given {
            Some(given) => Some(given.clone()),
            None => rpassword::prompt_password(format!("Passphrase for {}: ", path.display())).ok(),
        };
        keys.add(file, &mut ask)?;
    }
    Ok(keys)
}

fn new_passphrase(file: Option<&Path>) -> anyhow::Result<String> {
    if let Some(file) = file {
        return first_line(file);
    }
    let first = rpassword::prompt_password("Passphrase for the new key: ")
        .context("no terminal to ask for a passphrase; use --passphrase-file or --no-passphrase")?;
    let second = rpassword::prompt_password("Once more: ")?;
    if first == second && !first.is_empty() {
        Ok(first)
    } else {
        bail!("the passphrases differ or are empty; nothing was made")
    }
}

fn first_line(file: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
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
        for input in crate::source::sources(path) {
            let mut each = |one: Told| {
                if !json {
                    tell(&one);
                }
                told.push(one);
            };
            let lang = crate::i18n::Lang::En;
            let input = match input {
                Ok(input) => input,
                // Forty other letters wait behind the file that cannot be read.
                Err(unread) => {
                    each(Told::failed(
                        unread.name,
                        crate::i18n::inputs::trouble(lang, &unread.why, None),
                    ));
                    continue;
                }
            };
            crate::find::find(&input, &mut |found| {
                each(match found {
                    Found::Sealed(sealed) => open_one(&input.name, &sealed, keys, relay.as_ref(), places),
                    Found::NotLookedAt { why, reference, .. } => {
                        let why = crate::i18n::inputs::trouble(lang, &why, reference.as_deref());
                        Told::failed(input.name.clone(), why)
                    }
                    Found::Other { .. } => {
                        Told::failed(input.name.clone(), "This file holds no sealed letter.".to_owned())
                    }
                });
            });
        }
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

fn open_one(source: &str, sealed: &Sealed, keys: &Keys, relay: Option<&Cert>, places: &Places) -> Told {
    let (outcome, error) = match crate::unpack(source, sealed, keys, relay, &places.out) {
        Ok(outcome) => (Some(outcome), None),
        Err(error) => (None, Some(error)),
    };
    let repeat = outcome.as_ref().is_some_and(|outcome| outcome.repeat);
    let (folder, status) = outcome.map(|outcome| (outcome.folder, outcome.status)).unzip();
    Told {
        not_acknowledged: status.as_ref().and_then(|status| acknowledge(status, places)),
        source: source.to_owned(),
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
