//! What runs beside the relay: telling of alarms.

use std::process::Command;

use tokio::sync::watch;

use super::Outcome;
use super::app::App;
use super::serve::runtime;
use crate::config::AlarmSettings;
use crate::notify::{self, Hand, Way};

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
    for way in std::mem::take(&mut app.ways) {
        let (settings, spool, watch) = (app.telling.clone(), app.spool.clone(), app.watch.clone());
        tokio::spawn(notify::run(way, settings, spool, watch, stop.clone()));
    }
}

/// The second process: runs the command for the first, until that ends.
pub(super) fn hand(command: &notify::Command) -> Outcome {
    crate::harden::process()?;
    runtime()?.block_on(notify::lend(command, tokio::io::stdin(), tokio::io::stdout()))?;
    Ok(true)
}
