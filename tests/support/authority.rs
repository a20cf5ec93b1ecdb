//! Keys, certificates and configuration of a test's authority.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use konvolutt::seal::generate_signing_key;
use postrom::{KeyProfile, NewKey, generate};
use sequoia_openpgp::serialize::SerializeInto;

use super::world::Way;

const YEAR: Duration = Duration::from_secs(365 * 86_400);
pub const MAILBOX: &str = "postmottak@authority.example";
pub const SENDER: &str = "skjema@authority.example";

/// The forms that are shipped; a test serves the first one unless it says otherwise.
pub const FORMS: [&str; 3] = ["krisesenter", "klage", "postmottak"];

/// What a test makes different from a healthy authority.
pub type Change = fn(&Authority);

/// A healthy authority in a directory.
pub struct Authority {
    pub root: PathBuf,
    pub daily: String,
    pub recovery: String,
    pub relay: String,
}

impl Authority {
    pub fn new(root: &Path) -> Self {
        for folder in ["keys", "secret", "forms"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        let key = |role: &str, name: &str| -> String {
            let new = generate(KeyProfile::Compat, name, MAILBOX, YEAR, None).unwrap();
            write_key(root, role, &new);
            new.cert.fingerprint().to_hex()
        };
        let (daily, recovery) = (key("daily", "Postmottak"), key("recovery", "Postmottak i safen"));
        let (relay, _) = generate_signing_key("Sikkert skjema", SENDER, YEAR).unwrap();
        let secret = root.join("secret/relay.key.asc");
        fs::write(&secret, relay.as_tsk().armored().to_vec().unwrap()).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(root.join("keys/relay.cert.asc"), relay.armored().to_vec().unwrap()).unwrap();
        for name in FORMS {
            let file = format!("forms/{name}.toml");
            let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(&file);
            // Checked today, whatever day it is when the tests run.
            let form = fs::read_to_string(own).unwrap();
            let checked = form.lines().find(|line| line.starts_with("# checked = ")).unwrap();
            let today = format!("checked = \"{}\"", jiff::Zoned::now().date());
            let form = form.replace(checked, &today);
            // Names and contents of every kind are tried; the shipped lists are looked at in `forms`.
            let (before, types) = form.split_once("types = [").unwrap();
            let after = types.split_once("]\n").unwrap().1;
            fs::write(root.join(file), format!("{before}{after}")).unwrap();
        }
        Self {
            root: root.to_owned(),
            daily,
            recovery,
            relay: relay.fingerprint().to_hex(),
        }
    }

    pub fn config(&self) -> PathBuf {
        self.root.join("konvolutt.toml")
    }

    pub fn write_config(&self, way: &Way) {
        let transport = match way {
            Way::Smtp(smtp) => smtp.clone(),
            Way::Maildir => "[mail.maildir]\ndirectory = \"postmottak\"\n".to_owned(),
        };
        let Self {
            daily, recovery, relay, ..
        } = self;
        let text = format!(
            r#"
[authority]
name = "Statsforvaltaren i Nordland"
address = "8002 Bodø"
site = "https://www.example.no/"
accessibility = "https://www.example.no/tilgjengelighet"

[listen]
address = "127.0.0.1:0"

[spool]
directory = "spool"
min_free_mb = 1

[signing]
key = "secret/relay.key.asc"
fingerprint = "{relay}"

[mail]
from_name = "Sikkert skjema"
from_address = "{SENDER}"
subject = "Ny henvendelse"

{transport}

[forms]
files = ["forms/krisesenter.toml"]

[[mailbox]]
name = "postmottak"
address = "{MAILBOX}"
files_limit_mb = 3

[[mailbox.certificate]]
file = "keys/daily.cert.asc"
fingerprint = "{daily}"
role = "daily"

[[mailbox.certificate]]
file = "keys/recovery.cert.asc"
fingerprint = "{recovery}"
role = "recovery"
"#
        );
        fs::write(self.config(), text).unwrap();
    }

    /// Replaces one text in a file of the authority; the text must be there.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.root.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from:?}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }
}

pub fn write_key(root: &Path, role: &str, new: &NewKey) {
    fs::write(root.join(format!("secret/{role}.key.asc")), &new.key).unwrap();
    fs::write(root.join(format!("secret/{role}.revocation.asc")), &new.revocation).unwrap();
    fs::write(root.join(format!("keys/{role}.cert.asc")), &new.certificate).unwrap();
}
