//! Sealing measured: `cargo bench --bench seal`.
//!
//! Small letters (4 KiB of text) and one large file (20 MiB), for each profile, through the real `Sealer` into
//! memory; beside it `gpg -e -a --compress-algo none` on the same document, when gpg is there, and the bare cipher.
//! One thread. Medians; the machine's speed drifts, so compare within one run. At the end, what the wiping of memory
//! costs (`-- --wiping` for that alone).

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement prints, and stops when something is wrong

mod wiping;

use std::os::unix::fs::DirBuilderExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use aes_gcm::aead::{AeadInPlace, KeyInit, generic_array::GenericArray};
use konvolutt::seal::{
    CertificateRole, MailHead, Pin, Pinned, Recipients, Sealer, SigningKey, Strength, generate_signing_key,
};
use postrom::{KeyProfile, NewKey, generate};
use sequoia_openpgp::serialize::SerializeInto;

const YEAR: Duration = Duration::from_secs(365 * 86_400);
const SMALL: usize = 4 * 1024;
const LARGE: usize = 20 * 1024 * 1024;

fn main() {
    // `cargo test --benches` asks only whether it builds.
    if std::env::args().any(|word| word == "--test") {
        return;
    }
    let words: Vec<String> = std::env::args().collect();
    if words.get(1).is_some_and(|word| word == wiping::TURN) {
        return turns(&words[2]);
    }
    if !words.contains(&"--wiping".to_owned()) {
        all();
    }
    wiping::compare();
}

/// One of those that are compared.
fn turns(mode: &str) {
    wiping::become_(mode);
    let dir = tempfile::tempdir().unwrap();
    let sealer = sealer(dir.path());
    let key = generate(KeyProfile::Compat, "Postmottak", "p@authority.example", YEAR, None).unwrap();
    let (to, large) = (recipients(dir.path(), &key), noise(LARGE));
    wiping::take_turns(|work| match work {
        "small" => seal(&sealer, &to, &large[..SMALL]),
        _ => seal(&sealer, &to, &large),
    });
}

fn all() {
    let dir = tempfile::tempdir().unwrap();
    let sealer = sealer(dir.path());
    let large = noise(LARGE);
    println!("{:<34}{:>14}{:>16}", "", "4 KiB letters/s", "20 MiB MB/s");
    for (name, profile) in [
        ("compat", KeyProfile::Compat),
        ("rfc9580", KeyProfile::Rfc9580),
        ("pqc", KeyProfile::Pqc),
    ] {
        let key = generate(profile, "Postmottak", "p@authority.example", YEAR, None).unwrap();
        let to = recipients(dir.path(), &key);
        let small = rate(|| seal(&sealer, &to, &large[..SMALL]));
        let big = rate(|| seal(&sealer, &to, &large)) * LARGE as f64 / 1e6;
        println!("{:<34}{small:>14.0}{big:>16.0}", format!("sealed, {name}"));
        if profile == KeyProfile::Compat {
            gpg(dir.path(), &key, &large);
        }
    }
    cipher(&large);
}

fn sealer(dir: &std::path::Path) -> Sealer {
    use std::os::unix::fs::PermissionsExt;
    let (cert, _) = generate_signing_key("Bench", "bench@authority.example", YEAR).unwrap();
    let path = dir.join("relay.key.asc");
    std::fs::write(&path, cert.as_tsk().armored().to_vec().unwrap()).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    Sealer::new(SigningKey::load(&path, &cert.fingerprint()))
}

fn recipients(dir: &std::path::Path, key: &NewKey) -> Recipients {
    let file = dir.join(format!("{}.asc", key.cert.fingerprint()));
    std::fs::write(&file, &key.certificate).unwrap();
    let pin = Pin {
        file,
        fingerprint: key.cert.fingerprint(),
        role: CertificateRole::Daily,
        strength: Strength::Full,
    };
    let pinned = Pinned::new(vec![pin], false);
    pinned.look();
    pinned.recipients(SystemTime::now())
}

fn seal(sealer: &Sealer, to: &Recipients, document: &[u8]) {
    let head = MailHead {
        from: "a@b.no".into(),
        to: "c@d.no".into(),
        subject: "x".into(),
        date: "Sat, 21 Nov 2026 22:39:00 +0100".into(),
        message_id: "<x@b.no>".into(),
        reference: "x".into(),
        boundary: "=_b".into(),
    };
    let out = Vec::with_capacity(document.len() * 3 / 2);
    sealer.seal(out, &head, to, |out| out.write_all(document)).unwrap();
}

/// `gpg` as an operator's filter would call it, with its process start.
fn gpg(dir: &std::path::Path, key: &NewKey, document: &[u8]) {
    let home = dir.join("gnupg");
    std::fs::DirBuilder::new().mode(0o700).create(&home).unwrap();
    std::fs::write(dir.join("to.asc"), &key.certificate).unwrap();
    let command = || {
        let mut command = Command::new("gpg");
        command
            .args([
                "--batch",
                "--quiet",
                "--no-auto-key-locate",
                "--trust-model",
                "always",
                "--homedir",
            ])
            .arg(&home);
        command
    };
    let imported = command()
        .arg("--import")
        .arg(dir.join("to.asc"))
        .stderr(Stdio::null())
        .status();
    if !imported.is_ok_and(|status| status.success()) {
        println!("gpg is not there: not measured");
        return;
    }
    let file = dir.join("document");
    let run = |document: &[u8]| {
        std::fs::write(&file, document).unwrap();
        rate(|| {
            let mut encrypt = command();
            encrypt
                .args(["-e", "-a", "--compress-algo", "none", "--output", "-", "-r"])
                .arg(key.cert.fingerprint().to_hex());
            assert!(encrypt.arg(&file).stdout(Stdio::null()).status().unwrap().success());
        })
    };
    let (small, big) = (run(&document[..SMALL]), run(document) * document.len() as f64 / 1e6);
    println!("{:<34}{small:>14.0}{big:>16.0}", "gpg -e -a --compress-algo none");
}

/// AES-256-GCM alone, in 64 KiB chunks: no packets, no armor, no keys.
fn cipher(document: &[u8]) {
    let cipher = aes_gcm::Aes256Gcm::new(GenericArray::from_slice(&[7; 32]));
    let mut copy = document.to_vec();
    let big = rate(|| {
        for chunk in copy.chunks_mut(64 * 1024) {
            cipher
                .encrypt_in_place_detached(&GenericArray::default(), b"", chunk)
                .unwrap();
        }
    });
    println!(
        "{:<34}{:>14}{:>16.0}",
        "AES-256-GCM alone",
        "",
        big * document.len() as f64 / 1e6
    );
}

/// Runs per second: the median of the single runs of two seconds, at least five.
fn rate(mut work: impl FnMut()) -> f64 {
    work();
    let mut times = Vec::new();
    let begin = Instant::now();
    while times.len() < 5 || begin.elapsed() < Duration::from_secs(2) {
        let one = Instant::now();
        work();
        times.push(one.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    1.0 / times[times.len() / 2]
}

/// Bytes without pattern: nothing here may profit from compression.
fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}
