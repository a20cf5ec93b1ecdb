//! The program as a clerk starts it. Comes in: a desk's folder. Goes out: a process with its page's address.

use std::cell::RefCell;
use std::fs;
use std::process::Command;
use std::time::Duration;

use postrom::KeyProfile;

use crate::program::desk::Desk;
use crate::program::process::Running;

pub const PASSPHRASE: &str = "riktig hest batteri stift";

/// `postrom desk`, until it is dropped.
pub struct Served {
    pub running: Running,
    /// The address that works once.
    invitation: RefCell<Option<String>>,
}

impl Served {
    /// With a settings file like the one that IT writes, and some lines more.
    pub fn start(desk: &Desk, who: &str, more: &str) -> Self {
        let settings = format!(
            "mail = [\"mail\"]\nkeys = [\"key.asc\"]\nrelay = [\"relay.asc\"]\nout = \"out\"\n\
             ledger = \"mail-ledger.jsonl\"\nlanguage = \"en\"\n{more}\n"
        );
        let name = format!("{who}.toml");
        desk.put(&name, settings);
        Self::with(desk, who, &["--config", &name])
    }

    /// With these words after `postrom desk`.
    pub fn with(desk: &Desk, who: &str, words: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
        desk.at_home(&mut command);
        let temporary = desk.path("tmp");
        fs::create_dir_all(&temporary).unwrap();
        command.env("USER", who).env("TMPDIR", temporary);
        command.args(["desk", "--no-browser"]).args(words);
        let running = Running::start(command);
        let mut address = None;
        running.until("the address", || {
            address = running
                .out()
                .split_once("ready ")
                .and_then(|(_, rest)| Some(rest.split_once('\n')?.0.to_owned()));
            address.is_some()
        });
        Self {
            running,
            invitation: RefCell::new(address),
        }
    }

    pub fn invitation(&self) -> String {
        self.invitation.borrow_mut().take().expect("it works once")
    }

    /// Processes that this one started and that live.
    pub fn children(&self) -> Vec<u32> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.running.pid())).unwrap();
        let children = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok());
        let numbers = |text: String| -> Vec<u32> { text.split_whitespace().map(|pid| pid.parse().unwrap()).collect() };
        children.flat_map(numbers).collect()
    }
}

/// Gives the desk's key a passphrase.
pub fn with_passphrase(mut desk: Desk) -> Desk {
    let year = Duration::from_secs(365 * 86_400);
    let new = postrom::generate(
        KeyProfile::Compat,
        "Postmottak",
        "post@x.example",
        year,
        Some(PASSPHRASE.into()),
    )
    .unwrap();
    desk.put("key.asc", &new.key);
    desk.own = new.cert;
    desk
}
