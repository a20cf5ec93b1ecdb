//! The operator's side: nothing is thrown away, and what waits can be seen and mended.

use std::fs;

use konvolutt::store::ClaimError;

use crate::support::{Office, World};

fn listed(world: &World) -> Vec<serde_json::Value> {
    let output = world.konvolutt(&["queue", "list", "--json"]);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_permanent_refusal_is_held_and_can_be_released() {
    let world = World::new();
    world.sink.refuse_next("DOT", "554 5.6.0 no such content here");
    let receipt = world.marked_form().send();
    let reference = world.reference(&receipt);
    world.until("the holding", || !world.files_in("spool/held").is_empty());
    let letters = listed(&world);
    assert_eq!(letters[0]["state"], "held");
    assert_eq!(letters[0]["reference"], reference.as_str());
    assert!(
        letters[0]["status"]["last_error"]
            .as_str()
            .unwrap()
            .contains("no such content here")
    );
    let alarm = |world: &World| {
        world
            .files_in("spool/alarms")
            .iter()
            .any(|file| file.to_string_lossy().contains("/held-"))
    };
    world.until("the alarm", || alarm(&world));
    assert_eq!(world.sink.count(), 0);

    let output = world.konvolutt(&["queue", "release", "--all"]);
    assert!(output.status.success(), "{output:?}");
    world.open(&world.sink.wait_for(1)[0].mail);
    world.until("the end of the alarm", || !alarm(&world));
}

/// One mailbox whose address is unknown is the configuration's matter or the server's: no letter is to blame.
#[test]
fn a_mailbox_that_is_refused_holds_nothing() {
    let world = World::new();
    world.sink.refuse_next("RCPT", "550 5.1.1 no such mailbox");
    world.marked_form().send();
    let alarm = world.root().join("spool/alarms/mail-server-postmottak");
    world.until("the alarm", || alarm.exists());
    let text = fs::read_to_string(&alarm).unwrap();
    for wanted in [
        "550 5.1.1 no such mailbox",
        "postmottak@authority.example",
        "let the mail server take mail for this address",
        "correct the address in the configuration and restart: the letters that wait go to the new one too",
    ] {
        assert!(text.contains(wanted), "{text}");
    }
    assert_eq!(listed(&world)[0]["state"], "waiting");
    world.konvolutt(&["queue", "retry", listed(&world)[0]["reference"].as_str().unwrap()]);
    world.sink.wait_for(1);
    world.until("the end of the alarm", || !alarm.exists());
}

/// A lost password or a lost right to relay is no fault of any letter: nothing is held, somebody is told at once.
#[test]
fn a_refused_sender_holds_nothing() {
    let world = World::new();
    world.sink.refuse_next("MAIL", "550 5.7.1 relaying denied");
    world.marked_form().send();
    world.until("the alarm", || world.root().join("spool/alarms/mail-server").exists());
    assert_eq!(listed(&world)[0]["state"], "waiting");
    world.konvolutt(&["queue", "retry", listed(&world)[0]["reference"].as_str().unwrap()]);
    world.sink.wait_for(1);
    world.until("the end of the alarm", || {
        !world.root().join("spool/alarms/mail-server").exists()
    });
}

/// A full mailbox is emptied one day (552 is the one 5xx that says so).
#[test]
fn a_full_mailbox_holds_nothing() {
    let world = World::new();
    world.sink.refuse_next("RCPT", "552 5.2.2 mailbox full");
    world.marked_form().send();
    world.until("an attempt", || !world.files_in("spool/state").is_empty());
    assert_eq!(listed(&world)[0]["state"], "waiting");
}

#[test]
fn a_temporary_refusal_waits_and_can_be_retried() {
    let world = World::new();
    world.sink.refuse_next("RCPT", "451 later");
    world.marked_form().send();
    world.until("an attempt", || listed(&world)[0]["status"]["attempts"] == 1);
    let letters = listed(&world);
    assert_eq!(letters[0]["state"], "waiting");
    let reference = letters[0]["reference"].as_str().unwrap();
    assert!(world.konvolutt(&["queue", "retry", reference]).status.success());
    let first = world.sink.wait_for(1)[0].mail.clone();

    // A mailbox that lost the letter gets it again, byte for byte.
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    assert!(world.konvolutt(&["queue", "retry", reference]).status.success());
    assert_eq!(world.sink.wait_for(2)[1].mail, first);
}

#[test]
fn a_letter_that_was_changed_on_disk_is_never_sent() {
    let mut world = World::new();
    world.sink.refuse_next("RCPT", "451 later");
    world.marked_form().send();
    world.until("an attempt", || !world.files_in("spool/state").is_empty());
    world.terminate();
    let file = world.files_in("spool/new").remove(0);
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    fs::remove_file(world.files_in("spool/state").remove(0)).unwrap();
    world.start();
    world.until("the move", || !world.files_in("spool/corrupt").is_empty());
    world.until("the alarm", || {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        world.root().join(format!("spool/alarms/corrupt-{name}")).exists()
    });
    // The queue goes on.
    world.marked_form().text("namn", "ny").send();
    world.sink.wait_for(1);
}

#[test]
fn a_stop_is_clean() {
    let mut world = World::new();
    world.marked_form().send();
    world.sink.wait_for(1);
    assert_eq!(world.terminate(), Some(0));
}

#[test]
fn wrong_use_has_its_own_exit_code() {
    let world = World::new();
    assert_eq!(
        world.konvolutt(&["queue", "show", "AAA-AAAA-AAA"]).status.code(),
        Some(1)
    );
    assert_eq!(world.konvolutt(&["queue", "dance"]).status.code(), Some(2));
    let mut unnamed = std::process::Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let unnamed = unnamed
        .args(["queue", "list"])
        .env_remove("KONVOLUTT_CONFIG")
        .output()
        .unwrap();
    assert_eq!(unnamed.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unnamed.stderr).contains("--config FILE"));
    let output = world.postrom_open(&world.root().join("nowhere.eml"), &["--key", "secret/daily.key.asc"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("nowhere.eml"));
}

#[test]
fn a_test_letter_goes_the_whole_way() {
    let world = World::new();
    let output = world.konvolutt(&["send-test"]);
    assert!(output.status.success(), "{output:?}");
    let folder = world.open(&world.sink.wait_for(1)[0].mail);
    let record: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("letter.json")).unwrap()).unwrap();
    assert_eq!(record["test"], true);
}

/// A letter that was held between the relay's look and its reading is no damaged letter, and keeps its name.
#[test]
fn a_letter_that_was_just_moved_is_not_called_corrupt() {
    let office = Office::new();
    office.mail("hei", &[]);
    let names = |room: &str| -> Vec<String> {
        let there = fs::read_dir(office.root().join("spool").join(room)).unwrap();
        there
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    let name = names("new").remove(0);
    let error = office.store.claim(&name).err().unwrap();
    assert!(matches!(error, ClaimError::Gone), "{error}");
    assert!(names("corrupt").is_empty());
    assert_eq!(names("new"), [name]);
}

/// Many at once: what cannot be done with one does not keep the others from it, and everything can be read by machines.
#[test]
fn many_letters_are_mended_at_once() {
    let world = World::new();
    for n in 0..3 {
        world.sink.refuse_next("RCPT", "451 4.7.1 come back later");
        world.marked_form().text("namn", &n.to_string()).send();
        world.until("an attempt", || world.files_in("spool/state").len() == n + 1);
    }
    let references: Vec<String> = listed(&world)
        .iter()
        .map(|letter| letter["reference"].as_str().unwrap().to_owned())
        .collect();
    let said = |words: &[&str]| {
        let output = world.konvolutt(words);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, list) = said(&["queue", "list"]);
    assert_eq!(code, Some(0));
    let ages = ["0 min old", "1 min old", "2 min old"];
    assert!(ages.iter().any(|age| list.contains(age)), "{list}");
    let wanted = [
        "tried 1×, next 20",
        "come back later",
        "3 waiting, 0 held, 0 corrupt, 0 delivered",
    ];
    for wanted in wanted {
        assert!(list.contains(wanted), "{wanted} is not in {list}");
    }

    let (code, done) = said(&[
        "queue",
        "hold",
        &references[0],
        "AAA-AAAA-AAA",
        &references[1],
        "--json",
    ]);
    let done: Vec<serde_json::Value> = serde_json::from_str(&done).unwrap();
    assert_eq!(code, Some(1));
    assert_eq!(
        done.iter().map(|one| one["done"] == true).collect::<Vec<_>>(),
        [true, false, true]
    );
    let (_, held) = said(&["queue", "list", "--state", "held"]);
    assert!(
        held.contains(&references[0]) && held.contains(&references[1]) && !held.contains(&references[2]),
        "{held}"
    );

    assert_eq!(said(&["queue", "release", "--all"]).0, Some(0));
    assert_eq!(said(&["queue", "retry", "--all"]).0, Some(0));
    world.sink.wait_for(3);
}
