//! The files of the project, for tests that read them.

use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder whose name ends so, in order; without what git and cargo keep there.
pub fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.ends_with(".git") || path.ends_with("target") => {}
            path if path.is_dir() => found.extend(files_below(&path, ending)),
            path if path.to_string_lossy().ends_with(ending) => found.push(path),
            _ => {}
        }
    }
    found.sort();
    found
}

/// Rust without comments, and without the tests at the foot of a file.
pub fn code(text: &str) -> String {
    let own = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = own.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}
