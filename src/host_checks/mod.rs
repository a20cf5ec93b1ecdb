//! Looks at what no letter and no visitor shows: the disk that fills up, the clock that is wrong, the queue's length.
//!
//! Comes in: the spool and the clocks of the machine. Goes out: two alarms and the gauges behind `/metrics`. Runs
//! beside the relay.

mod clock;

use std::io;
use std::time::{Duration, SystemTime};

use crate::alarms::{Alarm, Alarms, Gauge};
use crate::store::Outbox;
use clock::Clock;

/// When to tell of the disk. The form closes later, at the spool's own floors.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Bytes that should be free.
    pub free_bytes: u64,
    /// Inodes that should be free.
    pub free_inodes: u64,
}

/// What is remembered from one look to the next.
pub struct HostChecks {
    settings: Settings,
    clock: Clock,
}

impl HostChecks {
    /// Checks that have not looked yet.
    pub fn new(settings: Settings) -> Self {
        let clock = Clock::default();
        Self { settings, clock }
    }

    /// One look at everything.
    ///
    /// # Errors
    /// When the spool cannot be looked at; what could be seen was told.
    pub fn look(&mut self, outbox: &dyn Outbox, alarms: &Alarms) -> io::Result<()> {
        // Each for itself: a directory that is missing says nothing of the disk.
        let looked = [
            self.clock(outbox, alarms),
            self.disk(outbox, alarms),
            queue(outbox, alarms),
        ];
        looked.into_iter().collect()
    }

    fn clock(&mut self, outbox: &dyn Outbox, alarms: &Alarms) -> io::Result<()> {
        let newest = outbox.last_change()?;
        match self.clock.look(SystemTime::now(), clock::since_boot(), newest) {
            None => alarms.clear(Alarm::Clock, ""),
            Some(text) => alarms.raise(Alarm::Clock, "", &text),
        }
        Ok(())
    }

    fn disk(&self, outbox: &dyn Outbox, alarms: &Alarms) -> io::Result<()> {
        let space = outbox.space()?;
        alarms.set(Gauge::FreeBytes, space.bytes);
        space
            .inodes
            .into_iter()
            .for_each(|inodes| alarms.set(Gauge::FreeInodes, inodes));
        let Settings {
            free_bytes,
            free_inodes,
        } = self.settings;
        let what = match space.inodes {
            _ if space.bytes < free_bytes => format!("{} MB are free", space.bytes / 1_000_000),
            Some(inodes) if inodes < free_inodes => format!("there is room for {inodes} more files"),
            _ => {
                alarms.clear(Alarm::Disk, "");
                return Ok(());
            }
        };
        let text = format!("the spool's disk fills up: {what}; the form closes when it is full");
        alarms.raise(Alarm::Disk, "", &text);
        Ok(())
    }
}

fn queue(outbox: &dyn Outbox, alarms: &Alarms) -> io::Result<()> {
    let backlog = outbox.backlog()?;
    let age = backlog.oldest.and_then(|oldest| oldest.elapsed().ok());
    let age = age.unwrap_or(Duration::ZERO);
    alarms.set(Gauge::Waiting, backlog.letters);
    alarms.set(Gauge::OldestSeconds, age.as_secs());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::files::{FileStore, Settings as Spool};

    #[test]
    fn a_missing_directory_does_not_keep_the_disk_from_being_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::at(dir.path().join("spool"));
        let store = FileStore::open(&spool).unwrap();
        let alarms = Alarms::new(spool.alarms(), &[]);
        let mut checks = HostChecks::new(Settings {
            free_bytes: u64::MAX,
            free_inodes: 0,
        });
        std::fs::remove_dir(dir.path().join("spool/held")).unwrap();
        assert!(checks.look(&store, &alarms).is_err());
        assert!(alarms.stands(Alarm::Disk, ""));
    }
}
