//! The pages, without a browser: what they say, what the buttons do, and what never stands in them.

mod acts;
mod hostile;
mod lists;
mod locked;
pub mod visit;
