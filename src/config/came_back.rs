//! Where letters come back to that a mail server cannot deliver.

use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::Mail;
use super::inspector::Inspector;
use super::overrides::Role;
use super::place::real;
use crate::bounces::Settings;
use crate::diagnostic::{Diagnostic, Table};
use crate::store::files;

/// What programs take between a local part and what is added to it.
const DELIMITERS: [char; 5] = ['+', '-', '=', '_', '.'];
/// The longest local part (RFC 5321 §4.5.3.1.1), and what an id with its delimiter takes of it.
const LOCAL_PART: usize = 64;
const WITH_DELIMITER: usize = 33;

#[derive(Default)]
pub(super) struct BouncesSection {
    pub(super) directories: Option<Vec<PathBuf>>,
    pub(super) delimiter: Option<String>,
}

impl BouncesSection {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        Self {
            directories: table.paths("directories"),
            delimiter: table.string("delimiter"),
        }
    }
}

impl Inspector<'_> {
    /// Without a word of their own reports come to where acknowledgements do: often that is one mailbox.
    pub(super) fn bounces(
        &mut self,
        raw: BouncesSection,
        acknowledgements: &[PathBuf],
        spool: &files::Settings,
        mail: Option<&mut Mail>,
    ) -> Settings {
        if let Some((delimiter, mail)) = raw.delimiter.zip(mail) {
            mail.addresses.bounce_delimiter = self.bounce_delimiter(&delimiter, &mail.envelope_from);
        }
        let Some(own) = raw.directories else {
            let directories = acknowledgements.to_vec();
            return Settings { directories };
        };
        let mut directories: Vec<_> = own.iter().map(|directory| self.path(directory)).collect();
        directories.sort();
        directories.dedup();
        // What comes back is the relay's business.
        if self.role != Role::Web {
            let good = directories
                .iter()
                .filter(|directory| self.is_for_bounces(directory, spool))
                .count();
            if good == directories.len() && good > 0 {
                let told = "letters that come back are read and held".to_owned();
                self.tell("bounces.directories", Diagnostic::good(told));
            }
        }
        Settings { directories }
    }

    fn bounce_delimiter(&mut self, text: &str, envelope_from: &str) -> Option<char> {
        const KEY: &str = "bounces.delimiter";
        let mut symbols = text.chars();
        let one = symbols
            .next()
            .filter(|one| symbols.next().is_none() && DELIMITERS.contains(one));
        if one.is_none() {
            let what = format!("{text:?} is no delimiter.");
            self.problem(KEY, what, "Write the one that your mail server has, most often `+`.");
        }
        let local = envelope_from.rsplit_once('@').map_or("", |(local, _)| local);
        if local.len() + WITH_DELIMITER <= LOCAL_PART {
            return one;
        }
        let what =
            format!("{envelope_from} has no room for an id: the part before the @ would be longer than {LOCAL_PART}.");
        let remedy = format!(
            "Give `mail.envelope_from` an address with at most {} symbols before the @, or leave `delimiter` out.",
            LOCAL_PART - WITH_DELIMITER
        );
        self.problem(KEY, what, &remedy);
        None
    }

    fn is_for_bounces(&mut self, directory: &Path, spool: &files::Settings) -> bool {
        let problem = if !directory.is_dir() {
            Some(("is not there", "Make it, and let the service read and write it."))
        } else if real(directory).starts_with(real(&spool.directory)) {
            Some(("lies among the letters", "Let mails come to a directory of their own."))
        } else if rustix::fs::access(directory, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
            Some((
                "cannot be read and tidied",
                "Let the service read and write it; run `check` as the service's user.",
            ))
        } else {
            None
        };
        if let Some((what, remedy)) = problem {
            let what = format!(
                "The directory {} for letters that come back {what}.",
                directory.display()
            );
            self.problem("bounces.directories", what, remedy);
        }
        problem.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::super::inspector::tests::ask;
    use super::*;

    fn judged(directories: &[PathBuf], spool: &Path) -> Vec<String> {
        let raw = BouncesSection {
            directories: Some(directories.to_vec()),
            delimiter: None,
        };
        let spool = files::Settings::at(spool.to_owned());
        let (settings, told) = ask("", |inspector| inspector.bounces(raw, &["acks".into()], &spool, None));
        assert_eq!(settings.directories.len(), directories.len());
        told.into_iter().map(|one| one.what).collect()
    }

    #[test]
    fn a_directory_for_bounces_is_judged() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in ["good", "spool/new"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        std::os::unix::fs::symlink(at("spool"), at("link")).unwrap();
        for (name, says) in [
            ("good", "are read and held"),
            ("nowhere", "is not there"),
            ("spool", "lies among the letters"),
            ("spool/new", "lies among the letters"),
            ("link/new", "lies among the letters"),
        ] {
            let told = judged(&[at(name)], &at("spool"));
            assert!(told.len() == 1 && told[0].contains(says), "{name}: {told:?}");
        }
        // Without a word of its own it is where acknowledgements come to.
        let spool = files::Settings::at(at("spool"));
        let raw = BouncesSection::default();
        let (settings, told) = ask("", |inspector| inspector.bounces(raw, &["acks".into()], &spool, None));
        assert_eq!((settings.directories, told.len()), (vec![PathBuf::from("acks")], 0));
    }

    #[test]
    fn a_delimiter_is_one_symbol_and_leaves_room_for_the_id() {
        let judge = |text: &str, from: &str| {
            let (one, told) = ask("", |inspector| inspector.bounce_delimiter(text, from));
            (one, told.len())
        };
        let longest = format!("{}@authority.example", "a".repeat(31));
        let too_long = format!("{}@authority.example", "a".repeat(32));
        assert_eq!(judge("+", "drift@authority.example"), (Some('+'), 0));
        assert_eq!(judge("-", &longest), (Some('-'), 0));
        assert_eq!(judge("+", &too_long), (None, 1));
        for wrong in ["", "++", "@", " ", "x", "å"] {
            assert_eq!(judge(wrong, "drift@authority.example"), (None, 1), "{wrong:?}");
        }
    }
}
