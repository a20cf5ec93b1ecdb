//! Kinds of text.

use super::kinds::FileKind as K;

/// So much of a text is looked at.
const BEGINNING: usize = 64 * 1024;
/// Fields of a mail's head of which one stands near its beginning.
const FIELDS: [&str; 7] = [
    "received:",
    "return-path:",
    "mime-version:",
    "message-id:",
    "delivered-to:",
    "from:",
    "subject:",
];

/// The kind of these bytes when they are text.
pub(super) fn kind(bytes: &[u8]) -> Option<K> {
    let begin = &bytes[..bytes.len().min(BEGINNING)];
    if begin.starts_with(b"\xFF\xFE") || begin.starts_with(b"\xFE\xFF") {
        return Some(wide(begin));
    }
    // Bytes that stand in no text, whatever its characters are.
    if begin.iter().any(|c| matches!(c, 0..=8 | 14..=26 | 28..=31)) {
        return None;
    }
    Some(of(&String::from_utf8_lossy(begin)))
}

fn wide(bytes: &[u8]) -> K {
    let little = bytes.starts_with(b"\xFF\xFE");
    let pairs = bytes[2..].chunks_exact(2).map(|pair| match pair {
        [a, b] if little => u16::from_le_bytes([*a, *b]),
        [a, b] => u16::from_be_bytes([*a, *b]),
        _ => 0,
    });
    of(&String::from_utf16_lossy(&pairs.collect::<Vec<_>>()))
}

fn of(text: &str) -> K {
    let text = text.trim_start_matches('\u{FEFF}').trim_start().to_lowercase();
    if text.starts_with("[internetshortcut]") || text.starts_with("[desktop entry]") {
        return K::Shortcut;
    }
    if text.starts_with('<') {
        return marked_up(&text);
    }
    if is_mail(&text) {
        return K::Mail;
    }
    K::Text
}

/// A browser takes for HTML what has one of its elements somewhere near the beginning.
fn marked_up(text: &str) -> K {
    let has = |element: &str| text.contains(element);
    if ["<!doctype html", "<html", "<head", "<body", "<script"]
        .iter()
        .any(|begin| text.starts_with(begin))
    {
        return K::Html;
    }
    if has("<svg") {
        return K::Svg;
    }
    if has("<html") || has("<script") {
        return K::Html;
    }
    K::Xml
}

/// Two fields of a head before the first blank line, and nothing that is none.
fn is_mail(text: &str) -> bool {
    let mut fields = 0;
    for line in text.lines().take_while(|line| !line.is_empty()).take(200) {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        match line.split_once(':') {
            Some((name, _)) if !name.is_empty() && !name.contains(' ') => {}
            _ => return false,
        }
        fields += usize::from(FIELDS.iter().any(|field| line.starts_with(field)));
    }
    fields >= 2
}
