//! Where a database would be, in a program that was built without one: the configuration is read all the same, and says so.

#[path = "postgres/settings.rs"]
mod settings;

pub use settings::{Host, Login, Settings};

/// Whether this program can speak to one.
pub const IS_BUILT: bool = false;
