//! From a decrypted document to a folder that a clerk can work with.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::decrypt::{Opened, Reader, Verdict};
use super::find::Sealed;
use crate::letter::{self, Document, Reference, neutral};

/// What `status.json` says of a letter.
#[derive(Debug, serde::Serialize)]
pub struct Status {
    /// Whose hand it came through.
    pub verdict: Verdict,
    /// The same as a sentence.
    pub sentence: &'static str,
    /// Number for people, when the letter has one.
    pub reference: Option<String>,
    /// The letter's own id.
    pub id: Option<String>,
    /// Made by `send-test`, not by a citizen.
    pub test: bool,
    /// *Every* key that can open it.
    pub readers: Vec<Reader>,
    /// Outer header fields that do not say what the sealed ones say.
    pub header_mismatch: Vec<String>,
    /// What was repaired or looks wrong.
    pub remarks: Vec<String>,
    /// Where the mail came from.
    pub source: String,
}

/// Where a letter was put.
#[derive(Debug)]
pub struct Outcome {
    /// Its folder.
    pub folder: PathBuf,
    /// True when exactly this letter lay there already.
    pub repeat: bool,
    /// What is known of it.
    pub status: Status,
}

/// Writes a letter's folder under `out`. Everything is written under a hidden name first; the folder gets its
/// own name in one step, at the end.
///
/// # Errors
/// A sentence for the clerk.
pub fn unpack(source: &str, sealed: &Sealed, opened: &Opened, out: &Path) -> Result<Outcome, String> {
    let document = letter::read(&opened.document)?;
    let status = status(source, sealed, opened, &document);
    let disk = |error: io::Error| format!("The letter could not be written to {}: {error}.", out.display());
    write_folder(&document, status, out).map_err(disk)
}

fn write_folder(document: &Document, status: Status, out: &Path) -> io::Result<Outcome> {
    let name = status.reference.clone().unwrap_or_else(|| {
        let digest = Sha256::digest(document.text.as_bytes());
        format!("brev-{}", hex(&digest[..6]))
    });
    let mut private = DirBuilder::new();
    private.recursive(true).mode(0o700);
    private.create(out)?;
    let unfinished = Unfinished(out.join(format!(".{name}-{}", std::process::id())));
    private.create(unfinished.0.join("attachments"))?;
    write_new(&unfinished.0.join("letter.txt"), document.text.as_bytes())?;
    write_new(&unfinished.0.join("letter.json"), &document.record_bytes)?;
    for file in &document.files {
        let path = free_name(&unfinished.0.join("attachments"), &neutral(&file.name));
        write_new(&path, &file.bytes)?;
    }
    let json = serde_json::to_vec_pretty(&status)?;
    write_new(&unfinished.0.join("status.json"), &json)?;
    place(unfinished, out, &name, document, status)
}

/// Gives the folder its name. A letter is a repeat only when the relay signed it and its `letter.json` is the
/// same to the byte; any other letter of the same reference gets a folder of its own.
fn place(unfinished: Unfinished, out: &Path, name: &str, document: &Document, status: Status) -> io::Result<Outcome> {
    for number in 1.. {
        let folder = match number {
            1 => out.join(name),
            _ => out.join(format!("{name} ({number})")),
        };
        let there = fs::read(folder.join("letter.json"));
        let same = there.is_ok_and(|there| !there.is_empty() && there == document.record_bytes);
        if same && status.verdict == Verdict::Genuine {
            let repeat = true;
            return Ok(Outcome { folder, repeat, status });
        }
        if folder.symlink_metadata().is_ok() {
            continue;
        }
        fs::rename(&unfinished.0, &folder)?;
        File::open(out)?.sync_all()?;
        let repeat = false;
        return Ok(Outcome { folder, repeat, status });
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A folder that is not finished removes itself.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename there is nothing left to remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn status(source: &str, sealed: &Sealed, opened: &Opened, document: &Document) -> Status {
    let record = document.record.as_ref();
    let mut remarks = sealed.repaired.clone();
    if record.is_none() {
        remarks.push(
            "letter.json is missing or of an unknown version; letter.txt and the attachments are all there is.".into(),
        );
    }
    remarks.extend(file_remarks(document));
    Status {
        verdict: opened.verdict,
        sentence: opened.verdict.sentence(),
        // The reference becomes a folder's name: only one that is really a reference may.
        reference: record
            .and_then(|record| Reference::parse(&record.reference))
            .map(|r| r.to_string()),
        id: record.map(|record| record.id.clone()),
        test: record.is_some_and(|record| record.test),
        readers: opened.readers.clone(),
        header_mismatch: mismatches(sealed, document),
        remarks,
        source: source.to_owned(),
    }
}

/// Holds the files against what the letter says of them.
fn file_remarks(document: &Document) -> Vec<String> {
    let Some(record) = &document.record else {
        return Vec::new();
    };
    let mut remarks = Vec::new();
    if record.files.len() != document.files.len() {
        let (said, came) = (record.files.len(), document.files.len());
        remarks.push(format!("The letter says that it has {said} files; {came} came."));
    }
    for (said, came) in record.files.iter().zip(&document.files) {
        if hex(&Sha256::digest(&came.bytes)) != said.sha256 {
            remarks.push(format!("The file {} is not the one that the citizen sent.", said.name));
        }
    }
    remarks
}

/// Outer fields are anybody's; a difference from the sealed ones is told.
fn mismatches(sealed: &Sealed, document: &Document) -> Vec<String> {
    let value = |fields: &[(String, String)], name: &str| {
        let found = fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    let mut out = Vec::new();
    for name in ["from", "to", "date", "message-id", "subject"] {
        // The outer Subject is another one on purpose; the letter says which.
        let inner = match name {
            "subject" => value(&document.protected, "hp-outer-subject"),
            _ => value(&document.protected, name),
        };
        let outer = value(&sealed.outer, name);
        if let (Some(inner), Some(outer)) = (inner, outer)
            && inner != outer
        {
            out.push(format!(
                "{name}: the mail says “{outer}”, the sealed letter says “{inner}”"
            ));
        }
    }
    out
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The name, with a number when another file of the letter has it already (also in other case).
fn free_name(folder: &Path, name: &str) -> PathBuf {
    let taken: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().to_lowercase())
        .collect();
    let (stem, ending) = name
        .rsplit_once('.')
        .map_or((name, String::new()), |(stem, end)| (stem, format!(".{end}")));
    let names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{stem} ({n}){ending}")));
    let free = names.into_iter().find(|name| !taken.contains(&name.to_lowercase()));
    folder.join(free.unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
