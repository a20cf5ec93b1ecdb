//! A citizen's file: its name made harmless, its type from a fixed map.

use crate::printable::is_invisible;

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
    let kept = match ending.as_str() {
        // Where the cut fell, and no ending follows.
        "" => stem.trim_end_matches(['.', ' ']),
        _ => stem.as_str(),
    };
    match kept.trim() {
        "" => format!("fil{ending}"),
        stem if is_reserved(stem) => format!("_{stem}{ending}"),
        stem => format!("{stem}{ending}"),
    }
}

fn is_reserved(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or(stem).trim().to_ascii_uppercase();
    let port = |word: &str| {
        let number = first.strip_prefix(word);
        number.is_some_and(|n| n.chars().count() == 1 && n.chars().all(|c| c.is_ascii_digit() || "¹²³".contains(c)))
    };
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") || port("COM") || port("LPT")
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

    /// On Windows a name can be a device, a stream beside a file, or another name than it seems.
    #[test]
    fn names_are_plain_files_on_windows_too() {
        for (given, kept) in [
            ("nul", "_nul"),
            ("NUL.tar.gz", "_NUL.tar.gz"),
            ("con .txt", "_con.txt"),
            (" .aux.pdf", "_aux.pdf"),
            ("prn.", "_prn"),
            ("COM1", "_COM1"),
            ("lpt9.docx", "_lpt9.docx"),
            ("COM\u{b9}.txt", "_COM\u{b9}.txt"),
            ("conin$", "_conin$"),
            ("CONOUT$.txt", "_CONOUT$.txt"),
            ("console.txt", "console.txt"),
            ("COM10.txt", "COM10.txt"),
            ("brev.pdf. . .", "brev.pdf"),
            ("brev.pdf:skjult.exe", "brev.pdf_skjult.exe"),
            ("brev.pdf::$DATA", "brev.pdf__$DATA"),
            ("\\\\?\\C:\\x", "____C__x"),
            ("C:", "C_"),
        ] {
            assert_eq!(neutral(given), kept, "{given:?}");
        }
        // A cut leaves no dot or blank at the end either.
        for last in [".", " ", ". ."] {
            let kept = neutral(&format!("{}{last}{}", "x".repeat(LONGEST - last.len()), "y".repeat(20)));
            assert!(kept.ends_with('x'), "{kept:?}");
        }
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
