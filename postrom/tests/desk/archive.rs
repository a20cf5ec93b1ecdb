//! A package for the archive: what lies in it, and that it is the same when it is made again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use konvolutt_letter::{Archive, Record, hex};
use postrom::desk::archive::{ArchiveForm, NoPackage, Order};
use postrom::desk::handover::{HandedOver, hand_over};
use postrom::desk::post::RowId;
use postrom::desk::room::{Open, Room};
use postrom::i18n::Lang;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::office::{Office, until_read};
use crate::program::desk::reference;
use crate::support::{Seal, Sent, document, mail, record};

/// Stands wherever a citizen can write.
pub const MARKER: &str = "MERKE4C1D";

/// A letter of a form that says what the journal is to say, and asks for a name.
pub fn sealed_record(sent: &Sent<'_>) -> Record {
    let mut record = record(sent);
    record.archive = Some(Archive {
        public_title: "Førespurnad".into(),
        legal_basis: "Offl. § 13".into(),
        access_code: "UO".into(),
    });
    record.deadline_days = Some(30);
    let mut name = record.answers[0].clone();
    name.name = "namn".into();
    name.values = vec![format!("Kari {MARKER} Ås")];
    name.sender = true;
    record.answers.push(name);
    record
}

/// Puts it into the mailbox.
pub fn put(office: &Office, file: &str, record: Record, files: &[(&str, &[u8])]) {
    let number = record.reference.clone();
    let seal = Seal::by_relay(&office.desk.relay, &office.desk.own);
    office
        .desk
        .put(file, mail(&number, &seal.armored(&document(record, files))));
}

/// A post room with one such letter with two files, unlocked.
pub fn with_one(text: &str) -> (Office, Room, Open, RowId) {
    let office = Office::new();
    let number = reference(1);
    let files: Vec<(&str, &[u8])> = vec![("bilete MERKE4C1D.jpg", b"MERKE i bilete"), ("notat.txt", b"")];
    let sent = Sent {
        files,
        ..Sent::new(&number, text)
    };
    put(&office, "mail/1.eml", sealed_record(&sent), &sent.files);
    let (room, open) = office.open("kari");
    until_read(&open, 1);
    let id = open.session.post().rows().next().unwrap().id;
    (office, room, open, id)
}

pub fn order(to: PathBuf, message: Option<ArchiveForm>) -> Order {
    Order {
        to,
        message,
        also_not_genuine: false,
    }
}

pub fn made(open: &Open, id: RowId, order: &Order) -> Result<HandedOver, NoPackage> {
    hand_over(&open.session, id, order, Lang::Nn, &|| false)
}

/// Every file below a folder that is not hidden, with its bytes.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !name.starts_with('.') {
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_package_holds_everything_under_its_clean_names() {
    let (office, _room, open, id) = with_one("Eg treng hjelp.");
    let to = office.desk.path("arkiv");
    let done = made(&open, id, &order(to.clone(), Some(ArchiveForm::Efm))).unwrap();
    let folder = done.package.folder;
    assert_eq!(folder, to.join(reference(1)));
    assert!(!done.package.again && done.package.attachments == 2);
    let tree = tree(&folder);
    let names: Vec<&str> = tree.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "arkivmelding.xml",
            "attachments/bilete MERKE4C1D.jpg",
            "attachments/notat.txt",
            "letter.json",
            "letter.pdf",
            "manifest.json",
        ]
    );
    assert_eq!(tree["attachments/bilete MERKE4C1D.jpg"], b"MERKE i bilete");
    assert!(tree["letter.pdf"].starts_with(b"%PDF-"));
    let manifest: Value = serde_json::from_slice(&tree["manifest.json"]).unwrap();
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len(), names.len() - 1);
    for file in listed {
        let bytes = &tree[file["name"].as_str().unwrap()];
        assert_eq!(file["size"], bytes.len());
        assert_eq!(file["sha256"], hex(Sha256::digest(bytes)));
    }
    let xml = String::from_utf8(tree["arkivmelding.xml"].clone()).unwrap();
    for file in listed.iter().filter(|file| file["role"] == "attachment") {
        let name = file["name"].as_str().unwrap();
        assert!(
            xml.contains(&format!("<referanseDokumentfil>{name}</referanseDokumentfil>")),
            "{xml}"
        );
    }
    // It is the same `letter.json` that the other command writes.
    assert_eq!(office.desk.open(&["mail"]).code, Some(0));
    let opened = fs::read(office.desk.out().join(reference(1)).join("letter.json")).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&opened),
        String::from_utf8_lossy(&tree["letter.json"])
    );
}

#[test]
fn the_same_letter_gives_the_same_bytes_and_is_packed_once() {
    let (office, room, open, id) = with_one("Eg treng hjelp.");
    let path = |name| office.desk.path(name);
    let with = |name, form| order(path(name), form);
    let first = made(&open, id, &with("a", Some(ArchiveForm::Fiks1))).unwrap().package;
    let again = made(&open, id, &with("a", Some(ArchiveForm::Fiks1))).unwrap().package;
    assert!(again.again && again.folder == first.folder);
    assert_eq!(fs::read_dir(path("a")).unwrap().count(), 2, "the package and the lock");
    // Another clerk, later, somewhere else.
    room.lock();
    let (_room, open) = office.open("ola");
    until_read(&open, 1);
    let id = open.session.post().rows().next().unwrap().id;
    let other = made(&open, id, &with("b", Some(ArchiveForm::Fiks1))).unwrap().package;
    let (one, two) = (tree(&first.folder), tree(&other.folder));
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{name}");
    }
    // With another message, or when something was taken from it, it is another package; nothing is replaced.
    let efm = made(&open, id, &with("a", Some(ArchiveForm::Efm))).unwrap().package;
    assert_eq!(efm.folder, path("a").join(format!("{} (2)", reference(1))));
    fs::remove_file(first.folder.join("attachments/notat.txt")).unwrap();
    let whole = made(&open, id, &with("a", Some(ArchiveForm::Fiks1))).unwrap().package;
    assert_eq!(whole.folder, path("a").join(format!("{} (3)", reference(1))));
    assert_eq!(tree(&whole.folder), one);
}

/// What others may put into a shared folder cannot hold a hand-over up.
#[test]
fn what_stands_in_the_way_is_passed_by() {
    let (office, _room, open, id) = with_one("Hei.");
    let number = reference(1);
    let to = office.desk.path("arkiv");
    fs::create_dir_all(to.join(&number)).unwrap();
    let pipe = to.join(&number).join("manifest.json");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(pipe)
            .status()
            .unwrap()
            .success()
    );
    fs::write(to.join(format!("{number} (2)")), "a file").unwrap();
    std::os::unix::fs::symlink("/nowhere", to.join(format!("{number} (3)"))).unwrap();
    let done = made(&open, id, &order(to.clone(), None)).unwrap().package;
    assert_eq!(done.folder, to.join(format!("{number} (4)")));
}

/// Anybody can seal a letter to a post room.
#[test]
fn a_forged_letter_is_refused_and_gives_the_journal_nothing() {
    let office = Office::new();
    let number = reference(1);
    let mut record = sealed_record(&Sent::new(&number, "Falskt."));
    record.archive = Some(Archive {
        public_title: MARKER.into(),
        legal_basis: MARKER.into(),
        access_code: MARKER.into(),
    });
    let seal = Seal::unsigned(&office.desk.own);
    office
        .desk
        .put("mail/1.eml", mail(&number, &seal.armored(&document(record, &[]))));
    let (_room, open) = office.open("kari");
    until_read(&open, 1);
    let id = open.session.post().rows().next().unwrap().id;
    for form in [ArchiveForm::Efm, ArchiveForm::Fiks1, ArchiveForm::Fiks2] {
        let mut order = order(office.desk.path(&format!("{form:?}")), Some(form));
        assert_eq!(made(&open, id, &order).unwrap_err(), NoPackage::NotGenuine);
        assert!(!order.to.exists());
        order.also_not_genuine = true;
        let folder = made(&open, id, &order).unwrap().package.folder;
        assert_eq!(folder, order.to.join(format!("not-genuine {number}")));
        let xml = fs::read_to_string(folder.join("arkivmelding.xml")).unwrap();
        assert!(!xml.contains(MARKER) && !xml.contains(&number), "{xml}");
        assert!(xml.contains("<offentligTittel>Henvendelse</offentligTittel>"), "{xml}");
        let json: Value = serde_json::from_slice(&fs::read(folder.join("letter.json")).unwrap()).unwrap();
        assert!(json["warning"].is_string());
    }
}
