//! A letter on its way to the disk: what it says, and the names that its files get.

use konvolutt_letter::{Document, hex, neutral, unique_names};
use serde_json::{Map, Value};

/// What `letter.txt`, `letter.json` and `status.json` are made of.
pub(crate) struct Letter<'a> {
    pub(crate) document: &'a Document,
    /// `letter.json` as it came, when it is JSON.
    pub(crate) json: Option<Map<String, Value>>,
    pub(crate) files: Vec<LetterFile>,
}

/// A file of a letter.
pub(crate) struct LetterFile {
    /// On the disk.
    pub(crate) name: String,
    /// What the letter calls it.
    pub(crate) said: String,
    pub(crate) sha256: String,
}

impl LetterFile {
    pub(crate) fn is_renamed(&self) -> bool {
        self.name != self.said
    }
}

impl<'a> Letter<'a> {
    pub(crate) fn of(document: &'a Document) -> Self {
        let json = serde_json::from_slice(&document.record_bytes).ok();
        let harmless: Vec<String> = document.files.iter().map(|file| neutral(&file.name)).collect();
        let names = unique_names(harmless.iter().map(String::as_str));
        let said = document
            .record
            .iter()
            .flat_map(|record| &record.files)
            .map(|file| Some(&file.name));
        // Fewer or more than came: the rest is called as it came.
        let said = said.chain(std::iter::repeat(None));
        let files = document.files.iter().zip(names).zip(said);
        let files = files.map(|((came, name), said)| LetterFile {
            name,
            said: said.unwrap_or(&came.name).clone(),
            sha256: hex(came.sha256),
        });
        Self {
            document,
            json,
            files: files.collect(),
        }
    }

    /// A word of `letter.json` that older versions of it do not have.
    pub(crate) fn word(&self, key: &str) -> Option<&str> {
        let word = self.json.as_ref()?.get(key)?.as_str()?;
        (!word.is_empty()).then_some(word)
    }
}
