//! The version of the schema.

/// The one that this program works with.
pub(super) const VERSION: i64 = 1;

/// What is wrong with another, and what helps.
pub(super) fn wrong(found: i64) -> String {
    let remedy = if found < VERSION {
        "run `konvolutt store migrate`"
    } else {
        "install the newer version of this program on this node"
    };
    format!("its schema has version {found}, and this program needs {VERSION}: {remedy}")
}
