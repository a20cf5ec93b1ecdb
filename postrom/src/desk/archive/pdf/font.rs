//! The two cuts of Noto Sans that a document is set in, and text as signs of one of them.
//!
//! Comes in: text of which every character has a sign ([`Fonts::has`]). Goes out: signs with their places, from left to
//! right. What always holds: what is measured is what is drawn; no sign is missing from the font.

use krilla::text::{Font, GlyphId};
use rustybuzz::ttf_parser::{GlyphId as FaceGlyph, Tag, gdef::GlyphClass};
use rustybuzz::{Direction, Face, Feature, Script, ShapePlan, UnicodeBuffer};

static REGULAR: &[u8] = include_bytes!("../../../../fonts/NotoSans-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../../../fonts/NotoSans-Bold.ttf");

/// Drawn where the font, against all expectation, has nothing.
const STAND_IN: char = '?';

/// One of the cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// One drawn sign. Lengths are in ems.
#[derive(Clone, Copy)]
pub(super) struct Sign {
    glyph: u16,
    pub(super) advance: f32,
    x: f32,
    y: f32,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Sign {
    /// The same sign in a text that has so many bytes before it.
    pub(super) fn moved(mut self, bytes: u32) -> Self {
        self.start += bytes;
        self.end += bytes;
        self
    }
}

impl krilla::text::Glyph for Sign {
    fn glyph_id(&self) -> GlyphId {
        GlyphId::new(self.glyph.into())
    }

    fn text_range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    fn x_advance(&self, size: f32) -> f32 {
        self.advance * size
    }

    fn x_offset(&self, size: f32) -> f32 {
        self.x * size
    }

    fn y_offset(&self, size: f32) -> f32 {
        self.y * size
    }

    fn y_advance(&self, _: f32) -> f32 {
        0.0
    }

    fn location(&self) -> Option<krilla::surface::Location> {
        None
    }
}

/// A cut, and how it sets the scripts that were met.
struct Cut {
    face: Face<'static>,
    font: Font,
    plans: Vec<(Script, ShapePlan)>,
}

impl Cut {
    fn new(bytes: &'static [u8]) -> Option<Self> {
        Some(Self {
            face: Face::from_slice(bytes, 0)?,
            font: Font::new(bytes.into(), 0)?,
            plans: Vec::new(),
        })
    }

    fn plan(&mut self, script: Script) -> usize {
        if let Some(at) = self.plans.iter().position(|(known, _)| *known == script) {
            return at;
        }
        // A ligature is one sign of several letters: whoever copies a part of it would get all.
        let features = [b"liga", b"clig"].map(|tag| Feature::new(Tag::from_bytes(tag), 0, ..));
        let plan = ShapePlan::new(&self.face, Direction::LeftToRight, Some(script), None, &features);
        self.plans.push((script, plan));
        self.plans.len() - 1
    }
}

/// Both cuts.
pub(super) struct Fonts {
    regular: Cut,
    bold: Cut,
    /// Kept between words: it is emptied, not made anew.
    buffer: Option<UnicodeBuffer>,
}

impl Fonts {
    /// Nothing when the fonts that were built in are damaged.
    pub(super) fn new() -> Option<Self> {
        Some(Self {
            regular: Cut::new(REGULAR)?,
            bold: Cut::new(BOLD)?,
            buffer: None,
        })
    }

    pub(super) fn font(&self, weight: Weight) -> Font {
        match weight {
            Weight::Regular => self.regular.font.clone(),
            Weight::Bold => self.bold.font.clone(),
        }
    }

    /// Whether it has a sign in both cuts. Controls and private characters have none, whatever a font says: what the private
    /// ones mean, only their maker knows.
    pub(super) fn has(&self, c: char) -> bool {
        let private = matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..) || c.is_control();
        let has = |cut: &Cut| cut.face.glyph_index(c).is_some_and(|glyph| glyph.0 != 0);
        !private && has(&self.regular) && has(&self.bold)
    }

    /// Whether it is drawn onto the sign before it.
    pub(super) fn is_mark(&self, c: char) -> bool {
        let face = &self.regular.face;
        let class = |glyph: FaceGlyph| face.tables().gdef.and_then(|table| table.glyph_class(glyph));
        !c.is_ascii() && face.glyph_index(c).and_then(class) == Some(GlyphClass::Mark)
    }

    /// Sets a text that has no line end. Cost grows with its length alone.
    pub(super) fn set(&mut self, text: &str, weight: Weight) -> Vec<Sign> {
        let cut = match weight {
            Weight::Regular => &mut self.regular,
            Weight::Bold => &mut self.bold,
        };
        let mut buffer = self.buffer.take().unwrap_or_default();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        // No script that is written the other way has signs here.
        buffer.set_direction(Direction::LeftToRight);
        buffer.set_flags(rustybuzz::BufferFlags::DO_NOT_INSERT_DOTTED_CIRCLE);
        let plan = cut.plan(buffer.script());
        let set = rustybuzz::shape_with_plan(&cut.face, &cut.plans[plan].1, buffer);
        let em = f32::from(u16::try_from(cut.face.units_per_em()).unwrap_or(1000));
        let stand_in = cut.face.glyph_index(STAND_IN).map_or(0, |glyph| glyph.0);
        let mut signs: Vec<Sign> = set
            .glyph_infos()
            .iter()
            .zip(set.glyph_positions())
            .map(|(info, place)| Sign {
                glyph: u16::try_from(info.glyph_id)
                    .ok()
                    .filter(|id| *id != 0)
                    .unwrap_or(stand_in),
                advance: place.x_advance as f32 / em,
                x: place.x_offset as f32 / em,
                y: place.y_offset as f32 / em,
                start: info.cluster,
                end: 0,
            })
            .collect();
        close(&mut signs, text.len());
        self.buffer = Some(set.clear());
        signs
    }
}

/// Each sign stands for the text up to the next sign that stands for another.
fn close(signs: &mut [Sign], length: usize) {
    let mut end = u32::try_from(length).unwrap_or(u32::MAX);
    let mut group = signs.len();
    while group > 0 {
        let start = signs[group - 1].start;
        let first = signs[..group]
            .iter()
            .rposition(|sign| sign.start != start)
            .map_or(0, |at| at + 1);
        for sign in &mut signs[first..group] {
            sign.end = end;
        }
        (group, end) = (first, start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_of_norway_and_its_neighbours_are_there() {
        let fonts = Fonts::new().unwrap();
        let text = "AaÅåÆæØøÁáČčĐđŊŋŠšŦŧŽžÄäÖöÜüßÐðÞþŁłĄąĞğİıŐő ЖжЇїЄєЁё ΩωΆά „“”«»–—…•€№ 0–9\u{A0}\u{FFFD}";
        let lacking: Vec<char> = text.chars().filter(|c| !fonts.has(*c)).collect();
        assert!(lacking.is_empty(), "{lacking:?}");
        assert!(!fonts.has('😀') && !fonts.has('字') && !fonts.has('\u{E000}') && !fonts.has('\u{0}'));
        assert!(fonts.is_mark('\u{301}') && !fonts.is_mark('a') && !fonts.is_mark('é'));
    }

    #[test]
    fn each_sign_knows_its_text() {
        let mut fonts = Fonts::new().unwrap();
        for (text, pieces) in [
            ("fint", "f|i|n|t"),
            ("če\u{301}đ", "č|e\u{301}|đ"),
            ("x\u{323}y", "x\u{323}|y"),
            ("", ""),
        ] {
            let signs = fonts.set(text, Weight::Regular);
            let mut said: Vec<&str> = signs
                .iter()
                .map(|sign| &text[sign.start as usize..sign.end as usize])
                .collect();
            // A letter and its accent are two signs for one text.
            said.dedup();
            assert_eq!(said.join("|"), pieces);
            assert!(signs.iter().all(|sign| sign.glyph != 0));
        }
        let width = |fonts: &mut Fonts, weight| fonts.set("bred", weight).iter().map(|sign| sign.advance).sum::<f32>();
        assert!(width(&mut fonts, Weight::Bold) > width(&mut fonts, Weight::Regular));
    }
}
