//! `status.json`: what is known of an opened letter. `postrom schema status` prints its schema.
//!
//! Comes in: the file of this or an older version. Goes out: the same, in one write. What always holds: a program that reads
//! it never sees half of it; what an older version wrote is still read.

use std::io::{self, Read, Write};
use std::path::Path;

use crate::i18n::Lang;
use crate::judged::{Reader, Signer, Verdict};
use crate::source::open_file;

/// One of a letter with a thousand files is a tenth as large.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Its name in the folder of a letter.
pub const FILE: &str = "status.json";
/// Name and version of the format.
pub const STATUS: &str = "konvolutt.status/1";
/// The schema of [`Status`] as JSON Schema.
pub const STATUS_SCHEMA: &str = include_str!("status.schema.json");

/// What was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A letter of a form, or what says that it is one.
    #[default]
    Letter,
    /// A mail that somebody sealed to this post room, kept as `document.eml`.
    Mail,
}

/// What `status.json` says. What came later than the first version is lacking in what that wrote.
/// It has no `Debug`: remarks name the files of a citizen.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Status {
    /// [`STATUS`]; empty in the first version.
    #[serde(default)]
    pub schema: String,
    /// Version of the program that wrote it.
    #[serde(default)]
    pub postrom: String,
    /// Language of the sentences.
    #[serde(default = "english")]
    pub language: Lang,
    /// Whose hand it came through.
    pub verdict: Verdict,
    /// The same as a sentence.
    pub sentence: String,
    /// Letter or mail.
    #[serde(default)]
    pub kind: Kind,
    /// Number for people, when the letter has one.
    pub reference: Option<String>,
    /// The letter's own id.
    pub id: Option<String>,
    /// Made by `send-test`, not by a citizen.
    pub test: bool,
    /// Slug of the form.
    #[serde(default)]
    pub form: Option<String>,
    /// Title of the form.
    #[serde(default)]
    pub form_title: Option<String>,
    /// Whom the form belongs to.
    #[serde(default)]
    pub authority: Option<String>,
    /// When the form took it, RFC 3339.
    #[serde(default)]
    pub received: Option<String>,
    /// When it was opened first, RFC 3339.
    #[serde(default)]
    pub opened: Option<String>,
    /// Who did.
    #[serde(default)]
    pub opened_by: Option<String>,
    /// Who signed it, when anybody did.
    #[serde(default)]
    pub signer: Option<Signer>,
    /// Fingerprint of the certificate whose key opened it.
    #[serde(default)]
    pub opened_with: Option<String>,
    /// *Every* key that can open it.
    pub readers: Vec<Reader>,
    /// Message-ID of the mail, the sealed one before the outer one.
    #[serde(default)]
    pub message_id: Option<String>,
    /// Outer header fields that do not say what the sealed ones say.
    pub header_mismatch: Vec<String>,
    /// What was repaired or looks wrong.
    pub remarks: Vec<String>,
    /// What the form's server remarks, from `letter.json`. Only of a genuine letter: any other may say anything.
    #[serde(default)]
    pub notices: Vec<String>,
    /// The input that it came from.
    pub source: String,
    /// Where it lay in that input, from the outside inwards.
    #[serde(default)]
    pub place: Vec<String>,
    /// What lies in `attachments/`, in the order of the letter.
    #[serde(default)]
    pub files: Vec<StatusFile>,
    /// SHA-256 of the whole sealed document: tells a repeat from a letter that only looks like one.
    pub sha256: String,
    /// SHA-256 of the seal that it was opened from.
    #[serde(default)]
    pub sealed_sha256: Option<String>,
    /// Each verdict that it had, when it had more than one.
    #[serde(default)]
    pub history: Vec<Judgement>,
}

/// A file of a letter.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct StatusFile {
    /// Its name on the disk.
    pub name: String,
    /// The name that the letter gave it, when that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_in_letter: Option<String>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of what came, in hexadecimal.
    pub sha256: String,
}

/// A verdict and when it was given.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Judgement {
    /// RFC 3339; the first version did not write it.
    pub time: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
}

fn english() -> Lang {
    Lang::En
}

impl Status {
    /// Of a letter's folder, when it is one.
    pub fn of(folder: &Path) -> Option<Self> {
        let mut bytes = Vec::new();
        // In a folder that several people share, anything may have that name.
        let file = open_file(&folder.join(FILE)).ok()?;
        file.take(LARGEST).read_to_end(&mut bytes).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// In one call: a writer that asks the system for each of its words does so a hundred times for a letter.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        out.write_all(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Status {
        let some = || Some(String::new());
        Status {
            schema: STATUS.into(),
            postrom: String::new(),
            language: Lang::Nn,
            verdict: Verdict::Genuine,
            sentence: String::new(),
            kind: Kind::Letter,
            reference: some(),
            id: some(),
            test: false,
            form: some(),
            form_title: some(),
            authority: some(),
            received: some(),
            opened: some(),
            opened_by: some(),
            signer: Some(Signer {
                fingerprint: String::new(),
                name: some(),
                former: false,
            }),
            opened_with: some(),
            readers: vec![Reader {
                key: String::new(),
                known_as: None,
            }],
            message_id: some(),
            header_mismatch: Vec::new(),
            remarks: Vec::new(),
            notices: Vec::new(),
            source: String::new(),
            place: Vec::new(),
            files: vec![StatusFile {
                name: String::new(),
                name_in_letter: some(),
                size: 1,
                sha256: String::new(),
            }],
            sha256: String::new(),
            sealed_sha256: some(),
            history: vec![Judgement {
                time: some(),
                verdict: Verdict::NotChecked,
            }],
        }
    }

    /// The schema names exactly what is written, at each level.
    #[test]
    fn the_schema_is_true() {
        let written = serde_json::to_value(full()).unwrap();
        let schema: serde_json::Value = serde_json::from_str(STATUS_SCHEMA).unwrap();
        let keys = |value: &serde_json::Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
        let own = &schema["properties"];
        let levels = [
            (&written, &schema),
            (&written["signer"], &own["signer"]),
            (&written["readers"][0], &own["readers"]["items"]),
            (&written["files"][0], &own["files"]["items"]),
            (&written["history"][0], &own["history"]["items"]),
        ];
        for (written, schema) in levels {
            assert_eq!(keys(written), keys(&schema["properties"]));
            let required = schema["required"].as_array().unwrap();
            let optional = keys(written).iter().filter(|key| *key == "name_in_letter").count();
            assert_eq!(required.len() + optional, keys(written).len());
        }
        assert_eq!(own["schema"]["const"], STATUS);
        assert_eq!(own["verdict"]["enum"], serde_json::json!(Verdict::ALL));
        assert_eq!(own["kind"]["enum"], serde_json::json!([Kind::Letter, Kind::Mail]));
        assert_eq!(
            own["language"]["enum"],
            serde_json::json!([Lang::Nb, Lang::Nn, Lang::En])
        );
    }

    #[test]
    fn a_status_of_the_first_version_is_read() {
        let old = r#"{"verdict":"not-checked","sentence":"x","reference":"K7F-3K9Q-2MX","id":"a","test":false,
            "readers":[{"key":"1A","known_as":null}],"header_mismatch":[],"remarks":[],"source":"a.eml","sha256":"ab"}"#;
        let status: Status = serde_json::from_str(old).unwrap();
        assert_eq!(status.verdict, Verdict::NotChecked);
        assert!(status.schema.is_empty() && status.history.is_empty() && status.sealed_sha256.is_none());
    }
}
