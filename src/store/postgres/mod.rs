//! The store as rows of a PostgreSQL that several nodes share.

mod settings;

pub use settings::{Host, Login, Settings};
