//! A package: the folder that the archive takes.
//!
//! Comes in: a letter, its files as they come, its document. Goes out: `REF/` with `letter.pdf`, `letter.json`, `attachments/`,
//! `arkivmelding.xml` where that is wanted, and `manifest.json`. What always holds: the folder gets its name when all of it is on
//! the disk; a file that is not the one that was read is noticed; the same package is never made twice in one place.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::manifest::{self, Manifest};
use super::message::{ArchiveForm, message};
use super::parts::{MESSAGE, Part, Role};
use super::pdf::PdfError;
use super::place::Place;
use super::record::record_json;
use super::taking::{Piece, Taking};
use crate::desk::reading::Reading;
use crate::folder::rights::Rights;
use crate::folder::{ATTACHMENTS, JSON, names, no_disk};
use crate::judged::Verdict;
use crate::source::open_file;
use crate::status::Kind;
use crate::trouble::Trouble;

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Order {
    /// The folder in which packages lie.
    pub to: PathBuf,
    /// With an `arkivmelding.xml` of this form.
    pub message: Option<ArchiveForm>,
    /// Also of a letter that is not genuine.
    pub also_not_genuine: bool,
}

/// A package that is in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Its folder.
    pub folder: PathBuf,
    /// It lay there already.
    pub again: bool,
    /// Files of the citizen in it.
    pub attachments: usize,
}

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPackage {
    /// A sealed mail, not a letter of a form.
    NotALetter,
    /// It is not known to be the form's, and nobody said that it is to be handed over all the same.
    NotGenuine,
    /// The letter cannot be made a document.
    Document(PdfError),
    /// What stood in the way.
    Trouble(Trouble),
}

impl From<Trouble> for NoPackage {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Order {
    /// Whether this letter may become a package.
    ///
    /// # Errors
    /// Why not.
    pub fn allows(&self, reading: &Reading) -> Result<(), NoPackage> {
        allows(reading, self.also_not_genuine)
    }
}

/// Whether a letter may leave the post room as the form's.
///
/// # Errors
/// Why not.
pub(crate) fn allows(reading: &Reading, also_not_genuine: bool) -> Result<(), NoPackage> {
    match reading.status.verdict {
        _ if reading.status.kind == Kind::Mail => Err(NoPackage::NotALetter),
        Verdict::Genuine => Ok(()),
        _ if also_not_genuine => Ok(()),
        _ => Err(NoPackage::NotGenuine),
    }
}

/// Makes one. `files` are those of the letter, in its order.
///
/// # Errors
/// Why there is none; nothing is left of it then.
pub fn package(
    reading: &Reading,
    files: impl Iterator<Item = Result<Piece, Trouble>>,
    pdf: &[u8],
    order: &Order,
) -> Result<Package, NoPackage> {
    order.allows(reading)?;
    let place = Place::begin(&order.to).map_err(no_disk)?;
    let folder = place.folder().map_err(no_disk)?;
    let attachments = Part::attachments(reading);
    let written = write(&folder, reading, &attachments, pdf, order.message, place.rights());
    let manifest = written.and_then(|manifest| {
        let mut taking = Taking::into(&folder, &attachments, place.rights());
        for piece in files {
            taking.take(piece?)?;
        }
        taking.end()?;
        Ok(manifest)
    })?;
    place.settle(&folder).map_err(no_disk)?;
    let base = names::base(&reading.status, reading.status.verdict);
    let (folder, again) = place
        .give(&folder, &base, "", &|there| is_same(there, &manifest))
        .map_err(no_disk)?;
    Ok(Package {
        folder,
        again,
        attachments: attachments.len(),
    })
}

/// Writes everything but the citizen's files; what the manifest says.
fn write(
    folder: &Path,
    reading: &Reading,
    attachments: &[Part],
    pdf: &[u8],
    form: Option<ArchiveForm>,
    rights: Rights,
) -> Result<Vec<u8>, Trouble> {
    let put = |name: &str, bytes: &[u8]| {
        let written = rights
            .make_file(&folder.join(name))
            .and_then(|mut file| file.write_all(bytes));
        written.map_err(no_disk)
    };
    let mut parts = vec![Part::pdf(pdf)];
    put(&parts[0].name, pdf)?;
    if let Some(json) = record_json(reading.record.as_ref(), &reading.status) {
        parts.push(Part::of(JSON, Role::Record, "application/json", &json));
        put(JSON, &json)?;
    }
    // Scripts that go through it need not ask whether it is there.
    rights.make_folder(&folder.join(ATTACHMENTS)).map_err(no_disk)?;
    parts.extend_from_slice(attachments);
    if let Some(form) = form {
        let xml = message(reading, pdf, form);
        parts.push(Part::of(MESSAGE, Role::Message, "application/xml", xml.as_bytes()));
        put(MESSAGE, xml.as_bytes())?;
    }
    let manifest = Manifest::of(reading, form, &parts).bytes();
    put(manifest::FILE, &manifest)?;
    Ok(manifest)
}

/// Whether a folder is this very package, whole. One from which something was taken is made once more.
fn is_same(there: &Path, manifest: &[u8]) -> bool {
    // In a folder that several people share, anything may have that name.
    let mut said = Vec::new();
    let file = open_file(&there.join(manifest::FILE));
    let read = file.and_then(|file| file.take(manifest.len() as u64 + 1).read_to_end(&mut said));
    if read.is_err() || said != manifest {
        return false;
    }
    let Ok(serde_json::Value::Object(said)) = serde_json::from_slice(manifest) else {
        return false;
    };
    let files = said.get("files").and_then(|files| files.as_array());
    files.is_some_and(|files| {
        files.iter().all(|file| {
            let name = file.get("name").and_then(|name| name.as_str());
            let size = file.get("size").and_then(serde_json::Value::as_u64);
            name.is_some_and(|name| {
                let there = there.join(name).symlink_metadata();
                there.is_ok_and(|there| there.is_file() && Some(there.len()) == size)
            })
        })
    })
}
