//! A citizen's file: its name made harmless, its type from a fixed map.

/// Longest name kept, in characters: beyond this programs cut or refuse.
const LONGEST: usize = 120;
/// And in bytes: a file name has room for 255 (NAME_MAX), and the reader may add a number. 85 symbols of three
/// bytes would otherwise make a letter that cannot be unpacked.
const LONGEST_BYTES: usize = 200;

/// The name without what could act: path separators, control and bidirectional marks, reserved symbols and
/// names of Windows. Letters of all languages stay. Never empty.
pub fn neutral(name: &str) -> String {
    let visible = name.chars().map(|c| match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        c if c.is_control() || is_invisible(c) => '_',
        c => c,
    });
    let visible: String = visible.collect();
    // A leading dot hides a file, a trailing dot or blank is dropped by Windows.
    let trimmed = visible.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    let (stem, ending) = match trimmed.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() <= 10 => (stem, format!(".{ending}")),
        _ => (trimmed, String::new()),
    };
    let mut bytes = ending.len();
    let fits = |c: &char| {
        bytes += c.len_utf8();
        bytes <= LONGEST_BYTES
    };
    let stem: String = stem
        .chars()
        .take(LONGEST - ending.chars().count())
        .take_while(fits)
        .collect();
    match stem.trim() {
        "" => format!("fil{ending}"),
        stem if is_reserved(stem) => format!("_{stem}{ending}"),
        stem => format!("{stem}{ending}"),
    }
}

/// Marks that change how the rest of a name is shown without being seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{061C}' | '\u{2028}' | '\u{2029}')
}

fn is_reserved(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or(stem).trim().to_ascii_uppercase();
    let port = |word: &str| {
        let number = first.strip_prefix(word);
        number.is_some_and(|n| n.chars().count() == 1 && n.chars().all(|c| c.is_ascii_digit() || "¹²³".contains(c)))
    };
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL") || port("COM") || port("LPT")
}

/// The media type by the ending of a name. Never the browser's word, and never a type that a mail program
/// would run, render or unfold as a letter of its own (`text/html`, `image/svg+xml`, `message/rfc822`).
pub fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "heic" | "heif" => "image/heic",
        "tif" | "tiff" => "image/tiff",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "odt" => "application/vnd.oasis.opendocument.text",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_act() {
        for (given, kept) in [
            ("brev.pdf", "brev.pdf"),
            ("Æøå ŋđŧ 😀 «x».pdf", "Æøå ŋđŧ 😀 «x».pdf"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("C:\\temp\\x.exe", "C__temp_x.exe"),
            ("bilde\u{202E}gpj.exe", "bilde_gpj.exe"),
            ("a\r\nX-Inj: 1.txt", "a__X-Inj_ 1.txt"),
            ("CON", "_CON"),
            ("com1.txt", "_com1.txt"),
            ("...", "fil"),
            ("", "fil"),
        ] {
            assert_eq!(neutral(given), kept, "{given:?}");
        }
        for symbol in ["å", "字", "😀"] {
            let kept = neutral(&format!("{}.{}", symbol.repeat(4000), symbol.repeat(10)));
            assert!(
                kept.chars().count() <= LONGEST && kept.len() <= LONGEST_BYTES + 4,
                "{kept}"
            );
        }
        assert!(neutral(&format!("{}.pdf", "x".repeat(4000))).ends_with(".pdf"));
    }

    /// What a mail program would run, render or unfold is bytes here, whatever its name says.
    #[test]
    fn types_come_from_the_map_alone() {
        for (name, found) in [
            ("brev.PDF", "application/pdf"),
            ("bilde.jpeg", "image/jpeg"),
            (
                "a.b.docx",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            ("side.html", "application/octet-stream"),
            ("bilde.svg", "application/octet-stream"),
            ("brev.eml", "application/octet-stream"),
            ("pdf", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(media_type(name), found, "{name:?}");
        }
    }
}
