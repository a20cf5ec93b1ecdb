//! Letters that nobody opens are told of: test letters, and those of citizens.

use std::fs;
use std::time::{Duration, SystemTime};

use konvolutt::alarms::{Alarm, Alarms, Side};
use konvolutt::canary::{Rounds, Settings, Waiting, send};
use konvolutt::store::{Settlement, State};
use konvolutt_letter::{Acknowledgement, Reference};

use crate::alarms::{told, told_world};
use crate::support::{Authority, Office, World, postrom};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

fn expects(authority: &Authority, sections: &str) {
    fs::create_dir(authority.root.join("acks")).unwrap();
    authority.edit("konvolutt.toml", "[forms]", &format!("{sections}\n\n[forms]"));
}

/// One round that lasts for a year: whenever the test runs, it meets no second one.
fn canary(authority: &Authority) {
    let section = "[acknowledgements]\ndirectories = [\"acks\"]\n\n[canary]\nevery = \"365d\"\nmissing_after = \"2s\"";
    expects(authority, section);
}

fn acknowledge_by_file(world: &World) {
    let mail = world.root().join("canary.eml");
    fs::write(&mail, &world.sink.wait_for(1)[0].mail).unwrap();
    let more = [
        "--relay",
        "keys/relay.cert.asc",
        "--key",
        "secret/daily.key.asc",
        "--ack-to",
        "acks",
    ];
    let output = world.postrom_open(&mail, &more);
    assert!(output.status.success(), "{output:?}");
}

/// The whole way: form, seal, relay, mail server, mailbox, key. Nobody opens it, and somebody is told by other ways than
/// mail; it is opened, and that is told too. A restart sends no second one.
#[test]
fn a_test_letter_that_nobody_opens_is_told_of_until_it_is_opened() {
    let (mut world, hook) = told_world(canary);
    let mails = world.sink.wait_for(1);
    let head = String::from_utf8_lossy(&mails[0].mail).into_owned();
    let reference = head
        .lines()
        .find_map(|line| line.strip_prefix("X-Konvolutt-Reference: "))
        .unwrap();
    let reference = reference.trim().to_owned();
    // Who sees the mail pass knows its reference and nothing of its inside.
    let forged = Acknowledgement::new(Reference::parse(&reference).unwrap(), "00", jiff::Timestamp::now());
    fs::write(world.root().join("acks/forged.ack"), forged.to_string()).unwrap();

    told(&world, &hook, "raised", "canary", 1);
    let notice = hook
        .by_webhook()
        .into_iter()
        .find(|notice| notice["alarm"] == "canary")
        .unwrap();
    assert_eq!(notice["about"], "postmottak");
    let text = notice["text"].as_str().unwrap();
    assert!(
        text.contains(&reference) && text.contains("the mail server took it"),
        "{text}"
    );

    acknowledge_by_file(&world);
    told(&world, &hook, "cleared", "canary", 1);
    let used = world.root().join(format!("acks/{reference}.ack"));
    world.until("the tidying", || !used.exists());

    world.terminate();
    world.start();
    // A control: this start takes letters and tells of alarms.
    world.marked_form().send();
    assert_eq!(world.sink.wait_for(2).len(), 2);
    fs::write(world.root().join("keys/daily.cert.asc"), "garbage").unwrap();
    world.get("/nn/s/skriv");
    told(&world, &hook, "raised", "certificate", 1);
    assert_eq!(hook.count("raised", "canary"), (1, 1));
    assert_eq!(world.sink.count(), 2);
}

/// A citizen's letter, with the acknowledgement as a mail in a Maildir: reference and time are all that is said.
#[test]
fn a_letter_that_nobody_opens_is_told_of_by_its_reference() {
    let (world, hook) = told_world(|authority| {
        let section = "[acknowledgements]\ndirectories = [\"acks\"]\nunopened_after = \"2s\"";
        expects(authority, section);
        for room in ["new", "cur", "tmp"] {
            fs::create_dir(authority.root.join("acks").join(room)).unwrap();
        }
    });
    let receipt = world.marked_form().send();
    let reference = world.reference(&receipt);
    let folder = world.open(&world.sink.wait_for(1)[0].mail);
    told(&world, &hook, "raised", "unopened", 1);
    let notice = hook.by_webhook().pop().unwrap();
    assert!(notice["text"].as_str().unwrap().contains(&reference), "{notice}");

    let mut ack = postrom();
    ack.arg("ack")
        .arg(&folder)
        .args(["--mail", "ack@form.example", "--from", "postmottak@authority.example"]);
    let output = ack.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mail = String::from_utf8(output.stdout).unwrap();
    assert!(
        !mail.contains(&world.marker.text) && mail.contains("Auto-Submitted: auto-generated"),
        "{mail}"
    );
    fs::write(world.root().join("acks/new/1.mail"), mail).unwrap();
    told(&world, &hook, "cleared", "unopened", 1);
}

struct Scene {
    office: Office,
    alarms: Alarms,
    waiting: Waiting,
    start: SystemTime,
}

impl Scene {
    fn new() -> Self {
        let office = Office::new();
        let acks = office.root().join("acks");
        fs::create_dir(&acks).unwrap();
        let settings = Settings {
            directories: vec![acks],
            unopened_after: Some(DAY * 5),
            rounds: Some(Rounds {
                every: DAY,
                missing_after: HOUR * 12,
                mailboxes: vec!["postmottak".into()],
            }),
        };
        // At the beginning of a round.
        let start = SystemTime::now();
        let past = start.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() % 86_400;
        Self {
            alarms: Alarms::new(office.root().join("spool/alarms"), &[Side::Relay]),
            waiting: Waiting::load(settings, &*office.store).unwrap(),
            start: start - Duration::from_secs(past),
            office,
        }
    }

    /// The web side's and the mail server's part: what was sent is taken. Names of all that wait.
    fn send(&self, at: Duration) -> Vec<String> {
        let pipeline = &self.office.pipeline;
        send(
            pipeline,
            self.waiting.settings().rounds.as_ref().unwrap(),
            &mut Vec::new(),
            self.start + at,
        );
        self.deliver()
    }

    /// The mail server takes all that waits; its names.
    fn deliver(&self) -> Vec<String> {
        let store = &self.office.store;
        let names: Vec<String> = store.waiting().unwrap().into_iter().map(|(name, _)| name).collect();
        for name in &names {
            store.claim(name).unwrap().settle(Settlement::Delivered).unwrap();
        }
        names
    }

    /// A citizen's letter that is delivered now. Only those after the first look are waited for, and now may be the first
    /// minute of the day.
    fn watched_letter(&mut self) -> Vec<String> {
        assert_eq!(self.look(Duration::ZERO, Alarm::Unopened), [""; 0]);
        self.office.submit("ein", &[]).ok().unwrap();
        self.deliver()
    }

    fn acknowledge(&self, name: &str) {
        let identity = self.office.store.identities().of_name(name).unwrap();
        let reference = Reference::from_random(&identity.reference);
        let line = Acknowledgement::new(reference, &identity.id, jiff::Timestamp::now()).to_string();
        fs::write(self.office.root().join("acks").join(name), line).unwrap();
    }

    /// The texts of a kind after a look at this moment.
    fn look(&mut self, at: Duration, alarm: Alarm) -> Vec<String> {
        self.waiting
            .look(&*self.office.store, &self.alarms, self.start + at)
            .unwrap();
        let all = self.alarms.alarms().into_iter().filter(|(kind, _)| *kind == alarm);
        all.map(|(_, text)| text).collect()
    }
}

/// Five days in no time: opened in time, opened late, lost, never written, well again.
#[test]
fn days_of_test_letters() {
    let mut scene = Scene::new();
    let one = scene.send(HOUR);
    assert_eq!(
        (one.len(), scene.send(HOUR * 2).len()),
        (1, 0),
        "one letter a day, however often it is asked for"
    );
    assert_eq!(scene.look(HOUR, Alarm::Canary), [""; 0]);
    scene.acknowledge(&one[0]);
    assert_eq!(scene.look(HOUR * 20, Alarm::Canary), [""; 0], "opened in time");

    let two = scene.send(DAY);
    scene.look(DAY, Alarm::Canary);
    assert_eq!(scene.look(DAY + HOUR * 11, Alarm::Canary), [""; 0]);
    let late = scene.look(DAY + HOUR * 13, Alarm::Canary);
    assert!(
        late.len() == 1 && late[0].contains("within 12 h: the mail server took it"),
        "{late:?}"
    );
    scene.acknowledge(&two[0]);
    assert_eq!(scene.look(DAY + HOUR * 14, Alarm::Canary), [""; 0], "opened late");

    scene.look(DAY * 2, Alarm::Canary);
    let never = scene.look(DAY * 2 + HOUR * 13, Alarm::Canary);
    assert!(
        never.len() == 1 && never[0].contains("it was never written"),
        "{never:?}"
    );

    let four = scene.send(DAY * 3);
    assert_eq!(scene.look(DAY * 3, Alarm::Canary).len(), 1, "still missing");
    scene.acknowledge(&four[0]);
    assert_eq!(
        scene.look(DAY * 3 + HOUR, Alarm::Canary),
        [""; 0],
        "a newer one came through"
    );
}

/// What is not in the mailbox cannot be opened there; what is sent again can, from then on.
#[test]
fn a_letter_that_came_back_is_waited_for_only_when_it_is_sent_again() {
    let mut scene = Scene::new();
    let names = scene.watched_letter();
    let store = scene.office.store.clone();
    assert_eq!(scene.look(HOUR, Alarm::Unopened), [""; 0]);
    assert_eq!(scene.look(DAY * 7, Alarm::Unopened).len(), 1, "the control");
    store.bounce(&names[0], "550 5.1.1 no such user").unwrap();
    assert_eq!(scene.look(DAY * 7, Alarm::Unopened), [""; 0], "held");
    store.release(&names[0]).unwrap();
    scene.deliver();
    assert_eq!(scene.look(DAY * 7, Alarm::Unopened).len(), 1, "sent again");
    store.bounce(&names[0], "550 5.1.1 no such user").unwrap();
    store.discard(&names[0], State::Held, "for a test").unwrap();
    assert_eq!(scene.look(DAY * 7, Alarm::Unopened), [""; 0], "discarded");
    let note = store.note("awaited.json").unwrap().unwrap();
    assert!(!String::from_utf8(note).unwrap().contains(&names[0]));
}

/// A letter that is discarded between two looks, so that none saw it held.
#[test]
fn a_discarded_letter_is_not_waited_for() {
    let mut scene = Scene::new();
    let names = scene.watched_letter();
    let store = scene.office.store.clone();
    assert_eq!(scene.look(DAY * 7, Alarm::Unopened).len(), 1, "the control");
    store.bounce(&names[0], "550 5.1.1 no such user").unwrap();
    store.discard(&names[0], State::Held, "for a test").unwrap();
    assert_eq!(scene.look(DAY * 7, Alarm::Unopened), [""; 0]);
}

/// A test letter is nobody's: not when a newer one was opened, and not when none is sent any more.
#[test]
fn test_letters_that_no_longer_matter_are_no_letters_of_citizens() {
    let mut scene = Scene::new();
    for day in 0..9 {
        let names = scene.send(DAY * day);
        assert_eq!(scene.look(DAY * day, Alarm::Unopened), [""; 0], "day {day}");
        // That of the third day is lost.
        if day != 3 {
            scene.acknowledge(&names[0]);
        }
        assert_eq!(scene.look(DAY * day + HOUR, Alarm::Unopened), [""; 0], "day {day}");
    }
    let mut settings = scene.waiting.settings().clone();
    settings.rounds = None;
    scene.waiting = Waiting::load(settings, &*scene.office.store).unwrap();
    for day in [9, 10, 20] {
        assert_eq!(scene.look(DAY * day, Alarm::Unopened), [""; 0], "day {day}");
    }
    // The control: a citizen's letter of the same days.
    scene.office.submit("ein", &[]).ok().unwrap();
    scene.deliver();
    assert_eq!(scene.look(DAY * 21, Alarm::Unopened).len(), 1);

    // Of what has no name any more nothing is remembered.
    let remembered = |scene: &Scene| {
        let note = scene.office.store.note("awaited.json").unwrap().unwrap();
        String::from_utf8(note).unwrap().matches("postmottak").count()
    };
    assert_eq!(remembered(&scene), 9);
    scene.office.store.clean(scene.start + DAY * 30).unwrap();
    scene.look(DAY * 22, Alarm::Unopened);
    assert_eq!(remembered(&scene), 0);
}

/// What is remembered outlives the letter itself, the relay's process, and the name in the spool.
#[test]
fn a_letter_that_is_not_opened_is_not_forgotten() {
    let mut scene = Scene::new();
    scene.office.mail("før vakta", &[]);
    // Times are kept to the minute: it was delivered in the one before.
    for name in fs::read_dir(scene.office.root().join("spool/new")).unwrap() {
        let name = fs::File::open(name.unwrap().path()).unwrap();
        name.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
    }
    scene.start = SystemTime::now();
    scene.look(Duration::ZERO, Alarm::Unopened);
    let receipts = [
        scene.office.submit("ein", &[]).ok().unwrap(),
        scene.office.submit("to", &[]).ok().unwrap(),
    ];
    let names = scene.deliver();
    assert_eq!(scene.look(DAY * 4, Alarm::Unopened), [""; 0]);

    scene.office.store.clean(scene.start + DAY * 30).unwrap();
    assert!(
        fs::read_dir(scene.office.root().join("spool/new"))
            .unwrap()
            .next()
            .is_none()
    );
    let settings = scene.waiting.settings().clone();
    scene.waiting = Waiting::load(settings, &*scene.office.store).unwrap();
    let told = scene.look(DAY * 6, Alarm::Unopened);
    assert!(told.len() == 1 && told[0].contains(": 2 ("), "{told:?}");
    assert!(
        receipts
            .iter()
            .all(|receipt| told[0].contains(&receipt.reference.to_string())),
        "{told:?}"
    );

    scene.acknowledge(&names[0]);
    let told = scene.look(DAY * 6 + HOUR, Alarm::Unopened);
    assert!(told.len() == 1 && told[0].contains(": 1 ("), "{told:?}");
    scene.acknowledge(&names[1]);
    assert_eq!(scene.look(DAY * 6 + HOUR * 2, Alarm::Unopened), [""; 0]);
}
