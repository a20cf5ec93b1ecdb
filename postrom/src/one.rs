//! One mail, opened at once and in this process: for the demo, and for tests of the server.

use std::path::{Path, PathBuf};

use sequoia_openpgp::Cert;

use crate::folder::{Output, OutputSettings};
use crate::i18n::{Lang, inputs};
use crate::ledger::LedgerPlace;
use crate::run::{Listener, Pace, Run, Skip};
use crate::source::{self, Body};
use crate::told::Told;
use crate::{Keys, Status, Trust};

/// One mail or sealed file.
pub struct Input {
    /// Where it came from, for people.
    pub source: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Where a letter was put.
pub struct Outcome {
    /// Its folder.
    pub folder: PathBuf,
    /// True when exactly this letter was opened before.
    pub repeat: bool,
    /// What is known of it.
    pub status: Status,
}

/// Opens the one letter of a mail into a folder under `out`, without a ledger. What it says is English.
///
/// # Errors
/// A sentence for the clerk. Nothing is left behind.
pub fn unpack(input: &Input, keys: &Keys, relay: Option<&Cert>, out: &Path) -> Result<Outcome, String> {
    let lang = Lang::En;
    let trust = Trust {
        relays: relay.into_iter().cloned().collect(),
        ..Trust::default()
    };
    let settings = OutputSettings {
        out: out.to_owned(),
        ledger: LedgerPlace::Off,
        lang,
        who: String::new(),
    };
    let sentence = |trouble| inputs::trouble(lang, &trouble, None);
    let (output, _) = Output::begin(settings).map_err(sentence)?;
    let run = Run {
        keys,
        trust: &trust,
        output: &output,
        lang,
        ack_to: None,
        pace: Pace::Together(1),
        skip: &Skip::default(),
        stop: &|| false,
    };
    let source = source::Input {
        name: input.source.clone(),
        named: true,
        body: Body::Bytes(input.bytes.clone()),
    };
    let told = First::default();
    run.go(std::iter::once(Ok(source)), &told);
    output.finish();
    told.outcome()
}

#[derive(Default)]
struct First(std::sync::Mutex<Option<Told>>);

impl First {
    fn outcome(self) -> Result<Outcome, String> {
        let told = self.0.into_inner().ok().flatten();
        let told = told.ok_or("The mail was not looked at.")?;
        match (told.folder, told.status) {
            (Some(folder), Some(status)) => Ok(Outcome {
                folder: folder.into(),
                repeat: told.repeat,
                status,
            }),
            _ => Err(told.error.unwrap_or_else(|| {
                "This file holds no sealed letter: it is neither a mail with one nor a file in OpenPGP format.".into()
            })),
        }
    }
}

impl Listener for First {
    fn looks(&self, _: &str) {}
    fn looked(&self, _: &str) {}
    fn opens(&self, _: &str, _: Option<&str>) {}
    fn opened(&self, _: &str) {}
    fn found(&self) {}
    fn places(&self, _: Vec<String>) {}
    fn not_remembered(&self, _: crate::trouble::Trouble) {}

    fn told(&self, told: Told) {
        // What lies within a sealed mail is told behind it.
        if let Ok(mut first) = self.0.lock()
            && first.as_ref().is_none_or(|first| first.status.is_none())
        {
            *first = Some(told);
        }
    }
}
