//! The user whose the secrets are: the one that the service runs as.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

/// A user of this machine.
pub(super) struct Owner {
    pub(super) name: String,
    pub(super) user: u32,
    pub(super) group: u32,
}

impl Owner {
    /// Root gives the files away, to a user that is made if it is not there. Anybody else keeps them.
    ///
    /// # Errors
    /// When there is no such user, or no right to give files away.
    pub(super) fn of(named: Option<&str>, instance: Option<&str>, home: &Path) -> anyhow::Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return match named {
                Some(name) => bail!("only root can give files to {name}: run `init` as root, or without --user"),
                None => Ok(None),
            };
        }
        let default = || instance.map_or_else(|| "konvolutt".to_owned(), |name| format!("konvolutt-{name}"));
        let name = named.map_or_else(default, str::to_owned);
        if let Some(owner) = Self::named(&name)? {
            return Ok(Some(owner));
        }
        if named.is_some() {
            bail!("there is no user {name} on this machine");
        }
        make(&name, home)?;
        Self::named(&name)
    }

    fn named(name: &str) -> anyhow::Result<Option<Self>> {
        let users = fs::read_to_string("/etc/passwd").context("/etc/passwd cannot be read")?;
        let found = users.lines().find_map(|line| {
            let mut parts = line.split(':');
            let of_name = parts.next() == Some(name);
            let (user, group) = (parts.nth(1)?.parse().ok()?, parts.next()?.parse().ok()?);
            of_name.then_some((user, group))
        });
        let name = name.to_owned();
        Ok(found.map(|(user, group)| Self { name, user, group }))
    }

    /// Gives a file or folder to the service.
    pub(super) fn give(&self, path: &Path) -> anyhow::Result<()> {
        let given = chown(path, Some(self.user), Some(self.group));
        given.with_context(|| format!("{} cannot be given to {}", path.display(), self.name))
    }

    /// The spool, where nothing is there yet: systemd would make it at the first start, and `check` looks before.
    pub(super) fn make_spool(&self, spool: &Path) -> anyhow::Result<()> {
        if spool.exists() {
            return Ok(());
        }
        let named = || format!("the spool {} cannot be made", spool.display());
        // What leads to it is not secret, and others may have things there.
        let parents = spool.parent().unwrap_or(Path::new("/"));
        let made = fs::DirBuilder::new().recursive(true).mode(0o755).create(parents);
        made.with_context(named)?;
        fs::DirBuilder::new().mode(0o700).create(spool).with_context(named)?;
        self.give(spool)
    }
}

fn make(name: &str, home: &Path) -> anyhow::Result<()> {
    let mut useradd = Command::new("useradd");
    useradd.args([
        "--system",
        "--user-group",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
    ]);
    useradd.arg("--home-dir").arg(home).arg(name);
    let status = useradd.status().context("`useradd` could not be run")?;
    if !status.success() {
        bail!("the user {name} could not be made; make it, and run `init` again");
    }
    println!("The service's user {name} was made.");
    Ok(())
}
