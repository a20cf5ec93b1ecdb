//! One file of a letter, as pages show it. It has no `Debug`.

use konvolutt_letter::{fill, printable};

use crate::desk::look::{Device, FileFacts, NoPreview, Warning};
use crate::desk::room::LookedFile;
use crate::i18n::Lang;
use crate::i18n::desk::file_facts as facts;
use crate::i18n::desk::letter::TEXTS;
use crate::i18n::desk::when;
use crate::status::StatusFile;

/// A file.
pub(in crate::desk::pages) struct File {
    /// Counted from 1.
    pub(in crate::desk::pages) number: usize,
    pub(in crate::desk::pages) name: String,
    pub(in crate::desk::pages) in_letter: Option<String>,
    pub(in crate::desk::pages) size: String,
    pub(in crate::desk::pages) sha256: String,
    pub(in crate::desk::pages) seen: Option<Seen>,
}

/// What was seen of it.
pub(in crate::desk::pages) struct Seen {
    pub(in crate::desk::pages) kind: String,
    /// Each with whether opening the file could do harm.
    pub(in crate::desk::pages) warnings: Vec<(bool, String)>,
    pub(in crate::desk::pages) more: Vec<String>,
    /// Width and height of its picture.
    pub(in crate::desk::pages) preview: Option<(u32, u32)>,
    pub(in crate::desk::pages) no_preview: Option<&'static str>,
}

impl File {
    /// As a letter names them.
    pub(in crate::desk::pages) fn listed(files: &[StatusFile], lang: Lang) -> Vec<Self> {
        let numbered = files.iter().enumerate();
        numbered.map(|(at, file)| Self::of(at + 1, file, lang)).collect()
    }

    /// With what was seen of each.
    pub(in crate::desk::pages) fn looked(files: &[LookedFile], lang: Lang) -> Vec<Self> {
        let numbered = files.iter().enumerate();
        let files = numbered.map(|(at, looked)| Self {
            seen: Some(Seen::of(looked, lang)),
            ..Self::of(at + 1, &looked.file, lang)
        });
        files.collect()
    }

    fn of(number: usize, file: &StatusFile, lang: Lang) -> Self {
        let named = |name: &str| fill(TEXTS.of(lang).named_in_letter, &[("name", &printable(name))]);
        Self {
            number,
            name: printable(&file.name),
            in_letter: file.name_in_letter.as_deref().map(named),
            size: when::size(file.size, lang),
            sha256: file.sha256.clone(),
            seen: None,
        }
    }
}

impl Seen {
    fn of(file: &LookedFile, lang: Lang) -> Self {
        let seen = &file.looked.facts;
        let kind = seen
            .content
            .map_or(facts::unknown(lang), |kind| facts::kind(kind, lang));
        Self {
            kind: kind.to_owned(),
            warnings: warnings(seen, lang),
            more: more(seen, lang),
            preview: file
                .looked
                .preview
                .as_ref()
                .map(|preview| (preview.width, preview.height)),
            // That there is none of a document goes without saying.
            no_preview: file
                .looked
                .no_preview
                .filter(|why| *why != NoPreview::Kind)
                .map(|why| facts::no_preview(why, lang)),
        }
    }
}

fn warnings(seen: &FileFacts, lang: Lang) -> Vec<(bool, String)> {
    let unseen = (!seen.looked_at).then(|| (true, facts::not_looked_at(lang).to_owned()));
    let warnings = seen.warnings.iter().map(|warning| {
        let text = match warning {
            Warning::TypeDiffers => facts::differs(seen.by_name, seen.content, lang),
            warning => facts::warning(*warning, lang).to_owned(),
        };
        (warning.is_danger(), text)
    });
    unseen.into_iter().chain(warnings).collect()
}

/// What the warnings speak of: the place, the device, the names of what lies in it.
fn more(seen: &FileFacts, lang: Lang) -> Vec<String> {
    let place = seen.place.map(|place| facts::place(place, lang));
    let device = seen.device.as_ref().map(device).filter(|text| !text.is_empty());
    let archive = seen.archive.as_ref().map(|archive| {
        let names: Vec<String> = archive.names.iter().map(|name| printable(name)).collect();
        let count = facts::files_in_it(archive.count, lang);
        let dots = if archive.count > names.len() as u64 { " …" } else { "" };
        format!("{count} {}{dots}", names.join(", "))
    });
    place.into_iter().chain(device).chain(archive).collect()
}

fn device(device: &Device) -> String {
    let said = [&device.make, &device.model, &device.time].into_iter().flatten();
    said.map(|text| printable(text)).collect::<Vec<_>>().join(", ")
}
