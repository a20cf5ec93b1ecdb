//! Nothing of what somebody wrote is left, whatever fails: not on the disk, not in what was deleted from it, not in a log,
//! not in swap, not in memory.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Form, Image, Marker, Options, SinkTls, World, in_memory, run, until};

fn full_form(world: &World) -> Form {
    let marker = &world.marker.text;
    let body = marker.repeat(20_000);
    world
        .marked_form()
        .file("vedlegg", &format!("bilete {marker}.png"), body.as_bytes())
}

fn is_gone_from_memory(world: &World, after: &str) {
    std::thread::sleep(Duration::from_secs(1));
    let left = in_memory(world.pid(), &world.marker);
    assert!(left.is_empty(), "after {after}:\n{}", left.join("\n"));
}

/// A world whose every file lies on this disk, with a mail server that takes nothing.
fn world_on(disk: &Image, apart: bool) -> World {
    World::with(Options {
        tls: SinkTls::Missing,
        apart,
        place: Some(disk.place()),
        launcher: vec!["env".into(), format!("TMPDIR={}", disk.place().display())],
        ..Options::default()
    })
}

/// Lets a system call of a running process fail, from outside, as a kernel does that has none left.
struct Fault(Child);

impl Fault {
    fn inject(pid: u32, calls: &str, error: &str) -> Self {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
        strace.args(["-e", &format!("inject={calls}:error={error}"), "-p", &pid.to_string()]);
        let mut strace = strace.stderr(Stdio::piped()).spawn().unwrap();
        let mut told = [0; 200];
        // "strace: Process 123 attached".
        let length = strace.stderr.as_mut().unwrap().read(&mut told).unwrap();
        assert!(String::from_utf8_lossy(&told[..length]).contains("attached"));
        // It says so of the first thread, and then takes the others.
        until("every thread is held", || traced(pid));
        Self(strace)
    }
}

/// Whether another process has hold of every thread.
fn traced(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    // A thread that ends meanwhile needs none.
    let status = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("status")).unwrap_or_default();
    threads.map(status).all(|status| !status.contains("TracerPid:\t0\n"))
}

/// Waits until the server has what was sent to it so far.
fn has_arrived(world: &World) {
    until("it arrives", || !in_memory(world.pid(), &world.marker).is_empty());
}

impl Drop for Fault {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
        // strace waits now and then for a thread that is gone.
        let end = Instant::now() + Duration::from_secs(3);
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn with_problem(world: &World) -> String {
    let form = full_form(world).text("epost", &format!("{} er inga adresse", world.marker.text));
    let answer = form.send();
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location().to_owned()
}

/// A panic in a handler that holds everything that was typed, while it writes the page that shows it again: the kernel has
/// no chance to give, which the program takes for impossible. And a letter that cannot be sealed for the same reason.
fn panics(world: &World) {
    let to = with_problem(world);
    let answer = {
        let _fault = Fault::inject(world.pid(), "getrandom", "EIO");
        world.get(&to)
    };
    assert_eq!(answer.status, 500, "{}", answer.body);
    is_gone_from_memory(world, "a panic while a page was written");

    let page = full_form(world);
    let answer = {
        let _fault = Fault::inject(world.pid(), "getrandom", "EIO");
        page.send()
    };
    // Nor could what was typed be sealed to be shown again; a page is no direct answer to it all the same.
    let shown = world.follow(&answer);
    assert!(shown.status >= 500 && shown.body.contains("116 006"), "{}", shown.body);
    is_gone_from_memory(world, "a letter that could not be sealed");
    assert_eq!(world.log().matches("a fault in the program ended a task").count(), 1);
    is_open_again(world);
}

/// A file that could not be kept closes the form, until a look has written one and read it again: by itself, and soon.
fn is_open_again(world: &World) {
    world.until("the form is open", || world.get("/nn/s/skriv").status == 200);
}

/// A disk that fills up while a file arrives.
fn full_disk(world: &World, disk: &Image) {
    let request = full_form(world).bytes();
    let mut stream = TcpStream::connect(world.address).unwrap();
    stream.write_all(&request[..request.len() / 2]).unwrap();
    has_arrived(world);
    let filler = disk.fill();
    let _ = stream.write_all(&request[request.len() / 2..]);
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(
        answer.starts_with("HTTP/1.1 ") && !answer.contains("kvittering"),
        "{answer}"
    );
    is_gone_from_memory(world, "a full disk");
    fs::remove_file(filler).unwrap();
    is_open_again(world);
}

/// `kill -9` in the middle of a letter.
fn kill(world: &mut World) {
    let request = full_form(world).bytes();
    let mut stream = TcpStream::connect(world.address).unwrap();
    stream.write_all(&request[..request.len() - 300]).unwrap();
    has_arrived(world);
    world.kill();
    world.start();
    assert_eq!(full_form(world).send().status, 303);
}

#[test]
#[ignore = "needs root, strace"]
fn no_failure_leaves_a_trace() {
    let mut disk = Image::new(96);
    let mut world = world_on(&disk, true);
    assert!(full_form(&world).send().location().contains("kvittering"));
    is_gone_from_memory(&world, "a receipt");
    let to = with_problem(&world);
    assert!(world.get(&to).body.contains(&world.marker.text));
    is_gone_from_memory(&world, "a problem");
    panics(&world);
    // The mail server offers no TLS, so that every attempt fails.
    world.until("a failed attempt", || !world.files_in("spool/state").is_empty());
    assert_eq!(world.sink.count(), 0);
    full_disk(&world, &disk);
    kill(&mut world);

    // As the control: a file that was written and removed again.
    let planted = Marker::new();
    let file = disk.place().join("planted");
    fs::write(&file, format!("before {} after", planted.text)).unwrap();
    run(&mut Command::new("sync"));
    fs::remove_file(&file).unwrap();

    world.terminate();
    let marker = world.marker.clone();
    // Its own search of every file and log.
    drop(world);
    let found = disk.search(&[&marker, &planted]);
    assert_eq!(found[0], Vec::<String>::new());
    assert!(!found[1].is_empty(), "the search finds what was deleted");
}

/// Swap that is switched on for the test, and a group of processes with less memory than they want.
struct Pressure {
    disk: Image,
    group: &'static Path,
}

impl Pressure {
    fn new() -> Self {
        let group = Path::new("/sys/fs/cgroup/memory/konvolutt-swap");
        fs::create_dir_all(group).unwrap();
        let dir = Image::new(320);
        let swap = dir.place().join("swap");
        run(Command::new("dd")
            .args(["if=/dev/zero", "bs=1M", "count=256", "status=none"])
            .arg(format!("of={}", swap.display())));
        run(Command::new("chmod").arg("600").arg(&swap));
        run(Command::new("mkswap").arg("-q").arg(&swap));
        run(Command::new("swapon").arg(&swap));
        Self { disk: dir, group }
    }

    /// Words before a program's own, with which it starts in the group: what it had before would not count.
    fn launcher(&self) -> Vec<String> {
        let join = format!("echo $$ > {}/cgroup.procs; exec \"$@\"", self.group.display());
        ["sh", "-c", &join, "--"].map(str::to_owned).into()
    }

    /// Leaves the group so little that whatever can be swapped is.
    fn squeeze(&self) {
        let _ = fs::write(self.group.join("memory.swappiness"), "100");
        for megabytes in [64, 32, 16, 8] {
            // Less than is locked cannot be had: then it stays as it is.
            let _ = fs::write(self.group.join("memory.limit_in_bytes"), (megabytes << 20).to_string());
        }
        let _ = fs::write(self.group.join("memory.force_empty"), "0");
        std::thread::sleep(Duration::from_secs(2));
    }
}

impl Drop for Pressure {
    fn drop(&mut self) {
        let _ = fs::write(self.group.join("memory.limit_in_bytes"), "-1");
        let _ = Command::new("swapoff").arg(self.disk.place().join("swap")).status();
        let _ = fs::remove_dir(self.group);
    }
}

#[test]
#[ignore = "needs root"]
fn memory_is_not_swapped() {
    let pressure = Pressure::new();
    let world = World::with(Options {
        launcher: pressure.launcher(),
        ..Options::default()
    });
    let request = full_form(&world).bytes();
    let mut stream = TcpStream::connect(world.address).unwrap();
    stream.write_all(&request[..request.len() - 300]).unwrap();
    // As the control: a program that holds a text and does nothing to keep it.
    let planted = Marker::new();
    let launcher = pressure.launcher();
    let mut careless = Command::new(&launcher[0]);
    careless.args(&launcher[1..]).args([
        "python3",
        "-c",
        "import sys; text = sys.argv[1].encode() * 1000000; print(1, flush=True); sys.stdin.read()",
    ]);
    careless.arg(&planted.text).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut careless = careless.spawn().unwrap();
    careless.stdout.as_mut().unwrap().read_exact(&mut [0; 1]).unwrap();
    has_arrived(&world);
    let swapped = || {
        pressure.squeeze();
        run(&mut Command::new("sync"));
        fs::write("/proc/sys/vm/drop_caches", "1").unwrap();
        fs::read(pressure.disk.place().join("swap")).unwrap()
    };
    until("the pressure swaps", || planted.found_in(&swapped()).is_some());
    assert_eq!(world.marker.found_in(&swapped()), None);

    fs::write(pressure.group.join("memory.limit_in_bytes"), "-1").unwrap();
    let _ = careless.kill();
    let _ = careless.wait();
    stream.write_all(&request[request.len() - 300..]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("kvittering"), "{answer}");
}
