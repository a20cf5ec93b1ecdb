//! All letters from the spool to a database and back: nothing lost, nothing doubled, whoever is killed where.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use konvolutt::store::files::FileStore;
use konvolutt::store::files::transfer::Spool;
use konvolutt::store::moving::{Counts, Kind, Moved, between};
use konvolutt::store::postgres::{Database, Login, Settings};
use konvolutt::store::{Committed, Envelope, Identity, Proof, Settlement, State, Status, Store, StoreError};
use konvolutt::unix_time::{file_times, seconds};

use crate::support::postgres::{OWNER, fresh_database, open, other_node, settings, shared};
use crate::support::{World, run};

/// A spool and a database beside it.
struct Both {
    dir: tempfile::TempDir,
    settings: Settings,
}

fn identity(store: &dyn Store, number: u32) -> Identity {
    store.identities().of(&number.to_be_bytes(), &[0; 32])
}

fn mail(number: u32) -> Vec<u8> {
    // Of one part, of some, and of exactly one or two.
    let length = match number % 5 {
        0 => 262_144,
        1 => 524_288,
        2 => 700_000,
        _ => 30,
    };
    let line = format!("{number:08} of a letter\r\n");
    line.as_bytes().iter().copied().cycle().take(length).collect()
}

fn proof(number: u32) -> Option<Proof> {
    number.is_multiple_of(2).then(|| Proof {
        accepted: 60 * u64::from(number),
        seal: [number as u8; 32],
    })
}

fn commit(store: &dyn Store, number: u32) -> Result<Committed, StoreError> {
    let mut pending = store.begin()?;
    pending.write_all(&mail(number))?;
    if let Some(proof) = proof(number) {
        pending.prove(proof);
    }
    let envelope = Envelope {
        mailbox: "post".into(),
        from: "a@authority.example".into(),
        to: "b@authority.example".into(),
        reference: format!("TST-{number:04}-TST"),
        accepted: 60 * u64::from(number),
    };
    pending.commit(&identity(store, number), &envelope)
}

fn tried(attempts: u32) -> Status {
    Status {
        attempts,
        due: 1_900_000_000,
        last_error: "451 later".into(),
        ..Status::default()
    }
}

/// Letters in every state: 0 to 5 and 13 wait, 6 to 8 were delivered, 9 and 10 are held, 11 and 12 were discarded, 13 and 14
/// are corrupt.
fn fill(store: &dyn Store) {
    for number in 0..15 {
        assert_eq!(commit(store, number).unwrap(), Committed::New);
    }
    let name = |number| identity(store, number).name;
    let settle = |number, settlement| store.claim(&name(number)).unwrap().settle(settlement).unwrap();
    settle(4, Settlement::Later(tried(3)));
    store.readdress(&name(5), "other").unwrap();
    for number in 6..9 {
        settle(number, Settlement::Delivered);
    }
    settle(9, Settlement::Held(tried(1)));
    store.hold(&name(10)).unwrap();
    store.hold(&name(11)).unwrap();
    store.discard(&name(11), State::Held, "sent twice").unwrap();
    for number in [12, 13, 14] {
        settle(number, Settlement::Quarantined(tried(1)));
    }
    store.discard(&name(12), State::Corrupt, "damaged").unwrap();
    assert_eq!(commit(store, 13).unwrap(), Committed::New);
    store.set_note("bounces", b"42").unwrap();
}

const COUNTS: Counts = Counts {
    waiting: 7,
    held: 2,
    delivered: 2,
    names: 1,
    corrupt: 3,
    discarded: 2,
};

impl Both {
    fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(vec![shared().socket()], &fresh_database(), &dir.path().join("spool"));
        Self { dir, settings }
    }

    /// Letters in every state in the spool, and some that only a spool has.
    fn with_letters() -> Self {
        let both = Self::empty();
        let store = both.files().unwrap();
        fill(&*store);
        let name = |number| identity(&*store, number).name;
        let spool = both.spool();
        fs::remove_file(spool.join("delivered").join(name(8))).unwrap();
        // Bytes that are no letter at all.
        fs::write(spool.join("corrupt").join(name(40)), b"\xff\0").unwrap();
        fs::write(spool.join("corrupt/strange-0011223344556677"), "foreign").unwrap();
        for (place, number, minute) in [
            ("new", 1, 50),
            ("new", 6, 20),
            ("delivered", 6, 17),
            ("new", 8, 7),
            ("held", 9, 3),
        ] {
            let file = File::open(spool.join(place).join(name(number))).unwrap();
            let moment = UNIX_EPOCH + Duration::from_secs(1_700_000_040 + minute * 60);
            file.set_times(file_times(moment)).unwrap();
        }
        both
    }

    fn spool(&self) -> PathBuf {
        self.settings.local.directory.clone()
    }

    fn files(&self) -> io::Result<Arc<dyn Store>> {
        FileStore::open(&self.settings.local).map(|store| Arc::new(store) as Arc<dyn Store>)
    }

    fn moved(&self, from: Kind, to: Kind) -> io::Result<Moved> {
        let database = Database::open(&self.settings, &Login::named(OWNER))?;
        let spool = Spool::open(&self.settings.local)?;
        let now = SystemTime::now();
        match (from, to) {
            (Kind::Files, _) => between(&spool, &database, now, &mut |_, _| {}),
            _ => between(&database, &spool, now, &mut |_, _| {}),
        }
    }

    fn sql(&self, statements: &str) -> String {
        shared().sql(&self.settings.database, statements)
    }

    /// Everything that the spool has of letters, with moments, modes and proofs.
    fn kept(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for directory in ["new", "held", "delivered", "corrupt", "discarded", "state", "notes"] {
            for entry in fs::read_dir(self.spool().join(directory)).unwrap().map(Result::unwrap) {
                let name = format!("{directory}/{}", entry.file_name().display());
                // What a killed program was about to write is no state of a letter.
                let is_whole = directory != "state" || name.ends_with(".json");
                if is_whole && !name.contains("strange") {
                    all.insert(name, described(&entry.path(), ["state", "notes"].contains(&directory)));
                }
            }
        }
        all
    }

    fn waiting(&self) -> Vec<String> {
        let store = self.files().unwrap();
        names_waiting(&*store)
    }
}

fn names_waiting(store: &dyn Store) -> Vec<String> {
    store.waiting().unwrap().into_iter().map(|(name, _)| name).collect()
}

/// What differs is said, and no more.
fn same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) {
    let of = |all: &BTreeMap<String, String>, name: &String| all.get(name).cloned();
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differ = names.into_iter().filter(|name| of(one, name) != of(other, name));
    let differ: Vec<_> = differ.map(|name| (name, of(one, name), of(other, name))).collect();
    assert!(differ.is_empty(), "{differ:#?}");
}

fn described(path: &Path, only_bytes: bool) -> String {
    let bytes = fs::read(path).unwrap();
    let digest = run(Command::new("sha256sum").arg(path));
    let digest = digest.split(' ').next().unwrap().to_owned();
    if only_bytes {
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    let mut value = [0; 128];
    let length = rustix::fs::lgetxattr(path, "user.konvolutt.seal", &mut value).unwrap_or(0);
    let proof = String::from_utf8_lossy(&value[..length]).into_owned();
    let minute = seconds(fs::metadata(path).unwrap().modified().unwrap()) / 60;
    format!("{digest} {proof} {minute}")
}

fn bytes_of(store: &dyn Store, number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let claim = store.claim(&identity(store, number).name).unwrap();
    claim.letter().mail().read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
#[ignore = "needs PostgreSQL"]
fn letters_in_every_state_go_to_a_database_and_back_as_they_are() {
    let both = Both::with_letters();
    let (before, order) = (both.kept(), both.waiting());
    let listed = |store: &dyn Store| serde_json::to_value(store.list().unwrap()).unwrap();
    let in_files = listed(&*both.files().unwrap());
    let moved = both.moved(Kind::Files, Kind::Postgres).unwrap();
    assert_eq!((moved.letters, moved.others, moved.notes), (COUNTS, 0, 1));
    assert!(moved.stay[0].ends_with("strange-0011223344556677"), "{:?}", moved.stay);
    {
        let store = open(&both.settings);
        assert_eq!(names_waiting(&*store), order);
        // What an operator is shown, but for the bytes that a file takes more than a row, and what no row is of.
        let plain = |listed: serde_json::Value| {
            let all = listed.as_array().unwrap().iter().cloned();
            let ours = all.filter(|letter| !letter["name"].as_str().unwrap().starts_with("strange"));
            let mut ours: Vec<_> = ours.collect();
            // Of two letters with one name a spool shows what was tried with either.
            let second = identity(&*store, 13).name;
            for letter in &mut ours {
                letter["size"] = 0.into();
                if letter["name"] == second.as_str() && letter["state"] == "corrupt" {
                    letter["status"] = serde_json::Value::Null;
                }
            }
            let of =
                |letter: serde_json::Value| (format!("{} {}", letter["name"], letter["state"]), letter.to_string());
            ours.into_iter().map(of).collect::<BTreeMap<String, String>>()
        };
        same(&plain(listed(&*store)), &plain(in_files));
        for number in [0, 1, 2, 3, 13] {
            assert_eq!(bytes_of(&*store, number), mail(number), "{number}");
        }
        // A page that is sent again, whatever became of its letter.
        for number in [0, 1, 6, 8, 9, 11] {
            let of = identity(&*store, number);
            assert_eq!(store.proof(&of), proof(number), "{number}");
            assert!(store.repeats(&of).unwrap(), "{number}");
            assert_eq!(commit(&*store, number).unwrap(), Committed::Repeat, "{number}");
        }
        assert_eq!(store.note("bounces").unwrap().unwrap(), b"42");
    }
    let refused = both.files().err().unwrap().to_string();
    assert!(
        refused.starts_with("its letters were moved to the database on 20"),
        "{refused}"
    );
    same(&both.kept(), &before);
    let back = both.moved(Kind::Postgres, Kind::Files).unwrap();
    assert_eq!((back.letters, back.there, &back.digest), (COUNTS, 0, &moved.digest));
    same(&both.kept(), &before);
    assert_eq!(both.waiting(), order);
    let closed = commit(&*open(&both.settings), 50);
    assert!(
        matches!(&closed, Err(StoreError::Unproven(why)) if why.contains("its letters were moved to the files of the spool on 20")),
        "{closed:?}"
    );
}

/// Letters that came to a database, and what became of them there.
#[test]
#[ignore = "needs PostgreSQL"]
fn letters_that_came_to_a_database_go_to_the_spool_and_back() {
    let both = Both::empty();
    {
        let store = open(&both.settings);
        fill(&*store);
        let gone = identity(&*store, 8).name;
        both.sql(&format!(
            "update konvolutt.letter set kept = false where name = '{gone}'"
        ));
        // A letter that another program changed.
        let changed = identity(&*store, 3).name;
        both.sql(&format!(
            "update konvolutt.part set body = 'x' where letter = (select id from konvolutt.letter where name = '{changed}')"
        ));
    }
    let order = names_waiting(&*open(&both.settings));
    let moved = both.moved(Kind::Postgres, Kind::Files).unwrap();
    let expected = Counts {
        waiting: 6,
        corrupt: 3,
        ..COUNTS
    };
    assert_eq!((moved.letters, moved.damaged.len()), (expected, 1));
    {
        let store = both.files().unwrap();
        let order: Vec<String> = order
            .into_iter()
            .filter(|name| *name != identity(&*store, 3).name)
            .collect();
        assert_eq!(names_waiting(&*store), order);
        for number in [0, 1, 2, 13] {
            assert_eq!(bytes_of(&*store, number), mail(number), "{number}");
            assert_eq!(store.proof(&identity(&*store, number)), proof(number));
        }
        let known = |number| store.show(&identity(&*store, number).name).unwrap().unwrap();
        assert_eq!(known(4).status, tried(3));
        assert_eq!(
            (known(5).mailbox.as_str(), known(5).taken_for.as_deref()),
            ("other", Some("post"))
        );
        assert_eq!((known(11).state, known(12).state), (State::Discarded, State::Discarded));
        assert_eq!(known(11).discarded.unwrap().why, "sent twice");
        assert_eq!(commit(&*store, 8).unwrap(), Committed::Repeat);
        // One more thing happens before they go back.
        store
            .claim(&identity(&*store, 0).name)
            .unwrap()
            .settle(Settlement::Delivered)
            .unwrap();
    }
    let kept = both.kept();
    let back = both.moved(Kind::Files, Kind::Postgres).unwrap();
    assert_eq!((back.letters.waiting, back.letters.delivered), (5, 3));
    both.moved(Kind::Postgres, Kind::Files).unwrap();
    same(&both.kept(), &kept);
}

#[test]
#[ignore = "needs PostgreSQL"]
fn nothing_is_moved_while_anybody_works_with_either() {
    let both = Both::with_letters();
    let refused = |from, to, words: &str| {
        let why = both.moved(from, to).unwrap_err().to_string();
        assert!(why.contains(words) && why.contains("on every node"), "{why}");
    };
    let store = both.files().unwrap();
    let lease = store.lease().unwrap();
    refused(Kind::Files, Kind::Postgres, "a relay delivers from this spool");
    drop(lease);
    // A web side of another node.
    let node = open(&other_node(&both.settings, "b"));
    commit(&*node, 60).unwrap();
    refused(
        Kind::Postgres,
        Kind::Files,
        "these users are connected to the database: konvolutt_web",
    );
    let lease = node.lease().unwrap();
    drop((lease, node));
    refused(
        Kind::Files,
        Kind::Postgres,
        "these nodes delivered within the last 20 seconds: b",
    );
    both.sql("update konvolutt.node set seen = seen - interval '20 s'");
    both.sql("update konvolutt.letter set node = 'b', owner = 'b:1', until = clock_timestamp() + interval '9 s'");
    refused(Kind::Postgres, Kind::Files, "letters are being delivered by: b");
    // Nothing was closed, and the control.
    both.files().unwrap();
    both.sql("update konvolutt.letter set until = clock_timestamp()");
    let moved = both.moved(Kind::Files, Kind::Postgres).unwrap();
    assert_eq!((moved.letters, moved.others), (COUNTS, 1));
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_letter_that_both_have_differently_stops_before_anything_is_changed() {
    let both = Both::with_letters();
    {
        let store = open(&both.settings);
        // The same page, sealed at another time.
        let mut pending = store.begin().unwrap();
        pending.write_all(b"another").unwrap();
        let envelope = Envelope {
            mailbox: "post".into(),
            from: String::new(),
            to: String::new(),
            reference: String::new(),
            accepted: 60,
        };
        pending.commit(&identity(&*store, 2), &envelope).unwrap();
    }
    let before = both.kept();
    let why = both.moved(Kind::Files, Kind::Postgres).unwrap_err().to_string();
    assert!(why.contains("nothing was moved"), "{why}");
    same(&both.kept(), &before);
    both.files().unwrap();
    assert_eq!(both.sql("select count(*) from konvolutt.letter"), "1");
    assert_eq!(
        both.sql("select count(*) from konvolutt.about where key = 'closed'"),
        "0"
    );
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_spool_with_another_secret_is_refused() {
    let both = Both::with_letters();
    both.sql(
        "insert into konvolutt.about values ('secret', 'another') on conflict (key) do update set value = 'another'",
    );
    let why = both.moved(Kind::Files, Kind::Postgres).unwrap_err().to_string();
    assert!(why.contains("`secret`"), "{why}");
    both.files().unwrap();
}

impl Both {
    /// The command, with a configuration of its own.
    fn command(&self, from: &str, to: &str) -> Command {
        let config = self.dir.path().join("konvolutt.toml");
        let server = shared();
        let text = format!(
            "[spool]\ndirectory = \"spool\"\n[store.postgres]\nhosts = [\"{}:{}\"]\ndatabase = \"{}\"\nstandbys = 0\nnode = \"a\"\n",
            server.sockets().display(),
            server.port,
            self.settings.database
        );
        fs::write(&config, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        command
            .args([
                "store", "move", "--from", from, "--to", to, "--as", OWNER, "--json", "--config",
            ])
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Kills the command at a later moment each time, until it has ended by itself. How often it was killed.
    fn killed_until_done(&self, from: &str, to: &str) -> u32 {
        let mut kills = 0;
        for step in 1.. {
            let mut child = self.command(from, to).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(600 + 37 * step));
            if child.try_wait().unwrap().is_some() {
                let output = child.wait_with_output().unwrap();
                assert!(output.status.success(), "{}", stderr(&output));
                return kills;
            }
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
            self.must_not_both_be_open(from);
        }
        kills
    }

    /// Where letters came from is closed as soon as one is at the other end.
    fn must_not_both_be_open(&self, from: &str) {
        let is_closed = [
            self.spool().join("moved").exists(),
            self.sql("select count(*) from konvolutt.about where key = 'closed'") == "1",
        ];
        let closed = is_closed[usize::from(from == "postgres")];
        let came = match from {
            "files" => self.sql("select count(*) from konvolutt.letter") != "0",
            _ => fs::read_dir(self.spool().join("new")).unwrap().count() > 0,
        };
        assert!(closed || !came, "both can be used");
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_move_that_is_killed_again_and_again_goes_on_and_loses_nothing() {
    let both = Both::with_letters();
    {
        let store = both.files().unwrap();
        for number in 100..220 {
            commit(&*store, number).unwrap();
        }
    }
    let (before, order) = (both.kept(), both.waiting());
    let there = both.killed_until_done("files", "postgres");
    assert_eq!(names_waiting(&*open(&both.settings)), order);
    assert_eq!(
        both.sql("select count(*) from konvolutt.letter"),
        (17 + 120).to_string()
    );
    // A part that belongs to no letter would be one of a letter that was doubled.
    let lost = "select count(*) from konvolutt.part where letter not in (select id from konvolutt.letter)";
    assert_eq!(both.sql(lost), "0");
    let back = both.killed_until_done("postgres", "files");
    same(&both.kept(), &before);
    assert_eq!(both.waiting(), order);
    assert!(there >= 2 && back >= 2, "killed {there} and {back} times");
}

#[test]
fn a_service_on_a_spool_that_was_left_says_where_the_letters_are() {
    let mut world = World::new();
    world.terminate();
    let words = "its letters were moved to the database on 2027-01-02: write the section [store.postgres]";
    fs::write(world.root().join("spool/moved"), format!("{words}\n")).unwrap();
    for command in ["serve", "queue"] {
        let words_of: &[&str] = if command == "queue" {
            &["queue", "list"]
        } else {
            &["serve"]
        };
        let output = world.konvolutt(words_of);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
    // The control.
    fs::remove_file(world.root().join("spool/moved")).unwrap();
    assert!(world.konvolutt(&["queue", "list"]).status.success());
    world.start();
}

/// Its form is open when the letters leave: it closes, and nothing that it takes is promised.
#[test]
fn a_form_that_runs_while_its_spool_is_left_promises_nothing_more() {
    let world = World::new();
    fs::write(world.root().join("spool/moved"), "its letters were moved\n").unwrap();
    let shown = world.follow(&world.marked_form().send());
    assert!(shown.status >= 500, "{}", shown.body);
    assert!(world.files_in("spool/new").is_empty());
}
