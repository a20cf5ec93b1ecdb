//! The configuration file as written: every key by its table, with its default and the rule that its value alone must
//! keep. Words with few choices are plain text here: a wrong one is then one diagnostic among the others.
//!
//! Every mistake in the file is found in one run. `None` stands for something without which nothing can go on.

use std::path::PathBuf;

use super::alarm::AlarmSection;
use super::came_back::BouncesSection;
use super::database::{DatabaseSection, store_section};
use super::expect::{AcknowledgementsSection, CanarySection};
use super::listen::{ListenSection, limits};
use super::look::AuthoritySection;
use super::mail::MailSection;
use super::recipients::{MailboxSection, SigningSection};
use super::refresh::RefreshSection;
use crate::diagnostic::Table;
use crate::door::LetterLimits;

pub(super) struct Written {
    pub(super) authority: AuthoritySection,
    pub(super) listen: ListenSection,
    pub(super) limits: LetterLimits,
    /// The address of `[health]`.
    pub(super) health: Option<String>,
    pub(super) spool: SpoolSection,
    pub(super) database: Option<DatabaseSection>,
    pub(super) signing: SigningSection,
    pub(super) mail: MailSection,
    /// Files of the program's texts in languages that it does not have itself.
    pub(super) languages: Vec<PathBuf>,
    /// The form files.
    pub(super) forms: Vec<PathBuf>,
    pub(super) alarm: AlarmSection,
    pub(super) refresh: RefreshSection,
    pub(super) acknowledgements: AcknowledgementsSection,
    pub(super) canary: Option<CanarySection>,
    pub(super) bounces: BouncesSection,
    pub(super) mailbox: Vec<MailboxSection>,
}

impl Written {
    pub(super) fn read(mut root: Table<'_>) -> Option<Self> {
        let authority = root.needed_table("authority").and_then(AuthoritySection::read);
        let listen = root.needed_table("listen").and_then(ListenSection::read);
        let health = root.table("health").map(|mut health| health.needed("address"));
        let spool = root.needed_table("spool").and_then(SpoolSection::read);
        let database = store_section(&mut root);
        let signing = root.needed_table("signing").and_then(SigningSection::read);
        let mail = root.needed_table("mail").and_then(MailSection::read);
        let forms = root.needed_table("forms").and_then(|mut forms| {
            forms.must_have("files");
            forms.paths("files")
        });
        let mailboxes: Vec<_> = root.tables("mailbox").into_iter().map(MailboxSection::read).collect();
        Some(Self {
            limits: root.table("limits").map(limits).unwrap_or_default(),
            languages: files(root.table("languages")),
            alarm: root.table("alarm").map(AlarmSection::read).unwrap_or_default(),
            refresh: root.table("refresh").map(RefreshSection::read).unwrap_or_default(),
            acknowledgements: root
                .table("acknowledgements")
                .map(AcknowledgementsSection::read)
                .unwrap_or_default(),
            canary: root.table("canary").map(CanarySection::read),
            bounces: root.table("bounces").map(BouncesSection::read).unwrap_or_default(),
            authority: authority?,
            listen: listen?,
            health: health.flatten(),
            spool: spool?,
            database: database?,
            signing: signing?,
            mail: mail?,
            forms: forms?,
            mailbox: mailboxes.into_iter().collect::<Option<_>>()?,
        })
    }
}

fn files(table: Option<Table<'_>>) -> Vec<PathBuf> {
    table.and_then(|mut table| table.paths("files")).unwrap_or_default()
}

pub(super) struct SpoolSection {
    pub(super) directory: PathBuf,
    pub(super) drafts: Option<PathBuf>,
    pub(super) min_free_mb: u64,
    pub(super) min_free_inodes: u64,
    pub(super) keep_delivered_days: u32,
}

impl SpoolSection {
    pub(super) fn read(mut table: Table<'_>) -> Option<Self> {
        let read = Self {
            // Enough for a few letters in flight when the disk fills up.
            min_free_mb: table.whole("min_free_mb").unwrap_or(256),
            // Enough for the files of the letters that are being written when the last one is taken.
            min_free_inodes: table.whole("min_free_inodes").unwrap_or(1000),
            keep_delivered_days: table.whole("keep_delivered_days").unwrap_or(7),
            drafts: table.path("drafts"),
            directory: table.needed_path("directory")?,
        };
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::TomlFile;

    /// Whether it was read, and each mistake as its line and its sentence.
    fn read(text: &str) -> (bool, Vec<(usize, String)>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("konvolutt.toml");
        std::fs::write(&path, text).unwrap();
        let mut found = Vec::new();
        let file = TomlFile::read(&path, &mut found).unwrap();
        let (raw, _) = Table::read_all(&file, &mut found, Written::read);
        let mut found: Vec<_> = found.into_iter().map(|one| (one.line.unwrap_or(0), one.what)).collect();
        found.sort();
        (raw.is_some(), found)
    }

    const WHOLE: &str = r#"
[authority]
name = "Etaten"
[listen]
address = "127.0.0.1:8080"
[spool]
directory = "spool"
[signing]
key = "relay.key.asc"
fingerprint = "x"
[mail]
from_name = "Skjema"
from_address = "skjema@example.no"
subject = "Melding"
[mail.maildir]
directory = "maildir"
[forms]
files = ["forms/post.toml"]
[[mailbox]]
name = "post"
address = "post@example.no"
"#;

    #[test]
    fn the_least_that_works_is_read() {
        assert_eq!(read(WHOLE), (true, Vec::new()));
    }

    #[test]
    fn every_mistake_is_found_in_one_run() {
        let changes = [
            (
                "from_name = \"Skjema\"",
                "from_name = \"\"",
                "`mail.from_name` must have 1 to 100 characters.",
            ),
            (
                "from_address = \"skjema@",
                "from_address = \"skjema",
                "`mail.from_address` is not a mail address.",
            ),
            (
                "directory = \"spool\"",
                "directory = \"spool\"\nkeep_delivered_days = -1",
                "`spool.keep_delivered_days` is too large, or below 0.",
            ),
            (
                "[forms]",
                "[limits]\npages_onion = 0\n[forms]",
                "`limits.pages_onion` must be at least 1.",
            ),
            (
                "name = \"post\"",
                "name = \"post\"\nadress = 1",
                "`mailbox.0.adress` is not a key that Konvolutt knows here.",
            ),
            (
                "address = \"post@example.no\"",
                "address = \"post@\"",
                "`mailbox.0.address` is not a mail address.",
            ),
            (
                "[listen]\n",
                "[listen]\nbehind_proxy = \"yes\"\n",
                "`listen.behind_proxy` must be `true` or `false`; here it is of the type string.",
            ),
        ];
        let text = changes
            .iter()
            .fold(WHOLE.to_owned(), |text, (from, to, _)| text.replacen(from, to, 1));
        let (read, found) = read(&text);
        assert!(read, "all of it has a shape that can be looked at further");
        assert_eq!(found.len(), changes.len(), "{found:#?}");
        for (_, _, sentence) in changes {
            let told = found.iter().find(|(_, what)| what == sentence);
            assert!(told.is_some_and(|(line, _)| *line > 0), "{sentence}: {found:#?}");
        }
    }

    /// Else its letters would wait in the queue for ever.
    #[test]
    fn an_address_that_the_relay_cannot_write_is_refused() {
        for (address, good) in [
            ("post.mottak@example.no", true),
            ("post+s-k_j%a@example.no", true),
            ("post..mottak@example.no", false),
            (".post@example.no", false),
            ("post.@example.no", false),
        ] {
            let (_, found) = read(&WHOLE.replace("post@example.no", address));
            assert_eq!(found.is_empty(), good, "{address}: {found:?}");
        }
    }

    #[test]
    fn what_must_be_there_is_named_and_nothing_goes_on_without_it() {
        for (without, sentence) in [
            ("directory = \"spool\"", "`spool.directory` is missing."),
            ("[authority]\nname = \"Etaten\"", "`authority` is missing."),
            ("address = \"127.0.0.1:8080\"", "`listen.address` is missing."),
            ("files = [\"forms/post.toml\"]", "`forms.files` is missing."),
            ("address = \"post@example.no\"", "`mailbox.0.address` is missing."),
        ] {
            let (read, found) = read(&WHOLE.replace(without, ""));
            assert!(
                !read && found.iter().any(|(_, what)| what == sentence),
                "{sentence}: {found:?}"
            );
        }
    }
}
