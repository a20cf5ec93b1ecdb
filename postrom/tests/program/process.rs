//! A program that runs: its other half, what it does meanwhile, and its end.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::desk::Ran;

/// Longer than anything here takes on a machine whose disk and processors others use as well.
pub const LONG: Duration = Duration::from_secs(300);

/// It ends with the test.
pub struct Running {
    child: Child,
    out: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
    err: Arc<Mutex<String>>,
}

impl Running {
    /// Starts it in a process group of its own, as a shell does.
    pub fn start(mut command: Command) -> Self {
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, err) = (Arc::default(), Arc::default());
        let readers = vec![
            gather(child.stdout.take().unwrap(), &out),
            gather(child.stderr.take().unwrap(), &err),
        ];
        Self {
            child,
            out,
            readers,
            err,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it said up to now.
    pub fn out(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    pub fn err(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    /// The process that opens, once it is there.
    pub fn opener(&self) -> u32 {
        let mut found = None;
        self.until("the process that opens", || {
            found = opener_of(self.pid());
            found.is_some()
        });
        found.unwrap()
    }

    /// Waits for something; fails when it does not come.
    pub fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let end = Instant::now() + LONG;
        while !is_so() {
            assert!(
                Instant::now() < end,
                "{what} did not come: {}{}",
                self.out(),
                self.err()
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn signal(&self, signal: Signal) {
        send(self.pid(), signal);
    }

    /// To both processes, as a terminal does.
    pub fn signal_all(&self, signal: Signal) {
        let group = Pid::from_raw(self.pid() as i32).unwrap();
        let _ = kill_process_group(group, signal);
    }

    /// Waits for its end, and for that of the process that opens.
    pub fn end(mut self) -> Ran {
        let end = Instant::now() + LONG;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > end {
                self.signal_all(Signal::KILL);
                panic!("it does not end: {}{}", self.out(), self.err());
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        // Whoever holds the other end of standard error lives.
        for reader in std::mem::take(&mut self.readers) {
            reader.join().unwrap();
        }
        Ran {
            code: status.code(),
            out: self.out(),
            err: self.err(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal_all(Signal::KILL);
        let _ = self.child.wait();
    }
}

pub fn send(process: u32, signal: Signal) {
    let _ = kill_process(Pid::from_raw(process as i32).unwrap(), signal);
}

fn opener_of(parent: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    let child = children.split_whitespace().next()?.parse().ok()?;
    let words = fs::read(format!("/proc/{child}/cmdline")).ok()?;
    words.ends_with(b"\0opener\0").then_some(child)
}

fn gather(from: impl Read + Send + 'static, to: &Arc<Mutex<String>>) -> JoinHandle<()> {
    let to = Arc::clone(to);
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            to.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    })
}
