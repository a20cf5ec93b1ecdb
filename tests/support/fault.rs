//! Calls of a running server that fail, by strace. Needs root.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::world::World;

/// While it lives, calls fail.
pub struct Fault {
    strace: Child,
    log: PathBuf,
}

impl Fault {
    /// `inject` as strace has it, such as `fsync:error=EIO:when=1`; with `path` only where that is concerned. Calls
    /// are counted in each thread from here on.
    pub fn new(world: &World, inject: &str, path: Option<PathBuf>) -> Self {
        let log = world.root().join("strace.log");
        let call = inject.split(':').next().unwrap();
        let mut strace = Command::new("strace");
        strace
            .args(["-f", "-y", "-p", &world.pid().to_string(), "-o"])
            .arg(&log);
        strace.args(["-e", &format!("trace={call}"), "-e", &format!("inject={inject}")]);
        if let Some(path) = path {
            strace.arg("-P").arg(path);
        }
        let mut strace = strace.stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(strace.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("attached") {
            line.clear();
            assert!(said.read_line(&mut line).unwrap() > 0, "strace ended");
        }
        // What it says later must not stop it.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { strace, log }
    }

    /// Lets calls work again; the number of calls that failed or were delayed.
    pub fn end(mut self) -> usize {
        let pid = rustix::process::Pid::from_child(&self.strace);
        // It ends by itself with the server; or should: now and then it waits for a thread that is gone.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
        let end = Instant::now() + Duration::from_secs(3);
        while self.strace.try_wait().unwrap().is_none() {
            if Instant::now() > end {
                self.strace.kill().unwrap();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let log = std::fs::read_to_string(&self.log).unwrap();
        std::fs::remove_file(&self.log).unwrap();
        log.matches("(INJECTED)").count()
            + log.matches("(DELAYED)").count()
            + log.matches("+++ killed").count()
            + log.matches("= ?").count()
    }
}
