//! `arkivmelding.xml`.
//!
//! Comes in: a letter and its document. Goes out: the message that an archive's client sends on with the files. What always holds:
//! it is valid by the schema of its form; what the journal shows to anybody is what [`Entry`] says.

use super::entry::Entry;
use super::parts::Part;
use super::{efm, fiks};
use crate::desk::reading::Reading;

/// Forms of `arkivmelding.xml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum ArchiveForm {
    /// eFormidling, Noark 5.
    Efm,
    /// Fiks Arkiv, version 1.
    Fiks1,
    /// Fiks Arkiv, version 2.
    Fiks2,
}

/// The message about a letter; `pdf` is the document that goes with it.
pub fn message(reading: &Reading, pdf: &[u8], form: ArchiveForm) -> String {
    let entry = Entry::of(reading);
    let parts: Vec<Part> = [Part::pdf(pdf)].into_iter().chain(Part::attachments(reading)).collect();
    match form {
        ArchiveForm::Efm => efm::message(&entry, &parts),
        ArchiveForm::Fiks1 => fiks::message(&entry, &parts, &fiks::V1),
        ArchiveForm::Fiks2 => fiks::message(&entry, &parts, &fiks::V2),
    }
}
