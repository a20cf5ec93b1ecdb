//! A clerk's desk: a key, the form's certificate, a mailbox, and the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use konvolutt_letter::Reference;
use sequoia_openpgp::Cert;
use sequoia_openpgp::serialize::SerializeInto;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Seal, Sent, letter, mail, relay, room};

/// What a run came to.
pub struct Ran {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// The lines of `--json`, the summary last.
    pub fn lines(&self) -> Vec<Value> {
        let line = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.out.lines().map(line).collect()
    }

    /// What it said, for the message of a failed test.
    pub fn said(&self) -> String {
        format!("code {:?}\n{}{}", self.code, self.out, self.err)
    }
}

/// Everything lies below one folder, which goes with it.
pub struct Desk {
    root: TempDir,
    pub own: Cert,
    pub relay: Cert,
}

impl Desk {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let (own, key) = room("Postmottak");
        let relay = relay("skjema@x.example", SystemTime::now() - Duration::from_secs(86_400));
        let desk = Self { root, own, relay };
        fs::write(desk.path("key.asc"), key).unwrap();
        let public = desk
            .relay
            .clone()
            .strip_secret_key_material()
            .armored()
            .to_vec()
            .unwrap();
        fs::write(desk.path("relay.asc"), public).unwrap();
        fs::create_dir(desk.path("mail")).unwrap();
        desk
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn out(&self) -> PathBuf {
        self.path("out")
    }

    /// A letter from the form, as a mail.
    pub fn mail(&self, sent: &Sent<'_>) -> Vec<u8> {
        let seal = Seal::by_relay(&self.relay, &self.own);
        mail(sent.reference, &seal.armored(&letter(sent)))
    }

    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// So many letters into `mail/`; their references.
    pub fn letters(&self, numbers: std::ops::Range<u32>) -> Vec<String> {
        let put = |number: u32| {
            let reference = reference(number);
            let text = format!("Brev nummer {number}.");
            let sent = Sent {
                files: vec![("notat.txt", b"MERKE i vedlegget")],
                ..Sent::new(&reference, &text)
            };
            self.put(&format!("mail/{number:04}.eml"), self.mail(&sent));
            reference
        };
        numbers.map(put).collect()
    }

    /// `postrom open` with this desk's key, the form's certificate and the out folder.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = self.bare();
        command.args(words).args([
            "--key",
            "key.asc",
            "--relay",
            "relay.asc",
            "--out",
            "out",
            "--lang",
            "en",
        ]);
        command
    }

    /// `postrom open` and nothing else, in the desk's folder and without the settings of whoever runs the tests.
    pub fn bare(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_postrom"));
        self.at_home(&mut command);
        command.arg("open");
        command
    }

    pub fn at_home(&self, command: &mut Command) {
        command
            .current_dir(self.root())
            .env("HOME", self.root())
            .env_remove("XDG_CONFIG_HOME")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("LANGUAGE");
    }

    pub fn open(&self, words: &[&str]) -> Ran {
        self.command(words).output().unwrap().into()
    }

    /// Names in the out folder that a clerk sees, sorted.
    pub fn folders(&self) -> Vec<String> {
        names(&self.out(), |name| {
            !name.starts_with('.') && name != "postrom-ledger.jsonl"
        })
    }

    /// What a run had not finished. An empty one stays for a minute: an older program might be about to fill it. One that
    /// was still being made (`.new`) held nothing yet.
    pub fn unfinished(&self) -> Vec<String> {
        let is_filled =
            |name: &str| fs::read_dir(self.out().join(name)).is_ok_and(|mut entries| entries.next().is_some());
        let is_one = |name: &str| name.starts_with(".unfinished-") && !name.ends_with(".new");
        names(&self.out(), |name| is_one(name) && is_filled(name))
    }

    /// A run that lives has more in its hidden folder than its lock while it opens a letter.
    pub fn is_at_work(&self, run: &str) -> bool {
        fs::read_dir(self.out().join(run)).is_ok_and(|entries| entries.count() > 1)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.out().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Each of these has one folder with everything in it, and there is no other.
    pub fn has_whole(&self, references: &[String]) {
        let mut wanted = references.to_vec();
        wanted.sort();
        assert_eq!(self.folders(), wanted);
        self.all_whole();
    }

    /// Every folder that has a name has everything.
    pub fn all_whole(&self) {
        for name in self.folders() {
            let text = self.read(&format!("{name}/letter.txt"));
            assert!(text.contains("Brev nummer") && text.contains(&name), "{name}: {text}");
            let status: Value = serde_json::from_str(&self.read(&format!("{name}/status.json"))).unwrap();
            assert_eq!(status["verdict"], "genuine", "{name}");
            let json: Value = serde_json::from_str(&self.read(&format!("{name}/letter.json"))).unwrap();
            assert_eq!(json["reference"], name.as_str());
            assert_eq!(self.read(&format!("{name}/attachments/notat.txt")), "MERKE i vedlegget");
        }
    }
}

fn names(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| wanted(name)).collect();
    names.sort();
    names
}

/// A reference of its own for each number.
pub fn reference(number: u32) -> String {
    const SYMBOLS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    let stem = format!("K7F3{}", text_of(number, SYMBOLS));
    let last = SYMBOLS
        .iter()
        .find_map(|last| Reference::parse(&format!("{stem}{}", char::from(*last))));
    last.unwrap().to_string()
}

fn text_of(mut number: u32, symbols: &[u8]) -> String {
    let mut text = String::new();
    for _ in 0..5 {
        text.push(char::from(symbols[number as usize % symbols.len()]));
        number /= symbols.len() as u32;
    }
    text
}
