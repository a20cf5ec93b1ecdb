//! Writes pages as PDF.
//!
//! Comes in: filled pages, and what stands at the head and foot of each. Goes out: the file. What always holds: the same pages
//! make the same bytes; the writer refuses to write what breaks a rule of the form that was asked for.

use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag};
use krilla::{Document, SerializeSettings, color::rgb};

use super::font::Weight;
use super::outline::{outline, tags};
use super::sheet::{Area, HEIGHT, Ink, LEFT, Mark, RIGHT, Sheet, WIDTH};
use super::tree::Tree;
use super::wrap::{Face, Line, Setter};

const SMALL: Face = Face {
    weight: Weight::Regular,
    size: 8.5,
};
const HEAD: f32 = 47.0;
const FOOT: f32 = HEIGHT - 40.0;
/// Room for the number of the page.
const NUMBER: f32 = 110.0;

/// Which rules the file keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// PDF/A-2a and PDF/UA-1.
    Archive,
    /// PDF/A-1b: the same pages, for a validator that knows no newer rules.
    Oldest,
}

/// What is said beside the pages.
pub(super) struct About {
    /// At the head of each page.
    pub(super) head: String,
    /// At the foot of each page.
    pub(super) foot: String,
    pub(super) foot_ink: Ink,
    /// `{n}` of `{m}`.
    pub(super) page: &'static str,
    /// Shown by programs as the name of the window. Nothing a citizen wrote.
    pub(super) title: String,
    pub(super) lang: &'static str,
    pub(super) date: DateTime,
    /// Tells one letter's file from another's.
    pub(super) id: String,
}

/// The file, or nothing when the writer refuses. Its reason holds text of the letter, and is not handed on.
pub(super) fn draw(
    sheets: &[Sheet],
    tree: &Tree,
    marks: &[Mark],
    about: &About,
    setter: &mut Setter,
    rules: Rules,
) -> Option<Vec<u8>> {
    let mut document = Document::new_with(settings(rules)?);
    let edges = Edges::new(about, setter);
    let mut lines: Vec<Vec<Identifier>> = vec![Vec::new(); tree.parts.len()];
    for (number, sheet) in sheets.iter().enumerate() {
        let mut page = document.start_page_with(PageSettings::from_wh(WIDTH, HEIGHT)?);
        let mut surface = page.surface();
        let values = [("n", &*(number + 1).to_string()), ("m", &*sheets.len().to_string())];
        let number = konvolutt_letter::fill(about.page, &values);
        edges.draw(&mut surface, &number, setter);
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
        for area in &sheet.areas {
            fill(&mut surface, *area)?;
        }
        surface.end_tagged();
        for placed in &sheet.lines {
            let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            text(
                &mut surface,
                setter,
                (placed.x, placed.base),
                &placed.line,
                placed.face,
                placed.ink,
            );
            surface.end_tagged();
            lines[placed.node].push(id);
        }
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tags(tree, lines));
    // The validator of the oldest rules takes no outline whose places are objects of their own, as this writer makes them.
    if rules == Rules::Archive {
        document.set_outline(outline(marks));
    }
    let metadata = Metadata::new()
        .title(about.title.clone())
        .language(about.lang.into())
        .creator("Konvolutt".into())
        .creation_date(about.date)
        .document_id(about.id.clone());
    document.set_metadata(metadata);
    document.finish().ok()
}

fn settings(rules: Rules) -> Option<SerializeSettings> {
    let builder = ConfigurationBuilder::new();
    let builder = match rules {
        Rules::Archive => builder
            .with_archival_validator(Archival::A2_A)
            .with_accessibility_validator(Accessibility::UA1),
        Rules::Oldest => builder.with_archival_validator(Archival::A1_B),
    };
    Some(SerializeSettings {
        configuration: builder.finish().ok()?,
        enable_tagging: rules == Rules::Archive,
        ..SerializeSettings::default()
    })
}

/// Head and foot, which are no part of what is read aloud. Set once for all pages.
struct Edges {
    head: Line,
    foot: Line,
    foot_ink: Ink,
}

impl Edges {
    fn new(about: &About, setter: &mut Setter) -> Self {
        Self {
            head: setter.short(&about.head, SMALL, RIGHT - LEFT),
            foot: setter.short(&about.foot, SMALL, RIGHT - LEFT - NUMBER),
            foot_ink: about.foot_ink,
        }
    }

    fn draw(&self, surface: &mut Surface<'_>, number: &str, setter: &mut Setter) {
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Header)));
        text(surface, setter, (LEFT, HEAD), &self.head, SMALL, Ink::Quiet);
        let _ = fill(surface, rule(HEAD + 8.0));
        surface.end_tagged();
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        let _ = fill(surface, rule(FOOT - 15.0));
        let number = setter.short(number, SMALL, NUMBER);
        text(surface, setter, (LEFT, FOOT), &self.foot, SMALL, self.foot_ink);
        text(
            surface,
            setter,
            (RIGHT - number.width, FOOT),
            &number,
            SMALL,
            Ink::Quiet,
        );
        surface.end_tagged();
    }
}

fn rule(top: f32) -> Area {
    Area {
        left: LEFT,
        top,
        right: RIGHT,
        bottom: top + 0.5,
        ink: Ink::Faint,
    }
}

fn paint(ink: Ink) -> Option<Fill> {
    let [red, green, blue] = ink.rgb();
    Some(Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        ..Fill::default()
    })
}

fn fill(surface: &mut Surface<'_>, area: Area) -> Option<()> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_ltrb(area.left, area.top, area.right, area.bottom)?);
    surface.set_fill(paint(area.ink));
    surface.draw_path(&path.finish()?);
    Some(())
}

fn text(surface: &mut Surface<'_>, setter: &Setter, at: (f32, f32), line: &Line, face: Face, ink: Ink) {
    surface.set_fill(paint(ink));
    let font = setter.fonts.font(face.weight);
    surface.draw_glyphs(
        Point::from_xy(at.0, at.1),
        &line.signs,
        font,
        &line.text,
        face.size,
        false,
    );
}
