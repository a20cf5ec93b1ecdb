//! A server of a database, as it is told of.

use serde_json::Value;

/// What a server said, for people and for programs.
pub(super) struct Server {
    /// Its place.
    pub(super) host: String,
    /// Letters may be trusted to it.
    pub(super) is_good: bool,
    /// It answered, and only reads what another writes.
    pub(super) follows: bool,
    /// Why letters may not be trusted to it, or why it said nothing.
    pub(super) why: Option<String>,
    /// What it says of itself, line by line.
    pub(super) facts: Vec<(&'static str, Value)>,
}
