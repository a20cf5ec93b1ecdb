//! A post room inside a test: keys, a relay, and letters as the form seals them, or as somebody else would.

mod letters;
mod seal;

pub use letters::{Sent, letter};
#[allow(unused_imports)] // the bench uses other ones
pub use letters::{document, record};
#[allow(unused_imports)] // the bench uses it
pub use seal::{Seal, mail, relay, room, signed};
