//! A page before it is written: where each line and each coloured area stands. Points, from the upper left corner.

use super::tree::Node;
use super::wrap::{Face, Line};

/// A4.
pub(super) const WIDTH: f32 = 595.28;
/// A4.
pub(super) const HEIGHT: f32 = 841.89;
/// Where text begins and ends across the page.
pub(super) const LEFT: f32 = 68.0;
pub(super) const RIGHT: f32 = WIDTH - 62.0;
/// Where text begins and ends down the page.
pub(super) const TOP: f32 = 82.0;
pub(super) const BOTTOM: f32 = HEIGHT - 72.0;

/// The colours of the form's pages on paper: text 4.5:1 or more, borders 3:1 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Text,
    Quiet,
    Line,
    Faint,
    Soft,
    Accent,
    Good,
    Bad,
}

impl Ink {
    pub(super) const fn rgb(self) -> [u8; 3] {
        match self {
            Self::Text => [0x17, 0x19, 0x1c],
            Self::Quiet => [0x47, 0x52, 0x5f],
            Self::Line => [0x6b, 0x76, 0x82],
            Self::Faint => [0xcf, 0xd6, 0xde],
            Self::Soft => [0xf1, 0xf4, 0xf8],
            Self::Accent => [0x00, 0x24, 0x4e],
            Self::Good => [0x0a, 0x66, 0x37],
            Self::Bad => [0xa5, 0x16, 0x1a],
        }
    }
}

/// A filled rectangle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
    pub(super) ink: Ink,
}

/// A line of text in its place.
pub(super) struct Placed {
    pub(super) x: f32,
    /// Of the line that letters stand on.
    pub(super) base: f32,
    pub(super) line: Line,
    pub(super) face: Face,
    pub(super) ink: Ink,
    pub(super) node: Node,
}

/// A page.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) areas: Vec<Area>,
    pub(super) lines: Vec<Placed>,
}

/// An entry of the outline.
pub(super) struct Mark {
    pub(super) level: u16,
    pub(super) text: String,
    pub(super) page: usize,
    pub(super) top: f32,
}

#[cfg(test)]
impl Sheet {
    /// Whether the line stands between two upright borders that go past it above and below.
    pub(super) fn frames(&self, placed: &Placed) -> bool {
        let border = |from: f32, to: f32| {
            let upright = |area: &&Area| area.right - area.left < 5.0 && area.left >= from && area.right <= to;
            let beside = |area: &Area| area.top <= placed.base - 8.0 && area.bottom >= placed.base + 2.0;
            self.areas.iter().filter(upright).any(beside)
        };
        border(0.0, placed.x) && border(placed.x + placed.line.width, WIDTH)
    }
}
