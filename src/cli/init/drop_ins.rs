//! What the units cannot know: at what systemd listens, whether the relay has a password, where an instance tells its health.
//!
//! Comes in: the answers. Goes out: drop-ins beside the units, each whole, and none where the configuration was not written. What
//! always holds: units that belong to another configuration are left alone.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use konvolutt_letter::program::write_new;

use super::Init;
use super::instance::at;
use crate::door::ListenAddress;

const UNITS: &str = "/etc/systemd/system";
const BEHIND_PROXY: &str = "127.0.0.1:8080";

/// Files that are removed again unless they are kept.
pub(super) struct DropIns {
    socket: PathBuf,
    /// What stands in the socket's.
    listens: Vec<String>,
    relay: PathBuf,
    written: Vec<PathBuf>,
}

impl DropIns {
    /// Nothing for units that read another folder: `init --dir` is how somebody tries.
    ///
    /// # Errors
    /// When systemd could not listen at what `--listen` says.
    pub(super) fn of(init: &Init) -> anyhow::Result<Option<Self>> {
        if !init.has_systemd() || !(init.is_the_units_own() || init.units.is_some()) {
            return Ok(None);
        }
        let folder = init.units.clone().unwrap_or_else(|| UNITS.into());
        let place = |unit: &str, kind: &str| {
            let at = at(init.instance.as_deref());
            folder.join(format!("{unit}{at}.{kind}.d/konvolutt-init.conf"))
        };
        Ok(Some(Self {
            socket: place("konvolutt-web", "socket"),
            listens: of_socket(init)?,
            relay: place("konvolutt-relay", "service"),
            written: Vec::new(),
        }))
    }

    /// One of an earlier run would win over what is answered now, also where this run needs none.
    ///
    /// # Errors
    /// When one is there.
    pub(super) fn are_free(&self) -> anyhow::Result<()> {
        let mut files = [&self.socket, &self.relay].into_iter();
        match files.find(|file| file.symlink_metadata().is_ok()) {
            Some(file) => bail!(
                "{} is there already; nothing was written\n  → It belongs to a configuration that `init` made before. Remove it if that is no longer wanted.",
                file.display()
            ),
            None => Ok(()),
        }
    }

    pub(super) fn write(&mut self, init: &Init) -> anyhow::Result<()> {
        let listens = std::mem::take(&mut self.listens);
        self.put(self.socket.clone(), "[Socket]", &listens)?;
        self.put(self.relay.clone(), "[Service]", &of_relay(init)?)
    }

    fn put(&mut self, file: PathBuf, section: &str, lines: &[String]) -> anyhow::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let folder = file.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        self.written.push(file.clone());
        let text = format!("# Made by `konvolutt init`.\n{section}\n{}\n", lines.join("\n"));
        write_new(&file, text.as_bytes(), 0o644).with_context(|| format!("{} cannot be written", file.display()))
    }

    /// The configuration that they belong to is there.
    pub(super) fn keep(mut self) {
        for file in self.written.drain(..) {
            println!("Written: {}", file.display());
        }
    }
}

impl Drop for DropIns {
    fn drop(&mut self) {
        for file in &self.written {
            let _ = fs::remove_file(file);
            // Ours alone, or not empty.
            let _ = file.parent().map(fs::remove_dir);
        }
    }
}

/// Where systemd listens, if not at the plain units' port 443: that is the proxy's where there is one.
///
/// # Errors
/// What is no address that systemd could listen at.
fn of_socket(init: &Init) -> anyhow::Result<Vec<String>> {
    let default = || init.behind_proxy.map(|_| BEHIND_PROXY.to_owned());
    let Some(listen) = init.listen.clone().or_else(default) else {
        return Ok(Vec::new());
    };
    let place: ListenAddress = listen.parse().map_err(|why| anyhow!("--listen: {why}"))?;
    let place = match place {
        ListenAddress::Tcp(address) => address.to_string(),
        ListenAddress::Unix(path) => escaped(&path)?,
        ListenAddress::Systemd(_) => {
            bail!("--listen: with systemd this is what its socket listens at, such as 127.0.0.1:8080")
        }
    };
    Ok(vec!["ListenStream=".to_owned(), format!("ListenStream={place}")])
}

fn of_relay(init: &Init) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    if init.instance.is_some() {
        let mut health = init.health;
        health.set_port(init.health.port().saturating_add(1));
        lines.push(format!(
            "# The form has the port before it.\nEnvironment=KONVOLUTT_HEALTH={health}"
        ));
    }
    if init.mail_user.is_none() {
        lines.push("# Nothing logs in. Remove the line when something does.\nLoadCredential=".to_owned());
    }
    if let Some(maildir) = &init.maildir {
        lines.push(format!(
            "ReadWritePaths=\"-{}\"",
            escaped(&std::path::absolute(maildir)?)?
        ));
    }
    Ok(lines)
}

/// As a unit writes a path.
fn escaped(path: &Path) -> anyhow::Result<String> {
    let text = path.to_str().filter(|text| !text.contains(['"', '\\', '\n']));
    let text = text.with_context(|| format!("{} cannot be written into a unit", path.display()))?;
    Ok(text.replace('%', "%%"))
}
