//! How fast letters are opened, beside the floor: the same letters, as armor in memory, decrypted and verified by the same library,
//! and nothing else. `cargo bench -p postrom`. Needs about 500 MB; what is on a disk lies in `target/`.
//!
//! Each figure is the best of three. `KONVOLUTT_LETTERS` says how many letters (1 000 when nothing is said).

// A measurement prints, and stops when something is wrong. The scene is that of the tests, which need more of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code,
    missing_docs,
    unreachable_pub
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use sequoia_openpgp as openpgp;

use konvolutt_letter::private_file;
use openpgp::Cert;
use openpgp::crypto::SessionKey;
use openpgp::packet::{PKESK, SKESK};
use openpgp::parse::Parse;
use openpgp::parse::stream::{DecryptionHelper, DecryptorBuilder, MessageStructure, VerificationHelper};
use openpgp::policy::StandardPolicy;
use openpgp::serialize::SerializeInto;
use openpgp::types::SymmetricAlgorithm;
use support::{Seal, Sent, letter, mail, relay, room};

const ROUNDS: usize = 3;

fn main() {
    let count = std::env::var("KONVOLUTT_LETTERS").ok().and_then(|n| n.parse().ok());
    let scene = Scene::new(count.unwrap_or(1000));
    let letters = scene.packets.len();
    let bytes: usize = scene.packets.iter().map(Vec::len).sum();
    println!(
        "{letters} letters, {} MB sealed, {} threads",
        bytes / 1_000_000,
        threads()
    );

    let floor = best(|| scene.floor(&scene.armored));
    say(
        "floor: what a mail holds, decrypted and verified by the library",
        letters,
        floor,
        floor,
    );
    let bare = best(|| scene.floor(&scene.packets));
    say("the same without armor", letters, bare, floor);
    let memory = best(|| scene.open(&scene.fresh(&scene.memory)));
    say("postrom open, to memory (tmpfs)", letters, memory, floor);
    let disk = best(|| scene.open(&scene.fresh(&scene.disk)));
    say("postrom open, to a disk", letters, disk, floor);
    println!("  disk / tmpfs: {:.2}", disk.as_secs_f64() / memory.as_secs_f64());
    let out = scene.fresh(&scene.memory);
    scene.open(&out);
    let known = best(|| scene.open(&out));
    say("the same again: all known", letters, known, floor);
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn best(mut once: impl FnMut() -> Duration) -> Duration {
    (0..ROUNDS).map(|_| once()).min().unwrap()
}

fn say(what: &str, letters: usize, time: Duration, floor: Duration) {
    let seconds = time.as_secs_f64();
    println!(
        "{what}: {seconds:.2} s, {:.0}/s, {:.0} % of the floor",
        letters as f64 / seconds,
        100.0 * floor.as_secs_f64() / seconds
    );
}

struct Scene {
    memory: tempfile::TempDir,
    disk: tempfile::TempDir,
    key: PathBuf,
    relay_file: PathBuf,
    own: Cert,
    relay: Cert,
    packets: Vec<Vec<u8>>,
    armored: Vec<Vec<u8>>,
    next: AtomicUsize,
}

impl Scene {
    fn new(count: usize) -> Self {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
        let memory = tempfile::tempdir_in("/dev/shm").unwrap();
        let disk = tempfile::tempdir_in(target).unwrap();
        let (own, key) = room("Postmottak");
        let relay = relay("skjema@x.example", SystemTime::now() - Duration::from_secs(86_400));
        let key_file = memory.path().join("key.asc");
        private_file::create(&key_file, 0o600).unwrap().write_all(&key).unwrap();
        let relay_file = memory.path().join("relay.asc");
        fs::write(&relay_file, relay.armored().to_vec().unwrap()).unwrap();
        let (packets, armored) = sealed(&memory.path().join("mail"), count, &own, &relay);
        let own = Cert::from_file(&key_file).unwrap();
        Self {
            memory,
            disk,
            key: key_file,
            relay_file,
            own,
            relay,
            packets,
            armored,
            next: AtomicUsize::new(0),
        }
    }

    /// Every letter, by as many threads as there are cores.
    fn floor(&self, letters: &[Vec<u8>]) -> Duration {
        let next = AtomicUsize::new(0);
        let begin = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads() {
                scope.spawn(|| {
                    while let Some(letter) = letters.get(next.fetch_add(1, Ordering::Relaxed)) {
                        self.decrypt(letter);
                    }
                });
            }
        });
        begin.elapsed()
    }

    fn decrypt(&self, letter: &[u8]) {
        let policy = StandardPolicy::new();
        let helper = Helper(self);
        let builder = DecryptorBuilder::from_bytes(letter).unwrap();
        let mut plain = builder.with_policy(&policy, None, helper).unwrap();
        std::io::copy(&mut plain, &mut std::io::sink()).unwrap();
    }

    /// A folder that is not there yet. What was opened before stays until the end: ext4 keeps away from inodes that were
    /// freed in the last half minute, and looks at each of them anew for every file, which no clerk's disk has to do.
    fn fresh(&self, place: &tempfile::TempDir) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        place.path().join(format!("out{number}"))
    }

    /// The whole program, from its start to its end.
    fn open(&self, out: &Path) -> Duration {
        let begin = Instant::now();
        let status = Command::new(env!("CARGO_BIN_EXE_postrom"))
            .arg("open")
            .arg(self.memory.path().join("mail"))
            .arg("--key")
            .arg(&self.key)
            .arg("--relay")
            .arg(&self.relay_file)
            .arg("--out")
            .arg(out)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        let took = begin.elapsed();
        assert!(status.success());
        took
    }
}

/// Every tenth letter has a file of 50 to 900 KB.
fn sealed(folder: &Path, count: usize, own: &Cert, relay: &Cert) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    for sub in ["new", "cur", "tmp"] {
        fs::create_dir_all(folder.join(sub)).unwrap();
    }
    let seal = Seal::by_relay(relay, own);
    (0..count)
        .map(|n| {
            let reference = reference(n);
            let text = format!("Brev nummer {n}. {}", "Dette er ein setning. ".repeat(40));
            let file = vec![n as u8; 50_000 + n * 7919 % 850_000];
            let mut sent = Sent::new(&reference, &text);
            if n % 10 == 0 {
                sent.files.push(("bilete.jpg", &file));
            }
            let document = letter(&sent);
            let armored = seal.armored(&document);
            fs::write(folder.join(format!("new/{n:06}.bench")), mail(&reference, &armored)).unwrap();
            (seal.packets(&document), armored)
        })
        .unzip()
}

fn reference(n: usize) -> String {
    konvolutt_letter::Reference::from_random(&(n as u128).to_be_bytes()).to_string()
}

struct Helper<'a>(&'a Scene);

impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, _: &[openpgp::KeyHandle]) -> openpgp::Result<Vec<Cert>> {
        Ok(vec![self.0.relay.clone()])
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> openpgp::Result<()> {
        for layer in structure {
            if let openpgp::parse::stream::MessageLayer::SignatureGroup { results } = layer {
                assert!(results.iter().all(Result::is_ok));
            }
        }
        Ok(())
    }
}

impl DecryptionHelper for Helper<'_> {
    fn decrypt(
        &mut self,
        pkesks: &[PKESK],
        _: &[SKESK],
        algorithm: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> openpgp::Result<Option<Cert>> {
        for key in self.0.own.keys().unencrypted_secret() {
            let mut pair = key.key().clone().into_keypair()?;
            for pkesk in pkesks {
                let opened = pkesk.decrypt(&mut pair, algorithm);
                if opened.is_some_and(|(algorithm, key)| decrypt(algorithm, &key)) {
                    return Ok(Some(self.0.own.clone().strip_secret_key_material()));
                }
            }
        }
        Err(openpgp::Error::InvalidOperation("no key".into()).into())
    }
}
