//! A post room with desks in it: a key, the form's certificate, a mailbox, and clerks.

use std::process::Command;
use std::time::{Duration, Instant};

use postrom::desk::plan::{HandOver, LOCK_AFTER, Login, Plan};
use postrom::desk::room::{Open, Room};
use postrom::desk::worker::Start;
use postrom::i18n::Lang;
use postrom::settings::LedgerPlace;

use crate::program::desk::Desk;

/// One post room. Each clerk may have a desk in it.
pub struct Office {
    pub desk: Desk,
}

impl Office {
    pub fn new() -> Self {
        Self { desk: Desk::new() }
    }

    pub fn plan(&self, who: &str) -> Plan {
        let path = |name| self.desk.path(name);
        Plan {
            settings: None,
            mail: vec![path("mail")],
            servers: Vec::new(),
            keys: vec![path("key.asc")],
            relay: vec![path("relay.asc")],
            known: Vec::new(),
            passphrase_files: Vec::new(),
            out: path("out"),
            ledger: LedgerPlace::File(path("mail-ledger.jsonl")),
            ack_to: None,
            lang: Lang::En,
            who: who.into(),
            lock_after: LOCK_AFTER,
            login: Login::default(),
            archive: HandOver::default(),
            officers: Vec::new(),
        }
    }

    /// A desk of this clerk, without its page.
    pub fn room(&self, who: &str) -> Room {
        Self::with(self.plan(who))
    }

    /// The same with another plan.
    pub fn with(plan: Plan) -> Room {
        Room::new(plan, Box::new(|| starts("desk-opener"))).looking_with(starts("desk-look"))
    }

    /// The same, unlocked.
    pub fn open(&self, who: &str) -> (Room, Open) {
        let room = self.room(who);
        room.unlock(None).unwrap();
        let open = room.open().unwrap();
        (room, open)
    }
}

/// Starts one of the desk's own processes.
fn starts(what: &'static str) -> Start {
    Box::new(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
        command.arg(what);
        command
    })
}

/// Waits until something is so.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(120), "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the mailbox was looked through, and everything in it read.
pub fn until_read(open: &Open, rows: usize) {
    until("all is read", || {
        let read = open.session.post().rows().filter(|row| row.reading().is_some()).count();
        read == rows
    });
}
