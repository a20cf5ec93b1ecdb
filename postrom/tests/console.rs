//! A terminal, which `script` of util-linux lends.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

/// A shell in a terminal of its own.
pub struct Console {
    child: Child,
    seen: String,
}

impl Console {
    pub fn run(line: &str) -> Self {
        Self::run_in(line, |_| {})
    }

    /// Where `place` puts it.
    pub fn run_in(line: &str, place: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new("script");
        command.args(["-qec", line, "/dev/null"]).env("SHELL", "/bin/sh");
        command.env("LC_ALL", "C.UTF-8").env_remove("LANGUAGE");
        place(&mut command);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let seen = String::new();
        Self { child, seen }
    }

    /// Reads on until this is shown.
    pub fn wait_for(&mut self, text: &str) {
        let mut fresh = Vec::new();
        while !String::from_utf8_lossy(&fresh).contains(text) {
            let mut byte = [0];
            let read = self.child.stdout.as_mut().unwrap().read(&mut byte).unwrap();
            let shown = String::from_utf8_lossy(&fresh);
            assert!(read == 1, "{text:?} was never shown: {}{shown}", self.seen);
            fresh.push(byte[0]);
        }
        self.seen.push_str(&String::from_utf8_lossy(&fresh));
    }

    pub fn types(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Everything that was shown, once the shell has ended.
    pub fn end(mut self) -> String {
        let mut rest = Vec::new();
        self.child.stdout.as_mut().unwrap().read_to_end(&mut rest).unwrap();
        self.child.wait().unwrap();
        self.seen + &String::from_utf8_lossy(&rest)
    }
}
