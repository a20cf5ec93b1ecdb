//! Keys that a real GnuPG makes and exports, and letters that it seals.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use postrom::KeysError;

use super::desk::{load, opened};

const PASSPHRASE: &str = "prøve og atter prøve";

struct GnuPg(tempfile::TempDir);

impl GnuPg {
    fn new() -> Self {
        Self(tempfile::Builder::new().permissions(private()).tempdir().unwrap())
    }

    fn home(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, words: &[&str], input: &[u8]) -> Vec<u8> {
        let mut gpg = Command::new("gpg");
        gpg.arg("--homedir")
            .arg(self.home())
            .args(["-q", "--batch", "--yes", "--trust-model", "always"]);
        gpg.args(["--pinentry-mode", "loopback", "--passphrase", PASSPHRASE])
            .args(words);
        let mut child = gpg.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{words:?}");
        output.stdout
    }

    /// Makes a key with two subkeys for encryption, and gives the IDs of those.
    fn make(&self, kind: &str, subkind: &str) -> Vec<String> {
        self.run(
            &[
                "--quick-gen-key",
                "Postmottak <p@authority.example>",
                kind,
                "cert,sign",
                "1y",
            ],
            b"",
        );
        let listed = String::from_utf8(self.run(&["--list-keys", "--with-colons"], b"")).unwrap();
        let fingerprint = column(&listed, "fpr", 9).remove(0);
        for _ in 0..2 {
            self.run(&["--quick-add-key", &fingerprint, subkind, "encr", "1y"], b"");
        }
        column(
            &String::from_utf8(self.run(&["--list-keys", "--with-colons"], b"")).unwrap(),
            "sub",
            4,
        )
    }
}

/// Its agent would live on.
impl Drop for GnuPg {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf")
            .arg("--homedir")
            .arg(self.home())
            .args(["--kill", "all"])
            .status();
    }
}

fn private() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o700)
}

fn column(listed: &str, kind: &str, at: usize) -> Vec<String> {
    let lines = listed.lines().filter(|line| line.starts_with(kind));
    lines.map(|line| line.split(':').nth(at).unwrap().to_owned()).collect()
}

#[test]
#[ignore = "needs gnupg"]
fn every_export_of_gnupg_opens_what_gnupg_seals() {
    for (kind, subkind) in [("ed25519", "cv25519"), ("rsa3072", "rsa3072"), ("nistp256", "nistp256")] {
        let gnupg = GnuPg::new();
        let subkeys = gnupg.make(kind, subkind);
        let one = format!("{}!", subkeys[1]);
        let sealed = gnupg.run(&["-r", &one, "--encrypt"], b"hei");
        let hidden = gnupg.run(&["-R", &one, "--encrypt"], b"hei");
        for export in [
            vec!["--export-secret-keys"],
            vec!["--armor", "--export-secret-keys"],
            vec!["--armor", "--export-secret-subkeys"],
            vec!["--armor", "--export-secret-subkeys", &one],
        ] {
            let keys =
                load(&gnupg.run(&export, b""), Some(PASSPHRASE)).unwrap_or_else(|error| panic!("{export:?}: {error}"));
            assert_eq!(opened(&keys, &sealed).as_deref(), Some("hei"), "{kind} {export:?}");
            assert_eq!(opened(&keys, &hidden).as_deref(), Some("hei"), "{kind} {export:?}");
        }
        // The control: the other subkey alone does not.
        let other = format!("{}!", subkeys[0]);
        let keys = load(&gnupg.run(&["--export-secret-subkeys", &other], b""), Some(PASSPHRASE)).unwrap();
        assert_eq!(opened(&keys, &sealed), None);
        let public = load(&gnupg.run(&["--export"], b""), None).err();
        assert!(matches!(public, Some(KeysError::OnlyPublic(_))));
    }
}
