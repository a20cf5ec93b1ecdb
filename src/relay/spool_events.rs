//! What happens in the spool, told by the kernel at once: also what another process does there. The web role needs no
//! right and no connection for it.

use std::collections::BTreeSet;
use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

use rustix::fs::inotify::{self, CreateFlags, Event, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::net::UnixStream;

use crate::spool::Spool;

/// Looks at everything this often, in case that nobody told.
const RESCAN: Duration = Duration::from_secs(60);
/// And this often when nobody can tell.
const UNTOLD: Duration = Duration::from_secs(5);

pub(super) struct SpoolEvents {
    /// None when the kernel has no watch left for us: then there is only the rescan.
    alarms: Option<Alarms>,
}

struct Alarms {
    /// The kernel's queue. It is no socket, but something to wait for and to read from is all that a socket is to the
    /// runtime, whose own type for such things wants `unsafe`.
    queue: UnixStream,
    /// The watches of `held/` and `corrupt/`.
    kept: Vec<i32>,
}

/// What may be different.
#[derive(Default)]
pub(super) struct Told {
    /// Letters that came, or whose state changed.
    pub(super) letters: BTreeSet<String>,
    /// Letters came to `held/` or `corrupt/`, or went.
    pub(super) kept: bool,
    /// More happened than the kernel could remember.
    pub(super) missed: bool,
}

impl SpoolEvents {
    pub(super) fn of(spool: &Spool) -> Self {
        let alarms = Alarms::new(spool).inspect_err(|error| {
            tracing::warn!(%error, "the kernel does not tell of new letters: they are looked for every five seconds");
        });
        Self { alarms: alarms.ok() }
    }

    /// After so long everything must be looked at again.
    pub(super) fn rescan(&self) -> Duration {
        if self.alarms.is_some() { RESCAN } else { UNTOLD }
    }

    /// Waits until something happened.
    pub(super) async fn next(&self) -> Told {
        let Some(alarms) = &self.alarms else {
            return std::future::pending().await;
        };
        loop {
            let ready = alarms.queue.readable().await;
            match ready.and_then(|()| alarms.queue.try_io(Interest::READABLE, || alarms.read())) {
                Ok(told) => return told,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => {
                    tracing::warn!(%error, "what happened in the spool could not be read");
                    return std::future::pending().await;
                }
            }
        }
    }
}

impl Alarms {
    #[expect(clippy::disallowed_methods, reason = "on a blocking thread (`Relay::run`)")]
    fn new(spool: &Spool) -> io::Result<Self> {
        let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        let room = |room: &str, events| {
            let path = spool.directory().join(room);
            inotify::add_watch(&queue, path, events | WatchFlags::ONLYDIR)
        };
        // A new letter is linked into `new/`, one that is put back is moved there; a state file is replaced.
        let come = WatchFlags::CREATE | WatchFlags::MOVED_TO;
        let go = WatchFlags::MOVED_FROM | WatchFlags::DELETE;
        room("new", come)?;
        room("state", WatchFlags::MOVED_TO)?;
        let kept = vec![room("held", come | go)?, room("corrupt", come | go)?];
        let queue = UnixStream::from_std(std::os::unix::net::UnixStream::from(queue))?;
        Ok(Self { queue, kept })
    }

    /// Everything that has happened so far.
    fn read(&self) -> io::Result<Told> {
        let mut room = [MaybeUninit::uninit(); 16 * 1024];
        let mut events = Reader::new(&self.queue, &mut room);
        let mut told = Told::default();
        loop {
            match events.next() {
                Ok(event) => self.add(&event, &mut told),
                Err(Errno::WOULDBLOCK) if told.is_empty() => return Err(io::ErrorKind::WouldBlock.into()),
                Err(Errno::WOULDBLOCK) => return Ok(told),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn add(&self, event: &Event<'_>, told: &mut Told) {
        told.missed |= event.events().contains(ReadFlags::QUEUE_OVERFLOW);
        let Some(name) = event.file_name() else { return };
        if self.kept.contains(&event.wd()) {
            told.kept = true;
            return;
        }
        let name = name.to_string_lossy();
        told.letters.insert(name.trim_end_matches(".json").to_owned());
    }
}

impl Told {
    fn is_empty(&self) -> bool {
        self.letters.is_empty() && !self.kept && !self.missed
    }
}
