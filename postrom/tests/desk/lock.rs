//! What is over when the desk is locked, whoever still holds on to it; and what is not mixed up when it is opened again.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use postrom::desk::post::Content;
use postrom::desk::room::{NoOpening, NotDone, Open, Room};
use postrom::desk::worker::Start;
use postrom::i18n::Lang;
use postrom::ledger::{Act, State};
use postrom::settings::LedgerPlace;
use postrom::trouble::Trouble;
use serde_json::Value;

use super::office::{Office, until, until_read};
use super::pages::visit::Visit;
use crate::program::desk::reference;
use crate::support::Sent;

/// A desk with one letter, that is open, and where its process that opens can be seen.
#[cfg(target_os = "linux")]
fn with_seen_opener() -> (Office, Room, Open, PathBuf) {
    let office = Office::new();
    office.desk.letters(0..1);
    let number = office.desk.path("pid");
    let told = number.clone();
    let start = move || -> Start {
        let told = told.clone();
        Box::new(move || {
            let mut command = Command::new("sh");
            command.args(["-c", "echo $$ > \"$0\"; exec \"$1\" desk-opener"]);
            command.arg(&told).arg(env!("CARGO_BIN_EXE_postrom"));
            command
        })
    };
    let room = Room::new(office.plan("kari"), Box::new(start));
    room.unlock(None).unwrap();
    let open = room.open().unwrap();
    until_read(&open, 1);
    let process = Path::new("/proc").join(fs::read_to_string(&number).unwrap().trim());
    (office, room, open, process)
}

/// A page that waits for a slow letter must not keep the keys in memory, nor what was said to it already.
#[cfg(target_os = "linux")]
#[test]
fn a_lock_ends_the_process_that_opens_whoever_still_waits() {
    let (_office, room, open, process) = with_seen_opener();
    assert!(process.exists());
    let id = open.session.post().rows().next().unwrap().id;
    let answers = open.session.files(id).unwrap();
    room.lock();
    assert!(!process.exists(), "it is gone when the lock is done");
    assert_eq!(answers.count(), 0);
    assert!(open.session.files(id).is_err() || open.session.files(id).unwrap().count() == 0);
}

/// Nor does a page that is just being drawn.
#[cfg(target_os = "linux")]
#[test]
fn the_keys_go_although_somebody_looks_at_the_list() {
    let (_office, room, open, process) = with_seen_opener();
    std::thread::scope(|scope| {
        let post = open.session.post();
        scope.spawn(|| room.lock());
        let begun = Instant::now();
        while process.exists() && begun.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let is_gone = !process.exists();
        drop(post);
        assert!(is_gone);
    });
}

/// A colleague's program hangs while it holds the ledger: a button waits, and the keys do not.
#[test]
fn a_lock_waits_for_no_ledger() {
    let office = Office::new();
    office.desk.letters(0..1);
    let (room, open) = office.open("kari");
    until_read(&open, 1);
    until("all is remembered", || open.session.progress().read == 1);
    let id = open.session.post().rows().next().unwrap().id;
    let ledger = fs::OpenOptions::new()
        .append(true)
        .open(office.desk.path("mail-ledger.jsonl"));
    let mut ledger = ledger.unwrap();
    ledger.lock().unwrap();
    // Something to read, so that it is waited for.
    ledger.write_all(b"{}\n").unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| drop(room.register(id, "26/1", Lang::En)));
        scope.spawn(|| drop(room.act(id, Act::Taken)));
        std::thread::sleep(Duration::from_millis(300));
        let locked = scope.spawn(|| room.lock());
        let begun = Instant::now();
        while !locked.is_finished() && begun.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let is_locked = locked.is_finished();
        ledger.unlock().unwrap();
        assert!(is_locked);
    });
}

/// The share with the ledger is away when a desk is unlocked again. One without it would know of no letter that a colleague has.
#[test]
fn a_ledger_that_is_away_is_not_begun_anew_by_a_lock() {
    let office = Office::new();
    office.desk.letters(0..1);
    let path = |name: &str| office.desk.path(name);
    let mut plan = office.plan("kari");
    plan.ledger = LedgerPlace::File(path("share/ledger.jsonl"));
    let room = Office::with(plan);
    let taken = || {
        room.unlock(None).unwrap();
        let open = room.open().unwrap();
        until_read(&open, 1);
        open.ledger
            .standing(open.session.post().rows().next().unwrap().document().unwrap())
            .state
    };
    assert_eq!(taken(), State::New);
    let id = room.open().unwrap().session.post().rows().next().unwrap().id;
    room.act(id, Act::Taken).unwrap();
    fs::rename(path("share"), path("away")).unwrap();
    let file = path("share/ledger.jsonl").display().to_string();
    let away = Trouble::LedgerAway { file };
    assert_eq!(room.act(id, Act::GivenBack), Err(NotDone::Trouble(away.clone())));
    room.lock();
    for is_mounted_on in [false, true] {
        if is_mounted_on {
            fs::create_dir(path("share")).unwrap();
        }
        for _ in 0..2 {
            let refused = room.unlock(None).unwrap_err();
            assert!(
                matches!(&refused, NoOpening::Trouble(why) if *why == away),
                "{refused:?}"
            );
            assert!(room.open().is_none());
            assert_eq!(path("share").exists(), is_mounted_on);
            assert!(!path("share/ledger.jsonl").exists());
        }
    }
    fs::remove_dir(path("share")).unwrap();
    fs::rename(path("away"), path("share")).unwrap();
    assert_eq!(taken(), State::Taken);
}

#[test]
fn a_page_from_before_the_lock_means_no_other_letter() {
    let office = Office::new();
    office.desk.letters(0..2);
    let (visit, open) = Visit::open(&office, "kari", 2);
    let before: Vec<u32> = open.session.post().rows().map(|row| row.id).collect();
    visit.post("/lock", "");
    visit.post("/unlock", "");
    let open = visit.room.open().unwrap();
    until_read(&open, 2);
    for id in before {
        let answer = visit.post(&format!("/letter/{id}/delete"), "");
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
    }
    let post = open.session.post();
    let state = |document: &str| open.ledger.standing(document).state;
    assert!(post.rows().all(|row| state(row.document().unwrap()) == State::New));
}

/// Several at once would all come before the first wait.
#[test]
fn passphrases_are_tried_one_after_the_other() {
    let office = Office::new();
    let year = std::time::Duration::from_secs(365 * 86_400);
    let password = Some("riktig hest batteri stift".into());
    let key = postrom::generate(postrom::KeyProfile::Compat, "P", "post@x.example", year, password);
    office.desk.put("key.asc", key.unwrap().key);
    let room = office.room("kari");
    let begun = std::time::Instant::now();
    let wrong = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..12)
            .map(|_| scope.spawn(|| matches!(room.unlock(Some("feil".into())), Err(NoOpening::Wrong))))
            .collect();
        tries
            .into_iter()
            .filter_map(|tried| tried.join().ok())
            .filter(|wrong| *wrong)
            .count()
    });
    // The first wait is a second: on a busy machine some of the threads come after it.
    let in_time = begun.elapsed() < std::time::Duration::from_secs(1);
    assert!(wrong == 3 || wrong > 3 && !in_time, "{wrong}");
}

/// Whoever can write into the ledger says that a forged letter's seal was seen, as the form's own.
#[test]
fn a_ledger_that_lies_hides_no_letter_behind_another_one() {
    let office = Office::new();
    let mut stranger = Office::new();
    stranger.desk.own = office.desk.own.clone();
    let (own, other) = (reference(1), reference(2));
    office.desk.put("mail/1", office.desk.mail(&Sent::new(&own, "Ekte.")));
    office
        .desk
        .put("mail/2", stranger.desk.mail(&Sent::new(&other, "Falskt.")));
    let (room, open) = office.open("kari");
    until_read(&open, 2);
    until("all is remembered", || open.session.progress().read == 2);
    room.lock();
    let ledger = office.desk.path("mail-ledger.jsonl");
    let seen = |verdict: &str| -> Value {
        let text = fs::read_to_string(&ledger).unwrap();
        let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .find(|line| line["schema"] == "konvolutt.seen/1" && line["verdict"] == verdict)
            .unwrap()
    };
    let mut lie = seen("genuine");
    lie["sealed_sha256"] = seen("signed-by-another")["sealed_sha256"].take();
    let text = fs::read_to_string(&ledger).unwrap();
    fs::write(&ledger, format!("{text}{lie}\n")).unwrap();

    let (_room, open) = office.open("kari");
    until("each has its own row, and is read", || {
        let post = open.session.post();
        let read = post.rows().filter(|row| matches!(row.content, Content::Read(_)));
        read.count() == 2
    });
    let post = open.session.post();
    for row in post.rows() {
        let genuine = row.verdict() == Some(postrom::Verdict::Genuine);
        assert_eq!(row.reference(), Some(if genuine { &*own } else { &*other }));
        assert_eq!(row.places.len(), 1);
    }
}

/// A desk that was killed while it saved left something in the clear.
#[test]
fn what_a_killed_desk_left_is_gone_when_one_is_opened() {
    let office = Office::new();
    office.desk.letters(0..1);
    let left = |folder: &str| {
        let left = office.desk.path(folder).join(".unfinished-0123456789abcdef");
        fs::create_dir_all(left.join("000001")).unwrap();
        fs::write(left.join("lock"), "").unwrap();
        fs::write(left.join("000001/letter.txt"), "MERKE").unwrap();
        left
    };
    let (out, archive) = (left("out"), left("archive"));
    let mut plan = office.plan("kari");
    plan.archive.folder = Some(office.desk.path("archive"));
    Office::with(plan).unlock(None).unwrap();
    assert!(!out.exists() && !archive.exists());
}
