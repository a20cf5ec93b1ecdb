//! How the operator is notified of alarms.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

use super::inspector::Inspector;
use super::overrides::Role;
use super::{AlarmSettings, Escalation};
use crate::diagnostic::{Diagnostic, Table};
use crate::explain::sentence;
use crate::host_checks;
use crate::https::Address;
use crate::notify::{Command, Contact, Settings, Webhook};
use crate::store::files;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Who is told, as `[alarm]` and `[alarm.escalate]` both name it.
#[derive(Default)]
pub(super) struct ContactKeys {
    command: Option<Vec<String>>,
    webhook: Option<String>,
    webhook_token_file: Option<PathBuf>,
    webhook_ca_file: Option<PathBuf>,
}

impl ContactKeys {
    fn read(table: &mut Table<'_>) -> Self {
        Self {
            command: table.strings("command"),
            webhook: table.string("webhook"),
            webhook_token_file: table.path("webhook_token_file"),
            webhook_ca_file: table.path("webhook_ca_file"),
        }
    }
}

/// `[alarm.escalate]`.
struct EscalateSection {
    after: Option<String>,
    contact: ContactKeys,
}

impl EscalateSection {
    fn read(mut table: Table<'_>) -> Self {
        Self {
            after: table.string("after"),
            contact: ContactKeys::read(&mut table),
        }
    }
}

/// Durations are text here, such as `24h`.
#[derive(Default)]
pub(super) struct AlarmSection {
    contact: ContactKeys,
    escalate: Option<EscalateSection>,
    pub(super) timeout: Option<String>,
    pub(super) calm: Option<String>,
    pub(super) repeat: Option<String>,
    pub(super) free_mb: Option<u64>,
}

impl AlarmSection {
    pub(super) fn read(mut table: Table<'_>) -> Self {
        Self {
            contact: ContactKeys::read(&mut table),
            escalate: table.table("escalate").map(EscalateSection::read),
            timeout: table.string("timeout"),
            calm: table.string("calm"),
            repeat: table.string("repeat"),
            free_mb: table.whole("free_mb"),
        }
    }
}

impl Inspector<'_> {
    /// The web role has no way out and notifies nobody: for it nothing of this is read.
    pub(super) fn alarm(&mut self, raw: AlarmSection, service: &str, spool: &files::Settings) -> AlarmSettings {
        let raw = if self.role == Role::Web {
            AlarmSection::default()
        } else {
            raw
        };
        // In whole seconds, as it is given to the process that runs the command.
        let timeout = self.duration("alarm.timeout", raw.timeout.as_deref(), MINUTE / 4);
        let timeout = timeout.max(Duration::from_secs(1));
        AlarmSettings {
            host_checks: host_checks::Settings {
                // Some days of warning for most, and never after the form has closed.
                free_bytes: raw
                    .free_mb
                    .map_or(spool.min_free.saturating_mul(4), |mb| mb.saturating_mul(1_000_000))
                    .max(spool.min_free),
                free_inodes: 10_000.max(spool.min_free_inodes),
            },
            telling: Settings {
                service: service.to_owned(),
                calm: self.duration("alarm.calm", raw.calm.as_deref(), MINUTE),
                repeat: self.duration("alarm.repeat", raw.repeat.as_deref(), DAY),
                after: Duration::ZERO,
            },
            contact: self.contact("alarm", raw.contact, timeout),
            escalate: raw.escalate.map(|raw| self.escalation(raw, timeout)),
        }
    }

    fn escalation(&mut self, raw: EscalateSection, timeout: Duration) -> Escalation {
        const SECTION: &str = "alarm.escalate";
        if raw.contact.command.is_none() && raw.contact.webhook.is_none() {
            let what = "It names nobody who is told of what still stands.".to_owned();
            self.problem(
                SECTION,
                what,
                "Add a `command` or a `webhook` there, or remove the section.",
            );
        }
        Escalation {
            after: self.duration("alarm.escalate.after", raw.after.as_deref(), HOUR * 4),
            contact: self.contact(SECTION, raw.contact, timeout),
        }
    }

    fn contact(&mut self, section: &str, raw: ContactKeys, timeout: Duration) -> Contact {
        Contact {
            command: raw.command.and_then(|argv| self.command(section, argv, timeout)),
            webhook: self.webhook(
                section,
                raw.webhook,
                (raw.webhook_token_file.as_deref(), raw.webhook_ca_file.as_deref()),
                timeout,
            ),
        }
    }

    /// `90s`, `15m`, `36h`, `5d`; a day has 24 hours.
    pub(super) fn duration(&mut self, key: &str, text: Option<&str>, default: Duration) -> Duration {
        let Some(text) = text else {
            return default;
        };
        let span = text.parse::<Span>().ok();
        let read = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        let read = read.filter(|read| *read > SignedDuration::ZERO);
        read.and_then(|read| Duration::try_from(read).ok()).unwrap_or_else(|| {
            let what = format!("{text:?} is not a length of time.");
            self.broken(key, what, "Write for example `90s`, `15m`, `36h` or `5d`.");
            default
        })
    }

    /// A command that cannot be run keeps no letter from being taken, so nothing is broken.
    fn command(&mut self, section: &str, mut argv: Vec<String>, timeout: Duration) -> Option<Command> {
        let key = &*format!("{section}.command");
        let Some(first) = argv.first().filter(|first| !first.is_empty()) else {
            self.problem(
                key,
                "The command is empty.".into(),
                "Write the program and its arguments as a list.",
            );
            return None;
        };
        let program = self.path(Path::new(first));
        match executable(&program) {
            Ok(()) => self.tell(
                key,
                Diagnostic::good(format!("{} by the command {}", told(section), program.display())),
            ),
            Err(why) => {
                let what = format!("The command {} {why}.", program.display());
                self.problem(
                    key,
                    what,
                    "Write its full path, and make it a program that only you can change.",
                );
            }
        }
        argv[0] = program.to_string_lossy().into_owned();
        Some(Command { argv, timeout })
    }

    /// Who else reaches its token, and what its authority's file holds.
    fn webhook_files(&mut self, section: &str, token: Option<&Path>, ca_file: Option<&Path>) {
        if let Some(file) = ca_file {
            self.authority_file(&format!("{section}.webhook_ca_file"), "the webhook", file);
        }
        if let Some(file) = token {
            self.keeps_secret(&format!("{section}.webhook_token_file"), "the webhook's token", file);
        }
    }

    fn webhook(
        &mut self,
        section: &str,
        address: Option<String>,
        (token, ca_file): (Option<&Path>, Option<&Path>),
        timeout: Duration,
    ) -> Option<Webhook> {
        let key = &*format!("{section}.webhook");
        let Some(address) = address else {
            if token.or(ca_file).is_some() {
                self.problem(
                    section,
                    "There is no `webhook` that these settings are for.".into(),
                    "Add `webhook`.",
                );
            }
            return None;
        };
        let address = match Address::parse(&address) {
            Ok(address) => address,
            Err(why) => {
                self.broken(
                    key,
                    format!("The webhook's address {why}."),
                    "Write `https://host/path`; a password goes into `webhook_token_file`.",
                );
                return None;
            }
        };
        let ca_file = ca_file.map(|file| self.path(file));
        let token = token.map(|file| self.path(file));
        self.webhook_files(section, token.as_deref(), ca_file.as_deref());
        let usable = crate::relay::client_config(ca_file.as_deref()).and_then(|tls| {
            let webhook = Webhook {
                address,
                token: token.clone(),
                tls,
                timeout,
            };
            webhook.check_token().map(|()| webhook)
        });
        match usable {
            Ok(webhook) => {
                let what = format!("{} by a webhook at {}", told(section), webhook.address.host);
                self.tell(key, Diagnostic::good(what));
                Some(webhook)
            }
            Err(wrong) => {
                let what = format!("The webhook cannot be used: {wrong}.");
                self.problem(key, what, &sentence(&wrong.remedy));
                None
            }
        }
    }
}

/// How what a section comes to begins.
fn told(section: &str) -> &'static str {
    match section {
        "alarm" => "alarms are told",
        _ => "alarms that still stand are told",
    }
}

/// A program that others can change would run their code as this service's user.
fn executable(program: &Path) -> Result<(), &'static str> {
    let meta = std::fs::metadata(program).map_err(|_| "is not there, or cannot be looked at")?;
    let may_run = rustix::fs::access(program, rustix::fs::Access::EXEC_OK).is_ok();
    match meta.permissions().mode() {
        _ if !meta.is_file() || !may_run => Err("is not a program that can be run"),
        mode if mode & 0o002 != 0 => Err("can be changed by everybody on this machine"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::inspector::tests::ask;
    use super::*;

    #[test]
    fn a_length_of_time_has_a_unit_and_is_not_nothing() {
        let seconds = |text| {
            let (read, told) = ask("", |inspector| inspector.duration("alarm.calm", Some(text), MINUTE));
            (read.as_secs(), told.len())
        };
        assert_eq!(seconds("90s"), (90, 0));
        assert_eq!(seconds("15m"), (900, 0));
        assert_eq!(seconds("36h"), (36 * 3600, 0));
        assert_eq!(seconds("5d"), (5 * 86_400, 0));
        for wrong in ["", "5", "0s", "-3h", "1 fortnight", "99999999999999d"] {
            assert_eq!(seconds(wrong), (60, 1), "{wrong:?}");
        }
        let (unset, told) = ask("", |inspector| inspector.duration("alarm.calm", None, DAY));
        assert!(unset == DAY && told.is_empty());
    }

    /// An alarm after the form has closed would be late.
    #[test]
    fn the_disk_is_told_of_before_the_form_closes() {
        let told_at = |min_free, min_free_inodes| {
            let spool = files::Settings {
                min_free,
                min_free_inodes,
                ..files::Settings::at("spool".into())
            };
            let section = AlarmSection {
                free_mb: Some(1),
                ..AlarmSection::default()
            };
            let (settings, _) = ask("", |inspector| inspector.alarm(section, "", &spool));
            let host_checks::Settings {
                free_bytes,
                free_inodes,
            } = settings.host_checks;
            (free_bytes, free_inodes)
        };
        assert_eq!(told_at(1, 1000), (1_000_000, 10_000));
        assert_eq!(told_at(2_000_000, 50_000), (2_000_000, 50_000));
    }

    #[test]
    fn a_second_contact_that_names_nobody_is_a_problem() {
        let read = |text: &str| {
            let (settings, told) = ask("", |inspector| {
                let contact = ContactKeys {
                    webhook: Some(text.to_owned()).filter(|text| !text.is_empty()),
                    ..ContactKeys::default()
                };
                let section = AlarmSection {
                    escalate: Some(EscalateSection { after: None, contact }),
                    ..AlarmSection::default()
                };
                inspector.alarm(section, "", &files::Settings::at("spool".into()))
            });
            let escalation = settings.escalate.unwrap();
            let told: Vec<_> = told.iter().map(ToString::to_string).collect();
            (escalation.after, escalation.contact.webhook.is_some(), told.join("\n"))
        };
        let (after, has_webhook, told) = read("");
        assert_eq!((after, has_webhook), (HOUR * 4, false));
        assert!(told.contains("names nobody"), "{told}");
        let (_, has_webhook, told) = read("http://127.0.0.1:9/x");
        assert!(
            has_webhook && told.contains("alarms that still stand are told by a webhook"),
            "{told}"
        );
    }

    #[test]
    fn a_program_that_everybody_can_change_is_not_run() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("tell");
        let with_mode = |mode| {
            fs::write(&program, "").unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
            executable(&program)
        };
        assert!(executable(&program).unwrap_err().contains("not there"));
        assert_eq!(with_mode(0o755), Ok(()));
        assert!(with_mode(0o644).unwrap_err().contains("not a program"));
        assert!(with_mode(0o757).unwrap_err().contains("everybody"));
        assert!(executable(dir.path()).unwrap_err().contains("not a program"));
    }
}
