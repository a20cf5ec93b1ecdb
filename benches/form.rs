//! A form without files, from the first byte to the receipt: `cargo bench --bench form`. With `KONVOLUTT_SERVER=PATH` beside
//! another build of the server, by turns, medians: the machine's speed drifts, so compare within one run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub
)] // a measurement prints, and stops when something is wrong

#[path = "../tests/support/mod.rs"]
#[allow(dead_code, unused_imports)] // it can do more than is measured
mod support;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use support::{Authority, Form, Options, World};

const ROUNDS: usize = 15;
/// At once: each waits for its receipt before it sends the next.
const CLIENTS: usize = 4;
const LETTERS: usize = 100;

/// What one round of letters took.
struct Round {
    per_second: f64,
    median: Duration,
    p99: Duration,
}

fn main() {
    // `cargo test --benches` asks only whether it builds.
    if std::env::args().any(|word| word == "--test") {
        return;
    }
    let own = PathBuf::from(env!("CARGO_BIN_EXE_konvolutt"));
    let other = std::env::var_os("KONVOLUTT_SERVER").map(PathBuf::from);
    let servers: Vec<(&str, World)> = [("this server", Some(own)), ("the other", other)]
        .into_iter()
        .filter_map(|(name, program)| Some((name, world(program?))))
        .collect();
    for (_, world) in &servers {
        round(world, 0);
    }
    let mut rounds: Vec<Vec<Round>> = servers.iter().map(|_| Vec::new()).collect();
    for number in 1..=ROUNDS {
        for ((_, world), rounds) in servers.iter().zip(&mut rounds) {
            rounds.push(round(world, number));
        }
    }
    println!(
        "text forms, {CLIENTS} clients, median of {ROUNDS} rounds of {}",
        CLIENTS * LETTERS
    );
    println!("{:<14}{:>10}{:>14}{:>14}", "", "a second", "half took", "99 % took");
    for ((name, _), rounds) in servers.iter().zip(&mut rounds) {
        let per_second = median(rounds, |round| round.per_second);
        let half = median(rounds, |round| round.median.as_secs_f64() * 1e3);
        let p99 = median(rounds, |round| round.p99.as_secs_f64() * 1e3);
        println!("{name:<14}{per_second:>10.0}{half:>11.2} ms{p99:>11.2} ms");
    }
}

fn world(program: PathBuf) -> World {
    World::with(Options {
        program,
        maildir: true,
        change: |authority: &Authority| {
            authority.edit(
                "konvolutt.toml",
                "files_limit_mb = 3",
                "files_limit_mb = 3\nwaiting_limit_mb = 10000",
            );
        },
        ..Options::default()
    })
}

fn round(world: &World, number: usize) -> Round {
    let began = Instant::now();
    let mut took: Vec<Duration> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                scope.spawn(move || {
                    (0..LETTERS)
                        .map(|letter| send(world, [number, client, letter]))
                        .collect()
                })
            })
            .collect();
        clients
            .into_iter()
            .flat_map(|client| -> Vec<Duration> { client.join().unwrap() })
            .collect()
    });
    let all = began.elapsed();
    took.sort();
    Round {
        per_second: took.len() as f64 / all.as_secs_f64(),
        median: took[took.len() / 2],
        p99: took[took.len() * 99 / 100],
    }
}

/// One letter of some lines, and how long its sender waited for the receipt.
fn send(world: &World, [round, client, letter]: [usize; 3]) -> Duration {
    let form = Form::new(world.address, "/nn/s/skriv")
        .text("_token", &format!("{round:08x}{client:08x}{letter:016x}"))
        .text("melding", &"Ei melding på nokre linjer, slik folk skriv.\n".repeat(20));
    let began = Instant::now();
    let answer = form.send();
    assert!(answer.location().contains("/kvittering/"), "{}", answer.location());
    began.elapsed()
}

fn median(rounds: &mut [Round], of: impl Fn(&Round) -> f64) -> f64 {
    rounds.sort_by(|one, other| of(one).total_cmp(&of(other)));
    of(&rounds[rounds.len() / 2])
}
