//! What a large letter costs when it is handed over: memory that does not grow with it, and nothing in the clear on the way
//! to a case officer.

use std::fs;
use std::process::{Command, Stdio};

use super::archive::{MARKER, put, sealed_record};
use super::handover::export;
use super::office::Office;
use crate::large::held;
use crate::program::desk::reference;
use crate::program::process::Running;
use crate::program::tree::{files_with, size};
use crate::support::{Sent, room};
use sequoia_openpgp::serialize::SerializeInto;

/// Of both processes together, in kilobytes: 11 MB are seen for a package, 29 MB for a letter that is sealed again.
const MOST_OF_PACKAGE: u64 = 25_000;
const MOST_OF_RESEAL: u64 = 45_000;

/// A post room with a letter of this size, in which a marker stands everywhere, and an officer.
fn with_large(size: usize) -> (Office, String, Vec<u8>) {
    let office = Office::new();
    let number = reference(1);
    let file: Vec<u8> = MARKER.bytes().cycle().take(size).collect();
    let sent = Sent {
        files: vec![("film.mp4", &file)],
        ..Sent::new(&number, "Sjå filmen.")
    };
    put(&office, "mail/1.eml", sealed_record(&sent), &sent.files);
    let (cert, _) = room("Ola");
    office.desk.put("ola.asc", cert.armored().to_vec().unwrap());
    (office, number, file)
}

fn peak_of(mut command: Command) -> u64 {
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap();
    let mut most = 0;
    let ended = loop {
        most = most.max(held(run.id()));
        if let Some(ended) = run.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    assert!(ended.success());
    most
}

#[test]
fn a_large_letter_takes_little_memory_on_its_way_out() {
    let (office, number, file) = with_large(25_000_000);
    let to_archive = ["--to", "arkiv", "--arkivmelding", "fiks2"];
    let to_officer = ["--to", "arkiv", "--for", "ola.asc"];
    for (words, bound) in [(&to_archive[..], MOST_OF_PACKAGE), (&to_officer, MOST_OF_RESEAL)] {
        let most = peak_of(export(&office.desk, &[&[&*number], words].concat()));
        println!("{most} kB at most for {words:?}");
        assert!((1_000..bound).contains(&most), "{most} kB for {words:?}");
    }
    let packed = office.desk.path(&format!("arkiv/{number}/attachments/film.mp4"));
    assert!(fs::read(packed).unwrap() == file);
    let mail = office.desk.path(&format!("arkiv/{number} for Ola.eml"));
    assert!(mail.metadata().unwrap().len() > 25_000_000);
}

/// Looked at again and again while it is written, under its hidden name too.
#[test]
fn nothing_is_in_the_clear_on_the_way_to_an_officer() {
    let (office, number, _) = with_large(4_000_000);
    let to = office.desk.path("post");
    fs::create_dir(&to).unwrap();
    let (mut found, mut looks) = (Vec::new(), 0);
    let mail = to.join(format!("{number} for Ola.eml"));
    let running = Running::start(export(&office.desk, &[&number, "--to", "post", "--for", "ola.asc"]));
    running.until("the mail", || {
        looks += usize::from(size(&to) > 100_000);
        found.extend(files_with(&to, MARKER.as_bytes()));
        mail.exists()
    });
    assert_eq!(running.end().code, Some(0));
    found.extend(files_with(&to, MARKER.as_bytes()));
    assert!(found.is_empty() && looks > 3, "{looks} looks: {found:?}");
    // The control: in a package it is.
    let done = export(&office.desk, &[&number, "--to", "post"]).status().unwrap();
    assert!(done.success() && !files_with(&to, MARKER.as_bytes()).is_empty());
}
