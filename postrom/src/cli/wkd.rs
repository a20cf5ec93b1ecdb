//! `postrom wkd`.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use konvolutt_letter::{fill, printable};

use super::Outcome;
use crate::i18n::wkd::TEXTS;
use crate::i18n::{Lang, inputs, keys};
use crate::keys::load_certificate;
use crate::trouble::Cause;
use crate::wkd::{WkdError, publish};

/// Lays out the folder in which an authority publishes its certificates.
#[derive(Debug, clap::Args)]
pub(super) struct Wkd {
    /// Folder for the layout.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Domain whose addresses are published.
    #[arg(long)]
    domain: Option<String>,
    /// Certificates.
    #[arg(required = true)]
    cert: Vec<PathBuf>,
}

pub(super) fn wkd(words: &Wkd, lang: Lang) -> Outcome {
    let texts = TEXTS.of(lang);
    let certs = words.cert.iter().map(|file| load_certificate(file));
    let certs = certs.collect::<Result<Vec<_>, _>>();
    let certs = certs.map_err(|error| anyhow!(keys::error(&error, lang)))?;
    let published = match publish(&certs, words.domain.as_deref(), &words.out) {
        Ok(published) => published,
        Err(WkdError::NoAddress) => bail!("{}", texts.no_address),
        Err(WkdError::Domains(domains)) => {
            let domains = printable(&domains.join(", "));
            bail!("{}", fill(texts.domains, &[("domains", &domains)]))
        }
        Err(WkdError::Write(file, error)) => {
            let (file, why) = (file.display().to_string(), inputs::cause(lang, &Cause::from(&error)));
            bail!("{}", fill(texts.no_file, &[("file", &printable(&file)), ("why", &why)]))
        }
    };
    for one in &published {
        println!(
            "{}  {}",
            printable(&one.address),
            printable(&one.file.display().to_string())
        );
    }
    println!("{}", texts.publish);
    Ok(true)
}
