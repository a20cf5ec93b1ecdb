//! `konvolutt alarms down`: tells that a half could not be started. The units run it when one of them fails.
//!
//! The alarm is a file in the spool like all others. A relay that runs tells it; without one, nobody would.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;

use super::runtime::runtime;
use super::{Outcome, app, background, sentence};
use crate::alarms::{Alarm, Alarms, Side};
use crate::config::{Essentials, Overrides, Role, inspect};
use crate::diagnostic::Severity;
use crate::notify;
use crate::store::{LeaseError, Outbox};

pub(super) fn down(unit: &str, path: &Path, overrides: &Overrides, essentials: &Essentials) -> Outcome {
    let side = side(unit)?;
    let store = Arc::new(app::store(&essentials.spool)?);
    let board = Arc::new(Alarms::new(essentials.spool.alarms(), &[side]));
    let why = why(path, overrides, side);
    match side {
        Side::Web => board.raise(
            Alarm::WebDown,
            "",
            &format!("the form could not be started, and visitors are refused: {why}"),
        ),
        Side::Relay => board.raise(
            Alarm::RelayDown,
            "",
            &format!("the relay could not be started, and letters wait: {why}"),
        ),
    }
    // Let go at once: a relay that starts now is not to be kept from it. At worst both tell.
    if let Err(LeaseError::Taken) = store.lease().map(drop) {
        println!("the relay runs, and tells it");
        return Ok(true);
    }
    let mut all = true;
    // It has not stood yet for as long as the second contact is spared.
    let first = background::outlets_of_command(essentials).into_iter();
    for outlet in first.filter(|outlet| outlet.settings.after.is_zero()) {
        let name = outlet.name();
        match runtime()?.block_on(notify::tell_once(outlet, store.clone(), &board)) {
            Ok(()) => println!("✓ told by {name}"),
            Err(error) => {
                eprintln!("✗ {error}");
                all = false;
            }
        }
    }
    Ok(all)
}

/// The half of a unit: `konvolutt-web`, or `konvolutt-web@NAME` where several authorities share a machine.
fn side(unit: &str) -> anyhow::Result<Side> {
    let (kind, _) = unit.split_once('@').unwrap_or((unit, ""));
    match kind.trim_start_matches("konvolutt-") {
        "web" => Ok(Side::Web),
        "relay" => Ok(Side::Relay),
        _ => bail!("{unit} is no half of Konvolutt; name `konvolutt-web` or `konvolutt-relay`"),
    }
}

/// The first thing that is wrong with the configuration as this half reads it. What it was not started for may be something
/// else, which the journal has.
fn why(path: &Path, overrides: &Overrides, side: Side) -> String {
    let role = match side {
        Side::Web => Role::Web,
        Side::Relay => Role::Relay,
    };
    let overrides = Overrides {
        role,
        ..overrides.clone()
    };
    let found = inspect(path, &overrides).diagnostics;
    let problem = found.iter().find(|found| found.severity == Severity::Problem);
    problem.map_or_else(
        || "the configuration passes, and the journal says why".to_owned(),
        sentence,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_names_its_half() {
        for (unit, half) in [
            ("konvolutt-web", Some(Side::Web)),
            ("konvolutt-relay", Some(Side::Relay)),
            ("konvolutt-web@bodo", Some(Side::Web)),
            ("relay", Some(Side::Relay)),
            ("konvolutt-refresh", None),
            ("", None),
        ] {
            assert_eq!(side(unit).ok(), half, "{unit}");
        }
    }
}
