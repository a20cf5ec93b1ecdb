//! What the log tells, as the service is really started: by a unit, with nothing in its environment.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::sync::{Arc, Mutex};

use crate::support::{Options, World};

/// A world whose server has this environment and no more, and that has taken and delivered one letter and ended.
fn one_letter(environment: &[(&'static str, &'static str)], words: &[&'static str]) -> (World, String) {
    let mut world = World::with(Options {
        environment: Some(environment.to_vec()),
        words: words.to_vec(),
        ..Options::default()
    });
    let receipt = world.marked_form().send();
    let reference = world.reference(&receipt);
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    assert_eq!(world.terminate(), Some(0));
    (world, reference)
}

/// Units set no RUST_LOG: then everything that an operator must know is told.
#[test]
fn with_a_clean_environment_the_log_tells_what_happens() {
    let (world, reference) = one_letter(&[], &[]);
    let log = world.log();
    for line in [
        " INFO the sandbox is closed landlock=".to_owned(),
        format!(" INFO a letter is sealed and kept reference={reference} repeat=false\n"),
        format!(" INFO a letter is delivered reference={reference} attempts=1\n"),
        " INFO stopping: running requests may finish\n".to_owned(),
    ] {
        assert!(log.contains(&line), "{line}\n{log}");
    }
    // The control: who asks for less gets less.
    let (world, reference) = one_letter(&[("RUST_LOG", "error")], &[]);
    assert!(
        !world.log().contains("INFO") && !world.log().contains(&reference),
        "{}",
        world.log()
    );
}

#[test]
fn as_json_each_line_is_an_object_with_its_fields() {
    let (world, reference) = one_letter(&[], &["--log", "json"]);
    let log = world.log();
    // What is wrong with a configuration is told before there is a log, in words for people.
    let lines = log.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<serde_json::Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let delivered = lines.iter().find(|line| line["message"] == "a letter is delivered");
    let delivered = delivered.unwrap_or_else(|| panic!("{log}"));
    assert_eq!(delivered["level"], "info");
    assert_eq!(delivered["attempts"], 1);
    assert_eq!(delivered["reference"], reference.as_str());
    let time = delivered["time"].as_str().unwrap();
    assert!(time.len() == "2026-11-22T00:42Z".len() && time.ends_with('Z'), "{time}");
    assert!(!log.contains(" INFO "), "{log}");
}

/// Who reads errors alone has seen an alarm begin, and is to see it end.
#[test]
fn the_end_of_an_alarm_is_as_loud_as_its_beginning() {
    let world = World::with(Options {
        environment: Some(vec![("RUST_LOG", "error")]),
        ..Options::default()
    });
    let file = world.root().join("keys/daily.cert.asc");
    let good = fs::read(&file).unwrap();
    fs::write(&file, "garbage").unwrap();
    world.get("/nn/s/skriv");
    let line = |text: &str| {
        let log = world.log();
        log.lines()
            .filter(|line| line.contains(" ERROR ") && line.contains(text) && line.contains("alarm=\"certificate\""))
            .count()
    };
    world.until("the beginning", || line("about=\"postmottak\"") == 1);
    fs::write(&file, good).unwrap();
    world.get("/nn/s/skriv");
    world.until("the end", || line("the alarm is over") == 1);
}

/// Datagrams as journald gets them, by the fields' names.
struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    fn start(socket: &std::path::Path) -> Self {
        let journald = UnixDatagram::bind(socket).unwrap();
        let got = Arc::new(Mutex::new(Vec::new()));
        let all = got.clone();
        std::thread::spawn(move || {
            let mut bytes = vec![0; 65_536];
            while let Ok(length) = journald.recv(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                all.lock().unwrap().push(text);
            }
        });
        Self(got)
    }

    fn find(&self, line: &str) -> Option<String> {
        let all = self.0.lock().unwrap();
        all.iter().find(|one| one.contains(line)).cloned()
    }
}

/// In the real sandbox of both roles, where no path leads to the journal any more. What journald would put a time to, to the
/// microsecond, waits for the step or for the end of the program.
#[test]
#[ignore = "needs root, to put a socket where journald's is"]
fn the_journal_gets_lines_with_fields_and_no_moment_of_a_letter() {
    let dir = tempfile::tempdir().unwrap();
    let journal = Journal::start(&dir.path().join("socket"));
    fs::create_dir_all("/run/systemd/journal").unwrap();
    // systemd names the file behind standard error; here it is the test's own.
    let script = "mount --bind \"$0\" /run/systemd/journal && \
         JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec \"$@\"";
    let launcher = ["unshare", "--mount", "sh", "-c", script].map(str::to_owned);
    let step = || std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() / 300;
    let before = step();
    let mut world = World::with(Options {
        environment: Some(vec![("PATH", "/usr/bin:/bin")]),
        launcher: launcher.into_iter().chain([dir.path().display().to_string()]).collect(),
        apart: true,
        ..Options::default()
    });
    let receipt = world.marked_form().send();
    let reference = world.reference(&receipt);
    let field = format!("KONVOLUTT_REFERENCE={reference}\n");
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    // An alarm does not wait, and comes from inside of the sandbox.
    fs::write(world.root().join("keys/daily.cert.asc"), "garbage").unwrap();
    world.get("/nn/s/skriv");
    world.until("the alarm", || journal.find("KONVOLUTT_ALARM=certificate\n").is_some());
    let alarm = journal.find("KONVOLUTT_ALARM=certificate\n").unwrap();
    assert!(alarm.contains("PRIORITY=3\nSYSLOG_IDENTIFIER=konvolutt\n"), "{alarm}");
    let closed = journal.find("MESSAGE=the sandbox is closed landlock=").unwrap();
    assert!(closed.contains("PRIORITY=6\n"), "{closed}");
    assert!(
        journal.find(&field).is_none() || step() > before,
        "the letter did not wait"
    );
    assert_eq!(world.terminate(), Some(0));
    world.until("the letter", || {
        journal.find(&field).is_some_and(|line| line.contains("PRIORITY=6\n"))
    });
    assert!(journal.find("KONVOLUTT_ATTEMPTS=1\n").is_some());
    let log = world.log();
    assert!(
        !log.contains("INFO") && !log.contains("<6>"),
        "all of it went to the journal: {log}"
    );
}
