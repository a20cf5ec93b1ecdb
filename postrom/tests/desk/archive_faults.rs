//! A package that cannot be made leaves nothing: damage, a process that ends, a kill, a disk without room.

use std::fs;
use std::path::Path;
use std::process::Command;

use postrom::desk::archive::{NoPackage, Piece, package};
use postrom::desk::reading::Reading;
use postrom::desk::room::Open;
use postrom::trouble::{Cause, Trouble};
use rustix::process::Signal;

use super::archive::{made, order, put, sealed_record, tree, with_one};
use super::handover::{export, run};
use super::office::{Office, until_read};
use crate::program::desk::reference;
use crate::program::process::{Running, send};
use crate::support::Sent;

/// What lies in a folder, hidden or not, beside the lock.
fn left(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != ".postrom-lock").collect()
}

fn reading(open: &Open) -> Reading {
    let post = open.session.post();
    Reading::clone(post.rows().next().unwrap().reading().unwrap())
}

const FIRST: &[u8] = b"MERKE i bilete";

fn pieces(of: &[&[u8]]) -> Vec<Result<Piece, Trouble>> {
    let file = |bytes: &&[u8]| [Ok(Piece::File), Ok(Piece::Bytes(bytes.to_vec()))];
    of.iter().flat_map(file).collect()
}

#[test]
fn files_that_are_others_than_those_that_were_read_are_noticed() {
    let (office, _room, open, _) = with_one("Hei.");
    let reading = reading(&open);
    let order = order(office.desk.path("arkiv"), None);
    let with = |files: Vec<Result<Piece, Trouble>>| package(&reading, files.into_iter(), b"%PDF", &order);
    let ended = [pieces(&[FIRST]), vec![Err(Trouble::Ended)]].into_iter().flatten();
    for (what, files, why) in [
        ("another byte", pieces(&[b"MERKE i bileta", b""]), Trouble::Damaged),
        ("one less", pieces(&[FIRST]), Trouble::Damaged),
        ("one more", pieces(&[FIRST, b"", b""]), Trouble::Damaged),
        ("longer", pieces(&[FIRST, b"a"]), Trouble::Damaged),
        ("in another order", pieces(&[b"", FIRST]), Trouble::Damaged),
        ("bytes of none", vec![Ok(Piece::Bytes(b"a".to_vec()))], Trouble::Damaged),
        ("half", ended.collect(), Trouble::Ended),
    ] {
        assert_eq!(with(files), Err(NoPackage::Trouble(why)), "{what}");
        assert!(left(&order.to).is_empty(), "{what}: {:?}", left(&order.to));
    }
    // The process that opens ended in the middle, and began anew.
    let half = pieces(&[FIRST]).into_iter();
    let again = half.chain([Ok(Piece::File), Ok(Piece::Bytes(b"x".to_vec())), Ok(Piece::Again)]);
    let done = with(again.chain(pieces(&[FIRST, b""])).collect()).unwrap();
    assert_eq!(tree(&done.folder)["attachments/bilete MERKE4C1D.jpg"], FIRST);
}

/// The mail was moved away after it was read.
#[test]
fn a_letter_whose_mail_is_gone_leaves_nothing() {
    let (office, _room, open, id) = with_one("Hei.");
    fs::remove_file(office.desk.path("mail/1.eml")).unwrap();
    let order = order(office.desk.path("arkiv"), None);
    assert_eq!(made(&open, id, &order), Err(NoPackage::Trouble(Trouble::Missing)));
    assert!(!order.to.exists());
}

#[test]
#[ignore = "needs root"]
fn a_full_disk_is_told_and_nothing_is_left_on_it() {
    let office = Office::new();
    let to = office.desk.path("arkiv");
    fs::create_dir(&to).unwrap();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=300k", "none"])
        .arg(&to)
        .status();
    assert!(mount.unwrap().success());
    let large = vec![b'x'; 400_000];
    let number = reference(1);
    let sent = Sent {
        files: vec![("stor.bin", &large)],
        ..Sent::new(&number, "Hei.")
    };
    put(&office, "mail/1.eml", sealed_record(&sent), &sent.files);
    let small = reference(2);
    put(&office, "mail/2.eml", sealed_record(&Sent::new(&small, "Liten.")), &[]);
    let (_room, open) = office.open("kari");
    until_read(&open, 2);
    let ids: Vec<_> = open
        .session
        .post()
        .rows()
        .map(|row| (row.id, row.reference() == Some(&small)))
        .collect();
    for (id, fits) in ids {
        let done = made(&open, id, &order(to.clone(), None));
        let full = Err(NoPackage::Trouble(Trouble::Disk { cause: Cause::Full }));
        assert_eq!(done.clone().map(|_| ()), if fits { Ok(()) } else { full }, "{done:?}");
    }
    let left = left(&to);
    Command::new("umount").arg("-l").arg(&to).status().unwrap();
    assert_eq!(left, [small]);
}

/// Killed while it is made: whatever has a name is whole, and the next run removes the rest.
#[test]
fn a_kill_leaves_nothing_half_that_has_a_name() {
    let office = Office::new();
    let number = reference(1);
    let large = vec![7; 3_000_000];
    let sent = Sent {
        files: vec![("stor.bin", &large)],
        ..Sent::new(&number, "Hei.")
    };
    put(&office, "mail/1.eml", sealed_record(&sent), &sent.files);
    let to = office.desk.path("arkiv");
    fs::create_dir(&to).unwrap();
    let mut unfinished = 0;
    for wait in 0..6 {
        let running = Running::start(export(&office.desk, &[&number, "--to", "arkiv"]));
        running.until("a hidden folder", || left(&to).iter().any(|name| is_hidden(name)));
        std::thread::sleep(std::time::Duration::from_millis(wait * wait * 10));
        send(running.pid(), Signal::KILL);
        drop(running);
        let (hidden, named): (Vec<_>, Vec<_>) = left(&to).into_iter().partition(|name| is_hidden(name));
        unfinished += hidden.len();
        for folder in named {
            let tree = tree(&to.join(&folder));
            assert!(tree["attachments/stor.bin"] == large && tree.contains_key("manifest.json"));
        }
    }
    assert!(unfinished > 0, "no kill came in time");
    let ran = run(&office.desk, &[&number, "--to", "arkiv"]);
    assert_eq!(ran.code, Some(0), "{}", ran.said());
    assert_eq!(left(&to), [number]);
}

/// Whoever stops it gets a clean folder back.
#[test]
fn an_interrupt_cleans_up() {
    let office = Office::new();
    let number = reference(1);
    let large = vec![7; 6_000_000];
    let sent = Sent {
        files: vec![("stor.bin", &large)],
        ..Sent::new(&number, "Hei.")
    };
    put(&office, "mail/1.eml", sealed_record(&sent), &sent.files);
    let to = office.desk.path("arkiv");
    fs::create_dir(&to).unwrap();
    let running = Running::start(export(&office.desk, &[&number, "--to", "arkiv"]));
    running.until("a hidden folder", || left(&to).iter().any(|name| is_hidden(name)));
    running.signal_all(Signal::INT);
    let ran = running.end();
    assert_eq!(ran.code, Some(130), "{}", ran.said());
    let left = left(&to);
    assert!(left.iter().all(|name| !is_hidden(name)), "{left:?}");
}

fn is_hidden(name: &str) -> bool {
    name.starts_with(".unfinished-")
}
