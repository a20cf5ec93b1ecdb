//! New files and folders that are their owner's alone, also where a system has no modes. The server, which needs Linux,
//! makes those of its spool and its Maildir itself.
//!
//! Windows has no modes: what is made there has the permissions of the folder that it lies in, and a user's own folders
//! are shut to other users already.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a file that did not exist, with these permissions where the system has them. A link that stands in its
/// place is not followed.
///
/// # Errors
/// When it exists, or what the disk says.
pub fn create(path: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let file = options.open(path)?;
    #[cfg(unix)]
    if let Err(error) = give_back(&file, mode) {
        let _ = std::fs::remove_file(path);
        return Err(error);
    }
    Ok(file)
}

/// What the umask took away: this program's own is strict, and a certificate is for everybody. A share of another system
/// may show modes and let nobody set them, so that only what is missing is asked for.
#[cfg(unix)]
fn give_back(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let given = file.metadata()?.permissions().mode();
    if given & mode == mode {
        return Ok(());
    }
    file.set_permissions(PermissionsExt::from_mode(mode))
}

/// Makes a folder, and those above it, where they are missing.
///
/// # Errors
/// What the disk says.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut private = DirBuilder::new();
    private.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);
    private.create(path)
}

/// Makes a new name in a folder last through a power cut. Windows opens no folder for that; its file system keeps its
/// own journal.
///
/// # Errors
/// What the disk says.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b");
        create_folder(&folder).unwrap();
        create_folder(&folder).unwrap();
        let file = folder.join("key");
        create(&file, 0o600).unwrap();
        sync_folder(&folder).unwrap();
        let again = create(&file, 0o600).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b");
        create_folder(&folder).unwrap();
        create(&folder.join("key"), 0o600).unwrap();
        std::os::unix::fs::symlink(dir.path().join("elsewhere"), folder.join("link")).unwrap();
        assert!(create(&folder.join("link"), 0o600).is_err());
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("key"))), (0o700, 0o600));
    }

    /// Against what the process takes away.
    #[cfg(unix)]
    #[test]
    fn permissions_are_those_that_were_asked_for() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        for mode in [0o600, 0o644, 0o666] {
            let path = dir.path().join(format!("{mode:o}"));
            let made = create(&path, mode).unwrap().metadata().unwrap();
            assert_eq!(made.permissions().mode() & 0o7777, mode);
        }
        // The control: asked for as usual, the system gives less, unless nothing is taken away at all.
        let usual = std::fs::File::create(dir.path().join("usual"))
            .unwrap()
            .metadata()
            .unwrap();
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let takes_nothing = status.contains("Umask:\t0000\n");
        assert_eq!(usual.permissions().mode() & 0o777 == 0o666, takes_nothing);
    }
}
