//! What goes wrong, and how it ends.

use std::thread::sleep;
use std::time::Duration;

use super::Dice;
use crate::support::postgres::{NODES, Pair, Server};

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    PrimaryKilled,
    PrimaryKilledAndOtherPromoted,
    PrimaryFrozen,
    PrimaryFrozenAndOtherPromoted,
    OtherPromotedWhileBothRun,
    StandbyKilled,
    StandbyFrozen,
    StandbyCutOff,
    StandbyDeaf,
    StandbyMute,
    PrimaryCutOff,
    PrimaryDeaf,
    PrimaryMute,
    BackendsTerminated,
    WaitsCancelled,
    WaitsCancelledAndOtherPromoted,
    DiskFull,
    ClockAhead,
    ClockBehind,
}

/// All of them.
pub const KINDS: [Fault; 19] = [
    Fault::PrimaryKilled,
    Fault::PrimaryKilledAndOtherPromoted,
    Fault::PrimaryFrozen,
    Fault::PrimaryFrozenAndOtherPromoted,
    Fault::OtherPromotedWhileBothRun,
    Fault::StandbyKilled,
    Fault::StandbyFrozen,
    Fault::StandbyCutOff,
    Fault::StandbyDeaf,
    Fault::StandbyMute,
    Fault::PrimaryCutOff,
    Fault::PrimaryDeaf,
    Fault::PrimaryMute,
    Fault::BackendsTerminated,
    Fault::WaitsCancelled,
    Fault::WaitsCancelledAndOtherPromoted,
    Fault::DiskFull,
    Fault::ClockAhead,
    Fault::ClockBehind,
];

const WAITS: &str = "from pg_stat_activity where wait_event = 'SyncRep'";
const OURS: &str = "from pg_stat_activity where usename like 'konvolutt%'";

/// Ends all waits for the second machine: what waits is told that it succeeded.
pub fn cancel_waits(server: &Server) {
    server.sql("postgres", &format!("select pg_cancel_backend(pid) {WAITS}"));
}

impl Fault {
    /// Lets it happen, and ends it.
    pub fn happen(self, pair: &mut Pair, dice: &mut Dice) {
        let mut a_while = || sleep(Duration::from_millis(500 + dice.roll(4_000)));
        match self {
            Self::PrimaryKilled => {
                pair.primary_mut().kill();
                a_while();
                assert!(pair.primary_mut().run());
            }
            Self::PrimaryKilledAndOtherPromoted => {
                pair.primary_mut().kill();
                a_while();
                pair.promote();
                // It waits for nobody, and says yes to everything.
                a_while();
                pair.rebuild_standby();
            }
            Self::PrimaryFrozen => {
                pair.primary().freeze();
                a_while();
                pair.primary().wake();
            }
            Self::PrimaryFrozenAndOtherPromoted => {
                pair.primary().freeze();
                a_while();
                pair.promote();
                // The one that was.
                pair.standby().wake();
                a_while();
                pair.rebuild_standby();
            }
            Self::OtherPromotedWhileBothRun => {
                pair.promote();
                a_while();
                pair.rebuild_standby();
            }
            Self::StandbyKilled => {
                pair.standby_mut().kill();
                a_while();
                assert!(pair.standby_mut().run());
            }
            Self::StandbyFrozen => {
                pair.standby().freeze();
                a_while();
                pair.standby().wake();
            }
            Self::StandbyCutOff => {
                pair.standby_net().pull();
                a_while();
                pair.standby_net().mend();
            }
            Self::StandbyDeaf => {
                pair.standby_net().drop_from(pair.primary_address());
                a_while();
                pair.standby_net().mend();
            }
            Self::StandbyMute => {
                pair.standby_net().drop_to(pair.primary_address());
                a_while();
                pair.standby_net().mend();
            }
            Self::PrimaryCutOff => {
                pair.primary_net().pull();
                a_while();
                pair.primary_net().mend();
            }
            Self::PrimaryDeaf => {
                pair.primary_net().drop_from(NODES);
                a_while();
                pair.primary_net().mend();
            }
            Self::PrimaryMute => {
                pair.primary_net().drop_to(NODES);
                a_while();
                pair.primary_net().mend();
            }
            Self::BackendsTerminated => {
                for _ in 0..4 {
                    let statement = format!("select pg_terminate_backend(pid) {OURS}");
                    pair.primary().sql("postgres", &statement);
                    sleep(Duration::from_millis(400));
                }
            }
            Self::WaitsCancelled => {
                pair.standby_net().pull();
                cancel_all(pair.primary());
                pair.standby_net().mend();
            }
            Self::WaitsCancelledAndOtherPromoted => {
                pair.standby_net().pull();
                cancel_all(pair.primary());
                pair.primary_mut().kill();
                pair.promote();
                pair.primary_net().mend();
                pair.rebuild_standby();
            }
            Self::DiskFull => {
                pair.primary().take_room();
                a_while();
                a_while();
                pair.primary().give_room();
                // Without room for its log it gives up.
                sleep(Duration::from_millis(300));
                if !pair.primary_mut().runs() {
                    assert!(pair.primary_mut().run());
                }
            }
            Self::ClockAhead => {
                pair.primary().shift_clock(3_600);
                a_while();
                pair.primary().shift_clock(0);
            }
            Self::ClockBehind => {
                pair.primary().shift_clock(-3_600);
                a_while();
                pair.primary().shift_clock(0);
            }
        }
    }
}

fn cancel_all(server: &Server) {
    for _ in 0..10 {
        sleep(Duration::from_millis(250));
        cancel_waits(server);
    }
}
