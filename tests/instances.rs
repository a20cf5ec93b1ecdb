//! Several authorities on one machine: their units are made from the plain ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::run;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd")
}

/// The plain units: not those that are for many already.
fn plain_units() -> Vec<String> {
    let names = fs::read_dir(folder()).unwrap().flatten();
    let names = names.map(|entry| entry.file_name().into_string().unwrap());
    let is_unit = |name: &String| {
        let ending = Path::new(name)
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        ["service", "socket", "target", "timer"].contains(&&*ending) && !name.contains('@')
    };
    names.filter(is_unit).collect()
}

fn made() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    run(Command::new(folder().with_file_name("instances")).arg(dir.path()));
    dir
}

/// What a template says, without comments.
fn settings(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

#[test]
fn each_unit_has_one_for_instances_that_shares_no_place_with_another() {
    let (dir, plain) = (made(), plain_units());
    assert!(plain.len() >= 5, "{plain:?}");
    for name in &plain {
        let (stem, ending) = name.rsplit_once('.').unwrap();
        let file = dir.path().join(format!("{stem}@.{ending}"));
        let template = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for line in settings(&template) {
            // Whatever says where something lies, or who somebody is, says the instance too. Programs and documents are for all.
            let mut own = line.to_owned();
            // Which unit is started again is in the name that it is called by.
            for of_all in [
                "konvolutt-again@%N.timer",
                "/usr/local/bin/konvolutt ",
                "/usr/bin/konvolutt ",
                "/usr/share/doc/konvolutt",
                "/konvolutt.toml",
            ] {
                own = own.replace(of_all, "");
            }
            // `konvolutt@%i`, `konvolutt-web@%i`, `konvolutt-%i`; a socket lies in the instance's own folder.
            let names = own.split("konvolutt").skip(1);
            let mut names = names.map(|rest| rest.trim_start_matches(|c: char| c == '-' || c.is_ascii_lowercase()));
            let is_own = |rest: &str| ["@%i", "%i", ".sock"].iter().any(|own| rest.starts_with(own));
            assert!(names.all(is_own), "{name}: {line}");
        }
        // All the rest is the plain unit's: nothing was lost, nothing came in.
        let plain = fs::read_to_string(folder().join(name)).unwrap();
        assert_eq!(settings(&plain).len(), settings(&template).len(), "{name}");
    }
    let relay = fs::read_to_string(dir.path().join("konvolutt-relay@.service")).unwrap();
    for line in [
        "User=konvolutt-%i",
        "StateDirectory=konvolutt@%i",
        "LoadCredential=smtp-password:/etc/konvolutt@%i/secret/smtp-password",
    ] {
        assert!(settings(&relay).contains(&line), "{line}");
    }
}

#[test]
#[ignore = "needs systemd-analyze"]
fn systemd_understands_the_units_of_an_instance() {
    let dir = made();
    for entry in fs::read_dir(dir.path()).unwrap().flatten() {
        let text = fs::read_to_string(entry.path()).unwrap();
        // The program need not be installed to look at its units.
        let text = text.replace("/usr/bin/konvolutt", "/bin/true");
        let name = entry.file_name().into_string().unwrap().replace("@.", "@nord.");
        fs::write(dir.path().join(name), text).unwrap();
    }
    let said = |unit: &str| {
        let mut verify = Command::new("systemd-analyze");
        verify.args(["verify", "--man=no"]).arg(dir.path().join(unit));
        let output = verify.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        said.lines()
            .filter(|line| line.contains("konvolutt"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    for unit in [
        "konvolutt-web@nord.service",
        "konvolutt-relay@nord.service",
        "konvolutt-refresh@nord.service",
    ] {
        assert_eq!(said(unit), "", "{unit}");
    }
    // The control.
    let relay = dir.path().join("konvolutt-relay@nord.service");
    let text = fs::read_to_string(&relay).unwrap();
    fs::write(&relay, text.replace("UMask=", "Umaske=")).unwrap();
    assert!(said("konvolutt-relay@nord.service").contains("Umaske"));
}
