//! A letter on the line: what an operator wants of it waits until the delivery has ended.

use std::process::Output;
use std::time::Duration;

use crate::support::World;

fn listed(world: &World) -> serde_json::Value {
    let output = world.konvolutt(&["queue", "list", "--json"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Holds the one letter while the mail server lets its reply wait, then lets it come.
fn held_while_in_flight(world: &World) -> Output {
    let gate = world.sink.gate.lock().unwrap();
    world.marked_form().send();
    world.until("the delivery", || !world.files_in("spool/inflight").is_empty());
    world.until("the sight of it", || listed(world)[0]["in_flight"]["process"].is_u64());
    let reference = listed(world)[0]["reference"].as_str().unwrap().to_owned();
    std::thread::scope(|scope| {
        let command = scope.spawn(|| world.konvolutt(&["queue", "hold", &reference]));
        std::thread::sleep(Duration::from_millis(300));
        assert!(!command.is_finished(), "the letter was held while it was delivered");
        drop(gate);
        command.join().unwrap()
    })
}

#[test]
fn a_letter_is_never_both_delivered_and_held() {
    let world = World::new();
    let output = held_while_in_flight(&world);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("has just been moved"), "{said}");
    assert_eq!(world.files_in("spool/delivered").len(), 1);
    assert!(world.files_in("spool/held").is_empty());
    world.until("the end of the delivery", || {
        world.files_in("spool/inflight").is_empty()
    });
}

#[test]
fn a_command_is_carried_out_when_the_delivery_has_failed() {
    let world = World::new();
    world.sink.refuse_next("RCPT", "451 later");
    let output = held_while_in_flight(&world);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(listed(&world)[0]["state"], "held");
    assert_eq!(listed(&world)[0]["status"]["attempts"], 1);
    assert_eq!(world.sink.count(), 0);
}

/// What a crash leaves in `inflight/` binds nobody, and the next start removes it.
#[test]
fn a_crash_leaves_nobody_in_flight() {
    let mut world = World::new();
    let sink = world.sink.gate.clone();
    let gate = sink.lock().unwrap();
    world.marked_form().send();
    world.until("the delivery", || !world.files_in("spool/inflight").is_empty());
    world.kill();
    assert_eq!(world.files_in("spool/inflight").len(), 1);
    assert!(listed(&world)[0]["in_flight"].is_null());
    let reference = listed(&world)[0]["reference"].as_str().unwrap().to_owned();
    assert!(world.konvolutt(&["queue", "hold", &reference]).status.success());
    assert!(world.konvolutt(&["queue", "release", &reference]).status.success());
    drop(gate);
    world.start();
    world.sink.wait_for(1);
    world.until("the end of the delivery", || {
        world.files_in("spool/delivered").len() == 1
    });
    world.until("the tidying", || world.files_in("spool/inflight").is_empty());
}
