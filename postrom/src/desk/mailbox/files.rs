//! Maildirs, mboxes, folders and single files.

use std::collections::HashSet;
use std::path::{MAIN_SEPARATOR, PathBuf};
use std::sync::Arc;

use super::{Arrival, Fetch, Mailbox};
use crate::desk::worker::{Body, Given};
use crate::source::{self, Input, Seen, Unread, sources};
use crate::trouble::Trouble;

/// Paths that are looked at again and again.
pub struct Files {
    number: usize,
    paths: Vec<PathBuf>,
    seen: Seen,
    /// What is there, as it was told last.
    names: HashSet<String>,
}

/// What was seen while looking.
#[derive(Default)]
struct Sight {
    seen: Seen,
    names: HashSet<String>,
    /// In a list, and not there any more when it was its turn.
    missing: HashSet<String>,
    is_second: bool,
    away: Option<Trouble>,
}

impl Files {
    /// Of what a clerk points at; `number` is which of the desk's mailboxes this is.
    pub fn new(number: usize, paths: Vec<PathBuf>) -> Self {
        Self {
            number,
            paths,
            seen: Seen::default(),
            names: HashSet::new(),
        }
    }

    /// Looks at everything once; whether to go on.
    fn see(&self, sight: &mut Sight, tell: &mut dyn FnMut(Arrival) -> bool) -> bool {
        sources(self.paths.clone(), None).all(|one| {
            // The mailbox itself: a share that is away says nothing of the mails in it.
            if let Err(unread) = &one
                && unread.named
            {
                sight.away = Some(unread.why.clone());
                return true;
            }
            if self.is_on_its_way(sight, &one) || self.hold(sight, &one) {
                return true;
            }
            // What went and came back is told once more: its row went with it.
            let is_new = sight.seen.is_new(&one) && !self.seen.holds(&one);
            sight.names.insert(name(&one).to_owned());
            self.arrival(one).filter(|_| is_new).is_none_or(&mut *tell)
        })
    }

    /// Whether a mail program may just have given it another name: it is not told of as missing before a second look.
    fn is_on_its_way(&self, sight: &mut Sight, one: &Result<Input, Unread>) -> bool {
        let is_missing = matches!(one, Err(unread) if unread.why == Trouble::Missing);
        if !is_missing || self.seen.holds(one) {
            return false;
        }
        let name = name(one);
        if sight.is_second {
            return !sight.missing.contains(name);
        }
        sight.missing.insert(name.to_owned());
        true
    }

    /// What was told of a folder stays as long as it cannot be looked into. So does a mail of which nothing can be said: whether
    /// this is one.
    fn hold(&self, sight: &mut Sight, one: &Result<Input, Unread>) -> bool {
        let name = name(one);
        let is_dark = match one {
            Err(unread) => matches!(unread.why, Trouble::Unreadable { .. }),
            // That it is a Maildir can be seen only from within.
            Ok(input) => matches!(input.body, source::Body::Hidden) && std::fs::read_dir(name).is_err(),
        };
        if !is_dark {
            return false;
        }
        let is_of_it = |other: &str| {
            let rest = other.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(MAIN_SEPARATOR))
        };
        let held = self.names.iter().filter(|other| is_of_it(other));
        sight.names.extend(held.cloned());
        sight.seen.keep(&self.seen, &is_of_it);
        self.names.contains(name) && !self.seen.holds(one)
    }

    fn arrival(&self, one: Result<Input, Unread>) -> Option<Arrival> {
        let input = match one {
            Ok(input) => input,
            Err(unread) => return Some(Arrival::Unread(unread)),
        };
        let source::Body::File(path) = input.body else {
            return None;
        };
        let given = Given {
            mailbox: self.number,
            name: input.name,
            named: input.named,
            body: Body::File(path),
        };
        Some(Arrival::Input(given, Arc::default()))
    }
}

fn name(one: &Result<Input, Unread>) -> &str {
    match one {
        Ok(input) => &input.name,
        Err(unread) => &unread.name,
    }
}

impl Mailbox for Files {
    fn look(&mut self, tell: &mut dyn FnMut(Arrival) -> bool) {
        let mut sight = Sight::default();
        if !self.see(&mut sight, tell) {
            return;
        }
        // Of a mail that goes from one folder to another during a look neither may tell: only what two looks lack has gone.
        let lacks_some = !sight.missing.is_empty() || !self.names.is_subset(&sight.names);
        if lacks_some && sight.away.is_none() {
            sight.is_second = true;
            if !self.see(&mut sight, tell) {
                return;
            }
        }
        match sight.away {
            Some(why) => {
                self.seen.add(sight.seen);
                self.names.extend(sight.names);
                tell(Arrival::Away(why));
            }
            None => {
                self.seen = sight.seen;
                self.names = sight.names;
                tell(Arrival::Whole(self.names.iter().cloned().collect()));
            }
        }
    }

    fn fetch(&self) -> Arc<dyn Fetch> {
        Arc::new(InFiles)
    }
}

/// Whoever reads a file needs nobody to fetch it.
struct InFiles;

impl Fetch for InFiles {
    fn fetch(&self, _: &Given) -> Result<Arc<Vec<u8>>, Trouble> {
        Ok(Arc::default())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// What a look told, in its order; before each new mail `meanwhile` is called.
    fn looked(files: &mut Files, top: &Path, meanwhile: &dyn Fn()) -> Vec<String> {
        let below = |name: &str| {
            let below = Path::new(name).strip_prefix(top).unwrap();
            below.display().to_string()
        };
        let mut told = Vec::new();
        files.look(&mut |arrival| {
            told.push(match arrival {
                Arrival::Input(given, _) => {
                    meanwhile();
                    format!("+{}", below(&given.name))
                }
                Arrival::Unread(unread) => format!("?{}", below(&unread.name)),
                Arrival::Whole(names) => {
                    let mut names: Vec<_> = names.iter().map(|name| below(name)).collect();
                    names.sort();
                    format!("={}", names.join(" "))
                }
                Arrival::Away(_) => "away".into(),
                Arrival::Marks(_) => String::new(),
            });
            true
        });
        told
    }

    /// A Maildir with two mails that were told.
    fn maildir() -> (tempfile::TempDir, Files) {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["cur", "new", ".Skjema/cur"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        for mail in ["cur/a", "new/x", ".Skjema/cur/s"] {
            fs::write(dir.path().join(mail), "Subject: x\n\n").unwrap();
        }
        let mut files = Files::new(0, vec![dir.path().to_owned()]);
        let told = looked(&mut files, dir.path(), &|| ());
        assert_eq!(
            told,
            ["+.Skjema/cur/s", "+cur/a", "+new/x", "=.Skjema/cur/s cur/a new/x"]
        );
        (dir, files)
    }

    /// A link in a circle stands for what a share says while it is going: not "missing", but nothing else either.
    #[test]
    fn what_was_told_of_a_folder_stays_while_it_cannot_be_looked_into() {
        let (dir, mut files) = maildir();
        let path = |name: &str| dir.path().join(name);
        for (folder, all) in [
            ("cur", ".Skjema/cur/s cur cur/a new/x"),
            (".Skjema", ".Skjema .Skjema/cur/s cur/a new/x"),
        ] {
            let away = tempfile::tempdir().unwrap();
            let away = away.path().join("away");
            fs::rename(path(folder), &away).unwrap();
            std::os::unix::fs::symlink(path(folder), path(folder)).unwrap();
            fs::write(path("new/y"), "Subject: y\n\n").unwrap();
            let told = looked(&mut files, dir.path(), &|| ());
            assert!(told.contains(&"+new/y".into()), "{told:?}");
            assert_eq!(told.last().unwrap(), &format!("={all} new/y"));
            assert!(
                !told
                    .iter()
                    .any(|told| told.contains("+cur/") || told.contains("+.Skjema/")),
                "{told:?}"
            );
            // Others still go, and what is there again is not told as new.
            fs::remove_file(path("new/y")).unwrap();
            assert_eq!(looked(&mut files, dir.path(), &|| ()), [format!("={all}")]);
            fs::remove_file(path(folder)).unwrap();
            fs::rename(&away, path(folder)).unwrap();
            assert_eq!(looked(&mut files, dir.path(), &|| ()), ["=.Skjema/cur/s cur/a new/x"]);
        }
        fs::remove_dir_all(path(".Skjema")).unwrap();
        assert_eq!(looked(&mut files, dir.path(), &|| ()), ["=cur/a new/x"]);
    }

    /// A mail program moves a mail after the list of the one folder and before that of the other.
    #[test]
    fn a_mail_that_is_moved_during_a_look_is_told_before_its_old_name_goes() {
        let (dir, mut files) = maildir();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("cur/b"), "Subject: b\n\n").unwrap();
        let told = looked(&mut files, dir.path(), &|| {
            drop(fs::rename(path("new/x"), path("cur/x:2,S")))
        });
        assert_eq!(told, ["+cur/b", "+cur/x:2,S", "=.Skjema/cur/s cur/a cur/b cur/x:2,S"]);
        fs::write(path("cur/0"), "Subject: 0\n\n").unwrap();
        let told = looked(&mut files, dir.path(), &|| {
            drop(fs::rename(path("cur/a"), path("cur/a:2,S")))
        });
        assert_eq!(
            told,
            ["+cur/0", "+cur/a:2,S", "=.Skjema/cur/s cur/0 cur/a:2,S cur/b cur/x:2,S"]
        );
        fs::remove_file(path("cur/0")).unwrap();
        assert_eq!(
            looked(&mut files, dir.path(), &|| ()),
            ["=.Skjema/cur/s cur/a:2,S cur/b cur/x:2,S"]
        );
    }

    /// The share is going while its mails are asked one by one; one that never was anything else is told.
    #[test]
    fn a_mail_of_which_nothing_can_be_said_stays_what_it_was() {
        let (dir, mut files) = maildir();
        let path = |name: &str| dir.path().join(name);
        fs::rename(path("cur/a"), path("a")).unwrap();
        for circle in ["cur/a", "cur/b"] {
            std::os::unix::fs::symlink(path(circle), path(circle)).unwrap();
        }
        let told = looked(&mut files, dir.path(), &|| ());
        assert_eq!(told, ["+a", "?cur/b", "=.Skjema/cur/s a cur/a cur/b new/x"]);
        fs::rename(path("a"), path("cur/a")).unwrap();
        assert_eq!(
            looked(&mut files, dir.path(), &|| ()),
            ["=.Skjema/cur/s cur/a cur/b new/x"]
        );
    }

    /// A link that leads nowhere is told once, and no more often.
    #[test]
    fn what_two_looks_do_not_find_is_told() {
        let (dir, mut files) = maildir();
        std::os::unix::fs::symlink("nowhere", dir.path().join("cur/link")).unwrap();
        let all = "=.Skjema/cur/s cur/a cur/link new/x";
        assert_eq!(looked(&mut files, dir.path(), &|| ()), ["?cur/link", all]);
        assert_eq!(looked(&mut files, dir.path(), &|| ()), [all]);
    }
}
