//! A way out of everything: a letter that was taken for a wrong mailbox, one that shall not be sent, and a hand in the spool.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use postrom::{KeyProfile, generate};
use serde_json::Value;

use crate::support::{Authority, Options, World};

const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// Two more mailboxes: `arkiv` whose clerks have the same key, and `andre` whose clerks have another.
fn with_more_mailboxes(authority: &Authority) {
    let other = generate(KeyProfile::Compat, "Andre", "andre@authority.example", YEAR, None).unwrap();
    fs::write(authority.root.join("keys/other.cert.asc"), &other.certificate).unwrap();
    let section = |name: &str, file: &str, fingerprint: &str| {
        format!(
            "\n[[mailbox]]\nname = \"{name}\"\naddress = \"{name}@authority.example\"\n[[mailbox.certificate]]\nfile = \
             \"keys/{file}.cert.asc\"\nfingerprint = \"{fingerprint}\"\nrole = \"daily\"\n[[mailbox.certificate]]\nfile = \
             \"keys/recovery.cert.asc\"\nfingerprint = \"{}\"\nrole = \"recovery\"\n",
            authority.recovery
        )
    };
    let mut text = fs::read_to_string(authority.config()).unwrap();
    text += &section("arkiv", "daily", &authority.daily);
    text += &section("andre", "other", &other.cert.fingerprint().to_hex());
    fs::write(authority.config(), text).unwrap();
}

fn world() -> World {
    World::with(Options {
        change: with_more_mailboxes,
        ..Options::default()
    })
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(text).unwrap()
}

/// Runs a command that must end so; what it said.
fn ends(world: &World, code: i32, words: &[&str]) -> String {
    let output = world.konvolutt(words);
    assert_eq!(output.status.code(), Some(code), "{words:?}: {}", said(&output));
    said(&output)
}

fn shown(world: &World, letter: &str) -> Value {
    let output = world.konvolutt(&["queue", "show", letter, "--json"]);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)))
}

/// A letter that the mail server refused for good; its reference.
fn held(world: &World) -> String {
    let before = world.files_in("spool/held").len();
    world.sink.refuse_next("DOT", "554 5.6.0 no such content here");
    let reference = world.reference(&world.marked_form().text("namn", &before.to_string()).send());
    world.until("the holding", || world.files_in("spool/held").len() == before + 1);
    world.until("the move", || shown(world, &reference)["state"] == "held");
    reference
}

fn alarms(world: &World, kind: &str) -> Vec<PathBuf> {
    let mut files = world.files_in("spool/alarms");
    files.retain(|file| file.file_name().unwrap().to_string_lossy().starts_with(kind));
    files
}

fn only_file(world: &World, directory: &str) -> PathBuf {
    let mut files = world.files_in(directory);
    files.retain(|file| fs::metadata(file).is_ok_and(|meta| meta.len() > 0));
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

#[test]
fn a_letter_for_a_wrong_mailbox_is_readdressed() {
    let world = world();
    let reference = held(&world);
    world.until("the alarm", || alarms(&world, "held").len() == 1);
    let told = fs::read_to_string(&alarms(&world, "held")[0]).unwrap();
    let begin = format!("the letter {reference} is held: 554 5.6.0 no such content here. To do: ");
    assert!(told.starts_with(&begin), "{told}");
    for act in ["show", "release", "readdress", "discard"] {
        assert!(told.contains(&format!("queue {act} {reference}")), "{told}");
    }
    let readdress = ["queue", "readdress", &reference, "--mailbox"];
    let refused = ends(&world, 1, &[readdress.as_slice(), &["andre"]].concat());
    assert!(
        refused.contains("could not open it") && refused.contains("--anyway"),
        "{refused}"
    );
    let refused = ends(&world, 1, &[readdress.as_slice(), &["nobody"]].concat());
    assert!(
        refused.contains("no mailbox `nobody`; it has: postmottak, arkiv, andre"),
        "{refused}"
    );
    let refused = ends(&world, 1, &[readdress.as_slice(), &["postmottak"]].concat());
    assert!(refused.contains("already"), "{refused}");
    ends(&world, 2, &["queue", "readdress", &reference]);
    assert_eq!(shown(&world, &reference)["state"], "held");

    // The first attempt at the new mailbox fails: what was readdressed stays so.
    world.sink.refuse_next("RCPT", "451 later");
    let done = ends(&world, 0, &[readdress.as_slice(), &["arkiv"]].concat());
    assert!(done.contains("goes to arkiv (arkiv@authority.example) now"), "{done}");
    world.until("the attempt", || shown(&world, &reference)["status"]["attempts"] == 1);
    let letter = shown(&world, &reference);
    assert_eq!(
        (letter["mailbox"].as_str(), letter["taken_for"].as_str()),
        (Some("arkiv"), Some("postmottak"))
    );
    let people = ends(&world, 0, &["queue", "show", &reference]);
    assert!(
        people.contains("taken for  postmottak, and readdressed since"),
        "{people}"
    );
    ends(&world, 0, &["queue", "retry", &reference]);
    let delivery = world.sink.wait_for(1).remove(0);
    assert!(delivery.to.contains("<arkiv@authority.example>"), "{}", delivery.to);
    assert!(String::from_utf8_lossy(&delivery.mail).contains("\r\nTo: arkiv@authority.example\r\n"));
    // The clerks there have the key.
    world.open(&delivery.mail);
    world.until("the end of the alarm", || alarms(&world, "held").is_empty());

    // Whoever knows better may.
    let done = ends(
        &world,
        0,
        &[
            "queue",
            "readdress",
            &reference,
            "--mailbox",
            "andre",
            "--anyway",
            "--json",
        ],
    );
    assert!(done.contains("\"done\": true"), "{done}");
    let again = world.sink.wait_for(2).remove(1);
    assert!(again.to.contains("<andre@authority.example>"), "{}", again.to);
}

/// A held letter goes where the configuration says when it is released, not where it said when the letter came.
#[test]
fn a_released_letter_goes_to_the_address_that_was_corrected() {
    let mut world = World::new();
    let reference = held(&world);
    world.terminate();
    world.authority.edit(
        "konvolutt.toml",
        "postmottak@authority.example",
        "rett@authority.example",
    );
    world.start();
    ends(&world, 0, &["queue", "release", &reference]);
    let delivery = world.sink.wait_for(1).remove(0);
    assert!(delivery.to.contains("<rett@authority.example>"), "{}", delivery.to);
    world.open(&delivery.mail);
}

#[test]
fn a_letter_that_shall_not_be_sent_is_discarded() {
    let mut world = world();
    let reference = held(&world);
    let discard = ["queue", "discard", &reference];
    // A script says so, or nothing happens: the test has no terminal.
    let asked = ends(&world, 2, &discard);
    assert!(asked.contains("--yes"), "{asked}");
    assert_eq!(shown(&world, &reference)["state"], "held");
    let sealed = only_file(&world, "spool/held");
    let why = ["--yes", "--reason", "sendt av ein robot"];
    let done = ends(&world, 0, &[discard.as_slice(), &why].concat());
    assert!(done.contains("is discarded"), "{done}");
    assert!(!sealed.exists());
    world.until("the end of the alarm", || alarms(&world, "held").is_empty());

    let again = ends(&world, 1, &[discard.as_slice(), &["--yes"]].concat());
    assert!(again.contains("discarded already"), "{again}");
    for act in ["retry", "release", "hold"] {
        assert!(ends(&world, 1, &["queue", act, &reference]).contains("was discarded"));
    }
    let listed = ends(&world, 0, &["queue", "list", "--state", "discarded"]);
    assert!(
        listed.contains(&reference) && listed.contains("sendt av ein robot"),
        "{listed}"
    );
    assert!(!ends(&world, 0, &["queue", "list"]).contains(&reference));
    assert!(ends(&world, 0, &["queue", "show", &reference]).contains("sendt av ein robot"));
    let record = shown(&world, &reference);
    assert_eq!(record["discarded"]["day"].as_u64().unwrap() % 86_400, 0, "{record}");

    // Nothing of it comes back, also after a restart; a letter that waits must be held first.
    world.terminate();
    world.start();
    world.sink.refuse_next("RCPT", "451 later");
    let waits = world.reference(&world.marked_form().text("namn", "ny").send());
    let refused = ends(&world, 1, &["queue", "discard", &waits, "--yes"]);
    assert!(
        refused.contains(&format!("`konvolutt queue hold {waits}` first")),
        "{refused}"
    );
    ends(&world, 0, &["queue", "retry", "--all"]);
    assert_eq!(world.sink.wait_for(1).len(), 1);
    assert!(alarms(&world, "held").is_empty() && alarms(&world, "corrupt").is_empty());
    assert_eq!(shown(&world, &reference)["state"], "discarded");
}

/// A corrupt letter, and the test letter that failed: their alarms end with them.
#[test]
fn what_is_corrupt_can_be_discarded_too() {
    let mut world = World::new();
    world.sink.refuse_next("RCPT", "451 later");
    let reference = world.reference(&world.marked_form().send());
    world.until("an attempt", || !world.files_in("spool/state").is_empty());
    world.terminate();
    let file = only_file(&world, "spool/new");
    let whole = fs::read(&file).unwrap();
    let mut bytes = whole.clone();
    bytes[100] ^= 1;
    fs::write(&file, bytes).unwrap();
    fs::remove_file(only_file(&world, "spool/state")).unwrap();
    world.start();
    world.until("the alarm", || alarms(&world, "corrupt").len() == 1);
    // As the operator is told to: the whole letter comes back from a backup, under the same name, and stays.
    let fresh = world.root().join("spool/state/backup");
    fs::write(&fresh, whole).unwrap();
    fs::rename(fresh, &file).unwrap();
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    let done = ends(&world, 0, &["queue", "discard", &reference, "--yes"]);
    assert!(
        done.contains("only the corrupt letter went") && done.contains("is delivered, and stays"),
        "{done}"
    );
    assert_eq!(shown(&world, &reference)["state"], "delivered");
    world.until("the end of the alarm", || alarms(&world, "corrupt").is_empty());
    assert!(world.files_in("spool/corrupt").is_empty());
    let folder = world.root().join("spool/corrupt/a-strange-folder");
    fs::create_dir(&folder).unwrap();
    let refused = ends(&world, 1, &["queue", "discard", "a-strange-folder", "--yes"]);
    assert!(refused.contains("is a folder, and no letter"), "{refused}");
    fs::remove_dir(&folder).unwrap();

    world.sink.refuse_next("DOT", "554 5.6.0 no test letters here");
    let failed = ends(&world, 1, &["send-test"]);
    assert!(failed.contains("no test letters here"), "{failed}");
    world.until("the alarm", || alarms(&world, "held").len() == 1);
    let name = only_file(&world, "spool/held")
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    let refused = ends(&world, 1, &["queue", "discard", &name[..11], "--yes"]);
    assert!(refused.contains("at least 12 symbols of its name"), "{refused}");
    ends(&world, 0, &["queue", "discard", &name[..12], "--yes"]);
    world.until("the end of the alarm", || alarms(&world, "held").is_empty());
}

fn times_in_log(world: &World, words: &str) -> usize {
    world.log().matches(words).count()
}

/// The way out that operators know: `rm`. No letter is called corrupt for it, now or after a restart.
#[test]
fn a_letter_that_is_removed_by_hand_is_missed_and_not_called_corrupt() {
    let mut world = World::new();
    // One of each: held, delivered, waiting.
    let reference = held(&world);
    world.marked_form().text("namn", "levert").send();
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    world.sink.refuse_next("RCPT", "451 later");
    let waits = world.reference(&world.marked_form().text("namn", "ventar").send());
    world.until("an attempt", || shown(&world, &waits)["status"]["attempts"] == 1);
    let missed = [
        "a letter that waited was removed from the spool by hand",
        "a held letter was removed from the spool by hand",
        "the kept copy of a delivered letter was removed by hand",
    ];
    fs::remove_file(only_file(&world, "spool/new")).unwrap();
    world.until("the word in the log", || times_in_log(&world, missed[0]) == 1);
    fs::remove_file(only_file(&world, "spool/held")).unwrap();
    fs::remove_file(only_file(&world, "spool/delivered")).unwrap();
    world.until("the end of the alarm", || alarms(&world, "held").is_empty());
    // At its start the relay looks at everything, as it does once in a minute.
    for _ in 0..2 {
        world.terminate();
        world.start();
        world.until("the words in the log", || {
            missed.iter().all(|words| times_in_log(&world, words) > 0)
        });
        // A new letter goes through after that look.
        let before = world.sink.count();
        world.marked_form().text("namn", &format!("ny {before}")).send();
        world.sink.wait_for(before + 1);
    }
    assert!(alarms(&world, "corrupt").is_empty() && alarms(&world, "held").is_empty());
    assert!(world.files_in("spool/corrupt").is_empty());
    assert_eq!(
        [0, 1].map(|which| times_in_log(&world, missed[which])),
        [1, 1],
        "told once"
    );
    let record = shown(&world, &reference);
    assert_eq!(record["discarded"]["why"], "removed from the spool by hand", "{record}");
    // The control: what another program emptied is told of as before.
    let (letter, state) = (Path::new("spool/new"), "spool/alarms");
    world.sink.refuse_next("RCPT", "451 later");
    let emptied = world.reference(&world.marked_form().text("namn", "tømd").send());
    world.until("an attempt", || shown(&world, &emptied)["status"]["attempts"] == 1);
    let name = shown(&world, &emptied)["name"].as_str().unwrap().to_owned();
    world.terminate();
    fs::write(world.root().join(letter).join(&name), "").unwrap();
    world.start();
    world.until("the alarm", || {
        world.root().join(state).join(format!("corrupt-{name}")).exists()
    });
}

/// `faketime` itself stays as the parent of what it starts, and would be ended in its stead.
fn ahead_of_time(ahead: &str) -> Vec<String> {
    let library = format!(
        "/usr/lib/{}-linux-gnu/faketime/libfaketime.so.1",
        std::env::consts::ARCH
    );
    let words = [format!("LD_PRELOAD={library}"), format!("FAKETIME={ahead}")];
    let words = ["env".to_owned()].into_iter().chain(words);
    words.chain(["DONT_FAKE_MONOTONIC=1".to_owned()]).collect()
}

/// As it was found: the service is started by a clock that is a month ahead, and deletes every copy within seconds.
#[test]
#[ignore = "needs faketime"]
fn a_service_that_starts_with_a_clock_ahead_deletes_no_copy() {
    let mut world = World::new();
    world.marked_form().send();
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    world.until("a look at the clock", || {
        world.root().join("spool/notes/clock.json").exists()
    });
    let alarm = world.root().join("spool/alarms/clock");
    for ahead in ["+30d", "+370d"] {
        world.terminate();
        world.launcher = ahead_of_time(ahead);
        world.start();
        world.until("the alarm", || alarm.exists());
        let told = fs::read_to_string(&alarm).unwrap();
        assert!(told.contains("Nothing is deleted for its age"), "{told}");
        // It was within three seconds.
        std::thread::sleep(Duration::from_secs(5));
        assert_eq!(world.files_in("spool/delivered").len(), 1);
        world.terminate();
        world.launcher.clear();
        world.start();
        world.until("the end of the alarm", || !alarm.exists());
        assert_eq!(world.files_in("spool/delivered").len(), 1);
    }
}
