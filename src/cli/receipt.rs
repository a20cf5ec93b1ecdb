//! `konvolutt receipt`: what somebody else holds as a receipt, checked without the server.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, anyhow, bail};
use clap::Subcommand;
use sequoia_openpgp::{Cert, Fingerprint};

use super::Outcome;
use crate::config::Config;
use crate::seal::{Signed, SigningKey, Unsigned, check_signed_text, fingerprint_groups, read_certificate};
use crate::submission::{NotAReceipt, ReceiptFacts};
use konvolutt_letter::printable;

/// A receipt has a kilobyte; a mail around it some more.
const LARGEST: u64 = 1024 * 1024;

/// What to do with a receipt.
#[derive(Debug, Subcommand)]
pub(super) enum Receipts {
    /// Checks a signed receipt: whether the form's server signed it, and what it says. Asks nobody.
    Check {
        /// The text, as it was saved or read from its QR code; `-` is standard input.
        file: PathBuf,
        /// Certificate of the relay, as the clerks have it; may be given several times. Without one, that of the configuration.
        #[arg(long, value_name = "CERT")]
        relay: Vec<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What is told.
#[derive(serde::Serialize)]
struct Told {
    genuine: bool,
    #[serde(flatten)]
    facts: Option<ReceiptFacts>,
    /// Fingerprint of the certificate that signed it.
    signed_by: Option<String>,
    /// When it was signed: whenever somebody opened the page.
    signed: Option<String>,
    /// Mail had changed blanks or letters of it, and that was undone.
    mended: bool,
    problem: Option<String>,
    remedy: Option<&'static str>,
}

/// Checks one. `config` is asked only when no certificate is named.
pub(super) fn check(
    file: &Path,
    relays: &[PathBuf],
    config: impl FnOnce() -> anyhow::Result<Config>,
    json: bool,
) -> Outcome {
    let bytes = read(file)?;
    let relays = if relays.is_empty() {
        vec![of_config(&config()?.signing)?]
    } else {
        relays.iter().map(|path| of_file(path)).collect::<anyhow::Result<_>>()?
    };
    let told = told(&bytes, &relays);
    if json {
        println!("{}", serde_json::to_string_pretty(&told)?);
    } else {
        print(file, &told);
    }
    Ok(told.genuine)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|open| open.take(LARGEST + 1).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("{} cannot be read", file.display()))?;
    if bytes.len() as u64 > LARGEST {
        bail!("{} is far larger than a receipt", file.display());
    }
    Ok(bytes)
}

fn of_file(path: &Path) -> anyhow::Result<Cert> {
    read_certificate(path).map_err(|error| anyhow!("{}: {error}. {}", path.display(), error.remedy()))
}

/// Also of a key that has ended since: what it signed before holds.
fn of_config((path, fingerprint): &(PathBuf, Fingerprint)) -> anyhow::Result<Cert> {
    SigningKey::certificate_of(path, fingerprint).map_err(|error| anyhow!("{error}. {}", error.remedy()))
}

fn told(bytes: &[u8], relays: &[Cert]) -> Told {
    let (signed, facts) = match check_signed_text(bytes, relays) {
        Ok(signed) => {
            let facts = ReceiptFacts::read(&signed.text);
            (Some(signed), facts.map_err(|why| no_receipt(&why)))
        }
        Err(why) => (None, Err(unsigned(&why))),
    };
    let problem = facts.as_ref().err().cloned();
    let signed = signed.as_ref();
    Told {
        genuine: problem.is_none(),
        facts: facts.ok(),
        signed_by: signed.map(|signed| signed.signer.to_hex()),
        signed: signed.and_then(|signed| moment(signed.at)),
        mended: signed.is_some_and(|Signed { mended, .. }| *mended),
        remedy: problem.as_ref().map(|(_, remedy)| *remedy),
        problem: problem.map(|(what, _)| what),
    }
}

fn moment(at: Option<SystemTime>) -> Option<String> {
    let at = jiff::Timestamp::try_from(at?).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// What is wrong, and what to do.
type Wrong = (String, &'static str);

fn unsigned(why: &Unsigned) -> Wrong {
    match why {
        Unsigned::Nothing => (
            "There is no signed receipt in it.".into(),
            "It begins with -----BEGIN PGP SIGNED MESSAGE-----. Ask for the whole text, or read the QR code again.",
        ),
        Unsigned::Several => (
            "There is more than one signed text in it.".into(),
            "Put each receipt into a file of its own.",
        ),
        Unsigned::Damaged => (
            "The signature is cut, or cannot be read.".into(),
            "Ask for the file as it was saved from the page, or read the QR code again.",
        ),
        Unsigned::Stranger(named) => (
            format!("It is signed by another key ({}), not by this relay.", named.join(", ")),
            "If the relay had another key when the receipt was given, name that certificate with `--relay`. Else it is no receipt of this form.",
        ),
        Unsigned::Changed => (
            "The text is not what was signed: a word, a number or a line was changed afterwards.".into(),
            "A mail program may have broken its lines: ask for the file, or the QR code. If that says the same, somebody changed it.",
        ),
        Unsigned::Unfit(why) => (
            format!("The relay's key could not sign at that time: {why}."),
            "Check with the operator when the key was in use.",
        ),
    }
}

fn no_receipt(why: &NotAReceipt) -> Wrong {
    match why {
        NotAReceipt::Other => (
            "The relay signed this text, but it is no receipt.".into(),
            "Ask for the receipt's own text.",
        ),
        NotAReceipt::Newer(version) => (
            format!(
                "It is a receipt of version {}, which this program does not know.",
                printable(version)
            ),
            "Check it with a newer program.",
        ),
    }
}

fn print(file: &Path, told: &Told) {
    let file = printable(&file.display().to_string());
    if let (Some(what), Some(remedy)) = (&told.problem, told.remedy) {
        println!("✗ {file}: {what}");
        println!("  → {remedy}");
        return;
    }
    println!("✓ {file}: a receipt of this relay");
    if let Some(facts) = &told.facts {
        println!("  reference  {}", facts.reference);
        println!("  received   {}", facts.received);
        println!("  files      {}, {} bytes", facts.files, facts.bytes);
        println!("  SHA-256    {}", facts.sha256);
    }
    if let Some(by) = told.signed_by.as_ref().and_then(|by| by.parse::<Fingerprint>().ok()) {
        println!("  signed by  {}", fingerprint_groups(&by));
    }
    if told.mended {
        println!("  mail had changed blanks or letters of it, and nothing else");
    }
    println!(
        "  → `postrom show MAIL` tells the SHA-256 of a letter: where it is the same, this is the receipt of that letter."
    );
}
