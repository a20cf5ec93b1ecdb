//! Reads everything that the configuration names, and says all that is wrong with it.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::inspector::Inspector;
use super::logins::Side;
use super::look::Name;
use super::overrides::{Overrides, Role};
use super::place::real;
use super::written::{SpoolSection, Written};
use super::{Config, Inspection, MailboxSettings};
use crate::diagnostic::{Diagnostic, Table, TomlFile};
use crate::form::{self, Form, Text};
use crate::i18n::{self, Lang};
use crate::store::files;

/// Reads the configuration and everything it names.
pub fn inspect(path: &Path, overrides: &Overrides) -> Inspection {
    let mut diagnostics = Vec::new();
    let file = TomlFile::read(path, &mut diagnostics);
    let config = file.and_then(|file| read(path, file, overrides, &mut diagnostics));
    Inspection { config, diagnostics }
}

/// As [`inspect`], of a file whose text was read before.
pub fn inspect_text(path: &Path, text: String, overrides: &Overrides) -> Inspection {
    let mut diagnostics = Vec::new();
    let config = read(path, TomlFile::of(path, text), overrides, &mut diagnostics);
    Inspection { config, diagnostics }
}

fn read(path: &Path, file: TomlFile, overrides: &Overrides, diagnostics: &mut Vec<Diagnostic>) -> Option<Config> {
    let (raw, shape_is_good) = Table::read_all(&file, diagnostics, Written::read);
    let raw = raw?;
    let mut inspector = Inspector {
        base: path.parent().unwrap_or(Path::new("")).to_owned(),
        file,
        role: overrides.role,
        handed_over: RefCell::default(),
        other_texts: false,
        shape_is_good,
        diagnostics,
    };
    let config = inspector.config(raw, overrides);
    config.filter(|_| inspector.shape_is_good)
}

impl Inspector<'_> {
    fn config(&mut self, raw: Written, overrides: &Overrides) -> Option<Config> {
        self.names_are_plain(&raw.mail, &raw.mailbox);
        self.mailbox_names(&raw.mailbox);
        let listen = self.listeners(&raw.listen, raw.limits, raw.health.as_deref(), overrides);
        let (forms, mailboxes) = match self.role {
            Role::Relay => (Vec::new(), Vec::new()),
            Role::All | Role::Web => {
                let spoken = self.languages(&raw.languages);
                (self.forms(&raw.forms, &spoken), self.mailboxes(&raw.mailbox))
            }
        };
        let texts = raw.forms.iter().chain(&raw.languages).chain(&raw.authority.logo);
        let texts = texts.map(|file| self.path(file)).collect();
        let look = self.look(&raw.authority);
        let names = raw.mailbox.iter().map(|mailbox| mailbox.name.clone()).collect();
        let canary = self.canary(raw.acknowledgements, raw.canary, names);
        let service = raw.authority.name.any();
        let authority = self.authority(&raw.authority.name, &forms);
        let letter_language = self.letter_language(raw.authority.letter_language.as_deref(), &forms);
        self.language_law(raw.authority.state_body, &forms);
        self.forms_have_mailboxes(&forms, &mailboxes);
        let spool = self.spool(&raw.spool, overrides);
        if raw.database.is_none() {
            self.letters_last(&spool.directory, &forms);
        }
        let sides = Side::of(self.role);
        let database = raw.database.and_then(|raw| self.database(raw, &spool, sides));
        let signing = self.signing(&raw.signing, &raw.mail.from_address);
        let time_zone = self.time_zone(&raw.authority.time_zone);
        let alarm = self.alarm(raw.alarm, &service, &spool);
        self.refresh(raw.refresh);
        let mut mail = self.mail(raw.mail, &raw.mailbox);
        let bounces = self.bounces(raw.bounces, &canary.directories, &spool, mail.as_mut());
        Some(Config {
            authority,
            letter_language,
            look,
            time_zone: time_zone?,
            listen: listen?,
            spool,
            database,
            signing: signing?,
            mail: mail?,
            alarm,
            canary,
            bounces,
            forms,
            mailboxes,
            texts,
            other_texts: self.other_texts,
            handed_over: self.handed_over.take(),
        })
    }

    /// Gives the languages that a form can have: those whose texts are read here, and the built-in ones. One that this process
    /// speaks since an earlier reading is not among them: the next start would not know it.
    fn languages(&mut self, files: &[PathBuf]) -> Vec<&'static str> {
        let mut read: Vec<_> = Lang::built_in().map(Lang::code).collect();
        for file in files {
            let path = self.path(file);
            match i18n::load(&path, self.diagnostics) {
                Some(texts) if read.contains(&texts.code()) => {
                    let what = format!("Two files hold the texts in `{}`.", texts.code());
                    self.broken("languages.files", what, "Name one of them.");
                }
                Some(texts) => {
                    let told = format!("texts in `{}`", texts.code());
                    self.diagnostics.push(Diagnostic::good(told).in_file(&path));
                    read.push(texts.code());
                    self.other_texts |= !i18n::speak(texts);
                }
                None => self.shape_is_good = false,
            }
        }
        read
    }

    fn authority(&mut self, name: &Name, forms: &[Form]) -> Text {
        let name = name.text();
        let mut languages: Vec<&str> = forms
            .iter()
            .flat_map(|form| &form.languages)
            .map(String::as_str)
            .collect();
        languages.sort_unstable();
        languages.dedup();
        for lang in languages {
            let key = "authority.name";
            match name.get(lang).chars().count() {
                0 => self.broken(
                    key,
                    format!("The authority has no name in {lang:?}."),
                    "Write it in every language of the forms.",
                ),
                1..=200 => {}
                _ => self.broken(
                    key,
                    format!("The authority's name in {lang:?} is too long."),
                    "Write at most 200 characters.",
                ),
            }
        }
        name
    }

    fn forms(&mut self, files: &[PathBuf], spoken: &[&str]) -> Vec<Form> {
        let today = Zoned::now().date();
        let mut forms: Vec<Form> = Vec::new();
        for file in files {
            let path = self.path(file);
            match form::read(&path, spoken, today, self.diagnostics) {
                Some(form) if forms.iter().any(|known| known.slug == form.slug) => {
                    let what = format!("Two forms have the slug `{}`.", form.slug);
                    self.broken("forms.files", what, "Give each form a slug of its own.");
                }
                Some(form) => {
                    let told = told(&form).map(|one| Diagnostic::good(one).in_file(&path));
                    self.diagnostics.extend(told);
                    forms.push(form);
                }
                None => self.shape_is_good = false,
            }
        }
        if files.is_empty() {
            self.broken(
                "forms.files",
                "No form is named.".into(),
                "Name at least one form file.",
            );
        }
        forms
    }

    fn forms_have_mailboxes(&mut self, forms: &[Form], mailboxes: &[MailboxSettings]) {
        for form in forms {
            let own = mailboxes.iter().find(|mailbox| mailbox.name == form.mailbox);
            if form.takes_files() && own.is_some_and(|own| own.files.total(form.longest_text()) == 0) {
                let what = format!(
                    "A mail to `{}` has no room for a file beside the text of `{}`.",
                    form.mailbox, form.slug
                );
                self.problem(
                    "mailbox",
                    what,
                    "Raise `message_limit_mb` to what the mail server takes.",
                );
            }
            if !mailboxes.iter().any(|mailbox| mailbox.name == form.mailbox) {
                let what = format!(
                    "The form `{}` goes to the mailbox `{}`, which is not there.",
                    form.slug, form.mailbox
                );
                self.broken(
                    "forms.files",
                    what,
                    "Add a `[[mailbox]]` of that name, or correct the form's `mailbox`.",
                );
            }
        }
    }

    pub(super) fn spool(&mut self, raw: &SpoolSection, overrides: &Overrides) -> files::Settings {
        let settings = self.spool_unasked(raw, overrides);
        let directory = &settings.directory;
        if self.can_be_written("spool.directory", "spool", directory) {
            let told = format!("spool {}", directory.display());
            self.tell("spool.directory", Diagnostic::good(told));
        }
        self.floors(directory, raw);
        if raw.drafts.is_some() && self.role != Role::Relay {
            self.drafts(&settings);
        }
        settings
    }

    /// What is written of the spool, without a look at its disk, which may hang.
    pub(super) fn spool_unasked(&mut self, raw: &SpoolSection, overrides: &Overrides) -> files::Settings {
        let directory = overrides.spool.clone().unwrap_or_else(|| self.path(&raw.directory));
        let drafts = raw.drafts.as_ref().map(|drafts| self.path(drafts));
        files::Settings {
            drafts: drafts.unwrap_or_else(|| files::Settings::default_drafts(&directory)),
            directory,
            min_free: raw.min_free_mb.saturating_mul(1_000_000),
            min_free_inodes: raw.min_free_inodes,
            keep_delivered_days: raw.keep_delivered_days,
        }
    }

    /// Drafts beside letters could be taken for letters, and whoever may write drafts could read what waits.
    fn drafts(&mut self, spool: &files::Settings) {
        self.can_be_written("spool.drafts", "drafts", &spool.drafts);
        let drafts = real(&spool.drafts);
        let holds_the_spool = real(&spool.directory).starts_with(&drafts);
        if holds_the_spool || spool.for_delivery().any(|place| drafts.starts_with(real(&place))) {
            let what = format!("The drafts {} would lie among the letters.", spool.drafts.display());
            let remedy = "Give them a directory of their own, or leave `drafts` out.";
            self.broken("spool.drafts", what, remedy);
        }
    }

    fn can_be_written(&mut self, key: &str, name: &str, directory: &Path) -> bool {
        let Err(error) = writable(directory) else {
            return true;
        };
        let what = format!("The {name} {} cannot be written: {error}.", directory.display());
        let remedy = "Make the directory and give it to the user that the service runs as.";
        self.broken(key, what, remedy);
        false
    }

    /// Below a floor the form is closed: `check` says so before it happens.
    fn floors(&mut self, directory: &Path, raw: &SpoolSection) {
        let there = directory.ancestors().find(|path| path.is_dir());
        let Some(stat) = there.and_then(|path| rustix::fs::statvfs(path).ok()) else {
            return;
        };
        let free = stat.f_bavail.saturating_mul(stat.f_frsize) / 1_000_000;
        let remedy = "Make room, or give the spool a larger disk.";
        if free < raw.min_free_mb {
            let what =
                format!("The spool's disk has {free} MB free, less than `min_free_mb`: the form would be closed.");
            self.problem("spool.min_free_mb", what, remedy);
        }
        if stat.f_files > 0 && stat.f_favail < raw.min_free_inodes {
            let left = stat.f_favail;
            let what = format!(
                "The spool's disk has room for {left} more files, less than `min_free_inodes`: the form would be closed."
            );
            self.problem("spool.min_free_inodes", what, remedy);
        }
    }

    fn time_zone(&mut self, name: &str) -> Option<TimeZone> {
        let zone = TimeZone::get(name).ok();
        if zone.is_none() {
            self.broken(
                "authority.time_zone",
                format!("There is no time zone {name:?}."),
                "Write for example `Europe/Oslo`.",
            );
        }
        zone
    }
}

/// What is said of a form that is good: that it is, and what it does that an operator should have meant.
fn told(form: &Form) -> impl Iterator<Item = String> {
    let slug = &form.slug;
    let copy = format!(
        "what was sent with `{slug}` can be opened once more within a minute, by whoever holds the device then"
    );
    let copy = form.receipt.copy.then_some(copy);
    std::iter::once(format!("form `{slug}`")).chain(copy)
}

/// Whether the directory can be written, or could be made. Makes nothing: what root made here the service could not
/// use.
fn writable(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if let Ok(meta) = fs::metadata(directory) {
        let own = rustix::process::geteuid().as_raw();
        if meta.uid() != own {
            let text = format!(
                "it belongs to user {}, and this is user {own}; run `check` as the service's user",
                meta.uid()
            );
            return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, text));
        }
    }
    let there = directory.ancestors().find(|path| path.symlink_metadata().is_ok());
    let there = there
        .filter(|path| path.is_dir())
        .ok_or(std::io::ErrorKind::NotADirectory)?;
    Ok(rustix::fs::access(
        there,
        rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK,
    )?)
}

#[cfg(test)]
mod tests {
    use super::super::inspector::tests::ask;
    use super::*;

    #[test]
    fn a_directory_that_can_be_made_is_writable_and_one_behind_a_file_is_not() {
        let dir = tempfile::tempdir().unwrap();
        assert!(writable(dir.path()).is_ok() && writable(&dir.path().join("a/b")).is_ok());
        fs::write(dir.path().join("file"), "").unwrap();
        assert!(writable(&dir.path().join("file/spool")).is_err());
        assert!(!dir.path().join("a").exists(), "looking makes nothing");
    }

    /// What is said of these drafts beside a spool, and whether anything can work with them.
    fn drafts(root: &Path, drafts: &Path) -> (bool, Vec<String>) {
        let spool = SpoolSection {
            directory: root.join("spool"),
            drafts: Some(drafts.to_owned()),
            min_free_mb: 0,
            min_free_inodes: 0,
            keep_delivered_days: 7,
        };
        let (good, told) = ask("[spool]\ndrafts = \"\"\n", |inspector| {
            inspector.spool(&spool, &Overrides::default());
            inspector.shape_is_good
        });
        let of_drafts = told
            .into_iter()
            .filter(|one| one.key.as_deref() == Some("spool.drafts"));
        (good, of_drafts.map(|one| one.what).collect())
    }

    #[test]
    fn drafts_do_not_lie_among_the_letters() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("spool/new")).unwrap();
        std::os::unix::fs::symlink(root.join("spool"), root.join("link")).unwrap();
        for own in [
            "spool/draft",
            "link/draft",
            "uploads",
            "spool/uploads",
            "spool-2",
            "spool/new/../draft",
        ] {
            assert_eq!(drafts(root, &root.join(own)), (true, vec![]), "{own}");
        }
        for wrong in [
            "spool",
            "spool/",
            "",
            "link",
            "spool/new",
            "link/new/drafts",
            "spool/held",
            "spool/corrupt/x",
            "spool/draft/../state",
            "nowhere/../spool/alarms",
        ] {
            let (good, told) = drafts(root, &root.join(wrong));
            assert!(!good, "{wrong}");
            assert!(told[0].contains("would lie among the letters"), "{wrong}: {told:?}");
        }
    }

    #[test]
    fn a_time_zone_has_a_name() {
        let (zone, told) = ask("[authority]\ntime_zone = \"Nowhere\"\n", |inspector| {
            (inspector.time_zone("Nowhere").is_none(), inspector.shape_is_good)
        });
        assert_eq!(zone, (true, false));
        assert_eq!(told[0].line, Some(2));
    }
}
