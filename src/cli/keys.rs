//! `konvolutt keys`.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, anyhow, bail};
use clap::Subcommand;
use konvolutt_letter::program::{write_new, write_secret};
use sequoia_openpgp::serialize::SerializeInto;

use super::Outcome;
use super::runtime::runtime;
use crate::config::{Config, certificates};
use crate::explain::sentence;
use crate::refresh::{Refreshed, Said, refresh};
use crate::seal::{Pinned, fingerprint_groups, generate_signing_key};

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Lists the certificates of every mailbox as judged now.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Looks for newer copies of the pinned certificates, and merges them: a later end, a revocation. Never finds a new certificate.
    Refresh {
        /// Writes nothing, and says what would be written.
        #[arg(long)]
        dry_run: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Makes a new signing key for the relay, and its public certificate for the clerks.
    NewSigner {
        /// File for the key; must not exist. The certificate is written beside it.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Name in the key.
        #[arg(long)]
        name: String,
        /// Address that the letters come from.
        #[arg(long)]
        email: String,
        /// Years until it expires.
        #[arg(long, default_value_t = 5)]
        years: u32,
    },
}

#[derive(serde::Serialize)]
struct Listed {
    mailbox: String,
    fingerprint: String,
    name: String,
    role: Option<&'static str>,
    sealed_to: bool,
    why_not: Option<String>,
    expires: Option<String>,
}

pub(super) fn list(config: &Config, json: bool) -> Outcome {
    let (mut all, mut closed) = (Vec::new(), Vec::new());
    for mailbox in &config.mailboxes {
        let pinned = Pinned::new(mailbox.pins.clone(), mailbox.allow_classical);
        pinned.look();
        let judged = pinned.recipients(SystemTime::now());
        closed.extend(
            judged
                .why_closed()
                .map(|why| format!("✗ {}  no letter can be sealed: {why}", mailbox.name)),
        );
        all.extend(judged.fit.iter().map(|(recipient, role)| Listed {
            mailbox: mailbox.name.clone(),
            fingerprint: recipient.cert.fingerprint().to_hex(),
            name: recipient.name(),
            role: Some(role.word()),
            sealed_to: true,
            why_not: None,
            expires: recipient.expires.and_then(day),
        }));
        all.extend(judged.left_out.iter().map(|out| Listed {
            mailbox: mailbox.name.clone(),
            fingerprint: out.fingerprint.to_hex(),
            name: out.name.clone(),
            role: None,
            sealed_to: false,
            why_not: Some(out.why.clone()),
            expires: None,
        }));
    }
    let good = closed.is_empty() && all.iter().all(|listed| listed.sealed_to);
    if json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(good);
    }
    for listed in all {
        let mark = if listed.sealed_to { '✓' } else { '✗' };
        let role = listed.role.unwrap_or_default();
        println!(
            "{mark} {}  {role}  {}  {}",
            listed.mailbox, listed.fingerprint, listed.name
        );
        match (listed.why_not, listed.expires) {
            (Some(why), _) => println!("  → left out: {why}"),
            (None, Some(expires)) => println!("  expires {expires}"),
            (None, None) => println!("  does not expire"),
        }
    }
    for sentence in closed {
        println!("{sentence}");
    }
    Ok(good)
}

/// One certificate of a mailbox, for `--json`.
#[derive(serde::Serialize)]
struct OfMailbox {
    mailbox: String,
    #[serde(flatten)]
    refreshed: Refreshed,
}

/// Looks for newer copies of every pinned certificate.
pub(super) fn fresh(config: &Path, dry_run: bool, json: bool) -> Outcome {
    let config = match certificates(config) {
        Ok(config) => config,
        Err(diagnostics) => {
            diagnostics.iter().for_each(|diagnostic| eprintln!("{diagnostic}"));
            bail!("the configuration cannot be used; mend what is said above");
        }
    };
    let tls = crate::relay::client_config(config.refresh.ca_file.as_deref());
    let tls = tls.map_err(|wrong| anyhow!("no server could be checked: {wrong}\n  → {}", sentence(&wrong.remedy)))?;
    let runtime = runtime()?;
    let mut all = Vec::new();
    for mailbox in &config.mailboxes {
        for pin in &mailbox.pins {
            let looked = refresh(pin, &mailbox.address, &config.refresh, &tls, !dry_run);
            let refreshed = runtime.block_on(looked);
            let mailbox = mailbox.name.clone();
            let one = OfMailbox { mailbox, refreshed };
            // At once: many places that do not answer take long, and a run that is ended before its end has told what it did.
            if !json {
                tell(&one, dry_run);
            }
            all.push(one);
        }
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&all)?);
    }
    Ok(all.iter().all(|one| one.refreshed.is_good()))
}

fn tell(OfMailbox { mailbox, refreshed }: &OfMailbox, dry_run: bool) {
    let mark = if refreshed.is_good() { '✓' } else { '✗' };
    println!("{mark} {mailbox}  {}", refreshed.fingerprint);
    for asked in &refreshed.asked {
        let said = match &asked.said {
            Said::News => "has a newer copy".to_owned(),
            Said::NothingNew => "has nothing new".to_owned(),
            Said::Unknown => "does not know it".to_owned(),
            Said::Failed(why) => format!("✗ {why}"),
        };
        println!("  {}: {said}", asked.place);
    }
    let file = refreshed.file.display();
    let (before, after) = (&refreshed.before, &refreshed.after);
    match &refreshed.trouble {
        Some(trouble) => println!("  ✗ {file}: {trouble}"),
        None if !refreshed.changed => println!("  {before}; {file} stays as it is"),
        None if dry_run => println!("  {before} → {after}; {file} would be written"),
        None => println!("  {before} → {after}; written: {file}"),
    }
}

fn day(time: SystemTime) -> Option<String> {
    let time = jiff::Timestamp::try_from(time).ok()?;
    Some(time.strftime("%Y-%m-%d").to_string())
}

pub(super) fn new_signer(out: &Path, name: &str, email: &str, years: u32) -> Outcome {
    let public = certificate_file(out);
    if public.exists() {
        bail!("{} exists already; choose another --out", public.display());
    }
    let valid_for = Duration::from_secs(u64::from(years) * 365 * 86_400);
    let (cert, _) = generate_signing_key(name, email, valid_for).context("the key could not be made")?;
    write_secret(out, &cert.as_tsk().armored().to_vec()?)?;
    write_new(&public, &cert.armored().to_vec()?, 0o644)?;
    println!("key          {} (keep it here; mode 0600)", out.display());
    println!("certificate  {} (give it to the clerks)", public.display());
    println!("fingerprint  {}", cert.fingerprint());
    println!("to compare   {}", fingerprint_groups(&cert.fingerprint()));
    println!("\nPut the fingerprint into [signing] of the configuration.");
    Ok(true)
}

/// `relay.key.asc` → `relay.cert.asc`; anything else gets `.cert.asc` appended.
pub(super) fn certificate_file(key: &Path) -> PathBuf {
    let name = key
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let stem = name.strip_suffix(".key.asc").unwrap_or(&name);
    key.with_file_name(format!("{stem}.cert.asc"))
}
