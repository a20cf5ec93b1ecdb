//! What the relay's half knows of the form's half when that is another process.
//!
//! Comes in: the folder `alarms/`, where the form drops its alarms and a sign of life: a file whose date is the last minute in
//! which the form's runtime ran. Goes out: why the form takes no letters, for one address that tells of both halves. It is the
//! relay's alone: the form's sandbox lets it write there and read nothing. What always holds: whoever asks waits for no disk;
//! what was not looked at lately counts as not known, and never as good.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::{Posted, Side, board, lines};
use crate::unix_time;

/// No name of an alarm.
const SIGN: &str = ".form-lives";
/// The form gives its sign each minute, to the minute.
const SILENCE: Duration = Duration::from_secs(180);
/// A look that is older than this says nothing: the disk may hang.
const OLD: Duration = Duration::from_secs(60);

/// The last look at the form's half.
pub struct OtherHalf {
    directory: PathBuf,
    seen: Mutex<Option<Seen>>,
}

struct Seen {
    at: Instant,
    lives: bool,
    alarms: Vec<Posted>,
}

impl OtherHalf {
    /// Nothing was looked at yet.
    pub fn new(directory: PathBuf) -> Self {
        let seen = Mutex::default();
        Self { directory, seen }
    }

    /// Looks at the folder. Blocks on the disk.
    pub fn look(&self, now: SystemTime) {
        let mut alarms = board::read(&self.directory);
        alarms.retain(|posted| posted.alarm.side() == Side::Web);
        let seen = Seen {
            at: Instant::now(),
            lives: sign(&self.directory).is_some_and(|sign| is_near(sign, now)),
            alarms,
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    /// Why the form takes no letters, and what else is wrong there: at the last look.
    pub fn told(&self) -> (Vec<String>, Vec<String>) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(seen) = seen.as_ref().filter(|seen| seen.at.elapsed() < OLD) else {
            let why = "the form's half was not looked at for a minute: does the spool's disk answer?";
            return (vec![why.to_owned()], Vec::new());
        };
        let stops = seen.alarms.iter().filter(|posted| posted.alarm.stops_the_service());
        let mut stops = lines(stops);
        if !seen.lives {
            let why = "the form's half does not run: it has given no sign of life for three minutes";
            stops.insert(0, why.to_owned());
        }
        (stops, lines(&seen.alarms))
    }
}

pub(super) fn give_sign(directory: &Path, now: SystemTime) -> io::Result<()> {
    let file = File::create(directory.join(SIGN))?;
    file.set_times(unix_time::file_times(now))
}

pub(super) fn take_sign_away(directory: &Path) {
    // One that stays grows old.
    let _ = fs::remove_file(directory.join(SIGN));
}

fn sign(directory: &Path) -> Option<SystemTime> {
    let meta = fs::symlink_metadata(directory.join(SIGN)).ok()?;
    meta.is_file().then(|| meta.modified().ok())?
}

/// A sign from the future is one from before the clock was set back: the next one is soon there.
fn is_near(sign: SystemTime, now: SystemTime) -> bool {
    let apart = now.duration_since(sign).or_else(|_| sign.duration_since(now));
    apart.is_ok_and(|apart| apart <= SILENCE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarms::{Alarm, Alarms};

    #[test]
    fn the_form_is_told_of_while_it_lives_and_while_it_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let form = Alarms::new(dir.path().to_owned(), &[Side::Web]);
        let half = OtherHalf::new(dir.path().to_owned());
        assert!(half.told().0[0].contains("not looked at"), "not known is not good");
        let told = |later: u64| {
            half.look(SystemTime::now() + Duration::from_secs(later));
            half.told()
        };
        assert!(told(0).0[0].contains("does not run"));
        form.give_sign_of_life().unwrap();
        assert_eq!(told(0), (Vec::new(), Vec::new()));
        assert!(board::read(dir.path()).is_empty(), "the sign is no alarm");
        assert!(told(300).0[0].contains("no sign of life"));
        // What closes the form is a reason, what does not is a line; the relay's own alarms are not the form's.
        form.raise(Alarm::SigningKey, "", "no letter can be signed");
        form.raise(Alarm::Tls, "", "a certificate ends");
        Alarms::new(dir.path().to_owned(), &[Side::Relay]).raise(Alarm::Disk, "", "fills up");
        let (stops, all) = told(0);
        assert_eq!(stops, ["signing-key: no letter can be signed"]);
        assert_eq!(all.len(), 2, "{all:?}");
        form.clear(Alarm::SigningKey, "");
        assert_eq!(told(0).0, Vec::<String>::new());
        form.take_sign_of_life_away();
        assert!(told(0).0[0].contains("does not run"));
    }
}
