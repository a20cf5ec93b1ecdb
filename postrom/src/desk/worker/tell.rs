//! How the process that opens says its answers: each in one piece, whatever its other threads say; files as they come.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use konvolutt_letter::Shelf;

use super::ask::Said;
use super::wire;

/// Bytes of a file in one message.
const PIECE: usize = 64 * 1024;

static STOP: AtomicBool = AtomicBool::new(false);

/// Nobody waits for answers any more.
pub(super) fn stop() {
    STOP.store(true, Ordering::Relaxed);
}

/// Whether anybody does.
pub(super) fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// One answer on its way.
#[derive(Clone)]
pub(super) struct Wire {
    number: u64,
    out: Arc<Mutex<io::Stdout>>,
}

impl Wire {
    /// To the question with this number.
    pub(super) fn of(number: u64, out: &Arc<Mutex<io::Stdout>>) -> Self {
        let out = Arc::clone(out);
        Self { number, out }
    }

    /// Says it.
    pub(super) fn say(&self, said: &Said) {
        self.say_with(said, &[]);
    }

    fn say_with(&self, said: &Said, body: &[u8]) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if wire::write(&mut *out, &(self.number, said), body).is_err() {
            // The desk is gone, and so is whoever could read an answer.
            stop();
        }
    }
}

/// Puts files onto the wire as they come.
pub(super) struct Sent(pub(super) Wire);

impl Shelf for Sent {
    fn begin(&mut self, name: &str) -> io::Result<Box<dyn Write>> {
        self.0.say(&Said::File(name.to_owned()));
        Ok(Box::new(Pieces::of(self.0.clone())))
    }
}

/// Gathers small writes: a file comes in lines of 57 bytes.
pub(super) struct Pieces {
    wire: Wire,
    piece: Vec<u8>,
}

impl Pieces {
    pub(super) fn of(wire: Wire) -> Self {
        Self {
            wire,
            piece: Vec::with_capacity(PIECE),
        }
    }

    fn send(&mut self) {
        if !self.piece.is_empty() {
            self.wire.say_with(&Said::Bytes, &self.piece);
            self.piece.clear();
        }
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if stopped() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.send();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send();
        Ok(())
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.send();
    }
}
