//! What is said of a citizen's files: what each is, what a clerk should know before opening it.

mod texts;

use konvolutt_letter::fill;

use crate::desk::look::{FileKind, NoPreview, Place, Warning};
use crate::i18n::{Each, Lang};
use texts::{FACTS, KINDS, PREVIEWS, warning_of};

/// What a kind of file is called: a few words without a full stop.
pub fn kind(kind: FileKind, lang: Lang) -> &'static str {
    let row = KINDS.iter().find(|(one, _)| *one == kind);
    row.map_or(FACTS.of(lang).unknown, |(_, texts)| texts.of(lang))
}

/// Bytes of no kind that is known.
pub fn unknown(lang: Lang) -> &'static str {
    FACTS.of(lang).unknown
}

/// What a clerk should know, and what to do.
pub fn warning(warning: Warning, lang: Lang) -> &'static str {
    warning_of(warning).of(lang)
}

/// For a file whose name says another kind than its bytes.
pub fn differs(by_name: Option<FileKind>, content: Option<FileKind>, lang: Lang) -> String {
    let called = by_name.map_or(FACTS.of(lang).unknown, |one| kind(one, lang));
    let is = content.map_or(FACTS.of(lang).unknown, |one| kind(one, lang));
    fill(FACTS.of(lang).differs, &[("name", called), ("content", is)])
}

/// For a file over which the process that looks ended.
pub fn not_looked_at(lang: Lang) -> &'static str {
    FACTS.of(lang).not_looked_at
}

/// Why there is no picture of it.
pub fn no_preview(why: NoPreview, lang: Lang) -> &'static str {
    let texts: &Each<&'static str> = &PREVIEWS[match why {
        NoPreview::Kind => 0,
        NoPreview::TooLarge => 1,
        NoPreview::Damaged => 2,
        NoPreview::NotShutIn => 3,
        NoPreview::Ended => 4,
    }];
    texts.of(lang)
}

/// A place as people write it: four decimals are ten metres.
pub fn place(place: Place, lang: Lang) -> String {
    let t = FACTS.of(lang);
    let side = |value: f64, positive, negative| if value < 0.0 { negative } else { positive };
    let number = |value: f64| {
        let text = format!("{:.4}", value.abs());
        if lang == Lang::En { text } else { text.replace('.', ",") }
    };
    format!(
        "{}° {}, {}° {}",
        number(place.lat),
        side(place.lat, t.north, t.south),
        number(place.lon),
        side(place.lon, t.east, t.west)
    )
}

/// "3 files lie in it."
pub fn files_in_it(count: u64, lang: Lang) -> String {
    FACTS.of(lang).files_in_it.of(count)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const LANGUAGES: [Lang; 3] = [Lang::Nb, Lang::Nn, Lang::En];

    #[test]
    fn each_warning_is_a_sentence_of_its_own() {
        for lang in LANGUAGES {
            let all: HashSet<&str> = Warning::ALL.iter().map(|one| warning(*one, lang)).collect();
            assert_eq!(all.len(), Warning::ALL.len());
            let previews = [
                NoPreview::Kind,
                NoPreview::TooLarge,
                NoPreview::Damaged,
                NoPreview::NotShutIn,
                NoPreview::Ended,
            ];
            let others = previews.map(|why| no_preview(why, lang));
            for said in all.into_iter().chain(others).chain([not_looked_at(lang)]) {
                assert!(
                    said.ends_with('.') && !said.contains(['{', '\n']) && !said.contains("  "),
                    "{said}"
                );
            }
        }
        let mut sorted = Warning::ALL;
        sorted.sort();
        assert_eq!(sorted, Warning::ALL, "the list has the order of their weight");
    }

    #[test]
    fn each_kind_has_a_name() {
        assert_eq!(KINDS.len(), FileKind::ALL.len());
        for lang in LANGUAGES {
            let all: HashSet<&str> = FileKind::ALL.iter().map(|one| kind(*one, lang)).collect();
            assert_eq!(all.len(), FileKind::ALL.len());
            assert!(!all.contains(unknown(lang)));
        }
    }

    #[test]
    fn a_place_is_written_as_people_write_it() {
        let oslo = Place {
            lat: 59.9139,
            lon: 10.7522,
        };
        let rio = Place {
            lat: -22.91,
            lon: -43.2,
        };
        assert_eq!(place(oslo, Lang::Nn), "59,9139° nord, 10,7522° aust");
        assert_eq!(place(rio, Lang::En), "22.9100° south, 43.2000° west");
        let said = differs(Some(FileKind::Pdf), None, Lang::En);
        assert!(said.contains("PDF") && !said.contains('{'), "{said}");
    }
}
