//! Kinds of files by the endings of their names.

/// One kind: its endings, the usual one first, and its media type, where the letter says more than "bytes".
struct Kind(&'static [&'static str], &'static str);

const BYTES: &str = "application/octet-stream";

/// What people send, and what opens as data in any program. An archive only shows its list. Not here: what a browser, a
/// shell or a mail program runs or unfolds (`html`, `svg`, `eml`), what is mounted (`iso`), office files with macros (`docm`).
const HARMLESS: &[Kind] = &[
    Kind(&["pdf"], "application/pdf"),
    Kind(&["jpg", "jpeg", "jpe", "jfif"], "image/jpeg"),
    Kind(&["png"], "image/png"),
    Kind(&["gif"], "image/gif"),
    Kind(&["webp"], "image/webp"),
    Kind(&["heic", "heif"], "image/heic"),
    Kind(&["tif", "tiff"], "image/tiff"),
    Kind(&["avif"], BYTES),
    Kind(&["bmp"], BYTES),
    Kind(&["mp3"], "audio/mpeg"),
    Kind(&["m4a"], "audio/mp4"),
    Kind(&["aac"], BYTES),
    Kind(&["amr"], BYTES),
    Kind(&["caf"], BYTES),
    Kind(&["flac"], BYTES),
    Kind(&["ogg", "oga"], BYTES),
    Kind(&["opus"], BYTES),
    Kind(&["wav"], BYTES),
    Kind(&["mp4", "m4v"], "video/mp4"),
    Kind(&["mov"], "video/quicktime"),
    Kind(&["3gp", "3gpp"], BYTES),
    Kind(&["avi"], BYTES),
    Kind(&["mkv"], BYTES),
    Kind(&["mpg", "mpeg", "mpe"], BYTES),
    Kind(&["webm"], BYTES),
    Kind(&["doc"], "application/msword"),
    Kind(
        &["docx"],
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    Kind(&["odt"], "application/vnd.oasis.opendocument.text"),
    Kind(&["ods"], BYTES),
    Kind(&["odp"], BYTES),
    Kind(&["pages"], BYTES),
    Kind(&["ppt"], BYTES),
    Kind(&["pptx"], BYTES),
    Kind(&["rtf"], BYTES),
    Kind(&["xls"], BYTES),
    Kind(&["xlsx"], BYTES),
    Kind(&["csv"], BYTES),
    Kind(&["json"], BYTES),
    Kind(&["log"], BYTES),
    Kind(&["md"], BYTES),
    Kind(&["txt", "text"], BYTES),
    Kind(&["7z"], BYTES),
    Kind(&["gz"], BYTES),
    Kind(&["rar"], BYTES),
    Kind(&["tar"], BYTES),
    Kind(&["zip"], BYTES),
    Kind(&["asc"], BYTES),
    Kind(&["bin"], BYTES),
    Kind(&["gpg"], BYTES),
    Kind(&["pgp"], BYTES),
    Kind(&["sig"], BYTES),
];

/// Two endings of one kind that is not harmless.
const OTHER: &[Kind] = &[Kind(&["html", "htm"], BYTES)];

/// The media type by the ending of a name. Never the browser's word, and never a type that a mail program
/// would run, render or unfold as a letter of its own (`text/html`, `image/svg+xml`, `message/rfc822`).
pub fn media_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    found(HARMLESS, &ending.to_ascii_lowercase()).map_or(BYTES, |kind| kind.1)
}

/// Every ending of the same kind, in lower case, the usual one first.
pub fn endings(ending: &str) -> Vec<&str> {
    let kind = found(HARMLESS, ending).or_else(|| found(OTHER, ending));
    kind.map_or_else(|| vec![ending], |kind| kind.0.to_vec())
}

/// Whether two endings stand for one kind of file, such as `jpg` and `jpeg`.
pub fn same_kind(one: &str, other: &str) -> bool {
    endings(one).contains(&other)
}

/// Whether a file of this ending, in any case, is known to be data.
pub(crate) fn is_harmless(ending: &str) -> bool {
    found(HARMLESS, &ending.to_ascii_lowercase()).is_some()
}

fn found(kinds: &'static [Kind], ending: &str) -> Option<&'static Kind> {
    kinds.iter().find(|kind| kind.0.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_several_endings() {
        for (one, other, same) in [
            ("jpg", "jpeg", true),
            ("jpeg", "jpg", true),
            ("heif", "heic", true),
            ("htm", "html", true),
            ("jpg", "png", false),
            ("dwg", "dwg", true),
            ("", "", true),
        ] {
            assert_eq!(same_kind(one, other), same, "{one} {other}");
        }
        let mut all: Vec<_> = HARMLESS.iter().chain(OTHER).flat_map(|kind| kind.0).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "an ending stands in two rows");
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
