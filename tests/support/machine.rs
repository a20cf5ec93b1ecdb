//! A small Debian that is booted, with its own systemd, for what only an init system shows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::rootfs::Rootfs;

/// A machine that runs, without a network but its own loopback.
pub struct Machine {
    rootfs: Rootfs,
    nspawn: Child,
    /// Its first process, as this machine counts.
    init: u32,
}

impl Machine {
    /// Boots a Debian, after `install` has put into it what is tried.
    pub fn boot(install: impl FnOnce(&Path)) -> Self {
        Self::boot_with(&[], install)
    }

    /// The same, with these packages besides.
    pub fn boot_with(packages: &[&str], install: impl FnOnce(&Path)) -> Self {
        let rootfs = Rootfs::with(packages);
        let root = rootfs.path();
        install(&root);
        let mut nspawn = Command::new("systemd-nspawn");
        // This machine may have the older control groups; the one inside gets the newer.
        nspawn.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
        nspawn.args(["--quiet", "--boot", "--register=no", "--keep-unit", "--private-network"]);
        let name = root
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        nspawn.args(["--console=pipe", "--machine", &format!("kv-{}", name.to_lowercase())]);
        nspawn.arg("--directory").arg(&root);
        let console = fs::File::create(root.with_file_name("console")).unwrap();
        let nspawn = nspawn
            .stdin(Stdio::null())
            .stdout(console.try_clone().unwrap())
            .stderr(console);
        let mut machine = Self {
            rootfs,
            nspawn: nspawn.spawn().unwrap(),
            init: 0,
        };
        machine.wait_for_boot();
        machine
    }

    fn wait_for_boot(&mut self) {
        let (nspawn, end) = (self.nspawn.id(), Instant::now() + Duration::from_secs(120));
        loop {
            let children = fs::read_to_string(format!("/proc/{nspawn}/task/{nspawn}/children")).unwrap_or_default();
            self.init = children
                .split_whitespace()
                .next()
                .and_then(|pid| pid.parse().ok())
                .unwrap_or(0);
            if self.init != 0 && self.says("systemctl is-system-running").trim() == "running" {
                return;
            }
            assert!(Instant::now() < end, "it did not boot:\n{}", self.console());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn console(&self) -> String {
        fs::read_to_string(self.root().with_file_name("console")).unwrap_or_default()
    }

    pub fn root(&self) -> PathBuf {
        self.rootfs.path()
    }

    /// Runs a line of shell inside.
    pub fn sh(&self, line: &str) -> Output {
        let mut command = Command::new("nsenter");
        command.args([
            "--target",
            &self.init.to_string(),
            "--mount",
            "--uts",
            "--ipc",
            "--net",
            "--pid",
            "--cgroup",
        ]);
        command
            .args(["/bin/sh", "-c", line])
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// What it says, on both pipes, whatever its exit code.
    pub fn says(&self, line: &str) -> String {
        let output = self.sh(line);
        [output.stdout, output.stderr]
            .map(|said| String::from_utf8_lossy(&said).into_owned())
            .concat()
    }

    /// As [`Machine::says`], and it must succeed.
    pub fn does(&self, line: &str) -> String {
        let output = self.sh(line);
        let said = [&output.stdout, &output.stderr]
            .map(|said| String::from_utf8_lossy(said).into_owned())
            .concat();
        assert!(output.status.success(), "{line}\n{said}\n{}", self.journal());
        said
    }

    /// Waits until something is so, and says how long that took.
    pub fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) -> Duration {
        let began = Instant::now();
        while !is_so(self) {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "{what} did not happen\n{}",
                self.journal()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        began.elapsed()
    }

    pub fn journal(&self) -> String {
        self.says("journalctl --no-pager -o short-precise | tail -60")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The end of the first process is the end of all in there; nspawn sees it and ends itself.
        if let Some(init) = i32::try_from(self.init).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(init, rustix::process::Signal::KILL);
        } else {
            let _ = self.nspawn.kill();
        }
        let _ = self.nspawn.wait();
    }
}
