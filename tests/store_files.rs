//! What lies in the spool is input like any other: damaged, hostile, old, or from the future.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{CWD, FileType, Mode};

use crate::support::{Options, World};

/// A stopped world with one good letter in `new/`, and that letter's file.
fn with_a_letter() -> (World, PathBuf) {
    let mut world = World::new();
    world.sink.refuse_next("RCPT", "451 later");
    world.marked_form().send();
    world.until("an attempt", || !world.files_in("spool/state").is_empty());
    world.terminate();
    for file in world.files_in("spool/state") {
        fs::remove_file(file).unwrap();
    }
    let letter = world.files_in("spool/new").remove(0);
    (world, letter)
}

/// Names as the spool gives them.
fn name(letter: char) -> String {
    letter.to_string().repeat(64)
}

/// Puts one of each kind of damage beside a letter; gives their number.
fn plant(new: &Path, letter: &Path) -> usize {
    let good = fs::read(letter).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 3] ^= 4;
    // The trailer's number is 21 bytes from its beginning, and the trailer 100 from the end.
    let mut number = good.clone();
    let at = good.len() - "1 0000000000000000 ".len() - 64 - 1;
    assert_eq!(number[at], b'1');
    number[at] = b'3';
    let longer = [good.as_slice(), b"more"].concat();
    let files: [(OsString, &[u8]); 9] = [
        (name('a').into(), &flipped),
        (name('b').into(), &good[..good.len() / 2]),
        (name('c').into(), &good[..good.len() - 1]),
        (name('d').into(), &longer),
        (name('e').into(), &number),
        (name('f').into(), b"x"),
        ("n".repeat(255).into(), &good),
        ("a\nname; rm -rf".into(), &good),
        (OsString::from_vec(vec![0xff, b'x']), &good),
    ];
    for (name, content) in &files {
        fs::write(new.join(name), content).unwrap();
    }
    fs::hard_link(letter, new.join(name('0'))).unwrap();
    std::os::unix::fs::symlink(letter, new.join(name('1'))).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", new.join("link")).unwrap();
    fs::create_dir(new.join(name('2'))).unwrap();
    fs::create_dir_all(new.join("folder/with")).unwrap();
    rustix::fs::mknodat(CWD, new.join(name('3')), FileType::Fifo, Mode::RWXU, 0).unwrap();
    files.len() + 6
}

#[test]
fn a_hostile_spool_is_put_aside_and_the_queue_goes_on() {
    let (mut world, letter) = with_a_letter();
    let planted = plant(&world.root().join("spool/new"), &letter);
    let passwd = fs::read("/etc/passwd").unwrap();
    world.start();
    world.until("everything aside", || world.files_in("spool/corrupt").len() == planted);
    world.until("an alarm for each", || {
        let alarms = world.files_in("spool/alarms").into_iter();
        let corrupt = alarms.filter(|file| file.to_string_lossy().contains("/corrupt-"));
        corrupt.count() == planted
    });
    assert!(world.konvolutt(&["queue", "list"]).status.success());
    world.open(&world.sink.wait_for(1)[0].mail);
    world.marked_form().text("namn", "ny").send();
    world.sink.wait_for(2);
    world.until("the end", || world.files_in("spool/delivered").len() == 2);
    assert_eq!(fs::read("/etc/passwd").unwrap(), passwd);
    let aside = world.files_in("spool/corrupt");
    assert!(
        aside
            .iter()
            .any(|file| fs::symlink_metadata(file).unwrap().is_symlink())
    );
}

/// An empty name stands for a letter that was moved. Of one that somebody emptied nothing is left but the loss, and that
/// is told.
#[test]
fn a_letter_that_was_emptied_is_not_taken_for_delivered() {
    let (mut world, letter) = with_a_letter();
    fs::write(&letter, "").unwrap();
    world.start();
    world.until("the name aside", || world.files_in("spool/corrupt").len() == 1);
    let alarm = format!("spool/alarms/corrupt-{}", letter.file_name().unwrap().display());
    world.until("the alarm", || world.root().join(&alarm).exists());
    // The control: an empty name whose letter was delivered stays.
    world.marked_form().send();
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    world.terminate();
    world.start();
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(world.files_in("spool/corrupt").len(), 1);
    assert_eq!(world.files_in("spool/new").len(), 1);
}

#[test]
#[ignore = "needs root"]
fn a_foreign_owner_is_put_aside() {
    let (mut world, letter) = with_a_letter();
    let foreign = letter.with_file_name(name('a'));
    fs::copy(&letter, &foreign).unwrap();
    chown(&foreign, Some(65_534), Some(65_534)).unwrap();
    world.start();
    world.until("the move", || world.files_in("spool/corrupt").len() == 1);
    world.open(&world.sink.wait_for(1)[0].mail);
}

/// The service has a user of its own, to whom the kernel refuses what it lets root do: what the store promises is tried as
/// such a user too.
#[test]
#[ignore = "needs root"]
fn the_store_keeps_its_promises_for_a_user_without_privileges() {
    const NOBODY: u32 = 65_534;
    let room = tempfile::tempdir().unwrap();
    fs::set_permissions(room.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let own = room.path().join("own");
    fs::create_dir(&own).unwrap();
    chown(&own, Some(NOBODY), Some(NOBODY)).unwrap();
    // The folder of the build may be closed to that user.
    let program = room.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut tests = Command::new(program);
    tests.arg("store_contract::files::").env("TMPDIR", &own);
    let told = tests.uid(NOBODY).gid(NOBODY).current_dir(&own).output().unwrap();
    let said = String::from_utf8_lossy(&told.stdout);
    assert!(told.status.success(), "{said}");
    assert!(!said.contains("\nrunning 0 tests"), "{said}");
}

/// After somebody went back to an older program: nothing is wrong with the letter, and this program cannot know.
#[test]
fn a_letter_of_a_newer_format_waits_for_the_newer_program() {
    let (mut world, letter) = with_a_letter();
    let mut newer = fs::read(&letter).unwrap();
    newer.truncate(newer.len() / 2);
    newer.extend_from_slice(b"\nkonvolutt-spool 2 something else\n");
    let file = letter.with_file_name(name('a'));
    fs::write(&file, &newer).unwrap();
    world.start();
    world.sink.wait_for(1);
    let alarm = world.root().join(format!("spool/alarms/delayed-{}", name('a')));
    world.until("the alarm", || {
        fs::read_to_string(&alarm).is_ok_and(|text| text.contains("newer version"))
    });
    let shown = world.konvolutt(&["queue", "show", &name('a')]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("waiting") && shown.contains("spool format 2"), "{shown}");
    assert!(world.files_in("spool/corrupt").is_empty());
    assert_eq!(fs::read(&file).unwrap(), newer);
}

/// `tests/spools/v1` was made by the first program: a letter of each state, its status, and the spool's secret.
fn first_spool() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spools/v1")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

/// The one letter of a state, without envelope and trailer.
fn kept_mail(state: &str) -> Vec<u8> {
    let files = fs::read_dir(first_spool().join(state)).unwrap();
    let files = files.map(|entry| fs::read(entry.unwrap().path()).unwrap());
    let letter = files.max_by_key(Vec::len).unwrap();
    let end = letter.len() - "0000000000000000 ".len() - 64 - 1;
    let length: usize = std::str::from_utf8(&letter[end..end + 16]).unwrap().parse().unwrap();
    letter[..length].to_vec()
}

#[test]
fn a_spool_of_format_1_is_delivered() {
    let world = World::with(Options {
        change: |authority| {
            copy(&first_spool(), &authority.root.join("spool"));
            // Made before this program: the directory belongs to the service.
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(authority.root.join("spool"), fs::Permissions::from_mode(0o700)).unwrap();
            // Neutral words that have to be encoded. They are the relay's own, as they were the form's.
            authority.edit("konvolutt.toml", "Ny henvendelse", "Ny førespurnad");
        },
        ..Options::default()
    });
    assert_eq!(world.sink.wait_for(1)[0].mail, kept_mail("new"));
    let output = world.konvolutt(&["queue", "list", "--json"]);
    let listed: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let of = |state: &str| listed.iter().find(|letter| letter["state"] == state).unwrap();
    assert_eq!(of("held")["status"]["attempts"], 1);
    assert_eq!(of("held")["status"]["last_error"], "Not a directory (os error 20)");
    for state in ["held", "delivered"] {
        let reference = of(state)["reference"].as_str().unwrap();
        let sent = world.sink.count() + 1;
        assert!(world.konvolutt(&["queue", "retry", reference]).status.success());
        assert_eq!(world.sink.wait_for(sent).pop().unwrap().mail, kept_mail(state));
    }
    assert_eq!(world.files_in("spool/new").len(), 3);
}

/// Drafts may lie elsewhere: files go there, letters do not, and the sandbox lets both.
#[test]
fn drafts_have_a_directory_of_their_own() {
    let world = World::with(Options {
        apart: true,
        change: |authority| {
            let drafts = format!("[spool]\ndrafts = \"{}\"", authority.root.join("uploads").display());
            authority.edit("konvolutt.toml", "[spool]", &drafts);
        },
        ..Options::default()
    });
    let with_file = |text: &str| {
        world
            .marked_form()
            .text("namn", text)
            .file("vedlegg", "a.txt", b"x")
            .send()
    };
    let is_receipt = |answer: &crate::support::Answer| answer.location().contains("/kvittering/");
    assert!(is_receipt(&with_file("ein")));
    world.sink.wait_for(1);
    // Where there is no directory any more no file can be made, but a letter can.
    fs::remove_dir(world.root().join("uploads")).unwrap();
    assert!(is_receipt(&world.form().text("melding", &world.marker.text).send()));
    world.sink.wait_for(2);
    let open_page = world.form().text("melding", &format!("{} att", world.marker.text));
    assert!(!is_receipt(&with_file("to")));
    // The store is well, and that is no evidence of the drafts.
    let alarm = world.root().join("spool/alarms/spool");
    world.until("the alarm", || alarm.exists());
    std::thread::sleep(std::time::Duration::from_secs(6));
    assert!(alarm.exists() && world.get("/nn/s/skriv").status == 503);
    // Nor is a letter without files, for which the form of an open page is good still.
    assert!(is_receipt(&open_page.send()));
    world.sink.wait_for(3);
    std::thread::sleep(std::time::Duration::from_secs(6));
    assert!(alarm.exists() && world.get("/nn/s/skriv").status == 503);
}

/// An operator's command that is killed at any of its steps leaves a letter in one state, and it is delivered.
#[test]
#[ignore = "needs strace"]
fn a_move_that_was_cut_is_finished() {
    let mut world = World::with(Options {
        without_relay: true,
        ..Options::default()
    });
    let mut killed = 0;
    let fsyncs = (1..8).map(|n| ("fsync", n));
    for (call, number) in [("linkat", 1), ("rename", 1), ("rename", 2)].into_iter().chain(fsyncs) {
        world.marked_form().send();
        let reference = world.waiting().remove(0);
        for command in ["hold", "release"] {
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let trace = format!("trace={call}");
            let mut strace = std::process::Command::new("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject]);
            strace
                .arg(env!("CARGO_BIN_EXE_konvolutt"))
                .args(["queue", command, &reference, "--config"]);
            let status = strace.arg(world.authority.config()).output().unwrap().status;
            killed += usize::from(status.code().is_none());
        }
        world.terminate();
        world.without_relay = false;
        let before = world.sink.count();
        world.start();
        world.until("the letter in one place", || {
            // Held when the first command was killed late and the second early; else it waited.
            world.konvolutt(&["queue", "release", "--all"]);
            world.sink.count() > before && world.spooled().len() == before + 1
        });
        world.terminate();
        assert_eq!(
            world.sink.references().iter().filter(|own| **own == reference).count(),
            1
        );
        world.without_relay = true;
        world.start();
    }
    assert!(killed > 5, "only {killed} kills");
    assert!(world.files_in("spool/corrupt").is_empty());
}
