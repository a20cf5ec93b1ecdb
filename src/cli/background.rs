//! What runs in the background, beside the form and the relay: test letters, looking out, and telling of alarms.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use super::Outcome;
use super::app::App;
use super::serve::{Role, runtime};
use crate::alarms::{Alarm, Alarms};
use crate::canary::{self, Rounds};
use crate::config::AlarmSettings;
use crate::host_checks::{self, HostChecks};
use crate::notify::{self, Helper, Way};
use crate::store::{Outbox, Store};
use crate::submission::Pipeline;

/// The word by which this program knows that it is to be the hand of another one.
pub(super) const HELPER: &str = "alarm-helper";

/// The ways in which somebody is told of alarms, made while this process may still start another. One that cannot be
/// used does not keep the others from it.
pub(super) fn ways(settings: &AlarmSettings) -> Vec<Way> {
    let mut ways: Vec<Way> = settings.webhook.clone().map(Way::Webhook).into_iter().collect();
    if let Some(command) = settings.command.clone() {
        let mut own = Command::new("/proc/self/exe");
        own.args([HELPER, "--timeout", &command.timeout.as_secs().to_string(), "--"])
            .args(&command.argv);
        match Helper::spawn(command, own) {
            Ok(helper) => ways.push(Way::Helper(helper)),
            Err(error) => tracing::error!("the command for alarms cannot be run: {error}"),
        }
    }
    ways
}

/// Starts it all. Nothing here can end the service: what fails is logged and tried again.
pub(super) fn start(app: &mut App, role: Role, stop: &watch::Receiver<bool>) {
    if let (true, Some(rounds)) = (role != Role::Relay, app.canary.rounds.clone()) {
        tokio::spawn(send_canaries(app.pipeline.clone(), rounds));
    }
    if role == Role::Web {
        return;
    }
    tokio::spawn(wait_for_post_room(
        app.canary.clone(),
        app.store.clone(),
        app.alarms.clone(),
    ));
    let (host_checks, outbox, alarms) = (app.host_checks.clone(), app.store.clone(), app.alarms.clone());
    tokio::spawn(check_host(host_checks, outbox, alarms));
    for way in std::mem::take(&mut app.ways) {
        let (settings, notes, alarms) = (app.telling.clone(), app.store.clone(), app.alarms.clone());
        tokio::spawn(notify::run(way, settings, notes, alarms, stop.clone()));
    }
}

/// Looks at disk and clock twice a minute.
async fn check_host(settings: host_checks::Settings, outbox: Arc<dyn Outbox>, alarms: Arc<Alarms>) {
    let mut host_checks = HostChecks::new(settings);
    loop {
        let (outbox, alarms) = (outbox.clone(), alarms.clone());
        let looked = tokio::task::spawn_blocking(move || {
            // What an earlier process left and this look did not find is over.
            let settle = |()| alarms.settle(&[Alarm::Disk, Alarm::Clock, Alarm::Stuck, Alarm::Untold]);
            let looked = host_checks.look(&*outbox, &alarms).map(settle);
            (host_checks, looked)
        });
        let Ok((back, looked)) = looked.await else {
            return;
        };
        host_checks = back;
        if let Err(error) = looked {
            tracing::warn!(%error, "the spool could not be looked at");
        }
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
}

/// Each round has one test letter; whether a new round has begun is looked at often enough for the shortest.
async fn send_canaries(pipeline: Arc<Pipeline>, rounds: Rounds) {
    let pause = (rounds.every / 10).clamp(Duration::from_secs(1), Duration::from_secs(60));
    let mut done = Vec::new();
    loop {
        let (pipeline, rounds) = (pipeline.clone(), rounds.clone());
        let sent = tokio::task::spawn_blocking(move || {
            canary::send(&pipeline, &rounds, &mut done, SystemTime::now());
            done
        });
        let Ok(sent) = sent.await else {
            return;
        };
        done = sent;
        tokio::time::sleep(pause).await;
    }
}

/// Runs also when nothing is expected: alarms of an earlier configuration end then.
async fn wait_for_post_room(settings: canary::Settings, store: Arc<dyn Store>, alarms: Arc<Alarms>) {
    let mut waiting = canary::Waiting::load(settings, &*store);
    loop {
        let (store, alarms) = (store.clone(), alarms.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let looked = waiting.look(&*store, &alarms, SystemTime::now());
            (waiting, looked)
        });
        let Ok((back, looked)) = looked.await else {
            return;
        };
        waiting = back;
        if let Err(error) = looked {
            tracing::warn!(%error, "acknowledgements could not be looked after");
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

/// The second process: runs the command for the first, until that ends.
pub(super) fn helper(command: &notify::Command) -> Outcome {
    super::protect()?;
    runtime()?.block_on(notify::serve_helper(command, tokio::io::stdin(), tokio::io::stdout()))?;
    Ok(true)
}
