//! Zips, and what lies in one by some rule: documents of Office and of LibreOffice, programs of Java and Android.
//!
//! Only the list is read, and of a document the small parts that say where it points to. Nothing is unfolded past a bound.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use konvolutt_letter::printable;
use zip::ZipArchive;

use super::facts::{Archive, FileFacts, LONGEST_TEXT, MOST_NAMES, Warning};
use super::kinds::{FileKind, is_program};

/// More files than this are not listed: a list of them could be larger than any memory.
const MOST_FILES: usize = 50_000;
/// Parts of a document that say where it points to, and how much of each is read.
const MOST_PARTS: usize = 64;
const LONGEST_PART: u64 = 256 * 1024;

type Zip<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Notes what lies in it.
pub(super) fn look(bytes: &[u8], facts: &mut FileFacts) {
    let heads = memchr::memmem::find_iter(bytes, b"PK\x01\x02")
        .take(MOST_FILES + 1)
        .count();
    if heads > MOST_FILES {
        facts.archive = Some(Archive {
            count: heads as u64,
            names: Vec::new(),
        });
        return;
    }
    let Ok(mut zip) = ZipArchive::new(Cursor::new(bytes)) else {
        facts.warn(Warning::Damaged);
        return;
    };
    let names: Vec<String> = zip.file_names().flatten().map(Cow::into_owned).collect();
    let has = |begin: &str| names.iter().any(|name| name.starts_with(begin));
    facts.content = Some(if has("[Content_Types].xml") && has("word/") {
        FileKind::Docx
    } else if has("[Content_Types].xml") && has("xl/") {
        FileKind::Xlsx
    } else if has("[Content_Types].xml") && has("ppt/") {
        FileKind::Pptx
    } else if has("AndroidManifest.xml") || has("AppxManifest.xml") {
        FileKind::Installer
    } else if has("META-INF/MANIFEST.MF") {
        FileKind::Jar
    } else {
        open_document(&mut zip).unwrap_or(FileKind::Zip)
    });
    if (0..zip.len()).any(|number| zip.by_index_raw(number).is_ok_and(|file| file.encrypted())) {
        facts.warn(Warning::Password);
    }
    match facts.content {
        Some(FileKind::Docx | FileKind::Xlsx | FileKind::Pptx) => office(&mut zip, &names, facts),
        Some(FileKind::Odt | FileKind::Ods | FileKind::Odp) => libre_office(&mut zip, &names, facts),
        _ => list(&names, facts),
    }
}

fn list(names: &[String], facts: &mut FileFacts) {
    let files = || names.iter().filter(|name| !name.ends_with('/'));
    let shown = |name: &String| printable(name).chars().take(LONGEST_TEXT).collect();
    facts.archive = Some(Archive {
        count: files().count() as u64,
        names: files().take(MOST_NAMES).map(shown).collect(),
    });
    if files().any(|name| is_program(name)) {
        facts.warn(Warning::ExecutableInside);
    }
}

fn office(zip: &mut Zip<'_>, names: &[String], facts: &mut FileFacts) {
    let lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let any = |is: fn(&String) -> bool| lower.iter().any(is);
    if any(|name| name.ends_with("vbaproject.bin") || name.starts_with("xl/macrosheets/")) {
        facts.warn(Warning::Macros);
    }
    if any(|name| name.contains("/embeddings/")) {
        facts.warn(Warning::FilesInside);
    }
    let relations = names.iter().filter(|name| name.ends_with(".rels")).take(MOST_PARTS);
    if relations
        .filter_map(|name| part(zip, name))
        .any(|part| points_elsewhere(&part))
    {
        facts.warn(Warning::External);
    }
}

/// A link that is only followed when somebody clicks on it is none of these.
fn points_elsewhere(relations: &str) -> bool {
    let each = relations.split("<Relationship ").skip(1);
    let mut each = each.map(|one| one.split('>').next().unwrap_or_default());
    each.any(|one| one.contains("\"External\"") && !one.contains("/hyperlink\""))
}

fn libre_office(zip: &mut Zip<'_>, names: &[String], facts: &mut FileFacts) {
    if names
        .iter()
        .any(|name| name.starts_with("Basic/") || name.starts_with("Scripts/"))
    {
        facts.warn(Warning::Macros);
    }
    let manifest = part(zip, "META-INF/manifest.xml");
    if manifest.is_some_and(|manifest| manifest.contains("encryption-data")) {
        facts.warn(Warning::Password);
    }
}

fn open_document(zip: &mut Zip<'_>) -> Option<FileKind> {
    let kind = part(zip, "mimetype")?;
    let kind = kind.trim().strip_prefix("application/vnd.oasis.opendocument.")?;
    match kind.trim_end_matches("-template") {
        "text" => Some(FileKind::Odt),
        "spreadsheet" => Some(FileKind::Ods),
        "presentation" => Some(FileKind::Odp),
        _ => None,
    }
}

/// The beginning of a part, unfolded.
fn part(zip: &mut Zip<'_>, name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let file = zip.by_name(name).ok()?;
    file.take(LONGEST_PART).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
