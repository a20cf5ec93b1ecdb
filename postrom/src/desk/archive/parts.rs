//! The files of a package.

use konvolutt_letter::{hex, media_type};
use sha2::{Digest, Sha256};

use crate::desk::reading::Reading;
use crate::folder::ATTACHMENTS;

/// The letter as a document.
pub(super) const PDF: &str = "letter.pdf";
/// What the archive's journal says.
pub(super) const MESSAGE: &str = "arkivmelding.xml";

/// What a file is to the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Role {
    /// The letter as a document.
    Letter,
    /// The letter for machines.
    Record,
    /// What a citizen enclosed.
    Attachment,
    /// `arkivmelding.xml`.
    Message,
}

/// A file of a package. It has no `Debug`: a citizen named it.
#[derive(Clone, serde::Serialize)]
pub(super) struct Part {
    /// Where it lies in the package's folder, with `/` on every system.
    pub(super) name: String,
    /// What the letter called it, when that is another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name_in_letter: Option<String>,
    pub(super) role: Role,
    pub(super) media_type: String,
    pub(super) size: u64,
    pub(super) sha256: String,
}

impl Part {
    /// One whose bytes are at hand.
    pub(super) fn of(name: &str, role: Role, media_type: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            name_in_letter: None,
            role,
            media_type: media_type.to_owned(),
            size: bytes.len() as u64,
            sha256: hex(Sha256::digest(bytes)),
        }
    }

    /// The letter as a document.
    pub(super) fn pdf(bytes: &[u8]) -> Self {
        Self::of(PDF, Role::Letter, "application/pdf", bytes)
    }

    /// What a citizen enclosed, as it was read when the letter was opened.
    pub(super) fn attachments(reading: &Reading) -> Vec<Self> {
        let files = reading.status.files.iter().map(|file| Self {
            name: format!("{ATTACHMENTS}/{}", file.name),
            name_in_letter: file.name_in_letter.clone(),
            role: Role::Attachment,
            media_type: media_type(&file.name).to_owned(),
            size: file.size,
            sha256: file.sha256.clone(),
        });
        files.collect()
    }
}
