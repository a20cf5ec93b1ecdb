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
    /// A host_checks that has not looked yet.
    pub fn new(settings: Settings) -> Self {
        let clock = Clock::default();
        Self { settings, clock }
    }

    /// One look at everything.
    ///
    /// # Errors
    /// When the spool cannot be looked at; what could be seen was told.
    pub fn look(&mut self, outbox: &dyn Outbox, alarms: &Alarms) -> io::Result<()> {
        let newest = outbox.last_change()?;
        match self.clock.look(SystemTime::now(), clock::since_boot(), newest) {
            None => alarms.clear(Alarm::Clock, ""),
            Some(text) => alarms.raise(Alarm::Clock, "", &text),
        }
        self.disk(outbox, alarms)?;
        queue(outbox, alarms)
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
