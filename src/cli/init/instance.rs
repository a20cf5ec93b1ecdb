//! One of several authorities on a machine: `konvolutt@NAME.target` with units made from the plain ones. Its folder, user and
//! store follow from its name.

use std::path::{Path, PathBuf};

/// A name that units, folders and a user can have.
pub(super) fn name(text: &str) -> Result<String, String> {
    let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = (1..=20).contains(&text.len()) && text.chars().all(sign);
    fits.then(|| text.to_owned())
        .ok_or_else(|| "use 1 to 20 small letters and digits".to_owned())
}

/// What stands between the name of a unit and its kind.
pub(super) fn at(instance: Option<&str>) -> String {
    instance.map_or_else(String::new, |name| format!("@{name}"))
}

/// Where the units look.
pub(super) fn default_folder(instance: Option<&str>) -> PathBuf {
    PathBuf::from(format!("/etc/konvolutt{}", at(instance)))
}

/// The units that a person enables. The form's brings its socket.
pub(super) fn units(instance: Option<&str>, redirects: bool) -> String {
    let redirect = redirects.then_some("konvolutt-redirect.socket");
    let units = redirect
        .into_iter()
        .chain(["konvolutt-web.service", "konvolutt-relay.service"]);
    let named: Vec<_> = units
        .map(|unit| unit.replace('.', &format!("{}.", at(instance))))
        .collect();
    named.join(" ")
}

/// Whether this machine runs systemd, with our units.
pub(super) fn has_units() -> bool {
    let folders = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
    let there = |folder: &str| Path::new(folder).join("konvolutt-web.socket").exists();
    Path::new("/run/systemd/system").exists() && folders.into_iter().any(there)
}
