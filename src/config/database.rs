//! `[store.postgres]`: letters in a database that several nodes share.

use std::path::{Path, PathBuf};

use validator::{ValidateLength, ValidateRange};

use super::hosts::host;
use super::inspector::Inspector;
use super::logins::{LONGEST_NAME, LoginSection, Side, no_password};
use super::values::{optional, words};
use crate::diagnostic::{Diagnostic, Table};
use crate::explain::sentence;
use crate::relay::client_config;
use crate::store::files;
use crate::store::postgres::{self, Host, Login, Settings};

/// More machines than this nobody waits for before a receipt.
const MOST_STANDBYS: u32 = 16;

pub(super) struct DatabaseSection {
    hosts: Vec<String>,
    database: String,
    ca: Option<PathBuf>,
    standbys: u32,
    node: String,
    most_gb: u64,
    logins: [LoginSection; 3],
}

/// `[store]`, which names one place at most.
pub(super) fn store_section(root: &mut Table<'_>) -> Option<Option<DatabaseSection>> {
    let database = root.table("store").and_then(|mut store| {
        let postgres = store.table("postgres");
        postgres.map(DatabaseSection::read)
    });
    optional(database)
}

impl DatabaseSection {
    fn read(mut table: Table<'_>) -> Option<Self> {
        no_password(&mut table);
        table.must_have("hosts");
        let hosts = table.strings("hosts");
        let database = words(&mut table, "database", LONGEST_NAME);
        // How many machines a receipt stands for is the operator's word, and so has no default.
        table.must_have("standbys");
        let standbys: Option<u32> = table.whole("standbys");
        if let Some(standbys) = standbys {
            let fits = standbys.validate_range(None, Some(MOST_STANDBYS), None, None);
            table.rule("standbys", fits, &format!("must be a number from 0 to {MOST_STANDBYS}"));
        }
        let node = table.needed("node");
        if let Some(node) = &node {
            let says = "must have 1 to 16 of the symbols a–z, 0–9 and `-`; no other node may have the same";
            table.rule("node", is_node(node), says);
        }
        let most_gb = table.whole("most_gb").unwrap_or(50);
        table.rule("most_gb", most_gb > 0, "must be at least 1: nothing would fit");
        let ca = table.path("ca");
        let [web, relay, operator] = Side::ALL.map(|side| LoginSection::read(table.table(side.name()), side));
        Some(Self {
            ca,
            most_gb,
            hosts: hosts?,
            database: database?,
            standbys: standbys?,
            node: node?,
            logins: [web?, relay?, operator?],
        })
    }
}

fn is_node(name: &str) -> bool {
    let symbol = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.validate_length(Some(1), Some(16), None) && name.bytes().all(symbol)
}

impl Inspector<'_> {
    /// What is written, and what these sides can do with it.
    pub(super) fn database(
        &mut self,
        raw: DatabaseSection,
        spool: &files::Settings,
        sides: &[Side],
    ) -> Option<Settings> {
        if !postgres::IS_BUILT {
            let what = "This program was built without PostgreSQL.".into();
            let remedy = "Use the packaged one, or build it with `--features postgres`; or remove [store.postgres], and the letters are files of the spool.";
            self.broken("store.postgres", what, remedy);
            return None;
        }
        let hosts = self.hosts(&raw.hosts);
        let ca = raw.ca.map(|file| self.path(&file));
        if let Some(file) = &ca {
            self.database_authority(file);
        }
        let over_the_net = hosts.iter().any(|host| matches!(host, Host::Net(..)));
        self.users_differ(&raw.logins);
        let logins = Side::ALL.into_iter().zip(raw.logins);
        let logins: Vec<Login> = logins
            .map(|(side, login)| self.login_of(side, login, over_the_net, sides.contains(&side)))
            .collect();
        let [web, relay, operator] = logins.try_into().ok()?;
        if !hosts.is_empty() {
            let told = format!("letters in the database {}, as node `{}`", raw.database, raw.node);
            self.tell("store.postgres", Diagnostic::good(told));
        }
        Some(Settings {
            hosts,
            database: raw.database,
            ca,
            standbys: raw.standbys,
            node: raw.node,
            web,
            relay,
            operator,
            local: spool.clone(),
            most_bytes: raw.most_gb.saturating_mul(1_000_000_000),
        })
    }

    fn hosts(&mut self, written: &[String]) -> Vec<Host> {
        let mut hosts = Vec::new();
        if written.is_empty() {
            let what = "`store.postgres.hosts` names no server.".into();
            let remedy = "Write each as `name` or `name:port`, or the directory of the server's Unix socket.";
            self.broken("store.postgres.hosts", what, remedy);
        }
        for (place, text) in written.iter().enumerate() {
            let key = format!("store.postgres.hosts.{place}");
            match host(text) {
                Ok(host) if hosts.contains(&host) => {
                    self.broken(&key, "This server is named twice.".into(), "Remove one of both.");
                }
                Ok(host) => hosts.push(host),
                Err(wrong) => self.broken(&key, sentence(&wrong.what), &sentence(&wrong.remedy)),
            }
        }
        hosts
    }

    fn database_authority(&mut self, file: &Path) {
        const KEY: &str = "store.postgres.ca";
        match client_config(Some(file)) {
            Ok(_) => drop(self.authority_file(KEY, "the database", file)),
            Err(wrong) => self.cannot_log_in(KEY, &wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::super::inspector::tests::ask;
    use super::super::overrides::Role;
    use super::*;
    use crate::diagnostic::{Severity, TomlFile};

    const WHOLE: &str = r#"[store.postgres]
hosts = ["db1.etaten.no", "/run/postgresql"]
database = "konvolutt"
standbys = 1
node = "a"
[store.postgres.web]
password_file = "web.password"
[store.postgres.relay]
password_file = "relay.password"
[store.postgres.operator]
password_file = "operator.password"
"#;

    /// What comes of a section, with each line and sentence that is no praise. The files are there, for their owner alone.
    fn read(text: &str, sides: &[Side]) -> (Option<Settings>, Vec<(usize, String, String)>) {
        let dir = tempfile::tempdir().unwrap();
        for side in Side::ALL {
            let file = dir.path().join(format!("{}.password", side.name()));
            fs::write(&file, "of a test\n").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::write(dir.path().join("empty"), "").unwrap();
        fs::set_permissions(dir.path().join("empty"), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(dir.path().join("open"), "of a test\n").unwrap();
        fs::set_permissions(dir.path().join("open"), fs::Permissions::from_mode(0o644)).unwrap();
        let mut found = Vec::new();
        let path = dir.path().join("konvolutt.toml");
        let file = TomlFile::of(&path, text.to_owned());
        let (raw, _) = Table::read_all(&file, &mut found, |mut root| store_section(&mut root));
        let spool = files::Settings::at(dir.path().join("spool"));
        let settings = raw.flatten().and_then(|raw| {
            let (settings, told) = ask(text, |inspector| {
                inspector.base = dir.path().to_owned();
                let settings = inspector.database(raw, &spool, sides);
                settings.filter(|_| inspector.shape_is_good)
            });
            found.extend(told);
            settings
        });
        let found = found.into_iter().filter(|one| one.severity != Severity::Good);
        let found = found.map(|one| (one.line.unwrap_or(0), one.what, one.remedy)).collect();
        (settings, found)
    }

    #[test]
    fn a_whole_section_is_taken_as_it_is_written() {
        let (settings, found) = read(WHOLE, &Side::ALL);
        assert!(found.is_empty(), "{found:?}");
        let settings = settings.unwrap();
        let socket = Host::Socket("/run/postgresql".into(), 5432);
        assert_eq!(settings.hosts, [Host::Net("db1.etaten.no".into(), 5432), socket]);
        let users = [settings.web, settings.relay, settings.operator].map(|login| login.user);
        assert_eq!(users, ["konvolutt_web", "konvolutt_relay", "konvolutt_operator"]);
        assert_eq!((settings.standbys, settings.node.as_str()), (1, "a"));
        assert_eq!(
            (settings.most_bytes, settings.local.keep_delivered_days),
            (50_000_000_000, 7)
        );
        assert!(settings.local.secret().ends_with("spool/secret"));
    }

    /// Each change of the whole section, the line at which it is told, and words of what is told.
    const MISTAKES: [(&str, &str, usize, &str); 25] = [
        (
            "hosts = [\"db1.etaten.no\", \"/run/postgresql\"]\n",
            "hosts = []\n",
            2,
            "names no server",
        ),
        (
            "hosts = [\"db1.etaten.no\", \"/run/postgresql\"]\n",
            "",
            1,
            "`store.postgres.hosts` is missing",
        ),
        (
            "\"db1.etaten.no\"",
            "\"postgres://web:hemmelig@db1\"",
            2,
            "`://` or `@`",
        ),
        ("\"db1.etaten.no\"", "\"https://db1\"", 2, "`://` or `@`"),
        ("\"db1.etaten.no\"", "\"run/postgresql\"", 2, "no host name"),
        ("\"/run/postgresql\"", "\"db1.etaten.no:5432\"", 2, "named twice"),
        (
            "database = \"konvolutt\"\n",
            "",
            1,
            "`store.postgres.database` is missing",
        ),
        ("database = \"konvolutt\"", "database = \"\"", 3, "1 to 63 characters"),
        ("standbys = 1\n", "", 1, "`store.postgres.standbys` is missing"),
        ("standbys = 1", "standbys = -1", 4, "below 0"),
        ("standbys = 1", "standbys = 17", 4, "0 to 16"),
        ("node = \"a\"\n", "", 1, "`store.postgres.node` is missing"),
        ("node = \"a\"", "node = \"Node_A\"", 5, "no other node"),
        ("node = \"a\"", "node = \"12345678901234567\"", 5, "no other node"),
        ("node = \"a\"", "node = \"a\"\nmost_gb = 0", 6, "nothing would fit"),
        ("node = \"a\"", "node = \"a\"\nca = \"nowhere.pem\"", 6, "is not there"),
        (
            "node = \"a\"",
            "node = \"a\"\nstandby = 2",
            6,
            "`store.postgres.standby` is not a key",
        ),
        (
            "node = \"a\"",
            "node = \"a\"\npassword = \"hemmelig\"",
            6,
            "stands in the file itself",
        ),
        (
            "\"web.password\"",
            "\"web.password\"\npassword = \"hemmelig\"",
            8,
            "stands in the file itself",
        ),
        ("\"web.password\"", "\"nowhere\"", 7, "is not there"),
        ("\"web.password\"", "\"empty\"", 7, "is empty"),
        ("\"web.password\"", "\"open\"", 7, "is open to everybody"),
        (
            "\"web.password\"",
            "\"web.password\"\ncertificate = \"c\"\nkey = \"k\"",
            7,
            "both a password and a certificate",
        ),
        (
            "password_file = \"web.password\"",
            "certificate = \"c\"",
            7,
            "has no key",
        ),
        (
            "[store.postgres.relay]",
            "[store.postgres.relay]\nuser = \"konvolutt_web\"",
            9,
            "comes as the user",
        ),
    ];

    #[test]
    fn every_mistake_is_told_at_its_line_with_a_remedy_and_without_the_password() {
        for (from, to, line, says) in MISTAKES {
            assert!(WHOLE.contains(from), "{from}");
            let (_, found) = read(&WHOLE.replacen(from, to, 1), &Side::ALL);
            let told = found.iter().find(|(at, what, _)| *at == line && what.contains(says));
            assert!(told.is_some_and(|(_, _, remedy)| remedy.len() > 10), "{to}: {found:#?}");
            let text = format!("{found:?}");
            assert!(!text.contains("hemmelig"), "{text}");
        }
    }

    #[test]
    fn mistakes_are_told_all_at_once() {
        let text = WHOLE
            .replace("database = \"konvolutt\"\n", "")
            .replace("standbys = 1", "standbys = 99")
            .replace("node = \"a\"", "node = \"A\"\nnodes = 2");
        let (settings, found) = read(&text, &Side::ALL);
        assert!(settings.is_none() && found.len() == 4, "{found:#?}");
    }

    /// The form's side is not to have the relay's password in its hands, and `check` there is not to fail without it.
    #[test]
    fn a_side_looks_at_its_own_files_alone() {
        let text = WHOLE.replace("\"relay.password\"", "\"nowhere\"");
        for (role, good) in [(Role::Web, true), (Role::Relay, false), (Role::All, false)] {
            let (settings, found) = read(&text, Side::of(role));
            assert_eq!(found.is_empty(), good, "{role:?}: {found:?}");
            assert!(settings.is_some(), "the form says whom to phone all the same");
        }
    }

    #[test]
    fn a_user_that_nothing_proves_is_fit_for_a_socket_alone() {
        let bare = |hosts: &str| {
            let text = format!("[store.postgres]\nhosts = [{hosts}]\ndatabase = \"k\"\nstandbys = 0\nnode = \"a\"\n");
            let (settings, found) = read(&text, &Side::ALL);
            assert!(settings.is_some(), "{found:?}");
            found.len()
        };
        assert_eq!(bare("\"/run/postgresql\""), 0);
        assert_eq!(bare("\"/run/postgresql\", \"db1\""), 3);
    }

    /// Its lines work once the `#` is taken away, but for the files that a real machine has.
    #[test]
    fn the_example_names_every_setting_and_none_that_is_unknown() {
        let example = include_str!("../../config/konvolutt.toml");
        let (_, section) = example.split_once("# [store.postgres]\n").unwrap();
        let (section, _) = section.split_once("\n[signing]").unwrap();
        let settings = section.lines().filter_map(|line| line.strip_prefix("# "));
        let is_one =
            |line: &&str| line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        let settings: Vec<&str> = settings.filter(is_one).collect();
        let text = format!("[store.postgres]\n{}\n", settings.join("\n"));
        let (settings, found) = read(&text, &Side::ALL);
        assert!(settings.is_some(), "{found:?}");
        assert!(
            found.iter().all(|(_, what, _)| what.contains("is not there")),
            "{found:?}"
        );
        for key in [
            "hosts",
            "database",
            "ca",
            "standbys",
            "node",
            "most_gb",
            "user",
            "password_file",
        ] {
            assert!(text.contains(&format!("{key} = ")), "{key}");
        }
    }
}
