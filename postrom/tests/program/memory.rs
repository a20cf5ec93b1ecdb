//! After the last letter nothing of it is in the memory of either process.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use postrom::KeyProfile;
use rustix::process::Signal;

use super::desk::{Desk, reference};
use super::process::{Running, send};
use super::tree::files_with;
use crate::built::is_of_today;
use crate::support::{Sent, mail};

const MARKER: &str = "MERKE4C1D0E77A2B9";
const PASSPHRASE: &str = "fire ord som ingen gjettar 8831";

/// Where a process holds a text, as it is or in UTF-16; an error when it is not there any more. Needs root: the program lets
/// nobody else look.
pub fn places(process: u32, text: &str) -> io::Result<Vec<String>> {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let maps = fs::read_to_string(format!("/proc/{process}/maps"))?;
    let memory = File::open(format!("/proc/{process}/mem"))?;
    let (mut found, mut seen) = (Vec::new(), 0);
    for line in maps.lines().filter(|line| line.contains(" r")) {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        // What the kernel itself maps there cannot be read; what was unmapped since is gone.
        if memory.read_exact_at(&mut bytes, from).is_err() {
            continue;
        }
        seen += bytes.len();
        for form in [text.as_bytes(), &wide] {
            for at in memchr::memmem::find_iter(&bytes, form).take(3) {
                let around = String::from_utf8_lossy(&bytes[at.saturating_sub(60)..(at + 60).min(bytes.len())]);
                found.push(format!("{:x} ({line}): {around:?}", from + at as u64));
            }
        }
    }
    if seen < 1_000_000 {
        return Err(io::Error::other("nothing of the memory could be read"));
    }
    Ok(found)
}

/// Letters with the marker wherever a citizen can put it; a key with a passphrase.
fn desk() -> Desk {
    let desk = Desk::new();
    let new = postrom::generate(
        KeyProfile::Compat,
        "Postmottak",
        "post@x.example",
        std::time::Duration::from_secs(86_400 * 365),
        Some(PASSPHRASE.into()),
    )
    .unwrap();
    fs::write(desk.path("key.asc"), &new.key).unwrap();
    desk.put("pass", format!("{PASSPHRASE}\n"));
    let name = format!("bilete {MARKER}.txt");
    let large = MARKER.repeat(400_000);
    for (number, size) in [(1, 100), (2, 200_000), (3, large.len()), (4, 3000)] {
        let reference = reference(number);
        let text = format!("Brev nummer {number}. {MARKER} {}", MARKER.repeat(500));
        let sent = Sent {
            files: vec![(&name, &large.as_bytes()[..size]), ("notat.txt", MARKER.as_bytes())],
            ..Sent::new(&reference, &text)
        };
        let seal = crate::support::Seal::by_relay(&desk.relay, &new.cert);
        let document = crate::support::letter(&sent);
        desk.put(
            &format!("mail/{number}.eml"),
            mail(&reference, &seal.armored(&document)),
        );
    }
    desk
}

fn watching(desk: &Desk, program: Option<&str>) -> Running {
    let words = desk.command(&["mail", "--watch", "--passphrase-file", "pass"]);
    let mut command = Command::new(program.unwrap_or(env!("CARGO_BIN_EXE_postrom")));
    desk.at_home(&mut command);
    command.args(words.get_args());
    let running = Running::start(command);
    running.until("the letters", || running.out().matches('✓').count() == 4);
    running
}

/// What stays a moment after the last letter was told.
fn stays(running: &Running, text: &str) -> Vec<String> {
    // What a thread holds while it ends is not what stays: the promise is a second.
    std::thread::sleep(std::time::Duration::from_secs(1));
    let both = [("parent", running.pid()), ("opener", running.opener())];
    let found = both.into_iter().flat_map(|(name, process)| {
        let places = places(process, text).unwrap().into_iter();
        places.map(move |place| format!("{name}: {place}"))
    });
    found.collect()
}

#[test]
#[ignore = "needs root"]
fn nothing_of_a_letter_stays_in_memory() {
    let desk = desk();
    let running = watching(&desk, None);
    for text in [MARKER, PASSPHRASE] {
        let found = stays(&running, text);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
    // Where it belongs it is.
    assert!(!files_with(&desk.out(), MARKER.as_bytes()).is_empty());
}

/// The same program with the system's own allocator: what is found here is what the wiping takes away.
#[test]
#[ignore = "needs root"]
fn without_the_wiping_a_letter_stays_in_memory() {
    let desk = desk();
    let example = std::path::Path::new(env!("CARGO_BIN_EXE_postrom")).with_file_name("examples/postrom-unwiped");
    is_of_today(&example, "cargo build -p postrom --example postrom-unwiped");
    let running = watching(&desk, example.to_str());
    assert!(!stays(&running, MARKER).is_empty());
}

fn status(process: u32, name: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    line.split_once(':').unwrap().1.trim().to_owned()
}

/// A user who is not root, to whom the files of a process of theirs in `/proc` belong as long as it may be looked into.
const CLERK: u32 = 64_001;

fn as_clerk(program: &Path, words: &[&OsStr], at: &Path) -> Running {
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={CLERK}"), &format!("--regid={CLERK}")]);
    // Each may leave its memory in a file when it is aborted, as far as the user has a say in it.
    command.args(["--clear-groups", "prlimit", "--core=unlimited"]);
    command.arg(program).args(words).current_dir(at);
    command.env("HOME", at).env("LC_ALL", "C.UTF-8");
    Running::start(command)
}

fn cores(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with("core")).count()
}

fn name(process: u32) -> String {
    fs::read_to_string(format!("/proc/{process}/comm"))
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn owner(process: u32) -> u32 {
    fs::symlink_metadata(format!("/proc/{process}/mem")).unwrap().uid()
}

#[test]
#[ignore = "needs root"]
fn neither_process_can_be_looked_into_or_dumped() {
    let desk = Desk::new();
    desk.letters(0..1);
    chown(desk.root(), Some(CLERK), None).unwrap();
    fs::set_permissions(desk.root(), fs::Permissions::from_mode(0o755)).unwrap();
    chown(desk.path("key.asc"), Some(CLERK), None).unwrap();
    let program = desk.path("postrom");
    fs::copy(env!("CARGO_BIN_EXE_postrom"), &program).unwrap();
    let plain = desk.command(&["mail", "--watch"]);
    let words: Vec<&OsStr> = plain.get_args().collect();
    let running = as_clerk(&program, &words, desk.root());
    running.until("the letter", || running.out().contains('✓'));
    for process in [running.pid(), running.opener()] {
        assert_eq!(owner(process), 0, "may be looked into");
        let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"))
            .unwrap();
        assert_eq!(
            core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(),
            ["0", "0"],
            "{core}"
        );
        let unlimited = limits
            .lines()
            .any(|line| line.starts_with("Max locked memory") && line.contains("unlimited"));
        assert!(
            !unlimited || status(process, "VmLck") != "0 kB",
            "memory may be swapped"
        );
    }
    for process in [running.opener(), running.pid()] {
        send(process, Signal::ABORT);
    }
    running.end();
    assert_eq!(cores(desk.root()), 0);
    // The control: any other program's files are its user's, and its memory is left in a file.
    let sleeping = as_clerk(Path::new("sleep"), &[OsStr::new("60")], desk.root());
    sleeping.until("it sleeps", || {
        owner(sleeping.pid()) == CLERK && name(sleeping.pid()) == "sleep"
    });
    sleeping.signal(Signal::ABORT);
    sleeping.end();
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap();
    // Elsewhere a program of the system's takes them.
    let here = !pattern.starts_with(['|', '/']);
    assert_eq!(cores(desk.root()) > 0, here, "{pattern}");
}
