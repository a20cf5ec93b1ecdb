//! The journal's own protocol: one datagram per line, with its priority and its fields.
//!
//! systemd's NATIVE_JOURNAL_PROTOCOL: `NAME=value\n` for a value on one line; for any other `NAME\n`, its length as 64 bits,
//! little end first, the value and `\n`. The socket is connected before the sandbox is closed: after that no path leads to it.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::SendFlags;
use tracing::Level;

use super::line::Line;

const SOCKET: &str = "/run/systemd/journal/socket";

/// A journal that is stuck keeps no letter from being taken: after so long the line goes to standard error.
const PATIENCE: Duration = Duration::from_secs(1);
/// And so do all others, at once, for this time.
const SPARED: Duration = Duration::from_secs(60);

pub(super) struct Journal {
    socket: UnixDatagram,
    /// When it was found to be stuck.
    stuck: Mutex<Option<Instant>>,
    /// A thread waits for it. One is enough: all threads of the runtime may log in the same second.
    waited_for: AtomicBool,
    /// Never held while anything is waited for.
    past: Mutex<Past>,
}

/// What goes past the journal's own protocol, by standard error.
#[derive(Default)]
struct Past {
    /// Lines that were not taken there either, and are not told of yet.
    lost: usize,
    /// The last one was cut off: what follows begins a line of its own.
    is_cut: bool,
}

/// What came of a line that went there.
#[derive(Debug, PartialEq, Eq)]
enum Went {
    Whole,
    /// It is full: nobody waits for it.
    Lost,
    /// It is no socket, and writing to it may wait.
    NoSocket,
}

impl Journal {
    /// The journal, if that is where standard error goes and it can be reached.
    pub(super) fn of_standard_error() -> Option<Self> {
        let named = std::env::var("JOURNAL_STREAM").ok()?;
        let meta = rustix::fs::fstat(io::stderr()).ok()?;
        // The variable outlives a `2>file`: it names the file that it means (systemd.exec(5)).
        let is_journal = is_stream(&named, (meta.st_dev, meta.st_ino));
        is_journal.then(|| Self::connect(Path::new(SOCKET)).ok()).flatten()
    }

    pub(super) fn connect(path: &Path) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(path)?;
        socket.set_write_timeout(Some(PATIENCE))?;
        Ok(Self {
            socket,
            stuck: Mutex::default(),
            waited_for: AtomicBool::new(false),
            past: Mutex::default(),
        })
    }

    /// What the journal does not take comes to it by the other way, with its priority in front: standard error leads to the
    /// same journal, by a stream. When that is full too, the line is lost, and counted.
    pub(super) fn write(&self, line: &Line) {
        self.write_or_past(line, io::stderr());
    }

    fn write_or_past(&self, line: &Line, stream: impl AsFd) {
        let lost = std::mem::take(&mut self.past().lost);
        let of_lost = (lost > 0).then(|| Line {
            level: Level::WARN,
            message: format!("{lost} lines of the log were lost: the journal took none"),
            fields: Vec::new(),
        });
        for (line, of) in of_lost.iter().map(|told| (told, lost)).chain([(line, 1)]) {
            if self.takes(line, Instant::now()) {
                continue;
            }
            let text = format!("<{}>{}\n", priority(line.level), line.text());
            let mut past = self.past();
            let went = past.send(stream.as_fd(), &text);
            past.lost += if went == Went::Lost { of } else { 0 };
            drop(past);
            if went == Went::NoSocket {
                super::to_standard_error(text.trim_end().to_owned());
            }
        }
    }

    fn takes(&self, line: &Line, now: Instant) -> bool {
        if self.is_spared(now) {
            return false;
        }
        let datagram = datagram(line);
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        let mut taken = rustix::net::send(&self.socket, &datagram, flags).map_err(io::Error::from);
        let is_full = |error: &io::Error| error.kind() == io::ErrorKind::WouldBlock;
        if taken.as_ref().is_err_and(is_full) {
            if self.waited_for.swap(true, Ordering::AcqRel) {
                return false;
            }
            // Another one may have waited in vain just now.
            if !self.is_spared(now) {
                taken = self.socket.send(&datagram);
                *self.stuck() = taken.as_ref().is_err_and(is_full).then_some(now);
            }
            self.waited_for.store(false, Ordering::Release);
        }
        taken.is_ok()
    }

    fn is_spared(&self, now: Instant) -> bool {
        let found = *self.stuck();
        found.is_some_and(|found| now.duration_since(found) < SPARED)
    }

    /// Never held while it is waited for the journal.
    fn stuck(&self) -> MutexGuard<'_, Option<Instant>> {
        self.stuck.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Past {
    /// Waits for nothing.
    fn send(&mut self, stream: impl AsFd, text: &str) -> Went {
        let whole = format!("{}{text}", if self.is_cut { "\n" } else { "" });
        let mut rest = whole.as_bytes();
        while !rest.is_empty() {
            match rustix::net::send(&stream, rest, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
                Ok(sent) => {
                    rest = rest.get(sent..).unwrap_or_default();
                    self.is_cut = !rest.is_empty();
                }
                Err(Errno::INTR) => {}
                Err(Errno::NOTSOCK) => return Went::NoSocket,
                Err(_) => return Went::Lost,
            }
        }
        Went::Whole
    }
}

fn is_stream(named: &str, (device, inode): (u64, u64)) -> bool {
    let parts = named.split_once(':');
    let read = parts.and_then(|(device, inode)| Some((device.parse().ok()?, inode.parse().ok()?)));
    read == Some((device, inode))
}

/// syslog(3).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

fn datagram(line: &Line) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, "MESSAGE", &line.text());
    put(&mut out, "PRIORITY", &priority(line.level).to_string());
    put(&mut out, "SYSLOG_IDENTIFIER", "konvolutt");
    for field in &line.fields {
        put(
            &mut out,
            &format!("KONVOLUTT_{}", field.name.to_ascii_uppercase()),
            &field.bare(),
        );
    }
    out
}

fn put(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    if value.contains('\n') {
        out.push(b'\n');
        out.extend_from_slice(&(value.len() as u64).to_le_bytes());
    } else {
        out.push(b'=');
    }
    out.extend_from_slice(value.as_bytes());
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::super::line::Named;
    use super::super::line::tests::of_letter;
    use super::*;

    #[test]
    fn a_line_arrives_with_its_priority_and_its_fields() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let journald = UnixDatagram::bind(&path).unwrap();
        let mut line = of_letter(Level::WARN, "a letter must wait", "UJZ-52RN-FJC");
        line.fields.push(Named {
            name: "error",
            value: "one\nKONVOLUTT_ALARM=forged".into(),
            is_text: false,
        });
        Journal::connect(&path).unwrap().write(&line);
        let mut bytes = [0; 4096];
        let length = journald.recv(&mut bytes).unwrap();
        let wanted: [&[u8]; 4] = [
            b"MESSAGE=a letter must wait reference=UJZ-52RN-FJC attempts=2 error=one KONVOLUTT_ALARM=forged\n",
            b"PRIORITY=4\nSYSLOG_IDENTIFIER=konvolutt\n",
            b"KONVOLUTT_REFERENCE=UJZ-52RN-FJC\nKONVOLUTT_ATTEMPTS=2\n",
            b"KONVOLUTT_ERROR\n\x1a\0\0\0\0\0\0\0one\nKONVOLUTT_ALARM=forged\n",
        ];
        assert_eq!(
            String::from_utf8_lossy(&bytes[..length]),
            String::from_utf8_lossy(&wanted.concat())
        );
    }

    /// A journal that takes nothing more costs one line its second, and not each line one.
    #[test]
    fn a_journal_that_is_stuck_is_waited_for_once_a_minute() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let journald = UnixDatagram::bind(&path).unwrap();
        let journal = Journal::connect(&path).unwrap();
        journal.socket.set_write_timeout(Some(PATIENCE / 20)).unwrap();
        let (line, now) = (
            of_letter(Level::WARN, "a letter must wait", "UJZ-52RN-FJC"),
            Instant::now(),
        );
        // The queue of a socket is short.
        let taken = (0..100_000).take_while(|_| journal.takes(&line, now)).count();
        assert!((1..100_000).contains(&taken));
        let mut bytes = [0; 4096];
        for _ in 0..taken {
            journald.recv(&mut bytes).unwrap();
        }
        // It is well again, and nobody asks yet; so no time was waited.
        assert!(!journal.takes(&line, now + SPARED / 2));
        journald.set_nonblocking(true).unwrap();
        assert!(journald.recv(&mut bytes).is_err(), "it was asked");
        assert!(journal.takes(&line, now + SPARED));
        assert!(journal.takes(&line, now + SPARED), "and stays in use");
    }

    /// All threads of the runtime may log in the second in which it is found to be stuck.
    #[test]
    fn while_one_thread_waits_for_the_journal_no_other_does() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let journald = UnixDatagram::bind(&path).unwrap();
        let journal = Journal::connect(&path).unwrap();
        journal
            .socket
            .set_write_timeout(Some(Duration::from_millis(1)))
            .unwrap();
        let (line, now) = (
            of_letter(Level::WARN, "a letter must wait", "UJZ-52RN-FJC"),
            Instant::now(),
        );
        while journal.takes(&line, now) {}
        journal.socket.set_write_timeout(Some(PATIENCE * 60)).unwrap();
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| journal.takes(&line, now + SPARED));
            while !journal.waited_for.load(Ordering::Acquire) {
                std::thread::yield_now();
            }
            let begin = Instant::now();
            assert!(!journal.takes(&line, now + SPARED));
            assert!(begin.elapsed() < PATIENCE * 30, "it waited too");
            journald.recv(&mut [0; 4096]).unwrap();
            assert!(waits.join().unwrap(), "what waited is taken");
        });
    }

    /// Journal and stream are full: what is lost is counted and told, and what was cut off spoils no other line.
    #[test]
    fn what_neither_way_takes_is_counted_and_told() {
        use std::io::Read;
        use std::os::unix::net::UnixStream;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let _journald = UnixDatagram::bind(&path).unwrap();
        let journal = Journal::connect(&path).unwrap();
        journal
            .socket
            .set_write_timeout(Some(Duration::from_millis(1)))
            .unwrap();
        let line = of_letter(Level::WARN, "a letter must wait", "UJZ-52RN-FJC");
        while journal.takes(&line, Instant::now()) {}
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let long = Line {
            message: "x".repeat(4_000_000),
            fields: Vec::new(),
            ..line.clone()
        };
        journal.write_or_past(&long, &ours);
        journal.write_or_past(&line, &ours);
        assert_eq!(journal.past().lost, 2);
        theirs.set_nonblocking(true).unwrap();
        let mut said = Vec::new();
        assert!(theirs.read_to_end(&mut said).is_err(), "all that it took");
        assert!(said.starts_with(b"<4>xxx") && said.ends_with(b"x"));
        journal.write_or_past(&line, &ours);
        said.clear();
        assert!(theirs.read_to_end(&mut said).is_err(), "all that it took");
        let wanted = "\n<4>2 lines of the log were lost: the journal took none\n\
                      <4>a letter must wait reference=UJZ-52RN-FJC attempts=2\n";
        assert_eq!(String::from_utf8(said).unwrap(), wanted);
    }

    #[test]
    fn only_the_file_that_the_variable_means_is_the_journal() {
        assert!(is_stream("8:1234", (8, 1234)));
        for other in ["8:1235", "9:1234", "8", "", ":", "8:1234:1", "8:x"] {
            assert!(!is_stream(other, (8, 1234)), "{other}");
        }
    }
}
