//! Standard input of the first process, handed on to the second in frames: four bytes of length (big-endian), then so
//! many bytes. A frame without bytes is its end; so is [`FAILED`], behind which stands the system's number of the error.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Bytes of one frame.
const FRAME: usize = 64 * 1024;
/// Instead of a length: standard input could not be read on. Without it the second process would wait for ever.
const FAILED: u32 = u32::MAX;
/// How soon a reader that waits hears that nobody wants it any more.
const PATIENCE: Duration = Duration::from_millis(200);

/// Hands `from` on to its end, or to where it cannot be read on; the error is that of sending.
pub(super) fn hand_on(mut from: impl Read, mut send: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut bytes = vec![0; FRAME];
    loop {
        let len = match from.read(&mut bytes) {
            Ok(len) => len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let number = error.raw_os_error().unwrap_or_default();
                return send(&[FAILED.to_be_bytes(), number.to_be_bytes()].concat());
            }
        };
        let mut frame = (len as u32).to_be_bytes().to_vec();
        frame.extend_from_slice(&bytes[..len]);
        send(&frame)?;
        if len == 0 {
            return Ok(());
        }
    }
}

/// Writes one frame whole.
pub(super) fn send(to: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    to.write_all(frame)?;
    to.flush()
}

/// The other end: a reader, and what feeds it.
///
/// The reader is given up when `stop` says so: what feeds it may have nothing to say for ever.
pub(super) fn pipe(stop: fn() -> bool) -> (Feed, Piped) {
    let (sender, frames) = sync_channel(4);
    let piped = Piped {
        frames,
        frame: Vec::new(),
        at: 0,
        stop,
    };
    (Feed(sender), piped)
}

pub(super) struct Feed(SyncSender<io::Result<Vec<u8>>>);

impl Feed {
    /// Takes frames up to the empty one.
    pub(super) fn take_from(self, from: &mut impl Read) -> io::Result<()> {
        loop {
            let mut len = [0; 4];
            from.read_exact(&mut len)?;
            let len = u32::from_be_bytes(len);
            if len == 0 {
                return Ok(());
            }
            if len == FAILED {
                let mut number = [0; 4];
                from.read_exact(&mut number)?;
                let error = io::Error::from_raw_os_error(i32::from_be_bytes(number));
                let _ = self.0.send(Err(error));
                return Ok(());
            }
            let mut frame = vec![0; FRAME.min(len as usize)];
            from.read_exact(&mut frame)?;
            // Nobody reads what was not asked for.
            let _ = self.0.send(Ok(frame));
        }
    }
}

pub(super) struct Piped {
    frames: Receiver<io::Result<Vec<u8>>>,
    frame: Vec<u8>,
    at: usize,
    stop: fn() -> bool,
}

impl Piped {
    fn next(&self) -> io::Result<Vec<u8>> {
        loop {
            match self.frames.recv_timeout(PATIENCE) {
                Ok(frame) => return frame,
                Err(RecvTimeoutError::Disconnected) => return Ok(Vec::new()),
                Err(RecvTimeoutError::Timeout) if (self.stop)() => return Err(io::ErrorKind::TimedOut.into()),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Read for Piped {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.frame.len() {
            self.frame = self.next()?;
            self.at = 0;
        }
        let len = out.len().min(self.frame.len() - self.at);
        out[..len].copy_from_slice(&self.frame[self.at..self.at + len]);
        self.at += len;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        for len in [0, 1, FRAME - 1, FRAME, FRAME + 1, 5 * FRAME] {
            let given: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let mut wire = Vec::new();
            hand_on(&given[..], |frame| send(&mut wire, frame)).unwrap();
            wire.extend_from_slice(b"behind it");
            let (feed, mut piped) = pipe(|| false);
            let mut rest = &wire[..];
            std::thread::scope(|scope| {
                let read = scope.spawn(move || {
                    let mut taken = Vec::new();
                    piped.read_to_end(&mut taken).map(|_| taken)
                });
                feed.take_from(&mut rest).unwrap();
                assert_eq!(read.join().unwrap().unwrap(), given);
            });
            assert_eq!(rest, b"behind it");
        }
    }

    #[test]
    fn what_cannot_be_read_on_is_told() {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::from_raw_os_error(5))
            }
        }
        let mut wire = Vec::new();
        hand_on(b"begun".chain(Fails), |frame| send(&mut wire, frame)).unwrap();
        wire.extend_from_slice(b"behind it");
        let (feed, mut piped) = pipe(|| false);
        let mut rest = &wire[..];
        feed.take_from(&mut rest).unwrap();
        let mut taken = Vec::new();
        let error = piped.read_to_end(&mut taken).unwrap_err();
        assert_eq!((error.raw_os_error(), &*taken), (Some(5), &b"begun"[..]));
        assert_eq!(rest, b"behind it");
    }

    #[test]
    fn who_waits_is_given_up() {
        let (_feed, mut piped) = pipe(|| true);
        let error = piped.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
