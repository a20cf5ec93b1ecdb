//! `postrom keygen`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{anyhow, bail};
use konvolutt_letter::program::write_new;
use konvolutt_letter::{fill, neutral, printable};

use super::Outcome;
use super::passphrase::new_passphrase;
use crate::address::is_address;
use crate::i18n::keygen::{KeygenTexts, TEXTS};
use crate::i18n::{Lang, inputs};
use crate::names::grouped;
use crate::trouble::Cause;
use crate::{KeyProfile, NewKey};

const YEAR: u64 = 365 * 86_400;

/// Makes a key for a post room.
#[derive(Debug, clap::Args)]
pub(super) struct Keygen {
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
    #[arg(long, value_enum, default_value_t = KeyProfile::Compat)]
    profile: KeyProfile,
    /// Years until it expires, 1 to 20.
    #[arg(long, default_value_t = 3)]
    years: u64,
    /// Reads the passphrase from the first line of this file.
    #[arg(long, value_name = "FILE", conflicts_with = "no_passphrase")]
    passphrase_file: Option<PathBuf>,
    /// Leaves the key without a passphrase.
    #[arg(long)]
    no_passphrase: bool,
}

/// A key of no years has expired when it is made; one for longer outlives its algorithm.
const YEARS: std::ops::RangeInclusive<u64> = 1..=20;

/// The new files.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    revocation: PathBuf,
}

pub(super) fn keygen(words: &Keygen, lang: Lang) -> Outcome {
    let texts = TEXTS.of(lang);
    if !YEARS.contains(&words.years) {
        bail!("{}", texts.bad_years);
    }
    check(words, texts)?;
    let files = Files::named(&words.out, &words.name);
    if let Some(there) = files.all().into_iter().find(|path| path.exists()) {
        bail!("{}", fill(texts.exists, &[("file", &shown(there))]));
    }
    fs::create_dir_all(&words.out).map_err(|error| {
        let cause = Cause::from(&error);
        anyhow!(fill(
            texts.no_folder,
            &[("file", &shown(&words.out)), ("why", &inputs::cause(lang, &cause))]
        ))
    })?;
    let (passphrase, weak) = if words.no_passphrase {
        (None, false)
    } else {
        let (passphrase, weak) = new_passphrase(words.passphrase_file.as_ref(), &[&words.name, &words.email], lang)?;
        (Some(passphrase), weak)
    };
    let valid_for = Duration::from_secs(words.years * YEAR);
    let made = crate::generate(words.profile, &words.name, &words.email, valid_for, passphrase.clone());
    let tried = made.and_then(|new| crate::trial(&new, passphrase.as_ref()).map(|()| new));
    let new = tried.map_err(|error| anyhow!(fill(texts.failed, &[("why", &format!("{error:#}"))])))?;
    if let Err(error) = files.write(&new) {
        let why = inputs::cause(lang, &Cause::from(&error));
        bail!(
            "{}",
            fill(texts.no_files, &[("file", &shown(&words.out)), ("why", &why)])
        );
    }
    tell(&files, &new, valid_for, texts);
    if weak {
        say!("! {}", texts.weak);
    }
    Ok(true)
}

fn check(words: &Keygen, texts: &KeygenTexts) -> anyhow::Result<()> {
    let name = &words.name;
    if name.trim().is_empty() || name.contains(|c: char| c.is_control() || "<>".contains(c)) {
        bail!("{}", texts.bad_name);
    }
    if !is_address(&words.email) {
        bail!("{}", fill(texts.bad_address, &[("address", &printable(&words.email))]));
    }
    Ok(())
}

impl Files {
    fn named(out: &Path, name: &str) -> Self {
        let file = |ending: &str| out.join(neutral(&format!("{name}.{ending}.asc")));
        Self {
            certificate: file("cert"),
            key: file("key"),
            revocation: file("revocation"),
        }
    }

    fn all(&self) -> [&PathBuf; 3] {
        [&self.certificate, &self.key, &self.revocation]
    }

    /// All of them, or none: what was written before the disk refused the rest is taken away again.
    fn write(&self, new: &NewKey) -> io::Result<()> {
        let secret = 0o600;
        let mut written: Vec<&Path> = Vec::new();
        for (path, bytes, mode) in [
            (&self.key, &new.key, secret),
            (&self.revocation, &new.revocation, secret),
            (&self.certificate, &new.certificate, 0o644),
        ] {
            if let Err(error) = write_new(path, bytes, mode) {
                // Half of a file is ours as well; one that came to be there meanwhile is not.
                if error.kind() != io::ErrorKind::AlreadyExists {
                    written.push(path);
                }
                written.iter().for_each(|path| drop(fs::remove_file(path)));
                return Err(error);
            }
            written.push(path);
        }
        Ok(())
    }
}

fn tell(files: &Files, new: &NewKey, valid_for: Duration, texts: &KeygenTexts) {
    let lines = [
        (texts.certificate, &files.certificate),
        (texts.key, &files.key),
        (texts.revocation, &files.revocation),
    ];
    let width = lines
        .iter()
        .map(|((label, _), _)| label.chars().count())
        .max()
        .unwrap_or(0);
    for ((label, purpose), path) in lines {
        println!("{label:width$}  {} ({purpose})", path.display());
    }
    println!("{}", texts.fingerprint);
    println!("  {}", grouped(&new.cert.fingerprint()));
    let until = jiff::Timestamp::now().checked_add(valid_for);
    if let Ok(until) = until {
        let date = until.to_zoned(jiff::tz::TimeZone::system()).date();
        println!("{}", fill(texts.tried, &[("date", &date.to_string())]));
    }
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
