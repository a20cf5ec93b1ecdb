//! A Debian of the test's own, as a folder: for what has to be installed, booted or removed.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::world::run;

/// What every one of them has: enough to boot, and to ask a page over TLS.
const PACKAGES: &str = "systemd-sysv,dbus,ca-certificates,curl,openssl,iproute2,procps";

/// A fresh copy of a Debian of this machine's own release, so that programs which were built here run in it. It goes when
/// this is dropped.
pub struct Rootfs {
    dir: tempfile::TempDir,
}

impl Rootfs {
    /// With [`PACKAGES`] and these besides. debootstrap makes each choice of packages once (a minute or two), in `target/rootfs`.
    pub fn with(packages: &[&str]) -> Self {
        let made = made(packages);
        // Beside what it is copied from: the same file system, and never a /tmp that is memory.
        let dir = tempfile::Builder::new()
            .prefix("copy-")
            .tempdir_in(made.parent().unwrap())
            .unwrap();
        run(Command::new("cp")
            .args(["--archive", "--reflink=auto"])
            .arg(&made)
            .arg(dir.path().join("root")));
        Self { dir }
    }

    /// The folder that is its `/`.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    /// Where a path of it lies on this machine.
    pub fn at(&self, inside: &str) -> PathBuf {
        self.path().join(inside.trim_start_matches('/'))
    }

    /// Lays a file into it.
    pub fn put(&self, from: &Path, inside: &str) {
        let to = self.at(inside);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }

    /// A command to be run in it, as root, with its own processes and `/proc`, and nothing of this machine's environment.
    pub fn command(&self, words: &[impl AsRef<OsStr>]) -> Command {
        let script = "mount -t proc proc \"$0/proc\"; exec chroot \"$0\" \"$@\"";
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script])
            .arg(self.path())
            .args(words)
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", "/root")
            .env("LC_ALL", "C.UTF-8")
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
    }

    /// What a command in it prints; a command that fails is a mistake.
    pub fn run(&self, words: &[&str]) -> String {
        run(&mut self.command(words))
    }

    /// What a command in it comes to.
    pub fn output(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }
}

/// The one that is copied.
fn made(packages: &[&str]) -> PathBuf {
    let all = [&[PACKAGES], packages].concat().join(",");
    let release = fs::read_to_string("/etc/os-release").unwrap();
    let suite = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .expect("this machine is a Debian");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/rootfs");
    fs::create_dir_all(&folder).unwrap();
    // The name is the choice: another one is another folder.
    let made = folder.join(format!("{suite}-{}", all.replace(',', "+")));
    if !made.exists() {
        let unfinished = tempfile::Builder::new()
            .prefix("unfinished-")
            .tempdir_in(&folder)
            .unwrap();
        let root = unfinished.path().join("root");
        let mut debootstrap = Command::new("debootstrap");
        debootstrap.args(["--variant=minbase", &format!("--include={all}"), suite]);
        run(debootstrap.arg(&root));
        // Whoever was quicker made the same one.
        if fs::rename(&root, &made).is_err() {
            assert!(made.exists(), "{} could not be made", made.display());
        }
    }
    made
}
