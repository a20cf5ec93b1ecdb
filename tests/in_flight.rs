//! A letter in flight: what an operator wants of it waits until the delivery has ended.

use std::cell::Cell;
use std::fs;
use std::io::Write;
use std::process::Output;
use std::time::{Duration, SystemTime};

use konvolutt::alarms::Alarm;
use konvolutt::store::{ClaimError, Envelope, ShelfError, State};
use konvolutt_letter::Reference;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

use crate::support::{Act, At, Depot, MAILBOX, SENDER, Script, World};

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
    let letter = &world.files_in("spool/new")[0];
    let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
    inotify::add_watch(&watch, letter, WatchFlags::OPEN).unwrap();
    std::thread::scope(|scope| {
        let command = scope.spawn(|| world.konvolutt(&["queue", "hold", &reference]));
        // It opens the letter to list it, and then each time that it asks whether it is free.
        let opened = Cell::new(0);
        world.until("the command waits", || {
            let some = rustix::io::read(&watch, &mut [0u8; 4096]).is_ok();
            opened.set(opened.get() + usize::from(some));
            opened.get() > 5
        });
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

const MINUTE: Duration = Duration::from_secs(60);

fn is_stuck(depot: &Depot) -> bool {
    depot.alarms.alarms().iter().any(|(alarm, _)| *alarm == Alarm::Stuck)
}

/// The server has it, and the disk does not let it out of the queue: it is counted and sent once, and nobody moves it
/// elsewhere. It goes by itself when the disk is well.
#[tokio::test(start_paused = true)]
async fn a_letter_that_cannot_be_moved_is_delivered_once() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let delivered = depot.root().join("spool/delivered");
    fs::remove_dir(&delivered).unwrap();
    let relay = depot.serve(&script);
    let (name, _) = depot.letter(1, 2_000);
    depot.until("the alarm", 10 * MINUTE, || is_stuck(&depot)).await;
    // As a monitor is told five minutes later.
    let told = || depot.alarms.metrics(SystemTime::now() + 5 * MINUTE);
    let counted = || told().contains("delivered\"} 1\n");
    assert!(counted(), "{}", told());
    assert!(matches!(depot.store.hold(&name), Err(ShelfError::Busy(_))));
    // Others go on. Whoever asks again hears the same.
    tokio::time::sleep(30 * MINUTE).await;
    assert!(matches!(depot.store.claim(&name), Err(ClaimError::Unmoved(_))));
    assert_eq!((script.mails().len(), depot.count(State::Waiting)), (1, 1));
    fs::create_dir(&delivered).unwrap();
    depot
        .until("the move", 5 * MINUTE, || depot.count(State::Delivered) == 1)
        .await;
    depot.until("the end of the alarm", MINUTE, || !is_stuck(&depot)).await;
    assert!(counted() && script.mails().len() == 1);
    assert_eq!(depot.store.show(&name).unwrap().unwrap().state, State::Delivered);
    relay.end().await;
}

/// A foreign letter that cannot be put into quarantine is looked at anew each time; its alarm stands all the while.
#[tokio::test(start_paused = true)]
async fn a_foreign_letter_that_cannot_be_moved_is_one_alarm() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let corrupt = depot.root().join("spool/corrupt");
    fs::remove_dir(&corrupt).unwrap();
    let identity = depot.store.identities().of(b"foreign", &[0; 32]);
    let mut pending = depot.store.begin().unwrap();
    pending
        .write_all(b"Subject: nothing that the form writes\r\n\r\n")
        .unwrap();
    let envelope = Envelope {
        mailbox: "postmottak".into(),
        from: SENDER.into(),
        to: MAILBOX.into(),
        reference: Reference::from_random(&identity.reference).to_string(),
        accepted: 0,
    };
    pending.commit(&identity, &envelope).unwrap();
    let relay = depot.serve(&script);
    depot.until("the alarm", 10 * MINUTE, || is_stuck(&depot)).await;
    let since = || {
        depot
            .alarms
            .own()
            .into_iter()
            .find(|posted| posted.alarm == Alarm::Stuck)
    };
    let since = || since().map(|posted| posted.since);
    let (first, attempts) = (since(), depot.attempts(&identity.name));
    tokio::time::sleep(10 * MINUTE).await;
    assert!(
        depot.attempts(&identity.name) > attempts,
        "the control: it is looked at"
    );
    assert_eq!(since(), first, "the alarm ended and began again");
    fs::create_dir(&corrupt).unwrap();
    depot
        .until("the move", 5 * MINUTE, || depot.count(State::Corrupt) == 1)
        .await;
    depot.until("the end of the alarm", MINUTE, || !is_stuck(&depot)).await;
    assert!(script.mails().is_empty());
    relay.end().await;
}

/// The same for one that is refused.
#[tokio::test(start_paused = true)]
async fn a_letter_that_cannot_be_held_is_refused_once() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let held = depot.root().join("spool/held");
    fs::remove_dir(&held).unwrap();
    script.always(Some((At::Dot, Act::Say("554 5.6.0 not this one"))));
    let relay = depot.serve(&script);
    let (name, _) = depot.letter(1, 2_000);
    depot.until("the alarm", 10 * MINUTE, || is_stuck(&depot)).await;
    tokio::time::sleep(30 * MINUTE).await;
    assert_eq!(script.mails().len(), 1);
    fs::create_dir(&held).unwrap();
    depot
        .until("the move", 5 * MINUTE, || depot.count(State::Held) == 1)
        .await;
    let letter = depot.store.show(&name).unwrap().unwrap();
    assert!(letter.status.last_error.contains("5.6.0"), "{:?}", letter.status);
    relay.end().await;
}

/// What was tried is known for as long as the process lives, though the disk takes no status: the table of times is
/// followed, and nothing is tried in a circle.
#[tokio::test(start_paused = true)]
async fn what_was_tried_and_cannot_be_written_is_remembered() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let state = depot.root().join("spool/state");
    script.always(Some((At::Data, Act::Say("451 later"))));
    let relay = depot.serve(&script);
    // The relay watches the directory from its start.
    depot
        .until("the start", MINUTE, || fs::remove_dir(&state).is_ok())
        .await;
    depot.letter(1, 2_000);
    let waits = || depot.store.waiting().unwrap().remove(0).1.status;
    depot.until("an attempt", 10 * MINUTE, || waits().attempts == 1).await;
    tokio::time::sleep(20 * MINUTE).await;
    // At 0, 1, 5 and 15 minutes.
    let attempts = script.seen.lock().unwrap().attempts.len();
    assert!((3..=4).contains(&attempts), "{attempts} attempts in twenty minutes");
    assert_eq!(waits().attempts as usize, attempts);
    fs::create_dir(&state).unwrap();
    script.always(None);
    depot
        .until("the delivery", 60 * MINUTE, || depot.count(State::Delivered) == 1)
        .await;
    relay.end().await;
}

/// What is remembered holds against the file that could not be replaced, not against the word of an operator who came
/// later.
#[tokio::test(start_paused = true)]
async fn a_retry_counts_also_for_what_could_not_be_written() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.always(Some((At::Data, Act::Say("451 later"))));
    let (name, _) = depot.letter(1, 2_000);
    let in_the_way = depot.root().join(format!("spool/state/{name}.json.fresh"));
    fs::create_dir(&in_the_way).unwrap();
    let relay = depot.serve(&script);
    let waits = || depot.store.waiting().unwrap().remove(0).1.status;
    // From now on it is tried each two hours.
    depot
        .until("the attempts", 24 * 60 * MINUTE, || waits().attempts == 7)
        .await;
    assert_eq!(depot.attempts(&name), 0, "the control: nothing of it is on the disk");
    fs::remove_dir(&in_the_way).unwrap();
    script.always(None);
    depot.store.retry(&name).unwrap();
    depot
        .until("the delivery", MINUTE, || depot.count(State::Delivered) == 1)
        .await;
    relay.end().await;
}

/// A letter that somebody took away by hand: nothing is left to be told of it.
#[tokio::test(start_paused = true)]
async fn what_is_told_of_a_letter_ends_when_it_is_taken_away() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    let new = depot.root().join("spool/new");
    let newer = "f".repeat(64);
    let text = "x".repeat(200);
    fs::write(new.join(&newer), format!("{text}\nkonvolutt-spool 2 {text}\n")).unwrap();
    fs::remove_dir(depot.root().join("spool/delivered")).unwrap();
    let (name, _) = depot.letter(1, 2_000);
    let relay = depot.serve(&script);
    let told = || {
        let all = depot.alarms.own().into_iter();
        all.filter(|alarm| alarm.about == newer || alarm.about == name).count()
    };
    depot.until("the alarms", 10 * MINUTE, || told() == 2).await;
    tokio::time::sleep(10 * MINUTE).await;
    assert_eq!(told(), 2, "the control: they stand while the letters are there");
    for name in [&newer, &name] {
        fs::remove_file(new.join(name)).unwrap();
    }
    depot.until("the end of the alarms", 5 * MINUTE, || told() == 0).await;
    relay.end().await;
}
