//! What the archive's journal says of a letter.
//!
//! Comes in: a letter that was opened. Goes out: its title, its exemption, its sender, its ids. What always holds: of a letter
//! that is not genuine nothing is said that stands in it, but when it came; what anybody may read never holds what a citizen wrote.

use konvolutt_letter::{Archive, Record, printable};

use super::guid::Guids;
use super::time::Moment;
use crate::desk::reading::Reading;
use crate::judged::Verdict;

/// What the journal says when the form's file says nothing. As the archive's own words are, in bokmål, whoever registers it.
const TITLE: &str = "Henvendelse";
/// What the duty of confidentiality exempts.
const BASIS: &str = "Offl. § 13 jf. fvl. § 13 første ledd nr. 1";
/// Exempt from public access.
const CODE: &str = "UO";
/// The correspondent of a letter whose sender gave no name.
const NOBODY: &str = "Ikke oppgitt";
/// Longer is no name, and archives cut or refuse it. All of it is in the letter.
const LONGEST_NAME: usize = 200;
/// A national identity number.
const NATIONAL_ID: usize = 11;

/// An entry of the journal. It has no `Debug`: it names a citizen.
pub(super) struct Entry {
    /// Number for people; only of a genuine letter.
    pub(super) reference: Option<String>,
    /// Anybody may read it.
    pub(super) public_title: String,
    pub(super) legal_basis: String,
    pub(super) access_code: String,
    /// Shielded from the public.
    pub(super) sender: String,
    pub(super) received: Moment,
    pub(super) deadline_days: Option<u16>,
    pub(super) guids: Guids,
}

impl Entry {
    /// The archive's own title; it goes into the journal, too, where a case worker sees it first.
    pub(super) fn title(&self) -> String {
        match &self.reference {
            Some(reference) => format!("{} ({reference})", self.public_title),
            None => self.public_title.clone(),
        }
    }

    /// Of a letter.
    pub(super) fn of(reading: &Reading) -> Self {
        let genuine = reading.status.verdict == Verdict::Genuine;
        let record = reading.record.as_ref().filter(|_| genuine);
        let archive = record.and_then(|record| record.archive.as_ref());
        let said = |word: fn(&Archive) -> &str, otherwise: &str| {
            let said = archive.map(|archive| printable(word(archive))).unwrap_or_default();
            if said.is_empty() { otherwise.to_owned() } else { said }
        };
        // A forger who knows a letter's id must not get the ids of its place in the archive.
        let guids = match record.filter(|record| !record.id.is_empty()) {
            Some(record) => format!("letter {}", printable(&record.id)),
            None => format!("document {}", reading.status.sha256),
        };
        Self {
            reference: reading.status.reference.clone().filter(|_| genuine),
            public_title: said(|archive| &archive.public_title, TITLE),
            legal_basis: said(|archive| &archive.legal_basis, BASIS),
            access_code: said(|archive| &archive.access_code, CODE),
            sender: record.and_then(sender).unwrap_or_else(|| NOBODY.into()),
            received: Moment::of(reading),
            deadline_days: record.and_then(|record| record.deadline_days),
            guids: Guids::of(&guids),
        }
    }
}

/// The name that the form asked for as the sender's.
fn sender(record: &Record) -> Option<String> {
    let answers = record.answers.iter().filter(|answer| answer.sender);
    let values: Vec<&str> = answers.flat_map(|answer| &answer.values).map(String::as_str).collect();
    let mut name = printable(&values.join(" "));
    // Somebody wrote their national identity number where the name was asked for.
    if name.chars().filter(|c| c.is_numeric()).count() >= NATIONAL_ID {
        name.retain(|c| !c.is_numeric());
        name = printable(&name);
    }
    if name.chars().count() > LONGEST_NAME {
        name = name.chars().take(LONGEST_NAME - 1).chain(['…']).collect();
    }
    (!name.is_empty()).then_some(name)
}
