//! A second contact is told of what still stands after a time; and a stop in the middle of telling tells nothing twice.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use crate::alarms::{listed, told, told_world, without_mail_server};
use crate::support::{Hook, World};

const HOUR: Duration = Duration::from_secs(3600);

/// A program that writes down in `list` what it is told, and then takes so many seconds.
fn command(world: &World, name: &str, list: &str, seconds: u32) {
    let script = format!("#!/bin/sh\n(cat; echo) >> \"$(dirname \"$0\")/{list}.jsonl\"\nsleep {seconds}\n");
    let file = world.root().join(name);
    // The one that may be running just now is another file.
    let fresh = world.root().join(format!("{name}.fresh"));
    fs::write(&fresh, script).unwrap();
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o700)).unwrap();
    fs::rename(fresh, file).unwrap();
}

/// What the second contact was told, as event and kind.
fn called(world: &World) -> Vec<(String, String)> {
    let told = fs::read_to_string(world.root().join("call.jsonl")).unwrap_or_default();
    let notices = told.lines().filter_map(|line| serde_json::from_str(line).ok());
    let words = |notice: serde_json::Value| ["event", "alarm"].map(|key| notice[key].as_str().unwrap().to_owned());
    notices.map(words).map(|[event, alarm]| (event, alarm)).collect()
}

fn escalated_world() -> (World, Hook) {
    let (mut world, hook) = told_world(without_mail_server);
    world.terminate();
    command(&world, "call", "call", 0);
    let section = "[alarm.escalate]\nafter = \"4h\"\ncommand = [\"call\"]\n\n[forms]";
    world.authority.edit("konvolutt.toml", "[forms]", section);
    world.start();
    (world, hook)
}

/// From Friday evening to Saturday morning, with a restart in the night.
#[test]
fn what_still_stands_after_four_hours_is_told_to_the_second_contact_and_so_is_its_end() {
    let (mut world, hook) = escalated_world();
    world.marked_form().send();
    told(&world, &hook, "raised", "mail-server", 1);
    let is_remembered = |world: &World| {
        let told = listed(world)[0]["told"].clone();
        told["command"].is_u64() && told["webhook"].is_u64()
    };
    world.until("both memories", || is_remembered(&world));
    assert_eq!(called(&world), []);
    world.terminate();
    let alarm = world.root().join("spool/alarms/mail-server");
    let alarm = File::options().append(true).open(alarm).unwrap();
    alarm.set_modified(SystemTime::now() - HOUR * 4 - HOUR / 60).unwrap();
    world.start();
    let pair = |event: &str| (event.to_owned(), "mail-server".to_owned());
    world.until("the second contact", || called(&world) == [pair("raised")]);
    world.until("its memory", || {
        listed(&world)[0]["told"]["escalation-command"].is_u64()
    });

    // The end, after another restart. The first contact was told once.
    world.terminate();
    let section = world.sink.section("implicit", "localhost");
    let port = section.lines().find(|line| line.starts_with("port = ")).unwrap();
    world
        .authority
        .edit("konvolutt.toml", "port = 1\n", &format!("{port}\n"));
    world.start();
    assert!(world.konvolutt(&["queue", "retry", "--all"]).status.success());
    world.sink.wait_for(1);
    told(&world, &hook, "cleared", "mail-server", 1);
    world.until("its end", || called(&world) == [pair("raised"), pair("cleared")]);
    assert_eq!(hook.count("raised", "mail-server"), (1, 1));
}

#[test]
fn a_test_is_sent_to_the_second_contact_too_and_check_looks_at_it() {
    let (world, _hook) = escalated_world();
    let output = world.konvolutt(&["alarms", "test"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(called(&world), [("test".to_owned(), "test".to_owned())]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("✓ the escalation-command took the test"), "{said}");
    let checked = || String::from_utf8(world.konvolutt(&["check"]).stdout).unwrap();
    assert!(
        checked().contains(": alarms that still stand are told by the command"),
        "{}",
        checked()
    );
    fs::remove_file(world.root().join("call")).unwrap();
    assert!(checked().contains("call is not there"), "{}", checked());
}

/// The command has told, and has not ended yet, when the service is stopped.
#[test]
fn what_is_being_told_at_the_stop_is_told_once() {
    let (mut world, hook) = told_world(without_mail_server);
    command(&world, "tell", "told", 3);
    let by_command = |hook: &Hook, alarm: &str| hook.count("raised", alarm).0;
    world.marked_form().send();
    world.until("the telling", || by_command(&hook, "mail-server") == 1);
    assert_eq!(world.terminate(), Some(0));
    world.start();
    // A control that this start tells something: a certificate that the first one did not know to be bad.
    fs::write(world.root().join("keys/daily.cert.asc"), "garbage").unwrap();
    world.get("/nn/s/skriv");
    world.until("the control", || by_command(&hook, "certificate") == 1);
    assert_eq!(by_command(&hook, "mail-server"), 1);
}
