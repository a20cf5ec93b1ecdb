//! How a desk starts: with what, and what it says when it cannot.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use postrom::desk::plan::{LOCK_AFTER, Said, own_folder, plan};
use postrom::i18n::Lang;
use postrom::settings::{FORMS, LedgerPlace, MailPlace, Settings};

use super::visit::{Visit, bare, command};
use crate::program::desk::Desk;
use crate::program::process::Running;

fn settings(text: &str) -> Settings {
    Settings::parse("/office/postrom.toml".as_ref(), text.as_bytes(), None).unwrap()
}

const WHOLE: &str = "mail = ['in', 'imaps://kari@mail.example/INBOX']\nkeys = 'k'\nrelay = 'r'\nknown = 'n'\nout = 'o'\n\
                     ledger = 'l'\nlock_after = 25\narchive = 'a'\narkivmelding = 'fiks1'\nofficers = ['p', 'q']\n\
                     mail_password_file = 'pw'\nmail_token_file = 't'\nmail_ca_file = 'ca'\nmove_opened_to = 'Opna'\n\
                     marks_in_mailbox = true\npassphrase_file = 'pp'\nacknowledge = 'ack'\n";

#[test]
fn a_plan_has_what_the_settings_say_and_the_command_line_goes_before() {
    let planned = plan(Said::default(), Some(settings(WHOLE)), Lang::Nn, "kari".into());
    assert!(planned.is_whole());
    assert_eq!(planned.mail, [PathBuf::from("/office/in")]);
    assert_eq!(planned.servers, ["imaps://kari@mail.example/INBOX"]);
    assert_eq!(planned.out, PathBuf::from("/office/o"));
    assert_eq!(planned.ledger, LedgerPlace::File("/office/l".into()));
    assert_eq!(planned.lock_after.as_secs(), 25 * 60);
    assert_eq!(planned.archive.folder, Some("/office/a".into()));
    assert_eq!(
        planned.archive.message,
        Some(postrom::desk::archive::ArchiveForm::Fiks1)
    );
    assert_eq!(planned.officers.len(), 2);
    assert_eq!(planned.login.password_file, Some("/office/pw".into()));
    assert_eq!(planned.login.move_opened_to.as_deref(), Some("Opna"));
    assert!(planned.login.marks && planned.login.token_file.is_some() && planned.login.ca_file.is_some());
    assert_eq!(planned.ack_to, Some("/office/ack".into()));
    let said = Said {
        mail: vec![MailPlace::Here("/mine".into())],
        keys: vec!["/key".into()],
        ledger: Some(LedgerPlace::Off),
        ..Said::default()
    };
    let planned = plan(said, Some(settings(WHOLE)), Lang::Nn, "kari".into());
    // One who names a mailbox means that one alone; what is not named stays.
    assert!(planned.servers.is_empty() && planned.mail.len() == 1);
    assert_eq!(planned.keys, [PathBuf::from("/key")]);
    assert_eq!(planned.ledger, LedgerPlace::Off);
    assert_eq!(planned.out, PathBuf::from("/office/o"));
}

/// Each form that the settings take is one that the archive has.
#[test]
fn no_form_of_the_settings_is_lost() {
    for form in FORMS {
        let told = settings(&format!("arkivmelding = '{form}'"));
        let planned = plan(Said::default(), Some(told), Lang::En, "kari".into());
        assert!(planned.archive.message.is_some(), "{form}");
    }
}

#[test]
fn without_settings_a_plan_lacks_what_only_a_clerk_knows() {
    let planned = plan(Said::default(), None, Lang::En, "kari".into());
    assert!(!planned.is_whole());
    assert_eq!(planned.lock_after, LOCK_AFTER);
    assert_eq!(planned.out, own_folder());
    let only = |text: &str| plan(Said::default(), Some(settings(text)), Lang::En, "kari".into());
    assert!(!only("mail = 'in'").is_whole() && !only("keys = 'k'").is_whole());
    assert!(only("mail = 'imaps://kari@mail.example'\nkeys = 'k'").is_whole());
    // Colleagues look beside the mail; a mailbox on a server has nothing beside it.
    let beside = only("mail = '/post/in'\nkeys = 'k'").ledger;
    assert_eq!(beside, LedgerPlace::File("/post/in.postrom-ledger.jsonl".into()));
    let LedgerPlace::File(own) = only("mail = 'imaps://kari@mail.example'").ledger else {
        panic!("no ledger");
    };
    assert!(own.starts_with(own_folder()));
}

#[test]
fn a_desk_shows_what_is_in_the_mailbox_and_what_comes() {
    let desk = Desk::new();
    let mut letters = desk.letters(1..3);
    let visit = Visit::of(&desk);
    let home = visit.enter();
    assert!(!visit.get(&home).body.contains(&letters[0]), "it is locked");
    visit.unlock(&home);
    visit.shows(&home, &letters);
    letters.extend(desk.letters(3..4));
    visit.shows(&home, &letters);
    assert!(
        !desk.out().join("0001").exists() && desk.folders().is_empty(),
        "nothing is written by itself"
    );
    assert_eq!(visit.post(&format!("{home}lock"), "").status, 303);
    assert!(!visit.get(&home).body.contains(&letters[0]));
}

/// As `konvolutt demo` writes it: paths from the file's own folder.
#[test]
fn the_demo_is_its_folder() {
    let desk = Desk::new();
    let letters = desk.letters(1..2);
    let text = "mail = ['mail']\nkeys = ['key.asc']\nrelay = ['relay.asc']\nout = 'opened'\n";
    desk.put("demo/postrom.toml", text);
    for name in ["mail", "key.asc", "relay.asc"] {
        fs::rename(desk.path(name), desk.path("demo").join(name)).unwrap();
    }
    let visit = Visit::start(bare(&desk, &["--demo", "demo"]));
    let told = "Settings: demo/postrom.toml";
    visit.running.until(told, || visit.running.err().contains(told));
    let home = visit.enter();
    visit.unlock(&home);
    visit.shows(&home, &letters);
    let nowhere = Running::start(bare(&desk, &["--demo", "elsewhere"])).end();
    assert_eq!(nowhere.code, Some(2), "{}", nowhere.said());
}

#[test]
fn what_cannot_be_is_said_before_anything_starts() {
    let desk = Desk::new();
    let said = |words: &[&str]| {
        let ran = Running::start(command(&desk, words)).end();
        assert_eq!(ran.code, Some(2), "{}", ran.said());
        assert!(ran.out.is_empty(), "{}", ran.out);
        ran.err
    };
    assert!(said(&["--mail", "imap://kari@mail.example/INBOX"]).contains("encrypted only"));
    let told = said(&["--mail", "imaps://kari:geheim@mail.example/INBOX"]);
    assert!(
        told.contains("A password stands in the address") && !told.contains("geheim"),
        "{told}"
    );
    assert!(said(&["--config", "nowhere.toml"]).contains("The file is not there"));
    desk.put("bad.toml", "mail = 'mail'\nlock_after = 500\n");
    let told = said(&["--config", "bad.toml"]);
    assert!(told.contains("line 2") && told.contains("from 1 to 120"), "{told}");
    said(&["--config", "bad.toml", "--demo", "x"]);
    said(&["--listen", "localhost"]);
}

#[test]
fn open_leaves_a_mailbox_on_a_server_to_the_desk() {
    let desk = Desk::new();
    let letters = desk.letters(1..2);
    let text =
        "mail = ['mail', 'imaps://kari@mail.example/INBOX']\nkeys = 'key.asc'\nrelay = 'relay.asc'\nout = 'out'\n";
    desk.put("postrom.toml", text);
    let mut command: Command = desk.bare();
    let ran: crate::program::desk::Ran = command.args(["--lang", "en"]).output().unwrap().into();
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert!(
        ran.err
            .contains("imaps://kari@mail.example/INBOX is a mailbox on a server"),
        "{}",
        ran.err
    );
    desk.has_whole(&letters);
}
