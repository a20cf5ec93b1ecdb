//! Commands beside the service: what they need of a configuration, and that they say nothing of the rest.

use std::fs;
use std::process::Output;

use rustix::fs::{CWD, FlockOperation, Mode, flock, mkfifoat};

use crate::support::{Hook, Options, World};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// With what systemd loads named in the configuration and nothing of systemd around, as in an operator's shell.
#[test]
fn the_queue_is_listed_without_a_word_about_keys() {
    let mut world = World::new();
    world.marked_form().send();
    world.sink.wait_for(1);
    world.terminate();
    world.authority.edit(
        "konvolutt.toml",
        "secret/relay.key.asc",
        "$CREDENTIALS_DIRECTORY/relay.key.asc",
    );
    for words in [["queue", "list"], ["alarms", "list"]] {
        let output = world.konvolutt(&words);
        assert_eq!(stderr(&output), "", "{words:?}");
    }
    // And a key that is not there is no business of theirs.
    fs::rename(
        world.root().join("secret/relay.key.asc"),
        world.root().join("secret/elsewhere"),
    )
    .unwrap();
    let output = world.konvolutt(&["queue", "list"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
    assert!(String::from_utf8(output.stdout).unwrap().contains("delivered"));
    // The control: `check` says it.
    let output = world.konvolutt(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("relay.key.asc"));
}

#[test]
fn what_systemd_loads_is_found_beside_the_configuration() {
    let world = World::with(Options {
        change: |authority| {
            authority.edit(
                "konvolutt.toml",
                "secret/relay.key.asc",
                "$CREDENTIALS_DIRECTORY/relay.key.asc",
            );
        },
        ..Options::default()
    });
    let output = world.konvolutt(&["check"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(world.marked_form().send().status, 303);
}

/// A service that does not run, and whom its alarms are told.
fn stopped() -> (World, Hook) {
    let mut world = World::new();
    world.terminate();
    let hook = Hook::start(world.root());
    world
        .authority
        .edit("konvolutt.toml", "[forms]", &format!("{}\n[forms]", hook.section()));
    (world, hook)
}

/// What the unit does that systemd starts for one that failed.
fn tells_of(world: &World, unit: &str) {
    let output = world.konvolutt(&["alarms", "down", unit]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

/// A configuration with a typo at the next start: what tells of it must not need the rest of that file.
#[test]
fn that_a_half_is_down_is_told_although_the_configuration_has_mistakes() {
    let (mut world, hook) = stopped();
    world
        .authority
        .edit("konvolutt.toml", "[mail]", "[mail]\nfrom_name = \"x");
    tells_of(&world, "konvolutt-web");
    assert_eq!(hook.count("raised", "web-down"), (1, 1));
    let told = serde_json::to_string(&hook.by_command()).unwrap();
    assert!(told.contains("konvolutt.toml:"), "{told}");
    // Some minutes later it is tried again, and fails again: nobody is told twice.
    let output = world.konvolutt(&["alarms", "down", "konvolutt-web"]);
    assert_eq!(
        (output.status.code(), hook.count("raised", "web-down")),
        (Some(0), (1, 1))
    );
    world.authority.edit("konvolutt.toml", "from_name = \"x\n", "");
    world.start();
    world.until("the end", || world.konvolutt(&["alarms", "list"]).status.success());
}

/// A disk that is not there is what a half is down for, and nobody else tells of it.
#[test]
fn that_a_half_is_down_is_told_although_the_spool_cannot_be_opened() {
    let (world, hook) = stopped();
    let drafts = world.root().join("spool/draft");
    fs::remove_dir_all(&drafts).unwrap();
    fs::write(&drafts, "no folder").unwrap();
    tells_of(&world, "konvolutt-relay");
    assert_eq!(hook.count("raised", "relay-down"), (1, 1));
    let told = serde_json::to_string(&hook.by_command()).unwrap();
    assert!(told.contains("cannot be opened"), "{told}");
    assert!(world.root().join("spool/alarms/relay-down").exists());
    // Nor is there anything to write to.
    fs::remove_dir_all(world.root().join("spool")).unwrap();
    fs::write(world.root().join("spool"), "no folder").unwrap();
    tells_of(&world, "konvolutt-relay");
    assert_eq!(hook.count("raised", "relay-down"), (2, 2));
}

/// A network's disk whose server is gone, or one that breaks, lets a write wait without end: as a pipe that nobody reads.
#[test]
fn that_a_half_is_down_is_told_although_the_disk_of_the_spool_hangs() {
    let (world, hook) = stopped();
    let file = world.root().join("spool/alarms/.relay-down");
    mkfifoat(CWD, &file, Mode::RUSR | Mode::WUSR).unwrap();
    tells_of(&world, "konvolutt-relay");
    assert_eq!(hook.count("raised", "relay-down"), (1, 1));
    let told = serde_json::to_string(&hook.by_command()).unwrap();
    assert!(told.contains("said nothing for 10 s"), "{told}");
    assert!(file.exists(), "it hung elsewhere, or not at all");
}

/// A second relay that may not deliver is no evidence that one runs.
#[test]
fn only_a_relay_that_may_deliver_ends_the_alarm_that_it_is_down() {
    let mut world = World::new();
    world.terminate();
    let alarm = world.root().join("spool/alarms/relay-down");
    fs::write(&alarm, "the relay could not be started\n").unwrap();
    let lock = fs::File::create(world.root().join("spool/relay.lock")).unwrap();
    flock(&lock, FlockOperation::LockExclusive).unwrap();
    let output = world.konvolutt(&["serve", "--role", "relay"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(alarm.exists());
    drop(lock);
    world.start();
    world.until("the end", || !alarm.exists());
}

#[test]
fn a_relay_that_runs_tells_that_the_form_is_down() {
    let (mut world, hook) = stopped();
    world.start();
    let output = world.konvolutt(&["alarms", "down", "konvolutt-web"]);
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("the relay runs, and tells it")
    );
    world.until("the alarm", || hook.count("raised", "web-down") == (1, 1));
}

#[test]
fn a_unit_that_is_none_of_ours_is_no_half() {
    let world = World::new();
    let output = world.konvolutt(&["alarms", "down", "nginx"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("konvolutt-web"));
}
