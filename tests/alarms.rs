//! Somebody is told in time, by ways that do not need the mail: each alarm raised and cleared through the running
//! program while the mail server is down, with a command and a webhook that receive it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use konvolutt::alarms::{Alarm, Looker, STEP, TABLE};
use konvolutt::unix_time::seconds;

use crate::support::{Authority, Hook, Options, TOKEN, World, code, files_below, write_identity_for};

const HOUR: Duration = Duration::from_secs(3600);

/// Nobody listens there.
pub fn without_mail_server(authority: &Authority) {
    let config = fs::read_to_string(authority.config()).unwrap();
    let port = config.lines().find(|line| line.starts_with("port = ")).unwrap();
    authority.edit("konvolutt.toml", port, "port = 1");
}

pub fn told_world(change: fn(&Authority)) -> (World, Hook) {
    told_with(Options {
        change,
        ..Options::default()
    })
}

fn told_with(options: Options) -> (World, Hook) {
    let mut world = World::with(options);
    world.terminate();
    let hook = Hook::start(world.root());
    world
        .authority
        .edit("konvolutt.toml", "[forms]", &format!("{}\n[forms]", hook.section()));
    world.start();
    (world, hook)
}

/// Waits until both were told so often, and sees that nothing of a letter was told.
pub fn told(world: &World, hook: &Hook, event: &str, alarm: &str, times: usize) {
    world.until(&format!("{event} {alarm} ×{times}"), || {
        hook.count(event, alarm) == (times, times)
    });
    let all = [hook.by_command(), hook.by_webhook()].concat();
    let all = serde_json::to_string(&all).unwrap();
    assert!(!all.contains(&world.marker.text));
}

fn reference(world: &World) -> String {
    let output = world.konvolutt(&["queue", "list", "--json"]);
    let letters: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    letters[0]["reference"].as_str().unwrap().to_owned()
}

pub fn listed(world: &World) -> Vec<serde_json::Value> {
    let output = world.konvolutt(&["alarms", "list", "--json"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Waits until both ways have written down what they told: an end between the two would tell it once more.
fn all_is_remembered(world: &World) {
    let told = |alarm: &serde_json::Value| alarm["told"]["command"].is_u64() && alarm["told"]["webhook"].is_u64();
    world.until("both memories", || listed(world).iter().all(told));
}

fn waiting(world: &World) -> PathBuf {
    let mut files = world.files_in("spool/new");
    files.retain(|file| fs::metadata(file).is_ok_and(|meta| meta.len() > 0));
    files.remove(0)
}

/// Mail server, lateness and its steps, held, corrupt: one letter lives through them all.
#[test]
fn a_letter_that_cannot_leave_is_told_of_without_mail() {
    let (mut world, hook) = told_world(without_mail_server);
    world.marked_form().send();
    told(&world, &hook, "raised", "mail-server", 1);

    for (hours, event, times) in [(1, "raised", 1), (4, "changed", 1), (24, "changed", 2)] {
        let file = File::options().append(true).open(waiting(&world)).unwrap();
        file.set_modified(SystemTime::now() - HOUR * hours - HOUR / 60).unwrap();
        // Ages are looked at each minute, and at the start.
        all_is_remembered(&world);
        world.terminate();
        world.start();
        told(&world, &hook, event, "delayed", times);
        let last = hook.by_webhook().pop().unwrap();
        assert!(
            last["text"].as_str().unwrap().contains(&format!("over {hours} h")),
            "{last}"
        );
    }

    let reference = reference(&world);
    assert!(world.konvolutt(&["queue", "hold", &reference]).status.success());
    told(&world, &hook, "raised", "held", 1);
    all_is_remembered(&world);
    world.terminate();
    world.start();
    told(&world, &hook, "cleared", "delayed", 1);
    assert!(world.konvolutt(&["queue", "release", &reference]).status.success());
    told(&world, &hook, "cleared", "held", 1);

    let file = waiting(&world);
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert!(world.konvolutt(&["queue", "retry", &reference]).status.success());
    told(&world, &hook, "raised", "corrupt", 1);
    fs::remove_file(world.files_in("spool/corrupt").remove(0)).unwrap();
    told(&world, &hook, "cleared", "corrupt", 1);

    let heads = hook.heads();
    let bearer = format!("Authorization: Bearer {TOKEN}");
    assert!(
        heads
            .iter()
            .all(|head| head.starts_with("POST /alarms HTTP/1.1\r\n") && head.contains(&bearer))
    );
    assert_eq!(world.sink.count(), 0);
}

/// In two processes: the one that may not connect drops a file, the other one tells.
#[test]
fn a_closed_form_and_its_certificates_are_told_of() {
    let (world, hook) = told_with(Options {
        apart: true,
        change: without_mail_server,
        ..Options::default()
    });
    let file = world.root().join("keys/daily.cert.asc");
    let good = fs::read(&file).unwrap();
    fs::write(&file, crate::closed::revoked(&world)).unwrap();
    world.get("/nn/s/skriv");
    told(&world, &hook, "raised", "form-closed", 1);
    told(&world, &hook, "raised", "certificate", 1);
    let closed = hook
        .by_webhook()
        .into_iter()
        .find(|notice| notice["alarm"] == "form-closed");
    let closed = closed.unwrap();
    assert_eq!(closed["severity"], "critical");
    assert_eq!(closed["about"], "postmottak");
    assert_eq!(closed["service"], "Statsforvaltaren i Nordland");
    fs::write(&file, good).unwrap();
    world.get("/nn/s/skriv");
    told(&world, &hook, "cleared", "form-closed", 1);
    told(&world, &hook, "cleared", "certificate", 1);
}

/// What only a restart mends is told once before it, and its end once after it.
#[test]
fn nothing_is_told_twice_over_a_restart_and_an_end_is_told_after_it() {
    let (mut world, hook) = told_world(|authority| {
        without_mail_server(authority);
        authority.edit("konvolutt.toml", "min_free_mb = 1", "min_free_mb = 999999999");
        let relay = authority.relay.clone();
        authority.edit("konvolutt.toml", &relay, &"0".repeat(40));
    });
    told(&world, &hook, "raised", "spool", 1);
    told(&world, &hook, "raised", "signing-key", 1);
    all_is_remembered(&world);
    world.kill();
    world.start();
    // A control that this start tells something: a certificate that the first one did not know to be bad.
    fs::write(world.root().join("keys/daily.cert.asc"), "garbage").unwrap();
    world.get("/nn/s/skriv");
    told(&world, &hook, "raised", "certificate", 1);
    assert_eq!(hook.count("raised", "spool"), (1, 1));
    assert_eq!(hook.count("raised", "signing-key"), (1, 1));
    assert_eq!(hook.count("cleared", "spool"), (0, 0));

    world.terminate();
    world
        .authority
        .edit("konvolutt.toml", "min_free_mb = 999999999", "min_free_mb = 1");
    let relay = world.authority.relay.clone();
    world.authority.edit("konvolutt.toml", &"0".repeat(40), &relay);
    world.start();
    told(&world, &hook, "cleared", "spool", 1);
    told(&world, &hook, "cleared", "signing-key", 1);
}

/// Each way is tried again by itself until it takes the alarm; the other is not bothered.
#[test]
fn a_webhook_that_is_down_is_told_later() {
    let (world, hook) = told_world(without_mail_server);
    hook.refuse_next(500);
    world.marked_form().send();
    world.until("the command", || hook.count("raised", "mail-server").0 == 1);
    assert_eq!(hook.by_webhook(), Vec::<serde_json::Value>::new());
    world.until("the log", || world.log().contains("the webhook answered 500"));
    told(&world, &hook, "raised", "mail-server", 1);
    assert!(!world.log().contains(TOKEN));
}

#[test]
fn standing_alarms_are_listed_and_a_test_can_be_sent() {
    let (world, hook) = told_world(without_mail_server);
    assert_eq!(listed(&world), Vec::<serde_json::Value>::new());
    assert!(world.konvolutt(&["alarms", "list"]).status.success());
    world.marked_form().send();
    told(&world, &hook, "raised", "mail-server", 1);
    world.until("both memories", || {
        listed(&world)[0]["told"].as_object().unwrap().len() == 2
    });
    assert_eq!(listed(&world)[0]["alarm"], "mail-server");
    let output = world.konvolutt(&["alarms", "list"]);
    assert_eq!(output.status.code(), Some(1));
    let plain = String::from_utf8(output.stdout).unwrap();
    assert!(
        plain.contains("mail-server  letters cannot be sent") && plain.contains("told: command "),
        "{plain}"
    );

    let output = world.konvolutt(&["alarms", "test"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(hook.count("test", "test"), (1, 1));
    hook.refuse_next(403);
    let output = world.konvolutt(&["alarms", "test"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("✗ the webhook answered 403")
    );
    world.konvolutt(&["check", "--online"]);
    assert_eq!(hook.count("test", "test"), (2, 2));
}

/// A letter that was delivered, and that the disk keeps in the queue: told, and never sent twice.
#[test]
fn a_letter_that_stays_after_its_delivery_is_told_of() {
    let (world, hook) = told_world(|_| {});
    let (delivered, away) = (world.root().join("spool/delivered"), world.root().join("away"));
    fs::rename(&delivered, &away).unwrap();
    fs::write(&delivered, "").unwrap();
    world.marked_form().send();
    world.sink.wait_for(1);
    told(&world, &hook, "raised", "stuck", 1);
    fs::remove_file(&delivered).unwrap();
    fs::rename(&away, &delivered).unwrap();
    // Looked at again at once, as after `queue retry`, and not in a minute.
    let name = waiting(&world).file_name().unwrap().to_string_lossy().into_owned();
    let state = r#"{"attempts":0,"due":0,"last_error":""}"#;
    let fresh = world.root().join("fresh");
    fs::write(&fresh, state).unwrap();
    fs::rename(fresh, world.root().join(format!("spool/state/{name}.json"))).unwrap();
    told(&world, &hook, "cleared", "stuck", 1);
    assert_eq!(world.sink.count(), 1);
}

/// The disk is told of while the form is still open, the clock by what it cannot have written; both end by themselves.
#[test]
fn a_disk_that_fills_up_and_a_wrong_clock_are_told_of() {
    let (mut world, hook) = told_world(without_mail_server);
    world.terminate();
    let next_year = SystemTime::now() + HOUR * 24 * 365;
    let new = File::open(world.root().join("spool/new")).unwrap();
    new.set_times(fs::FileTimes::new().set_modified(next_year)).unwrap();
    world
        .authority
        .edit("konvolutt.toml", "[alarm]", "[alarm]\nfree_mb = 999999999");
    world.start();
    told(&world, &hook, "raised", "disk", 1);
    told(&world, &hook, "raised", "clock", 1);
    assert_eq!(world.get("/nn/s/skriv").status, 200);

    all_is_remembered(&world);
    world.terminate();
    new.set_times(fs::FileTimes::new().set_modified(SystemTime::now()))
        .unwrap();
    world
        .authority
        .edit("konvolutt.toml", "free_mb = 999999999", "free_mb = 1");
    world.start();
    told(&world, &hook, "cleared", "disk", 1);
    told(&world, &hook, "cleared", "clock", 1);
}

/// It was read at the start: replaced, it is over with the next start.
#[test]
fn a_certificate_of_the_mail_that_ends_soon_is_told_of() {
    let (mut world, hook) = told_world(|authority| {
        write_identity_for(&authority.root, "mail.example", -80..6);
        let of_the_sink = authority.root.join("mail-ca.pem").display().to_string();
        authority.edit("konvolutt.toml", &of_the_sink, "tls/chain.pem");
    });
    told(&world, &hook, "raised", "mail-tls", 1);
    let notices = hook.by_webhook().into_iter();
    let mut told_text = notices
        .filter(|one| one["alarm"] == "mail-tls")
        .map(|one| one["text"].to_string());
    assert!(told_text.next_back().unwrap().contains("ends within 7 days"));
    all_is_remembered(&world);
    world.terminate();
    write_identity_for(world.root(), "mail.example", -1..80);
    world.start();
    told(&world, &hook, "cleared", "mail-tls", 1);
    assert_eq!(hook.count("raised", "mail-tls"), (1, 1));
}

/// Counts for monitoring: what waits, how old, how much room, when something was delivered last.
#[test]
fn monitoring_sees_the_queue_and_the_disk() {
    // In one process, whose health has both halves' numbers.
    let world = World::with(Options {
        apart: false,
        change: |authority| {
            authority.edit(
                "konvolutt.toml",
                "[spool]",
                "[health]\naddress = \"127.0.0.1:0\"\n\n[spool]",
            )
        },
        ..Options::default()
    });
    let health = world.health();
    let value = |name: &str| {
        let metrics = health("/metrics").body;
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(|value| value.trim().parse::<u64>().unwrap())
    };
    world.until("a look", || value("konvolutt_letters_waiting") == Some(0));
    assert_eq!(value("konvolutt_oldest_letter_seconds"), Some(0));
    assert!(value("konvolutt_spool_free_bytes").unwrap() > 0);
    let step = || seconds(SystemTime::now()) / STEP;
    let before = step();
    let last = || value("konvolutt_last_delivery_timestamp_seconds");
    assert_eq!(last(), None);
    world.marked_form().send();
    world.sink.wait_for(1);
    world.until("the delivery", || world.log().contains("a letter is delivered"));
    // Sooner, or to the second, it would tell who sent something.
    assert!(last().is_none_or(|last| step() > before && last % STEP == 0));
    assert!(health("/metrics").body.contains("konvolutt_alarm{kind=\"delayed\"} 0"));
}

/// Code of the server outside of `src/alarms`, without white space, by file.
fn squeezed() -> Vec<(PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = files_below(&source, ".rs").into_iter();
    let read = |file: PathBuf| {
        let text = code(&fs::read_to_string(&file).unwrap());
        (file, text.split_whitespace().collect())
    };
    files
        .filter(|file| !file.starts_with(source.join("alarms")))
        .map(read)
        .collect()
}

/// Places that name an alarm after one of these words.
fn places(code: &[(PathBuf, String)], words: &[&str], alarm: Alarm) -> Vec<PathBuf> {
    // Alone, or before what it is about.
    let names = words
        .iter()
        .flat_map(|word| [",", ")"].map(|end| format!("{word}Alarm::{alarm:?}{end}")));
    let names: Vec<_> = names.collect();
    let has = |text: &String| names.iter().any(|name| text.contains(name));
    code.iter()
        .filter(|(_, text)| has(text))
        .map(|(file, _)| file.clone())
        .collect()
}

/// Each alarm is raised somewhere, and whatever is raised comes to an end. Readiness says each time which of its alarms
/// stand, all others are ended by whoever raises them; each looker ends what an earlier process left.
#[test]
fn each_alarm_is_raised_and_each_comes_to_an_end() {
    let code = squeezed();
    for spec in TABLE {
        let (alarm, name) = (spec.alarm, spec.name);
        let raised = places(&code, &[".raise(", ".exactly("], alarm);
        if spec.looker == Looker::Readiness {
            assert!(
                raised.is_empty(),
                "{name} is raised in {raised:?}, and the next look of readiness would end it"
            );
            let mut found = places(&code, &["raise(found,", "raise(&mutfound,", "=>("], alarm);
            found.retain(|file| file.ends_with("src/readiness/alarms.rs"));
            assert!(!found.is_empty(), "src/readiness/alarms.rs never raises {name}");
            continue;
        }
        let all = [raised, places(&code, &["(State::Held,", "(State::Corrupt,"], alarm)].concat();
        assert!(!all.is_empty(), "nothing raises {name}");
        let ended = places(
            &code,
            &[
                ".clear(",
                ".is_up(",
                ".end([(",
                // The second of a list that ends together.
                "),(",
                ".exactly(",
                "(State::Held,",
                "(State::Corrupt,",
            ],
            alarm,
        );
        assert!(!ended.is_empty(), "nothing ends {name}: it would stand for ever");
    }
    let settled = |looker: Looker| {
        let call = format!(".settle(Looker::{looker:?})");
        code.iter().any(|(_, text)| text.contains(&call))
    };
    for looker in TABLE.iter().map(|spec| spec.looker) {
        let ends = match looker {
            // It makes the alarms what it found.
            Looker::Readiness => code
                .iter()
                .any(|(_, text)| text.contains(".reflect(Looker::Readiness,")),
            // A letter that goes through, or the right to deliver, is the only evidence, also of what an earlier process raised.
            Looker::Relay => true,
            Looker::Site | Looker::Host | Looker::PostRoom => settled(looker),
        };
        assert!(ends, "nothing settles what an earlier process left of {looker:?}");
    }
}

/// The operator's page has a row for each alarm and no other, with what to do as `alarms list` says it.
#[test]
fn the_operators_page_has_each_alarm_and_no_other() {
    let page = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md")).unwrap();
    let section = page
        .split("\n## Each alarm\n")
        .nth(1)
        .expect("docs/operations.md has no `## Each alarm`");
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<(&str, &str)> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |"))
        .map(|row| {
            let (name, rest) = row.split_once("` | ").unwrap_or_else(|| panic!("no row: {row}"));
            let (happened, what_to_do) = rest.split_once(" | ").unwrap_or_else(|| panic!("no row: {row}"));
            assert!(happened.len() > 10, "{name} does not say what happened");
            let closes = happened.contains("closed**");
            let spec = TABLE.iter().find(|spec| spec.name == name);
            let spec = spec.unwrap_or_else(|| panic!("docs/operations.md has `{name}`, which is no alarm"));
            assert_eq!(closes, spec.stops, "{name}: whether the form is closed");
            (name, what_to_do)
        })
        .collect();
    for spec in TABLE {
        let own: Vec<_> = rows.iter().filter(|(name, _)| *name == spec.name).collect();
        assert_eq!(
            own.len(),
            1,
            "docs/operations.md, \"Each alarm\": rows of `{}`",
            spec.name
        );
        assert_eq!(
            own[0].1, spec.what_to_do,
            "docs/operations.md: what to do about `{}`",
            spec.name
        );
    }
}
