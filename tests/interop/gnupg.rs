//! A GnuPG with a home of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

pub struct GnuPg {
    home: PathBuf,
}

impl GnuPg {
    pub fn new(home: PathBuf) -> Self {
        fs::create_dir_all(&home).unwrap();
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
        Self { home }
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new("gpg");
        command
            .args(["--batch", "--no-auto-key-locate", "--homedir"])
            .arg(&self.home);
        command
    }
}

impl Drop for GnuPg {
    /// Ends the agent that gpg started for this home.
    fn drop(&mut self) {
        let mut command = Command::new("gpgconf");
        let _ = command
            .arg("--homedir")
            .arg(&self.home)
            .args(["--kill", "all"])
            .output();
    }
}
