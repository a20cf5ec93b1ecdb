//! How the parts of a letter are set.

use super::flow::Style;
use super::font::Weight;
use super::sheet::Ink;
use super::wrap::Face;

const fn style(weight: Weight, size: f32, leading: f32, ink: Ink) -> Style {
    Style {
        face: Face { weight, size },
        leading,
        ink,
    }
}

pub(super) const TITLE: Style = style(Weight::Bold, 19.0, 25.0, Ink::Accent);
pub(super) const HEADING: Style = style(Weight::Bold, 13.0, 18.0, Ink::Accent);
pub(super) const QUESTION: Style = style(Weight::Bold, 10.5, 15.0, Ink::Text);
pub(super) const BODY: Style = style(Weight::Regular, 10.5, 15.5, Ink::Text);
pub(super) const STRONG: Style = style(Weight::Bold, 10.5, 15.5, Ink::Text);
pub(super) const ALARM: Style = style(Weight::Bold, 11.0, 16.0, Ink::Bad);
pub(super) const QUIET: Style = style(Weight::Regular, 10.5, 15.5, Ink::Quiet);
pub(super) const CELL: Style = style(Weight::Regular, 9.0, 12.5, Ink::Text);
pub(super) const CELL_HEAD: Style = style(Weight::Bold, 9.0, 12.5, Ink::Quiet);
/// In columns where figures of one length are compared.
pub(super) const DIGEST: Style = style(Weight::Regular, 7.5, 12.5, Ink::Text);
