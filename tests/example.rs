//! The example configuration as a newcomer uses it: what it has switched off is switched on where it stands.

use std::fs;
use std::path::Path;

use konvolutt::config::{Overrides, inspect};
use konvolutt::diagnostic::{Diagnostic, Severity};

/// Before a setting, or a table, that can be switched on beside all others.
const OFF: &str = "# ";
/// Before one that stands instead of another.
const INSTEAD: &str = "#: ";

fn example() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/konvolutt.toml");
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// A table's head or a setting, no sentence.
fn is_toml(line: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || "_.0123456789".contains(c))
    };
    let head = line.trim_matches(['[', ']']);
    match line.split_once(" = ") {
        Some((name, _)) => is_name(name),
        None => line.starts_with('[') && line.ends_with(']') && is_name(head),
    }
}

/// What a line would be if it were switched on, when it is switched off by this mark.
fn off<'a>(line: &'a str, mark: &str) -> Option<&'a str> {
    line.strip_prefix(mark).filter(|rest| is_toml(rest))
}

fn either(line: &str) -> Option<&str> {
    off(line, OFF).or(off(line, INSTEAD))
}

/// The line that begins the table which a line stands in, also when it is switched off.
fn head_of(lines: &[String], at: usize) -> Option<usize> {
    let begins = |line: &String| either(line).unwrap_or(line).starts_with('[');
    (0..at).rev().find(|above| begins(&lines[*above]))
}

/// Mistakes in what the file says, whatever the machine has: its syntax, unknown keys, values of another type.
/// Certificates and directories that are not there are no fault of the example.
fn misread(lines: &[String], may_lack: bool) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("konvolutt.toml");
    fs::write(&path, lines.join("\n")).unwrap();
    let told = inspect(&path, &Overrides::default()).diagnostics.into_iter();
    let is_one = |one: &Diagnostic| {
        let syntax = one.key.is_none() && one.line.is_some() && one.file.as_deref() == Some(&path);
        let says = |text: &str| one.what.contains(text);
        let lacks = says("` is missing.") && !may_lack;
        let value = one.remedy == "Correct the value." || says(" here it is of the type ");
        one.severity == Severity::Problem && (syntax || says("is not a key") || lacks || value)
    };
    told.filter(is_one).map(|one| one.to_string()).collect()
}

#[test]
fn each_line_of_the_example_can_be_switched_on_where_it_stands() {
    let lines = example();
    assert_eq!(misread(&lines, false), Vec::<String>::new(), "as it is");
    let mut tried = 0;
    for (at, line) in lines.iter().enumerate() {
        let Some(on) = either(line) else { continue };
        let mut changed = lines.clone();
        changed[at] = on.to_owned();
        if let Some(head) = head_of(&lines, at) {
            changed[head] = either(&lines[head]).unwrap_or(&lines[head]).to_owned();
        }
        // Of a table that was switched off, the other lines are still away.
        assert_eq!(misread(&changed, true), Vec::<String>::new(), "with {on:?}");
        tried += 1;
    }
    assert!(tried > 35, "only {tried} lines");
}

#[test]
fn all_of_the_example_can_be_switched_on_together() {
    let on = |line: &String| off(line, OFF).unwrap_or(line).to_owned();
    let lines: Vec<_> = example().iter().map(on).collect();
    assert_eq!(misread(&lines, false), Vec::<String>::new());
    for table in [
        "[listen.tls]",
        "[listen.onion]",
        "[limits]",
        "[alarm]",
        "[acknowledgements]",
        "[bounces]",
        "[canary]",
        "[languages]",
    ] {
        assert!(lines.iter().any(|line| line == table), "{table} stayed off");
    }
}

/// Else `names`, written below `[listen.tls]`, would be told as a spelling mistake.
#[test]
fn a_setting_below_the_wrong_table_is_told_where_it_belongs() {
    let mut lines = example();
    let names = lines.iter().position(|line| line.starts_with("# names = ")).unwrap();
    let key = lines.iter().position(|line| line.starts_with("# key = ")).unwrap();
    lines[key - 2] = "[listen.tls]".to_owned();
    let moved = lines.remove(names);
    lines.insert(key, moved[OFF.len()..].to_owned());
    let told = misread(&lines, true);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("`listen.tls.names` is not a key") && told[0].contains("It belongs to [listen]"),
        "{told:?}"
    );
}

#[test]
fn what_cannot_be_switched_on_is_found() {
    let lines = example();
    let listen = lines.iter().position(|line| line == "[listen]").unwrap();
    for wrong in ["namse = [\"a\"]", "names = \"a\"", "names = [\"a\"", "[listen]"] {
        let mut changed = lines.clone();
        changed.insert(listen + 1, wrong.to_owned());
        assert!(!misread(&changed, false).is_empty(), "{wrong}");
    }
}
