//! Whether letters can be taken is looked at by one thread; a question never acts. What a letter has shown is over only
//! by evidence of the thing itself.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use konvolutt::alarms::{Alarms, Side};
use konvolutt::intake::probe;
use konvolutt::readiness::{FormState, Readiness, Why};
use konvolutt::store::{Budget, Identities, Identity, Inbox, Pending, Proof, Reservation, Share, Size, StoreError};
use konvolutt::submission::{Evidence, Pipeline, Witness};
use tempfile::TempDir;

use crate::alarms::{told, told_world};
use crate::closed::is_closed;
use crate::support::{Answer, Authority, Fault, Form, Hook, Office, Options, World, run, until};

fn with_health(authority: &Authority) {
    let health = "[health]\naddress = \"127.0.0.1:0\"\n\n[spool]";
    authority.edit("konvolutt.toml", "[spool]", health);
}

/// Visitors read the form while letters fail: each of them sees the numbers, the alarm stands in every look, it is told
/// once, and `/readyz` says so. `page` was opened while all was well.
fn stays_closed(world: &World, hook: &Hook, page: &Form, time: Duration) {
    let (alarm, ready) = (world.root().join("spool/alarms/spool"), world.health());
    let refused = |page: &Form| {
        let answer = page.send();
        assert!(!answer.location().contains("/kvittering/"), "a receipt was given");
        let shown = world.get(answer.location());
        assert!(
            shown.status == 503 && shown.body.contains(&world.marker.text),
            "{}",
            shown.body
        );
    };
    refused(page);
    let (begin, mut looks) = (Instant::now(), 0);
    // The alarm follows what it is about by a moment; from then on it stands in every look.
    world.until("the alarm", || alarm.exists());
    while begin.elapsed() < time || looks <= 20 {
        for _ in 0..5 {
            is_closed(&world.get("/nn/s/skriv"));
            assert!(alarm.exists(), "gone after {looks} looks:\n{}", world.log());
            looks += 1;
            std::thread::sleep(Duration::from_millis(50));
        }
        let answer = ready("/readyz");
        assert!(
            answer.status == 503 && answer.body.contains("spool: "),
            "{}",
            answer.body
        );
        refused(page);
    }
    told(world, hook, "raised", "spool", 1);
    assert_eq!(hook.count("cleared", "spool"), (0, 0));
}

fn is_well_again(world: &World, hook: &Hook) {
    world.until("the form opens", || world.get("/nn/s/skriv").status == 200);
    world.until("ready", || world.health()("/readyz").status == 200);
    told(world, hook, "cleared", "spool", 1);
    assert_eq!(hook.count("raised", "spool"), (1, 1));
    let answer = world.form().text("melding", &world.marker.text).send();
    assert!(answer.location().contains("/kvittering/"));
}

fn short_letter(world: &World) -> Form {
    world.form().text("melding", &world.marker.text)
}

/// `draft/` is gone: neither a letter nor a file of one can be begun.
#[test]
fn a_spool_without_drafts_closes_the_form_until_a_restart_finds_it_whole() {
    for with_file in [false, true] {
        let (mut world, hook) = told_world(with_health);
        let page = if with_file {
            world.marked_form()
        } else {
            short_letter(&world)
        };
        fs::remove_dir(world.root().join("spool/draft")).unwrap();
        stays_closed(&world, &hook, &page, Duration::from_secs(5));
        world.terminate();
        world.start();
        is_well_again(&world, &hook);
    }
}

/// `new/` is gone, so that everything but the last step succeeds: also for a trial, which must not believe itself.
#[test]
fn a_spool_that_takes_no_names_closes_the_form() {
    let (mut world, hook) = told_world(with_health);
    let page = short_letter(&world);
    fs::remove_dir(world.root().join("spool/new")).unwrap();
    stays_closed(&world, &hook, &page, Duration::from_secs(8));
    world.terminate();
    world.start();
    is_well_again(&world, &hook);
}

/// Files may not grow: the disk has room all the while, and is well again by itself.
#[test]
fn writes_that_are_cut_short_close_the_form_until_one_succeeds() {
    use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
    let (world, hook) = told_world(with_health);
    let page = world.marked_form();
    let pid = Pid::from_raw(i32::try_from(world.pid()).unwrap());
    let most = getrlimit(Resource::Fsize).maximum;
    let limit = |current| {
        let limit = Rlimit { current, maximum: most };
        prlimit(pid, Resource::Fsize, limit).unwrap();
    };
    limit(Some(10_000));
    stays_closed(&world, &hook, &page, Duration::from_secs(5));
    limit(most);
    is_well_again(&world, &hook);
}

/// Nobody may make a name in `new/`, not even root, until an operator mends it.
#[test]
#[ignore = "needs chattr, root, a disk of its own"]
fn a_spool_that_is_mended_opens_without_a_restart() {
    let disk = crate::support::Image::new(64);
    let mut world = World::with(Options {
        place: Some(disk.place().to_owned()),
        change: with_health,
        ..Options::default()
    });
    world.terminate();
    let hook = Hook::start(world.root());
    let section = format!("{}\n[forms]", hook.section());
    world.authority.edit("konvolutt.toml", "[forms]", &section);
    world.start();
    let page = short_letter(&world);
    let change = |how: &str| {
        let mut chattr = std::process::Command::new("chattr");
        run(chattr.arg(how).arg(world.root().join("spool/new")));
    };
    change("+i");
    stays_closed(&world, &hook, &page, Duration::from_secs(8));
    change("-i");
    is_well_again(&world, &hook);
}

/// A disk that takes four seconds to say how much room it has stops nobody but itself.
#[test]
#[ignore = "needs strace, root"]
fn a_slow_disk_keeps_no_page_waiting() {
    let world = World::with(Options {
        change: with_health,
        ..Options::default()
    });
    let health = world.health();
    let slow = Fault::new(&world, "fstatfs,statfs:delay_enter=4000000", None);
    let mut seen = Vec::new();
    while seen.last().is_none_or(|worst| *worst >= Duration::from_millis(100)) {
        assert!(seen.len() < 3, "{seen:?}");
        seen.push(slowest_visit(&world, &health));
    }
    assert!(slow.end() > 1, "the disk was not slow");
}

/// Visits in twelve seconds, and what the slowest of them took. A busy machine may spoil one such round, but not three.
fn slowest_visit(world: &World, health: &(impl Fn(&str) -> Answer + Sync)) -> Duration {
    let begin = Instant::now();
    let mut worst = [Duration::ZERO; 3];
    let mut times = 0;
    while begin.elapsed() < Duration::from_secs(12) {
        let visit = |ask: &(dyn Fn() + Sync)| {
            let begin = Instant::now();
            ask();
            begin.elapsed()
        };
        std::thread::scope(|scope| {
            let pages: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| visit(&|| assert_eq!(world.get("/nn/s/skriv").status, 200))))
                .collect();
            worst[1] = worst[1].max(visit(&|| assert_eq!(health("/healthz").status, 200)));
            worst[2] = worst[2].max(visit(&|| assert_eq!(world.get("/stil.css").status, 200)));
            for page in pages {
                worst[0] = worst[0].max(page.join().unwrap());
            }
        });
        times += 1;
        std::thread::sleep(Duration::from_millis(100));
    }
    eprintln!("{times} visits; the slowest page, /healthz, stylesheet: {worst:?}");
    worst.into_iter().max().unwrap()
}

/// Nobody comes: the form's half sleeps, but for one look in five seconds.
#[test]
fn an_idle_server_stays_idle() {
    let world = World::with(Options {
        without_relay: true,
        ..Options::default()
    });
    std::thread::sleep(Duration::from_secs(3));
    // By thread: what one that ended meanwhile had counted is no wake.
    let tasks = || -> BTreeMap<OsString, u64> {
        let folder = format!("/proc/{}/task", world.pid());
        let tasks = fs::read_dir(folder).unwrap().flatten();
        tasks
            .map(|task| {
                let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
                let mut lines = status.lines();
                let count = lines.find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
                let count = count.map_or(0, |count| count.trim().parse().unwrap());
                (task.file_name(), count)
            })
            .collect()
    };
    let before = tasks();
    std::thread::sleep(Duration::from_secs(20));
    let since = |(task, count): (OsString, u64)| count - before.get(&task).unwrap_or(&0).min(&count);
    let woken: u64 = tasks().into_iter().map(since).sum();
    // Four looks, at one wake each. Three wakes a look would be twelve; what else the kernel wakes a thread for may be a few.
    assert!((2..=9).contains(&woken), "woken {woken} times in 20 s");
}

/// A pipeline with its readiness in this process, and what hears its evidence in between.
fn in_process(hears: impl Fn(&Evidence) + Send + Sync + 'static) -> (TempDir, Arc<Pipeline>, Readiness) {
    let (dir, mut pipeline) = Office::new().into_pipeline();
    pipeline.alarms = Arc::new(Alarms::new(dir.path().join("spool/alarms"), &[Side::Web]));
    let readiness = Readiness::new(&pipeline.alarms);
    let heard = readiness.witness();
    pipeline.witness = Witness::new(move |evidence| {
        hears(&evidence);
        heard.hear(evidence);
    });
    let pipeline = Arc::new(pipeline);
    konvolutt::readiness::start(&readiness, pipeline.clone()).unwrap();
    (dir, pipeline, readiness)
}

fn standing(pipeline: &Pipeline) -> BTreeSet<String> {
    let own = pipeline.alarms.own().into_iter();
    own.map(|posted| posted.key()).collect()
}

/// A letter that could not be sealed closes the forms of its mailbox, until a trial letter is sealed.
#[test]
fn a_failed_seal_is_an_alarm_of_its_own_and_ends_by_a_seal() {
    let (_dir, pipeline, readiness) = in_process(|_| {});
    let form = &pipeline.forms[0];
    until("the first look", || readiness.form(form).is_open());
    let failed = Evidence::SealFailed {
        mailbox: form.mailbox.clone(),
        why: "no such curve".into(),
    };
    let begin = Instant::now();
    readiness.hear(&failed);
    // At once, before any look; and what was typed is still read, since a letter is the best evidence.
    assert_eq!(readiness.form(form), FormState::Closed(Why::Seal));
    assert!(readiness.form(form).is_worth_trying());
    assert!(readiness.stops()[0].starts_with("seal: "), "{:?}", readiness.stops());
    let alarm = format!("seal-{}", form.mailbox);
    until("the alarm", || standing(&pipeline).contains(&alarm));
    // The trial is not made so soon that nobody could have been told.
    until("a trial", || readiness.form(form).is_open());
    assert!(begin.elapsed() > Duration::from_secs(1));
    until("the end of the alarm", || standing(&pipeline).is_empty());
    assert_eq!(readiness.stops(), [""; 0]);
}

/// A store that does something else first when it is asked for room.
struct Hindered<F>(Arc<dyn Inbox>, F);

impl<F: Fn() + Send + Sync> Inbox for Hindered<F> {
    fn identities(&self) -> &Identities {
        self.0.identities()
    }

    fn repeats(&self, identity: &Identity) -> Result<bool, StoreError> {
        self.0.repeats(identity)
    }

    fn proof(&self, identity: &Identity) -> Option<Proof> {
        self.0.proof(identity)
    }

    fn begin(&self) -> Result<Box<dyn Pending + '_>, StoreError> {
        self.0.begin()
    }

    fn reserve(&self, budget: Budget<'_>, size: Size, share: Share) -> Result<Reservation, StoreError> {
        (self.1)();
        self.0.reserve(budget, size, share)
    }

    fn check_itself(&self) -> Result<(), StoreError> {
        self.0.check_itself()
    }

    fn probe(&self) -> Result<(), StoreError> {
        self.0.probe()
    }

    fn count_waiting(&self) -> std::io::Result<()> {
        self.0.count_waiting()
    }
}

/// As [`in_process`], with this in the way of every look.
fn hindered(by: impl Fn() + Send + Sync + 'static) -> (TempDir, Arc<Pipeline>, Readiness) {
    let (dir, mut pipeline) = Office::new().into_pipeline();
    pipeline.alarms = Arc::new(Alarms::new(dir.path().join("spool/alarms"), &[Side::Web]));
    pipeline.inbox = Arc::new(Hindered(pipeline.inbox.clone(), by));
    let readiness = Readiness::new(&pipeline.alarms);
    pipeline.witness = readiness.witness();
    let pipeline = Arc::new(pipeline);
    konvolutt::readiness::start(&readiness, pipeline.clone()).unwrap();
    (dir, pipeline, readiness)
}

/// A look that fails shows nothing: the form is closed, the fault is told, and both are over with what they are about.
#[test]
fn a_panic_in_each_look_is_told_and_closes_the_form() {
    let panics = Arc::new(AtomicBool::new(false));
    let own = panics.clone();
    let (_dir, pipeline, readiness) = hindered(move || assert!(!own.load(Ordering::SeqCst), "a panic on purpose"));
    let form = &pipeline.forms[0];
    until("the first look", || readiness.form(form).is_open());
    panics.store(true, Ordering::SeqCst);
    readiness.read_again();
    until("the form is closed", || {
        readiness.form(form) == FormState::Closed(Why::NotLooked)
    });
    assert_eq!(readiness.stops(), ["the last look failed"]);
    until("the alarm", || standing(&pipeline).contains("fault"));
    panics.store(false, Ordering::SeqCst);
    until("the next look", || readiness.form(form).is_open());
    assert!(
        standing(&pipeline).contains("fault"),
        "a look proves nothing of a letter"
    );
}

/// A disk that does not answer at the start: the forms are closed and say so, and the process goes on.
#[test]
fn a_start_does_not_wait_for_a_disk_for_ever() {
    let (_dir, pipeline, readiness) = hindered(|| std::thread::sleep(Duration::from_secs(3600)));
    let begin = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(readiness.first_look());
    assert!(begin.elapsed() < Duration::from_secs(30));
    assert_eq!(readiness.form(&pipeline.forms[0]), FormState::Closed(Why::NotLooked));
    assert_eq!(readiness.stops(), ["nothing was looked at yet"]);
}

/// What a browser sends: the form with a token of a page that was really shown.
fn page(routes: &axum::Router, path: &str) -> Vec<u8> {
    let get = format!("GET {path} HTTP/1.1\r\nHost: authority.example\r\nConnection: close\r\n\r\n");
    let shown = probe::question(routes, get.as_bytes()).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    let token = shown.split("name=\"_token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let form = Form::new(([127, 0, 0, 1], 80).into(), path);
    form.text("_token", token).text("melding", "Ei melding").bytes()
}

/// A panic while a letter is taken, and one in the handler itself: each is counted and told, neither closes the form, and
/// both are over once a letter goes through.
#[test]
fn a_panic_is_counted_and_told_until_a_letter_goes_through() {
    let panics = Arc::new(AtomicUsize::new(0));
    let own = panics.clone();
    let (_dir, pipeline, readiness) = in_process(move |evidence| {
        let due = match evidence {
            // On the thread that seals.
            Evidence::Written { .. } => 0,
            // In the handler, which says that the first one happened.
            Evidence::Fault(_) => 1,
            _ => return,
        };
        let done = own.compare_exchange(due, due + 1, Ordering::SeqCst, Ordering::SeqCst);
        assert!(done.is_err(), "a panic on purpose");
    });
    until("the first look", || readiness.form(&pipeline.forms[0]).is_open());
    let routes = probe::routes_with(pipeline.clone(), readiness.clone());
    let form = &pipeline.forms[0];
    let path = format!("/{}/s/{}", form.languages[0], form.slug);
    let sent = page(&routes, &path);
    let answer = |said: &[u8]| String::from_utf8(probe::question(&routes, said).unwrap()).unwrap();
    // No page is the direct answer to what was typed, not even then.
    let failed = answer(&sent);
    assert!(
        failed.starts_with("HTTP/1.1 303 ") && failed.contains("?feil\r\n"),
        "{failed}"
    );
    assert_eq!(panics.load(Ordering::SeqCst), 2);
    until("the alarm", || standing(&pipeline).contains("fault"));
    let metrics = pipeline.alarms.metrics(SystemTime::now());
    assert!(
        metrics.contains("konvolutt_letters_total{event=\"faults\"} 2\n"),
        "{metrics}"
    );
    assert!(readiness.form(&pipeline.forms[0]).is_open());
    assert_eq!(readiness.stops(), [""; 0]);
    std::thread::sleep(Duration::from_secs(6));
    assert!(standing(&pipeline).contains("fault"), "no look is evidence of it");

    // The same page again is the same letter.
    let again = answer(&sent);
    assert!(
        again.starts_with("HTTP/1.1 303 ") && again.contains("/kvittering/"),
        "{again}"
    );
    // It was not sealed again, so it proves nothing. The next one does.
    assert!(standing(&pipeline).contains("fault"));
    let next = answer(&page(&routes, &path));
    assert!(next.contains("/kvittering/"), "{next}");
    until("its end", || standing(&pipeline).is_empty());
}
