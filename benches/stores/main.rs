//! Both stores measured: `cargo bench --bench stores`. Starts a PostgreSQL of its own (needs Debian's package `postgresql`).
//!
//! Letters made durable by 1, 8 and 32 clients, large letters, a queue that is drained by two, and a long queue: files and
//! PostgreSQL by turns, on one disk, since a disk's speed drifts. Beside them `pgbench` with the statements of a commit: what
//! the database can do at most. Compare within one run. `KONVOLUTT_DRAIN` and `KONVOLUTT_WAITING` are the sizes of the two
//! queues.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement prints, and stops when something is wrong

mod server;

use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use konvolutt::store::files::{FileStore, Settings};
use konvolutt::store::postgres::PostgresStore;
use konvolutt::store::{Envelope, Settlement, Store};

use server::{NODES, Server};

/// A short letter, once sealed.
const TEXT: usize = 47_000;
const LARGE: usize = 10_000_000;
/// In the long queue only their number counts.
const SMALL: usize = 1_000;
const TURN: Duration = Duration::from_secs(3);
const TURNS: usize = 5;

fn main() {
    // `cargo test --benches` asks only whether it builds.
    if std::env::args().any(|word| word == "--test") {
        return;
    }
    // On a disk: the directory for temporary files may lie in memory.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let Some(server) = Server::start(dir.path()) else {
        println!("There is no PostgreSQL in /usr/lib/postgresql: nothing is measured. apt-get install postgresql");
        return;
    };
    println!("{}", server.ask("select version()"));
    texts(&Stores::fresh(dir.path(), &server), &server);
    large(&Stores::fresh(dir.path(), &server));
    Stores::fresh(dir.path(), &server).each(drain);
    Stores::fresh(dir.path(), &server).each(|name, stores| long_queue(name, stores[0]));
}

/// Both, empty: one machine with files, two nodes with one database.
struct Stores {
    files: FileStore,
    postgres: [PostgresStore; 2],
}

impl Stores {
    fn fresh(dir: &Path, server: &Server) -> Self {
        // A new directory each time: to remove a hundred thousand files takes minutes, and is the end's business.
        let spool = tempfile::tempdir_in(dir).unwrap().keep();
        server.ask("truncate konvolutt.letter, konvolutt.part");
        Self {
            files: FileStore::open(&Settings::at(spool)).unwrap(),
            postgres: NODES.map(|node| PostgresStore::open(&server.settings(node)).unwrap()),
        }
    }

    fn each(&self, work: impl Fn(&str, [&dyn Store; 2])) {
        work("files", [&self.files, &self.files]);
        work("postgres", [&self.postgres[0], &self.postgres[1]]);
    }
}

/// What clients got done in their turns: how many per second in each, and how long each took.
#[derive(Default)]
struct Work {
    rates: Vec<f64>,
    took: Vec<f64>,
}

impl Work {
    fn turn(&mut self, clients: usize, work: impl Fn() + Sync) {
        let begin = Instant::now();
        let one = || {
            let mut took = Vec::new();
            while begin.elapsed() < TURN {
                let begin = Instant::now();
                work();
                took.push(begin.elapsed().as_secs_f64() * 1000.0);
            }
            took
        };
        let all: Vec<f64> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..clients).map(|_| scope.spawn(one)).collect();
            running.into_iter().flat_map(|one| one.join().unwrap()).collect()
        });
        self.rates.push(all.len() as f64 / begin.elapsed().as_secs_f64());
        self.took.extend(all);
    }

    /// Per second, the median of the turns; half and 99 % done within so many milliseconds.
    fn told(&self) -> String {
        let (rate, half, most) = (part(&self.rates, 50), part(&self.took, 50), part(&self.took, 99));
        format!("{rate:>8.1}/s  p50 {half:>7.1} ms  p99 {most:>7.1} ms")
    }
}

fn part(values: &[f64], percent: usize) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[(values.len() * percent / 100).min(values.len() - 1)]
}

fn texts(stores: &Stores, server: &Server) {
    println!("\nletters of {TEXT} bytes, {TURNS} turns of {} s each", TURN.as_secs());
    for clients in [1, 8, 32] {
        let (mut ours, mut theirs, mut floor) = (Work::default(), Work::default(), Vec::new());
        for _ in 0..TURNS {
            ours.turn(clients, || commit(&stores.files, TEXT));
            theirs.turn(clients, || commit(&stores.postgres[0], TEXT));
            floor.push(server.pgbench(STATEMENT, &noise()[..TEXT], clients, TURN.as_secs()));
        }
        let (rates, most): (Vec<f64>, Vec<f64>) = floor.into_iter().unzip();
        println!("{clients:>3} clients  files     {}", ours.told());
        println!("             postgres  {}", theirs.told());
        let (rate, most) = (part(&rates, 50), part(&most, 50));
        println!("             pgbench   {rate:>8.1}/s                  p99 {most:>7.1} ms");
    }
}

/// What a commit of a short letter says to the database (`src/store/postgres/arrivals.rs`), with other names each time.
const STATEMENT: &str = r#"\set name random(1, 9000000000000000000)
with came as (insert into konvolutt.letter (name, mailbox, size, length, digest, envelope, proof)
values (encode(sha256(:name::bigint::text::bytea), 'hex'), 'postmottak', 47300, 47000, sha256('x'),
'{"name":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","envelope":{"mailbox":"postmottak",
"from":"a@authority.example","to":"b@authority.example","reference":"K7F-3K9Q-2MX","accepted":0}}', null)
on conflict do nothing returning id)
insert into konvolutt.part (letter, n, body) select id, 0, :body::bytea from came;
"#;

fn large(stores: &Stores) {
    println!("\nletters of {LARGE} bytes");
    for clients in [1, 4] {
        let (mut ours, mut theirs) = (Work::default(), Work::default());
        for _ in 0..TURNS {
            ours.turn(clients, || commit(&stores.files, LARGE));
            theirs.turn(clients, || commit(&stores.postgres[0], LARGE));
        }
        println!("{clients:>3} clients  files     {}", ours.told());
        println!("             postgres  {}", theirs.told());
    }
}

/// Claimed, read to the last byte, settled: by two at once, each letter by one of them.
fn drain(name: &str, stores: [&dyn Store; 2]) {
    let letters = asked_for("KONVOLUTT_DRAIN", 10_000);
    fill(stores[0], letters, TEXT);
    let begin = Instant::now();
    settle(stores);
    let took = begin.elapsed().as_secs_f64();
    println!(
        "\n{letters} letters drained by two, {name}: {took:.1} s, {:.0}/s",
        letters as f64 / took
    );
}

fn settle(stores: [&dyn Store; 2]) {
    // Files are one machine's, and one process has the right there.
    let _rights = (stores[0].lease().unwrap(), stores[1].lease());
    let waiting = stores[0].waiting().unwrap();
    let next = AtomicUsize::new(0);
    let one = |store: &dyn Store| {
        let mut buffer = vec![0; 64 * 1024];
        while let Some((name, _)) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
            let claim = store.claim(name).unwrap();
            let mut mail = claim.letter().mail();
            while mail.read(&mut buffer).unwrap() > 0 {}
            claim.settle(Settlement::Delivered).unwrap();
        }
    };
    std::thread::scope(|scope| {
        for store in stores {
            scope.spawn(move || one(store));
        }
    });
}

fn long_queue(name: &str, store: &dyn Store) {
    let letters = asked_for("KONVOLUTT_WAITING", 100_000);
    fill(store, letters, SMALL);
    let timed = |what: &str, rounds: usize, work: &dyn Fn()| {
        let mut work_done = Work::default();
        for _ in 0..rounds {
            let begin = Instant::now();
            work();
            work_done.took.push(begin.elapsed().as_secs_f64() * 1000.0);
        }
        println!("  {what:<10} {:>8.1} ms", part(&work_done.took, 50));
    };
    println!("\n{letters} letters wait, {name}; medians");
    timed("waiting()", 5, &|| assert_eq!(store.waiting().unwrap().len(), letters));
    timed("backlog()", 5, &|| {
        assert_eq!(store.backlog().unwrap().letters, letters as u64)
    });
    timed("commit", 20, &|| commit(store, TEXT));
}

fn fill(store: &dyn Store, letters: usize, size: usize) {
    let left = AtomicUsize::new(letters);
    let one = || {
        let take = |left: usize| left.checked_sub(1);
        while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
            commit(store, size);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(one);
        }
    });
}

fn asked_for(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |number| number.parse().unwrap())
}

fn commit(store: &dyn Store, size: usize) {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let identity = store.identities().of(&number.to_be_bytes(), &[0; 32]);
    let mut pending = store.begin().unwrap();
    pending.write_all(&noise()[..size]).unwrap();
    let envelope = Envelope {
        mailbox: "postmottak".into(),
        from: "a@authority.example".into(),
        to: "b@authority.example".into(),
        reference: "K7F-3K9Q-2MX".into(),
        accepted: 0,
    };
    pending.commit(&identity, &envelope).unwrap();
}

/// What no disk and no database can make smaller, as a sealed letter is.
fn noise() -> &'static [u8] {
    static NOISE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    NOISE.get_or_init(|| {
        let mut noise = vec![0; LARGE];
        getrandom::fill(&mut noise).unwrap();
        noise
    })
}
