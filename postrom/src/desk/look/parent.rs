//! The desk's end: one process for each file, which lives no longer than [`PATIENCE`].

use std::io::{self, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::child::{Asked, Said};
use super::facts::{FileFacts, Warning};
use super::names;
use super::preview::{NoPreview, SHOWN};
use crate::desk::worker::{Start, wire};

/// Longer than the process may work at all: on a machine with much to do it waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);
/// How soon a process ends that nobody waits for any more.
const STEP: Duration = Duration::from_millis(50);
/// The facts, and a picture or why there is none. A file may have made the process its own, and it could go on.
const SAYS: usize = 2;

/// What was seen of a file. It has no `Debug`.
pub struct Looked {
    /// What it is.
    pub facts: FileFacts,
    /// A picture of it, when one was wanted and could be made.
    pub preview: Option<Preview>,
    /// Why there is none, when one was wanted.
    pub no_preview: Option<NoPreview>,
}

/// New pixels, as a PNG without anything else in it.
#[derive(Clone)]
pub struct Preview {
    /// The PNG.
    pub png: Vec<u8>,
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
}

/// Looks at a file. `name` is the one that the citizen gave it, as far as it is known; `start` makes what looks; when `stop` says
/// so, the process ends.
///
/// Whatever becomes of that process, there is an answer.
pub fn look(start: &Start, name: &str, bytes: &[u8], want_preview: bool, stop: &dyn Fn() -> bool) -> Looked {
    let mut looked = Looked {
        facts: only_by_name(name, bytes),
        preview: None,
        no_preview: want_preview.then_some(NoPreview::Ended),
    };
    let asked = Asked {
        name: name.to_owned(),
        preview: want_preview,
    };
    // What could not be started says as little as what ended.
    let _ = ask(start, &asked, bytes, stop, &mut |said, body| match said {
        Said::Facts(facts) => looked.facts = trusted(*facts, name, bytes),
        Said::Preview { width, height } if is_plain(&body, width, height) => {
            looked.no_preview = None;
            looked.preview = Some(Preview {
                png: body,
                width,
                height,
            });
        }
        Said::Preview { .. } => looked.no_preview = Some(NoPreview::Ended),
        Said::NoPreview(why) => looked.no_preview = Some(why),
    });
    looked
}

fn only_by_name(name: &str, bytes: &[u8]) -> FileFacts {
    let mut facts = FileFacts {
        size: bytes.len() as u64,
        ..FileFacts::default()
    };
    if bytes.is_empty() {
        facts.warn(Warning::Empty);
    }
    names::look(name, &mut facts);
    facts
}

/// What the process said, as far as it can be held to it: a file may have made it its own. What the name says is seen from here.
pub(super) fn trusted(mut facts: FileFacts, name: &str, bytes: &[u8]) -> FileFacts {
    let own = only_by_name(name, bytes);
    facts.warnings.extend(own.warnings);
    facts.warnings.sort();
    facts.warnings.dedup();
    facts.size = own.size;
    facts.by_name = own.by_name;
    facts.ending = own.ending;
    facts.make_harmless();
    facts
}

/// Pixels of the promised size and nothing else: each piece of the PNG is known by its name. A browser is not made to unfold
/// more than a preview has.
pub(super) fn is_plain(png: &[u8], width: u32, height: u32) -> bool {
    if width.max(height) > SHOWN {
        return false;
    }
    let Some(mut rest) = png.strip_prefix(b"\x89PNG\r\n\x1A\n") else {
        return false;
    };
    let head = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let mut is_begun = false;
    while let Some((length, further)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some((kind, content)) = further.split_first_chunk::<4>() else {
            return false;
        };
        let is_right = match kind {
            b"IHDR" => !is_begun && content.starts_with(&head),
            b"IDAT" => is_begun,
            b"IEND" => return is_begun && length == 0 && content.len() == 4,
            _ => false,
        };
        // A checksum stands behind it.
        match content.get(length.saturating_add(4)..) {
            Some(next) if is_right => rest = next,
            _ => return false,
        }
        is_begun = true;
    }
    false
}

fn ask(
    start: &Start,
    asked: &Asked,
    bytes: &[u8],
    stop: &dyn Fn() -> bool,
    hear: &mut dyn FnMut(Said, Vec<u8>),
) -> io::Result<()> {
    let mut command = start();
    // A fault inside a decoder tells nobody here anything.
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = Ended(command.spawn()?);
    let (Some(mut to), Some(mut from)) = (process.0.stdin.take(), process.0.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    std::thread::scope(|scope| {
        let (tell, told) = channel();
        // One that ends before it has heard everything breaks the pipe; what it said before counts.
        scope.spawn(move || wire::write(&mut to, asked, bytes).and_then(|()| to.flush()));
        scope.spawn(move || {
            for _ in 0..SAYS {
                let Ok(Some(said)) = wire::read::<Said>(&mut from) else {
                    return;
                };
                if tell.send(said).is_err() {
                    return;
                }
            }
        });
        let until = Instant::now() + PATIENCE;
        loop {
            match told.recv_timeout(STEP) {
                Ok((said, body)) => hear(said, body),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) if Instant::now() < until && !stop() => {}
                Err(RecvTimeoutError::Timeout) => {
                    // Both threads end with their pipes.
                    process.end();
                    break;
                }
            }
        }
    });
    Ok(())
}

/// Ends and is waited for when it is dropped.
struct Ended(Child);

impl Ended {
    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.end();
    }
}
