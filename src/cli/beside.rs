//! What runs beside the form and the relay: test letters, looking out, and telling of alarms.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use super::Outcome;
use super::app::App;
use super::serve::{Role, runtime};
use crate::canary::{self, Rounds};
use crate::config::AlarmSettings;
use crate::journey::Journey;
use crate::lookout::{self, Lookout};
use crate::notify::{self, Hand, Way};
use crate::spool::Spool;
use crate::watch::{Alarm, Watch};

/// The word by which this program knows that it is to be the hand of another one.
pub(super) const HAND: &str = "alarm-hand";

/// The ways in which somebody is told of alarms, made while this process may still start another. One that cannot be
/// used does not keep the others from it.
pub(super) fn ways(settings: &AlarmSettings) -> Vec<Way> {
    let mut ways: Vec<Way> = settings.webhook.clone().map(Way::Webhook).into_iter().collect();
    if let Some(command) = settings.command.clone() {
        let mut own = Command::new("/proc/self/exe");
        own.args([HAND, "--timeout", &command.timeout.as_secs().to_string(), "--"])
            .args(&command.argv);
        match Hand::hire(command, own) {
            Ok(hand) => ways.push(Way::Hand(hand)),
            Err(error) => tracing::error!("the command for alarms cannot be run: {error}"),
        }
    }
    ways
}

/// Starts it all. Nothing here can end the service: what fails is logged and tried again.
pub(super) fn start(app: &mut App, role: Role, stop: &watch::Receiver<bool>) {
    if let (true, Some(rounds)) = (role != Role::Relay, app.canary.rounds.clone()) {
        tokio::spawn(send_canaries(app.journey.clone(), rounds));
    }
    if role == Role::Web {
        return;
    }
    tokio::spawn(wait_for_post_room(
        app.canary.clone(),
        app.spool.clone(),
        app.watch.clone(),
    ));
    let (lookout, spool, watch) = (app.lookout.clone(), app.spool.clone(), app.watch.clone());
    tokio::spawn(look_out(lookout, spool, watch));
    for way in std::mem::take(&mut app.ways) {
        let (settings, spool, watch) = (app.telling.clone(), app.spool.clone(), app.watch.clone());
        tokio::spawn(notify::run(way, settings, spool, watch, stop.clone()));
    }
}

/// Looks at disk and clock twice a minute.
async fn look_out(settings: lookout::Settings, spool: Arc<Spool>, watch: Arc<Watch>) {
    let mut lookout = Lookout::new(settings);
    loop {
        let (spool, watch) = (spool.clone(), watch.clone());
        let looked = tokio::task::spawn_blocking(move || {
            // What an earlier process left and this look did not find is over.
            let settle = |()| watch.settle(&[Alarm::Disk, Alarm::Clock, Alarm::Stuck, Alarm::Untold]);
            let looked = lookout.look(&spool, &watch).map(settle);
            (lookout, looked)
        });
        let Ok((back, looked)) = looked.await else {
            return;
        };
        lookout = back;
        if let Err(error) = looked {
            tracing::warn!(%error, "the spool could not be looked at");
        }
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
}

/// Each round has one test letter; whether a new round has begun is looked at often enough for the shortest.
async fn send_canaries(journey: Arc<Journey>, rounds: Rounds) {
    let pause = (rounds.every / 10).clamp(Duration::from_secs(1), Duration::from_secs(60));
    let mut done = Vec::new();
    loop {
        let (journey, rounds) = (journey.clone(), rounds.clone());
        let sent = tokio::task::spawn_blocking(move || {
            canary::send(&journey, &rounds, &mut done, SystemTime::now());
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
async fn wait_for_post_room(settings: canary::Settings, spool: Arc<Spool>, watch: Arc<Watch>) {
    let mut waiting = canary::Waiting::load(settings, &spool);
    loop {
        let (spool, watch) = (spool.clone(), watch.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let looked = waiting.look(&spool, &watch, SystemTime::now());
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
pub(super) fn hand(command: &notify::Command) -> Outcome {
    super::protect()?;
    runtime()?.block_on(notify::lend(command, tokio::io::stdin(), tokio::io::stdout()))?;
    Ok(true)
}
