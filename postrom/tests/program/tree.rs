//! Every file below a folder.

use std::fs;
use std::path::{Path, PathBuf};

/// Files whose bytes hold the text, hidden ones too.
pub fn files_with(root: &Path, text: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(root, &mut |path| {
        if fs::read(path).is_ok_and(|bytes| memchr::memmem::find(&bytes, text).is_some()) {
            found.push(path.to_owned());
        }
    });
    found
}

/// Bytes of all of them.
pub fn size(root: &Path) -> u64 {
    let mut size = 0;
    walk(root, &mut |path| {
        size += fs::metadata(path).map_or(0, |file| file.len())
    });
    size
}

fn walk(folder: &Path, see: &mut dyn FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            walk(&path, see);
        } else {
            see(&path);
        }
    }
}
