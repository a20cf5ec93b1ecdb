//! Puts lines, frames and rows onto pages, from top to bottom.
//!
//! Comes in: texts in the order of reading. Goes out: [`Sheet`]s, and the [`Tree`] of what is what. What always holds: nothing
//! stands outside of the margins; a frame that goes on on the next page is open where it does; every line belongs to a part.

use super::frame::{Frame, Opened};
use super::sheet::{Area, BOTTOM, Ink, LEFT, Mark, Placed, RIGHT, Sheet, TOP};
use super::tree::{Node, Role, Tree};
use super::wrap::{Face, Line, Setter};

/// So many pages a letter gets. None of a form has half as many, and what a stranger sends must not fill the memory.
const PAGES: usize = 1000;
/// So many more each part gets that comes after the letter's own words.
const AFTER: usize = 50;

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) face: Face,
    /// From line to line.
    pub(super) leading: f32,
    pub(super) ink: Ink,
}

/// One column of a row.
pub(super) struct Column {
    pub(super) x: f32,
    pub(super) lines: Vec<Line>,
    pub(super) style: Style,
    pub(super) node: Node,
}

/// A document that is being filled.
pub(super) struct Flow {
    pub(super) setter: Setter,
    pub(super) tree: Tree,
    pub(super) sheets: Vec<Sheet>,
    pub(super) marks: Vec<Mark>,
    /// Language of what is added now, when it is not the document's.
    pub(super) lang: Option<String>,
    /// More came than there are pages for.
    pub(super) is_cut: bool,
    pages: usize,
    is_full: bool,
    y: f32,
    frames: Vec<Opened>,
}

impl Flow {
    pub(super) fn new(setter: Setter) -> Self {
        Self {
            setter,
            tree: Tree::new(),
            sheets: vec![Sheet::default()],
            marks: Vec::new(),
            lang: None,
            is_cut: false,
            pages: PAGES,
            is_full: false,
            y: TOP,
            frames: Vec::new(),
        }
    }

    pub(super) fn left(&self) -> f32 {
        self.frames.last().map_or(LEFT, Opened::inner_left)
    }

    pub(super) fn right(&self) -> f32 {
        self.frames.last().map_or(RIGHT, Opened::inner_right)
    }

    /// Leaves room, but not at the top of a page.
    pub(super) fn space(&mut self, height: f32) {
        if self.y > TOP {
            self.y = (self.y + height).min(self.bottom());
        }
    }

    /// Goes to the next page unless so much room is left on this one.
    pub(super) fn need(&mut self, height: f32) {
        if self.y + height > self.bottom() && self.y > TOP {
            self.turn();
        }
    }

    /// Whatever was left out, there are pages for what comes now.
    pub(super) fn go_on(&mut self) {
        self.pages = self.pages.max(self.sheets.len()) + AFTER;
        self.is_full = false;
    }

    fn bottom(&self) -> f32 {
        BOTTOM - self.frames.iter().map(|frame| frame.frame.padding()).sum::<f32>()
    }

    fn turn(&mut self) {
        let bottom = self.y;
        for at in 0..self.frames.len() {
            let areas = self.frames[at].areas(bottom + self.frames[at].frame.padding(), false);
            self.add_areas(areas);
        }
        if self.sheets.len() >= self.pages {
            // What comes now overwrites nothing: it is left out.
            (self.is_cut, self.is_full) = (true, true);
            return;
        }
        self.sheets.push(Sheet::default());
        self.y = TOP;
        for frame in &mut self.frames {
            frame.go_on(self.y);
            self.y += frame.frame.padding();
        }
    }

    fn add_areas(&mut self, areas: Vec<Area>) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.areas.extend(areas);
        }
    }

    /// Opens a frame across what is left of the page's width.
    pub(super) fn begin(&mut self, frame: Frame) {
        let opened = Opened::new(frame, self.left(), self.right(), self.y);
        self.y += frame.padding();
        self.frames.push(opened);
    }

    pub(super) fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.y += frame.frame.padding();
        if !self.is_full {
            self.add_areas(frame.areas(self.y, true));
        }
    }

    /// Sets columns side by side, line by line, over as many pages as they need.
    pub(super) fn row(&mut self, mut columns: Vec<Column>) {
        let leading = columns.iter().map(|column| column.style.leading).fold(0.0, f32::max);
        let count = columns.iter().map(|column| column.lines.len()).max().unwrap_or(0);
        for number in 0..count {
            self.need(leading);
            if self.is_full {
                return;
            }
            let base = self.y + leading * 0.76;
            self.y += leading;
            let Some(sheet) = self.sheets.last_mut() else { return };
            for column in &mut columns {
                let Some(line) = column.lines.get_mut(number).map(std::mem::take) else {
                    continue;
                };
                if line.text.is_empty() {
                    continue;
                }
                sheet.lines.push(Placed {
                    x: column.x,
                    base,
                    line,
                    face: column.style.face,
                    ink: column.style.ink,
                    node: column.node,
                });
            }
        }
    }

    /// A text across the width, as a part of its own.
    pub(super) fn text(&mut self, role: Role, text: &str, style: Style) {
        if self.is_full {
            return;
        }
        let node = self.tree.add(role, self.lang.clone());
        let room = self.right() - self.left();
        let lines = self.setter.lines(text, style.face, room);
        let x = self.left();
        self.row(vec![Column { x, lines, style, node }]);
    }

    /// A heading, which stays with so much of what follows it.
    pub(super) fn heading(&mut self, level: u16, text: &str, style: Style, follows: f32) {
        let room = self.right() - self.left();
        let lines = self.setter.lines(&konvolutt_letter::printable(text), style.face, room);
        let own = style.leading * lines.len().min(4) as f32;
        self.need(own + follows);
        if self.is_full {
            return;
        }
        let title = title(text);
        self.marks.push(Mark {
            level,
            text: title.clone(),
            page: self.sheets.len() - 1,
            top: self.y,
        });
        let node = self.tree.add(Role::Heading(level, title), self.lang.clone());
        let x = self.left();
        self.row(vec![Column { x, lines, style, node }]);
    }

    /// A line across the width.
    pub(super) fn rule(&mut self, ink: Ink) {
        if self.is_full {
            return;
        }
        let (left, right, top) = (self.left(), self.right(), self.y);
        let bottom = top + 0.75;
        self.add_areas(vec![Area {
            left,
            top,
            right,
            bottom,
            ink,
        }]);
        self.y = bottom;
    }
}

/// What a program for reading shows beside the page. Long ones would be refused.
fn title(text: &str) -> String {
    const LENGTH: usize = 120;
    let text = konvolutt_letter::printable(text);
    let short: String = text.chars().take(LENGTH).collect();
    match short.trim() {
        "" => "–".into(),
        short if short.len() < text.len() => format!("{short}…"),
        short => short.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::font::Fonts;
    use super::super::parts;
    use super::super::styles::{BODY, QUESTION};
    use super::*;

    fn flow() -> Flow {
        Flow::new(Setter::new(Fonts::new().unwrap()))
    }

    /// The lines of a page that begin so.
    fn places<'a>(sheet: &'a Sheet, text: &'a str) -> impl Iterator<Item = &'a Placed> {
        sheet
            .lines
            .iter()
            .filter(move |placed| placed.line.text.starts_with(text))
    }

    /// Whatever is typed stands between two borders that go past it above and below, on every page.
    #[test]
    fn what_is_typed_stands_inside_of_a_frame_on_every_page() {
        let mut flow = flow();
        flow.text(Role::Paragraph, "Vårt", BODY);
        parts::quoted(&mut flow, None, &["Deira ord\n".repeat(150), "Deira ord".into()]);
        flow.text(Role::Paragraph, "Vårt", BODY);
        assert!(flow.sheets.len() >= 4);
        let mut found = 0;
        for sheet in &flow.sheets {
            let framed = |placed: &Placed| sheet.frames(placed);
            found += places(sheet, "Deira ord").filter(|placed| framed(placed)).count();
            assert!(places(sheet, "Vårt").all(|placed| !framed(placed)));
            assert!(
                sheet
                    .lines
                    .iter()
                    .all(|placed| placed.base > TOP && placed.base < BOTTOM)
            );
        }
        assert_eq!(found, 151);
    }

    #[test]
    fn a_question_stays_with_the_first_line_of_its_answer() {
        for before in 30..60 {
            let mut flow = flow();
            flow.text(Role::Paragraph, &"x\n".repeat(before), BODY);
            let lines: Vec<String> = (0..before).map(|_| "x".to_owned()).collect();
            parts::quoted(&mut flow, None, &lines[..before % 7]);
            flow.heading(
                3,
                "Spørsmål",
                QUESTION,
                2.0 * Frame::Typed.padding() + BODY.leading + 4.0,
            );
            flow.space(2.0);
            parts::quoted(&mut flow, None, &["Svaret".into()]);
            let page = |text| {
                flow.sheets
                    .iter()
                    .position(|sheet| places(sheet, text).next().is_some())
                    .unwrap()
            };
            assert_eq!(page("Spørsmål"), page("Svaret"), "{before}");
            assert_eq!(flow.marks[0].page, page("Svaret"));
        }
    }

    /// What is too much is left out, and what comes after it is not.
    #[test]
    fn pages_have_an_end_and_what_comes_after_has_room() {
        let mut flow = flow();
        for _ in 0..3 {
            parts::quoted(&mut flow, None, &["a\n".repeat(30_000)]);
        }
        assert!(flow.is_cut && flow.sheets.len() == PAGES);
        flow.go_on();
        flow.text(Role::Paragraph, "Etter", BODY);
        assert_eq!(flow.sheets.len(), PAGES + 1);
        assert_eq!(places(&flow.sheets[PAGES], "Etter").count(), 1);
    }

    #[test]
    fn a_title_is_short_and_never_empty() {
        assert_eq!(title(" \u{202E}\n"), "–");
        assert_eq!(title("Kva?"), "Kva?");
        let long = title(&"Đ".repeat(500));
        assert!(long.ends_with('…') && long.chars().count() == 121);
    }
}
