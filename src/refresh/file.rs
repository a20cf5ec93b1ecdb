//! A certificate's file, replaced in one step.

use std::fs::{self, Permissions};
use std::io::{Result, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use konvolutt_letter::private_file::{create, sync_folder};
use sequoia_openpgp::Cert;

use crate::seal::armored;

/// Whoever reads sees the old file or the new one, each whole. The mode stays, for root the owner too, and a link stays a link.
pub(super) fn replace(file: &Path, cert: &Cert) -> Result<()> {
    let file = file.canonicalize()?;
    let before = fs::metadata(&file)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let new = file.with_file_name(format!(".{name}.new"));
    // What a run that was killed left behind.
    let _ = fs::remove_file(&new);
    let written = write(&new, cert, &before).and_then(|()| fs::rename(&new, &file));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written.and_then(|()| sync_folder(file.parent().unwrap_or(Path::new("/"))))
}

fn write(new: &Path, cert: &Cert, before: &fs::Metadata) -> Result<()> {
    let mut out = create(new, 0o600)?;
    out.write_all(armored(cert).as_bytes())?;
    out.set_permissions(Permissions::from_mode(before.mode() & 0o7777))?;
    // Anybody else cannot give files away: then it belongs to the service, which reads it.
    if rustix::process::geteuid().is_root() {
        chown(new, Some(before.uid()), Some(before.gid()))?;
    }
    out.sync_all()
}
