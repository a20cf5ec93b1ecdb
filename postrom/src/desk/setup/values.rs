//! Paths as people type and paste them.

use std::path::{Path, PathBuf};

/// What is on each line, without the quotes that Windows copies a path with.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(bare).filter(|line| !line.is_empty())
}

fn bare(line: &str) -> &str {
    let line = line.trim();
    let quoted = ['"', '\'']
        .iter()
        .find_map(|quote| line.strip_prefix(*quote)?.strip_suffix(*quote));
    quoted.unwrap_or(line).trim()
}

/// A path from the beginning of a disk, or below the user's own folder. What counts from the folder in which the desk
/// happened to be started would be another one tomorrow.
pub(super) fn whole(line: &str, home: Option<&Path>) -> Option<PathBuf> {
    let below_home = line.strip_prefix("~/").or_else(|| line.strip_prefix("~\\"));
    let path = match below_home {
        Some(rest) => home?.join(rest),
        None => PathBuf::from(line),
    };
    path.is_absolute().then_some(path)
}

/// One, or none.
pub(super) fn one(mut paths: Vec<PathBuf>) -> Result<Option<PathBuf>, ()> {
    match paths.len() {
        0 | 1 => Ok(paths.pop()),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_as_it_was_pasted() {
        let typed = "  /post/inn \r\n\n\"/a b/key.asc\"\n'/c'\n\"\n";
        assert_eq!(
            lines(typed).collect::<Vec<_>>(),
            ["/post/inn", "/a b/key.asc", "/c", "\""]
        );
        assert_eq!(
            whole("~/post", Some(Path::new("/home/kari"))),
            Some("/home/kari/post".into())
        );
        assert_eq!(whole("~/post", None), None);
        assert_eq!(whole("post", Some(Path::new("/home/kari"))), None);
    }
}
