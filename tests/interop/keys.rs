//! Keys of post rooms, each made by the program that its owner would use.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use konvolutt::seal::{CertificateRole, Pin, Strength, generate_signing_key, parse_one};
use sequoia_openpgp::serialize::SerializeInto;

use super::gnupg::GnuPg;
use crate::support::{SENDER, postrom, run};

/// A key of a post room: its files.
#[derive(Clone)]
pub struct Key {
    pub name: &'static str,
    pub secret: PathBuf,
    pub certificate: PathBuf,
}

impl Key {
    /// As an operator would pin it.
    pub fn pin(&self, role: CertificateRole) -> Pin {
        let cert = parse_one(&fs::read(&self.certificate).unwrap());
        Pin {
            file: self.certificate.clone(),
            fingerprint: cert
                .unwrap_or_else(|error| panic!("{}: {error}", self.name))
                .fingerprint(),
            role,
            strength: Strength::Full,
        }
    }
}

/// Makes keys, all in one directory.
pub struct Maker {
    root: PathBuf,
    gnupg: GnuPg,
}

impl Maker {
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            gnupg: GnuPg::new(root.join("maker")),
        }
    }

    /// By `gpg`, in the words of its batch file.
    pub fn gpg(&self, name: &'static str, primary: &str, subkey: &str) -> Key {
        let address = format!("{}@authority.example", slug(name));
        let batch = format!(
            "%no-protection\nKey-Type: {primary}\nKey-Usage: sign,cert\nSubkey-Type: {subkey}\nSubkey-Usage: encrypt\n\
             Name-Real: Postmottak æøå\nName-Email: {address}\nExpire-Date: 1y\n%commit\n"
        );
        let mut gpg = self.gnupg.command();
        let mut child = gpg
            .args(["-q", "--full-gen-key"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(batch.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{batch}");
        let key = self.key(name);
        run(self
            .gnupg
            .command()
            .arg("--armor")
            .args(["--export-secret-keys", "--output"])
            .arg(&key.secret)
            .arg(&address));
        run(self
            .gnupg
            .command()
            .arg("--armor")
            .args(["--export", "--output"])
            .arg(&key.certificate)
            .arg(&address));
        key
    }

    /// By `sq`.
    pub fn sq(&self, name: &'static str) -> Key {
        let key = self.key(name);
        let user = format!("Postmottak <{}@authority.example>", slug(name));
        run(Command::new("sq")
            .args(["key", "generate", "--userid", &user, "--export"])
            .arg(&key.secret));
        run(Command::new("sq")
            .args(["key", "extract-cert", "--output"])
            .arg(&key.certificate)
            .arg(&key.secret));
        key
    }

    /// By our own `postrom keygen`.
    pub fn postrom(&self, name: &'static str, profile: &str) -> Key {
        let file = slug(name);
        run(postrom()
            .args(["keygen", "--no-passphrase", "--email", "postmottak@authority.example"])
            .args(["--profile", profile, "--name", &file, "--out"])
            .arg(&self.root));
        self.key(name)
    }

    /// A relay's own key, as `konvolutt keys new-signer` makes it.
    pub fn relay(&self, name: &'static str) -> Key {
        let (relay, _) = generate_signing_key("Sikkert skjema", SENDER, Duration::from_secs(86_400)).unwrap();
        let key = self.key(name);
        fs::write(&key.secret, relay.as_tsk().armored().to_vec().unwrap()).unwrap();
        run(Command::new("chmod").arg("600").arg(&key.secret));
        fs::write(&key.certificate, relay.armored().to_vec().unwrap()).unwrap();
        key
    }

    fn key(&self, name: &'static str) -> Key {
        let file = |ending: &str| self.root.join(format!("{}.{ending}.asc", slug(name)));
        Key {
            name,
            secret: file("key"),
            certificate: file("cert"),
        }
    }
}

/// A name as a file's.
fn slug(name: &str) -> String {
    name.to_lowercase().replace([' ', ','], "-")
}
