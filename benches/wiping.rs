//! What forgetting costs: the same sealing with the system's allocator, with the wiping one, and with memory locked as
//! in the server. Three processes that take turns, so that the machine's drift hits all of them alike.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use konvolutt_letter::harden::Wiping;

/// The word with which this program starts itself.
pub(crate) const TURN: &str = "--take-turns";
const ROUNDS: usize = 7;

/// Whether this process wipes. Set before the first block of a size where the two allocators differ.
static WIPES: AtomicBool = AtomicBool::new(false);

struct Either;

// SAFETY: every call is passed on to one of two allocators, and to the same one in the whole life of a block: the
// choice is made once, before anything large is allocated, and small blocks are the system's in both.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Either {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if WIPES.load(Ordering::Relaxed) {
            unsafe { Wiping.alloc(layout) }
        } else {
            unsafe { System.alloc(layout) }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if WIPES.load(Ordering::Relaxed) {
            unsafe { Wiping.dealloc(block, layout) }
        } else {
            unsafe { System.dealloc(block, layout) }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if WIPES.load(Ordering::Relaxed) {
            unsafe { Wiping.realloc(block, layout, size) }
        } else {
            unsafe { System.realloc(block, layout, size) }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if WIPES.load(Ordering::Relaxed) {
            unsafe { Wiping.alloc_zeroed(layout) }
        } else {
            unsafe { System.alloc_zeroed(layout) }
        }
    }
}

#[global_allocator]
static MEMORY: Either = Either;

/// Becomes the process that was asked for.
pub(crate) fn become_(mode: &str) {
    WIPES.store(mode != "plain", Ordering::Relaxed);
    if mode == "locked" {
        konvolutt_letter::harden::process().unwrap();
    }
}

/// Works whenever it is told to, and answers how often per second.
pub(crate) fn take_turns(mut work: impl FnMut(&str)) {
    for line in std::io::stdin().lines().map_while(Result::ok) {
        work(&line);
        let (begin, mut times) = (Instant::now(), 0);
        while begin.elapsed() < Duration::from_millis(600) {
            work(&line);
            times += 1;
        }
        println!("{}", f64::from(times) / begin.elapsed().as_secs_f64());
    }
}

struct Player(Child, ChildStdin, BufReader<ChildStdout>);

impl Player {
    fn start(mode: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([TURN, mode]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self(child, to, BufReader::new(from))
    }

    fn turn(&mut self, work: &str) -> f64 {
        writeln!(self.1, "{work}").unwrap();
        let mut line = String::new();
        self.2.read_line(&mut line).unwrap();
        line.trim().parse().unwrap()
    }
}

/// Prints what is left of the throughput.
pub(crate) fn compare() {
    println!(
        "\n{:<34}{:>14}{:>16}",
        "compat, in turns", "4 KiB letters/s", "20 MiB files/s"
    );
    let modes = ["plain", "wiping", "locked"];
    let mut players = modes.map(Player::start);
    let mut rates = [[[0.0; ROUNDS]; 2]; 3];
    for round in 0..ROUNDS {
        for (kind, work) in ["small", "large"].into_iter().enumerate() {
            for (rates, player) in rates.iter_mut().zip(&mut players) {
                rates[kind][round] = player.turn(work);
            }
        }
    }
    let median = |mut rates: [f64; ROUNDS]| {
        rates.sort_by(f64::total_cmp);
        rates[ROUNDS / 2]
    };
    let [plain, ..] = rates.map(|kinds| kinds.map(median));
    for (mode, kinds) in ["the system's allocator", "wiping", "wiping, memory locked"]
        .iter()
        .zip(rates)
    {
        let [small, large] = kinds.map(median);
        let left = |now: f64, before: f64| format!("{now:.1} ({:.0} %)", 100.0 * now / before);
        println!("{mode:<34}{:>14}{:>16}", left(small, plain[0]), left(large, plain[1]));
    }
    for Player(mut child, to, _) in players {
        drop(to);
        child.wait().unwrap();
    }
}
