//! Commands that root runs work as the service's user: what root made in the spool, the service could not use.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

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
    let mut groups = groups(user);
    groups.push(gid);
    set_thread_groups(&groups)
        .and_then(|()| set_thread_res_gid(gid, gid, gid))
        .and_then(|()| set_thread_res_uid(uid, uid, uid))
        .with_context(|| {
            format!("this is root, and the spool belongs to user {user}; run it with `runuser -u konvolutt --`")
        })
}

/// The groups of a user, as systemd gives them to the service: a mailbox or a key may be open to one of them alone. Whoever they
/// come from (files, a directory service), `id` asks the C library. A user without a name has none.
fn groups(user: u32) -> Vec<Gid> {
    let mut id = Command::new("id");
    id.args(["-G", "--", &user.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let said = id.output().map(|output| output.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let numbers = said.split_whitespace().filter_map(|number| number.parse().ok());
    numbers.map(Gid::from_raw).collect()
}

#[cfg(test)]
mod tests {
    use rustix::process::getuid;

    use super::*;

    /// The groups of whoever runs this may be fewer than the user has by now, and the first is the user's own.
    #[test]
    fn the_groups_of_a_user_are_found_and_nobody_has_none() {
        assert!(!groups(getuid().as_raw()).is_empty());
        assert!(groups(u32::MAX - 1).is_empty());
    }
}
