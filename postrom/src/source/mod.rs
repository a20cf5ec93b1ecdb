//! From what a clerk points at to inputs, one at a time: a file, a folder with all that is in it, a Maildir, standard input.
//!
//! Comes in: a path. Goes out: an [`Input`] for each file, or [`Unread`] with a reason. What always holds: nothing here ends the
//! run: what is missing, cannot be read, waits for ever or leads round in a circle is named, and the rest goes on.
//! Nothing is opened that is no file.

mod folder;
mod open;
mod program;
mod seen;

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub(crate) use open::open_file;
pub(crate) use program::is_of_a_program;
pub use seen::Seen;

use crate::trouble::{Cause, Trouble};
use folder::FolderId;

/// Standard input is read into memory. Larger mailboxes are files.
const MOST_STANDARD_INPUT: u64 = 128 * 1024 * 1024;

/// Something to be searched for sealed parts.
pub struct Input {
    /// Its path, for people; not made harmless yet. `-` is standard input.
    pub name: String,
    /// The clerk named it, as against one that lay in a folder.
    pub named: bool,
    /// Its bytes, or where they are.
    pub body: Body,
}

/// The bytes of an input.
pub enum Body {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Bytes(Vec<u8>),
    /// A hidden file or folder in a folder, which is counted and not looked into.
    Hidden,
}

/// Something that could not be read.
pub struct Unread {
    /// Its path, for people; not made harmless yet.
    pub name: String,
    /// The clerk named it, as against one that lay in a folder.
    pub named: bool,
    /// Why.
    pub why: Trouble,
}

/// A file or folder that was not looked at yet.
struct Entry {
    path: PathBuf,
    named: bool,
    hidden: bool,
    /// The folder that it lies in is one of a Maildir.
    in_maildir: bool,
}

/// All inputs of a path, in the order of their names. It can be given to another thread.
pub struct Sources {
    waiting: Vec<Entry>,
    been: HashSet<FolderId>,
    stdin: Option<Stdin>,
}

/// What is read when `-` is named.
pub type Stdin = Box<dyn Read + Send>;

/// Everything that is in what a clerk points at, in this order; `-` is standard input, which may be named once.
pub fn sources(paths: Vec<PathBuf>, stdin: Option<Stdin>) -> Sources {
    let entry = |path| Entry {
        path,
        named: true,
        hidden: false,
        in_maildir: false,
    };
    Sources {
        waiting: paths.into_iter().rev().map(entry).collect(),
        been: HashSet::new(),
        stdin,
    }
}

impl Iterator for Sources {
    type Item = Result<Input, Unread>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = self.waiting.pop()?;
            let name = entry.path.display().to_string();
            let named = entry.named;
            match self.look(entry) {
                Ok(Some(body)) => return Some(Ok(Input { name, named, body })),
                Ok(None) => {}
                Err(why) => return Some(Err(Unread { name, named, why })),
            }
        }
    }
}

impl Sources {
    /// The body of a file; nothing for a folder, whose files wait then.
    fn look(&mut self, entry: Entry) -> Result<Option<Body>, Trouble> {
        if entry.named && entry.path == Path::new("-") {
            return self.stdin.take().map(whole).transpose();
        }
        if entry.hidden {
            return Ok(Some(Body::Hidden));
        }
        // Follows links: one that leads nowhere, or in a circle, is an error here.
        let about = std::fs::metadata(&entry.path).map_err(|error| trouble(&error))?;
        if about.is_file() {
            return Ok(Some(Body::File(entry.path)));
        }
        if !about.is_dir() {
            return Err(Trouble::NotAFile);
        }
        if self.been.insert(folder::id(&entry.path, &about)) {
            let (mut files, unread) = folder::list(&entry.path, entry.in_maildir).map_err(|error| trouble(&error))?;
            files.sort_by(|one, other| other.path.cmp(&one.path));
            self.waiting.extend(files);
            if let Some(error) = unread {
                return Err(trouble(&error));
            }
        }
        Ok(None)
    }
}

fn trouble(error: &io::Error) -> Trouble {
    match Cause::from(error) {
        Cause::Missing => Trouble::Missing,
        cause => Trouble::Unreadable { cause },
    }
}

fn whole(stdin: Stdin) -> Result<Body, Trouble> {
    let mut bytes = Vec::new();
    let read = stdin.take(MOST_STANDARD_INPUT + 1).read_to_end(&mut bytes);
    read.map_err(|error| trouble(&error))?;
    if bytes.len() as u64 > MOST_STANDARD_INPUT {
        return Err(Trouble::TooLarge {
            limit: MOST_STANDARD_INPUT / 1_000_000,
        });
    }
    Ok(Body::Bytes(bytes))
}
