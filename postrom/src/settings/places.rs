//! Where a `postrom.toml` is looked for when none is named.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

const FILE: &str = "postrom.toml";

type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// In this folder, then the user's, then the machine's, in the places that each system has for such files.
pub(super) fn places(env: Env<'_>, home: Option<&Path>) -> Vec<PathBuf> {
    let here = Some(PathBuf::from(FILE));
    [here, user(env, home), machine(env)].into_iter().flatten().collect()
}

/// The user's own.
pub(super) fn user(env: Env<'_>, home: Option<&Path>) -> Option<PathBuf> {
    let home = home.filter(|home| home.is_absolute());
    let folder = if cfg!(windows) {
        folder(env, "APPDATA").map(|data| data.join("Konvolutt"))
    } else if cfg!(target_os = "macos") {
        home.map(|home| home.join("Library/Application Support/Konvolutt"))
    } else {
        let configured = folder(env, "XDG_CONFIG_HOME").or_else(|| home.map(|home| home.join(".config")));
        configured.map(|config| config.join("konvolutt"))
    };
    folder.map(|folder| folder.join(FILE))
}

fn machine(env: Env<'_>) -> Option<PathBuf> {
    let folder = if cfg!(windows) {
        folder(env, "PROGRAMDATA").map(|data| data.join("Konvolutt"))
    } else {
        Some("/etc/konvolutt".into())
    };
    folder.map(|folder| folder.join(FILE))
}

/// A variable that is empty or not a whole path is as good as none: the file could then lie anywhere.
fn folder(env: Env<'_>, name: &str) -> Option<PathBuf> {
    env(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_folder_then_the_users_then_the_machines() {
        let none = |_: &str| None;
        let home = Some(Path::new("/home/kari"));
        let at = |places: Vec<PathBuf>| -> Vec<String> {
            places
                .iter()
                .map(|place| place.to_string_lossy().into_owned())
                .collect()
        };
        assert_eq!(
            at(places(&none, home)),
            [
                "postrom.toml",
                "/home/kari/.config/konvolutt/postrom.toml",
                "/etc/konvolutt/postrom.toml"
            ]
        );
        let configured = |name: &str| (name == "XDG_CONFIG_HOME").then(|| "/cfg".into());
        assert_eq!(at(places(&configured, home))[1], "/cfg/konvolutt/postrom.toml");
        // A relative one is none, as its specification says.
        let relative = |name: &str| (name == "XDG_CONFIG_HOME").then(|| "cfg".into());
        assert_eq!(
            at(places(&relative, home))[1],
            "/home/kari/.config/konvolutt/postrom.toml"
        );
        assert_eq!(at(places(&none, None)).len(), 2);
    }
}
