//! One of several authorities on a machine: `konvolutt@NAME.target` with units made from the plain ones.
//!
//! Its folder, user and store follow from its name. What cannot follow from it, where visitors come in and where health is told,
//! goes into two drop-ins.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use konvolutt_letter::program::write_new;

use super::Init;

/// An authority beside others.
pub(super) struct Instance {
    pub(super) name: String,
    listen: String,
    health: SocketAddr,
    units: PathBuf,
}

impl Instance {
    pub(super) fn of(init: &Init) -> Option<Self> {
        let name = init.instance.clone()?;
        Some(Self {
            name,
            listen: init.listen.clone().unwrap_or_default(),
            health: init.health,
            units: init.units.clone(),
        })
    }

    /// Each with what is in it.
    fn drop_ins(&self) -> [(PathBuf, String); 2] {
        let Self { name, listen, .. } = self;
        let mut of_relay = self.health;
        of_relay.set_port(self.health.port().saturating_add(1));
        let place = |unit: String| self.units.join(format!("{unit}.d/konvolutt-init.conf"));
        [
            (
                place(format!("konvolutt-web@{name}.socket")),
                format!(
                    "# Made by `konvolutt init`: where visitors of this authority come in.\n[Socket]\nListenStream=\nListenStream={listen}\n"
                ),
            ),
            (
                place(format!("konvolutt-relay@{name}.service")),
                format!(
                    "# Made by `konvolutt init`: the form has the port before it.\n[Service]\nEnvironment=KONVOLUTT_HEALTH={of_relay}\n"
                ),
            ),
        ]
    }

    /// # Errors
    /// When one is there.
    pub(super) fn is_free(&self) -> anyhow::Result<()> {
        match self.drop_ins().iter().find(|(file, _)| file.exists()) {
            Some((file, _)) => bail!("{} is there already; nothing was written", file.display()),
            None => Ok(()),
        }
    }

    pub(super) fn write(&self) -> anyhow::Result<()> {
        for (file, text) in self.drop_ins() {
            let folder = file.parent().unwrap_or(Path::new("/"));
            fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            write_new(&file, text.as_bytes(), 0o644)?;
            println!("Written: {}", file.display());
        }
        Ok(())
    }
}

/// A name that units, folders and a user can have.
pub(super) fn name(text: &str) -> Result<String, String> {
    let sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = (1..=20).contains(&text.len()) && text.chars().all(sign);
    fits.then(|| text.to_owned())
        .ok_or_else(|| "use 1 to 20 small letters and digits".to_owned())
}

/// The units that a person enables.
pub(super) fn units(instance: Option<&Instance>) -> String {
    let at = instance.map_or_else(String::new, |instance| format!("@{}", instance.name));
    let units = [
        "konvolutt-web.socket",
        "konvolutt-web.service",
        "konvolutt-relay.service",
    ];
    units.map(|unit| unit.replace('.', &format!("{at}."))).join(" ")
}

/// Whether this machine runs systemd, with our units.
pub(super) fn has_units() -> bool {
    let folders = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
    let there = |folder: &str| Path::new(folder).join("konvolutt-web.socket").exists();
    Path::new("/run/systemd/system").exists() && folders.into_iter().any(there)
}
