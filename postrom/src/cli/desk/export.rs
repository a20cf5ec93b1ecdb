//! `postrom export`: hands letters over to the archive, or to a case officer. What a clerk does not say stands in `postrom.toml`.
//!
//! What always holds: the mailbox is only read; nothing is written but what was asked for; who stops it leaves nothing half.

mod mailbox;
mod tell;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::Args;
use konvolutt_letter::{Reference, fill, printable};

use super::opener::starter;
use crate::cli::open::{INTERRUPTED, complain, whoami};
use crate::cli::passphrase::load_keys;
use crate::cli::with::With;
use crate::cli::{PROBLEM, WRONG_USE};
use crate::desk::archive::pdf::letter_pdf;
use crate::desk::archive::{ArchiveForm, NoPackage, Officer, Order, message, officers};
use crate::desk::handover::{hand_over, hand_to_officer};
use crate::desk::mailbox::mailboxes;
use crate::desk::plan::{self, Said};
use crate::desk::session::Session;
use crate::desk::worker::Begin;
use crate::i18n::desk::export::{self as texts, TEXTS};
use crate::i18n::{Lang, inputs, keys as key_texts, open as open_texts, settings as settings_texts};
use crate::keys::{Keys, certs_to_bytes};
use crate::ledger::{Ledger, LedgerPlace};
use crate::settings::{Settings, mail_place};
use crate::signals;
use crate::trust::Trust;
use mailbox::{Chosen, NotChosen, choose, wait};
use tell::{Told, Way};

/// Which letters, and what to make of them.
#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    /// References of the letters.
    #[arg(required = true, value_name = "REF")]
    reference: Vec<String>,
    /// Folder for what is made.
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run")]
    to: Option<PathBuf>,
    /// Adds an `arkivmelding.xml` of this form.
    #[arg(long, value_name = "FORM")]
    arkivmelding: Option<ArchiveForm>,
    /// Seals each letter again, to this case officer.
    #[arg(long = "for", value_name = "CERT", conflicts_with_all = ["arkivmelding", "dry_run"])]
    officer: Option<PathBuf>,
    /// Takes letters too that are not shown to be genuine.
    #[arg(long)]
    also_not_genuine: bool,
    /// Mailboxes that the letters are in.
    #[arg(long, value_name = "INPUT")]
    mail: Vec<String>,
    #[command(flatten)]
    with: With,
    /// Tells a line of JSON for each letter.
    #[arg(long)]
    json: bool,
    /// Prints the message, and writes nothing.
    #[arg(long)]
    dry_run: bool,
}

/// What a run works with.
struct Plan {
    references: Vec<String>,
    /// Mail, keys and certificates.
    desk: plan::Plan,
    /// Of the command line alone: what a file says of the archive is for the desk.
    order: Order,
    work: Work,
}

/// What is made of each letter.
enum Work {
    Package,
    Mail(Box<Officer>),
    /// Nothing: the message is shown.
    Show(ArchiveForm),
}

/// Why nothing is begun.
struct NotBegun(String, u8);

/// Hands over what was asked for.
pub(super) fn export(words: &Export, asked: Option<Lang>, lang: Lang) -> ExitCode {
    let settings = match Settings::load(words.with.config.as_deref()) {
        Ok(settings) => settings,
        Err(error) => return complain(&settings_texts::mistake(&error, lang), WRONG_USE),
    };
    let told = settings.as_ref().and_then(|settings| settings.language);
    let lang = asked.or(told).unwrap_or(lang);
    if let Some(settings) = &settings {
        say!("{}", settings_texts::used(&settings.file, lang));
    }
    let begun = plan(words, settings, lang).and_then(|plan| {
        let session = begin(&plan, lang)?;
        Ok((plan, session))
    });
    let (plan, session) = match begun {
        Ok(begun) => begun,
        Err(NotBegun(sentence, code)) => return complain(&sentence, code),
    };
    wait(&session, lang);
    let mut all = true;
    for reference in &plan.references {
        if signals::ended() {
            break;
        }
        let told = one(&plan, &session, reference, lang);
        all &= told.is_done();
        told.tell(words.json, lang);
    }
    session.end();
    if signals::ended() {
        return ExitCode::from(u8::try_from(INTERRUPTED).unwrap_or(PROBLEM));
    }
    ExitCode::from(if all { 0 } else { PROBLEM })
}

/// The command line goes before the settings, each word by itself.
fn plan(words: &Export, settings: Option<Settings>, lang: Lang) -> Result<Plan, NotBegun> {
    let t = TEXTS.of(lang);
    let wrong = |sentence: String| NotBegun(sentence, WRONG_USE);
    let mut references: Vec<String> = Vec::new();
    for said in &words.reference {
        let known = Reference::parse(said.trim()).map(|reference| reference.to_string());
        let known = known.ok_or_else(|| wrong(fill(t.not_a_reference, &[("said", &printable(said))])))?;
        if !references.contains(&known) {
            references.push(known);
        }
    }
    let work = match (&words.officer, words.dry_run, words.arkivmelding) {
        (Some(file), ..) => Work::Mail(Box::new(officer(file, lang)?)),
        (None, true, Some(form)) => Work::Show(form),
        (None, true, None) => return Err(wrong(t.no_form.into())),
        (None, false, _) => Work::Package,
    };
    let plan = Plan {
        references,
        desk: desk(words, settings, lang)?,
        order: Order {
            to: words.to.clone().unwrap_or_default(),
            message: words.arkivmelding,
            also_not_genuine: words.also_not_genuine,
        },
        work,
    };
    if plan.desk.mail.is_empty() && plan.desk.servers.is_empty() {
        return Err(wrong(t.no_mail.into()));
    }
    if plan.desk.keys.is_empty() {
        return Err(wrong(open_texts::TEXTS.of(lang).no_key.into()));
    }
    Ok(plan)
}

/// As for the page. What it may do in a mailbox, a hand-over does not: it only reads.
fn desk(words: &Export, settings: Option<Settings>, lang: Lang) -> Result<plan::Plan, NotBegun> {
    let mail: Result<_, _> = words.mail.iter().map(|said| mail_place(said)).collect();
    let said = Said {
        mail: mail.map_err(|why| NotBegun(settings_texts::bad_server(why, lang).into(), WRONG_USE))?,
        keys: words.with.key.clone(),
        relay: words.with.relay.clone(),
        known: words.with.known.clone(),
        passphrase_files: words.with.passphrase_file.clone(),
        ..Said::default()
    };
    let mut desk = plan::plan(said, settings, lang, whoami());
    desk.login.move_opened_to = None;
    desk.login.marks = false;
    Ok(desk)
}

/// The one whose certificate a file holds.
fn officer(file: &Path, lang: Lang) -> Result<Officer, NotBegun> {
    let no = |why| NotBegun(texts::no_officer(file, &why, lang), WRONG_USE);
    let mut found = officers(file).map_err(no)?.into_iter();
    match (found.next(), found.next()) {
        (Some(officer), None) => officer.map_err(no),
        _ => Err(NotBegun(texts::several(file, lang), WRONG_USE)),
    }
}

/// Unlocks the keys, and starts the process that opens.
fn begin(plan: &Plan, lang: Lang) -> Result<Arc<Session>, NotBegun> {
    // While it asks, the terminal is silent.
    signals::on_end(|| {
        crate::cli::terminal::give_back();
        std::process::exit(INTERRUPTED);
    });
    let desk = &plan.desk;
    let keys = load_keys(&desk.keys, &desk.passphrase_files, lang, &mut |hint| say!("! {hint}"));
    let keys = keys.map_err(|error| NotBegun(format!("{error:#}"), PROBLEM))?;
    let trust = Trust::load(&desk.relay, &desk.known, &keys);
    let trust = trust.map_err(|error| NotBegun(key_texts::trust_error(&error, lang), WRONG_USE))?;
    // From now on there may be something to clean up: each step asks whether it is to end.
    signals::on_end(|| {});
    let started = start(plan, &keys, &trust, lang);
    started.map_err(|error| NotBegun(format!("{error:#}"), PROBLEM))
}

fn start(plan: &Plan, keys: &Keys, trust: &Trust, lang: Lang) -> anyhow::Result<Arc<Session>> {
    let begin = Begin {
        keys: BASE64.encode(keys.to_bytes()?),
        relays: BASE64.encode(certs_to_bytes(&trust.relays)?),
        known: BASE64.encode(certs_to_bytes(&trust.known)?),
        lang,
        who: plan.desk.who.clone(),
    };
    let said = |trouble| anyhow::anyhow!("{}", inputs::trouble(lang, &trouble, None));
    let ledger = Ledger::for_desk(&LedgerPlace::Off).map_err(said)?;
    let mailboxes = mailboxes(&plan.desk).map_err(said)?;
    Ok(Session::begin(begin, starter(), mailboxes, Arc::new(ledger), 0)?)
}

/// Hands one letter over.
fn one(plan: &Plan, session: &Session, reference: &str, lang: Lang) -> Told {
    let chosen = match choose(session, reference) {
        Ok(chosen) => chosen,
        Err(why) => return Told::not_done(reference, why.code(), why.sentence(reference, lang)),
    };
    let Chosen { id, reading } = chosen;
    let no = |why: NoPackage| {
        let sentence = texts::no_package(&why, reference, &reading.status.sentence, lang);
        Told::not_done(reference, NotChosen::of(&why), sentence)
    };
    if let Err(why) = plan.order.allows(&reading) {
        return no(why);
    }
    let done = match &plan.work {
        Work::Package => hand_over(session, id, &plan.order, lang, &signals::ended).map(Way::Package),
        Work::Mail(officer) => hand_to_officer(session, id, officer, &plan.order.to)
            .map(Way::Mail)
            .map_err(NoPackage::from),
        Work::Show(form) => letter_pdf(&reading, lang)
            .map(|document| Way::Message(message(&reading, &document.bytes, *form)))
            .map_err(NoPackage::Document),
    };
    match done {
        Ok(way) => Told::done(reference, reading.status.verdict, way),
        Err(why) => no(why),
    }
}
