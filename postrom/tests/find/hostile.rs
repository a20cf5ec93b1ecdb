//! Inputs that are built to end a run: each gives what it has in bounded time, and says what was not looked at.

use std::time::{Duration, Instant};

use postrom::find::{MOST_RECIPIENTS, recipients};
use postrom::found::Kind;
use postrom::trouble::Trouble;

use super::make::{BEGIN, armor, base64, gzip, letter, mail, packets, part, zip};
use super::told::{Told, told, told_of};

/// On two cores that others use as well, unoptimised.
const PATIENCE: Duration = Duration::from_secs(30);

#[track_caller]
fn in_time(bytes: &[u8]) -> Told {
    let start = Instant::now();
    let told = told(bytes);
    println!("{} MB in {:?}", bytes.len() / 1_000_000, start.elapsed());
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    told
}

fn one() -> String {
    armor(&packets(1, 60))
}

#[track_caller]
fn has_the_letter(told: &Told) {
    assert!(
        told.packets() == [packets(1, 60)],
        "{} parts, {:?}",
        told.sealed.len(),
        told.troubles()
    );
}

#[test]
fn a_letter_beneath_100_000_and_a_million_mails_is_found() {
    for levels in [100_000, 1_000_000] {
        let heads = "Content-Type: message/rfc822\r\n\r\n".repeat(levels);
        let bytes = format!("From: x@y.example\r\n{heads}{}", letter(1, "x"));
        let told = in_time(bytes.as_bytes());
        has_the_letter(&told);
        assert_eq!(told.sealed[0].subject.as_deref(), Some("Letter 1"));
        has_the_letter(&in_time(format!("From: x@y.example\r\n{heads}{}", one()).as_bytes()));
    }
}

#[test]
fn a_letter_beneath_100_000_multiparts_is_found_and_what_is_too_deep_is_named() {
    let deep: String = (0..100_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
        .collect();
    let told = in_time(format!("Subject: a\n{deep}\n{}", one()).as_bytes());
    has_the_letter(&told);
    assert_eq!(told.troubles(), [&Trouble::TooDeep]);
}

#[test]
fn a_letter_behind_400_000_parts_is_found() {
    let parts = "--x\n\na\n".repeat(400_000);
    let text = format!(
        "Subject: a\nContent-Type: multipart/mixed; boundary=x\n\n{parts}--x\n\n{}--x--\n",
        one()
    );
    has_the_letter(&in_time(text.as_bytes()));
    let encoded = "--x\nContent-Transfer-Encoding: base64\n\nYQ==\n".repeat(400_000);
    let text = format!(
        "Subject: a\nContent-Type: multipart/mixed; boundary=x\n\n{encoded}--x\n\n{}--x--\n",
        one()
    );
    let told = in_time(text.as_bytes());
    has_the_letter(&told);
    assert_eq!(told.troubles(), [&Trouble::TooManyParts { limit: 10_000 }]);
}

#[test]
fn a_letter_below_25_mb_of_heads_is_found() {
    let junk = "X-Junk: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n".repeat(410_000);
    let text = letter(1, "x").replacen("MIME-Version", &format!("{junk}MIME-Version"), 1);
    let told = in_time(text.as_bytes());
    has_the_letter(&told);
    assert!(told.sealed[0].repaired.is_empty());
    has_the_letter(&in_time(
        format!("Subject: {}\n\n{}", "a".repeat(25_000_000), one()).as_bytes(),
    ));
}

#[test]
fn bombs_are_named_and_the_letter_beside_them_is_found() {
    let zeros = vec![0; 60_000_000];
    let bombs = [gzip(&zeros), zip(&[("a".to_owned(), zeros.clone())], false)];
    for bomb in bombs {
        assert_eq!(in_time(&bomb).troubles(), [&Trouble::Bomb]);
        let beside = [
            part(
                "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64",
                base64(&bomb).as_bytes(),
            ),
            part("Content-Type: text/plain", one().as_bytes()),
        ];
        has_the_letter(&in_time(&mail("a", "x", "mixed", &beside)));
    }
}

#[test]
fn an_archive_of_archives_ends_where_it_is_too_deep() {
    let nested = |levels: usize| {
        let mut bytes = one().into_bytes();
        for _ in 0..levels {
            bytes = zip(&[("a.zip".to_owned(), bytes)], false);
        }
        in_time(&bytes)
    };
    has_the_letter(&nested(19));
    assert_eq!(nested(30).troubles(), [&Trouble::TooDeep]);
    // Each holds ten of the next: a thousand million in all.
    let mut bytes = vec![b'a'; 1_000];
    for _ in 0..9 {
        bytes = zip(
            &(0..10).map(|n| (format!("{n}.zip"), bytes.clone())).collect::<Vec<_>>(),
            false,
        );
    }
    assert_eq!(in_time(&bytes).troubles(), [&Trouble::TooManyParts { limit: 10_000 }]);
}

/// Each is a file in the one before it, and all of them are walked through as often as they are deep.
#[test]
fn mails_that_are_attached_to_each_other_end_where_they_are_too_deep() {
    let level = "Subject: a\nContent-Type: application/octet-stream; name=a.eml\n\n".repeat(50_000);
    let told = in_time(format!("{level}{}", one()).as_bytes());
    has_the_letter(&told);
    assert_eq!(told.troubles(), [&Trouble::TooDeep]);
}

#[test]
fn an_archive_with_100_000_files_is_read_up_to_its_bound() {
    let mut files = vec![("a.asc".to_owned(), one().into_bytes())];
    files.extend((0..70_000).map(|n| (format!("{n}"), Vec::new())));
    let told = in_time(&zip(&files, true));
    has_the_letter(&told);
    assert_eq!(told.troubles()[0], &Trouble::TooManyParts { limit: 10_000 });
}

#[test]
fn a_thousand_boundaries_and_dashes_cost_little() {
    let marks: String = (0..45)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
        .collect();
    let dashes = "--b\n".repeat(5_000_000);
    has_the_letter(&in_time(format!("Subject: a\n{marks}\n{dashes}{}", one()).as_bytes()));
    let begins = "-----BEGIN PGP MESSAGE-----\n".repeat(300_000);
    let told = in_time(begins.as_bytes());
    assert_eq!(told.troubles(), [&Trouble::TooManyParts { limit: 10_000 }]);
    in_time("<".repeat(3_000_000).replace("<<<<", "<a<&").as_bytes());
    in_time(format!("<html>PGP{}", "<a ".repeat(2_000_000)).as_bytes());
}

#[test]
fn fields_that_are_built_to_choke_a_parser_cost_little() {
    let pieces: String = (0..5_000).map(|n| format!(";\n name*{n}=a")).collect();
    let same = ";\n boundary=x".repeat(4_000);
    for field in [
        format!("Content-Type: multipart/mixed{pieces}"),
        format!("Content-Type: multipart/mixed{same}"),
        format!("From: {}", "(".repeat(60_000)),
        format!("From: {}", "<".repeat(60_000)),
        format!("To: {}", "a@b,".repeat(15_000)),
        format!("To: {}", "a:;".repeat(15_000)),
        format!("Subject: {}", "=?utf-8?q?a?= ".repeat(4_000)),
        format!("Date: {}", "(1 ".repeat(20_000)),
        format!("Content-Disposition: attachment; filename={}", "\"\\".repeat(30_000)),
    ] {
        let many = format!("{field}\nContent-Type: message/rfc822\n\n").repeat(40);
        let told = in_time(format!("Subject: a\nContent-Type: message/rfc822\n\n{many}{}", one()).as_bytes());
        assert_eq!(told.sealed.len(), 1, "{}", &field[..40]);
    }
}

/// Found by fuzzing.
#[test]
fn marks_that_share_their_dashes_are_both_told() {
    let told = in_time(format!("-----BEGIN PGP MESSAGE{}", one()).as_bytes());
    assert_eq!(told.sealed.len(), 2);
    assert!(told.packets()[1] == packets(1, 60));
}

/// Found by fuzzing.
#[test]
fn armor_in_the_line_between_two_mails_is_told() {
    let line = one().replace('\n', "\r");
    let told = in_time(format!("From x {line}\nSubject: b\n\nHei\n").as_bytes());
    has_the_letter(&told);
    has_the_letter(&in_time(format!("\tFrom x\nSubject: b\n\n{}", one()).as_bytes()));
}

/// Found by fuzzing.
#[test]
fn a_length_that_ends_within_a_mark_hides_nothing() {
    has_the_letter(&in_time(format!("20\nSubject: b\n\n{}", one()).as_bytes()));
}

/// Found by fuzzing: as much was told as stands there, and it was something else.
#[test]
fn what_one_decoding_gives_does_not_hide_what_stands_there() {
    let other = armor(&packets(2, 60));
    let [first, second] = [packets(1, 60), packets(2, 60)];
    let encoded = base64(other.as_bytes());
    let footer = part(
        "Content-Transfer-Encoding: base64",
        format!("{encoded}\n{}", one()).as_bytes(),
    );
    let told = in_time(&mail("a", "x", "mixed", &[footer]));
    assert!(told.packets().contains(&&*first), "{} parts", told.sealed.len());
    // A comment behind an archive whose own letter is packed, so that it does not stand there.
    let mut archive = zip(&[("a.asc".to_owned(), other.clone().into_bytes())], true);
    archive.extend_from_slice(one().as_bytes());
    assert!(in_time(&archive).packets().contains(&&*first));
    // Called quoted-printable, and not: the check sum is read as a sign.
    let short = packets(1, 59);
    let plain = part("Content-Transfer-Encoding: quoted-printable", armor(&short).as_bytes());
    assert!(in_time(&mail("a", "x", "mixed", &[plain])).packets().contains(&&*short));
    // Text for one reader, a tag for the other.
    let html = format!(
        "<html><a {}><p>{}{}",
        one(),
        other.replace('M', "&#77;"),
        other.replace("-----B", "&#45;----B")
    );
    let told = in_time(html.as_bytes());
    assert!(told.packets().contains(&&*first) && told.packets().contains(&&*second));
}

/// Found by fuzzing.
#[test]
fn bytes_that_begin_like_a_message_hide_nothing() {
    let begins = b"\xC3\x0A\x04 what was written ".as_slice();
    let cut = &packets(2, 60)[..40];
    for before in [begins, cut, &packets(2, 60)] {
        let told = in_time(&[before, b"\n", one().as_bytes()].concat());
        assert_eq!(told.sealed.len(), 2);
        assert!(told.packets()[1] == packets(1, 60));
    }
}

#[test]
fn many_marks_in_one_line_cost_little() {
    let words = format!("-----BEGIN PGP MESSAGE-----{}", "a ".repeat(4_000)).repeat(10_000);
    assert_eq!(in_time(words.as_bytes()).sealed.len(), 10_000);
}

/// Each may be where something begins that no head announces.
#[test]
fn many_beginnings_of_hidden_parts_cost_little() {
    let head = [0xC1, 21, 3, 0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let pieces = [0xC1, 0xE1, 3, 0xE1];
    // A message of 15 bytes: the pieces before it are 16 bytes long, and lead from each to the next.
    let short = [0xC1, 4, 3, 0, 0, 0, 0xD2, 7, 1, 8, 8, 8, 8, 8, 8];
    let local = [b"PK\x03\x04\x14\0\0\0\x08\0".as_slice(), &[0; 20]].concat();
    let line = base64(&[&head[..], &[0; 40]].concat());
    for (name, text) in [
        ("begin", "begin 644 a\n".repeat(1_000_000).into_bytes()),
        ("uu", "begin 644 a\n#86)C\n".repeat(500_000).into_bytes()),
        ("needles", "LS0tLS1CRUdJT".repeat(1_000_000).into_bytes()),
        ("needles apart", "LS0tLS1CRUdJT-".repeat(1_000_000).into_bytes()),
        ("needles in lines", "LS0tLS1CRUdJT\n".repeat(1_000_000).into_bytes()),
        (
            "needles below words",
            "a\nTUVTU0FHRS0tLS0t\n!\n".repeat(500_000).into_bytes(),
        ),
        ("blanks", "\n".repeat(10_000_000).into_bytes()),
        ("signs", "a\n".repeat(5_000_000).into_bytes()),
        ("blocks", format!("{line}\n").repeat(100_000).into_bytes()),
        ("keys", [b"a".as_slice(), &head.repeat(500_000)].concat()),
        ("pieces", [b"a".as_slice(), &pieces.repeat(2_000_000)].concat()),
        (
            "pieces between messages",
            [&[0xCA, 0xE4], &short[..]].concat().repeat(120_000),
        ),
        (
            "sealed pieces that have no end",
            [&[0xC9, 0xE4], &short[..]]
                .concat()
                .repeat(120_000)
                .into_iter()
                .chain([0, 255, 255, 255, 255, 255])
                .collect(),
        ),
        (
            "backslashes",
            format!("{BEGIN}{}", "\\par%0A".repeat(1_000_000)).into_bytes(),
        ),
        ("heads of a zip", local.repeat(300_000)),
    ] {
        println!("{name}");
        in_time(&text);
        let told = in_time(&[&text, b"\n\n".as_slice(), one().as_bytes()].concat());
        let wanted = packets(1, 60);
        let found = told.packets().iter().any(|found| found.ends_with(&wanted));
        let too_many = told.troubles().contains(&&Trouble::TooManyParts { limit: 10_000 });
        assert!(found || too_many, "{name}: {:?}", told.troubles());
    }
}

#[test]
fn a_sparse_file_of_2_gb_is_told_as_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sparse");
    let sparse = std::fs::File::create(&file).unwrap();
    let start = Instant::now();
    sparse.set_len(2_000_000_000).unwrap();
    let told = told_of(&file);
    assert_eq!(told.troubles(), [&Trouble::TooLarge { limit: 100 }]);
    println!("{:?}", start.elapsed());
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    // A film of that size is known by its first bytes.
    std::io::Write::write_all(&mut &sparse, b"\0\0\0\x20ftypisom").unwrap();
    assert_eq!(told_of(&file).kinds(), [Kind::Document]);
    // In these there may be armor as it is.
    for start in [b"%PDF-1.7\n".as_slice(), b"{\\rtf1\\ansi\n"] {
        let mut sparse = std::fs::File::create(&file).unwrap();
        std::io::Write::write_all(&mut sparse, &[start, one().as_bytes()].concat()).unwrap();
        sparse.set_len(101_000_000).unwrap();
        let told = told_of(&file);
        has_the_letter(&told);
        assert_eq!(told.troubles(), [&Trouble::TooLarge { limit: 100 }]);
    }
}

#[test]
fn wildcard_recipients_are_counted_and_not_tried() {
    let one = [0xC1, 21, 3, 0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut bytes = one.repeat(1_900_000 / one.len());
    bytes.extend([0xD2, 2, 1, 0]);
    let told = in_time(&bytes);
    assert_eq!(told.sealed.len(), 1);
    let best = (0..5).map(|_| {
        let start = Instant::now();
        assert_eq!(recipients(&*bytes, MOST_RECIPIENTS).unwrap(), MOST_RECIPIENTS + 1);
        start.elapsed()
    });
    assert!(best.min().unwrap() < Duration::from_millis(100));
}

#[test]
fn archives_cut_anywhere_end_no_run() {
    let files = [
        ("a.eml".to_owned(), letter(1, "x").into_bytes()),
        ("b.asc".to_owned(), one().into_bytes()),
    ];
    for whole in [
        zip(&files, false),
        super::make::tar(&files),
        super::make::msg(Some("a: b"), None, &files),
        super::make::tnef(&files),
        gzip(&zip(&files, true)),
    ] {
        for length in (0..whole.len()).step_by(whole.len() / 150 + 1) {
            let told = told(&whole[..length]);
            assert!(!(told.sealed.is_empty() && told.not_looked_at.is_empty() && told.other.is_empty()));
        }
    }
}

/// Each storage of a file that Outlook saved may be a mail in the one around it.
#[test]
fn a_letter_beneath_2_000_storages_is_found_and_what_is_too_deep_is_named() {
    use std::io::Write as _;
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    let deep = "/a".repeat(2_000);
    file.create_storage_all(&deep).unwrap();
    for number in 0..300 {
        let stream = file.create_stream(format!("{deep}/__substg1.0_1000{number:04}"));
        stream.unwrap().write_all(one().as_bytes()).unwrap();
    }
    let head = file.create_stream("/__substg1.0_007D001E");
    head.unwrap().write_all(b"Subject: a\n").unwrap();
    file.flush().unwrap();
    let told = in_time(&file.into_inner().into_inner());
    assert!(
        told.packets().contains(&&*packets(1, 60)),
        "{} parts",
        told.sealed.len()
    );
    assert_eq!(told.troubles(), [&Trouble::TooDeep]);
}

/// Each name of the directory is another file for whoever reads it.
#[test]
fn ten_thousand_names_of_the_same_bytes_cost_little() {
    let text = [vec![b'\0'; 3_000_000], one().into_bytes()].concat();
    let whole = zip(&[("00000".to_owned(), text)], true);
    let directory = memchr::memmem::rfind(&whole, b"PK\x01\x02").unwrap();
    let end = memchr::memmem::rfind(&whole, b"PK\x05\x06").unwrap();
    let names = (0..10_000).map(|number| {
        let mut entry = whole[directory..end].to_vec();
        entry[46..51].copy_from_slice(format!("{number:05}").as_bytes());
        entry
    });
    let names = names.collect::<Vec<_>>().concat();
    let mut tail = whole[end..].to_vec();
    tail[8..12].copy_from_slice(&[0x10, 0x27, 0x10, 0x27]);
    tail[12..16].copy_from_slice(&(names.len() as u32).to_le_bytes());
    let told = in_time(&[&whole[..directory], &names, &tail].concat());
    assert!(told.packets().contains(&&*packets(1, 60)));
    let too_large = |why: &&Trouble| **why == Trouble::TooLarge { limit: 1_000 };
    assert!(!told.not_looked_at.is_empty() && told.troubles().iter().all(too_large));
}
