//! Where a path leads, so that two of them can be compared.

use std::path::{Component, Path, PathBuf};

/// The place that a path comes to, whatever links and dots are on the way, also when its end is not there yet.
pub fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut real = PathBuf::new();
    for part in absolute.components() {
        if part == Component::ParentDir {
            real.pop();
        } else {
            real.push(part);
        }
        real = real.canonicalize().unwrap_or(real);
    }
    real
}
