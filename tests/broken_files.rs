//! Files that an operator can get wrong: each is told with its name, in our words, and with what helps.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Authority, Way, write_identity};

/// What libraries and systems say among themselves.
const INSIDE: [&str; 8] = [
    "os error",
    "Os {",
    "NoItems",
    "stream did not",
    "Custom",
    "kind:",
    "Error",
    "InvalidData",
];

fn smtp(more: &str) -> Way {
    Way::Smtp(format!(
        "[mail.smtp]\nhost = \"[::1]\"\nsecurity = \"implicit\"\nca_file = \"tls/chain.pem\"\n{more}"
    ))
}

fn told(authority: &Authority) -> Vec<(String, String, Option<u64>)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
    let output = command
        .args(["check", "--json", "--config"])
        .arg(authority.config())
        .output()
        .unwrap();
    let found: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let problems = found.into_iter().filter(|one| one["severity"] == "problem");
    problems
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap().to_owned();
            (text("what"), text("remedy"), one["line"].as_u64())
        })
        .collect()
}

/// How the file `broken` is broken (`~` for five hyphens, so that no key stands here), by which setting it is named, what is told, what helps.
type Case = (&'static [u8], &'static str, &'static str, &'static str);

const LOGIN: &str = "user = \"relay\"\npassword_file = \"broken\"\n";
const TOKEN: &str = "user = \"relay\"\ntoken_file = \"broken\"\n";
const CERTIFICATE: &str = "client_certificate = \"broken\"\nclient_key = \"tls/key.pem\"\n";
const KEY: &str = "client_certificate = \"tls/chain.pem\"\nclient_key = \"broken\"\n";
const LOCKED: &[u8] = b"~BEGIN ENCRYPTED PRIVATE KEY~\nAAAA\n~END ENCRYPTED PRIVATE KEY~\n";

const CASES: &[Case] = &[
    (b"", LOGIN, "broken is empty", "Write the password or token into it"),
    (b"\r\n", LOGIN, "broken is empty", "Write the password or token into it"),
    (b"first\r\nsecond\r\n", LOGIN, "more than one line", "in one line"),
    (b"l\xf8yndom\n", LOGIN, "broken is not UTF-8 text", "as UTF-8"),
    (b"", TOKEN, "broken is empty", "Write the password or token into it"),
    (b"", CERTIFICATE, "broken is empty", "Put the certificate there"),
    (
        b"hello\n",
        CERTIFICATE,
        "broken holds no certificate",
        "Name the file that holds the certificate",
    ),
    (LOCKED, KEY, "broken is protected by a passphrase", "openssl pkey"),
    (b"", KEY, "broken is empty", "Put the private key there"),
    (b"\x30\x82\x01\x02", KEY, "broken is in DER, not in PEM", "openssl"),
    (b"~BEGIN PRIVATE KEY~\nAAAA", KEY, "broken is damaged", "Copy it again"),
    (
        b"~BEGIN CERTIFICATE~\nAAAA\n~END CERTIFICATE~\n",
        KEY,
        "holds no private key but a certificate",
        "Name the file",
    ),
];

#[test]
fn a_broken_file_is_told_in_our_words() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    write_identity(dir.path(), "localhost");
    for (bytes, settings, what, remedy) in CASES {
        let hyphens = |byte: &u8| if *byte == b'~' { b"-----".to_vec() } else { vec![*byte] };
        fs::write(
            dir.path().join("broken"),
            bytes.iter().flat_map(hyphens).collect::<Vec<u8>>(),
        )
        .unwrap();
        authority.write_config(&smtp(settings));
        let problems = told(&authority);
        let found = problems.iter().find(|(told, ..)| told.contains(what));
        let (text, helps, line) = found.unwrap_or_else(|| panic!("{what:?} in {problems:?}"));
        assert!(helps.contains(remedy), "{text} {helps}");
        assert!(line.is_some(), "{text}");
        assert!(INSIDE.iter().all(|word| !text.contains(word)), "{text}");
    }
    // The controls, also of the address in brackets.
    fs::write(dir.path().join("broken"), "løyndom\r\n").unwrap();
    for settings in [
        LOGIN,
        TOKEN,
        "client_certificate = \"tls/chain.pem\"\nclient_key = \"tls/key.pem\"\n",
    ] {
        authority.write_config(&smtp(settings));
        assert_eq!(told(&authority), []);
    }
}

/// A key of another certificate, half a pair, and two logins at once.
#[test]
fn settings_that_do_not_fit_together_are_told() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let authority = Authority::new(dir.path());
    write_identity(dir.path(), "localhost");
    write_identity(other.path(), "localhost");
    fs::copy(other.path().join("tls/key.pem"), dir.path().join("other.pem")).unwrap();
    fs::write(dir.path().join("secret/p"), "x").unwrap();
    for (settings, what) in [
        (
            "client_certificate = \"tls/chain.pem\"\nclient_key = \"other.pem\"\n",
            "is not that of the certificate",
        ),
        (
            "client_certificate = \"tls/chain.pem\"\n",
            "`client_certificate` and `client_key` belong together",
        ),
        ("user = \"a\"\n", "A login is `user` with either"),
        (
            "user = \"a\"\npassword_file = \"secret/p\"\ntoken_file = \"secret/p\"\n",
            "A login is `user` with either",
        ),
        ("token_file = \"secret/p\"\n", "A login is `user` with either"),
    ] {
        authority.write_config(&smtp(settings));
        let problems = told(&authority);
        assert!(
            problems.iter().any(|(told, ..)| told.contains(what)),
            "{what:?} in {problems:?}"
        );
    }
}

fn rewritten(path: &Path, write: fn(&str) -> Vec<u8>) -> impl Fn() + use<> {
    let (path, text) = (path.to_owned(), fs::read_to_string(path).unwrap());
    fs::write(&path, write(&text)).unwrap();
    move || fs::write(&path, &text).unwrap()
}

/// As an editor of Windows saves them.
#[test]
fn a_text_in_another_encoding_is_told_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&Way::Maildir);
    let latin: fn(&str) -> Vec<u8> = |text| {
        text.chars()
            .map(|letter| u8::try_from(letter).unwrap_or(b'?'))
            .collect()
    };
    let utf_16: fn(&str) -> Vec<u8> = |text| {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    let form = dir.path().join("forms/krisesenter.toml");
    let first = fs::read_to_string(&form).unwrap();
    let line = first.lines().position(|line| !line.is_ascii()).unwrap() + 1;

    let restore = rewritten(&form, latin);
    let problems = told(&authority);
    let (what, remedy, at) = &problems[0];
    assert!(what.contains("not UTF-8") && what.contains("Windows-1252"), "{what}");
    assert!(remedy.contains("Save the file as UTF-8"), "{remedy}");
    assert_eq!(*at, Some(line as u64), "{what}");
    restore();

    let restore = rewritten(&authority.config(), utf_16);
    let (what, remedy, _) = &told(&authority)[0];
    assert!(
        what.contains("UTF-16 (little endian)") && remedy.contains("Save the file as UTF-8"),
        "{what}"
    );
    restore();
    assert_eq!(told(&authority), [], "the control");
}
