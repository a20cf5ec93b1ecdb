//! Whether a desk can work with the answers.
//!
//! Comes in: lines as they were typed. Goes out: what was found at them, or what is wrong with each. What always holds:
//! everything that is named is looked at before it is written down; nothing is unlocked, and no secret is asked for.

use std::path::{Path, PathBuf};

use super::draft::{Draft, Field, Found, Mistake, Why};
use super::values::{lines, one, whole};
use crate::keys::{Keys, KeysError, load_certificate};
use crate::settings::{MailPlace, mail_place};
use crate::trouble::Cause;
use crate::trust::{Trust, label};

/// Looks at everything that is named.
///
/// # Errors
/// Every mistake, in the order of the page.
pub fn check(draft: &Draft, home: Option<&Path>) -> Result<Found, Vec<Mistake>> {
    let mut check = Check {
        draft,
        home,
        found: Found::default(),
        mistakes: Vec::new(),
    };
    check.mail();
    check.login();
    check.keys();
    check.certificates();
    check.out();
    if check.mistakes.is_empty() {
        Ok(check.found)
    } else {
        Err(check.mistakes)
    }
}

struct Check<'a> {
    draft: &'a Draft,
    home: Option<&'a Path>,
    found: Found,
    mistakes: Vec<Mistake>,
}

impl Check<'_> {
    fn wrong(&mut self, field: Field, why: Why) {
        self.mistakes.push(Mistake { field, why });
    }

    /// The whole paths of an answer.
    fn paths(&mut self, field: Field) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for line in lines(self.draft.get(field)) {
            match whole(line, self.home) {
                Some(path) => paths.push(path),
                None => self.wrong(field, Why::NotWhole(line.to_owned())),
            }
        }
        paths
    }

    fn mail(&mut self) {
        let field = Field::Mail;
        let draft = self.draft;
        for line in lines(draft.get(field)) {
            match mail_place(line) {
                Ok(MailPlace::Server(server)) => self.found.servers.push(server),
                Err(why) => self.wrong(field, Why::Server(why)),
                Ok(MailPlace::Here(_)) => match whole(line, self.home) {
                    None => self.wrong(field, Why::NotWhole(line.to_owned())),
                    Some(path) => match readable(&path) {
                        Ok(()) => self.found.mail.push(path),
                        Err(cause) => self.wrong(field, Why::Unreadable(path, cause)),
                    },
                },
            }
        }
        if draft.get(field).trim().is_empty() {
            self.wrong(field, Why::Empty);
        }
    }

    fn login(&mut self) {
        let password = self.file(Field::Password);
        let token = self.file(Field::Token);
        let none = [Field::Password, Field::Token]
            .iter()
            .all(|field| self.draft.get(*field).trim().is_empty());
        if none && !self.found.servers.is_empty() {
            self.wrong(Field::Password, Why::NoPassword);
        }
        (self.found.password, self.found.token) = (password, token);
    }

    fn file(&mut self, field: Field) -> Option<PathBuf> {
        let paths = self.paths(field);
        let path = match one(paths) {
            Ok(path) => path?,
            Err(()) => {
                self.wrong(field, Why::TooMany);
                return None;
            }
        };
        match readable(&path) {
            Ok(()) => Some(path),
            Err(cause) => {
                self.wrong(field, Why::Unreadable(path, cause));
                None
            }
        }
    }

    fn keys(&mut self) {
        let field = Field::Keys;
        for path in self.paths(field) {
            // Whether a passphrase fits is not asked here.
            let tried = Keys::default().add(&path, &mut |_| None);
            let is_key = matches!(
                &tried,
                Ok(_) | Err(KeysError::NobodyToAsk(_) | KeysError::Passphrase(_))
            );
            match (tried, load_certificate(&path)) {
                (_, Ok(cert)) if is_key => {
                    self.found.key_labels.push(label(&cert));
                    self.found.keys.push(path);
                }
                (Err(why), _) | (_, Err(why)) => self.wrong(field, Why::Key(why)),
                (Ok(_), Ok(_)) => {}
            }
        }
        if self.draft.get(field).trim().is_empty() {
            self.wrong(field, Why::Empty);
        }
    }

    fn certificates(&mut self) {
        let (relay, known) = (self.paths(Field::Relay), self.paths(Field::Known));
        // One by one, so that each mistake is told.
        let mut good = [Vec::new(), Vec::new()];
        for (at, field, paths) in [(0, Field::Relay, relay), (1, Field::Known, known)] {
            for path in paths {
                let own = std::slice::from_ref(&path);
                let (relay, known) = if at == 0 {
                    (own, good[1].as_slice())
                } else {
                    (good[0].as_slice(), own)
                };
                match Trust::load(relay, known, &Keys::default()) {
                    Ok(_) => good[at].push(path),
                    Err(why) => self.wrong(field, Why::Trust(why)),
                }
            }
        }
        if self.draft.get(Field::Relay).trim().is_empty() {
            self.wrong(Field::Relay, Why::Empty);
        }
        let [relay, known] = good;
        if let Ok(trust) = Trust::load(&relay, &known, &Keys::default()) {
            self.found.heads = trust.heads();
        }
        (self.found.relay, self.found.known) = (relay, known);
    }

    fn out(&mut self) {
        let field = Field::Out;
        let path = match one(self.paths(field)) {
            Ok(Some(path)) => path,
            Ok(None) => return,
            Err(()) => return self.wrong(field, Why::TooMany),
        };
        if path.exists() && !path.is_dir() {
            return self.wrong(field, Why::NotAFolder(path));
        }
        // What is to be made lies in something that is there.
        let above = path.ancestors().skip(1).find(|above| above.is_dir());
        if !path.exists() && above.is_none() {
            return self.wrong(field, Why::Unreadable(path, Cause::Missing));
        }
        let within = |mail: &&PathBuf| path.starts_with(mail) || mail.starts_with(&path);
        if let Some(mail) = self.found.mail.iter().find(within).cloned() {
            return self.wrong(field, Why::OutInMail(mail));
        }
        self.found.out = Some(path);
    }
}

/// Whether there is something at a path that can be read.
fn readable(path: &Path) -> Result<(), Cause> {
    let looked = if path.is_dir() {
        std::fs::read_dir(path).map(drop)
    } else {
        std::fs::File::open(path).map(drop)
    };
    looked.map_err(|error| Cause::from(&error))
}
