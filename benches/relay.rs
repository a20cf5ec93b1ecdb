//! Deliveries measured: `cargo bench --bench relay` (needs root, postfix and its smtp-source).
//!
//! The whole way of a letter from the spool to the real Postfix's yes and to `delivered/`, over one TLS connection;
//! beside it `smtp-source`, which makes its mails up, over one plaintext connection. By turns, medians: the machine's
//! speed drifts, so compare within one run.

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

use std::process::Command;
use std::time::{Duration, Instant};

use konvolutt::relay::TransportSettings;
use konvolutt::relay::smtp::Security;
use konvolutt::store::State;

use support::{Depot, MAILBOX, Postfix, SENDER, run};

const ROUNDS: usize = 7;
const LETTERS: u32 = 500;
/// A short letter, once sealed.
const SIZE: usize = 47_000;

fn main() {
    // `cargo test --benches` asks only whether it builds.
    if std::env::args().any(|word| word == "--test") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    // Open to smtp-source, which has no TLS; and what was taken is thrown away, so that the queue does not grow.
    let postfix = Postfix::start(
        dir.path(),
        "smtpd_tls_security_level = may\nvirtual_transport = discard:\n",
    );
    let root = std::fs::read_to_string(dir.path().join("mail-ca.pem")).unwrap();
    let rounds: Vec<[f64; 2]> = (0..ROUNDS)
        .map(|_| [smtp_source(postfix.port), relay(postfix.port, &root)])
        .collect();
    let median = |of: &dyn Fn(&[f64; 2]) -> f64| {
        let mut all: Vec<f64> = rounds.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[ROUNDS / 2]
    };
    println!("letters of {SIZE} bytes per second, one connection, median of {ROUNDS} rounds");
    println!("smtp-source -s 1 -d     {:>6.0}", median(&|round| round[0]));
    println!("relay                   {:>6.0}", median(&|round| round[1]));
    println!("relay / smtp-source     {:>6.2}", median(&|round| round[1] / round[0]));
}

fn smtp_source(port: u16) -> f64 {
    let begin = Instant::now();
    run(Command::new("smtp-source")
        .args(["-d", "-s", "1", "-m", &LETTERS.to_string(), "-l", &SIZE.to_string()])
        .args(["-f", SENDER, "-t", MAILBOX, &format!("127.0.0.1:{port}")]));
    rate(begin)
}

fn relay(port: u16, root: &str) -> f64 {
    let depot = Depot::new();
    for number in 0..LETTERS {
        depot.letter(number, SIZE);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let begin = Instant::now();
        let smtp = depot.smtp(port, Security::Starttls, root, 1);
        let running = depot.run(TransportSettings::Smtp(smtp));
        let all = || depot.count(State::Delivered) == LETTERS as usize;
        depot.until("the deliveries", Duration::from_secs(120), all).await;
        let rate = rate(begin);
        running.end().await;
        rate
    })
}

fn rate(begin: Instant) -> f64 {
    f64::from(LETTERS) / begin.elapsed().as_secs_f64()
}
