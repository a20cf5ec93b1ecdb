//! What a running service takes up of a configuration that is read again, and what needs a restart.

use std::path::Path;

use toml::{Table, Value};

use super::overrides::Role;
use crate::diagnostic::Diagnostic;

/// Tables that are taken up whole, and single settings of `[mail]`. All else of the file needs a restart.
const TAKEN: [&str; 4] = ["authority", "limits", "forms", "mailbox"];
const TAKEN_OF_MAIL: [&str; 4] = ["from_name", "from_address", "envelope_from", "subject"];
/// What the one half does not read, and so need not be started again for.
const ONLY_RELAY: [&str; 1] = ["alarm"];
const ONLY_WEB: [&str; 3] = ["listen", "signing", "languages"];

/// Tables of the file that differ from what the service was started with, and that it does not take up while it runs.
pub fn needs_restart(started: &str, now: &str, role: Role) -> Vec<String> {
    let (Ok(started), Ok(now)) = (started.parse::<Table>(), now.parse::<Table>()) else {
        return Vec::new();
    };
    let foreign: &[&str] = match role {
        Role::All => &[],
        Role::Web => &ONLY_RELAY,
        Role::Relay => &ONLY_WEB,
    };
    let mut names: Vec<&String> = started.keys().chain(now.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !TAKEN.contains(&name.as_str()) && !foreign.contains(&name.as_str()));
    let changed = names.into_iter().filter(|name| {
        let of = |file: &Table| file.get(*name).map(|value| without_taken(name, value));
        of(&started) != of(&now)
    });
    changed.map(|name| format!("[{name}]")).collect()
}

fn without_taken(name: &str, value: &Value) -> Value {
    let mut value = value.clone();
    if let ("mail", Value::Table(mail)) = (name, &mut value) {
        mail.retain(|key, _| !TAKEN_OF_MAIL.contains(&key));
    }
    value
}

/// Whether a diagnostic is about something that is taken up: of the file itself by its key, and every other file.
pub fn is_taken_up(found: &Diagnostic, path: &Path) -> bool {
    if found.file.as_deref().is_some_and(|file| file != path) {
        return true;
    }
    let key = found.key.as_deref().unwrap_or_default();
    let mut steps = key.split('.');
    match (steps.next(), steps.next()) {
        (Some("mail"), Some(setting)) => TAKEN_OF_MAIL.contains(&setting),
        (Some(table), _) => TAKEN.contains(&table),
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTED: &str =
        "[listen]\naddress = 'a'\n[mail]\nsubject = 'x'\n[mail.smtp]\nhost = 'h'\n[alarm]\ncalm = '1m'\n";

    fn needs(from: &str, to: &str, role: Role) -> Vec<String> {
        assert!(STARTED.contains(from));
        needs_restart(STARTED, &STARTED.replace(from, to), role)
    }

    #[test]
    fn what_is_not_taken_up_is_named_once_and_only_to_whom_it_concerns() {
        assert!(needs("'x'", "'y'", Role::All).is_empty());
        assert!(
            needs(
                "[alarm]",
                "[authority]\nname = 'n'\n[[mailbox]]\nname = 'm'\n[alarm]",
                Role::All
            )
            .is_empty()
        );
        assert_eq!(needs("'h'", "'i'", Role::Web), ["[mail]"]);
        assert_eq!(needs("'a'", "'b'", Role::Web), ["[listen]"]);
        assert!(needs("'a'", "'b'", Role::Relay).is_empty());
        assert_eq!(needs("[alarm]\ncalm = '1m'", "", Role::Relay), ["[alarm]"]);
        assert!(needs("'1m'", "'2m'", Role::Web).is_empty());
        assert_eq!(
            needs("[alarm]", "[spool]\ndirectory = 's'\n[alarm]", Role::Web),
            ["[spool]"]
        );
    }

    #[test]
    fn what_a_diagnostic_is_about_is_told_by_its_place() {
        let path = Path::new("konvolutt.toml");
        let about = |key: &str| is_taken_up(&Diagnostic::problem("x", "y").in_file(path).about(key), path);
        assert!(about("mailbox.0.address") && about("forms.files") && about("mail.from_address"));
        assert!(
            !about("signing.key")
                && !about("mail.smtp.ca_file")
                && !about("alarm.webhook")
                && !about("spool.directory")
        );
        assert!(is_taken_up(
            &Diagnostic::problem("x", "y")
                .in_file(Path::new("forms/a.toml"))
                .about("title"),
            path
        ));
    }
}
