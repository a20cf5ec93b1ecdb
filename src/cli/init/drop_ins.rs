//! What the units cannot know: at what systemd listens, and where the second half of an instance tells its health.
//!
//! Comes in: the flags. Goes out: drop-ins beside the units, each whole, and none where the configuration was not written.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use konvolutt_letter::program::write_new;

use super::Init;
use super::instance::at;

const BEHIND_PROXY: &str = "127.0.0.1:8080";

/// Files that are removed again unless they are kept.
pub(super) struct DropIns {
    files: Vec<(PathBuf, String)>,
    written: Vec<PathBuf>,
}

impl DropIns {
    pub(super) fn of(init: &Init) -> Self {
        let place = |unit: &str, kind: &str| {
            let unit = format!("{unit}{}.{kind}.d/konvolutt-init.conf", at(init.instance.as_deref()));
            init.units.join(unit)
        };
        let mut files = Vec::new();
        if let Some(listen) = listens_elsewhere(init) {
            let text = format!(
                "# Made by `konvolutt init`: where visitors come in.\n[Socket]\nListenStream=\nListenStream={listen}\n"
            );
            files.push((place("konvolutt-web", "socket"), text));
        }
        if init.instance.is_some() {
            let mut of_relay = init.health;
            of_relay.set_port(init.health.port().saturating_add(1));
            let text = format!(
                "# Made by `konvolutt init`: the form has the port before it.\n[Service]\nEnvironment=KONVOLUTT_HEALTH={of_relay}\n"
            );
            files.push((place("konvolutt-relay", "service"), text));
        }
        Self {
            files,
            written: Vec::new(),
        }
    }

    /// # Errors
    /// When one is there.
    pub(super) fn are_free(&self) -> anyhow::Result<()> {
        match self.files.iter().find(|(file, _)| file.symlink_metadata().is_ok()) {
            Some((file, _)) => bail!("{} is there already; nothing was written", file.display()),
            None => Ok(()),
        }
    }

    pub(super) fn write(&mut self) -> anyhow::Result<()> {
        for (file, text) in &self.files {
            let folder = file.parent().unwrap_or(Path::new("/"));
            fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            self.written.push(file.clone());
            write_new(file, text.as_bytes(), 0o644)?;
        }
        Ok(())
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
fn listens_elsewhere(init: &Init) -> Option<String> {
    let by_systemd = init.has_systemd() || init.instance.is_some();
    let default = || init.behind_proxy.map(|_| BEHIND_PROXY.to_owned());
    by_systemd.then(|| init.listen.clone().or_else(default)).flatten()
}
