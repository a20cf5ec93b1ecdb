//! How a letter stands, as keywords of its mail that other mail programs show.
//!
//! What always holds: keywords that are not of this program are neither read nor changed; one clerk's keyword is not
//! another's.

use std::collections::BTreeSet;

use konvolutt_letter::hex;
use sha2::{Digest, Sha256};

use crate::desk::mailbox::{Change, Claim};
use crate::ledger::{Aside, Standing, State};

const OPENED: &str = "$KonvoluttOpna";
const TAKEN: &str = "$KonvoluttTeken";
const ASIDE: &str = "$KonvoluttLagtBort-";
const REGISTERED: &str = "$KonvoluttJournalfort";
const DELETED: &str = "$KonvoluttSletta";
/// Before a clerk's name.
const HOLDER: &str = "$KonvoluttHos-";
/// Of a name. Servers bound keywords at 50 bytes.
const LONGEST_NAME: usize = 24;

/// What the keywords of a mail say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// How far the letter is.
    pub state: State,
    /// Who has it, as keywords have a name.
    pub holder: Option<String>,
    /// Why it is not for the archive.
    pub aside: Option<Aside>,
}

impl Kept {
    /// `None` when there is no keyword of this program.
    pub fn of(flags: &[String]) -> Option<Self> {
        let flags: Vec<String> = flags.iter().map(|flag| flag.to_ascii_lowercase()).collect();
        let has = |keyword: &str| flags.contains(&keyword.to_ascii_lowercase());
        // All desks choose the same one, in whatever order a server tells them.
        let behind = |start: &str| {
            let start = start.to_ascii_lowercase();
            flags.iter().filter_map(|flag| flag.strip_prefix(&start)).min()
        };
        let aside = behind(ASIDE);
        let state = [
            (has(DELETED), State::Deleted),
            (has(REGISTERED), State::Registered),
            (aside.is_some(), State::SetAside),
            (has(TAKEN), State::Taken),
            (has(OPENED), State::Opened),
        ];
        let state = state.into_iter().find(|(so, _)| *so)?.1;
        Some(Self {
            state,
            holder: behind(HOLDER).filter(|_| state > State::Opened).map(str::to_owned),
            aside: aside.and_then(|why| ASIDES.iter().find(|(name, _)| *name == why).map(|(_, why)| *why)),
        })
    }
}

const ASIDES: [(&str, Aside); 3] = [
    ("test", Aside::Test),
    ("spam", Aside::Spam),
    ("duplikat", Aside::Duplicate),
];

/// How the marks of a mail change so that they say how its letter stands.
pub fn change(flags: &[String], standing: &Standing) -> Change {
    let is_ours = |flag: &&String| flag.to_ascii_lowercase().starts_with("$konvolutt");
    let now: BTreeSet<&String> = flags.iter().filter(is_ours).collect();
    let wanted = wanted(standing);
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let is_there = |keyword: &String| now.iter().any(|flag| same(flag, keyword));
    let is_wanted = |flag: &&&String| wanted.iter().any(|keyword| same(keyword, flag));
    let mut remove: Vec<String> = now
        .iter()
        .filter(|flag| !is_wanted(flag))
        .map(|flag| (*flag).clone())
        .collect();
    if standing.state == State::Deleted {
        // What it was before stays, so that it can be undone.
        remove.clear();
    }
    let add = wanted.iter().filter(|keyword| !is_there(keyword)).cloned().collect();
    let claim = claim(flags, standing);
    Change { add, remove, claim }
}

/// What makes a letter this clerk's that is not theirs by the mail.
fn claim(flags: &[String], standing: &Standing) -> Option<Claim> {
    let is_held = standing.state > State::Opened && standing.state != State::Deleted;
    let holder = standing.holder.as_deref().filter(|_| is_held).map(short)?;
    let is_theirs = Kept::of(flags).is_some_and(|kept| kept.holder.as_ref() == Some(&holder));
    let keyword = format!("{HOLDER}{holder}");
    (!is_theirs).then_some(Claim { keyword, start: HOLDER })
}

fn wanted(standing: &Standing) -> Vec<String> {
    let mut wanted = Vec::new();
    if standing.state == State::New {
        return wanted;
    }
    wanted.push(OPENED.to_owned());
    if standing.state == State::Deleted {
        wanted.push(DELETED.to_owned());
        return wanted;
    }
    if standing.state > State::Opened {
        wanted.extend(standing.holder.as_deref().map(|who| format!("{HOLDER}{}", short(who))));
    }
    match standing.state {
        State::Taken => wanted.push(TAKEN.to_owned()),
        State::SetAside => {
            let name = ASIDES.iter().find(|(_, why)| Some(*why) == standing.aside);
            wanted.push(format!("{ASIDE}{}", name.map_or("anna", |(name, _)| name)));
        }
        State::Registered => wanted.extend([TAKEN.to_owned(), REGISTERED.to_owned()]),
        State::New | State::Opened | State::Deleted => {}
    }
    wanted
}

/// A name as a keyword has it: `Åse Li` is `aase-li-` and four digits, since `aase-li` may be somebody else.
pub fn short(who: &str) -> String {
    let mut short = String::new();
    for c in who.chars() {
        match c {
            'a'..='z' | '0'..='9' | '.' | '_' | '-' => short.push(c),
            'A'..='Z' => short.push(c.to_ascii_lowercase()),
            'å' | 'Å' => short.push_str("aa"),
            'æ' | 'Æ' => short.push_str("ae"),
            'ø' | 'Ø' => short.push_str("oe"),
            _ => short.push('-'),
        }
    }
    if short == who && short.len() <= LONGEST_NAME {
        return short;
    }
    short.truncate(LONGEST_NAME);
    let digits = hex(&Sha256::digest(who)[..2]);
    format!("{short}-{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Act, MARK, Mark};

    fn after(acts: &[(Act, &str)]) -> Standing {
        let mark = |(act, who): &(Act, &str)| Mark {
            schema: MARK.into(),
            sha256: "ab".into(),
            reference: None,
            act: act.clone(),
            time: "2026-11-29T10:00:00+01:00".into(),
            who: (*who).into(),
        };
        let marks: Vec<Mark> = acts.iter().map(mark).collect();
        Standing::of(&marks)
    }

    /// The marks of a mail after these acts, one after the other, beside those that were there.
    fn kept(acts: &[(Act, &str)]) -> Vec<String> {
        let mut flags = vec!["\\Seen".to_owned(), "$Label1".to_owned()];
        for done in 1..=acts.len() {
            let change = change(&flags, &after(&acts[..done]));
            flags.retain(|flag| !change.remove.contains(flag));
            flags.extend(change.add);
        }
        assert_eq!(flags[..2], ["\\Seen", "$Label1"], "others' marks stay");
        flags.split_off(2)
    }

    #[test]
    fn keywords_say_how_a_letter_stands() {
        let registered = Act::Registered { case: None };
        let aside = Act::SetAside { why: Aside::Spam };
        let ways: [&[(Act, &str)]; 7] = [
            &[(Act::Opened, "kari")],
            &[(Act::Opened, "kari"), (Act::Taken, "Åse Li")],
            &[(Act::Taken, "kari"), (Act::GivenBack, "kari"), (Act::Taken, "ola")],
            &[(Act::Taken, "kari"), (registered.clone(), "kari")],
            &[(aside, "kari")],
            &[
                (Act::Taken, "kari"),
                (registered.clone(), "kari"),
                (Act::Deleted, "kari"),
            ],
            &[
                (Act::Taken, "kari"),
                (registered, "kari"),
                (Act::Deleted, "kari"),
                (Act::Undone, "kari"),
            ],
        ];
        for way in ways {
            let standing = after(way);
            let kept = Kept::of(&kept(way)).unwrap();
            assert_eq!(kept.state, standing.state);
            assert_eq!(kept.aside, standing.aside);
            let holder = standing.holder.as_deref().map(short);
            assert_eq!(kept.holder, holder, "{way:?}");
        }
        assert_eq!(kept(&[(Act::Taken, "kari")]), [OPENED, "$KonvoluttHos-kari", TAKEN]);
        assert_eq!(kept(&[(Act::Opened, "kari"), (Act::Undone, "kari")]), [""; 0]);
        assert_eq!(Kept::of(&["\\Seen".into(), "$Label1".into()]), None);
    }

    #[test]
    fn servers_may_write_keywords_otherwise() {
        let flags = ["$KONVOLUTTTEKEN".to_owned(), "$konvolutthos-kari".to_owned()];
        let kept = Kept::of(&flags).unwrap();
        assert_eq!((kept.state, kept.holder.as_deref()), (State::Taken, Some("kari")));
        let back = change(&flags, &after(&[(Act::Taken, "kari"), (Act::GivenBack, "kari")]));
        assert_eq!(back.remove, flags);
    }

    #[test]
    fn nobody_has_anothers_keyword() {
        let names = [
            "kari",
            "Kari",
            "KARI",
            "kåri",
            "kaari",
            "k ri",
            "k-ri",
            "漢字",
            "字漢",
            &"a".repeat(24),
            &"a".repeat(25),
        ];
        let short: BTreeSet<String> = names.iter().map(|name| short(name)).collect();
        assert_eq!(short.len(), names.len(), "{short:?}");
        let known = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        assert!(
            short
                .iter()
                .all(|name| name.chars().all(known) && name.len() + HOLDER.len() <= 50)
        );
    }
}
