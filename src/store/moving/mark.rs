//! What stands at each end of a move for as long as it is closed: a sentence for people, by which a move goes on too.

use std::io;
use std::time::SystemTime;

use konvolutt_letter::hex;

use super::transfer::Kind;
use crate::unix_time::minute_text;

const COMING: &str = "letters are being moved here";
const GOING: &str = "its letters are being moved to";
const GONE: &str = "its letters were moved to";

/// What an end says of itself, each with the name of the move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// It is open.
    None,
    /// Not all letters have come yet.
    Coming(String),
    /// Not all letters have gone yet.
    Going(String),
    /// All letters are at the other end.
    Gone(String),
    /// It is closed for another reason.
    Other(String),
}

/// A name for a move that begins.
pub(super) fn new_name() -> io::Result<String> {
    let mut name = [0; 8];
    getrandom::fill(&mut name).map_err(io::Error::other)?;
    Ok(hex(name))
}

impl Mark {
    /// Out of the sentence.
    pub(super) fn of(words: Option<&str>) -> Self {
        let Some(words) = words else {
            return Self::None;
        };
        let id = words.rsplit_once("(move ").and_then(|(_, id)| id.strip_suffix(')'));
        let Some(id) = id.map(str::to_owned) else {
            return Self::Other(words.to_owned());
        };
        if words.starts_with(COMING) {
            Self::Coming(id)
        } else if words.starts_with(GOING) {
            Self::Going(id)
        } else if words.starts_with(GONE) {
            Self::Gone(id)
        } else {
            Self::Other(words.to_owned())
        }
    }
}

/// Of the end where letters come from.
pub(super) fn going(from: Kind, to: Kind, id: &str) -> String {
    format!("{GOING} {}: {} (move {id})", to.name(), go_on(from, to))
}

/// Of the end that they go to.
pub(super) fn coming(from: Kind, to: Kind, id: &str) -> String {
    format!("{COMING} from {}: {} (move {id})", from.name(), go_on(from, to))
}

fn go_on(from: Kind, to: Kind) -> String {
    format!(
        "run `{}` again until it says that all of them are there",
        command(from, to)
    )
}

/// Of the end that they have gone from.
pub(super) fn gone(from: Kind, to: Kind, id: &str, now: SystemTime) -> String {
    let (date, back) = (minute_text(now), command(to, from));
    let date = date.get(..10).unwrap_or_default();
    let configure = match to {
        Kind::Postgres => "write the section [store.postgres] into the configuration",
        Kind::Files => "take the section [store.postgres] out of the configuration",
    };
    format!(
        "{GONE} {} on {date}: {configure}, or move them back with `{back}` (move {id})",
        to.name()
    )
}

/// The command that moves them so.
pub(super) fn command(from: Kind, to: Kind) -> String {
    format!("konvolutt store move --from {} --to {}", from.word(), to.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_to_people_what_to_do_and_to_a_move_where_it_is() {
        let (from, to) = (Kind::Files, Kind::Postgres);
        let id = || "00ff".to_owned();
        let words = gone(from, to, "00ff", SystemTime::UNIX_EPOCH);
        assert_eq!(
            words,
            "its letters were moved to the database on 1970-01-01: write the section [store.postgres] into the \
             configuration, or move them back with `konvolutt store move --from postgres --to files` (move 00ff)"
        );
        assert_eq!(Mark::of(Some(&words)), Mark::Gone(id()));
        assert_eq!(Mark::of(Some(&going(from, to, "00ff"))), Mark::Going(id()));
        assert_eq!(Mark::of(Some(&coming(from, to, "00ff"))), Mark::Coming(id()));
        assert_eq!(Mark::of(None), Mark::None);
        for other in ["", "closed by hand", "closed (move 00ff)"] {
            assert_eq!(Mark::of(Some(other)), Mark::Other(other.to_owned()));
        }
    }
}
