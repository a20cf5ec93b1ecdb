//! All files, or none: they are made in a hidden folder beside the place, and moved into it when they are whole.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use konvolutt_letter::private_file::sync_folder;
use konvolutt_letter::program::{write_new, write_secret};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use sequoia_openpgp::Fingerprint;
use sequoia_openpgp::serialize::SerializeInto;

use super::answers::{Plan, Way};
use super::owner::Owner;
use super::text::{certificate_files, configuration, form};
use super::tls;
use crate::seal::{armored, generate_signing_key};

/// What is written, in the order in which it is moved: without the last there is no configuration.
const ENTRIES: [&str; 6] = ["forms", "keys", "mail-ca.pem", "secret", tls::FOLDER, "konvolutt.toml"];
const FIVE_YEARS: Duration = Duration::from_secs(5 * 365 * 86_400);

/// # Errors
/// What is there already, by name. Empty folders, as a package leaves them, do not count.
pub(super) fn is_free(dir: &Path, with_tls: bool) -> anyhow::Result<()> {
    let there: Vec<_> = ENTRIES
        .into_iter()
        .filter(|name| *name != tls::FOLDER || with_tls)
        .filter(|name| {
            let path = dir.join(name);
            path.symlink_metadata().is_ok() && !is_empty_folder(&path)
        })
        .collect();
    if there.is_empty() {
        return Ok(());
    }
    bail!(
        "{} has {} already; nothing was written\n  → Change the files by hand, name another folder with --dir, or move that one away.",
        dir.display(),
        there.join(", ")
    );
}

fn is_empty_folder(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// Writes everything, and returns the fingerprint of the new signing key.
///
/// # Errors
/// What the disk says; then nothing is there that was not there before.
pub(super) fn write(plan: &Plan, owner: Option<&Owner>) -> anyhow::Result<Fingerprint> {
    let (parent, name) = (plan.dir.parent(), plan.dir.file_name());
    let (parent, name) = parent.zip(name).context("--dir must be a folder with a name")?;
    fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    let hidden = Hidden::make(parent, &name.to_string_lossy())?;
    let relay = fill(plan, &hidden.0)?;
    if let Some(owner) = owner {
        give_away(owner, &hidden.0)?;
    }
    put(&hidden.0, &plan.dir)?;
    sync_folder(parent)?;
    if let Some(owner) = owner {
        owner.make_spool(&plan.spool)?;
    }
    Ok(relay)
}

/// A folder that is removed with all that is in it, unless it was moved to its place.
struct Hidden(PathBuf);

impl Hidden {
    fn make(parent: &Path, name: &str) -> anyhow::Result<Self> {
        let path = parent.join(format!(".{name}.new-{}", std::process::id()));
        folder(&path, 0o755)?;
        Ok(Self(path))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Gone when it was moved.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn folder(path: &Path, mode: u32) -> anyhow::Result<()> {
    let named = || format!("{} cannot be made", path.display());
    // Shut first: what comes into it is never open, not even for a moment.
    fs::DirBuilder::new().mode(0o700).create(path).with_context(named)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).with_context(named)
}

fn fill(plan: &Plan, dir: &Path) -> anyhow::Result<Fingerprint> {
    for (name, mode) in [("forms", 0o755), ("keys", 0o755), ("secret", 0o700)] {
        folder(&dir.join(name), mode)?;
    }
    let made = generate_signing_key("Sikkert skjema", &plan.from, FIVE_YEARS);
    let (relay, _) = made.context("the signing key could not be made")?;
    let key = zeroize::Zeroizing::new(relay.as_tsk().armored().to_vec()?);
    write_secret(&dir.join("secret/relay.key.asc"), &key)?;
    write_new(&dir.join("keys/relay.cert.asc"), armored(&relay).as_bytes(), 0o644)?;
    for (file, certificate) in certificate_files(plan) {
        let text = armored(&certificate.cert);
        write_new(&dir.join("keys").join(file), text.as_bytes(), 0o644)?;
    }
    write_new(&dir.join("forms/post.toml"), form(plan).as_bytes(), 0o644)?;
    if let Way::Smtp(smtp) = &plan.way {
        if let Some((_, password)) = &smtp.login {
            write_secret(&dir.join("secret/smtp-password"), password.as_bytes())?;
        }
        if let Some(ca) = &smtp.ca {
            write_new(&dir.join("mail-ca.pem"), ca, 0o644)?;
        }
    }
    if let Some(tls) = &plan.tls {
        tls.write(dir)?;
    }
    let text = configuration(plan, &relay.fingerprint());
    write_new(&dir.join("konvolutt.toml"), text.as_bytes(), 0o644)?;
    for name in ["forms", "keys", "secret", ""] {
        sync_folder(&dir.join(name))?;
    }
    Ok(relay.fingerprint())
}

/// The secrets and the key of TLS, which nobody else may read, and the certificates, which `keys refresh` writes anew. Configuration and forms stay
/// root's: the service only reads them.
fn give_away(owner: &Owner, dir: &Path) -> anyhow::Result<()> {
    for folder in ["keys", "secret", tls::FOLDER].map(|name| dir.join(name)) {
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(&folder)? {
            owner.give(&entry?.path())?;
        }
        owner.give(&folder)?;
    }
    Ok(())
}

/// In one step where nothing is there. In a folder that has other things entry by entry, the configuration last; what was moved is
/// moved back when one cannot be.
fn put(hidden: &Path, dir: &Path) -> anyhow::Result<()> {
    if !dir.exists() || is_empty_folder(dir) {
        return fs::rename(hidden, dir).with_context(|| format!("{} cannot be made", dir.display()));
    }
    let mut moved = Vec::new();
    for name in ENTRIES.into_iter().filter(|name| hidden.join(name).exists()) {
        let (from, to) = (hidden.join(name), dir.join(name));
        // A folder takes the place of an empty one, and of no other; a file that of none.
        let done = if from.is_dir() {
            fs::rename(&from, &to)
        } else {
            renameat_with(CWD, &from, CWD, &to, RenameFlags::NOREPLACE).map_err(Into::into)
        };
        if let Err(error) = done {
            for (from, to) in moved {
                let _ = fs::rename(to, from);
            }
            bail!("{} cannot be made: {error}; nothing was written", to.display());
        }
        moved.push((from, to));
    }
    sync_folder(dir).with_context(|| format!("{} cannot be synced", dir.display()))
}
