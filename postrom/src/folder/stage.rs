//! Writes everything of one letter into the hidden folder of the run. It has no name of its own yet.

use std::collections::HashSet;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::facts::{self, Origin, kind};
use super::json::letter_json;
use super::letter::Letter;
use super::rights::Rights;
use super::shelf::Attachments;
use super::text::letter_text;
use crate::i18n::letters::TEXTS;
use crate::opened::{Content, Opened};
use crate::status::{self, Kind, Status};
use crate::trouble::Trouble;

pub(crate) const TEXT: &str = "letter.txt";
pub(crate) const JSON: &str = "letter.json";
pub(crate) const DOCUMENT: &str = "document.eml";
pub(crate) const ATTACHMENTS: &str = "attachments";

/// A letter that is written and has no name yet.
pub struct Staged {
    pub(crate) folder: PathBuf,
    pub(crate) status: Status,
    /// Fingerprints of the relays that it was held against.
    pub(crate) relays: HashSet<String>,
}

impl Staged {
    /// What is known of it. Where it lies already, more may be known there.
    pub fn status(&self) -> &Status {
        &self.status
    }
}

pub(crate) fn disk(error: io::Error) -> Trouble {
    Trouble::of_disk(&error)
}

/// Writes it; what is known of it.
pub(crate) fn write(opened: &Opened, from: &Origin<'_>, folder: &Path, rights: Rights) -> Result<Status, Trouble> {
    let status = match (&opened.content, kind(opened)) {
        (Content::Letter(document), Kind::Letter) => {
            let letter = Letter::of(document);
            let (sizes, unmarked) = attachments(opened, &letter, folder, rights)?;
            let mut status = facts::of_letter(opened, from, &letter, &sizes);
            if unmarked {
                status.remarks.push(TEXTS.of(from.lang).remarks.no_web_mark.into());
            }
            put(&folder.join(TEXT), letter_text(&letter, &status).as_bytes(), rights)?;
            if let Some(json) = letter_json(&letter, &status) {
                put(&folder.join(JSON), &json, rights)?;
            }
            status
        }
        _ => {
            let mut file = BufWriter::new(rights.make_file(&folder.join(DOCUMENT)).map_err(disk)?);
            opened.whole(&mut file)?;
            file.flush().map_err(disk)?;
            facts::of_mail(opened, from)
        }
    };
    write_status(&status, &folder.join(status::FILE), rights).map_err(disk)?;
    Ok(status)
}

/// Writes the files; how large each is, and whether one of them lacks the mark of the web.
fn attachments(
    opened: &Opened,
    letter: &Letter<'_>,
    folder: &Path,
    rights: Rights,
) -> Result<(Vec<u64>, bool), Trouble> {
    // Scripts that go through it need not ask whether it is there.
    let folder = folder.join(ATTACHMENTS);
    rights.make_folder(&folder).map_err(disk)?;
    let names: Vec<&str> = letter.files.iter().map(|file| file.name.as_str()).collect();
    let mut shelf = Attachments {
        folder: folder.clone(),
        names: names.clone().into_iter(),
        rights,
        unmarked: false,
    };
    opened.files(&mut shelf)?;
    let size = |name: &&str| fs::metadata(folder.join(name)).map(|file| file.len());
    let sizes = names.iter().map(size).collect::<io::Result<_>>().map_err(disk)?;
    Ok((sizes, shelf.unmarked))
}

fn put(path: &Path, bytes: &[u8], rights: Rights) -> Result<(), Trouble> {
    let written = rights.make_file(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(disk)
}

pub(crate) fn write_status(status: &Status, path: &Path, rights: Rights) -> io::Result<fs::File> {
    let mut file = rights.make_file(path)?;
    status.write(&mut file)?;
    Ok(file)
}
