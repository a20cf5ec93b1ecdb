//! What is expected of the post room: acknowledgements, test letters, letters that are opened in time.

use std::path::PathBuf;
use std::time::Duration;

use super::inspector::Inspector;
use super::overrides::Role;
use crate::canary::{Rounds, Settings};
use crate::diagnostic::{Diagnostic, Table};

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Default)]
pub(super) struct AcknowledgementsSection {
    pub(super) directories: Vec<PathBuf>,
    pub(super) unopened_after: Option<String>,
}

impl AcknowledgementsSection {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        table.must_have("directories");
        Self {
            directories: table.paths("directories").unwrap_or_default(),
            unopened_after: table.string("unopened_after"),
        }
    }
}

pub(super) struct CanarySection {
    pub(super) every: Option<String>,
    pub(super) missing_after: Option<String>,
    pub(super) mailboxes: Option<Vec<String>>,
}

impl CanarySection {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        Self {
            every: table.string("every"),
            missing_after: table.string("missing_after"),
            mailboxes: table.strings("mailboxes"),
        }
    }
}

impl Inspector<'_> {
    pub(super) fn canary(
        &mut self,
        own: AcknowledgementsSection,
        canary: Option<CanarySection>,
        names: Vec<String>,
    ) -> Settings {
        let directories: Vec<_> = own.directories.iter().map(|directory| self.path(directory)).collect();
        // The web side sends test letters; what comes back is the other side's.
        if self.role != Role::Web {
            for directory in directories.iter().filter(|directory| !directory.is_dir()) {
                let what = format!(
                    "The directory {} for acknowledgements is not there.",
                    directory.display()
                );
                self.problem(
                    "acknowledgements.directories",
                    what,
                    "Make it, and let the service read and write it.",
                );
            }
        }
        let unopened_after = own.unopened_after;
        let unopened_after =
            unopened_after.map(|text| self.duration("acknowledgements.unopened_after", Some(&text), HOUR));
        let rounds = canary.map(|canary| self.rounds(canary, names));
        if directories.is_empty() && (rounds.is_some() || unopened_after.is_some()) {
            let what = "Nobody can say that a letter was opened: there is no place for acknowledgements.".into();
            let remedy =
                "Name one in [acknowledgements] `directories`, and let the post room use `postrom open --ack-to`.";
            self.problem("canary", what, remedy);
        }
        Settings {
            directories,
            unopened_after,
            rounds,
        }
    }

    fn rounds(&mut self, raw: CanarySection, names: Vec<String>) -> Rounds {
        let every = self.duration("canary.every", raw.every.as_deref(), HOUR * 24);
        let missing_after = self.duration("canary.missing_after", raw.missing_after.as_deref(), HOUR * 12);
        let mailboxes = raw.mailboxes.unwrap_or_else(|| names.clone());
        for name in mailboxes.iter().filter(|name| !names.contains(name)) {
            let what = format!("There is no mailbox `{name}` for test letters.");
            self.problem("canary.mailboxes", what, "Write the `name` of a [[mailbox]].");
        }
        self.tell(
            "canary",
            Diagnostic::good(format!("test letters to {}", mailboxes.join(", "))),
        );
        Rounds {
            every,
            missing_after,
            mailboxes,
        }
    }
}
