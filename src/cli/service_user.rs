//! Commands that root runs work as the service's user: what root made in the spool, the service could not use.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::Context;
use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use crate::config::{Overrides, spool_directory};

/// Becomes the owner of the spool, for good, when root runs this and the spool is not root's own. To be called before any
/// thread is started: the kernel changes one thread at a time.
///
/// # Errors
/// When the kernel refuses.
pub(super) fn become_service_user(path: &Path, overrides: &Overrides) -> anyhow::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let owner = spool_directory(path, overrides).and_then(|spool| fs::metadata(spool).ok());
    let Some((user, group)) = owner
        .map(|meta| (meta.uid(), meta.gid()))
        .filter(|(user, _)| *user != 0)
    else {
        return Ok(());
    };
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(group));
    set_thread_groups(&[gid])
        .and_then(|()| set_thread_res_gid(gid, gid, gid))
        .and_then(|()| set_thread_res_uid(uid, uid, uid))
        .with_context(|| {
            format!("this is root, and the spool belongs to user {user}; run it with `runuser -u konvolutt --`")
        })
}
