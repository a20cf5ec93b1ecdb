//! Frames: what tells the citizen's words from ours, and a warning from the rest.

use super::sheet::{Area, Ink};

/// What stands in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    /// What somebody typed: nothing outside of such a frame is theirs.
    Typed,
    /// What must be read first.
    Warning,
    /// What must be known, but is no warning.
    Notice,
    /// All is well.
    Good,
}

impl Frame {
    /// Between the border and what stands in it.
    pub(super) const fn padding(self) -> f32 {
        match self {
            Self::Typed => 6.0,
            Self::Good => 7.0,
            Self::Notice | Self::Warning => 9.0,
        }
    }

    /// Width of the border, and of the bar on the left.
    const fn border(self) -> (f32, f32) {
        match self {
            Self::Typed => (0.75, 0.75),
            Self::Warning => (2.25, 2.25),
            Self::Notice => (0.75, 4.5),
            Self::Good => (0.0, 4.5),
        }
    }

    const fn ink(self) -> Ink {
        match self {
            Self::Typed => Ink::Line,
            Self::Warning => Ink::Bad,
            Self::Notice => Ink::Accent,
            Self::Good => Ink::Good,
        }
    }
}

/// A frame on the page that is being filled.
pub(super) struct Opened {
    pub(super) frame: Frame,
    left: f32,
    right: f32,
    top: f32,
    /// It began on an earlier page.
    goes_on: bool,
}

impl Opened {
    pub(super) fn new(frame: Frame, left: f32, right: f32, top: f32) -> Self {
        Self {
            frame,
            left,
            right,
            top,
            goes_on: false,
        }
    }

    pub(super) fn go_on(&mut self, top: f32) {
        self.top = top;
        self.goes_on = true;
    }

    pub(super) fn inner_left(&self) -> f32 {
        self.left + self.frame.border().1 + self.frame.padding() + 2.0
    }

    pub(super) fn inner_right(&self) -> f32 {
        self.right - self.frame.border().0 - self.frame.padding() - 2.0
    }

    /// What is drawn of it on this page. Without its end it is open below.
    pub(super) fn areas(&self, bottom: f32, ends: bool) -> Vec<Area> {
        let (border, bar) = self.frame.border();
        let ink = self.frame.ink();
        let (left, right, top) = (self.left, self.right, self.top);
        let area = |left, top, right, bottom, ink| Area {
            left,
            top,
            right,
            bottom,
            ink,
        };
        let mut areas = Vec::new();
        if self.frame == Frame::Good {
            areas.push(area(left, top, right, bottom, Ink::Soft));
        }
        areas.push(area(left, top, left + bar, bottom, ink));
        if border > 0.0 {
            let side = match self.frame {
                Frame::Notice => Ink::Line,
                _ => ink,
            };
            areas.push(area(right - border, top, right, bottom, side));
            if !self.goes_on {
                areas.push(area(left, top, right, top + border, side));
            }
            if ends {
                areas.push(area(left, bottom - border, right, bottom, side));
            }
        }
        areas
    }
}
