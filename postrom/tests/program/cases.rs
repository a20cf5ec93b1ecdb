//! Every file of `cases/post-room`, as a clerk opens it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::desk::Ran;

const RELAY: &[&str] = &["--relay", "relay.cert.asc", "--known", "recovery.cert.asc"];

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/post-room")
}

/// Opens one case into a folder, in the language that is named in `words`.
fn open(case: &str, key: &str, out: &Path, words: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
    command
        .current_dir(cases())
        .env("HOME", out)
        .env_remove("XDG_CONFIG_HOME");
    command.args([
        "open",
        case,
        "--key",
        key,
        "--passphrase-file",
        "practice.passphrase.txt",
        "--out",
    ]);
    command.arg(out).args(words).output().unwrap().into()
}

fn folders(out: &Path) -> Vec<String> {
    let names = fs::read_dir(out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names
        .filter(|name| !name.starts_with('.') && !name.contains("ledger"))
        .collect();
    names.sort();
    names
}

fn json(out: &Path, file: &str) -> Value {
    serde_json::from_slice(&fs::read(out.join(file)).unwrap()).unwrap()
}

fn out() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn every_case_has_its_outcome() {
    for (case, code, wanted) in [
        (
            "01-three-asc-attached.eml",
            0,
            &["4E9-DGBM-99P", "FA7-6K6G-NTZ", "QCB-9CHF-TNE"][..],
        ),
        ("02-two-armors.asc", 0, &["4E9-DGBM-99P", "FA7-6K6G-NTZ"]),
        ("04-stored.zip", 0, &["4E9-DGBM-99P", "FA7-6K6G-NTZ"]),
        ("06-fwd-rfc822.eml", 0, &["QCB-9CHF-TNE"]),
        ("10-mbox-crlfblank-missing.mbox", 0, &["4E9-DGBM-99P", "FA7-6K6G-NTZ"]),
        ("12-bom.mbox", 0, &["4E9-DGBM-99P", "FA7-6K6G-NTZ"]),
        ("13-real-ole.msg", 0, &["4E9-DGBM-99P"]),
        (
            "14-genuine-plus-larger-forged.eml",
            1,
            &["4E9-DGBM-99P", "not-genuine 4E9-DGBM-99P"],
        ),
        ("18-bom.asc", 0, &["QCB-9CHF-TNE"]),
        ("19-utf16.asc", 0, &["QCB-9CHF-TNE"]),
        ("skew.eml", 0, &["JMU-SCDW-YQB"]),
        ("Postmottak.cert.asc", 3, &[]),
        ("practice.key.asc", 3, &[]),
        ("recovery.cert.asc", 3, &[]),
        ("relay.cert.asc", 3, &[]),
        ("README.txt", 3, &[]),
    ] {
        let out = out();
        let words = [RELAY, &["--json", "--lang", "en"]].concat();
        let ran = open(case, "practice.key.asc", out.path(), &words);
        assert_eq!(
            (ran.code, folders(out.path())),
            (Some(code), wanted.iter().map(ToString::to_string).collect()),
            "{case}: {}",
            ran.said()
        );
        let lines = ran.lines();
        let (summary, things) = lines.split_last().unwrap();
        assert_eq!(things.len(), wanted.len().max(1), "{case}");
        for (thing, name) in things.iter().filter(|thing| thing["what"] == "letter").zip(wanted) {
            let verdict = if name.starts_with("not-genuine") {
                "unsigned"
            } else {
                "genuine"
            };
            assert_eq!(thing["verdict"], verdict, "{case}");
            let readers = thing["status"]["readers"].as_array().unwrap();
            assert!(!readers.is_empty(), "{case}");
            assert!(readers.iter().all(|reader| reader["known_as"].is_string()), "{case}");
        }
        let genuine = wanted.iter().filter(|name| !name.starts_with("not-genuine")).count();
        assert_eq!(summary["summary"]["new_letters"], genuine, "{case}");
    }
}

#[test]
fn keys_of_version_six_open_with_their_passphrase() {
    for (profile, reference) in [("rfc9580", "33T-98P5-BA3"), ("pqc", "BXH-G98N-6T2")] {
        let out = out();
        let key = format!("v6/{profile}.key.asc");
        let ran = open(&format!("v6/{profile}.asc"), &key, out.path(), RELAY);
        assert_eq!(
            (ran.code, folders(out.path())),
            (Some(0), vec![reference.to_owned()]),
            "{}",
            ran.said()
        );
        // One of two is enough.
        let ran = open(
            &format!("v6/{profile}.asc"),
            &key,
            out.path(),
            &["--passphrase-file", "README.txt"],
        );
        assert_eq!(ran.code, Some(0), "the right one is among them: {}", ran.said());
        // Another passphrase opens nothing.
        let nothing = tempfile::tempdir().unwrap();
        let mut wrong = Command::new(env!("CARGO_BIN_EXE_postrom"));
        wrong.current_dir(cases()).args(["open", "--lang", "en", "--key", &key]);
        wrong.args([&format!("v6/{profile}.asc"), "--passphrase-file", "README.txt", "--out"]);
        let ran: Ran = wrong.arg(nothing.path()).output().unwrap().into();
        assert_eq!(ran.code, Some(1), "{}", ran.said());
        assert!(ran.err.contains("does not fit"), "{}", ran.said());
        assert_eq!(folders(nothing.path()), Vec::<String>::new());
    }
}

/// Before the form's certificate is known nobody has more right to the reference than another; then the letter has.
#[test]
fn a_forgery_never_keeps_the_reference() {
    const REFERENCE: &str = "4E9-DGBM-99P";
    let forgery = format!("not-genuine {REFERENCE}");
    for (lang, first, not_checked) in [
        ("en", "NOT", "Not checked"),
        ("nb", "IKKE", "Ikke kontrollert"),
        ("nn", "IKKJE", "Ikkje kontrollert"),
    ] {
        let out = out();
        let ran = open("forged-first", "practice.key.asc", out.path(), &["--lang", lang]);
        assert!(ran.out.contains(not_checked), "{}", ran.said());
        assert_eq!(folders(out.path()).len(), 2);
        let ran = open(
            "forged-first",
            "practice.key.asc",
            out.path(),
            &[RELAY, &["--lang", lang]].concat(),
        );
        assert_eq!(ran.code, Some(1), "{}", ran.said());
        assert_eq!(folders(out.path()), [REFERENCE, &forgery]);
        let text = fs::read_to_string(out.path().join(&forgery).join("letter.txt")).unwrap();
        assert!(text.lines().next().unwrap().contains(first), "{lang}: {text}");
        assert!(
            json(out.path(), &format!("{forgery}/letter.json"))["warning"]
                .as_str()
                .unwrap()
                .contains(first)
        );
        assert_eq!(
            json(out.path(), &format!("{REFERENCE}/status.json"))["verdict"],
            "genuine"
        );
        let text = fs::read_to_string(out.path().join(REFERENCE).join("letter.txt")).unwrap();
        assert!(!text.contains(first), "{lang}: {text}");
        assert!(
            json(out.path(), &format!("{REFERENCE}/letter.json"))
                .get("warning")
                .is_none_or(Value::is_null)
        );
        // And so it stays, without the certificate too.
        open("forged-first", "practice.key.asc", out.path(), &["--lang", lang]);
        assert_eq!(folders(out.path()), [REFERENCE, &forgery]);
    }
}
