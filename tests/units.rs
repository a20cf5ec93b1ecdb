//! The units for systemd: how little they leave to the program, and that it is enough.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Options, World, files_below, run};

fn unit(role: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd");
    folder.join(format!("konvolutt-{role}.service"))
}

/// What systemd makes of a unit, from 0 (nothing can go wrong) to 10.
fn exposure(unit: &Path) -> f64 {
    let mut analyze = Command::new("systemd-analyze");
    let told = run(analyze.args(["security", "--offline=yes", "--no-pager"]).arg(unit));
    let last = told.lines().last().unwrap().split(": ").nth(1).unwrap();
    last.split(' ').next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "needs systemd-analyze"]
fn little_is_left_to_the_program() {
    for role in ["web", "relay"] {
        assert!(exposure(&unit(role)) <= 1.5, "{role}: {}", exposure(&unit(role)));
    }
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain.service");
    fs::write(&plain, "[Service]\nExecStart=/bin/true\n").unwrap();
    assert!(exposure(&plain) > 5.0);
}

/// From systemd 254 on `OnFailure=` comes after each try and not only after the last: what it starts must know the last one, and
/// must not be refused for the five before.
#[test]
fn what_a_failed_half_starts_tells_of_the_last_try_and_is_never_refused() {
    for name in ["konvolutt-failed@.service", "konvolutt-again@.timer"] {
        let text = fs::read_to_string(unit("web").with_file_name(name)).unwrap();
        assert!(text.lines().any(|line| line == "StartLimitIntervalSec=0"), "{name}");
    }
    // The one that gives the starts back would else do so between two of the five.
    for name in ["konvolutt-failed@.service", "konvolutt-again@.service"] {
        let text = fs::read_to_string(unit("web").with_file_name(name)).unwrap();
        let asks = |line: &str| line.starts_with("ExecCondition=") && line.ends_with("--quiet is-failed %i.service");
        assert!(text.lines().any(asks), "{name}");
    }
}

/// `tests/crowds.rs` holds what many owners get the web side to, and `tests/recovery.rs` what a long queue gets the relay to.
#[test]
fn what_it_may_take_is_more_than_it_takes() {
    for (role, taken) in [("web", 600), ("relay", 200)] {
        let text = fs::read_to_string(unit(role)).unwrap();
        let most = text.lines().find_map(|line| line.strip_prefix("MemoryMax=")).unwrap();
        let most: u64 = most.strip_suffix('M').unwrap().parse().unwrap();
        assert!(most * 2 >= taken * 3, "{role}: {most} MiB");
    }
}

/// What a unit says of a setting.
fn setting(text: &str, name: &str) -> u64 {
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("{name}")).parse().unwrap()
}

/// systemd closes the sockets at the start that is one too many. Of starts that hang there must be that many in the interval.
#[test]
fn starts_that_hang_reach_the_limit_of_starts() {
    for role in ["web", "relay"] {
        let text = fs::read_to_string(unit(role)).unwrap();
        let each = setting(&text, "TimeoutStartSec") + setting(&text, "RestartSec");
        let all = each * setting(&text, "StartLimitBurst");
        assert!(all + 60 < setting(&text, "StartLimitIntervalSec"), "{role}: {all} s");
    }
}

/// What systemd says of a unit with this drop-in: nothing, when it understands all.
fn said_of(role: &str, drop_in: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let name = format!("konvolutt-{role}.service");
    // The program need not be installed to look at the unit, but the units that it names must be there.
    for unit in files_below(unit(role).parent().unwrap(), "") {
        let text = fs::read_to_string(&unit)
            .unwrap()
            .replace("/usr/bin/konvolutt", "/bin/true");
        fs::write(dir.path().join(unit.file_name().unwrap()), text).unwrap();
    }
    let folder = dir.path().join(format!("{name}.d"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("drop-in.conf"), drop_in).unwrap();
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]).arg(dir.path().join(&name));
    let output = verify.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let own = said.lines().filter(|line| line.contains("konvolutt"));
    own.collect::<Vec<_>>().join("\n")
}

#[test]
#[ignore = "needs systemd-analyze"]
fn the_drop_in_that_keeps_the_log_out_of_the_journal_is_understood() {
    let drop_in = fs::read_to_string(unit("web").with_file_name("without-journal.conf")).unwrap();
    for role in ["web", "relay"] {
        assert_eq!(said_of(role, &drop_in), "", "{role}");
        // The control.
        let wrong = drop_in.replace("append:", "appendix:");
        assert!(said_of(role, &wrong).contains("appendix"), "{role}");
    }
}

#[test]
#[ignore = "needs systemd-analyze"]
fn the_drop_ins_for_a_database_are_understood() {
    for role in ["web", "relay"] {
        let drop_in = unit(role).with_file_name(format!("postgres-{role}.conf"));
        let drop_in = fs::read_to_string(drop_in).unwrap();
        assert_eq!(said_of(role, &drop_in), "", "{role}");
        // The control.
        let wrong = drop_in.replace("LoadCredential=", "LoadCredentials=");
        assert!(said_of(role, &wrong).contains("LoadCredentials"), "{role}");
    }
}

/// One half's password for the database is not the other's to read.
#[test]
fn each_drop_in_for_a_database_has_the_password_of_its_own_half_alone() {
    for (role, other) in [("web", "relay"), ("relay", "web")] {
        let text = fs::read_to_string(unit(role).with_file_name(format!("postgres-{role}.conf"))).unwrap();
        let settings: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let own = format!("LoadCredential=db-{role}.password:/etc/konvolutt/secret/db-{role}.password");
        assert!(settings.contains(&&*own), "{role}");
        let of_others = settings
            .iter()
            .any(|line| line.contains(other) || line.contains("operator"));
        assert!(!of_others, "{role}");
    }
}

/// All calls of a set, with those of the sets in it.
fn calls(set: &str) -> BTreeSet<String> {
    if !set.starts_with('@') {
        return [set.to_owned()].into();
    }
    let mut analyze = Command::new("systemd-analyze");
    let told = run(analyze.args(["syscall-filter", "--no-pager", set]));
    let lines = told.lines().filter_map(|line| line.strip_prefix("    "));
    lines.filter(|line| !line.starts_with('#')).flat_map(calls).collect()
}

fn allowed(unit: &Path) -> BTreeSet<String> {
    let mut allowed = calls("@default");
    let text = fs::read_to_string(unit).unwrap();
    for filter in text.lines().filter_map(|line| line.strip_prefix("SystemCallFilter=")) {
        let (takes_away, sets) = match filter.strip_prefix('~') {
            Some(sets) => (true, sets),
            None => (false, filter),
        };
        for call in sets.split(' ').flat_map(calls) {
            if takes_away {
                allowed.remove(&call)
            } else {
                allowed.insert(call)
            };
        }
    }
    allowed
}

/// Every system call of a whole journey is one that the units allow. A filter that is too narrow would be found on the day
/// of the first letter.
#[test]
#[ignore = "needs systemd-analyze, strace"]
fn what_the_program_calls_is_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("calls");
    let strace = ["strace", "-D", "-ff", "-qq", "-o", log.to_str().unwrap()];
    let mut world = World::with(Options {
        apart: true,
        launcher: strace.map(str::to_owned).into(),
        ..Options::default()
    });
    assert_eq!(world.marked_form().send().status, 303);
    let again = world.marked_form().text("epost", "inga adresse").send();
    assert_eq!(world.get(again.location()).status, 200);
    world.sink.wait_for(1);
    world.until("the delivery", || !world.files_in("spool/delivered").is_empty());
    world.signal(rustix::process::Signal::HUP);
    world.terminate();
    let mut seen = BTreeSet::new();
    for file in fs::read_dir(dir.path()).unwrap().flatten() {
        let text = String::from_utf8_lossy(&fs::read(file.path()).unwrap()).into_owned();
        let names = text
            .lines()
            .filter_map(|line| line.split_once('(').map(|(name, _)| name));
        let plain = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        seen.extend(names.filter(plain).map(str::to_owned));
    }
    assert!(
        seen.contains("landlock_restrict_self") && seen.contains("fsync"),
        "{seen:?}"
    );
    for role in ["web", "relay"] {
        let beyond: Vec<_> = seen.difference(&allowed(&unit(role))).cloned().collect();
        assert_eq!(beyond, Vec::<String>::new(), "{role}");
    }
    assert!(!allowed(&unit("web")).contains("ptrace"));
}
