//! `postrom.toml`: the example is read, paths are whole, and each mistake is told with its line and what to write.

use std::fs;
use std::path::{Path, PathBuf};

use postrom::i18n::{Lang, settings as texts};
use postrom::settings::{BadServer, Kind, LedgerPlace, Mistake, NAMES, Settings, SettingsError};
use postrom::trouble::Cause;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/postrom.toml");

fn parse(text: &str) -> Result<Settings, SettingsError> {
    parse_bytes(text.as_bytes())
}

fn parse_bytes(bytes: &[u8]) -> Result<Settings, SettingsError> {
    Settings::parse(Path::new("office/postrom.toml"), bytes, Some(Path::new("/home/kari")))
}

fn mistake(text: &str) -> (Option<usize>, Mistake) {
    let error = parse(text).unwrap_err();
    (error.line, error.mistake)
}

#[test]
fn the_example_is_read_and_shows_every_name() {
    let example = Path::new(EXAMPLE);
    let settings = Settings::load(Some(example)).unwrap().unwrap();
    let folder = example.parent().unwrap();
    assert_eq!(settings.keys, [folder.join("keys/postmottak.key.asc")]);
    assert_eq!(settings.language, Some(Lang::Nn));
    // What stands there as a comment is right as well.
    let text = fs::read_to_string(example).unwrap();
    let is_setting = |line: &&str| NAMES.iter().any(|name| line.starts_with(&format!("# {name} = ")));
    let hidden: Vec<_> = text.lines().filter(is_setting).collect();
    assert_eq!(hidden.len(), 12, "{hidden:?}");
    let whole = text
        .lines()
        .map(|line| if is_setting(&line) { &line[2..] } else { line });
    let whole = parse(&whole.collect::<Vec<_>>().join("\n")).unwrap();
    assert!(whole.ledger.is_some() && whole.acknowledge.is_some() && !whole.passphrase_file.is_empty());
    assert!(whole.marks_in_mailbox && whole.lock_after.is_some() && whole.officers.len() == 1);
    for name in NAMES {
        let shown = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{name} = "));
        assert!(text.lines().any(shown), "{name} is not in the example");
    }
}

#[test]
fn paths_count_from_the_folder_of_the_file() {
    let settings = parse(
        "mail = ['in', '/var/mail/x']\nkeys = 'k.asc'\nout = \"~/brev\"\nledger = 'off'\nacknowledge = '../ack'\nlanguage = 'NB'\n",
    )
    .unwrap();
    let paths = |said: &[&str]| -> Vec<PathBuf> { said.iter().map(PathBuf::from).collect() };
    assert_eq!(settings.mail, paths(&["office/in", "/var/mail/x"]));
    assert_eq!(settings.keys, paths(&["office/k.asc"]));
    assert_eq!(settings.out, Some("/home/kari/brev".into()));
    assert_eq!(settings.ledger, Some(LedgerPlace::Off));
    assert_eq!(settings.acknowledge, Some("office/../ack".into()));
    assert_eq!(settings.language, Some(Lang::Nb));
    assert!(settings.relay.is_empty() && settings.known.is_empty());
    let listed = parse("ledger = 'list'").unwrap().ledger;
    assert_eq!(listed, Some(LedgerPlace::File("office/list".into())));
    assert_eq!(parse("").unwrap().out, None);
}

#[test]
fn each_mistake_has_its_line() {
    let unknown = |name: &str, meant| Mistake::UnknownName {
        name: name.into(),
        meant,
    };
    let kind = |name, kind| Mistake::WrongKind { name, kind };
    for (text, line, expected) in [
        ("out = 'x'\nrelais = 'y'", 2, unknown("relais", None)),
        ("key = 'x'", 1, unknown("key", Some("keys"))),
        (
            "passphrase-file = 'x'",
            1,
            unknown("passphrase-file", Some("passphrase_file")),
        ),
        ("# a\n\nRelay = 'x'", 3, unknown("Relay", Some("relay"))),
        ("[open]\nout = 'x'", 1, unknown("open", None)),
        ("out = 'x'\nkeys = [\n 'a',\n 7,\n]", 4, kind("keys", Kind::Paths)),
        ("out = ['a']", 1, kind("out", Kind::Path)),
        ("language = true", 1, kind("language", Kind::Language)),
        ("ledger = false", 1, kind("ledger", Kind::Ledger)),
        ("\nlanguage = 'se'", 2, Mistake::UnknownLanguage { said: "se".into() }),
        ("out = ' '", 1, Mistake::Empty { name: "out" }),
        ("relay = []", 1, Mistake::Empty { name: "relay" }),
        ("mail = []", 1, Mistake::Empty { name: "mail" }),
        ("out = 'x'\nmail = [\"C:\\Users\\kari\"]", 2, Mistake::Backslash),
    ] {
        assert_eq!(mistake(text), (Some(line), expected), "{text}");
    }
    for (text, line) in [
        ("out = letters", 1),
        ("out = 'a'\nout = 'b'", 2),
        ("mail = [\n'a'\n'b'\n]", 3),
        ("out", 1),
    ] {
        let (at, what) = mistake(text);
        assert!(matches!(what, Mistake::Syntax(_)), "{text}: {what:?}");
        assert_eq!(at, Some(line), "{text}: {what:?}");
    }
    let homeless = Settings::parse(Path::new("postrom.toml"), b"out = '~/x'", None).unwrap_err();
    assert_eq!(homeless.mistake, Mistake::NoHome { name: "out" });
}

/// Notepad and PowerShell of Windows.
#[test]
fn a_file_of_windows_is_read_or_named() {
    let marked = [&b"\xef\xbb\xbf"[..], "out = 'opna'\r\nlanguage = 'nn'\r\n".as_bytes()].concat();
    assert_eq!(parse_bytes(&marked).unwrap().out, Some("office/opna".into()));
    let wide: Vec<u8> = "\u{feff}out = 'x'".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [&wide[..], b"out = 'for\xe5'", b"o\0u\0t\0"] {
        assert_eq!(parse_bytes(bytes).unwrap_err().mistake, Mistake::NotUtf8);
    }
}

/// What the desk alone uses.
#[test]
fn what_the_desk_is_told_is_held_against_its_bounds() {
    let unknown = |name: &str, meant| Mistake::UnknownName {
        name: name.into(),
        meant,
    };
    let kind = |name, kind| Mistake::WrongKind { name, kind };
    for (text, line, expected) in [
        (
            "mail = [\n'in',\n'imap://a@b/c']",
            3,
            Mistake::BadServer(BadServer::NotEncrypted),
        ),
        ("mail = 'imaps://a:b@c/d'", 1, Mistake::BadServer(BadServer::Password)),
        ("mail = 'imaps://c/d'", 1, Mistake::BadServer(BadServer::Incomplete)),
        ("mail = 7", 1, kind("mail", Kind::Paths)),
        ("lock_after = 0", 1, Mistake::OutOfBounds { name: "lock_after" }),
        ("lock_after = 121", 1, Mistake::OutOfBounds { name: "lock_after" }),
        ("lock_after = -5", 1, Mistake::OutOfBounds { name: "lock_after" }),
        (
            "lock_after = 99999999999999999999",
            1,
            kind("lock_after", Kind::Minutes),
        ),
        ("lock_after = '10'", 1, kind("lock_after", Kind::Minutes)),
        ("lock_after = 1.5", 1, kind("lock_after", Kind::Minutes)),
        ("\nmarks_in_mailbox = 'ja'", 2, kind("marks_in_mailbox", Kind::YesNo)),
        ("move_opened_to = true", 1, kind("move_opened_to", Kind::Text)),
        (
            "password_file = 'x'",
            1,
            unknown("password_file", Some("mail_password_file")),
        ),
        ("officer = 'x'", 1, unknown("officer", Some("officers"))),
        ("officers = []", 1, Mistake::Empty { name: "officers" }),
    ] {
        assert_eq!(mistake(text), (Some(line), expected), "{text}");
    }
    for (text, minutes) in [
        ("lock_after = 1", 1),
        ("lock_after = 120", 120),
        ("lock_after = 0x10", 16),
    ] {
        assert_eq!(
            parse(text).unwrap().lock_after.unwrap().as_secs(),
            minutes * 60,
            "{text}"
        );
    }
    let both = parse("mail = ['in', 'IMAPS://a@b/c']\nmarks_in_mailbox = false").unwrap();
    assert_eq!((both.mail.len(), both.servers), (1, vec!["imaps://a@b/c".to_owned()]));
    assert!(!both.marks_in_mailbox);
}

#[test]
fn a_form_that_no_archive_takes_is_a_mistake() {
    let said = "noark4".to_owned();
    assert_eq!(
        mistake("arkivmelding = 'noark4'"),
        (Some(1), Mistake::UnknownForm { said })
    );
    assert!(parse("arkivmelding = 'FIKS2'").unwrap().arkivmelding.is_some());
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let dir = tempfile::tempdir().unwrap();
    let gone = Settings::load(Some(&dir.path().join("postrom.toml"))).unwrap_err();
    assert_eq!(gone.mistake, Mistake::Unreadable(Cause::Missing));
    assert!(Settings::load(Some(dir.path())).is_err());
}

/// In each language: the file, the line, what is wrong, what to write; nothing of a stranger's file acts on the terminal.
#[test]
fn a_mistake_is_told_in_the_clerks_language() {
    let told = |text: &str, lang| texts::mistake(&parse(text).unwrap_err(), lang);
    assert_eq!(
        told("out = 'x'\nkey = 'y'", Lang::Nn),
        "office/postrom.toml, linje 2: «key» er ikkje ei innstilling. Skriv «keys», om det var det du meinte."
    );
    assert_eq!(
        told("language = 'sv'", Lang::Nb),
        "office/postrom.toml, linje 1: Programmet snakker ikke «sv». Skriv language = \"nb\", \"nn\" eller \"en\"."
    );
    assert_eq!(
        told("out = 7", Lang::En),
        "office/postrom.toml, line 1: “out” takes one folder. Write out = \"path\"."
    );
    for lang in [Lang::Nb, Lang::Nn, Lang::En] {
        for text in [
            "\"\u{202e}evil\" = 1",
            "language = \"\\u001b[2J\"",
            "foo = 1",
            "mail = [7]",
            "x",
            "out = ''",
            "ledger = 1",
            "lock_after = 0",
            "marks_in_mailbox = 1",
            "move_opened_to = 1",
            "mail = 'imap://x'",
            "mail = 'imaps://x:y@z'",
            "mail = 'imaps://x'",
        ] {
            let told = told(text, lang);
            assert!(
                told.starts_with("office/postrom.toml, lin") && told.ends_with('.'),
                "{told}"
            );
            assert!(!told.contains(['\u{1b}', '\u{202e}', '{', '\n']), "{told}");
        }
    }
}
