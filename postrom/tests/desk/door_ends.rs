//! Connections that hang, a desk that locks, and its end.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::visit::{Visit, command, hear};
use crate::program::desk::Desk;

/// The processes that a process has started.
fn children(process: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let told = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let told: Vec<String> = told.collect();
    told.iter()
        .flat_map(|told| told.split_whitespace())
        .map(|child| child.parse().unwrap())
        .collect()
}

fn runs(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

fn files_of(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).unwrap().count()
}

#[test]
fn two_hundred_that_say_nothing_keep_nobody_out() {
    let visit = Visit::of(&Desk::new());
    let home = visit.enter();
    let before = files_of(visit.running.pid());
    let idle: Vec<TcpStream> = (0..200).map(|_| visit.connect()).collect();
    visit
        .running
        .until("the crowd", || files_of(visit.running.pid()) > before + 32);
    let begun = Instant::now();
    assert_eq!(visit.get(&home).status, 200);
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    // Those that came first made place.
    visit
        .running
        .until("a bound", || files_of(visit.running.pid()) <= before + 66);
    drop(idle);
    visit
        .running
        .until("all are gone", || files_of(visit.running.pid()) <= before);
}

/// What comes and goes at once, as browsers and scanners do, is nobody's attack.
#[test]
fn who_only_knocks_is_no_stranger() {
    let visit = Visit::of(&Desk::new());
    let home = visit.enter();
    (0..200).for_each(|_| drop(visit.connect()));
    assert_eq!(visit.get(&home).status, 200);
    assert!(!visit.running.err().contains("Another user"), "{}", visit.running.err());
}

/// A head that comes byte by byte, and a body that never comes.
#[test]
fn who_is_slow_is_left() {
    let visit = Visit::of(&Desk::new());
    let home = visit.enter();
    let (mut head, mut body) = (visit.connect(), visit.connect());
    let begun = Instant::now();
    let own = format!("{}Origin: http://{}\r\n", visit.host(), visit.address);
    write!(body, "POST {home}unlock HTTP/1.1\r\n{own}Content-Length: 100\r\n\r\nx").unwrap();
    let drip = std::thread::spawn(move || {
        let words = format!("GET {home} HTTP/1.1\r\nX-Slow: {}", "x".repeat(600));
        for byte in words.bytes() {
            if head.write_all(&[byte]).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    assert_ne!(hear(&mut body).status, 303);
    drip.join().unwrap();
    let took = begun.elapsed();
    assert!(
        (Duration::from_secs(5)..Duration::from_secs(25)).contains(&took),
        "{took:?}"
    );
}

/// A connection that was used waits for more; once the desk is locked none is left, with nothing in its buffers.
#[test]
fn locking_ends_every_connection() {
    let desk = Desk::new();
    desk.letters(1..3);
    let visit = Visit::of(&desk);
    let home = visit.enter();
    visit.unlock(&home);
    let mut kept = visit.connect();
    let ask = |kept: &mut TcpStream| {
        write!(kept, "GET {home}live HTTP/1.1\r\n{}\r\n", visit.host()).unwrap();
        let mut some = [0; 4096];
        let read = kept.read(&mut some).unwrap();
        String::from_utf8_lossy(&some[..read]).into_owned()
    };
    assert!(ask(&mut kept).contains("\"locked\":false"));
    std::thread::sleep(Duration::from_millis(800));
    // The control: while it is open the connection stays.
    assert!(ask(&mut kept).contains("\"locked\":false"));
    let child = children(visit.running.pid());
    assert_eq!(child.len(), 1);
    let answer = visit.post(&format!("{home}lock"), "");
    assert_eq!(answer.header("connection"), Some("close"));
    let begun = Instant::now();
    assert_eq!(kept.read(&mut [0; 16]).unwrap(), 0);
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    visit
        .running
        .until("the process that opens is gone", || !runs(child[0]));
    assert_eq!(visit.live(&home)["locked"], true);
}

/// What lies below a folder, but the desk's own things.
fn below(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().unwrap().is_dir() {
            names.extend(below(&entry.path()));
        } else {
            names.push(entry.path().display().to_string());
        }
    }
    names.sort();
    names
}

#[test]
fn its_end_leaves_no_process_and_no_file() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let desk = Desk::new();
        let letters = desk.letters(1..4);
        fs::create_dir(desk.path("tmp")).unwrap();
        let mut command = command(&desk, &["--ledger", "off"]);
        command.env("TMPDIR", desk.path("tmp"));
        let before = below(desk.root());
        let visit = Visit::start(command);
        let home = visit.enter();
        visit.unlock(&home);
        visit.shows(&home, &letters);
        let child = children(visit.running.pid());
        assert_eq!(child.len(), 1);
        visit.running.signal_all(signal);
        let ran = visit.running.end();
        assert_eq!(ran.code, Some(0), "{}", ran.said());
        assert!(ran.err.contains("The desk is closed."), "{}", ran.said());
        assert!(!runs(child[0]), "{signal:?}");
        assert_eq!(below(desk.root()), before);
    }
}

/// Whatever ends the desk ends the process that holds the keys.
#[test]
fn a_killed_desk_leaves_no_keys_behind() {
    let desk = Desk::new();
    let visit = Visit::of(&desk);
    let home = visit.enter();
    visit.unlock(&home);
    let child = children(visit.running.pid());
    assert!(runs(child[0]));
    visit.running.signal(Signal::KILL);
    let begun = Instant::now();
    while runs(child[0]) {
        assert!(begun.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(10));
    }
}
