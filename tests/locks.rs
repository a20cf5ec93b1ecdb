//! Somebody keeps a lock that the relay needs: it is told within seconds, and letters go on once it is free.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use konvolutt::alarms::Alarm;
use rustix::fs::{FlockOperation, flock};

use crate::support::{Act, At, Depot, Script, World};

/// What is seen within this time is seen "within seconds": the relay's patience is five.
const SECONDS: Duration = Duration::from_secs(30);

fn lock(path: &Path) -> File {
    let file = File::open(path).unwrap();
    flock(&file, FlockOperation::LockExclusive).unwrap();
    file
}

fn alarm(world: &World, about: &str) -> String {
    let file = world.root().join("spool/alarms").join(format!("stuck-{about}"));
    std::fs::read_to_string(file).unwrap_or_default()
}

#[test]
fn whoever_holds_all_moves_off_is_told_of_and_letters_go_on_afterwards() {
    let world = World::new();
    // The control: with the lock free a letter goes through, and there is no alarm.
    world.marked_form().send();
    world.until("a letter", || world.files_in("spool/delivered").len() == 1);
    assert_eq!(alarm(&world, "moves"), "");

    let held = lock(&world.root().join("spool/moves.lock"));
    let begin = Instant::now();
    world.marked_form().send();
    world.until("the alarm", || !alarm(&world, "moves").is_empty());
    assert!(begin.elapsed() < SECONDS, "{:?}", begin.elapsed());
    let told = alarm(&world, "moves");
    assert!(
        told.contains("no letter can be moved") && told.contains("moves.lock"),
        "{told}"
    );
    assert_eq!(
        world.files_in("spool/delivered").len(),
        1,
        "nothing is moved without it"
    );

    // A command says who holds it instead of hanging.
    let begin = Instant::now();
    let command = world.konvolutt(&["queue", "retry", "--all"]);
    let said = String::from_utf8_lossy(&command.stderr).into_owned();
    assert!(begin.elapsed() < SECONDS, "{:?}", begin.elapsed());
    assert_eq!(command.status.code(), Some(1), "{said}");
    let own = format!("process {} has held the lock", std::process::id());
    assert!(said.contains(&own), "{said}");

    drop(held);
    world.until("the letter", || world.files_in("spool/delivered").len() == 2);
    world.until("the end of the alarm", || alarm(&world, "moves").is_empty());
}

/// The web side writes a letter, and could keep a handle on it.
#[test]
fn whoever_holds_one_letter_is_told_of_and_stops_no_other() {
    let world = World::new();
    let held = lock(&world.root().join("spool/moves.lock"));
    world.marked_form().send();
    let file = world.files_in("spool/new")[0].clone();
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let letter = lock(&file);
    drop(held);
    world.until("the alarm", || {
        alarm(&world, &name).contains("another process has a lock on it")
    });
    world.marked_form().send();
    world.until("the other letter", || world.files_in("spool/delivered").len() == 1);
    assert_eq!(world.waiting().len(), 1);
    drop(letter);
    world.until("the letter", || world.files_in("spool/delivered").len() == 2);
    world.until("the end of the alarm", || alarm(&world, &name).is_empty());
}

/// The lock is gone: that the letter waits now, for the mail server, is another matter.
#[tokio::test(start_paused = true)]
async fn a_letter_whose_lock_is_gone_is_not_called_locked_while_it_waits() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.always(Some((At::Rcpt, Act::Say("450 4.7.1 greylisted"))));
    let (name, _) = depot.letter(1, 2_000);
    let held = lock(&depot.root().join("spool/new").join(&name));
    let relay = depot.serve(&script);
    let stuck = || depot.alarms.subjects(Alarm::Stuck);
    depot.until("the alarm", SECONDS, || stuck() == [name.clone()]).await;
    assert_eq!(depot.attempts(&name), 0, "the control");
    drop(held);
    depot.until("an attempt", SECONDS, || depot.attempts(&name) > 0).await;
    assert_eq!(stuck(), Vec::<String>::new());
    relay.end().await;
}
