//! The process that looks. It gives everything up, hears one file, says what it is, and ends.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use super::facts::FileFacts;
use super::judge;
use super::preview::{self, NoPreview};
use crate::desk::worker::wire;

/// The one question; the bytes of the file follow it.
#[derive(Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) name: String,
    pub(super) preview: bool,
}

/// What is said to it, one after the other.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Said {
    Facts(Box<FileFacts>),
    /// The PNG follows.
    Preview {
        width: u32,
        height: u32,
    },
    NoPreview(NoPreview),
}

/// Looks at what comes on standard input, and answers on standard output.
///
/// # Errors
/// When what comes makes no sense, nobody listens, or the rights cannot be given up.
pub fn obey() -> io::Result<()> {
    let is_shut_in = shut_in()?;
    let mut out = io::stdout().lock();
    let Some((asked, bytes)) = wire::read::<Asked>(&mut io::stdin().lock())? else {
        return Ok(());
    };
    let facts = caught(|| judge::look(&asked.name, &bytes));
    let content = facts.as_ref().and_then(|facts| facts.content);
    if let Some(facts) = facts {
        // Said before anything is decoded: whatever ends this process then, the clerk has these.
        wire::write(&mut out, &Said::Facts(Box::new(facts)), &[])?;
    }
    if asked.preview {
        let made = match content {
            _ if !is_shut_in => Err(NoPreview::NotShutIn),
            Some(kind) => caught(|| preview::make(kind, &bytes)).unwrap_or(Err(NoPreview::Damaged)),
            None => Err(NoPreview::Kind),
        };
        match made {
            Ok((png, width, height)) => wire::write(&mut out, &Said::Preview { width, height }, &png)?,
            Err(why) => wire::write(&mut out, &Said::NoPreview(why), &[])?,
        }
    }
    out.flush()
}

/// A library's fault is a file's that nothing is known of.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Whether this process has no rights any more. Where it cannot give them up it says what a file is and decodes nothing.
#[cfg(target_os = "linux")]
fn shut_in() -> io::Result<bool> {
    if std::fs::read_dir("/proc/self/task")?.count() != 1 {
        return Err(io::Error::other("threads run already, which nothing would hold"));
    }
    // A kernel that filters nothing is as good as another system.
    Ok(super::fence::enforce().is_ok())
}

#[cfg(not(target_os = "linux"))]
fn shut_in() -> io::Result<bool> {
    Ok(false)
}
