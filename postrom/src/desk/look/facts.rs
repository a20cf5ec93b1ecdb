//! What is known of a file, as values.

use konvolutt_letter::printable;
use serde::{Deserialize, Serialize};

use super::kinds::FileKind;

/// So many names of files in an archive are shown, and so much of any text.
pub(super) const MOST_NAMES: usize = 50;
pub(super) const LONGEST_TEXT: usize = 100;

/// What is known of a file. It has no `Debug`: names, places and devices are a citizen's.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct FileFacts {
    /// False when the process that looks ended over it: then only what the name says is known.
    pub looked_at: bool,
    /// Bytes.
    pub size: u64,
    /// What it is by its bytes; `None` when they are of no kind that is known here.
    pub content: Option<FileKind>,
    /// What it is by the ending of its name; `None` without one, or with one that is not known here.
    pub by_name: Option<FileKind>,
    /// That ending, in lower case, without the `.bin` that the form puts behind what could act.
    pub ending: String,
    /// What a clerk should know before opening it, what weighs most first.
    pub warnings: Vec<Warning>,
    /// Where a picture or film was taken.
    pub place: Option<Place>,
    /// What took it, and when.
    pub device: Option<Device>,
    /// What lies in it.
    pub archive: Option<Archive>,
}

/// What a clerk should know before opening a file. The order is that of their weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    /// A program, or something that starts one.
    Executable,
    /// Another ending stands before one that could act: `bilde.jpg.exe`.
    DoubleEnding,
    /// Characters in its name turn the reading direction, so that it shows another ending than it has.
    TurnedName,
    /// It is of another kind than its name says.
    TypeDiffers,
    /// It holds macros.
    Macros,
    /// A page that a browser would run: HTML or SVG.
    ActivePage,
    /// A PDF with scripts.
    Script,
    /// A PDF that starts another program.
    Launches,
    /// A PDF that does something as soon as it is opened.
    ActsWhenOpened,
    /// There is a program among the files in it.
    ExecutableInside,
    /// Whoever opens it has to know a password.
    Password,
    /// A PDF that is locked in some way; many of these open without a password all the same.
    MaybePassword,
    /// Other files lie in the document.
    FilesInside,
    /// The document asks for something from elsewhere when it is opened.
    External,
    /// It says where it was taken.
    Place,
    /// It says what took it, or when.
    Device,
    /// It is damaged or cut short, as far as can be told.
    Damaged,
    /// There are no bytes in it.
    Empty,
}

impl Warning {
    /// All of them, in their order.
    pub const ALL: [Self; 18] = [
        Self::Executable,
        Self::DoubleEnding,
        Self::TurnedName,
        Self::TypeDiffers,
        Self::Macros,
        Self::ActivePage,
        Self::Script,
        Self::Launches,
        Self::ActsWhenOpened,
        Self::ExecutableInside,
        Self::Password,
        Self::MaybePassword,
        Self::FilesInside,
        Self::External,
        Self::Place,
        Self::Device,
        Self::Damaged,
        Self::Empty,
    ];

    /// Whether opening the file could do harm, as against what is only good to know.
    pub fn is_danger(self) -> bool {
        self <= Self::ExecutableInside
    }
}

/// A place on the earth, in degrees; south and west are negative.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Latitude.
    pub lat: f64,
    /// Longitude.
    pub lon: f64,
}

impl Place {
    /// Whether there is such a place.
    pub(super) fn is_on_earth(&self) -> bool {
        self.lat.abs() <= 90.0 && self.lon.abs() <= 180.0
    }
}

/// What took a picture or film.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its maker.
    pub make: Option<String>,
    /// What it is called.
    pub model: Option<String>,
    /// When, by its own clock.
    pub time: Option<String>,
}

/// Files that lie in an archive.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// How many.
    pub count: u64,
    /// The names of the first of them, made harmless for a page.
    pub names: Vec<String>,
}

impl FileFacts {
    /// Whether it is of another kind than its name says.
    pub fn differs(&self) -> bool {
        self.has(Warning::TypeDiffers)
    }

    /// Whether there is this to be known of it.
    pub fn has(&self, warning: Warning) -> bool {
        self.warnings.contains(&warning)
    }

    /// Every text in it may stand on a page, and none is long.
    pub(super) fn make_harmless(&mut self) {
        let short = |text: &str| printable(text).chars().take(LONGEST_TEXT).collect::<String>();
        let device = self.device.iter_mut();
        for text in device.flat_map(|device| [&mut device.make, &mut device.model, &mut device.time]) {
            *text = text.as_deref().map(short).filter(|text| !text.is_empty());
        }
        if let Some(archive) = &mut self.archive {
            archive.names.truncate(MOST_NAMES);
            archive.names.iter_mut().for_each(|name| *name = short(name));
        }
        self.place = self.place.filter(Place::is_on_earth);
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        if let Err(place) = self.warnings.binary_search(&warning) {
            self.warnings.insert(place, warning);
        }
    }
}
