//! What a form gives those who have written, besides the page that says so: out of `[receipt]`.

use crate::diagnostic::Table;

/// What comes with a receipt; without `[receipt]` nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Receipts {
    /// A text that the relay signs: proves to others when which letter came. For limits of time.
    pub signed: bool,
    /// What was sent can be opened once more, within a minute. Off where others may hold the device.
    pub copy: bool,
}

/// What stands in `[receipt]`.
pub(super) fn receipts(table: &mut Table<'_>) -> Receipts {
    let Some(mut table) = table.table("receipt") else {
        return Receipts::default();
    };
    Receipts {
        signed: table.flag("signed", false),
        copy: table.flag("copy", false),
    }
}
