//! From what a clerk points at to inputs: what is found, what is passed over, what is named.

use std::fs;
use std::path::Path;

use postrom::found::Kind;
use postrom::trouble::Trouble;

use super::make::{armor, letter, packets};
use super::told::{Told, told_of};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, bytes: &str) -> &Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    fn maildir(&self, name: &str) -> &Self {
        for sub in ["cur", "new", "tmp"] {
            fs::create_dir_all(self.path().join(name).join(sub)).unwrap();
        }
        self
    }

    fn told(&self) -> Told {
        told_of(self.path())
    }
}

#[track_caller]
fn letters(told: &Told, numbers: &[u64]) {
    let wanted: Vec<_> = numbers.iter().map(|number| packets(*number, 60)).collect();
    assert!(
        told.packets() == wanted,
        "{} letters of {}",
        told.sealed.len(),
        wanted.len()
    );
}

#[test]
fn a_folder_is_read_in_the_order_of_its_names() {
    let folder = Folder::new();
    folder
        .put("b.eml", &letter(2, "x"))
        .put("a/z.eml", &letter(1, "x"))
        .put("c.asc", &armor(&packets(3, 60)));
    folder
        .put(".hidden.eml", &letter(4, "x"))
        .put(".hidden/a.eml", &letter(5, "x"));
    let told = folder.told();
    letters(&told, &[1, 2, 3]);
    // What is hidden is counted.
    assert_eq!(told.kinds(), [Kind::Other; 2]);
    letters(&told_of(&folder.path().join(".hidden")), &[5]);
}

#[test]
fn a_maildir_is_read_with_its_subfolders() {
    let folder = Folder::new();
    folder.maildir("").maildir(".Skjema").maildir(".Skjema.Gamle");
    folder
        .put("new/1", &letter(1, "x"))
        .put("cur/2", &letter(2, "x"))
        .put("tmp/3", &letter(3, "x"));
    folder
        .put(".Skjema/new/4", &letter(4, "x"))
        .put(".Skjema.Gamle/cur/5", &letter(5, "x"));
    folder
        .put("dovecot.index.cache", "\u{1}")
        .put(".Skjema/maildirfolder", "")
        .put(".git/objects/6", &letter(6, "x"));
    let told = folder.told();
    letters(&told, &[4, 5, 2, 1]);
    assert_eq!(told.kinds(), [Kind::Other]);
}

/// A zip, a version control system or a copy has lost the folders that were empty, or the folder that the mailbox lay in.
#[test]
fn a_copy_of_a_maildir_is_read_as_far_as_it_came() {
    for (number, place) in [".Skjema/cur", ".Skjema/new", "Sub/.Skjema/cur", "cur"]
        .iter()
        .enumerate()
    {
        let (folder, number) = (Folder::new(), number as u64);
        folder.put(&format!("{place}/.1"), "hidden");
        folder.put(&format!("{place}/1"), &letter(number, "x"));
        // With only one of the two nobody delivers into it, and a folder may be called so by chance.
        folder.put(&format!("{place}/../tmp/2"), &letter(90, "x"));
        let told = folder.told();
        letters(&told, &[number, 90]);
        assert_eq!(told.kinds(), [Kind::Other], "{place}");
    }
}

/// A clerk files a mail where the letter lies that it belongs to.
#[test]
fn a_mail_beside_an_opened_letter_is_read() {
    let folder = Folder::new();
    let opened = armor(&packets(9, 60));
    for name in [
        "status.json",
        "letter.txt",
        "letter.json",
        "document.eml",
        "attachments/a.asc",
    ] {
        folder.put(&format!("case/{name}"), &opened);
    }
    folder
        .put("case/brev.asc", &letter(1, "x"))
        .put("case/more/letter.txt", &letter(2, "x"));
    for place in ["", "case"] {
        let told = told_of(&folder.path().join(place));
        letters(&told, &[1, 2]);
        assert!(told.other.is_empty());
    }
    // What is named is read.
    letters(&told_of(&folder.path().join("case/letter.txt")), &[9]);
    letters(&told_of(&folder.path().join("case/attachments")), &[9]);
    // Where no letter was opened the names are anybody's.
    std::fs::remove_file(folder.path().join("case/status.json")).unwrap();
    assert_eq!(folder.told().sealed.len(), 6);
}

#[test]
fn what_was_opened_does_not_come_back() {
    let folder = Folder::new();
    folder.maildir("").put("new/1", &letter(1, "x"));
    let opened = armor(&packets(9, 60));
    for (place, file) in [("out/K7F", "letter.txt"), ("out/not-genuine K8F", "document.eml")] {
        folder
            .put(&format!("{place}/{file}"), &opened)
            .put(&format!("{place}/status.json"), "{}");
        folder.put(&format!("{place}/attachments/a.asc"), &opened);
    }
    folder
        .put("out/.unfinished-1/letter.txt", &opened)
        .put("out/postrom-ledger.jsonl", &opened)
        .put("postrom-ledger.jsonl", "{}");
    let told = folder.told();
    letters(&told, &[1]);
    assert!(told.other.is_empty());
    // Only what is called so is the ledger.
    folder.put("out/ledger.jsonl", &armor(&packets(2, 60)));
    letters(&folder.told(), &[1, 2]);
}

#[test]
fn what_is_missing_is_named_and_no_more() {
    let folder = Folder::new();
    let told = told_of(&folder.path().join("nothere.eml"));
    assert_eq!(told.unread.len(), 1);
    assert_eq!(told.unread[0].1, Trouble::Missing);
}

#[test]
fn a_file_of_a_mail_program_is_named_so_unless_a_letter_is_in_it() {
    let folder = Folder::new();
    folder
        .put("INBOX.msf", "// <!-- <mdb:mork:z v=\"1.4\"/> -->\n")
        .put("Thumbs.db", &letter(1, "x"));
    let told = folder.told();
    letters(&told, &[1]);
    assert_eq!(told.kinds(), [Kind::MailProgram]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn links_are_followed_each_folder_once() {
        let (folder, other) = (Folder::new(), Folder::new());
        other.put("1.eml", &letter(1, "x"));
        folder.put("2.eml", &letter(2, "x"));
        symlink(other.path(), folder.path().join("a")).unwrap();
        symlink(other.path(), folder.path().join("b")).unwrap();
        symlink(folder.path(), other.path().join("round")).unwrap();
        symlink(folder.path().join("2.eml"), folder.path().join("3.eml")).unwrap();
        let told = folder.told();
        letters(&told, &[2, 2, 1]);
        assert!(told.unread.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_named_and_the_rest_goes_on() {
        let folder = Folder::new();
        folder.put("z.eml", &letter(1, "x"));
        symlink("nowhere", folder.path().join("a")).unwrap();
        symlink("c", folder.path().join("b")).unwrap();
        symlink("b", folder.path().join("c")).unwrap();
        let _socket = UnixListener::bind(folder.path().join("d")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            folder.path().join("e"),
            rustix::fs::FileType::Fifo,
            0o600.into(),
            0,
        )
        .unwrap();
        let told = folder.told();
        letters(&told, &[1]);
        let troubles: Vec<_> = told.unread.iter().map(|(_, why)| why).collect();
        assert_eq!(troubles[0], &Trouble::Missing);
        assert!(matches!(
            troubles[1..3],
            [Trouble::Unreadable { .. }, Trouble::Unreadable { .. }]
        ));
        assert_eq!(troubles[3..], [&Trouble::NotAFile, &Trouble::NotAFile]);
        assert_eq!(told_of(Path::new("/dev/null")).unread[0].1, Trouble::NotAFile);
    }

    #[test]
    fn a_folder_that_must_not_be_read_is_named() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new();
        folder
            .put("locked/1.eml", &letter(1, "x"))
            .put("z.eml", &letter(2, "x"));
        let locked = folder.path().join("locked");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
        let refused = fs::read_dir(&locked).is_err();
        let told = folder.told();
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o700)).unwrap();
        // An administrator may read everything.
        if refused {
            letters(&told, &[2]);
            assert_eq!(told.unread.len(), 1);
        } else {
            letters(&told, &[1, 2]);
        }
    }
}
