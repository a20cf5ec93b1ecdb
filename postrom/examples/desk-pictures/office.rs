//! The program as a clerk starts it. Comes in: a post room's folder. Goes out: a process with its page's address.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Somebody's own folder, which is shown and not there.
const HOME: &str = "/home/kari.lie";

/// Cargo builds an example without the package's program.
pub fn build() {
    let mut cargo = Command::new(env!("CARGO"));
    assert!(
        cargo
            .args(["build", "-p", "postrom", "--bin", "postrom"])
            .status()
            .unwrap()
            .success()
    );
}

fn program() -> PathBuf {
    let example = std::env::current_exe().unwrap();
    example.parent().and_then(Path::parent).unwrap().join("postrom")
}

/// `postrom desk`, until it is dropped.
pub struct Served {
    process: Child,
    /// The address that works once.
    pub invitation: String,
}

impl Served {
    pub fn start(root: &Path, who: &str, lang: &str, minutes: u32) -> Self {
        let settings = format!(
            "mail = [\"post\"]\nkeys = [\"postmottak.key.asc\"]\nrelay = [\"skjema.cert.asc\"]\nout = \"brev\"\n\
             ledger = \"post-ledger.jsonl\"\nlanguage = \"{lang}\"\nlock_after = {minutes}\n"
        );
        Self::with(root, who, &settings)
    }

    /// One that nobody set up.
    pub fn bare(root: &Path) -> Self {
        Self::with(root, "Kari Lie", "language = \"nb\"\n")
    }

    fn with(root: &Path, who: &str, settings: &str) -> Self {
        fs::write(root.join("postrom.toml"), settings).unwrap();
        let mut command = Command::new(program());
        command.args(["desk", "--no-browser", "--config", "postrom.toml"]);
        command
            .current_dir(root)
            .env("HOME", HOME)
            .env("USER", who)
            .env("TZ", "Europe/Oslo");
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.find_map(|line| line.unwrap().strip_prefix("ready ").map(str::to_owned));
        Self {
            process,
            invitation: ready.unwrap(),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
