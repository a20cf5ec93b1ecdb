//! What `keygen` refuses, and what it says.

use std::fs;

use super::desk::{postrom, said};

const GOOD: [&str; 7] = [
    "keygen",
    "--name",
    "Postmottak",
    "--email",
    "post@authority.example",
    "--years",
    "2",
];

#[test]
fn keygen_says_what_it_made() {
    let dir = tempfile::tempdir().unwrap();
    let made = postrom(&[&GOOD[..], &["--no-passphrase", "--out", dir.path().to_str().unwrap()]].concat());
    let text = String::from_utf8(made.stdout).unwrap();
    assert!(made.status.success() && made.stderr.is_empty(), "{text}");
    for ending in ["cert", "key", "revocation"] {
        let path = dir.path().join(format!("Postmottak.{ending}.asc"));
        assert!(
            path.exists() && text.lines().any(|line| line.contains(path.to_str().unwrap())),
            "{text}"
        );
    }
    let groups = text
        .lines()
        .find(|line| line.trim().split(' ').filter(|group| group.len() == 4).count() == 10);
    assert!(
        groups.is_some(),
        "no fingerprint in groups on a line of its own: {text}"
    );
    let again = postrom(&[&GOOD[..], &["--no-passphrase", "--out", dir.path().to_str().unwrap()]].concat());
    assert!(!again.status.success() && said(&again).contains("exists already"));
}

#[test]
fn what_cannot_be_meant_is_refused_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    let out = dir.path().join("keys");
    for (changed, words) in [
        (vec!["--years", "0", "--no-passphrase"], "1 to 20 years"),
        (vec!["--years", "21", "--no-passphrase"], "1 to 20 years"),
        (vec!["--email", "a@b@c", "--no-passphrase"], "not a mail address"),
        (
            vec!["--email", "post authority.example", "--no-passphrase"],
            "not a mail address",
        ),
        (vec!["--name", "A <b>", "--no-passphrase"], "cannot be used"),
        (vec!["--name", " ", "--no-passphrase"], "cannot be used"),
        (vec!["--passphrase-file", empty.to_str().unwrap()], "--no-passphrase"),
    ] {
        let mut line = vec!["keygen", "--out", out.to_str().unwrap()];
        for (option, value) in [("--name", "Postmottak"), ("--email", "post@authority.example")] {
            if !changed.contains(&option) {
                line.extend([option, value]);
            }
        }
        line.extend(&changed);
        let refused = postrom(&line);
        assert!(!refused.status.success(), "{changed:?}");
        assert!(said(&refused).contains(words), "{changed:?}: {}", said(&refused));
        assert!(fs::read_dir(&out).map_or(0, Iterator::count) == 0, "{changed:?}");
    }
}

#[test]
fn a_folder_that_is_none_is_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = postrom(&[&GOOD[..], &["--no-passphrase", "--out", file.to_str().unwrap()]].concat());
    assert_eq!(refused.status.code(), Some(1));
    let said = said(&refused);
    assert!(said.contains("Choose another one with --out"), "{said}");
    assert!(!said.contains("os error"), "{said}");
}

#[test]
fn a_passphrase_that_is_guessed_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let pass = dir.path().join("pass");
    for (passphrase, weak) in [
        ("a", true),
        ("Postmottak2026", true),
        ("fire ord som ingen gjettar", false),
    ] {
        fs::write(&pass, passphrase).unwrap();
        let out = dir.path().join(passphrase);
        let made = postrom(
            &[
                &GOOD[..],
                &[
                    "--passphrase-file",
                    pass.to_str().unwrap(),
                    "--out",
                    out.to_str().unwrap(),
                ],
            ]
            .concat(),
        );
        assert!(made.status.success());
        assert_eq!(said(&made).contains("easily guessed"), weak, "{passphrase}");
    }
}
