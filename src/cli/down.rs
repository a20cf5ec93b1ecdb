//! `konvolutt alarms down`: tells that a half could not be started. The units run it when one of them fails.
//!
//! The alarm is a file in the spool like all others. A relay that runs tells it; without one, nobody would.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::bail;

use super::runtime::runtime;
use super::{Outcome, app, background, sentence};
use crate::alarms::{Alarm, Alarms, Side};
use crate::config::{Essentials, Overrides, Role, inspect};
use crate::diagnostic::Severity;
use crate::notify;
use crate::store::{LeaseError, Notes};

/// A disk that says nothing for so long says nothing: whoever is to be told does not wait for it.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn down(unit: &str, path: &Path, overrides: &Overrides, essentials: &Essentials) -> Outcome {
    let side = side(unit)?;
    let Some((board, memory)) = found(side, path, overrides, essentials) else {
        println!("the relay runs, and tells it");
        return Ok(true);
    };
    let mut all = true;
    // It has not stood yet for as long as the second contact is spared.
    let first = background::outlets_of_command(essentials).into_iter();
    for outlet in first.filter(|outlet| outlet.settings.after.is_zero()) {
        let name = outlet.name();
        match runtime()?.block_on(notify::tell_once(outlet, memory.clone(), &board)) {
            Ok(()) => println!("✓ told by {name}"),
            Err(error) => {
                eprintln!("✗ {error}");
                all = false;
            }
        }
    }
    Ok(all)
}

/// What stands, with the alarm of this half, and what was told; `None` when a relay tells it.
type Found = Option<(Arc<Alarms>, Arc<dyn Notes>)>;

/// All that is asked of the spool's disk, on a thread that is never joined: a disk that hangs (a network's, or one that breaks)
/// is what a half may be down for, and would keep this from being told. Such a thread ends with the process.
fn found(side: Side, path: &Path, overrides: &Overrides, essentials: &Essentials) -> Found {
    let (say, said) = mpsc::channel();
    let (path, overrides, owned) = (path.to_owned(), overrides.clone(), essentials.clone());
    let look = move || {
        // An error: nobody waits for it any more.
        let _ = say.send(look(side, &path, &overrides, &owned));
    };
    let why = match std::thread::Builder::new().name("disk".to_owned()).spawn(look) {
        Ok(_) => format!(
            "{} of the spool {} said nothing for {} s",
            essentials
                .database
                .as_ref()
                .map_or("the disk", |_| "the database or the disk"),
            essentials.spool.directory.display(),
            PATIENCE.as_secs()
        ),
        Err(error) => format!("no thread could be started: {error}"),
    };
    said.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        eprintln!("what was told cannot be remembered: {why}");
        // No directory, so that the alarm is in memory alone.
        let board = Arc::new(Alarms::new(PathBuf::from("/dev/null"), &[side]));
        raise(&board, side, &why);
        Some((board, Arc::new(NoMemory)))
    })
}

fn look(side: Side, path: &Path, overrides: &Overrides, essentials: &Essentials) -> Found {
    let store = app::store(essentials);
    let board = Arc::new(Alarms::new(essentials.spool.alarms(), &[side]));
    raise(&board, side, &why(path, overrides, side, store.as_ref().err()));
    match store {
        // Let go at once: a relay that starts now is not to be kept from it. At worst both tell.
        Ok(store) if matches!(store.lease().map(drop), Err(LeaseError::Taken)) => None,
        Ok(store) => Some((board, store)),
        // A spool that cannot be opened may be why the half is down. Told each time is better than not at all.
        Err(error) => {
            eprintln!("what was told cannot be remembered: {error:#}");
            Some((board, Arc::new(NoMemory)))
        }
    }
}

fn raise(board: &Alarms, side: Side, why: &str) {
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
}

/// Of a spool that cannot be opened, or says nothing. With it the end of the alarm is told by nobody.
pub(super) struct NoMemory;

impl Notes for NoMemory {
    fn note(&self, _: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn set_note(&self, _: &str, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
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

/// The first thing that is wrong with the configuration as this half reads it, or with the spool. What it was not started for
/// may be something else, which the journal has.
fn why(path: &Path, overrides: &Overrides, side: Side, spool: Option<&anyhow::Error>) -> String {
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
    match (problem, spool) {
        (Some(problem), _) => sentence(problem),
        (None, Some(error)) => format!("{error:#}"),
        (None, None) => "the configuration passes, and the journal says why".to_owned(),
    }
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
