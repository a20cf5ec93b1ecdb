//! `postrom open`: opens letters. What a clerk does not say stands in `postrom.toml`.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::Args;

use super::passphrase::load_keys;
use super::tell::Teller;
use super::with::With;
use super::{PIPE_CLOSED, PROBLEM, WRONG_USE};
use crate::Keys;
use crate::apart::{self, End, Event, Order};
use crate::i18n::{Lang, keys as key_texts, open as open_texts, settings as settings_texts};
use crate::keys::certs_to_bytes;
use crate::ledger::LedgerPlace;
use crate::run::Skip;
use crate::settings::Settings;
use crate::signals;
use crate::trust::Trust;

/// As a shell tells of a program that Ctrl-C ended.
pub(super) const INTERRUPTED: i32 = 130;

/// What to open, with what, and where to.
#[derive(Debug, Args)]
pub(super) struct Open {
    /// Mails, sealed files, mboxes, Maildirs, folders, or - for standard input.
    input: Vec<PathBuf>,
    #[command(flatten)]
    with: With,
    /// Folder for the opened letters.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Tells the server of each letter that it was opened.
    #[arg(long, value_name = "DIR")]
    ack_to: Option<PathBuf>,
    /// The list of what was opened, or `off`.
    #[arg(long, value_name = "LEDGER")]
    ledger: Option<String>,
    /// Goes on, and opens what comes.
    #[arg(long)]
    watch: bool,
    /// Names everything.
    #[arg(long)]
    verbose: bool,
    /// Tells a line of JSON for each thing.
    #[arg(long)]
    json: bool,
}

/// What a run needs, from the command line and the settings.
struct Plan {
    inputs: Vec<PathBuf>,
    keys: Vec<PathBuf>,
    relay: Vec<PathBuf>,
    known: Vec<PathBuf>,
    out: PathBuf,
    passphrase_files: Vec<PathBuf>,
    ack_to: Option<PathBuf>,
    ledger: LedgerPlace,
}

/// Opens everything, and tells what became of it.
pub(super) fn open(words: &Open, asked: Option<Lang>, lang: Lang) -> ExitCode {
    let settings = match Settings::load(words.with.config.as_deref()) {
        Ok(settings) => settings,
        Err(error) => return complain(&settings_texts::mistake(&error, lang), WRONG_USE),
    };
    let told = settings.as_ref().and_then(|settings| settings.language);
    let lang = asked.or(told).unwrap_or(lang);
    if let Some(settings) = &settings {
        // One that lies in the folder at hand by chance could name a stranger's certificate.
        say!("{}", settings_texts::used(&settings.file, lang));
    }
    let plan = match plan(words, settings, lang) {
        Ok(plan) => plan,
        Err(sentence) => return complain(&sentence, WRONG_USE),
    };
    // While it asks, the terminal is silent.
    signals::on_end(|| {
        super::terminal::give_back();
        std::process::exit(INTERRUPTED);
    });
    let keys = match load_keys(&plan.keys, &plan.passphrase_files, lang, &mut |hint| say!("! {hint}")) {
        Ok(keys) => keys,
        Err(error) => return complain(&format!("{error:#}"), PROBLEM),
    };
    let trust = match Trust::load(&plan.relay, &plan.known, &keys) {
        Ok(trust) => trust,
        Err(error) => return complain(&key_texts::trust_error(&error, lang), WRONG_USE),
    };
    let mut teller = Teller::new(words.json, words.verbose, lang);
    for file in &trust.with_secret {
        say!("! {}", key_texts::relay_with_secret(file, lang));
    }
    teller.checked_against(&trust);
    if teller.is_unheard() {
        return ExitCode::from(PIPE_CLOSED);
    }
    let order = match order(&plan, &keys, &trust, words.watch, lang) {
        Ok(order) => order,
        Err(error) => return complain(&format!("{error:#}"), PROBLEM),
    };
    drop(keys);
    let mut failed = None;
    let ended = apart::run(order, &opener, &mut |event| {
        match event {
            Event::Failed { trouble } => failed = Some(trouble),
            event => teller.take(event),
        }
        if teller.is_unheard() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    match (failed, ended) {
        (Some(trouble), _) => complain(&open_texts::no_run(&plan.out, &trouble, lang), PROBLEM),
        (None, Ok(end)) => teller.end(end == End::Stopped),
        (None, Err(failure)) => {
            teller.end(false);
            complain(&open_texts::failure(&failure, lang), PROBLEM)
        }
    }
}

pub(super) fn complain(sentence: &str, code: u8) -> ExitCode {
    say!("✗ {sentence}");
    ExitCode::from(code)
}

/// The command line goes before the settings, each word by itself.
fn plan(words: &Open, settings: Option<Settings>, lang: Lang) -> Result<Plan, String> {
    let settings = settings.unwrap_or_default();
    if words.input.is_empty() {
        let servers = settings.servers.iter();
        servers.for_each(|server| say!("! {}", settings_texts::not_opened(server, lang)));
    }
    let first = |flags: &[PathBuf], file: Vec<PathBuf>| if flags.is_empty() { file } else { flags.to_vec() };
    let ledger = words.ledger.as_deref().map(LedgerPlace::parse).or(settings.ledger);
    let t = open_texts::TEXTS.of(lang);
    let plan = Plan {
        inputs: first(&words.input, settings.mail),
        keys: first(&words.with.key, settings.keys),
        relay: first(&words.with.relay, settings.relay),
        known: first(&words.with.known, settings.known),
        out: words.out.clone().or(settings.out).ok_or(t.no_out)?,
        passphrase_files: first(&words.with.passphrase_file, settings.passphrase_file),
        ack_to: words.ack_to.clone().or(settings.acknowledge),
        ledger: ledger.unwrap_or(LedgerPlace::Default),
    };
    if plan.inputs.is_empty() {
        return Err(t.no_input.into());
    }
    if plan.keys.is_empty() {
        return Err(t.no_key.into());
    }
    Ok(plan)
}

fn order(plan: &Plan, keys: &Keys, trust: &Trust, watch: bool, lang: Lang) -> anyhow::Result<Order> {
    Ok(Order {
        keys: BASE64.encode(keys.to_bytes()?),
        relays: BASE64.encode(certs_to_bytes(&trust.relays)?),
        known: BASE64.encode(certs_to_bytes(&trust.known)?),
        inputs: plan.inputs.iter().map(|path| path.clone().into_os_string()).collect(),
        out: plan.out.clone().into_os_string(),
        ledger: plan.ledger.clone(),
        ack_to: plan.ack_to.as_deref().map(Path::as_os_str).map(Into::into),
        lang,
        who: whoami(),
        watch,
        one_by_one: false,
        skip: Skip::default(),
    })
}

/// The name that this user has on the machine; the ledger says it to colleagues.
pub(super) fn whoami() -> String {
    let name = ["USER", "USERNAME", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    name.filter(|name| !name.is_empty()).unwrap_or_else(nameless)
}

#[cfg(unix)]
fn nameless() -> String {
    format!("uid {}", rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn nameless() -> String {
    "?".into()
}

/// What runs now, also when another version was installed in its place meanwhile.
pub(super) fn own_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        PathBuf::from("/proc/self/exe")
    } else {
        std::env::current_exe().unwrap_or_else(|_| "postrom".into())
    }
}

/// This program once more, as the one that opens.
fn opener() -> Command {
    let mut command = Command::new(own_program());
    command.arg(super::OPENER);
    command
}

/// What the second process does.
pub(super) fn opener_main() -> ExitCode {
    match apart::obey() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string(), PROBLEM),
    }
}
