//! Who else may read or replace the files of secrets: one judge for all of them but the signing key, whose own is
//! stricter.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::inspector::Inspector;
use super::real;
use crate::diagnostic::Diagnostic;

impl Inspector<'_> {
    /// Warns of a secret that others reach. Whether this process may read it is another question.
    pub(super) fn keeps_secret(&mut self, key: &str, what: &str, file: &Path) {
        for (exposed, remedy) in exposures(file) {
            let told = format!("The file of {what}, {}, {exposed}.", file.display());
            self.tell(key, Diagnostic::warning(told, remedy));
        }
    }
}

/// In what way others reach a file, and what helps.
///
/// A group may read what belongs to root: that is how a service reads a key which is not its own. Whoever owns a file needs
/// no group for it.
fn exposures(file: &Path) -> Vec<(String, String)> {
    let Ok(meta) = fs::metadata(file) else {
        return Vec::new();
    };
    let (mode, of_root) = (meta.mode() & 0o777, meta.uid() == 0);
    let who = if mode & 0o007 != 0 {
        Some("everybody on this machine")
    } else if mode & 0o030 != 0 || (mode & 0o040 != 0 && !of_root) {
        Some("its group")
    } else {
        None
    };
    // Root's own group reads nothing for a service.
    let for_a_service = of_root && meta.gid() != 0 && mode & 0o040 != 0;
    let wanted = if for_a_service { "640" } else { "600" };
    let of_file = who.map(|who| {
        let told = format!("is open to {who} (mode {mode:04o})");
        (told, format!("Do `chmod {wanted} {}`.", file.display()))
    });
    let of_folders = folders(file)
        .into_iter()
        .filter(|folder| anybody_writes(folder))
        .map(|folder| {
            let told = format!("can be replaced by everybody, who may change {}", folder.display());
            (told, format!("Do `chmod o-w {}`.", folder.display()))
        });
    of_file.into_iter().chain(of_folders).collect()
}

/// In a folder such as /tmp only the owner of a file removes it.
fn anybody_writes(folder: &Path) -> bool {
    let mode = fs::metadata(folder).map_or(0, |meta| meta.mode());
    mode & 0o002 != 0 && mode & 0o1000 == 0
}

/// That of the path, and that of the file which links lead to.
fn folders(file: &Path) -> Vec<PathBuf> {
    let linked = real(file);
    let mut all: Vec<PathBuf> = [file, &linked].into_iter().filter_map(Path::parent).map(real).collect();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn told(file: &Path) -> Vec<String> {
        exposures(file)
            .into_iter()
            .map(|(told, remedy)| format!("{told} {remedy}"))
            .collect()
    }

    #[test]
    fn a_secret_that_others_reach_is_told_with_what_helps() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("secret");
        fs::create_dir(&folder).unwrap();
        set(&folder, 0o755);
        let file = folder.join("password");
        fs::write(&file, "x").unwrap();
        for (mode, wanted) in [
            (0o600, None),
            (0o400, None),
            (0o644, Some("everybody")),
            (0o666, Some("everybody")),
            (0o602, Some("everybody")),
            (0o620, Some("its group")),
        ] {
            set(&file, mode);
            let told = told(&file);
            assert_eq!(told.len(), usize::from(wanted.is_some()), "{mode:o}: {told:?}");
            assert!(
                wanted.is_none_or(|wanted| told[0].contains(wanted) && told[0].contains("chmod 6")),
                "{told:?}"
            );
        }
        set(&file, 0o600);
        set(&folder, 0o777);
        assert!(
            told(&file)[0].contains("can be replaced by everybody"),
            "{:?}",
            told(&file)
        );
        // As /tmp is.
        set(&folder, 0o1777);
        assert!(told(&file).is_empty());
        set(&folder, 0o777);
        let link = dir.path().join("link");
        symlink(&file, &link).unwrap();
        assert_eq!(told(&link).len(), 1, "where the link leads to");
        assert!(told(&dir.path().join("missing")).is_empty());
    }

    /// Only root can give a file to somebody else; as another user the file is one's own already.
    #[test]
    fn a_group_may_read_what_belongs_to_root_only() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key.pem");
        fs::write(&file, "x").unwrap();
        set(&file, 0o640);
        let is_root = fs::metadata(&file).unwrap().uid() == 0;
        assert_eq!(told(&file).is_empty(), is_root);
        if is_root {
            chown(&file, Some(65_534), None).unwrap();
        }
        assert!(told(&file)[0].contains("its group") && told(&file)[0].contains("chmod 600"));
    }
}
