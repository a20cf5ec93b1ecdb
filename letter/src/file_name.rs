//! A citizen's file: its name made harmless.

use crate::file_kind::is_harmless;
use crate::look::{Look, looks};

/// Longest name kept, in characters: beyond this programs cut or refuse.
const LONGEST: usize = 120;
/// And in bytes: a file name has room for 255 (NAME_MAX), and the reader may add a number. 85 symbols of three
/// bytes would otherwise make a letter that cannot be unpacked.
const LONGEST_BYTES: usize = 200;
/// Longest ending that outlives the cut, in characters.
const ENDING: usize = 10;
/// Stands where a name has nothing but an ending.
const UNNAMED: &str = "fil";
/// What is put behind an ending that could act: no program opens it by itself.
const INERT: &str = ".bin";

/// The name without what could act or deceive: path separators, control and bidirectional marks, what nobody sees,
/// reserved symbols and names of Windows. An ending that is not known to be harmless gets a second one, for a double
/// click, or already the view of the folder, does what the last ending says. Letters of all languages stay. Never
/// empty, and made harmless again it is the same.
pub fn neutral(name: &str) -> String {
    let name = visible(name);
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() <= ENDING && acts(ending) => (stem, format!(".{ending}{INERT}")),
        Some((stem, ending)) if ending.chars().count() <= ENDING => (stem, format!(".{ending}")),
        _ => (name.as_str(), String::new()),
    };
    let stem = match stem.trim() {
        "" => UNNAMED.to_owned(),
        stem if is_reserved(stem) => format!("_{stem}"),
        stem => stem.to_owned(),
    };
    let kept = cut(&stem, &ending);
    match kept.rsplit_once('.') {
        // What stands behind the last dot now is another ending than before.
        _ if ending.is_empty() && kept.len() < stem.len() => neutral(&kept),
        // Longer than the endings that most programs know.
        Some((before, last)) if ending.is_empty() && acts(last) => format!("{before}_{last}"),
        _ => format!("{kept}{ending}"),
    }
}

/// The ending of a file's name in lower case, without the dot, whatever nobody sees stands behind it. Empty when there is none.
pub fn ending(name: &str) -> String {
    let name = visible(name);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.trim().to_lowercase()
}

/// Each character as a name may hold it; at the ends nothing that is not seen, and no dot: a leading one hides a file,
/// a trailing one is dropped by Windows.
fn visible(name: &str) -> String {
    let gone = |(c, look): &(char, Look)| *look != Look::Itself || c.is_whitespace();
    let mut seen: Vec<(char, Look)> = looks(name).skip_while(gone).collect();
    while seen.last().is_some_and(|last| gone(last) || last.0 == '.') {
        seen.pop();
    }
    let mut out = String::with_capacity(name.len());
    for (c, look) in seen {
        match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => out.push('_'),
            _ if look != Look::Itself => out.push('_'),
            // A run of blanks pushes an ending out of sight.
            c if c.is_whitespace() && out.ends_with(' ') => {}
            c if c.is_whitespace() => out.push(' '),
            c => out.push(c),
        }
    }
    let begin = out.trim_start_matches(['.', ' ']);
    // A name that is nothing but an ending.
    if out.starts_with('.') && !out.starts_with("..") && !begin.contains('.') && !begin.is_empty() {
        return format!("{UNNAMED}{out}");
    }
    begin.to_owned()
}

/// The name before its ending, and the ending with its dot: what is short enough to be one.
pub(crate) fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if name[dot + 1..].chars().count() <= ENDING => name.split_at(dot),
        _ => (name, ""),
    }
}

/// As much of the stem as fits beside the ending. A joiner or a dot at the cut would be another name than it seems.
pub(crate) fn cut(stem: &str, ending: &str) -> String {
    let mut bytes = ending.len();
    let fits = |c: &char| {
        bytes += c.len_utf8();
        bytes <= LONGEST_BYTES
    };
    let kept: String = stem
        .chars()
        .take(LONGEST - ending.chars().count())
        .take_while(fits)
        .collect();
    let loose: &[char] = &['.', ' ', '\u{200C}', '\u{200D}', '\u{FE0E}', '\u{FE0F}'];
    if kept.len() < stem.len() {
        kept.trim_end_matches(loose).to_owned()
    } else {
        kept
    }
}

/// What a system may have a program for, and is not known to be data. A list of what acts is never whole.
fn acts(ending: &str) -> bool {
    let plain = ending.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    plain && ending.contains(|c: char| c.is_ascii_alphabetic()) && !is_harmless(ending)
}

fn is_reserved(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or(stem).trim().to_ascii_uppercase();
    let port = |word: &str| {
        let number = first.strip_prefix(word);
        number.is_some_and(|n| n.chars().count() == 1 && n.chars().all(|c| c.is_ascii_digit() || "¹²³".contains(c)))
    };
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") || port("COM") || port("LPT")
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
            ("C:\\temp\\x.exe", "C__temp_x.exe.bin"),
            ("bilde\u{202E}gpj.exe", "bilde_gpj.exe.bin"),
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
            ("brev.pdf:skjult.exe", "brev.pdf_skjult.exe.bin"),
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

    #[test]
    fn what_nobody_sees_hides_no_ending() {
        for (given, kept) in [
            ("faktura.pdf\u{2800}\u{2800}.exe", "faktura.pdf__.exe.bin"),
            ("regning.pdf\u{3164}.exe", "regning.pdf_.exe.bin"),
            (
                "a\u{AD}b\u{34F}c\u{180E}d\u{E0041}e\u{FFA0}f\u{FE0F}.pdf",
                "a_b_c_d_e_f_.pdf",
            ),
            (
                &format!("faktura.pdf{}.exe", " \u{A0}".repeat(40)),
                "faktura.pdf.exe.bin",
            ),
            ("brev.pdf ", "brev.pdf"),
            ("brev.pdf.", "brev.pdf"),
            ("brev.pdf\u{200E}", "brev.pdf"),
            ("\u{FEFF} brev.pdf\u{3000}.\u{2800}", "brev.pdf"),
            (" .pdf", "fil.pdf"),
            (".pdf", "fil.pdf"),
            ("..pdf", "pdf"),
            ("می\u{200C}خواهم.pdf", "می\u{200C}خواهم.pdf"),
            ("👩🏽\u{200D}🚒.jpg", "👩🏽\u{200D}🚒.jpg"),
            ("a\u{200D}b\u{200C}.pdf", "a_b_.pdf"),
        ] {
            assert_eq!(neutral(given), kept, "{given:?}");
        }
    }

    /// The double click, and on some systems the look into the folder, goes by the last ending.
    #[test]
    fn an_ending_that_could_act_gets_a_second_one() {
        let acting = "url lnk exe desktop html htm svg iso img js vbs scr bat cmd ps1 hta msi jar docm xlsm dotm xml ini inf \
                      library-ms search-ms scf cpl reg msg eml chm appimage sh py command webloc xyz";
        for ending in acting.split_whitespace() {
            assert_eq!(neutral(&format!("x.{ending}")), format!("x.{ending}.bin"));
            assert_eq!(
                neutral(&format!("x.{}", ending.to_uppercase())),
                format!("x.{}.bin", ending.to_uppercase())
            );
        }
        for (given, kept) in [
            ("desktop.ini", "desktop.ini.bin"),
            (".directory", "fil.directory.bin"),
            ("x.settingcontent-ms", "x_settingcontent-ms"),
            ("x.url.bin", "x.url.bin"),
            ("Møte 12. mai", "Møte 12. mai"),
            ("notat v2.1", "notat v2.1"),
            ("README", "README"),
        ] {
            assert_eq!(neutral(given), kept, "{given:?}");
        }
        for ending in "pdf PDF jpg jpeg heic docx odt xlsx txt mp3 m4a mp4 mov 3gp zip".split(' ') {
            assert_eq!(neutral(&format!("x.{ending}")), format!("x.{ending}"));
        }
        // An ending that only the cut has made is one too.
        let made = neutral(&format!("{}.exe{}", "x".repeat(LONGEST - 4), "f".repeat(20)));
        assert!(made.ends_with("x.exe.bin"), "{made}");
    }

    #[test]
    fn the_ending_is_what_people_see_of_it() {
        for (name, found) in [
            ("brev.PDF", "pdf"),
            ("brev.pdf ", "pdf"),
            ("brev.pdf.", "pdf"),
            ("brev.pdf\u{200E}", "pdf"),
            (" .pdf", "pdf"),
            ("a.pdf.exe", "exe"),
            ("a.pdf\u{2800}.exe", "exe"),
            ("brev", ""),
            ("", ""),
        ] {
            assert_eq!(ending(name), found, "{name:?}");
        }
    }

    proptest::proptest! {
        /// The server writes the name, the post room makes it harmless once more: both must say the same.
        #[test]
        fn a_harmless_name_stays_as_it_is(name in proptest::prop_oneof![
            proptest::prelude::any::<String>(),
            "[ ._/a-zæ\u{200C}\u{200D}\u{FE0F}\u{AD}\u{3164}म🚒]{0,20}",
            "(con|NUL|[xå字🚒म]){1,130}[ .]{0,2}[म\u{200C}]{0,3}(\\.[a-zå]{1,24}){0,3}",
        ]) {
            let once = neutral(&name);
            proptest::prop_assert_eq!(neutral(&once), once.clone(), "{:?}", name);
            proptest::prop_assert!(once.chars().count() <= LONGEST && once.len() <= LONGEST_BYTES, "{}", once);
            proptest::prop_assert!(!once.starts_with(['.', ' ']) && !once.ends_with(['.', ' ']) && !once.is_empty());
        }
    }
}
