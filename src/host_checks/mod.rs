//! Looks at what no letter and no visitor shows: the disk that fills up, the clock that is wrong, the queue's length, a database
//! that proves nothing.
//!
//! Comes in: the store and the clocks of the machine. Goes out: three alarms and the gauges behind `/metrics`; and what is old
//! enough is deleted, since this is who knows whether the clock is to be believed. Runs beside the relay.

mod clock;
mod trust;

use std::io;
use std::time::{Duration, SystemTime};

use crate::alarms::{Alarm, Alarms, Gauge};
use crate::store::{Measure, Outbox, Store};
use clock::{Clock, Clocks};

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
    clocks: Box<dyn Fn() -> Clocks + Send>,
}

impl HostChecks {
    /// Checks that have not looked yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            clock: Clock::default(),
            clocks: Box::new(|| (SystemTime::now(), clock::since_boot())),
        }
    }

    /// Other clocks than the machine's: the wall clock, and the time since the machine started.
    #[must_use]
    pub fn with_clocks(mut self, clocks: impl Fn() -> (SystemTime, Duration) + Send + 'static) -> Self {
        self.clocks = Box::new(clocks);
        self
    }

    /// One look at everything.
    ///
    /// # Errors
    /// When the spool cannot be looked at; what could be seen was told.
    pub fn look(&mut self, store: &dyn Store, alarms: &Alarms) -> io::Result<()> {
        // Each for itself: a directory that is missing says nothing of the disk.
        let looked = [
            self.clock(store, alarms),
            self.disk(store, alarms),
            queue(store, alarms),
        ];
        // What was asked before has shown how the store is.
        database(&store.measures(), store.unproven(), alarms);
        looked.into_iter().collect()
    }

    /// By a clock that is wrong everything may look old.
    fn clock(&mut self, store: &dyn Store, alarms: &Alarms) -> io::Result<()> {
        let newest = store.last_change()?;
        let clocks = (self.clocks)();
        let Some(text) = self.clock.look(store, clocks, newest) else {
            alarms.clear(Alarm::Clock, "");
            // By one of several nodes.
            return if store.leads()? { store.clean(clocks.0) } else { Ok(()) };
        };
        alarms.raise(Alarm::Clock, "", &text);
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

/// What the store says of itself, and so waits for nobody.
fn database(measures: &[(Measure, u64)], unproven: Option<String>, alarms: &Alarms) {
    for (measure, value) in measures {
        let gauge = match measure {
            Measure::Standbys => Gauge::DatabaseStandbys,
            Measure::LagSeconds => Gauge::DatabaseLag,
            Measure::Connections => Gauge::DatabaseConnections,
            Measure::Bytes => Gauge::DatabaseBytes,
        };
        alarms.set(gauge, *value);
    }
    match unproven {
        Some(why) => {
            let text = format!("the database does not prove that it keeps letters, and they wait: {why}");
            alarms.raise(Alarm::DatabaseRelay, "", &text);
        }
        None => alarms.clear(Alarm::DatabaseRelay, ""),
    }
}

/// A number that each node measures: one that was measured while it led would stand there for good.
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
    use std::io::Write;

    use super::*;
    use crate::store::files::{FileStore, Settings as Spool};
    use crate::store::{Envelope, Inbox, Settlement, Shelf, State};

    const DAY: Duration = Duration::from_secs(86_400);
    const HOUR: Duration = Duration::from_secs(3600);

    fn settings(free_bytes: u64) -> Settings {
        Settings {
            free_bytes,
            free_inodes: 0,
        }
    }

    #[test]
    fn a_database_that_proves_nothing_stands_until_it_proves_itself() {
        let dir = tempfile::tempdir().unwrap();
        let alarms = Alarms::new(dir.path().to_owned(), &[]);
        database(&[], Some("no standby is synchronous on db1".into()), &alarms);
        assert!(alarms.stands(Alarm::DatabaseRelay, ""));
        let told = alarms.alarms().iter().any(|(alarm, _)| alarm.stops_the_mail(""));
        assert!(told, "`/readyz` of the relay says so");
        database(&[(Measure::Standbys, 2), (Measure::Bytes, 77)], None, &alarms);
        assert!(!alarms.stands(Alarm::DatabaseRelay, ""));
        let text = alarms.metrics(SystemTime::now());
        assert!(text.contains("konvolutt_database_standbys 2\n"), "{text}");
        assert!(text.contains("konvolutt_database_size_bytes 77\n"), "{text}");
    }

    #[test]
    fn a_missing_directory_does_not_keep_the_disk_from_being_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::at(dir.path().join("spool"));
        let store = FileStore::open(&spool).unwrap();
        let alarms = Alarms::new(spool.alarms(), &[]);
        let mut checks = HostChecks::new(settings(u64::MAX));
        std::fs::remove_dir(dir.path().join("spool/held")).unwrap();
        assert!(checks.look(&store, &alarms).is_err());
        assert!(alarms.stands(Alarm::Disk, ""));
    }

    /// A spool with delivered letters, and a machine whose clocks a test sets.
    struct Machine {
        dir: tempfile::TempDir,
        alarms: Alarms,
        begin: SystemTime,
    }

    impl Machine {
        fn new(letters: u32) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let spool = Spool::at(dir.path().join("spool"));
            let store = FileStore::open(&spool).unwrap();
            (0..letters).for_each(|number| deliver(&store, number));
            Self {
                alarms: Alarms::new(spool.alarms(), &[]),
                dir,
                begin: SystemTime::now(),
            }
        }

        fn store(&self) -> FileStore {
            FileStore::open(&Spool::at(self.dir.path().join("spool"))).unwrap()
        }

        /// One look of a program that has just started; how many copies there are after it, and whether the alarm stands.
        fn look(&self, wall: Duration, up: Duration) -> (usize, bool) {
            let now = self.begin + wall;
            let mut checks = HostChecks::new(settings(0)).with_clocks(move || (now, up));
            let store = self.store();
            checks.look(&store, &self.alarms).unwrap();
            let kept = store.names(State::Delivered).unwrap().len();
            (kept, self.alarms.stands(Alarm::Clock, ""))
        }
    }

    fn deliver(store: &FileStore, number: u32) {
        let identity = store.identities().of(&number.to_be_bytes(), &[0; 32]);
        let mut pending = store.begin().unwrap();
        pending.write_all(b"sealed").unwrap();
        let envelope = Envelope {
            mailbox: "postmottak".into(),
            from: String::new(),
            to: String::new(),
            reference: String::new(),
            accepted: 0,
        };
        pending.commit(&identity, &envelope).unwrap();
        store
            .claim(&identity.name)
            .unwrap()
            .settle(Settlement::Delivered)
            .unwrap();
    }

    /// Each look is that of a program that was started anew, as in the fault that was found.
    #[test]
    fn a_clock_that_was_set_ahead_deletes_nothing() {
        for days in [30, 370] {
            let machine = Machine::new(3);
            assert_eq!(machine.look(Duration::ZERO, HOUR), (3, false));
            for minutes in 1..4 {
                let passed = Duration::from_secs(60 * minutes);
                assert_eq!(
                    machine.look(DAY * days + passed, HOUR + passed),
                    (3, true),
                    "{days} days"
                );
            }
            // The machine too is started anew.
            assert_eq!(machine.look(DAY * days + HOUR, HOUR / 60), (3, true));
            // Set right: all is there, and the alarm is over.
            assert_eq!(machine.look(HOUR + HOUR / 6, HOUR / 6), (3, false));
            // The control: time that has passed deletes.
            assert_eq!(machine.look(DAY * 6, DAY * 6), (3, false));
            assert_eq!(machine.look(DAY * 8, DAY * 8), (0, false));
        }
    }

    #[test]
    fn a_machine_that_was_off_for_long_deletes_after_two_days() {
        let machine = Machine::new(3);
        assert_eq!(machine.look(Duration::ZERO, HOUR), (3, false));
        let on = DAY * 40;
        assert_eq!(machine.look(on, HOUR / 60), (3, true));
        assert_eq!(machine.look(on + HOUR * 24, HOUR * 24), (3, true));
        assert_eq!(machine.look(on + HOUR * 49, HOUR * 49), (0, false));
    }

    /// Before the first look of this version there is no note, but the spool itself was written at some time.
    #[test]
    fn a_spool_that_was_never_looked_at_says_when_it_was_written() {
        let machine = Machine::new(3);
        assert_eq!(machine.look(DAY * 30, HOUR), (3, true));
        // A form that nobody wrote to for a month, on a machine that was on all the time.
        assert_eq!(Machine::new(3).look(DAY * 30, DAY * 60), (0, false));
    }

    /// A record of what was discarded outlives the letters.
    #[test]
    fn a_record_is_kept_for_a_year() {
        let machine = Machine::new(0);
        let store = machine.store();
        deliver(&store, 1);
        let name = store.names(State::Delivered).unwrap().remove(0);
        store.release(&name).unwrap();
        store.hold(&name).unwrap();
        store.discard(&name, State::Held, "for a test").unwrap();
        assert!(!machine.look(DAY * 300, DAY * 300).1);
        assert!(store.show(&name).unwrap().is_some());
        assert!(!machine.look(DAY * 370, DAY * 370).1);
        assert!(store.show(&name).unwrap().is_none());
    }
}
