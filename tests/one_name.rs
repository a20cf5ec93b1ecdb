//! What an archive joins: a file has one name in the text, in `letter.json`, in the mail and on disk, and a letter says which
//! form it came through and whom it went to.

use std::collections::BTreeSet;
use std::fs;

use konvolutt_letter::{MARK, Record};

use crate::support::World;

/// Every photo of a telephone is `image.jpg`, and on the clerk's machine `IMAGE.JPG` is the same file.
#[test]
fn two_files_of_one_name_are_told_apart_everywhere() {
    let world = World::new();
    let sent = [
        ("image.jpg", "one"),
        ("image.jpg", "two"),
        ("IMAGE.JPG", "three"),
        ("image (2).jpg", "four"),
    ];
    let form = world.form().text("melding", &world.marker.text);
    let form = sent
        .iter()
        .fold(form, |form, (name, bytes)| form.file("vedlegg", name, bytes.as_bytes()));
    assert!(form.send().location().contains("/kvittering/"));
    let folder = world.open(&world.sink.wait_for(1).remove(0).mail);

    let json = fs::read_to_string(folder.join("letter.json")).unwrap();
    let record: Record = serde_json::from_str(&json).unwrap();
    let names: Vec<_> = record.files.iter().map(|file| file.name.as_str()).collect();
    let expected = ["image.jpg", "image (2).jpg", "IMAGE (3).JPG", "image (2) (2).jpg"];
    assert_eq!(names, expected);
    let text = fs::read_to_string(folder.join("letter.txt")).unwrap();
    let in_text: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix(MARK))
        .filter(|line| line.to_lowercase().ends_with(".jpg"))
        .collect();
    // In the letter's own list, and in that of the folder's files at its foot.
    assert_eq!(in_text, [expected, expected].concat());
    for ((_, bytes), name) in sent.iter().zip(expected) {
        assert_eq!(
            fs::read_to_string(folder.join("attachments").join(name)).unwrap(),
            *bytes
        );
    }
    let on_disk: BTreeSet<_> = fs::read_dir(folder.join("attachments"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(on_disk, expected.map(String::from).into());
}

#[test]
fn a_letter_names_its_form_and_its_authority() {
    let world = World::new();
    world.form().text("melding", &world.marker.text).send();
    let folder = world.open(&world.sink.wait_for(1).remove(0).mail);
    let json = fs::read_to_string(folder.join("letter.json")).unwrap();
    let record: Record = serde_json::from_str(&json).unwrap();
    assert_eq!(record.authority, "Statsforvaltaren i Nordland");
    let text = fs::read_to_string(folder.join("letter.txt")).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let form = lines
        .iter()
        .position(|line| *line == format!("Skjema: {}", record.title));
    let form = form.unwrap_or_else(|| panic!("{text}"));
    assert_eq!(lines[form + 1], "Til: Statsforvaltaren i Nordland");
    assert_eq!(lines[form - 3], format!("Referanse: {}", record.reference));
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{text}");
}
