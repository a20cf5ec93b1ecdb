//! Telling systemd how it goes (`Type=notify`, `WatchdogSec=`): one datagram each, to a socket that is connected before
//! the sandbox shuts.

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use tokio::sync::watch;

/// The last word is tried for so long.
pub(super) const GOODBYE: Duration = Duration::from_secs(1);

/// The service manager that started this process, if it asked for notifications.
pub(super) struct Systemd {
    socket: UnixDatagram,
    /// It ends us when it hears nothing for so long.
    patience: Option<Duration>,
}

impl Systemd {
    /// `None` when it did not ask.
    ///
    /// # Errors
    /// When it asked and cannot be reached.
    pub(super) fn connect() -> io::Result<Option<Self>> {
        let Ok(name) = std::env::var("NOTIFY_SOCKET") else {
            return Ok(None);
        };
        let address = match name.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(&name)?,
        };
        let socket = UnixDatagram::unbound()?;
        socket.connect_addr(&address)?;
        socket.set_nonblocking(true)?;
        let microseconds = std::env::var("WATCHDOG_USEC").ok().and_then(|text| text.parse().ok());
        Ok(Some(Self {
            socket,
            patience: microseconds.map(Duration::from_micros),
        }))
    }

    /// Letters can come.
    pub(super) fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={status}"));
    }

    /// Tells that we live for as long as both kinds of thread answer, and at `stop` that we end.
    /// With it goes the line that `systemctl status` shows.
    pub(super) async fn keep_telling(self, mut stop: watch::Receiver<bool>, status: impl Fn() -> String) {
        let pause = self.patience.map_or(Duration::MAX, |patience| patience / 3);
        loop {
            let is_stopped = tokio::select! {
                () = tokio::time::sleep(pause) => false,
                _ = stop.wait_for(|stop| *stop) => true,
            };
            if is_stopped {
                return self.say_goodbye().await;
            }
            if tokio::task::spawn_blocking(|| ()).await.is_ok() {
                self.tell(&format!("WATCHDOG=1\nSTATUS={}", status()));
            }
        }
    }

    fn tell(&self, word: &str) {
        // A word that is lost is followed by the next one.
        let _ = self.socket.send(word.as_bytes());
    }

    /// No word follows this one: it waits for a manager whose queue is full.
    async fn say_goodbye(&self) {
        let end = tokio::time::Instant::now() + GOODBYE;
        while let Err(error) = self.socket.send(b"STOPPING=1")
            && error.kind() == io::ErrorKind::WouldBlock
            && tokio::time::Instant::now() < end
        {
            tokio::time::sleep(GOODBYE / 100).await;
        }
    }
}
