//! Why a signature of the relay does not fit. The library has one answer for a letter that was changed, one that was made
//! for somebody else, and one that is dated after the clock of this machine. Read once more under other conditions, they
//! are told apart. Few letters need it, and each at most twice.

use std::time::SystemTime;

use super::judge::Found;
use super::pass::decrypted;
use super::session::{Pass, Session, With};
use crate::found::Data;
use crate::judged::{Judged, Verdict};
use crate::trouble::Trouble;
use crate::trust::Trust;

/// The verdict, with its reason.
pub(super) fn told_apart(
    data: &Data,
    trust: &Trust,
    found: Found,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<(Judged, Vec<Session>), Trouble> {
    let Found {
        mut judged,
        made,
        sessions,
    } = found;
    let ahead = made.filter(|made| *made > SystemTime::now());
    let doubtful = match judged.verdict {
        Verdict::Broken => true,
        Verdict::KeyNotValid => ahead.is_some(),
        _ => false,
    };
    if !doubtful {
        return Ok((judged, sessions));
    }
    let under = |addressed| {
        let with = With::Sessions {
            sessions: &sessions,
            addressed,
        };
        let pass = Pass { with, trust, at: ahead };
        let (_, found) = decrypted(data, pass, stop, |_| Ok(()))?;
        Ok::<_, Trouble>(found.judged.verdict == Verdict::Genuine)
    };
    if ahead.is_some() && under(true)? {
        judged.verdict = Verdict::AfterYourClock;
    } else if under(false)? {
        judged.verdict = Verdict::NotForYou;
    }
    Ok((judged, sessions))
}
