//! Compound files ([MS-CFB]): Office before 2007, Outlook's mails, Windows' installers, and today's Office behind a password.

use std::io::{Cursor, Read};

use super::facts::{FileFacts, Warning};
use super::kinds::FileKind;

/// So many names are looked at.
const MOST_ENTRIES: usize = 10_000;
/// So much of a stream is read.
const BEGINNING: u64 = 4096;
/// What Windows takes for an installer, whatever lies in it.
const INSTALLER: &str = "000c1084-0000-0000-c000-000000000046";

type Compound<'a> = cfb::CompoundFile<Cursor<&'a [u8]>>;

/// Notes what lies in it.
pub(super) fn look(bytes: &[u8], facts: &mut FileFacts) {
    facts.content = None;
    let Ok(mut file) = Compound::open(Cursor::new(bytes)) else {
        // Which of its kinds it was cannot be seen: what its name says is not denied.
        facts.content = facts.by_name.filter(|name| is_one(*name)).or(Some(FileKind::Doc));
        facts.warn(Warning::Damaged);
        return;
    };
    let names: Vec<String> = file
        .walk()
        .take(MOST_ENTRIES)
        .map(|entry| entry.name().to_owned())
        .collect();
    let has = |name: &str| names.iter().any(|one| one.eq_ignore_ascii_case(name));
    let installs = file.root_entry().clsid().to_string().eq_ignore_ascii_case(INSTALLER);
    facts.content = if installs {
        Some(FileKind::Installer)
    } else if has("EncryptedPackage") {
        facts.warn(Warning::Password);
        Some(FileKind::LockedOffice)
    } else if has("__properties_version1.0") {
        Some(FileKind::OutlookMail)
    } else if has("WordDocument") {
        Some(FileKind::Doc)
    } else if has("Workbook") || has("Book") {
        Some(FileKind::Xls)
    } else if has("PowerPoint Document") {
        Some(FileKind::Ppt)
    } else {
        None
    };
    if has("Macros") || has("_VBA_PROJECT_CUR") || has("_VBA_PROJECT") {
        facts.warn(Warning::Macros);
    }
    if has("ObjectPool") {
        facts.warn(Warning::FilesInside);
    }
    let locked = match facts.content {
        Some(FileKind::Doc) => word_is_locked(&beginning(&mut file, "/WordDocument")),
        Some(FileKind::Xls) => ["/Workbook", "/Book"]
            .iter()
            .any(|name| excel_is_locked(&beginning(&mut file, name))),
        _ => false,
    };
    if locked {
        facts.warn(Warning::Password);
    }
}

fn is_one(kind: FileKind) -> bool {
    matches!(
        kind,
        FileKind::Doc | FileKind::Xls | FileKind::Ppt | FileKind::OutlookMail | FileKind::Installer
    )
}

fn beginning(file: &mut Compound<'_>, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(stream) = file.open_stream(name) {
        // What cannot be read says nothing.
        let _ = stream.take(BEGINNING).read_to_end(&mut bytes);
    }
    bytes
}

/// The flag `fEncrypted` ([MS-DOC] 2.5.2).
fn word_is_locked(stream: &[u8]) -> bool {
    stream.get(11).is_some_and(|flags| flags & 1 == 1)
}

/// The record `FilePass` among the first ones ([MS-XLS] 2.4.117).
fn excel_is_locked(stream: &[u8]) -> bool {
    const FILE_PASS: u16 = 0x2F;
    let mut rest = stream;
    while let Some(([a, b, c, d], further)) = rest.split_first_chunk() {
        if u16::from_le_bytes([*a, *b]) == FILE_PASS {
            return true;
        }
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        rest = further.get(length..).unwrap_or_default();
    }
    false
}
