//! What the targets stand in: a spool of its own, and a house with one form and nobody to seal to.

use std::path::Path;
use std::sync::Arc;

use konvolutt::form::{self, Text};
use konvolutt::submission::{Office, Pipeline, Witness};
use konvolutt::seal::{Sealer, SigningKeyError};
use konvolutt::draft::DraftDirectory;
use konvolutt::store::files::{FileStore, Settings};
use konvolutt::alarms::Alarms;

fn settings() -> Settings {
    Settings::at(std::env::temp_dir().join(format!("konvolutt-fuzz-{}", std::process::id())))
}

pub fn drafts() -> DraftDirectory {
    DraftDirectory::open(&settings().drafts).unwrap()
}

#[allow(dead_code)] // not every target needs a house
pub fn pipeline() -> Pipeline {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/forms/krisesenter.toml");
    let mut diagnostics = Vec::new();
    let form = form::read(&file, &["nb", "nn", "en"], "2026-11-21".parse().unwrap(), &mut diagnostics);
    Pipeline {
        forms: Arc::new(vec![form.unwrap_or_else(|| panic!("{diagnostics:?}"))]),
        mailboxes: Arc::default(),
        office: Arc::new(Office {
            authority: Text::same("Statsforvaltaren", &["nb", "nn", "en"]),
            time_zone: jiff::tz::TimeZone::UTC,
            from_name: "Skjema".into(),
            from_address: "skjema@authority.example".into(),
            envelope_from: "skjema@authority.example".into(),
            subject: "Ny henvendelse".into(),
            letter_language: None,
        }),
        sealer: Arc::new(Sealer::new(Err(SigningKeyError::NotAKey("none".into())))),
        alarms: Arc::new(Alarms::new(settings().alarms(), &[])),
        inbox: Arc::new(FileStore::open(&settings()).unwrap()),
        drafts: drafts(),
        witness: Witness::none(),
    }
}
