//! A letter that a mail server took, and sent back later: it is told apart by its envelope, held, and sent again.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use konvolutt::alarms::Alarm;
use konvolutt::bounces::{Bounces, Settings};
use konvolutt::relay::TransportSettings;
use konvolutt::relay::smtp::Security;
use konvolutt::store::{Settlement, State};

use crate::support::{Act, At, Depot, Options, Postfix, SENDER, Script, World};

use Act::Say;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
const WITH_DSN: &str = "250-script\r\n250-DSN\r\n250 AUTH PLAIN";

/// Commands of the conversation that begin so.
fn said(script: &Script, verb: &str) -> Vec<String> {
    let seen = script.seen.lock().unwrap();
    let own = seen.commands.iter().filter(|command| command.starts_with(verb));
    own.cloned().collect()
}

/// The sender with a letter's id in it.
fn with_id(depot: &Depot, name: &str) -> String {
    let (local, domain) = SENDER.split_once('@').unwrap();
    format!("{local}+{}@{domain}", depot.store.bounce_id(name).unwrap())
}

async fn delivered(depot: &Depot, letters: usize) {
    let all = || depot.count(State::Delivered) == letters;
    depot.until("the deliveries", HOUR, all).await;
}

/// The envelope is the same at each attempt, so that whichever comes back is known.
#[tokio::test(start_paused = true)]
async fn where_reports_are_offered_they_are_asked_for_under_an_id() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    for _ in 0..2 {
        script.once(At::SecureHello, Say(WITH_DSN));
    }
    script.once(At::Dot, Say("451 4.3.0 later"));
    let (name, mail) = depot.letter(1, 2_000);
    let relay = depot.serve(&script);
    delivered(&depot, 1).await;
    let id = depot.store.bounce_id(&name).unwrap();
    let from = format!("MAIL FROM:<{SENDER}> RET=HDRS ENVID={id}");
    let to = "RCPT TO:<postmottak@authority.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;postmottak@authority.example";
    assert_eq!(said(&script, "MAIL"), [from.as_str(), from.as_str()]);
    assert_eq!(said(&script, "RCPT"), [to, to]);
    let mails = script.mails();
    assert!(
        mails.contains(&mail) && !String::from_utf8_lossy(&mail).contains(&id),
        "it stands in no head"
    );
    relay.end().await;
}

/// And where they are not, nothing is asked that a server might not know.
#[tokio::test(start_paused = true)]
async fn without_the_offer_and_without_a_delimiter_the_envelope_is_plain() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    depot.letter(1, 2_000);
    let relay = depot.serve(&script);
    delivered(&depot, 1).await;
    assert_eq!(said(&script, "MAIL"), [format!("MAIL FROM:<{SENDER}>")]);
    assert_eq!(said(&script, "RCPT"), ["RCPT TO:<postmottak@authority.example>"]);
    relay.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_offers_reports_and_does_not_take_the_parameters_gets_the_letter_without() {
    let (depot, script) = (Depot::new(), Script::start(true).await);
    script.once(At::SecureHello, Say(WITH_DSN));
    script.once(At::Rcpt, Say("555 5.5.4 unsupported option: ORCPT"));
    depot.letter(1, 2_000);
    let relay = depot.serve(&script);
    delivered(&depot, 1).await;
    assert_eq!(said(&script, "MAIL").last().unwrap(), &format!("MAIL FROM:<{SENDER}>"));
    assert_eq!(script.seen.lock().unwrap().connections, 1);
    assert!(depot.alarms.alarms().is_empty());
    relay.end().await;
}

#[tokio::test(start_paused = true)]
async fn with_a_delimiter_the_sender_has_the_id_in_it() {
    let (mut depot, script) = (Depot::new(), Script::start(true).await);
    depot.bounce_delimiter = Some('+');
    let (name, _) = depot.letter(1, 2_000);
    let relay = depot.serve(&script);
    delivered(&depot, 1).await;
    assert_eq!(
        said(&script, "MAIL"),
        [format!("MAIL FROM:<{}>", with_id(&depot, &name))]
    );
    relay.end().await;
}

/// Whatever a server has against such a sender, and wherever it says so: the letter goes at once, with the plain one, and
/// those after it too.
#[tokio::test(start_paused = true)]
async fn a_sender_with_an_id_never_makes_a_letter_wait() {
    // For the next letter it counts only when it was for good: what is greylisted is taken with its id some minutes later.
    let refusals = [
        (At::Mail, Say("553 5.7.1 not owned by user"), 1),
        (At::Mail, Say("501 5.1.7 bad address"), 1),
        (At::Mail, Say("451 4.7.1 later"), 1),
        (At::Rcpt, Say("450 4.2.0 greylisted"), 1),
        (
            At::Rcpt,
            Say("553 5.7.1 <x+y@z>: Sender address rejected: not owned by user relay"),
            1,
        ),
        (
            At::Rcpt,
            Say("450 4.1.8 <x+y@z>: Sender address rejected: Domain not found"),
            1,
        ),
        (At::Dot, Say("550 5.7.60 no permission to send as this sender"), 1),
        (At::Mail, Act::Close("421 4.7.0 goodbye\r\n"), 2),
        (At::Mail, Act::Close(""), 2),
        // Its reply comes later, and is not taken for another one.
        (At::Mail, Act::Late(6 * MINUTE), 2),
        (At::Rcpt, Act::Late(6 * MINUTE), 2),
        (At::Rcpt, Say("354 go"), 2),
    ];
    for (at, act, connections) in refusals {
        let (mut depot, script) = (Depot::new(), Script::start(true).await);
        depot.bounce_delimiter = Some('+');
        script.once(at, act);
        let (name, _) = depot.letter(1, 2_000);
        let relay = depot.serve(&script);
        delivered(&depot, 1).await;
        assert_eq!(depot.attempts(&name), 0, "{at:?} {act:?}: it never waited");
        let (second, _) = depot.letter(2, 2_000);
        delivered(&depot, 2).await;
        let with_id = |name: &str| format!("MAIL FROM:<{}>", with_id(&depot, name));
        let plain = format!("MAIL FROM:<{SENDER}>");
        let for_good = matches!(act, Say(reply) if reply.starts_with('5'));
        let next = if for_good { plain.clone() } else { with_id(&second) };
        let expected = [with_id(&name), plain, next];
        assert_eq!(said(&script, "MAIL"), expected, "{at:?} {act:?}");
        assert_eq!(script.seen.lock().unwrap().connections, connections, "{at:?} {act:?}");
        assert!(depot.alarms.alarms().is_empty(), "{:?}", depot.alarms.alarms());
        relay.end().await;
    }
}

/// What is said of the mailbox is said of the plain sender too: then the id was not to blame, and stays.
#[tokio::test(start_paused = true)]
async fn a_refused_mailbox_takes_no_id_away() {
    let (mut depot, script) = (Depot::new(), Script::start(true).await);
    depot.bounce_delimiter = Some('+');
    script.always(Some((At::Rcpt, Say("550 5.1.1 no such user"))));
    let (name, _) = depot.letter(1, 2_000);
    let relay = depot.serve(&script);
    depot.until("an attempt", HOUR, || depot.attempts(&name) > 0).await;
    assert_eq!(depot.alarms.subjects(Alarm::MailServer), ["postmottak"]);
    script.always(None);
    delivered(&depot, 1).await;
    assert_eq!(
        said(&script, "MAIL").pop().unwrap(),
        format!("MAIL FROM:<{}>", with_id(&depot, &name))
    );
    relay.end().await;
}

/// A store with letters that were delivered, and a folder where reports come to.
struct Scene {
    depot: Depot,
    bounces: Bounces,
    folder: PathBuf,
}

impl Scene {
    fn keeping(days: u32) -> Self {
        let depot = Depot::keeping(days);
        let folder = depot.root().join("reports");
        fs::create_dir(&folder).unwrap();
        let directories = vec![folder.clone()];
        let bounces = Bounces::load(Settings { directories }, &*depot.store).unwrap();
        Self { depot, bounces, folder }
    }

    fn delivered(&self, number: u32) -> String {
        let (name, _) = self.depot.letter(number, 2_000);
        self.deliver(&name);
        name
    }

    fn deliver(&self, name: &str) {
        let claim = self.depot.store.claim(name).unwrap();
        claim.settle(Settlement::Delivered).unwrap();
    }

    /// A report of the corpus about this letter, as a file of this name.
    fn report(&self, corpus: &str, name: &str, file: &str) -> PathBuf {
        let identity = self.depot.store.identities().of_name(name).unwrap();
        let path = self.folder.join(file);
        let ids = [
            ("e0", &identity.bounce),
            ("ad", &identity.bounce),
            ("5e", &identity.envelope),
        ];
        fs::write(&path, about(corpus, &ids)).unwrap();
        path
    }

    fn look(&mut self) {
        self.bounces
            .look(&*self.depot.store, &self.depot.alarms, SystemTime::now())
            .unwrap();
    }

    fn state(&self, name: &str) -> State {
        self.depot.store.show(name).unwrap().unwrap().state
    }

    fn last_words(&self, name: &str) -> String {
        self.depot.store.show(name).unwrap().unwrap().status.last_error
    }
}

/// A mail of the corpus, with these ids for those that stand in it.
fn about(corpus: &str, ids: &[(&str, &String)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bounces");
    let mail = fs::read_to_string(path.join(format!("{corpus}.eml"))).unwrap();
    let put = |mail: String, (digits, id): &(&str, &String)| mail.replace(&digits.repeat(16), id);
    ids.iter().fold(mail, put)
}

/// By the envelope's id, by the address, by the Message-ID.
#[test]
fn a_letter_that_came_back_is_held_with_the_servers_words() {
    for (corpus, words) in [
        (
            "postfix-failed",
            "550 5.1.1 <postmottak@authority.example>: Recipient address rejected",
        ),
        ("exim-failed", "550 5.7.1 no thank you"),
        ("sendmail-failed", "552 5.2.2 Mailbox full"),
        ("exim-text", "554 5.7.1 refused by policy"),
        (
            "exchange-online-failed",
            "550 5.4.1 Recipient address rejected: Access denied",
        ),
        ("gmail-failed", "The mailbox has no room left"),
    ] {
        let mut scene = Scene::keeping(7);
        let (name, other) = (scene.delivered(1), scene.delivered(2));
        let file = scene.report(corpus, &name, "1.eml");
        scene.look();
        assert_eq!(
            (scene.state(&name), scene.state(&other)),
            (State::Held, State::Delivered),
            "{corpus}"
        );
        assert!(
            scene.last_words(&name).contains(words),
            "{corpus}: {}",
            scene.last_words(&name)
        );
        assert!(!file.exists(), "what was acted on is removed");
    }
}

/// It is sent again, and the same report found once more, also by the next process, holds nothing.
#[test]
fn one_report_holds_a_letter_once() {
    let mut scene = Scene::keeping(7);
    let name = scene.delivered(1);
    let report = |scene: &Scene, file: &str| scene.report("postfix-failed", &name, file);
    report(&scene, "1.eml");
    scene.look();
    assert_eq!(scene.state(&name), State::Held);
    scene.depot.store.release(&name).unwrap();
    scene.deliver(&name);
    for file in ["1.eml", "copy.eml"] {
        let file = report(&scene, file);
        scene.look();
        assert_eq!(scene.state(&name), State::Delivered);
        assert!(!file.exists());
        let directories = vec![scene.folder.clone()];
        scene.bounces = Bounces::load(Settings { directories }, &*scene.depot.store).unwrap();
    }
    // The control: what comes back of the second sending is another report.
    let second = fs::read_to_string(report(&scene, "2.eml"))
        .unwrap()
        .replace("21:41:07", "22:41:07");
    fs::write(scene.folder.join("2.eml"), second).unwrap();
    scene.look();
    assert_eq!(scene.state(&name), State::Held);
}

/// A report can be faster than the last word of the server that took the letter.
#[test]
fn a_report_about_a_letter_on_its_way_waits_for_it() {
    let mut scene = Scene::keeping(7);
    let (name, _) = scene.depot.letter(1, 2_000);
    let file = scene.report("postfix-failed", &name, "1.eml");
    let claim = scene.depot.store.claim(&name).unwrap();
    scene.look();
    assert!(file.exists() && scene.state(&name) == State::Waiting);
    claim.settle(Settlement::Delivered).unwrap();
    scene.look();
    assert!(!file.exists() && scene.state(&name) == State::Held);
}

#[test]
fn a_delayed_letter_and_one_that_was_passed_on_are_not_held() {
    let mut scene = Scene::keeping(7);
    let name = scene.delivered(1);
    for corpus in ["postfix-delayed", "sendmail-delayed", "postfix-relayed"] {
        let file = scene.report(corpus, &name, "1.eml");
        scene.look();
        assert!(!file.exists() && scene.state(&name) == State::Delivered, "{corpus}");
    }
    // The control.
    scene.report("postfix-failed", &name, "1.eml");
    scene.look();
    assert_eq!(scene.state(&name), State::Held);
}

/// Anybody can write to such a mailbox.
#[test]
fn other_peoples_mail_stays_where_it_is() {
    let mut scene = Scene::keeping(7);
    let name = scene.delivered(1);
    let stranger = "12".repeat(16);
    let mails = [
        (
            "forged",
            about("postfix-failed", &[("e0", &stranger), ("5e", &stranger)]),
        ),
        ("forwarded", about("no-report-forwarded", &[])),
        ("away", about("no-report-vacation", &[])),
        ("read", about("no-report-read", &[])),
        ("long", "x".repeat(3_000_000)),
    ];
    for (file, mail) in &mails {
        fs::write(scene.folder.join(file), mail).unwrap();
    }
    let secret = scene.depot.root().join("outside");
    fs::copy(scene.report("postfix-failed", &name, "report"), &secret).unwrap();
    fs::remove_file(scene.folder.join("report")).unwrap();
    std::os::unix::fs::symlink(&secret, scene.folder.join("link")).unwrap();
    for _ in 0..2 {
        scene.look();
    }
    assert_eq!(scene.state(&name), State::Delivered);
    assert!(scene.depot.alarms.alarms().is_empty());
    for (file, mail) in &mails {
        assert_eq!(&fs::read_to_string(scene.folder.join(file)).unwrap(), mail);
    }
    assert!(secret.exists(), "a link is not followed");
    // The control: behind all that a report is found.
    scene.report("postfix-failed", &name, "z");
    scene.look();
    assert_eq!(scene.state(&name), State::Held);
}

/// More than one look can read: those that are no reports are passed over, and what came last has its turn.
#[test]
fn a_full_mailbox_keeps_no_report_back() {
    let mut scene = Scene::keeping(7);
    let name = scene.delivered(1);
    for number in 0..1_200 {
        fs::write(scene.folder.join(number.to_string()), "Subject: advertisement\n\nbuy\n").unwrap();
    }
    scene.report("postfix-failed", &name, "report");
    for _ in 0..3 {
        scene.look();
    }
    assert_eq!(scene.state(&name), State::Held);
}

/// Only its name is left: nothing can be sent again, and somebody must know.
#[test]
fn a_letter_that_came_back_too_late_is_an_alarm_until_its_report_is_removed() {
    let mut scene = Scene::keeping(1);
    let name = scene.delivered(1);
    scene.depot.store.clean(SystemTime::now() + 2 * DAY).unwrap();
    let file = scene.report("gmail-failed", &name, "1.eml");
    for _ in 0..2 {
        scene.look();
    }
    let told = scene.depot.alarms.alarms();
    let identity = scene.depot.store.identities().of_name(&name).unwrap();
    let reference = konvolutt_letter::Reference::from_random(&identity.reference).to_string();
    assert!(told.len() == 1 && told[0].0 == Alarm::Bounced, "{told:?}");
    for wanted in [
        reference.as_str(),
        "The mailbox has no room left",
        "To do: ",
        &file.display().to_string(),
    ] {
        assert!(told[0].1.contains(wanted), "{wanted} is not in {told:?}");
    }
    // A directory that cannot be read proves nothing.
    let away = scene.depot.root().join("away");
    fs::rename(&scene.folder, &away).unwrap();
    scene.look();
    assert_eq!(scene.depot.alarms.subjects(Alarm::Bounced), ["", name.as_str()]);
    fs::rename(&away, &scene.folder).unwrap();
    scene.look();
    assert_eq!(scene.depot.alarms.subjects(Alarm::Bounced), [name.as_str()]);
    fs::remove_file(file).unwrap();
    scene.look();
    assert!(scene.depot.alarms.alarms().is_empty());
}

/// An alarm that an earlier process left is over only when everything was looked at.
#[test]
fn a_look_at_a_part_ends_no_alarm() {
    let mut scene = Scene::keeping(1);
    scene.depot.alarms.raise(Alarm::Bounced, "a", "a letter came back");
    for number in 0..600 {
        fs::write(scene.folder.join(number.to_string()), "Subject: advertisement\n\nbuy\n").unwrap();
    }
    scene.look();
    assert_eq!(scene.depot.alarms.subjects(Alarm::Bounced), ["a"]);
    scene.look();
    assert!(scene.depot.alarms.alarms().is_empty(), "the control");
}

/// Whoever delivers a mail may give it any time: `rsync` and `mv` keep the old one.
#[test]
fn a_report_with_the_time_of_the_file_before_is_read() {
    let mut scene = Scene::keeping(7);
    let name = scene.delivered(1);
    let file = scene.report("postfix-failed", &name, "1.eml");
    let report = fs::read(&file).unwrap();
    let long_ago = SystemTime::now() - 30 * DAY;
    let put = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        fs::File::options()
            .append(true)
            .open(&file)
            .unwrap()
            .set_modified(long_ago)
            .unwrap();
        let meta = fs::metadata(&file).unwrap();
        (meta.ctime(), meta.ctime_nsec())
    };
    let changed = put(&vec![b'x'; report.len()]);
    scene.look();
    assert_eq!(scene.state(&name), State::Delivered, "the control");
    // The clock of some file systems goes in steps.
    while put(&report) == changed {}
    scene.look();
    assert_eq!(scene.state(&name), State::Held);
}

/// The disk has something against one letter: the others are held all the same, and that one in the end.
#[test]
fn a_report_that_cannot_be_acted_on_keeps_no_other_back() {
    let mut scene = Scene::keeping(7);
    let names: Vec<String> = (0..6).map(|number| scene.delivered(number)).collect();
    for (number, name) in names.iter().enumerate() {
        scene.report("postfix-failed", name, &format!("{number}.eml"));
    }
    let in_the_way = |name: &String| scene.depot.root().join(format!("spool/state/{name}.json.fresh"));
    let in_the_way = [in_the_way(&names[0]), in_the_way(&names[3])];
    in_the_way.iter().for_each(|path| fs::create_dir(path).unwrap());
    let (store, alarms) = (scene.depot.store.clone(), scene.depot.alarms.clone());
    let told = scene.bounces.look(&*store, &alarms, SystemTime::now()).unwrap_err();
    assert!(told.to_string().starts_with("2 of the files there wait"), "{told}");
    let alarm = alarms.alarms().remove(0).1;
    assert_eq!(alarms.subjects(Alarm::Bounced), [""]);
    assert!(
        alarm.contains(&told.to_string()) && alarm.contains("To do: "),
        "{alarm}"
    );
    let states = |scene: &Scene| -> Vec<State> { names.iter().map(|name| scene.state(name)).collect() };
    let (delivered, held) = (State::Delivered, State::Held);
    assert_eq!(states(&scene), [delivered, held, held, delivered, held, held]);
    in_the_way.iter().for_each(|path| fs::remove_dir(path).unwrap());
    scene.look();
    assert_eq!(states(&scene), [held; 6]);
    assert!(alarms.alarms().is_empty());
}

/// Alarms that an earlier process left: one file that fails for good must not keep those of others.
#[test]
fn a_file_that_fails_keeps_only_the_alarm_that_may_be_its_own() {
    let mut scene = Scene::keeping(7);
    let name = scene.delivered(1);
    let file = scene.report("postfix-failed", &name, "1.eml");
    fs::create_dir(scene.depot.root().join(format!("spool/state/{name}.json.fresh"))).unwrap();
    let (store, alarms) = (scene.depot.store.clone(), scene.depot.alarms.clone());
    alarms.raise(
        Alarm::Bounced,
        "a",
        "a letter came back. To do: remove /elsewhere/2.eml",
    );
    let own = format!("a letter came back. To do: remove {}", file.display());
    alarms.raise(Alarm::Bounced, "b", &own);
    scene.bounces.look(&*store, &alarms, SystemTime::now()).unwrap_err();
    assert_eq!(alarms.subjects(Alarm::Bounced), ["", "b"]);
    fs::remove_file(file).unwrap();
    scene.look();
    assert!(alarms.alarms().is_empty());
}

/// Its names can be listed, and nothing be known of what they stand for. Who runs the tests as root may search anything.
#[test]
fn a_directory_that_cannot_be_searched_is_told() {
    let mut scene = Scene::keeping(7);
    let name = scene.delivered(1);
    let file = scene.report("postfix-failed", &name, "1.eml");
    let allow = |mode: u32| fs::set_permissions(&scene.folder, fs::Permissions::from_mode(mode)).unwrap();
    allow(0o400);
    if fs::metadata(&file).is_ok() {
        return allow(0o700);
    }
    let (store, alarms) = (scene.depot.store.clone(), scene.depot.alarms.clone());
    scene.bounces.look(&*store, &alarms, SystemTime::now()).unwrap_err();
    assert_eq!(alarms.subjects(Alarm::Bounced), [""]);
    allow(0o700);
    scene.look();
    assert!(alarms.alarms().is_empty());
    assert_eq!(scene.state(&name), State::Held);
}

/// A letter that was changed on disk, came whole from a backup, was delivered and came back: its record says nothing of it.
#[test]
fn a_letter_whose_corrupt_copy_was_discarded_comes_back_like_any_other() {
    for lies_there in [true, false] {
        let mut scene = Scene::keeping(1);
        let (name, _) = scene.depot.letter(1, 2_000);
        let claim = scene.depot.store.claim(&name).unwrap();
        claim.settle(Settlement::Quarantined(Default::default())).unwrap();
        assert_eq!(scene.delivered(1), name);
        if !lies_there {
            scene
                .depot
                .store
                .discard(&name, State::Corrupt, "changed on disk")
                .unwrap();
        }
        scene.report("postfix-failed", &name, "1.eml");
        scene.look();
        assert_eq!(scene.depot.store.names(State::Held).unwrap(), [name.as_str()]);
        scene.depot.store.release(&name).unwrap();
        scene.deliver(&name);
        // The second sending came back too late.
        if !lies_there {
            scene.depot.store.clean(SystemTime::now() + 2 * DAY).unwrap();
            scene.report("gmail-failed", &name, "2.eml");
            scene.look();
            assert_eq!(scene.depot.alarms.subjects(Alarm::Bounced), [name.as_str()]);
        }
    }
}

/// What was done with is remembered only where it must not be done twice.
#[test]
fn a_report_that_held_nothing_is_not_remembered() {
    let mut scene = Scene::keeping(7);
    let name = scene.delivered(1);
    scene.report("postfix-delayed", &name, "1.eml");
    scene.report("postfix-relayed", &name, "2.eml");
    scene.look();
    assert!(scene.depot.store.note("bounces.json").unwrap().is_none());
    scene.report("postfix-failed", &name, "3.eml");
    scene.look();
    assert!(scene.depot.store.note("bounces.json").unwrap().is_some());
}

/// The whole way, web and relay apart and closed in: form, mail server, report, alarm, command, mail server.
#[test]
fn a_letter_that_came_back_is_sent_again_by_the_operator() {
    let world = World::with(Options {
        apart: true,
        change: |authority| {
            fs::create_dir(authority.root.join("reports")).unwrap();
            for room in ["new", "cur", "tmp"] {
                fs::create_dir(authority.root.join("reports").join(room)).unwrap();
            }
            let section = "[bounces]\ndirectories = [\"reports\"]\n\n[forms]";
            authority.edit("konvolutt.toml", "[forms]", section);
        },
        ..Options::default()
    });
    let receipt = world.marked_form().send();
    let reference = world.reference(&receipt);
    let first = world.sink.wait_for(1).remove(0).mail;
    world.until("the delivery", || !world.files_in("spool/delivered").is_empty());
    let head = String::from_utf8_lossy(&first).into_owned();
    let message_id = head
        .lines()
        .find_map(|line| line.strip_prefix("Message-ID: <"))
        .unwrap();
    let message_id = message_id.split('@').next().unwrap().to_owned();
    let report = world.root().join("reports/new/1.mail");
    fs::write(&report, about("gmail-failed", &[("5e", &message_id)])).unwrap();
    world.until("the holding", || !world.files_in("spool/held").is_empty());
    world.until("the tidying", || !report.exists());

    let shown = world.konvolutt(&["queue", "show", &reference]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.contains("held") && shown.contains("it was taken, and came back: 552-5.2.2 The mailbox has no room left"),
        "{shown}"
    );
    let held = || {
        let alarms = world.files_in("spool/alarms").into_iter();
        alarms.filter(|file| file.to_string_lossy().contains("/held-")).count()
    };
    world.until("the alarm", || held() == 1);
    assert_eq!(world.sink.count(), 1);

    assert!(world.konvolutt(&["queue", "retry", &reference]).status.success());
    assert_eq!(world.sink.wait_for(2).remove(1).mail, first, "the same bytes");
    world.until("the end of the alarm", || held() == 0);
    // Its page, sent again, is still the same letter.
    world.until("the second delivery", || !world.files_in("spool/delivered").is_empty());
    assert!(world.files_in("spool/held").is_empty());
}

/// Postfix takes a letter, finds that it cannot deliver it, and sends a report of its own making.
#[tokio::test]
#[ignore = "needs root and postfix"]
async fn a_letter_that_postfix_sends_back_is_held_and_sent_again() {
    let depot = Depot::new();
    let etc = depot.root().join("postfix/etc");
    fs::create_dir_all(&etc).unwrap();
    let map = etc.join("transport");
    fs::write(&map, "postmottak@authority.example refused:\n").unwrap();
    let postfix = Postfix::start(depot.root(), &format!("transport_maps = texthash:{}\n", map.display()));
    let root = fs::read_to_string(depot.root().join("mail-ca.pem")).unwrap();
    let smtp = depot.smtp(postfix.port, Security::Starttls, &root, 1);
    let (name, mail) = depot.letter(1, 2_000);
    let relay = depot.run(TransportSettings::Smtp(smtp));
    depot
        .until("the delivery", MINUTE, || depot.count(State::Delivered) == 1)
        .await;
    depot.until("the report", MINUTE, || postfix.mails().len() == 1).await;
    let report = fs::read_to_string(&postfix.mails()[0]).unwrap();
    let id = depot.store.bounce_id(&name).unwrap();
    assert!(report.contains(&format!("Original-Envelope-Id: {id}")), "{report}");

    let mailbox = postfix.mails()[0].ancestors().nth(2).unwrap().to_owned();
    let directories = vec![mailbox];
    let mut bounces = Bounces::load(Settings { directories }, &*depot.store).unwrap();
    bounces.look(&*depot.store, &depot.alarms, SystemTime::now()).unwrap();
    let shown = depot.store.show(&name).unwrap().unwrap();
    assert_eq!(shown.state, State::Held);
    assert!(
        shown.status.last_error.contains("the mailbox has moved"),
        "{:?}",
        shown.status
    );
    depot
        .until("the alarm", MINUTE, || !depot.alarms.subjects(Alarm::Held).is_empty())
        .await;
    assert!(postfix.mails().is_empty(), "the report is done with");

    fs::write(&map, "").unwrap();
    postfix.reload();
    depot.store.release(&name).unwrap();
    depot.until("the mail", MINUTE, || postfix.mails().len() == 1).await;
    let came = fs::read(&postfix.mails()[0]).unwrap();
    let sent = String::from_utf8(mail).unwrap().replace("\r\n", "\n");
    assert!(String::from_utf8(came).unwrap().ends_with(&sent), "the same bytes");
    depot
        .until("the end of the alarm", MINUTE, || depot.alarms.alarms().is_empty())
        .await;
    relay.end().await;
}
