//! A throw-away authority: keys, configuration, form, mailbox. Its secret keys protect nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use konvolutt_letter::program::{write_new, write_secret};
use postrom::{KeyProfile, generate};
use sequoia_openpgp::serialize::SerializeInto;

use crate::seal::generate_signing_key;

const FORMS: [(&str, &str); 3] = [
    ("krisesenter", include_str!("../../../config/forms/krisesenter.toml")),
    ("klage", include_str!("../../../config/forms/klage.toml")),
    ("postmottak", include_str!("../../../config/forms/postmottak.toml")),
];
const MAILBOX: &str = "postmottak@authority.example";
const SENDER: &str = "skjema@authority.example";
/// A demo that is found again after a holiday still works.
const YEARS: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Where everything of the demo lies.
pub(super) struct Authority {
    pub(super) dir: PathBuf,
    pub(super) config: PathBuf,
    pub(super) maildir: PathBuf,
    pub(super) opened: PathBuf,
    pub(super) daily_key: PathBuf,
    pub(super) relay_certificate: PathBuf,
}

impl Authority {
    pub(super) fn make_or_reuse(dir: &Path) -> anyhow::Result<Self> {
        let authority = Self {
            dir: dir.to_owned(),
            config: dir.join("konvolutt.toml"),
            maildir: dir.join("postmottak"),
            opened: dir.join("opened"),
            daily_key: dir.join("secret/daily.key.asc"),
            relay_certificate: dir.join("keys/relay.cert.asc"),
        };
        // Written last, so that a start which was cut short is not taken for a whole one.
        if !authority.config.exists() {
            authority
                .make()
                .with_context(|| format!("the demo could not be made in {}", dir.display()))?;
        }
        Ok(authority)
    }

    fn make(&self) -> anyhow::Result<()> {
        for folder in ["keys", "secret", "forms"] {
            let folder = self.dir.join(folder);
            // What a start that was cut short left behind.
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir_all(&folder)?;
        }
        let daily = self.post_room_key("daily", "Postmottak (demo)")?;
        let recovery = self.post_room_key("recovery", "Postmottak, recovery key (demo)")?;
        let (relay, _) = generate_signing_key("Sikkert skjema (demo)", SENDER, YEARS)?;
        write_secret(
            &self.dir.join("secret/relay.key.asc"),
            &relay.as_tsk().armored().to_vec()?,
        )?;
        write_new(&self.relay_certificate, &relay.armored().to_vec()?, 0o644)?;
        for (name, form) in FORMS {
            write_new(&self.dir.join(format!("forms/{name}.toml")), form.as_bytes(), 0o644)?;
        }
        let config = configuration(&relay.fingerprint().to_hex(), &daily, &recovery);
        write_new(&self.config, config.as_bytes(), 0o644)?;
        Ok(())
    }

    fn post_room_key(&self, role: &str, name: &str) -> anyhow::Result<String> {
        let new = generate(KeyProfile::Compat, name, MAILBOX, YEARS, None)?;
        write_secret(&self.dir.join(format!("secret/{role}.key.asc")), &new.key)?;
        write_new(&self.dir.join(format!("keys/{role}.cert.asc")), &new.certificate, 0o644)?;
        Ok(new.cert.fingerprint().to_hex())
    }
}

fn configuration(relay: &str, daily: &str, recovery: &str) -> String {
    format!(
        r#"# Made by `konvolutt demo`. The keys beside it are throw-away keys: use none of this for real letters.

[authority]
name.nn = "Statsforvaltaren i Nordland (demo)"
name.nb = "Statsforvalteren i Nordland (demo)"
name.en = "The County Governor of Nordland (demo)"

[listen]
address = "127.0.0.1:8080"

[spool]
directory = "spool"

[signing]
key = "secret/relay.key.asc"
fingerprint = "{relay}"

[mail]
from_name = "Sikkert skjema"
from_address = "{SENDER}"
subject = "Ny førespurnad"

[mail.maildir]
directory = "postmottak"

[forms]
files = ["forms/krisesenter.toml", "forms/klage.toml", "forms/postmottak.toml"]

[[mailbox]]
name = "postmottak"
address = "{MAILBOX}"

[[mailbox.certificate]]
file = "keys/daily.cert.asc"
fingerprint = "{daily}"
role = "daily"

[[mailbox.certificate]]
file = "keys/recovery.cert.asc"
fingerprint = "{recovery}"
role = "recovery"
"#
    )
}
