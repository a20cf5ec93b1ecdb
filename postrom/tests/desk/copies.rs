//! Copies that clerks make, the list of them, and how they go.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use postrom::desk::copies::{
    Copy, NotDeleted, NotRemoved, Removed, Where, delete_here, list, older_than, recover, remove, save_all, save_file,
};
use postrom::desk::room::{NotDone, Open, Room};
use postrom::ledger::{Act, Refusal, State, is_gone};
use postrom::settings::LedgerPlace;
use postrom::trouble::{Cause, Trouble};

use super::office::{Office, until_read};
use crate::program::desk::reference;
use crate::support::Sent;

const FILE: &[u8] = b"MERKE i vedlegget";

/// One letter with one file, at Kari's desk.
fn one() -> (Office, Room, Open, String) {
    let office = Office::new();
    let reference = office.desk.letters(0..1).remove(0);
    let (room, open) = office.open("kari");
    until_read(&open, 1);
    (office, room, open, reference)
}

fn out(office: &Office) -> PathBuf {
    office.desk.out()
}

/// Everything below a folder, without what this program hides there.
fn below(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            names.extend(below(&entry.path()).into_iter().map(|inner| format!("{name}/{inner}")));
        }
        if !name.starts_with(".postrom-lock") {
            names.push(name);
        }
    }
    names.sort();
    names
}

#[test]
fn a_file_is_saved_listed_and_removed() {
    let (office, room, open, reference) = one();
    let saved = save_file(&room, 1, 0).unwrap();
    assert_eq!(
        saved.path,
        out(&office).join("files").join(&reference).join("notat.txt")
    );
    assert_eq!(fs::read(&saved.path).unwrap(), FILE);
    assert!(saved.marked);
    let second = save_file(&room, 1, 0).unwrap();
    assert!(second.path.ends_with("notat (2).txt"));
    assert_eq!(save_file(&room, 1, 1), Err(NotDone::Gone));
    assert_eq!(save_file(&room, 9, 0), Err(NotDone::Trouble(Trouble::Missing)));

    let copies = list(&room).unwrap();
    let paths: Vec<_> = copies.iter().map(|copy| copy.saved.path.clone()).collect();
    assert_eq!(
        paths,
        [&second.path, &saved.path].map(|path| path.display().to_string())
    );
    let first = &copies[1];
    assert_eq!(first.saved.reference.as_deref(), Some(&*reference));
    assert_eq!((first.saved.who.as_str(), first.is_file), ("kari", true));
    assert!(first.time.is_some() && matches!(first.place, Where::Here(_)));
    assert!(!first.key.contains(&reference));

    assert_eq!(remove(&room, &first.key), Ok(Removed::Removed));
    assert!(!saved.path.exists() && second.path.exists());
    assert_eq!(remove(&room, &first.key), Err(NotRemoved::NotListed));
    fs::remove_file(&second.path).unwrap();
    let left = list(&room).unwrap();
    assert!(left.len() == 1 && matches!(left[0].place, Where::Gone(_)));
    assert_eq!(remove(&room, &left[0].key), Ok(Removed::WasGone));
    assert!(list(&room).unwrap().is_empty());
    // All of it is told, and by whom.
    let ledger = fs::read_to_string(office.desk.path("mail-ledger.jsonl")).unwrap();
    let acts = |act: &str| {
        ledger
            .lines()
            .filter(|line| line.contains(&format!("\"act\":\"{act}\"")))
            .count()
    };
    assert_eq!((acts("saved"), acts("removed")), (2, 2));
    assert_eq!(open.ledger.standing(&left[0].saved.sha256).state, State::New);
    room.lock();
    assert_eq!(save_file(&room, 1, 0), Err(NotDone::Locked));
    assert!(list(&room).is_err() && remove(&room, "x").is_err());
}

#[test]
fn the_folder_of_a_files_letter_goes_with_its_last_file() {
    let (office, room, _open, reference) = one();
    save_file(&room, 1, 0).unwrap();
    let key = list(&room).unwrap()[0].key.clone();
    assert_eq!(remove(&room, &key), Ok(Removed::Removed));
    assert_eq!(below(&out(&office)), ["files"]);
    save_file(&room, 1, 0).unwrap();
    let home = out(&office).join("files").join(&reference);
    fs::write(home.join("eige.txt"), "mitt").unwrap();
    let key = list(&room).unwrap()[0].key.clone();
    assert_eq!(remove(&room, &key), Ok(Removed::Removed));
    assert_eq!(fs::read(home.join("eige.txt")).unwrap(), b"mitt");
}

/// A shared out folder: colleagues can read what is saved, and nobody else.
#[test]
fn what_is_saved_has_the_rights_of_the_out_folder() {
    let (office, room, _open, _) = one();
    let saved = save_file(&room, 1, 0).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().mode() & 0o7777;
    assert_eq!(mode(&saved.path), 0o600);
    assert_eq!(mode(saved.path.parent().unwrap()), 0o700);
    fs::remove_dir_all(out(&office)).unwrap();
    fs::create_dir(out(&office)).unwrap();
    fs::set_permissions(out(&office), fs::Permissions::from_mode(0o2770)).unwrap();
    let saved = save_file(&room, 1, 0).unwrap();
    assert_eq!(mode(&saved.path), 0o660);
    assert_eq!(mode(saved.path.parent().unwrap()), 0o2770);
    assert_eq!(mode(&out(&office).join("files")), 0o2770);
}

#[test]
fn a_letter_is_saved_whole_removed_and_saved_again() {
    let (office, room, _open, reference) = one();
    let home = out(&office).join(&reference);
    for _ in 0..2 {
        assert_eq!(save_all(&room, 1).unwrap().path, home);
        office.desk.has_whole(std::slice::from_ref(&reference));
        let copies = list(&room).unwrap();
        assert_eq!(copies.len(), 1, "its folder is on the list once");
        assert!(!copies[0].is_file);
        assert_eq!(remove(&room, &copies[0].key), Ok(Removed::Removed));
        assert!(!home.exists() && list(&room).unwrap().is_empty());
    }
    // What a clerk put beside it stays.
    save_all(&room, 1).unwrap();
    fs::write(home.join("vedtak.docx"), "mitt").unwrap();
    let key = list(&room).unwrap()[0].key.clone();
    assert_eq!(remove(&room, &key), Ok(Removed::OthersRemain));
    assert_eq!(below(&home), ["vedtak.docx"]);
}

/// Who keeps the ledger beside the letters has names in it instead of paths, and what `postrom open` wrote is listed too.
#[test]
fn folders_of_the_other_command_are_copies() {
    let office = Office::new();
    let references = office.desk.letters(0..2);
    assert_eq!(office.desk.open(&["mail"]).code, Some(0));
    let mut plan = office.plan("kari");
    plan.ledger = LedgerPlace::File(out(&office).join("postrom-ledger.jsonl"));
    let room = Office::with(plan);
    room.unlock(None).unwrap();
    let open = room.open().unwrap();
    until_read(&open, 2);
    save_file(&room, 1, 0).unwrap();
    let copies = list(&room).unwrap();
    let paths: Vec<_> = copies.iter().map(|copy| copy.saved.path.as_str()).collect();
    assert_eq!(copies.len(), 3);
    assert!(references.iter().all(|reference| paths.contains(&reference.as_str())));
    assert!(paths.iter().any(|path| path.starts_with("files/")), "{paths:?}");
    // One that was moved to its case is no copy of the post room's any more.
    fs::rename(out(&office).join(&references[0]), office.desk.path("case")).unwrap();
    assert_eq!(list(&room).unwrap().len(), 2);
    for copy in list(&room).unwrap() {
        assert_eq!(remove(&room, &copy.key), Ok(Removed::Removed), "{}", copy.saved.path);
    }
    assert!(office.desk.path("case/letter.txt").exists());
}

fn by_path(room: &Room, path: &str) -> Copy {
    let copies = list(room).unwrap();
    let found = copies.iter().find(|copy| copy.saved.path == path);
    found.unwrap_or_else(|| panic!("{path} is not listed")).clone()
}

/// Others write the ledger too. What it names is removed only where this program would have put it.
#[test]
fn a_ledger_that_lies_removes_nothing() {
    let (office, room, open, reference) = one();
    save_all(&room, 1).unwrap();
    let saved = save_file(&room, 1, 0).unwrap();
    let home = saved.path.parent().unwrap().to_owned();
    let root = office.desk.root().canonicalize().unwrap();
    let at_out = |path: &str| out(&office).join(path).display().to_string();
    office.desk.put("secret/notat.txt", "x");
    office.desk.put("out/files/222-2222-222/notat.txt", "another letter's");
    office.desk.put("out/own/status.json", "{}");
    office.desk.put("out/plain.txt", "x");
    office.desk.put("out/files/loose.txt", "x");
    symlink("../../secret", out(&office).join("files/link")).unwrap();
    symlink("../secret", out(&office).join("case")).unwrap();
    symlink("../../../secret/notat.txt", home.join("link.txt")).unwrap();
    let lies = [
        "/etc/hostname".to_owned(),
        format!("{}/secret/notat.txt", root.display()),
        "secret/notat.txt".to_owned(),
        "mail/0000.eml".to_owned(),
        at_out("../secret/notat.txt"),
        at_out("files/../../secret/notat.txt"),
        at_out("files/link/notat.txt"),
        at_out("files/222-2222-222/notat.txt"),
        at_out("files/loose.txt"),
        at_out("files"),
        at_out("own"),
        at_out("case"),
        at_out("plain.txt"),
        at_out(&format!("{reference}/letter.txt")),
        at_out(&format!("{reference}/attachments/notat.txt")),
        at_out(&format!("files/{reference}/link.txt")),
        out(&office).display().to_string(),
        String::new(),
        "/".to_owned(),
    ];
    let before = below(office.desk.root());
    for lie in &lies {
        room.act(1, Act::Saved { path: lie.clone() }).unwrap();
        let copy = by_path(&room, lie);
        let refused = remove(&room, &copy.key).unwrap_err();
        let expected = [NotRemoved::NotOurs, NotRemoved::Elsewhere("kari".into())];
        assert!(expected.contains(&refused), "{lie}: {refused:?}");
        assert_eq!(below(office.desk.root()), before, "{lie}");
    }
    // Another letter's folder, by the name of this one.
    let second = reference_of_second(&office, &room, &open);
    let path = at_out(&second);
    room.act(1, Act::Saved { path: path.clone() }).unwrap();
    let mine = list(&room).unwrap().into_iter().filter(|copy| copy.saved.path == path);
    let mine: Vec<_> = mine
        .filter(|copy| copy.saved.reference.as_deref() == Some(&reference))
        .collect();
    assert_eq!(remove(&room, &mine[0].key), Err(NotRemoved::NotOurs));
    // The controls: what is told truly goes.
    let copy = by_path(&room, &saved.path.display().to_string());
    assert_eq!(remove(&room, &copy.key), Ok(Removed::Removed));
    assert!(out(&office).join(&second).exists());
}

/// A further letter that is saved; its reference.
fn reference_of_second(office: &Office, room: &Room, open: &Open) -> String {
    let second = office.desk.letters(1..2).remove(0);
    until_read(open, 2);
    save_all(room, 2).unwrap();
    second
}

/// The status of a letter lies where colleagues can write, and names files.
#[test]
fn a_status_that_lies_removes_nothing_outside() {
    let (office, room, _open, reference) = one();
    let home = save_all(&room, 1).unwrap().path;
    office.desk.put("out/keep.txt", "x");
    let status = fs::read_to_string(home.join("status.json")).unwrap();
    let lies = status.replace("\"name\": \"notat.txt\"", "\"name\": \"../../keep.txt\"");
    assert_ne!(status, lies);
    fs::write(home.join("status.json"), lies).unwrap();
    fs::rename(home.join("attachments"), office.desk.path("moved")).unwrap();
    symlink("../../moved", home.join("attachments")).unwrap();
    let key = list(&room).unwrap()[0].key.clone();
    assert_eq!(remove(&room, &key), Ok(Removed::OthersRemain));
    assert!(office.desk.path("out/keep.txt").exists() && office.desk.path("moved/notat.txt").exists());
    assert_eq!(below(&home), ["attachments"], "{reference}");
}

#[test]
fn copies_have_an_age() {
    let (office, room, _open, _) = one();
    save_file(&room, 1, 0).unwrap();
    save_file(&room, 1, 0).unwrap();
    let month = Duration::from_secs(30 * 86_400);
    assert_eq!(older_than(&list(&room).unwrap(), month), 0);
    room.lock();
    let path = office.desk.path("mail-ledger.jsonl");
    let ledger = fs::read_to_string(&path).unwrap();
    let aged: Vec<String> = ledger
        .lines()
        .map(|line| {
            match (
                line.contains("\"saved\""),
                line.contains("(2)"),
                line.find("\"time\":\""),
            ) {
                (true, true, Some(at)) => format!("{}2026-09-01{}", &line[..at + 8], &line[at + 18..]),
                _ => line.to_owned(),
            }
        })
        .collect();
    fs::write(&path, aged.join("\n") + "\n").unwrap();
    room.unlock(None).unwrap();
    let copies = list(&room).unwrap();
    assert_eq!((copies.len(), older_than(&copies, month)), (2, 1));
    assert!(
        copies[0].saved.path.ends_with("notat (2).txt"),
        "the oldest stands first"
    );
}

#[test]
fn deleting_a_letter_takes_its_copies_along_and_says_what_remains() {
    let (office, room, open, reference) = one();
    save_all(&room, 1).unwrap();
    save_file(&room, 1, 0).unwrap();
    let elsewhere = "/home/ola/brev/files/x/notat.txt";
    room.act(1, Act::Saved { path: elsewhere.into() }).unwrap();
    room.act(
        1,
        Act::Registered {
            case: Some("26/1".into()),
        },
    )
    .unwrap();
    let deleted = delete_here(&room, 1).unwrap();
    assert_eq!((deleted.standing.state, deleted.removed), (State::Deleted, 2));
    assert!(deleted.in_mailbox && deleted.in_archive);
    assert_eq!(deleted.with_others.len(), 1);
    assert_eq!(deleted.with_others[0].saved.path, elsewhere);
    assert!(!out(&office).join(&reference).exists());
    assert_eq!(below(&out(&office)), ["files"]);
    assert!(office.desk.path("mail/0000.eml").exists());
    let again = delete_here(&room, 1);
    assert_eq!(
        again,
        Err(NotDeleted::NotDone(NotDone::Refused(Refusal::Meanwhile(
            State::Deleted
        ))))
    );
    assert_eq!(open.ledger.copies().len(), 1);
}

#[test]
fn what_cannot_be_removed_is_not_called_deleted() {
    let (office, room, _open, _) = one();
    save_all(&room, 1).unwrap();
    let saved = save_file(&room, 1, 0).unwrap();
    // A colleague has it.
    let ola = office.room("ola");
    ola.unlock(None).unwrap();
    until_read(&ola.open().unwrap(), 1);
    ola.act(1, Act::Taken).unwrap();
    let refused = delete_here(&room, 1);
    assert_eq!(
        refused,
        Err(NotDeleted::NotDone(NotDone::Refused(Refusal::Others("ola".into()))))
    );
    assert!(saved.path.exists());
    ola.act(1, Act::GivenBack).unwrap();
    // Somebody put a link in the place of the file.
    fs::remove_file(&saved.path).unwrap();
    symlink("/etc/hostname", &saved.path).unwrap();
    let Err(NotDeleted::Copies(kept)) = delete_here(&room, 1) else {
        panic!("it was deleted")
    };
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].1, NotRemoved::NotOurs);
    let standing = room.open().unwrap().ledger.standing(&kept[0].0.saved.sha256);
    assert_ne!(standing.state, State::Deleted);
    fs::remove_file(&saved.path).unwrap();
    assert_eq!(delete_here(&room, 1).unwrap().standing.state, State::Deleted);
}

/// A share that is away, or that nobody may look into, holds its copies still.
#[test]
fn copies_on_a_share_that_is_away_are_not_called_removed() {
    let (office, room, open, _) = one();
    save_all(&room, 1).unwrap();
    let saved = save_file(&room, 1, 0).unwrap();
    let (out, away) = (office.desk.out(), office.desk.path("away"));
    let (here, before) = (open.ledger.copies(), list(&room).unwrap());
    assert_eq!((here.len(), before.len()), (2, 2));
    fs::rename(&out, &away).unwrap();
    let Err(NotDeleted::Copies(kept)) = delete_here(&room, 1) else {
        panic!("it was deleted")
    };
    assert!(
        kept.iter().all(|(_, why)| *why == NotRemoved::Disk(Cause::Missing)),
        "{kept:?}"
    );
    assert!(kept.len() == 2 && !out.exists());
    assert!(is_gone(&away, &saved.path) && !is_gone(&out, &saved.path));
    fs::rename(&away, &out).unwrap();
    // Only the folder of the files is: a link that leads nowhere.
    let files = saved.path.parent().unwrap().parent().unwrap().to_owned();
    fs::rename(&files, &away).unwrap();
    symlink(&files, &files).unwrap();
    let listed = list(&room).unwrap();
    assert!(
        listed.iter().all(|copy| matches!(copy.place, Where::Here(_))),
        "{listed:?}"
    );
    let Err(NotDeleted::Copies(kept)) = delete_here(&room, 1) else {
        panic!("it was deleted")
    };
    assert_eq!(kept.len(), 1);
    assert_ne!(open.ledger.standing(&kept[0].0.saved.sha256).state, State::Deleted);
    fs::remove_file(&files).unwrap();
    fs::rename(&away, &files).unwrap();
    assert_eq!(delete_here(&room, 1).unwrap().standing.state, State::Deleted);
    assert!(!saved.path.exists());
}

/// A forger who has seen a reference does not get into the folder of its letter.
#[test]
fn a_forgery_has_a_folder_of_its_own() {
    let office = Office::new();
    let number = reference(1);
    let mut stranger = Office::new();
    stranger.desk.own = office.desk.own.clone();
    let sent = Sent {
        files: vec![("notat.txt", b"falskt")],
        ..Sent::new(&number, "Falskt.")
    };
    office.desk.put("mail/1", stranger.desk.mail(&sent));
    let (room, open) = office.open("kari");
    until_read(&open, 1);
    let saved = save_file(&room, 1, 0).unwrap();
    assert!(saved.path.ends_with(format!("files/not-genuine {number}/notat.txt")));
    let key = list(&room).unwrap()[0].key.clone();
    assert_eq!(remove(&room, &key), Ok(Removed::Removed));
}

#[test]
fn what_an_ended_program_left_is_removed_at_the_start() {
    let office = Office::new();
    assert_eq!(recover(&out(&office)).unwrap(), 0);
    assert!(!out(&office).exists(), "nothing is made only to look");
    office.desk.put("out/.unfinished-0123456789abcdef/000001", FILE);
    office.desk.put("out/.unfinished-0123456789abcdef/lock", "");
    office.desk.put("out/.unfinished-eige/x", "x");
    assert_eq!(recover(&out(&office)).unwrap(), 1);
    assert_eq!(below(&out(&office)), [".unfinished-eige", ".unfinished-eige/x"]);
}

#[test]
#[ignore = "needs root"]
fn a_full_disk_leaves_nothing_half() {
    let office = Office::new();
    let number = reference(1);
    let large = vec![b'x'; 3_000_000];
    let sent = Sent {
        files: vec![("liten.txt", b"liten"), ("stor.bin", &large)],
        ..Sent::new(&number, "Stort.")
    };
    office.desk.put("mail/1", office.desk.mail(&sent));
    let (room, open) = office.open("kari");
    until_read(&open, 1);
    fs::create_dir(out(&office)).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=1m,mode=700", "none"]);
    assert!(mount.arg(out(&office)).status().unwrap().success());
    let full = save_file(&room, 1, 1);
    let left = below(&out(&office));
    let small = save_file(&room, 1, 0);
    let read = small.as_ref().map(|saved| fs::read(&saved.path).unwrap());
    let listed = list(&room);
    assert!(
        Command::new("umount")
            .arg("-l")
            .arg(out(&office))
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(full, Err(NotDone::Trouble(Trouble::Disk { cause: Cause::Full })));
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(read.unwrap(), b"liten");
    assert_eq!(listed.unwrap().len(), 1, "what was not saved is not listed");
}
