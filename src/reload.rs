//! Files that are read again when they have changed: TLS certificates and recipients' certificates alike.
//!
//! Comes in: the paths, and how to read them. Goes out: what the files hold now, if that is not what is in use.
//!
//! What always holds: only what is *in use* is remembered. Files that could not be read or used are tried again at each
//! look, so that a fault which passes (no free descriptor, a share that was away) is over with the next look, and a
//! revocation is never missed because it once could not be read.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What tells a changed file from the same one: device, inode, length, and the time of the last change (not of the last
/// modification, which a copy can set back).
type Stamp = Vec<Option<(u64, u64, u64, i64, i64)>>;

/// Which state of some files is in use.
#[derive(Debug, Default)]
pub struct Reload {
    in_use: Option<Stamp>,
    refused: Option<Stamp>,
}

/// What a look found.
#[derive(Debug, PartialEq, Eq)]
pub enum Look<T, E> {
    /// The files are those in use.
    Same,
    /// Other files, read: from now on these are in use.
    New(T),
    /// Other files, which cannot be read or used.
    Refused {
        /// Why.
        error: E,
        /// They looked the same at the look before: none is in the middle of being written.
        settled: bool,
    },
}

impl Reload {
    /// Reads files for the first time: what they hold is in use.
    ///
    /// # Errors
    /// They cannot be read or used.
    pub fn begin<T, E>(paths: &[&Path], read: impl FnOnce() -> Result<T, E>) -> Result<(Self, T), E> {
        let in_use = Some(stamp(paths));
        let first = read()?;
        Ok((Self { in_use, refused: None }, first))
    }

    /// Looks at the files, and reads them if they are not those in use; with `forced` in any case.
    ///
    /// The stamp is taken before the content is read: a change in between is then found by the next look.
    pub fn look<T, E>(&mut self, paths: &[&Path], forced: bool, read: impl FnOnce() -> Result<T, E>) -> Look<T, E> {
        let found = stamp(paths);
        if !forced && self.in_use.as_ref() == Some(&found) {
            self.refused = None;
            return Look::Same;
        }
        match read() {
            Ok(fresh) => {
                self.in_use = Some(found);
                self.refused = None;
                Look::New(fresh)
            }
            Err(error) => {
                let settled = self.refused.as_ref() == Some(&found);
                self.refused = Some(found);
                Look::Refused { error, settled }
            }
        }
    }
}

fn stamp(paths: &[&Path]) -> Stamp {
    let of = |path: &&Path| {
        let meta = fs::metadata(path).ok()?;
        Some((meta.dev(), meta.ino(), meta.len(), meta.ctime(), meta.ctime_nsec()))
    };
    paths.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files {
        _dir: tempfile::TempDir,
        path: std::path::PathBuf,
        reload: Reload,
    }

    impl Files {
        fn new(content: &str) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("file");
            fs::write(&path, content).unwrap();
            Self {
                _dir: dir,
                path,
                reload: Reload::default(),
            }
        }

        /// Another file in its place, as `mv` does it.
        fn replace(&self, content: &str) {
            let new = self.path.with_extension("new");
            fs::write(&new, content).unwrap();
            fs::rename(new, &self.path).unwrap();
        }

        fn look(&mut self, forced: bool, fails: bool) -> Look<String, &'static str> {
            let path = self.path.clone();
            let read = || {
                if fails {
                    Err("EMFILE")
                } else {
                    fs::read_to_string(&path).map_err(|_| "gone")
                }
            };
            self.reload.look(&[&path], forced, read)
        }
    }

    fn refused<T>(error: &'static str, settled: bool) -> Look<T, &'static str> {
        Look::Refused { error, settled }
    }

    #[test]
    fn what_is_in_use_is_not_read_again() {
        let mut files = Files::new("one");
        assert_eq!(files.look(false, false), Look::New("one".into()));
        // Would fail if it were read.
        assert_eq!(files.look(false, true), Look::Same);
        files.replace("two");
        assert_eq!(files.look(false, false), Look::New("two".into()));
        assert_eq!(files.look(true, false), Look::New("two".into()));
    }

    #[test]
    fn what_failed_is_tried_again_at_each_look() {
        let mut files = Files::new("one");
        assert_eq!(files.look(false, true), refused("EMFILE", false));
        assert_eq!(files.look(false, true), refused("EMFILE", true));
        assert_eq!(files.look(false, false), Look::New("one".into()));
        files.replace("two");
        assert_eq!(files.look(false, true), refused("EMFILE", false));
        files.replace("three");
        assert_eq!(files.look(false, true), refused("EMFILE", false));
        assert_eq!(files.look(false, false), Look::New("three".into()));
        // A read that was asked for and failed does not unsettle what is in use.
        assert_eq!(files.look(true, true), refused("EMFILE", false));
        assert_eq!(files.look(false, true), Look::Same);
    }

    #[test]
    fn a_file_that_goes_and_comes_back_is_told() {
        let mut files = Files::new("one");
        assert_eq!(files.look(false, false), Look::New("one".into()));
        let away = files.path.with_extension("away");
        fs::rename(&files.path, &away).unwrap();
        assert_eq!(files.look(false, false), refused("gone", false));
        assert_eq!(files.look(false, false), refused("gone", true));
        fs::rename(&away, &files.path).unwrap();
        assert!(matches!(files.look(false, false), Look::New(_) | Look::Same));
    }
}
