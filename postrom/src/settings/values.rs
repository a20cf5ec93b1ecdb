//! From the values of a file to those of [`Settings`].

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use toml::Spanned;
use toml::de::DeValue;

use super::mistake::{Kind, Mistake, SettingsError, line_at};
use super::{FORMS, LOCK_AFTER, LedgerPlace, MailPlace, NAMES, Settings, mail_place};
use crate::i18n::Lang;

type Value<'a> = Spanned<DeValue<'a>>;

/// What else people write for a name: the flag's name, or the next best word.
const ALSO: [(&str, &str); 15] = [
    ("key", "keys"),
    ("lang", "language"),
    ("ack", "acknowledge"),
    ("ack_to", "acknowledge"),
    ("input", "mail"),
    ("mails", "mail"),
    ("mailbox", "mail"),
    ("output", "out"),
    ("relays", "relay"),
    ("officer", "officers"),
    ("password_file", "mail_password_file"),
    ("token_file", "mail_token_file"),
    ("ca_file", "mail_ca_file"),
    ("marks", "marks_in_mailbox"),
    ("lock", "lock_after"),
];

/// Reads one file.
pub(super) struct Reader<'a> {
    file: &'a Path,
    text: &'a str,
    folder: &'a Path,
    home: Option<&'a Path>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a Path, text: &'a str, home: Option<&'a Path>) -> Self {
        Self {
            file,
            text,
            folder: file.parent().unwrap_or(Path::new("")),
            home,
        }
    }

    /// One name of the file with its value.
    pub(super) fn take(
        &self,
        name: &Spanned<Cow<'_, str>>,
        value: &Value<'_>,
        to: &mut Settings,
    ) -> Result<(), SettingsError> {
        let Some(known) = NAMES.into_iter().find(|known| *known == name.get_ref()) else {
            return Err(self.wrong(name.span(), unknown(name.get_ref())));
        };
        match known {
            "mail" => self.mail(known, value, to)?,
            "keys" => to.keys = self.paths(known, value)?,
            "relay" => to.relay = self.paths(known, value)?,
            "known" => to.known = self.paths(known, value)?,
            "passphrase_file" => to.passphrase_file = self.paths(known, value)?,
            "out" => to.out = Some(self.path(known, Kind::Path, value)?),
            "acknowledge" => to.acknowledge = Some(self.path(known, Kind::Path, value)?),
            "language" => to.language = Some(self.language(known, value)?),
            "ledger" => to.ledger = Some(self.ledger(known, value)?),
            _ => self.take_of_desk(known, value, to)?,
        }
        Ok(())
    }

    /// What only the desk uses.
    fn take_of_desk(&self, known: &'static str, value: &Value<'_>, to: &mut Settings) -> Result<(), SettingsError> {
        match known {
            "mail_password_file" => to.mail_password_file = Some(self.path(known, Kind::Path, value)?),
            "mail_token_file" => to.mail_token_file = Some(self.path(known, Kind::Path, value)?),
            "mail_ca_file" => to.mail_ca_file = Some(self.path(known, Kind::Path, value)?),
            "move_opened_to" => to.move_opened_to = Some(self.said(known, Kind::Text, value)?.to_owned()),
            "marks_in_mailbox" => to.marks_in_mailbox = self.yes_no(known, value)?,
            "lock_after" => to.lock_after = Some(self.minutes(known, value)?),
            "archive" => to.archive = Some(self.path(known, Kind::Path, value)?),
            "arkivmelding" => to.arkivmelding = Some(self.form(known, value)?),
            _ => to.officers = self.paths(known, value)?,
        }
        Ok(())
    }

    /// Folders and files, and mailboxes on servers.
    fn mail(&self, name: &'static str, value: &Value<'_>, to: &mut Settings) -> Result<(), SettingsError> {
        let all: Vec<&Value<'_>> = match value.get_ref() {
            DeValue::Array(list) if list.is_empty() => return Err(self.wrong(value.span(), Mistake::Empty { name })),
            DeValue::Array(list) => list.iter().collect(),
            _ => vec![value],
        };
        for one in all {
            match mail_place(self.said(name, Kind::Paths, one)?) {
                Ok(MailPlace::Here(_)) => to.mail.push(self.path(name, Kind::Paths, one)?),
                Ok(MailPlace::Server(server)) => to.servers.push(server),
                Err(why) => return Err(self.wrong(one.span(), Mistake::BadServer(why))),
            }
        }
        Ok(())
    }

    fn yes_no(&self, name: &'static str, value: &Value<'_>) -> Result<bool, SettingsError> {
        let kind = Kind::YesNo;
        let wrong = || self.wrong(value.span(), Mistake::WrongKind { name, kind });
        value.get_ref().as_bool().ok_or_else(wrong)
    }

    fn minutes(&self, name: &'static str, value: &Value<'_>) -> Result<Duration, SettingsError> {
        let wrong = |mistake| self.wrong(value.span(), mistake);
        let kind = Kind::Minutes;
        let number = value.get_ref().as_integer();
        let number = number.and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        let minutes = number.ok_or_else(|| wrong(Mistake::WrongKind { name, kind }))?;
        match u64::try_from(minutes) {
            Ok(some) if LOCK_AFTER.contains(&minutes) => Ok(Duration::from_secs(some * 60)),
            _ => Err(wrong(Mistake::OutOfBounds { name })),
        }
    }

    fn form(&self, name: &'static str, value: &Value<'_>) -> Result<&'static str, SettingsError> {
        let said = self.said(name, Kind::Text, value)?;
        let known = FORMS.into_iter().find(|known| known.eq_ignore_ascii_case(said));
        known.ok_or_else(|| self.wrong(value.span(), Mistake::UnknownForm { said: said.into() }))
    }

    /// A list; one path by itself is a list of one.
    fn paths(&self, name: &'static str, value: &Value<'_>) -> Result<Vec<PathBuf>, SettingsError> {
        match value.get_ref() {
            DeValue::Array(list) if list.is_empty() => Err(self.wrong(value.span(), Mistake::Empty { name })),
            DeValue::Array(list) => list.iter().map(|one| self.path(name, Kind::Paths, one)).collect(),
            _ => Ok(vec![self.path(name, Kind::Paths, value)?]),
        }
    }

    fn path(&self, name: &'static str, kind: Kind, value: &Value<'_>) -> Result<PathBuf, SettingsError> {
        let said = self.said(name, kind, value)?;
        let below_home = said.strip_prefix("~/").or_else(|| said.strip_prefix("~\\"));
        match (below_home, self.home) {
            (Some(rest), Some(home)) => Ok(home.join(rest)),
            (Some(_), None) => Err(self.wrong(value.span(), Mistake::NoHome { name })),
            (None, _) => Ok(self.folder.join(said)),
        }
    }

    fn language(&self, name: &'static str, value: &Value<'_>) -> Result<Lang, SettingsError> {
        let said = self.said(name, Kind::Language, value)?;
        Lang::from_str(said, true).map_err(|_| self.wrong(value.span(), Mistake::UnknownLanguage { said: said.into() }))
    }

    fn ledger(&self, name: &'static str, value: &Value<'_>) -> Result<LedgerPlace, SettingsError> {
        match LedgerPlace::parse(self.said(name, Kind::Ledger, value)?) {
            place @ (LedgerPlace::Off | LedgerPlace::Default) => Ok(place),
            LedgerPlace::File(_) => Ok(LedgerPlace::File(self.path(name, Kind::Ledger, value)?)),
        }
    }

    fn said<'v>(&self, name: &'static str, kind: Kind, value: &'v Value<'_>) -> Result<&'v str, SettingsError> {
        match value.get_ref() {
            DeValue::String(said) if said.trim().is_empty() => Err(self.wrong(value.span(), Mistake::Empty { name })),
            DeValue::String(said) => Ok(said),
            _ => Err(self.wrong(value.span(), Mistake::WrongKind { name, kind })),
        }
    }

    fn wrong(&self, at: Range<usize>, mistake: Mistake) -> SettingsError {
        mistake.of(self.file, Some(line_at(self.text, at.start)))
    }
}

fn unknown(name: &str) -> Mistake {
    let plain = name.to_lowercase().replace('-', "_");
    let same = NAMES.into_iter().find(|known| *known == plain);
    let other = ALSO.iter().find(|(also, _)| *also == plain).map(|(_, known)| *known);
    let begun = || {
        let near = |known: &&str| plain.len() >= 3 && (known.starts_with(&plain) || plain.starts_with(known));
        NAMES.into_iter().find(near)
    };
    Mistake::UnknownName {
        name: name.to_owned(),
        meant: same.or(other).or_else(begun),
    }
}
