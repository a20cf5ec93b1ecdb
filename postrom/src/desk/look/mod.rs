//! What a citizen's file is, and a picture of it that cannot act.
//!
//! Comes in: a name and bytes. Goes out: [`FileFacts`], and for a few kinds of pictures new pixels. What always holds: the
//! bytes are looked at only in a process of their own, which has given up every right before they come; nothing of a file is
//! run, unfolded without a bound, or fetched; when that process ends by itself it is told, and the desk goes on.

mod child;
mod compound;
mod facts;
#[cfg(target_os = "linux")]
mod fence;
#[cfg(all(test, target_os = "linux"))]
mod hostile;
mod judge;
mod kinds;
mod magic;
mod media;
mod names;
mod package;
mod parent;
mod pdf;
mod picture;
mod preview;
mod text;

pub use child::obey;
pub use facts::{Archive, Device, FileFacts, Place, Warning};
pub use kinds::FileKind;
pub use parent::{Looked, Preview, look};
pub use preview::NoPreview;
