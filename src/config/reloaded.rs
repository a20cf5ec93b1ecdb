//! What a running service takes up of a configuration that is read again, and what needs a restart.

use std::path::Path;

use toml::{Table, Value};

use super::overrides::Role;
use crate::diagnostic::Diagnostic;

/// Tables that are taken up whole, and single settings of others. All else of the file needs a restart. Of `[languages]` what is
/// not taken up is in its files, and not in this one: `Config::other_texts`.
const TAKEN: [&str; 5] = ["authority", "limits", "languages", "forms", "mailbox"];
const TAKEN_OF: [(&str, &[&str]); 2] = [
    ("mail", &["from_name", "from_address", "envelope_from", "subject"]),
    // Of the sender's address, and so taken up with it: what comes back is known by its id, whatever stood before that.
    ("bounces", &["delimiter"]),
];
/// What the one half does not read, and so need not be started again for.
const ONLY_RELAY: [&str; 2] = ["alarm", "bounces"];
const ONLY_WEB: [&str; 2] = ["listen", "signing"];

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
        let of = |file: &Table| file.get(*name).and_then(|value| without_taken(name, value));
        of(&started) != of(&now)
    });
    changed.map(|name| format!("[{name}]")).collect()
}

/// What of a table needs a restart when it changes; of one that is partly taken up nothing, when nothing else is left of it.
fn without_taken(name: &str, value: &Value) -> Option<Value> {
    let (taken, mut value) = (taken_of(name), value.clone());
    if let Value::Table(table) = &mut value {
        table.retain(|key, _| !taken.contains(&key));
        if table.is_empty() && !taken.is_empty() {
            return None;
        }
    }
    Some(value)
}

fn taken_of(table: &str) -> &'static [&'static str] {
    let own = TAKEN_OF.iter().find(|(own, _)| *own == table);
    own.map_or(&[], |(_, settings)| settings)
}

/// Whether a diagnostic is about something that is taken up: of the file itself by its key, and every other file.
pub fn is_taken_up(found: &Diagnostic, path: &Path) -> bool {
    if found.file.as_deref().is_some_and(|file| file != path) {
        return true;
    }
    let key = found.key.as_deref().unwrap_or_default();
    let mut steps = key.split('.');
    let (table, setting) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
    TAKEN.contains(&table) || taken_of(table).contains(&setting)
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
        let with_delimiter = "[bounces]\ndelimiter = '+'\n[alarm]";
        assert!(needs("[alarm]", with_delimiter, Role::All).is_empty());
        let with_directory = "[bounces]\ndelimiter = '+'\ndirectories = ['b']\n[alarm]";
        assert_eq!(needs("[alarm]", with_directory, Role::Relay), ["[bounces]"]);
        assert!(needs("[alarm]", with_directory, Role::Web).is_empty());
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
        assert!(about("bounces.delimiter") && !about("bounces.directories"));
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
