//! `postrom show`.

use std::path::{Path, PathBuf};

use konvolutt_letter::printable;

use crate::i18n::Lang;
use crate::i18n::keys::{looks, unreadable};
use crate::i18n::show as texts;
use crate::show::{NotShown, Shown, look};

/// What to look at.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Certificates, keys, sealed letters or mails with one.
    #[arg(required = true)]
    file: Vec<PathBuf>,
    /// Tells it as JSON, one line for each thing.
    #[arg(long)]
    json: bool,
}

/// One line of `--json`.
#[derive(serde::Serialize)]
struct Told<'a> {
    file: String,
    #[serde(flatten)]
    shown: &'a Shown,
}

/// True when something was found in each file.
pub(super) fn show(words: &Show, lang: Lang) -> bool {
    let mut all = true;
    for file in &words.file {
        match look(file) {
            Ok(found) if words.json => found.iter().for_each(|shown| tell_json(file, shown)),
            Ok(found) => found.iter().for_each(|shown| tell(file, shown, lang)),
            Err(why) => {
                say!("✗ {}", sentence(file, &why, lang));
                all = false;
            }
        }
    }
    all
}

fn tell(file: &Path, shown: &Shown, lang: Lang) {
    let (title, lines) = match shown {
        Shown::Certificate(cert) => texts::certificate(cert, lang),
        Shown::Sealed(sealed) => texts::sealed(sealed, lang),
    };
    println!("{}\n  {title}", printable(&file.display().to_string()));
    let width = lines.iter().map(|(label, _)| label.chars().count()).max().unwrap_or(0);
    for (label, value) in lines {
        println!("  {label:width$}  {value}");
    }
}

fn tell_json(file: &Path, shown: &Shown) {
    let file = file.display().to_string();
    // All of it is text and numbers.
    println!("{}", serde_json::to_string(&Told { file, shown }).unwrap_or_default());
}

fn sentence(file: &Path, why: &NotShown, lang: Lang) -> String {
    match why {
        NotShown::Unreadable(cause) => unreadable(file, cause, lang),
        NotShown::Other(kind) => texts::nothing(&printable(&file.display().to_string()), looks(*kind, lang), lang),
    }
}
