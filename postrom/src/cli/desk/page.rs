//! `postrom desk`: the clerk's page. What a clerk does not say stands in `postrom.toml`, or is asked for by the page.

mod browser;
mod told;

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::look;
use super::opener::starter;
use crate::cli::open::{complain, whoami};
use crate::cli::with::With;
use crate::cli::{PIPE_CLOSED, PROBLEM, WRONG_USE};
use crate::desk::front::{begin, keep_watch};
use crate::desk::http::{self, Door};
use crate::desk::plan::{Said, plan};
use crate::desk::room::Room;
use crate::i18n::desk::start;
use crate::i18n::{Lang, settings as settings_texts};
use crate::ledger::LedgerPlace;
use crate::settings::{MailPlace, Settings, mail_place};
use crate::signals;
use crate::trouble::Cause;
use browser::Browser;
use told::Told;

/// How long the process that opens may take to end.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a browser may take to come.
const INVITED: Duration = Duration::from_secs(60);

/// What to show, with what.
#[derive(Debug, Args)]
pub(in crate::cli) struct Page {
    #[command(flatten)]
    with: With,
    /// Folder that `konvolutt demo` made.
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    demo: Option<PathBuf>,
    /// Mails, mboxes, Maildirs, folders, or a mailbox on a server; may be given several times.
    #[arg(long, value_name = "MAIL")]
    mail: Vec<String>,
    /// Folder for letters that are saved.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The list of what was opened and of who has what, or `off`.
    #[arg(long, value_name = "LEDGER")]
    ledger: Option<String>,
    /// Where the page is: an address of this machine only. Port 0 is one that is free.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Starts no browser.
    #[arg(long)]
    no_browser: bool,
}

/// Shows the desk until somebody ends it.
pub(super) fn page(words: &Page, asked: Option<Lang>, lang: Lang) -> ExitCode {
    let config = words.demo.as_ref().map(|demo| demo.join("postrom.toml"));
    let settings = match Settings::load(config.as_deref().or(words.with.config.as_deref())) {
        Ok(settings) => settings,
        Err(error) => return complain(&settings_texts::mistake(&error, lang), WRONG_USE),
    };
    let told = settings.as_ref().and_then(|settings| settings.language);
    let lang = asked.or(told).unwrap_or(lang);
    if let Some(settings) = &settings {
        // As with `open`: a stranger's file names a stranger's certificates.
        say!("{}", settings_texts::used(&settings.file, lang));
    }
    let said = match said(words, lang) {
        Ok(said) => said,
        Err(sentence) => return complain(&sentence, WRONG_USE),
    };
    if !words.listen.ip().is_loopback() {
        return complain(&start::not_loopback(words.listen, lang), WRONG_USE);
    }
    let listener = match TcpListener::bind(words.listen) {
        Ok(listener) => listener,
        Err(error) => {
            return complain(&start::not_bound(words.listen, &Cause::from(&error), lang), PROBLEM);
        }
    };
    let plan = plan(said.clone(), settings, lang, whoami());
    if !plan.is_whole() {
        say!("! {}", start::TEXTS.of(lang).not_set_up);
    }
    let room = Room::new(plan, Box::new(starter)).looking_with(look::starter());
    let room = Arc::new(room);
    match run(listener, &room, &said, words.no_browser, lang) {
        Ok(code) => code,
        Err(error) => complain(&start::not_started(&Cause::from(&error), lang), PROBLEM),
    }
}

fn run(listener: TcpListener, room: &Arc<Room>, said: &Said, no_browser: bool, lang: Lang) -> io::Result<ExitCode> {
    let told = Told::new(lang);
    let (door, router) = begin(
        room,
        said,
        listener.local_addr()?,
        Box::new(move |event| told.event(event)),
        lang,
    )?;
    let end = Arc::clone(&door);
    signals::on_end(move || end.stop());
    let mut out = io::stdout().lock();
    let ready = writeln!(out, "ready {}", door.invite(None)?).and_then(|()| out.flush());
    drop(out);
    if ready.is_err() {
        return Ok(ExitCode::from(PIPE_CLOSED));
    }
    let t = start::TEXTS.of(lang);
    let _browser = show(&door, no_browser, lang)?;
    let watch = keep_watch(room, &door);
    let served = http::serve(listener, router, &door);
    drop(watch);
    room.end(PATIENCE);
    served?;
    say!("{}", t.ended);
    Ok(ExitCode::SUCCESS)
}

/// Brings the browser to the door, by an address of its own.
fn show(door: &Door, no_browser: bool, lang: Lang) -> io::Result<Option<Browser>> {
    let t = start::TEXTS.of(lang);
    if no_browser {
        say!("{}", t.no_browser);
        return Ok(None);
    }
    match Browser::open(&door.invite(Some(INVITED))?) {
        Ok(browser) => {
            say!("{}", t.opens_browser);
            Ok(Some(browser))
        }
        Err(_) => {
            say!("! {}", t.paste);
            Ok(None)
        }
    }
}

fn said(words: &Page, lang: Lang) -> Result<Said, String> {
    let mail: Result<Vec<MailPlace>, _> = words.mail.iter().map(|said| mail_place(said)).collect();
    Ok(Said {
        mail: mail.map_err(|why| settings_texts::bad_server(why, lang))?,
        keys: words.with.key.clone(),
        relay: words.with.relay.clone(),
        known: words.with.known.clone(),
        passphrase_files: words.with.passphrase_file.clone(),
        out: words.out.clone(),
        ledger: words.ledger.as_deref().map(LedgerPlace::parse),
    })
}
