//! `manifest.json`: what lies in a package. `postrom schema manifest` prints its schema.
//!
//! What always holds: it is the same for the same package; it names every file but itself.

use super::message::ArchiveForm;
use super::parts::Part;
use crate::desk::reading::Reading;
use crate::judged::Verdict;

/// Its name in the package.
pub(super) const FILE: &str = "manifest.json";
/// Name and version of the format.
pub const MANIFEST: &str = "konvolutt.manifest/1";

/// What `manifest.json` says.
#[derive(serde::Serialize)]
pub(super) struct Manifest<'a> {
    schema: &'static str,
    /// Number for people.
    reference: Option<&'a str>,
    /// The letter's own id.
    id: Option<&'a str>,
    /// Slug of the form.
    form: Option<&'a str>,
    /// When the form took it.
    received: Option<&'a str>,
    /// Whose hand it came through.
    verdict: Verdict,
    /// SHA-256 of the sealed document.
    document_sha256: &'a str,
    /// The form of `arkivmelding.xml`, when there is one.
    message: Option<ArchiveForm>,
    files: &'a [Part],
}

impl<'a> Manifest<'a> {
    /// Of these files.
    pub(super) fn of(reading: &'a Reading, message: Option<ArchiveForm>, files: &'a [Part]) -> Self {
        let status = &reading.status;
        Self {
            schema: MANIFEST,
            reference: status.reference.as_deref(),
            id: status.id.as_deref(),
            form: status.form.as_deref(),
            received: status.received.as_deref(),
            verdict: status.verdict,
            document_sha256: &status.sha256,
            message,
            files,
        }
    }

    /// The file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::parts::Role;
    use super::*;

    /// The schema names exactly what is written, at each level.
    #[test]
    fn the_schema_is_true() {
        let part = Part {
            name_in_letter: Some("a".into()),
            ..Part::of("b", Role::Attachment, "text/plain", b"c")
        };
        let manifest = Manifest {
            schema: MANIFEST,
            reference: Some(""),
            id: Some(""),
            form: Some(""),
            received: Some(""),
            verdict: Verdict::Genuine,
            document_sha256: "",
            message: Some(ArchiveForm::Efm),
            files: &[part],
        };
        let written: Value = serde_json::from_slice(&manifest.bytes()).unwrap();
        let schema: Value = serde_json::from_str(include_str!("manifest.schema.json")).unwrap();
        let keys = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
        let file = &schema["properties"]["files"]["items"];
        for (written, schema) in [(&written, &schema), (&written["files"][0], file)] {
            assert_eq!(keys(written), keys(&schema["properties"]));
            let optional = keys(written).iter().filter(|key| *key == "name_in_letter").count();
            assert_eq!(
                schema["required"].as_array().unwrap().len() + optional,
                keys(written).len()
            );
        }
        let own = &schema["properties"];
        assert_eq!(own["schema"]["const"], MANIFEST);
        assert_eq!(own["verdict"]["enum"], json!(Verdict::ALL));
        let forms = json!([ArchiveForm::Efm, ArchiveForm::Fiks1, ArchiveForm::Fiks2, null]);
        assert_eq!(own["message"]["enum"], forms);
        let roles = json!([Role::Letter, Role::Record, Role::Attachment, Role::Message]);
        assert_eq!(file["properties"]["role"]["enum"], roles);
    }
}
