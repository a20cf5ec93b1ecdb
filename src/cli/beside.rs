//! What runs beside the relay: looking out, and telling of alarms.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::Outcome;
use super::app::App;
use super::serve::runtime;
use crate::config::AlarmSettings;
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
pub(super) fn start(app: &mut App, stop: &watch::Receiver<bool>) {
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
            let settle = |()| watch.settle(&[Alarm::Disk, Alarm::Clock, Alarm::Stuck]);
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

/// The second process: runs the command for the first, until that ends.
pub(super) fn hand(command: &notify::Command) -> Outcome {
    crate::harden::process()?;
    runtime()?.block_on(notify::lend(command, tokio::io::stdin(), tokio::io::stdout()))?;
    Ok(true)
}
