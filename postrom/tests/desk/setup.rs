//! A desk that nobody set up: what it asks, what it finds, and what it writes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use postrom::desk::setup::{Draft, Field, Found, Why, check, text, write};
use postrom::i18n::Lang;
use postrom::i18n::desk::setup as desk_setup;
use postrom::settings::{BadServer, Settings};

use super::visit::{Visit, bare};
use crate::program::desk::Desk;

fn draft(answers: &[(Field, &str)]) -> Draft {
    let mut draft = Draft::default();
    for (field, answer) in answers {
        (*answer).clone_into(draft.at(*field));
    }
    draft
}

/// Answers that fit, but for one.
fn but(desk: &Desk, other: Field, answer: &str) -> Draft {
    let path = |name: &str| desk.path(name).display().to_string();
    let (mail, key, relay) = (path("mail"), path("key.asc"), path("relay.asc"));
    let mut draft = draft(&[(Field::Mail, &mail), (Field::Keys, &key), (Field::Relay, &relay)]);
    answer.clone_into(draft.at(other));
    draft
}

type Fits = fn(&Why) -> bool;

#[test]
fn every_answer_is_looked_at() {
    let desk = Desk::new();
    desk.put("word", "geheim");
    let path = |name: &str| desk.path(name).display().to_string();
    let good = check(&but(&desk, Field::Out, &path("saved")), None).unwrap();
    assert_eq!(
        (good.keys.len(), good.heads.len(), good.out),
        (1, 1, Some(desk.path("saved")))
    );
    let label = &good.key_labels[0];
    assert!(
        label.starts_with("Postmottak") && label.split(' ').filter(|group| group.len() == 4).count() >= 10,
        "{label}"
    );
    let server = format!("imaps://kari@mail.example/INBOX\n{}", path("mail"));
    let mut draft = but(&desk, Field::Mail, &server);
    path("word").clone_into(draft.at(Field::Password));
    let found = check(&draft, None).unwrap();
    assert_eq!(
        (found.servers.len(), found.mail.len(), found.password),
        (1, 1, Some(desk.path("word")))
    );
    let unreadable: Fits = |why| matches!(why, Why::Unreadable(..));
    let expected: [(Field, String, Fits); 14] = [
        (Field::Mail, String::new(), |why| *why == Why::Empty),
        (Field::Mail, "mail".into(), |why| matches!(why, Why::NotWhole(_))),
        (Field::Mail, path("nowhere"), unreadable),
        (Field::Mail, "imap://a@b/c".into(), |why| {
            *why == Why::Server(BadServer::NotEncrypted)
        }),
        (Field::Mail, "imaps://a@b/c".into(), |why| *why == Why::NoPassword),
        (Field::Password, path("nowhere"), unreadable),
        (Field::Token, format!("{0}\n{0}", path("word")), |why| {
            *why == Why::TooMany
        }),
        (Field::Keys, " \n".into(), |why| *why == Why::Empty),
        (Field::Keys, path("relay.asc"), |why| matches!(why, Why::Key(_))),
        (Field::Keys, path("word"), |why| matches!(why, Why::Key(_))),
        (Field::Relay, path("key.asc"), |why| matches!(why, Why::Trust(_))),
        (Field::Known, path("word"), |why| matches!(why, Why::Trust(_))),
        (Field::Out, path("word"), |why| matches!(why, Why::NotAFolder(_))),
        (Field::Out, path("mail/saved"), |why| matches!(why, Why::OutInMail(_))),
    ];
    for (field, answer, fits) in expected {
        let mistakes = check(&but(&desk, field, &answer), None).unwrap_err();
        assert!(
            mistakes.len() == 1 && fits(&mistakes[0].why),
            "{field:?} {answer}: {mistakes:?}"
        );
        for lang in [Lang::Nb, Lang::Nn, Lang::En] {
            let told = desk_setup::mistake(&mistakes[0].why, lang);
            assert!(told.ends_with('.') && !told.contains(['{', '\n']), "{told}");
        }
    }
    let all = check(&Draft::default(), None).unwrap_err();
    assert_eq!(
        all.iter().map(|mistake| mistake.field).collect::<Vec<_>>(),
        [Field::Mail, Field::Keys, Field::Relay]
    );
}

/// Whatever a path holds, the settings say the same when they are read.
#[test]
fn what_is_written_is_read_again() {
    let odd = PathBuf::from("/post/\"sitat\" 'æøå' \\n # = [x]");
    let found = Found {
        mail: vec![odd.clone(), "/b".into()],
        servers: vec!["imaps://kari@mail.example/Felles post".replace(' ', "%20")],
        password: Some(odd.clone()),
        keys: vec![odd.clone()],
        relay: vec![odd.clone()],
        out: Some(odd.clone()),
        ..Found::default()
    };
    let written = text(&found, Lang::Nn, "fyrste\nandre", None);
    assert!(written.starts_with("# fyrste\n# andre\n"), "{written}");
    let read = Settings::parse(Path::new("/x/postrom.toml"), written.as_bytes(), None).unwrap();
    assert_eq!((read.mail, read.servers), (found.mail, found.servers));
    assert_eq!((read.keys, read.relay, read.out), (found.keys, found.relay, found.out));
    assert_eq!((read.mail_password_file, read.language), (Some(odd), Some(Lang::Nn)));
    assert!(read.known.is_empty());
}

#[test]
fn nothing_that_was_there_is_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a/b/postrom.toml");
    assert_eq!(write(&file, "one", false).unwrap(), None);
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let again = write(&file, "two", false).unwrap_err();
    assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read_to_string(&file).unwrap(), "one");
    for (number, text) in [(1, "two"), (2, "three")] {
        let old = write(&file, text, true).unwrap().unwrap();
        assert!(old.ends_with(format!("postrom.toml.old-{number}")), "{old:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
    assert_eq!(
        fs::read_to_string(dir.path().join("a/b/postrom.toml.old-1")).unwrap(),
        "one"
    );
    // A link that leads nowhere is there, too.
    let link = dir.path().join("link.toml");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    assert!(write(&link, "x", false).is_err() && !dir.path().join("nowhere").exists());
    let names = fs::read_dir(dir.path().join("a/b")).unwrap().count();
    assert_eq!(names, 3, "nothing half is left");
    assert!(write(&file.join("below/postrom.toml"), "x", false).is_err());
}

fn encoded(answers: &[(&str, &str)]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let one = |byte: u8| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    let value = |text: &str| text.bytes().map(one).collect::<String>();
    let pairs: Vec<String> = answers
        .iter()
        .map(|(name, text)| format!("{name}={}", value(text)))
        .collect();
    pairs.join("&")
}

#[test]
fn a_desk_is_set_up_on_its_own_page_and_goes_on() {
    let desk = Desk::new();
    let letters = desk.letters(1..3);
    let visit = Visit::start(bare(&desk, &[]));
    let home = visit.enter();
    let page = visit.get(&home);
    assert!(
        page.body.contains("Set up the desk") && page.body.contains("name=\"keys\""),
        "{}",
        page.body
    );
    let path = |name: &str| desk.path(name).display().to_string();
    let (mail, key, relay, out) = (path("mail"), path("key.asc"), path("relay.asc"), path("saved"));
    let answers = [("mail", &*mail), ("keys", &key), ("relay", &relay), ("out", &out)];
    let setup = |more: &[(&str, &str)]| visit.post(&format!("{home}setup"), &encoded(&[&answers[..], more].concat()));
    let found = setup(&[("check", "yes")]);
    assert_eq!(found.status, 200);
    let fingerprint = postrom::trust::label(&desk.relay);
    let (_, groups) = fingerprint
        .split_once("&gt; ")
        .or_else(|| fingerprint.split_once("> "))
        .unwrap();
    assert!(
        found.body.contains(groups) && found.body.contains("Checked against"),
        "{}",
        found.body
    );
    let file = desk.path(".config/konvolutt/postrom.toml");
    assert!(!file.exists() && found.body.contains(&file.display().to_string()));
    // Saved without having seen what was found, as when Enter is pressed behind a changed answer.
    assert_eq!(setup(&[("save", "yes")]).status, 200);
    assert!(!file.exists());
    let seen = found
        .body
        .split("name=\"seen\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let saved = setup(&[("save", "yes"), ("seen", seen)]);
    assert_eq!((saved.status, saved.header("location")), (303, Some("./")));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // Without a restart: locked, then open.
    assert!(!visit.get(&home).body.contains("Set up the desk"));
    visit.unlock(&home);
    visit.shows(&home, &letters);
    assert_ne!(
        setup(&[("save", "yes"), ("seen", seen)]).status,
        200,
        "the page is gone"
    );
    drop(visit);
    let again = Visit::start(bare(&desk, &[]));
    let home = again.enter();
    again.unlock(&home);
    again.shows(&home, &letters);
}

#[test]
fn mistakes_stay_with_their_answers_and_settings_that_are_there_stay_too() {
    let desk = Desk::new();
    desk.put(".config/konvolutt/postrom.toml", "lock_after = 5\n");
    let visit = Visit::start(bare(&desk, &["--key", &desk.path("key.asc").display().to_string()]));
    let home = visit.enter();
    let path = |name: &str| desk.path(name).display().to_string();
    // What the command line said is there already.
    assert!(visit.get(&home).body.contains(&path("key.asc")));
    let evil = "<script>alert(1)</script>\"'&";
    let wrong = visit.post(&format!("{home}setup"), &encoded(&[("mail", evil), ("save", "yes")]));
    assert_eq!(wrong.status, 422);
    assert!(
        !wrong.body.contains("<script>") && wrong.body.contains("aria-invalid=\"true\""),
        "{}",
        wrong.body
    );
    let (mail, key, relay) = (path("mail"), path("key.asc"), path("relay.asc"));
    let answers = [("mail", &*mail), ("keys", &key), ("relay", &relay)];
    let setup = |more: &[(&str, &str)]| visit.post(&format!("{home}setup"), &encoded(&[&answers[..], more].concat()));
    let found = setup(&[]).body;
    let seen = found
        .split("name=\"seen\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let file = desk.path(".config/konvolutt/postrom.toml");
    let kept = setup(&[("save", "yes"), ("seen", seen)]);
    assert_eq!(kept.status, 422);
    assert!(
        kept.body.contains("is there already and was not changed"),
        "{}",
        kept.body
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "lock_after = 5\n");
    assert_eq!(setup(&[("save", "yes"), ("seen", seen), ("aside", "yes")]).status, 303);
    assert_eq!(
        fs::read_to_string(file.with_file_name("postrom.toml.old-1")).unwrap(),
        "lock_after = 5\n"
    );
    // What the page does not ask about is as it was.
    assert!(fs::read_to_string(&file).unwrap().contains("lock_after = 5"));
    visit.unlock(&home);
    let left = visit.get(&format!("{home}live")).body;
    let left: serde_json::Value = serde_json::from_str(&left).unwrap();
    assert!((200..=300).contains(&left["locks_in"].as_u64().unwrap()), "{left}");
}
