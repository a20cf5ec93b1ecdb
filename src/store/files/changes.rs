//! What happens in the directories, told by the kernel at once: also what another process does there. The web side needs
//! no right and no connection for it.

use std::io;
use std::mem::MaybeUninit;
use std::time::Duration;

use futures_util::stream;
use rustix::fs::inotify::{self, CreateFlags, Event, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::net::UnixStream;

use super::layout::Layout;
use crate::store::{Change, Changes};

/// Looks at everything this often, in case an event was lost.
const RESCAN: Duration = Duration::from_secs(60);
/// And this often when the kernel sends no events.
const UNTOLD: Duration = Duration::from_secs(5);

pub(super) fn of(layout: &Layout) -> Changes {
    match Watches::new(layout) {
        Ok(watches) => {
            let next = |watches: Watches| async { watches.next().await.map(|change| (change, watches)) };
            Changes::new(stream::unfold(watches, next), RESCAN)
        }
        Err(error) => {
            tracing::warn!(%error, "the kernel does not tell of new letters: they are looked for every five seconds");
            Changes::new(stream::pending(), UNTOLD)
        }
    }
}

struct Watches {
    /// The kernel's queue. It is no socket, but something to wait for and to read from is all that a socket is to the
    /// runtime, whose own type for such things wants `unsafe`.
    queue: UnixStream,
    /// The watches of `held/` and `corrupt/`.
    set_aside: Vec<i32>,
}

impl Watches {
    fn new(layout: &Layout) -> io::Result<Self> {
        let queue = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        let watch =
            |directory: &str, events| inotify::add_watch(&queue, layout.path(directory), events | WatchFlags::ONLYDIR);
        // A new letter is linked into `new/`, one that is put back is moved there; a state file is replaced.
        let come = WatchFlags::CREATE | WatchFlags::MOVED_TO;
        let go = WatchFlags::MOVED_FROM | WatchFlags::DELETE;
        // A rename over a name deletes none: only a hand does, or the end of a name that is old enough.
        watch("new", come | WatchFlags::DELETE)?;
        watch("state", WatchFlags::MOVED_TO)?;
        let set_aside = vec![watch("held", come | go)?, watch("corrupt", come | go)?];
        let queue = UnixStream::from_std(std::os::unix::net::UnixStream::from(queue))?;
        Ok(Self { queue, set_aside })
    }

    /// Waits until something happened; `None` when that cannot be known any more.
    async fn next(&self) -> Option<Change> {
        loop {
            let ready = self.queue.readable().await;
            match ready.and_then(|()| self.queue.try_io(Interest::READABLE, || self.read())) {
                Ok(change) => return Some(change),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => {
                    tracing::warn!(%error, "what happened in the spool could not be read");
                    return None;
                }
            }
        }
    }

    /// Everything that has happened so far.
    fn read(&self) -> io::Result<Change> {
        let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
        let mut events = Reader::new(&self.queue, &mut buffer);
        let mut change = Change::default();
        loop {
            match events.next() {
                Ok(event) => self.add(&event, &mut change),
                Err(Errno::WOULDBLOCK) if change.is_empty() => return Err(io::ErrorKind::WouldBlock.into()),
                Err(Errno::WOULDBLOCK) => return Ok(change),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn add(&self, event: &Event<'_>, change: &mut Change) {
        change.missed |= event.events().contains(ReadFlags::QUEUE_OVERFLOW);
        let Some(name) = event.file_name() else { return };
        if self.set_aside.contains(&event.wd()) {
            change.set_aside = true;
            return;
        }
        let name = name.to_string_lossy();
        change.letters.insert(name.trim_end_matches(".json").to_owned());
    }
}
