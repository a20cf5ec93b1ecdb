//! The process that opens.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::frames::{Piped, pipe};
use super::order::{Event, Order};
use crate::Keys;
use crate::folder::{Output, OutputSettings};
use crate::keys::certs_from_bytes;
use crate::run::{Listener, Pace, Run, Skip};
use crate::source::{Seen, Stdin, sources};
use crate::told::Told;
use crate::trouble::{Cause, Trouble};
use crate::trust::Trust;

/// How long a run that watches waits before it looks again.
const PAUSE: Duration = Duration::from_secs(2);
/// How often it asks meanwhile whether to stop.
const STEP: Duration = Duration::from_millis(100);

static STOP: AtomicBool = AtomicBool::new(false);

fn stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Does what the order on standard input says, and tells what happens on standard output.
///
/// # Errors
/// When there is no order, or nobody to tell.
pub fn obey() -> io::Result<()> {
    crate::signals::on_end(|| STOP.store(true, Ordering::Relaxed));
    let mut input = BufReader::new(io::stdin());
    let mut line = zeroize::Zeroizing::new(Vec::new());
    input.read_until(b'\n', &mut line)?;
    let order: Order = serde_json::from_slice(&line).map_err(io::Error::other)?;
    drop(line);
    let piped = stdin(input, order.inputs.iter().any(|input| input == "-"));
    let wire = Wire {
        out: Mutex::new(io::stdout()),
        one_by_one: order.one_by_one,
    };
    if let Err(trouble) = all(order, piped, &wire) {
        wire.say(&Event::Failed { trouble });
    }
    wire.say(&Event::Finished);
    Ok(())
}

/// Reads on from the pipe of the first process. Its end is the end of the run.
fn stdin(mut pipe_end: impl Read + Send + 'static, wanted: bool) -> Option<Piped> {
    let (feed, piped) = pipe(stopped);
    std::thread::spawn(move || {
        let fed = !wanted || feed.take_from(&mut pipe_end).is_ok();
        if fed {
            let _ = io::copy(&mut pipe_end, &mut io::sink());
        }
        STOP.store(true, Ordering::Relaxed);
    });
    wanted.then_some(piped)
}

/// What the order's bytes are.
fn unpacked(order: &Order) -> Result<(Keys, Trust), Trouble> {
    let damaged = |error: anyhow::Error| Trouble::Disk {
        cause: Cause::Other {
            text: error.to_string(),
        },
    };
    let keys = decoded(&order.keys)
        .and_then(|bytes| Keys::from_bytes(&bytes))
        .map_err(damaged)?;
    let certs = |text: &str| decoded(text).and_then(|bytes| certs_from_bytes(&bytes));
    let trust = Trust {
        relays: certs(&order.relays).map_err(damaged)?,
        known: certs(&order.known).map_err(damaged)?,
        ..Trust::default()
    };
    Ok((keys, trust))
}

fn all(order: Order, mut piped: Option<Piped>, wire: &Wire) -> Result<(), Trouble> {
    let (keys, trust) = unpacked(&order)?;
    let settings = OutputSettings {
        out: PathBuf::from(&order.out),
        ledger: order.ledger.clone(),
        lang: order.lang,
        who: order.who.clone(),
    };
    let (output, recovered) = Output::begin(settings)?;
    wire.say(&Event::Ready {
        removed: recovered.removed as u64,
    });
    let pace = if order.one_by_one {
        Pace::OneByOne
    } else {
        Pace::Together(std::thread::available_parallelism().map_or(1, usize::from))
    };
    let nothing = Skip::default();
    let ack_to = order.ack_to.as_ref().map(PathBuf::from);
    let mut run = Run {
        keys: &keys,
        trust: &trust,
        output: &output,
        lang: order.lang,
        ack_to: ack_to.as_deref(),
        pace,
        skip: &order.skip,
        stop: &stopped,
    };
    let mut seen = Seen::default();
    loop {
        let paths = order.inputs.iter().map(PathBuf::from).collect();
        let stdin = piped.take().map(|piped| Box::new(piped) as Stdin);
        let fresh = sources(paths, stdin).filter(|source| !order.watch || seen.is_new(source));
        run.go(fresh, wire);
        // A run that watches may go on for days.
        if let Some(trouble) = output.not_remembered() {
            wire.not_remembered(trouble);
        }
        if !order.watch || stopped() {
            break;
        }
        wire.say(&Event::Idle);
        // From here on `seen` knows what was told; an old name may be that of a new mail.
        run.skip = &nothing;
        pause();
    }
    if let Some(trouble) = output.finish() {
        wire.not_remembered(trouble);
    }
    Ok(())
}

fn pause() {
    // By the clock: on a busy machine each step takes longer than it should.
    let end = Instant::now() + PAUSE;
    while Instant::now() < end && !stopped() {
        std::thread::sleep(STEP);
    }
}

fn decoded(text: &str) -> anyhow::Result<zeroize::Zeroizing<Vec<u8>>> {
    Ok(zeroize::Zeroizing::new(BASE64.decode(text)?))
}

/// Standard output, a line for each event.
struct Wire {
    out: Mutex<io::Stdout>,
    /// Says what is at hand. With several things at once nobody could tell which of them ended the process.
    one_by_one: bool,
}

impl Wire {
    fn say(&self, event: &Event) {
        let mut line = serde_json::to_vec(event).unwrap_or_default();
        line.push(b'\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // The first process is gone: what is opened stays, the rest waits for the next run.
        if out.write_all(&line).and_then(|()| out.flush()).is_err() {
            STOP.store(true, Ordering::Relaxed);
        }
    }

    fn say_at_hand(&self, event: impl FnOnce() -> Event) {
        if self.one_by_one {
            self.say(&event());
        }
    }
}

impl Listener for Wire {
    fn looks(&self, input: &str) {
        self.say_at_hand(|| Event::Looks { input: input.into() });
    }

    fn looked(&self, input: &str) {
        self.say_at_hand(|| Event::Looked { input: input.into() });
    }

    fn opens(&self, source: &str, reference: Option<&str>) {
        self.say_at_hand(|| Event::Opens {
            source: source.into(),
            reference: reference.map(Into::into),
        });
    }

    fn opened(&self, source: &str) {
        self.say_at_hand(|| Event::Opened { source: source.into() });
    }

    fn found(&self) {
        self.say(&Event::Found);
    }

    fn places(&self, sources: Vec<String>) {
        self.say(&Event::Places { sources });
    }

    fn not_remembered(&self, trouble: Trouble) {
        self.say(&Event::NotRemembered { trouble });
    }

    fn told(&self, told: Told) {
        self.say(&Event::Told { told: Box::new(told) });
    }
}
