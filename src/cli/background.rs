//! Background tasks: checks of site, host and post room, test letters, and notifications of alarms.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Outcome;
use super::app::{App, Newest};
use super::certificates;
use super::once::once;
use super::runtime::{pass_over_hangup, runtime};
use crate::alarms::{Alarm, Alarms, Event, Looker};
use crate::bounces::Bounces;
use crate::canary;
use crate::config::{AlarmSettings, Essentials, Role};
use crate::door::Tls;
use crate::host_checks::HostChecks;
use crate::notify::{self, Contact, Helper, Outlet, Way};
use crate::readiness::{self, Wake};
use crate::stop::{is_stopped, stopped};
use crate::submission::Pipeline;
use crate::unix_time::seconds;

/// The hidden command by which this program becomes the helper of another process of it.
pub(super) const HELPER: &str = "alarm-helper";

/// The ways in which the operator is notified of alarms, made while this process may still start another. One that cannot be
/// used does not keep the others from it.
pub(super) fn ways(settings: &AlarmSettings) -> Vec<Outlet> {
    outlets(settings, |command| {
        let mut own = Command::new("/proc/self/exe");
        own.args([HELPER, "--timeout", &command.timeout.as_secs().to_string(), "--"])
            .args(&command.argv);
        let helper = Helper::spawn(command, own);
        let helper = helper.inspect_err(|error| tracing::error!("the command for alarms cannot be run: {error}"));
        helper.ok().map(Way::Helper)
    })
}

/// The ways in which a command notifies the operator: it may run another itself.
pub(super) fn outlets_of_command(essentials: &Essentials) -> Vec<Outlet> {
    outlets(&essentials.alarm, |command| Some(Way::Command(command)))
}

/// Every way to every contact; `run` makes one of a command.
fn outlets(settings: &AlarmSettings, run: impl Fn(notify::Command) -> Option<Way>) -> Vec<Outlet> {
    let of = |(contact, settings): (&Contact, notify::Settings)| {
        let webhook = contact.webhook.clone().map(Way::Webhook);
        let ways = webhook.into_iter().chain(contact.command.clone().and_then(&run));
        let outlets = ways.map(|way| Outlet {
            way,
            settings: settings.clone(),
        });
        outlets.collect::<Vec<_>>()
    };
    settings.told().flat_map(of).collect()
}

/// Starts it all, and gives the tasks that tell of alarms: they end at `stop`, each once what it tells then is told. Nothing here
/// can end the service: what fails is logged and tried again.
///
/// # Errors
/// When there can be no further thread, or the role takes letters and has no way for them.
pub(super) fn start(app: &mut App, role: Role, stop: &watch::Receiver<bool>) -> anyhow::Result<JoinSet<()>> {
    super::log::keep_releasing()?;
    let mut telling = JoinSet::new();
    if role != Role::Relay {
        let pipeline = app.pipeline()?;
        readiness::start(&app.readiness, pipeline.clone())?;
        send_canaries(app, pipeline, app.newest()?.clone())?;
    }
    match role {
        Role::All => {}
        Role::Web => drop(telling.spawn(give_signs(app.alarms.clone(), stop.clone()))),
        Role::Relay => look_at_form(app)?,
    }
    if role != Role::Web {
        wait_for_post_room(app)?;
        read_bounces(app)?;
        check_host(app, role)?;
        for outlet in std::mem::take(&mut app.outlets) {
            let (notes, leader, alarms) = (app.store.clone(), app.leader.clone(), app.alarms.clone());
            telling.spawn(notify::run(outlet, notes, leader, alarms, stop.clone()));
        }
    }
    Ok(telling)
}

/// Who hears of a panic: the half that looked, since only it can end an alarm of its own.
enum Faults {
    Web(Arc<Pipeline>),
    /// With what the alarm is about.
    Relay(Arc<Alarms>, &'static str),
}

impl Faults {
    fn panicked(&self, name: &str) {
        match self {
            Faults::Web(pipeline) => pipeline.fault("a panic in the background"),
            Faults::Relay(alarms, about) => {
                alarms.count(Event::Faults);
                let text = format!("a fault of this program: {name} cannot be looked at");
                alarms.raise(Alarm::Unwatched, about, &text);
            }
        }
    }

    /// A look came to its end. For the web side only a letter that goes through is evidence.
    fn over(&self) {
        if let Faults::Relay(alarms, about) = self {
            alarms.clear(Alarm::Unwatched, about);
        }
    }
}

/// Looks at once, then each `every` and whenever `wake` rings, on a thread of its own: everything here waits for the
/// disk. A look hears whether it was rung for. A panic ends one look, is told, and does not end the looking.
fn each(
    (name, every): (&str, Duration),
    wake: Arc<Wake>,
    faults: Faults,
    mut look: impl FnMut(bool) -> io::Result<()> + Send + 'static,
) -> io::Result<()> {
    let own = name.to_owned();
    let work = move || {
        let (mut rung, mut failed) = (false, None);
        loop {
            match catch_unwind(AssertUnwindSafe(|| look(rung))) {
                Ok(Ok(())) => {
                    failed = None;
                    faults.over();
                }
                Ok(Err(error)) if is_news(&mut failed, &error) => {
                    tracing::warn!(%error, "{own} could not be looked at");
                }
                Ok(Err(_)) => {}
                Err(_) => faults.panicked(&own),
            }
            rung = wake.wait(every);
        }
    };
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
}

/// What lasts is one line in the log, not one each five seconds.
fn is_news(last: &mut Option<String>, error: &io::Error) -> bool {
    let text = Some(error.to_string());
    let is_new = *last != text;
    *last = text;
    is_new
}

/// Looks at disk and clock twice a minute.
fn check_host(app: &App, role: Role) -> io::Result<()> {
    let mut host_checks = HostChecks::new(app.host_checks.clone());
    let (store, alarms, ends) = (app.store.clone(), app.alarms.clone(), app.certificate_ends());
    let faults = Faults::Relay(alarms.clone(), "host");
    each(
        ("the host", Duration::from_secs(30)),
        Arc::default(),
        faults,
        move |_| {
            certificates::tell_of_mail(&alarms, &ends(), seconds(SystemTime::now()));
            host_checks.look(&*store, &alarms)?;
            // What an earlier process left and this look did not find is over.
            alarms.settle(Looker::Host);
            if role == Role::All {
                alarms.is_up(Alarm::WebDown);
            }
            Ok(())
        },
    )
}

/// Tells the relay's half that this one runs: its runtime, and the threads that wait for the disk. So it is not down, whatever
/// the unit said of an earlier one. At `stop` it takes that back.
async fn give_signs(alarms: Arc<Alarms>, mut stop: watch::Receiver<bool>) {
    while !is_stopped(&stop) {
        let own = alarms.clone();
        let give = move || {
            own.is_up(Alarm::WebDown);
            own.give_sign_of_life()
        };
        let given = tokio::task::spawn_blocking(give).await;
        if let Err(error) = given.map_err(io::Error::other).and_then(|given| given) {
            tracing::warn!(%error, "the relay's half could not be told that this one runs");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(60)) => {}
            () = stopped(&mut stop) => {}
        }
    }
    // An error is the end of the runtime: then the sign grows old.
    let _ = tokio::task::spawn_blocking(move || alarms.take_sign_of_life_away()).await;
}

/// What `/readyz/all` says of the form's half.
fn look_at_form(app: &App) -> io::Result<()> {
    let Some(form) = app.form.clone() else {
        return Ok(());
    };
    let faults = Faults::Relay(app.alarms.clone(), "form");
    each(
        ("the form's half", Duration::from_secs(5)),
        Arc::default(),
        faults,
        move |_| {
            form.look(SystemTime::now());
            Ok(())
        },
    )
}

/// Each round has one test letter; whether a new round has begun is looked at often enough for the shortest.
fn send_canaries(app: &App, pipeline: Arc<Pipeline>, newest: Arc<Newest>) -> io::Result<()> {
    let Some(rounds) = app.canary.rounds.clone() else {
        return Ok(());
    };
    let pause = (rounds.every / 10).clamp(Duration::from_secs(1), Duration::from_secs(60));
    let mut done = Vec::new();
    let faults = Faults::Web(pipeline);
    each(("test letters", pause), Arc::default(), faults, move |_| {
        canary::send(&newest.now(), &rounds, &mut done, SystemTime::now());
        Ok(())
    })
}

/// Runs also when nothing is expected: alarms of an earlier configuration end then.
fn wait_for_post_room(app: &App) -> io::Result<()> {
    let (settings, notes) = (app.canary.clone(), app.store.clone());
    let load = move || canary::Waiting::load(settings.clone(), &*notes);
    let (store, alarms) = (app.store.clone(), app.alarms.clone());
    let look = move |waiting: &mut canary::Waiting| waiting.look(&*store, &alarms, SystemTime::now());
    let alarms = app.alarms.clone();
    let faults = Faults::Relay(alarms.clone(), "post-room");
    each(
        ("the post room", Duration::from_secs(5)),
        Arc::default(),
        faults,
        once(app.leader.clone(), alarms, load, look),
    )
}

/// Runs also when nothing comes back anywhere: alarms of an earlier configuration end then.
fn read_bounces(app: &App) -> io::Result<()> {
    let (settings, notes) = (app.bounces.clone(), app.store.clone());
    let load = move || Bounces::load(settings.clone(), &*notes);
    let (store, alarms) = (app.store.clone(), app.alarms.clone());
    let look = move |bounces: &mut Bounces| bounces.look(&*store, &alarms, SystemTime::now());
    let alarms = app.alarms.clone();
    let faults = Faults::Relay(alarms.clone(), "bounces");
    each(
        ("letters that come back", Duration::from_secs(5)),
        Arc::default(),
        faults,
        once(app.leader.clone(), alarms, load, look),
    )
}

/// Takes up renewed certificates of the web site each minute, and when `hangup` rings whatever their files look like.
pub(super) fn look_after_site(app: &App, tls: Arc<Tls>, hangup: Arc<Wake>) -> anyhow::Result<()> {
    let (alarms, faults) = (app.alarms.clone(), Faults::Web(app.pipeline()?));
    each(("the web site", Duration::from_secs(60)), hangup, faults, move |rung| {
        certificates::tell_of_site(&alarms, &tls.look_again(rung, SystemTime::now()));
        alarms.settle(Looker::Site);
        Ok(())
    })?;
    Ok(())
}

/// The second process: runs the command for the first, until that ends.
pub(super) fn helper(command: &notify::Command) -> Outcome {
    super::protect()?;
    pass_over_hangup()?;
    runtime()?.block_on(notify::serve_helper(command, tokio::io::stdin(), tokio::io::stdout()))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;

    use super::*;
    use crate::alarms::{Side, posted};

    fn until(what: &str, is_so: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !is_so() {
            assert!(Instant::now() < end, "{what} did not come");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The unit tells that the form could not be started while that one is just starting: nobody else would end it.
    #[tokio::test]
    async fn a_form_that_runs_ends_what_a_unit_said_of_it_after_its_start() {
        let dir = tempfile::tempdir().unwrap();
        let form = Arc::new(Alarms::new(dir.path().to_owned(), &[Side::Web]));
        Alarms::new(dir.path().to_owned(), &[Side::Web]).raise(Alarm::WebDown, "", "the form could not be started");
        assert_eq!(posted(dir.path()).len(), 1);
        let (stop, stopping) = watch::channel(false);
        let signs = tokio::spawn(give_signs(form, stopping));
        // The sign is given after it.
        let sign = dir.path().join(".form-lives");
        while !sign.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(posted(dir.path()).is_empty());
        stop.send_replace(true);
        signs.await.unwrap();
    }

    #[test]
    fn an_error_that_lasts_is_logged_once_for_each_text() {
        let mut last = None;
        let told = ["full", "full", "broken", "full", "full"].map(|text| is_news(&mut last, &io::Error::other(text)));
        assert_eq!(told, [true, false, true, true, false]);
    }

    /// In the relay's own process nothing else would tell of it, and the alarms of that look would be missing unseen.
    #[test]
    fn a_panic_in_a_look_of_the_relay_is_an_alarm_until_a_look_ends_well() {
        let dir = tempfile::tempdir().unwrap();
        let alarms = Arc::new(Alarms::new(dir.path().to_owned(), &[Side::Relay]));
        let (wake, fails) = (Arc::new(Wake::default()), Arc::new(AtomicBool::new(true)));
        let (own, faults) = (fails.clone(), Faults::Relay(alarms.clone(), "host"));
        let hour = Duration::from_secs(3600);
        each(("the host", hour), wake.clone(), faults, move |_| {
            assert!(!own.load(Ordering::SeqCst), "a fault");
            Ok(())
        })
        .unwrap();
        until("the alarm", || !posted(dir.path()).is_empty());
        let told = posted(dir.path()).remove(0);
        assert_eq!(told.key(), "unwatched-host");
        assert!(told.text.contains("the host cannot be looked at"), "{}", told.text);
        assert!(alarms.metrics(SystemTime::now()).contains("{event=\"faults\"} 1"));
        fails.store(false, Ordering::SeqCst);
        wake.ring();
        until("its end", || !alarms.stands(Alarm::Unwatched, "host"));
        until("the end of its file", || posted(dir.path()).is_empty());
    }
}
