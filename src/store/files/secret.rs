//! Random bytes of this store, made once: every process that opens it has the same.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::scratch::random_name;

/// Where it lies.
pub(super) fn file(root: &Path) -> PathBuf {
    root.join("secret")
}

/// The secret of the store in this directory, made when there is none. Two processes may start at once on a new store: the
/// first link wins, the other reads what it finds.
///
/// # Errors
/// When it cannot be read or made.
pub fn load_or_make(root: &Path) -> io::Result<Zeroizing<[u8; 32]>> {
    match load(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        loaded => return loaded,
    }
    let mut secret = Zeroizing::new([0u8; 32]);
    getrandom::fill(&mut *secret).map_err(io::Error::other)?;
    match make(root, &file(root), &secret) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => load(root),
    }
}

fn load(root: &Path) -> io::Result<Zeroizing<[u8; 32]>> {
    let path = file(root);
    let bytes = fs::read(&path).map(Zeroizing::new)?;
    let secret: Result<[u8; 32], _> = bytes.as_slice().try_into();
    let damaged = |_| {
        let message = format!("{} is damaged: it must have 32 bytes", path.display());
        io::Error::new(io::ErrorKind::InvalidData, message)
    };
    secret.map(Zeroizing::new).map_err(damaged)
}

fn make(root: &Path, path: &Path, secret: &[u8; 32]) -> io::Result<()> {
    let fresh = root.join(format!("secret-{}", random_name()?));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(secret)?;
    file.sync_all()?;
    let linked = fs::hard_link(&fresh, path);
    fs::remove_file(&fresh)?;
    linked
}
