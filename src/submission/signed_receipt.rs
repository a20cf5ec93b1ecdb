//! The receipt that can be shown to others: words for people, then lines for machines, signed by the relay's key.
//!
//! ```text
//! Kvittering fra Statsforvalteren i Nordland.
//! …
//! Konvolutt-Receipt: 1
//! Reference: K7F-3K9Q-2MX
//! Received: 2026-11-30T17:05:00+01:00
//! Files: 2, 3145728 bytes
//! SHA-256: 5f1c…
//! ```
//!
//! What always holds: it names nobody and says nothing of what was written; the lines for machines are the last ones, in this
//! order; no line begins with a blank or `>`, which mail programs put there.

use jiff::tz::TimeZone;

use super::receipt::Shown;
use crate::i18n::{Catalog, fill};
use konvolutt_letter::{Reference, hex, unhex, wrap};

/// The first line for machines, without the number of its version.
const MARK: &str = "Konvolutt-Receipt: ";
/// The version that is written, and read.
const VERSION: &str = "1";
/// Columns of a line. Mail programs break longer ones, and a broken line is another text.
const COLUMNS: usize = 72;
/// As in `letter.json`, so that the two can be compared.
const MOMENT: &str = "%Y-%m-%dT%H:%M:%S%:z";

/// What a signed receipt says to machines.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ReceiptFacts {
    /// Number for people.
    pub reference: String,
    /// When the letter came, by the minute, as in the letter itself.
    pub received: String,
    /// Files in the letter.
    pub files: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// SHA-256 of the sealed packets in hexadecimal: what `postrom show` says of the mail.
    pub sha256: String,
}

/// Why a signed text is no receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAReceipt {
    /// It says something else.
    Other,
    /// Of a version that is not known here.
    Newer(String),
}

impl ReceiptFacts {
    /// Those of a letter with a proof; without one there is nothing to sign.
    pub fn of(shown: &Shown, zone: &TimeZone) -> Option<Self> {
        let proof = shown.proof?;
        let received = shown.received().to_zoned(zone.clone());
        Some(Self {
            reference: shown.reference.to_string(),
            received: received.strftime(MOMENT).to_string(),
            files: shown.files.into(),
            bytes: shown.bytes,
            sha256: hex(proof.seal),
        })
    }

    /// Reads them out of a text whose signature holds.
    ///
    /// # Errors
    /// When it is no receipt.
    pub fn read(text: &str) -> Result<Self, NotAReceipt> {
        let lines: Vec<&str> = text.trim_end().lines().collect();
        let begin = lines
            .iter()
            .position(|line| line.starts_with(MARK))
            .ok_or(NotAReceipt::Other)?;
        let version = lines[begin].trim_start_matches(MARK);
        if version != VERSION {
            return Err(NotAReceipt::Newer(version.to_owned()));
        }
        Self::of_lines(&lines[begin + 1..]).ok_or(NotAReceipt::Other)
    }

    fn of_lines(lines: &[&str]) -> Option<Self> {
        let [reference, received, files, sha256] = lines else {
            return None;
        };
        let reference = Reference::parse(reference.strip_prefix("Reference: ")?)?;
        let received = received.strip_prefix("Received: ")?;
        received.parse::<jiff::Timestamp>().ok()?;
        let (files, bytes) = files.strip_prefix("Files: ")?.split_once(", ")?;
        let sha256 = sha256.strip_prefix("SHA-256: ")?;
        unhex::<32>(sha256.as_bytes())?;
        Some(Self {
            reference: reference.to_string(),
            received: received.to_owned(),
            files: files.parse().ok()?,
            bytes: bytes.strip_suffix(" bytes")?.parse().ok()?,
            sha256: sha256.to_owned(),
        })
    }

    /// What is signed: words in the reader's language, and the facts.
    pub fn to_text(&self, t: &Catalog, authority: &str) -> String {
        let words = fill(t.receipt_signed_words, &[("authority", authority)]);
        let lines = words.lines().flat_map(|line| wrap(line, COLUMNS, COLUMNS));
        let words: Vec<&str> = lines.collect();
        format!("{}\n\n{}", words.join("\n"), self.lines())
    }

    fn lines(&self) -> String {
        let Self {
            reference,
            received,
            files,
            bytes,
            sha256,
        } = self;
        format!(
            "{MARK}{VERSION}\nReference: {reference}\nReceived: {received}\nFiles: {files}, {bytes} bytes\nSHA-256: {sha256}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    fn facts() -> ReceiptFacts {
        ReceiptFacts {
            reference: Reference::from_random(&[7; 16]).to_string(),
            received: "2026-11-30T17:05:00+01:00".into(),
            files: 2,
            bytes: 3_145_728,
            sha256: hex([0xab; 32]),
        }
    }

    #[test]
    fn what_is_written_is_read_in_each_language() {
        for lang in [Lang::NB, Lang::NN, Lang::EN] {
            let text = facts().to_text(lang.catalog(), "Statsforvaltaren i Nordland");
            assert_eq!(ReceiptFacts::read(&text), Ok(facts()), "{text}");
            assert!(text.contains("Statsforvaltaren i Nordland"), "{text}");
            for line in text.lines() {
                assert!(line.chars().count() <= COLUMNS + 1, "{line}");
                assert!(!line.starts_with([' ', '>', '-']) && line.trim_end() == line, "{line}");
                // An older Windows saves it and loses nothing.
                assert!(line.chars().all(|sign| u32::from(sign) < 0x100), "{line}");
            }
        }
    }

    #[test]
    fn nothing_else_is_a_receipt() {
        let text = facts().to_text(Lang::NB.catalog(), "Etaten");
        assert!(ReceiptFacts::read(&text).is_ok(), "the control");
        for (wrong, expected) in [
            (String::new(), NotAReceipt::Other),
            ("Hei".into(), NotAReceipt::Other),
            (text.replace(MARK, "Receipt: "), NotAReceipt::Other),
            (text.replace("Receipt: 1", "Receipt: 2"), NotAReceipt::Newer("2".into())),
            (text.replace("Reference: ", "Reference: A"), NotAReceipt::Other),
            (text.replace("2026-11-30T", "30.11.2026 "), NotAReceipt::Other),
            (text.replace(" bytes", ""), NotAReceipt::Other),
            (text.replace("SHA-256: ab", "SHA-256: "), NotAReceipt::Other),
            (text.replace("Files: ", "Files: -"), NotAReceipt::Other),
            (format!("{text}And more.\n"), NotAReceipt::Other),
        ] {
            assert_eq!(ReceiptFacts::read(&wrong), Err(expected), "{wrong}");
        }
    }
}
