//! What clerks did with a letter, as lines of the ledger, and how a letter stands after them.

use serde::{Deserialize, Serialize};

/// Name and version of the format; a line of another one is passed over.
pub const MARK: &str = "konvolutt.mark/1";

/// One act of one clerk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// [`MARK`].
    pub schema: String,
    /// SHA-256 of the sealed document: the same for every repeat of a letter.
    pub sha256: String,
    /// Number for people.
    pub reference: Option<String>,
    /// What was done.
    #[serde(flatten)]
    pub act: Act,
    /// When, RFC 3339.
    pub time: String,
    /// By whom.
    pub who: String,
}

/// What can be done with a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "act")]
pub enum Act {
    /// It was shown.
    Opened,
    /// Somebody works on it.
    Taken,
    /// Nobody works on it any more.
    GivenBack,
    /// It is in the archive.
    Registered {
        /// The archive's number of it.
        case: Option<String>,
    },
    /// It is not for the archive.
    SetAside {
        /// Why.
        why: Aside,
    },
    /// Its copies on this side are gone.
    Deleted,
    /// The last of the acts above does not count.
    Undone,
    /// A copy was written.
    Saved {
        /// The file or folder.
        path: String,
    },
    /// A copy was removed.
    Removed {
        /// The file or folder.
        path: String,
    },
}

/// Why a letter is not for the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aside {
    /// A trial of the form.
    Test,
    /// Nobody means it.
    Spam,
    /// The same was registered with another letter.
    Duplicate,
}

/// How far a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has seen it.
    #[default]
    New,
    /// Somebody has seen it.
    Opened,
    /// Somebody works on it.
    Taken,
    /// It is not for the archive.
    SetAside,
    /// It is in the archive.
    Registered,
    /// Its copies here are gone.
    Deleted,
}

/// How a letter stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// How far it is.
    pub state: State,
    /// Who works on it, or did when it was registered.
    pub holder: Option<String>,
    /// The archive's number of it.
    pub case: Option<String>,
    /// Why it is not for the archive.
    pub aside: Option<Aside>,
    /// Copies that were written and not removed by this program.
    pub copies: Vec<String>,
    /// The acts that count, the last one last.
    pub acts: Vec<Mark>,
}

/// Why an act cannot be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody else works on it.
    Others(String),
    /// It stands otherwise than whoever asks believes.
    Meanwhile(State),
    /// There is nothing to undo.
    Nothing,
}

impl Mark {
    /// A line, when it is one that this version knows.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let mark: Self = serde_json::from_slice(line).ok()?;
        (mark.schema == MARK).then_some(mark)
    }
}

impl Standing {
    /// After these marks, in their order.
    pub fn of<'a>(marks: impl IntoIterator<Item = &'a Mark>) -> Self {
        let mut standing = Self::default();
        for mark in marks {
            match &mark.act {
                Act::Undone => drop(standing.acts.pop()),
                Act::Saved { path } if standing.copies.contains(path) => {}
                Act::Saved { path } => standing.copies.push(path.clone()),
                Act::Removed { path } => standing.copies.retain(|copy| copy != path),
                _ => standing.acts.push(mark.clone()),
            }
        }
        let acts = std::mem::take(&mut standing.acts);
        acts.iter().for_each(|mark| standing.take(mark));
        standing.acts = acts;
        standing
    }

    /// After one more mark.
    pub fn after(&self, mark: &Mark) -> Self {
        if mark.act == Act::Undone {
            let before = self.acts.split_last().map(|(_, before)| before).unwrap_or_default();
            return Self {
                copies: self.copies.clone(),
                ..Self::of(before)
            };
        }
        let mut after = self.clone();
        after.take(mark);
        after.acts.push(mark.clone());
        after
    }

    fn take(&mut self, mark: &Mark) {
        match &mark.act {
            Act::Opened => self.state = self.state.max(State::Opened),
            Act::Taken => {
                self.state = State::Taken;
                self.holder = Some(mark.who.clone());
            }
            Act::GivenBack => {
                self.state = State::Opened;
                self.holder = None;
            }
            Act::Registered { case } => {
                self.state = State::Registered;
                self.case.clone_from(case);
                self.holder.get_or_insert_with(|| mark.who.clone());
            }
            Act::SetAside { why } => {
                self.state = State::SetAside;
                self.aside = Some(*why);
                self.holder.get_or_insert_with(|| mark.who.clone());
            }
            Act::Deleted => self.state = State::Deleted,
            Act::Undone | Act::Saved { .. } | Act::Removed { .. } => {}
        }
    }

    /// Whether `who` may do this now. To be asked while nobody else can write.
    ///
    /// # Errors
    /// Why not.
    pub fn allows(&self, act: &Act, who: &str) -> Result<(), Refusal> {
        let others = self.holder.as_ref().filter(|holder| *holder != who);
        let meanwhile = Err(Refusal::Meanwhile(self.state));
        match (act, self.state) {
            (Act::Opened | Act::Saved { .. } | Act::Removed { .. }, _) => Ok(()),
            (Act::Taken | Act::GivenBack | Act::Registered { .. } | Act::SetAside { .. }, State::Taken) => match others
            {
                Some(other) => Err(Refusal::Others(other.clone())),
                None if *act == Act::Taken => meanwhile,
                None => Ok(()),
            },
            (Act::Taken | Act::Registered { .. } | Act::SetAside { .. }, State::New | State::Opened) => Ok(()),
            (Act::Deleted, State::Deleted) => meanwhile,
            (Act::Deleted, State::Taken) if others.is_some() => match others {
                Some(other) => Err(Refusal::Others(other.clone())),
                None => Ok(()),
            },
            (Act::Deleted, _) => Ok(()),
            (Act::Undone, _) => match self.acts.last() {
                None => Err(Refusal::Nothing),
                Some(last) if last.who != who => Err(Refusal::Others(last.who.clone())),
                Some(_) => Ok(()),
            },
            (Act::Taken | Act::GivenBack | Act::Registered { .. } | Act::SetAside { .. }, _) => meanwhile,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(act: Act, who: &str) -> Mark {
        Mark {
            schema: MARK.into(),
            sha256: "ab".into(),
            reference: None,
            act,
            time: "2026-11-29T10:00:00+01:00".into(),
            who: who.into(),
        }
    }

    fn after(acts: &[(Act, &str)]) -> Standing {
        let marks: Vec<_> = acts.iter().map(|(act, who)| mark(act.clone(), who)).collect();
        Standing::of(&marks)
    }

    fn registered() -> Act {
        Act::Registered {
            case: Some("26/1".into()),
        }
    }

    #[test]
    fn a_letter_goes_its_way_and_back() {
        let way = [
            (Act::Opened, "kari"),
            (Act::Taken, "kari"),
            (registered(), "kari"),
            (Act::Deleted, "kari"),
        ];
        let states = [
            State::New,
            State::Opened,
            State::Taken,
            State::Registered,
            State::Deleted,
        ];
        for done in 0..=way.len() {
            assert_eq!(after(&way[..done]).state, states[done]);
            let undone: Vec<_> = way[..done].iter().cloned().chain([(Act::Undone, "kari")]).collect();
            assert_eq!(after(&undone).state, states[done.saturating_sub(1)]);
        }
        assert_eq!(after(&way).holder.as_deref(), Some("kari"));
        assert_eq!(after(&way).case.as_deref(), Some("26/1"));
    }

    #[test]
    fn nobody_takes_what_somebody_has() {
        let taken = after(&[(Act::Opened, "ola"), (Act::Taken, "kari")]);
        let others = Err(Refusal::Others("kari".into()));
        for act in [Act::Taken, Act::GivenBack, registered(), Act::Deleted, Act::Undone] {
            assert_eq!(taken.allows(&act, "ola"), others, "{act:?}");
        }
        assert_eq!(taken.allows(&Act::Taken, "kari"), Err(Refusal::Meanwhile(State::Taken)));
        for act in [Act::GivenBack, registered(), Act::Deleted, Act::Undone, Act::Opened] {
            assert_eq!(taken.allows(&act, "kari"), Ok(()), "{act:?}");
        }
        assert_eq!(taken.allows(&Act::Opened, "ola"), Ok(()), "reading is possible");
        assert_eq!(Standing::default().allows(&Act::Undone, "ola"), Err(Refusal::Nothing));
        let given_back = after(&[(Act::Taken, "kari"), (Act::GivenBack, "kari")]);
        assert_eq!((given_back.state, given_back.holder.clone()), (State::Opened, None));
        assert_eq!(given_back.allows(&Act::Taken, "ola"), Ok(()));
    }

    #[test]
    fn copies_are_listed_until_they_are_removed() {
        let saved = |path: &str| (Act::Saved { path: path.into() }, "kari");
        let removed = (Act::Removed { path: "a".into() }, "kari");
        let standing = after(&[saved("a"), saved("b"), saved("a"), (Act::Opened, "kari"), removed]);
        assert_eq!((standing.copies, standing.state), (vec!["b".to_owned()], State::Opened));
    }

    #[test]
    fn a_mark_is_one_line_and_is_read_again() {
        for act in [
            Act::Opened,
            Act::GivenBack,
            registered(),
            Act::SetAside { why: Aside::Spam },
            Act::Saved { path: "x".into() },
        ] {
            let line = serde_json::to_vec(&mark(act.clone(), "kari")).unwrap();
            assert!(line.starts_with(br#"{"schema":"konvolutt.mark/1""#));
            assert_eq!(Mark::of(&line).unwrap().act, act);
        }
    }
}
