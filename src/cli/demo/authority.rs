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
/// A sign of no authority.
const LOGO: &str = include_str!("../../../config/logo.svg");
const MAILBOX: &str = "postmottak@authority.example";
const SENDER: &str = "skjema@authority.example";
/// Paths count from the file's own folder. The keys have no passphrase.
const POST_ROOM: &str = r#"# Made by `konvolutt demo`: the post room of the demo.

mail = ["postmottak"]
keys = ["secret/daily.key.asc"]
relay = ["keys/relay.cert.asc"]
known = ["keys/recovery.cert.asc"]
out = "opened"
"#;
/// A demo that is found again after a holiday still works.
const YEARS: Duration = Duration::from_secs(10 * 365 * 86_400);

/// Where everything of the demo lies.
pub(super) struct Authority {
    pub(super) dir: PathBuf,
    pub(super) config: PathBuf,
    /// Settings of the post room.
    pub(super) desk: PathBuf,
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
            desk: dir.join("postrom.toml"),
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
        // Also in a folder that an earlier version made.
        if !authority.desk.exists() {
            write_new(&authority.desk, POST_ROOM.as_bytes(), 0o644)?;
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
        write_new(&self.dir.join("logo.svg"), LOGO.as_bytes(), 0o644)?;
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
address = "8002 Bodø"
site = "https://www.example.no/"
accessibility = "https://www.example.no/tilgjengelighet"
logo = "logo.svg"

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

#[cfg(test)]
mod tests {
    use super::*;

    /// The post room reads what it is given, also in a folder of a version that gave it nothing; what somebody changed stays.
    #[test]
    fn the_post_room_of_the_demo_is_set_up() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::make_or_reuse(dir.path()).unwrap();
        let read = || {
            postrom::settings::Settings::load(Some(&authority.desk))
                .unwrap()
                .unwrap()
        };
        let settings = read();
        assert_eq!(settings.mail, std::slice::from_ref(&authority.maildir));
        assert_eq!(settings.out, Some(authority.opened.clone()));
        assert_eq!(settings.keys, std::slice::from_ref(&authority.daily_key));
        assert_eq!(settings.relay, std::slice::from_ref(&authority.relay_certificate));
        let files = [&settings.keys, &settings.relay, &settings.known];
        assert!(files.into_iter().flatten().all(|file| file.is_file()), "{files:?}");
        fs::remove_file(&authority.desk).unwrap();
        Authority::make_or_reuse(dir.path()).unwrap();
        assert_eq!(read(), settings);
        fs::write(&authority.desk, "lock_after = 5\n").unwrap();
        Authority::make_or_reuse(dir.path()).unwrap();
        assert!(read().lock_after.is_some());
    }
}
