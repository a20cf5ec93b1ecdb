//! Which machine a node is on: two that were given one name are told apart.

use std::fs;
use std::io;
use std::path::Path;

use crate::scratch::random_name;

/// A name of this directory, made once.
pub(super) fn of(directory: &Path) -> io::Result<String> {
    let file = directory.join("place");
    match fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Ok(found) if !found.is_empty() => return Ok(found),
        read => drop(read?),
    }
    let fresh = directory.join(format!("place-{}", random_name()?));
    fs::write(&fresh, random_name()?)?;
    let linked = fs::hard_link(&fresh, &file);
    fs::remove_file(&fresh)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::read_to_string(&file),
    }
}
