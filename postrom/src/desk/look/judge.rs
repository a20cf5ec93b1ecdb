//! Everything that is known of one file.

use super::facts::{FileFacts, Warning};
use super::kinds::FileKind;
use super::{compound, magic, media, names, package, pdf, picture, text};

/// Looks at its name and its bytes. Each look is bounded by itself; none needs more than the file.
pub(super) fn look(name: &str, bytes: &[u8]) -> FileFacts {
    let mut facts = FileFacts {
        looked_at: true,
        size: bytes.len() as u64,
        ..FileFacts::default()
    };
    names::look(name, &mut facts);
    if bytes.is_empty() {
        facts.warn(Warning::Empty);
        return facts;
    }
    facts.content = magic::kind(bytes).or_else(|| text::kind(bytes));
    match facts.content {
        Some(FileKind::Zip) => package::look(bytes, &mut facts),
        Some(FileKind::Doc) => compound::look(bytes, &mut facts),
        Some(FileKind::Pdf) => pdf::look(bytes, &mut facts),
        Some(FileKind::M4a | FileKind::Mp4 | FileKind::Mov) => media::look(bytes, &mut facts),
        Some(FileKind::Jpeg | FileKind::Png | FileKind::WebP | FileKind::Heic | FileKind::Avif | FileKind::Tiff) => {
            picture::look(bytes, &mut facts)
        }
        _ => {}
    }
    weigh(&mut facts);
    facts
}

/// What follows from both together.
fn weigh(facts: &mut FileFacts) {
    let content = facts.content;
    if content.is_some_and(FileKind::is_executable) {
        facts.warn(Warning::Executable);
    }
    if matches!(content, Some(FileKind::Html | FileKind::Svg))
        || (content.is_some_and(|content| content == FileKind::Xml || content == FileKind::Text)
            && matches!(facts.by_name, Some(FileKind::Html | FileKind::Svg)))
    {
        facts.warn(Warning::ActivePage);
    }
    let says_otherwise = match (facts.by_name, content) {
        (Some(name), Some(content)) => !content.goes_by(name),
        // Bytes of each of these kinds begin in a way that is known here.
        (Some(name), None) => has_sure_signs(name),
        (None, _) => false,
    };
    if says_otherwise {
        facts.warn(Warning::TypeDiffers);
    }
}

fn has_sure_signs(kind: FileKind) -> bool {
    !matches!(
        kind,
        FileKind::Text
            | FileKind::Html
            | FileKind::Svg
            | FileKind::Xml
            | FileKind::Mail
            | FileKind::Script
            | FileKind::Shortcut
            | FileKind::OpenPgp
            | FileKind::DiskImage
            | FileKind::Exe
            | FileKind::Installer
            | FileKind::Mp3
            | FileKind::Tar
    )
}
