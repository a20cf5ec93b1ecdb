//! Two clerks at once, with one mailbox and one folder for both.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use super::desk::{Desk, Ran};

#[test]
fn two_clerks_at_once_make_no_letter_twice() {
    let desk = Desk::new();
    let letters = desk.letters(0..5);
    let mut apart = 0;
    for round in 0..60 {
        let _ = fs::remove_dir_all(desk.out());
        let start = || {
            let mut command = desk.command(&["mail", "--verbose"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let both = [start(), start()].map(|child| Ran::from(child.wait_with_output().unwrap()));
        desk.has_whole(&letters);
        for ran in &both {
            assert_eq!(ran.code, Some(0), "round {round}: {}", ran.said());
            assert!(
                !ran.out.contains('✗') && !ran.out.contains("half-finished"),
                "{}",
                ran.said()
            );
            // Each of the two has a line for every letter.
            assert_eq!(ran.out.matches('✓').count(), 5, "{}", ran.said());
        }
        let new = |ran: &Ran| 5 - ran.out.matches("(opened before)").count();
        let (one, other) = (new(&both[0]), new(&both[1]));
        assert_eq!(one + other, 5, "round {round}: {}{}", both[0].said(), both[1].said());
        apart += usize::from(one > 0 && other > 0);
        assert!(desk.unfinished().is_empty());
    }
    eprintln!("in {apart} of 60 rounds both had new letters");
    assert!(apart > 0, "they never met");
}

const GROUP: u32 = 64_321;

/// The program as another user of the group.
fn as_user(desk: &Desk, user: u32, name: &str) -> Ran {
    let plain = desk.command(&["mail", "--verbose"]);
    let mut command = Command::new("setpriv");
    command.args([
        &format!("--reuid={user}"),
        &format!("--regid={user}"),
        &format!("--groups={GROUP}"),
    ]);
    command.arg(desk.path("postrom")).args(plain.get_args());
    desk.at_home(&mut command);
    command.env("USER", name).output().unwrap().into()
}

fn readable_for_the_group(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let about = fs::metadata(&path).unwrap();
        let name = path.display();
        assert_eq!(about.gid(), GROUP, "{name}");
        let wanted = if about.is_dir() { 0o070 } else { 0o040 };
        assert_eq!(about.mode() & wanted, wanted, "{name}: {:o}", about.mode());
        assert_eq!(about.mode() & 0o007, 0, "{name}: {:o}", about.mode());
        if about.is_dir() {
            readable_for_the_group(&path);
        }
    }
}

/// Whoever is not root may be kept out of a folder of the mailbox: it is named, and the rest is opened.
#[test]
#[ignore = "needs root"]
fn a_folder_that_must_not_be_read_is_named_to_who_is_not_root() {
    let desk = Desk::new();
    let letters = desk.letters(0..2);
    desk.put("mail/lukka/9.eml", "Subject: x\r\n\r\nHei.\r\n");
    fs::copy(env!("CARGO_BIN_EXE_postrom"), desk.path("postrom")).unwrap();
    fs::create_dir(desk.out()).unwrap();
    chown(desk.out(), Some(64_001), None).unwrap();
    for (name, mode) in [
        ("", 0o755),
        ("mail", 0o755),
        ("mail/lukka", 0o700),
        ("key.asc", 0o644),
        ("relay.asc", 0o644),
    ] {
        fs::set_permissions(desk.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let ran = as_user(&desk, 64_001, "kari");
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    assert_eq!(ran.out.matches("mail/lukka").count(), 1, "{}", ran.said());
    assert!(ran.out.contains("you have no access"), "{}", ran.said());
    desk.has_whole(&letters);
}

#[test]
#[ignore = "needs root"]
fn colleagues_share_a_folder() {
    let desk = Desk::new();
    let letters = desk.letters(0..3);
    fs::copy(env!("CARGO_BIN_EXE_postrom"), desk.path("postrom")).unwrap();
    fs::set_permissions(desk.root(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(desk.out()).unwrap();
    chown(desk.out(), None, Some(GROUP)).unwrap();
    fs::set_permissions(desk.out(), fs::Permissions::from_mode(0o2770)).unwrap();
    for (name, mode) in [("key.asc", 0o644), ("relay.asc", 0o644), ("mail", 0o755)] {
        fs::set_permissions(desk.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let kari = as_user(&desk, 64_001, "kari");
    assert_eq!(kari.code, Some(0), "{}", kari.said());
    desk.has_whole(&letters);
    for name in &letters {
        readable_for_the_group(&desk.out().join(name));
    }
    let more = desk.letters(3..5);
    let ola = as_user(&desk, 64_002, "ola");
    assert_eq!(ola.code, Some(0), "{}", ola.said());
    assert_eq!(ola.out.matches("(opened before)").count(), 3, "{}", ola.said());
    assert_eq!(ola.out.matches("by kari").count(), 3, "{}", ola.said());
    let kari = as_user(&desk, 64_001, "kari");
    assert_eq!(
        (kari.code, kari.out.matches("by ola").count()),
        (Some(0), 2),
        "{}",
        kari.said()
    );
    desk.has_whole(&[letters, more].concat());
    // Somebody outside of the group sees nothing.
    let mut outside = Command::new("setpriv");
    outside
        .args(["--reuid=64003", "--regid=64003", "--clear-groups", "ls"])
        .arg(desk.out());
    assert!(!outside.output().unwrap().status.success());
}
