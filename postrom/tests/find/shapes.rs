//! Each shape that a letter has when it comes to a clerk's desk.

use postrom::found::{Kind, Repair, Step};

use super::make::{armor, base64, emlx, gzip, letter, mail, msg, packets, part, tar, tnef, utf16, uuencode, zip};
use super::told::{Told, told, told_of};

const REFERENCE: &str = "K7F-3K9Q-2MX";

/// A reference whose check character fits.
fn reference() -> String {
    konvolutt_letter::Reference::from_random(&[7; 16]).to_string()
}

#[track_caller]
fn holds(bytes: &[u8], numbers: &[u64]) -> Told {
    let told = told(bytes);
    let wanted: Vec<_> = numbers.iter().map(|number| packets(*number, 60)).collect();
    assert!(
        told.packets() == wanted,
        "{} parts of {}",
        told.sealed.len(),
        wanted.len()
    );
    assert!(told.not_looked_at.is_empty() && told.other.is_empty());
    told
}

fn one(number: u64) -> String {
    armor(&packets(number, 60))
}

fn files(numbers: &[u64]) -> Vec<(String, Vec<u8>)> {
    numbers
        .iter()
        .map(|number| (format!("{number}.eml"), letter(*number, REFERENCE).into_bytes()))
        .collect()
}

#[test]
fn a_letter_as_it_was_sent_needs_no_repair() {
    let reference = reference();
    let told = holds(letter(1, &reference).as_bytes(), &[1]);
    let part = &told.sealed[0];
    assert!(part.repaired.is_empty() && part.place.is_empty());
    assert_eq!(part.subject.as_deref(), Some("Letter 1"));
    assert_eq!(part.reference.as_ref(), Some(&reference));
    let crlf = letter(1, &reference).replace('\n', "\r\n");
    assert!(holds(crlf.as_bytes(), &[1]).sealed[0].repaired.is_empty());
}

#[test]
fn a_mail_whose_form_was_changed_says_so() {
    let changed = letter(1, REFERENCE).replace("multipart/encrypted", "multipart/mixed");
    assert_eq!(holds(changed.as_bytes(), &[1]).sealed[0].repaired, [Repair::FormOfMail]);
}

#[test]
fn a_bare_file_is_taken_as_it_is() {
    for bytes in [
        one(1).into_bytes(),
        format!("\r\n\u{FEFF}{}", one(1)).into_bytes(),
        packets(1, 60),
    ] {
        holds(&bytes, &[1]);
    }
    let told = holds(format!("\u{FEFF}{}", one(1)).as_bytes(), &[1]);
    assert!(told.sealed[0].repaired.is_empty());
    assert!(told.sealed[0].place.is_empty());
}

#[test]
fn several_in_one_file_are_all_told() {
    let text = format!("{}words\n{}", one(1), one(2));
    let told = holds(text.as_bytes(), &[1, 2]);
    assert_eq!(told.sealed[1].place, [Step::Part { number: 2 }]);
    holds(&[packets(1, 60), packets(2, 60)].concat(), &[1, 2]);
    let pasted = format!("{}{}", letter(1, REFERENCE), letter(2, REFERENCE));
    let told = holds(pasted.as_bytes(), &[1, 2]);
    assert_eq!(told.sealed[1].subject.as_deref(), Some("Letter 2"));
}

#[test]
fn armor_is_found_in_text() {
    let armor = one(1);
    let spoilt = [
        format!("Kan du opne denne?\n\n{armor}"),
        armor.replace('\n', "\n> "),
        format!("> {}", armor.replace('\n', "\n> > ")),
        format!("see {armor} and tell me"),
        armor.replace('\n', "   \r\n"),
        armor.replace('\n', "\r"),
        format!("    {}", armor.replace('\n', "\n    ")),
        format!("- {armor}"),
        format!(
            "<html><body><p>Hei</p>{}</body></html>",
            armor.replace('\n', "<br>\r\n")
        ),
        format!(
            "<html><body><p>Hei</p>&gt; {}</body></html>",
            armor.replace('\n', "<br>&gt;&nbsp;")
        ),
        format!(
            "<div>{}</div>",
            armor.replace(' ', "&nbsp;").replace('\n', "</div><div>")
        ),
        format!(
            "<html><body>{}</body></html>",
            armor.replace("-----", "&#45;&#45;---").replace('\n', "<br/>")
        ),
        armor.replace("-----END PGP MESSAGE-----\n", ""),
    ];
    for text in spoilt {
        let told = holds(text.as_bytes(), &[1]);
        let cut = !text.contains("END");
        assert!(cut || told.sealed[0].repaired == [Repair::ArmorInText], "{text}");
    }
}

#[test]
fn a_forwarded_letter_is_found() {
    let reference = reference();
    let inner = letter(1, &reference);
    let head = "Content-Type: message/rfc822; name=\"Ny.eml\"";
    let plain = part(head, inner.as_bytes());
    let encoded = part(
        &format!("{head}\nContent-Transfer-Encoding: base64"),
        base64(inner.as_bytes()).as_bytes(),
    );
    let quoted = part(
        &format!("{head}\nContent-Transfer-Encoding: quoted-printable"),
        quoted_printable::encode(&inner).as_slice(),
    );
    let octets = part(
        "Content-Type: application/octet-stream; name=\"Ny.eml\"\nContent-Transfer-Encoding: base64",
        base64(inner.as_bytes()).as_bytes(),
    );
    let text = part("Content-Type: text/plain", b"Se vedlagt.");
    for forwarded in [plain, encoded, quoted, octets] {
        let outer = mail("VS", "fw", "mixed", &[text.clone(), forwarded]);
        let told = holds(&outer, &[1]);
        assert_eq!(told.sealed[0].subject.as_deref(), Some("Letter 1"));
        assert_eq!(told.sealed[0].reference.as_ref(), Some(&reference));
        assert!(told.sealed[0].repaired.is_empty());
        assert_eq!(told.sealed[0].place.len(), 1);
        let twice = mail(
            "VS: VS",
            "fw2",
            "mixed",
            &[text.clone(), part("Content-Type: message/rfc822", &outer)],
        );
        assert_eq!(holds(&twice, &[1]).sealed[0].place[0], Step::Forwarded);
    }
}

#[test]
fn digests_and_bounces_hold_mails() {
    let digest = mail(
        "Digest",
        "d",
        "digest",
        &[
            part("", letter(1, REFERENCE).as_bytes()),
            part("", letter(2, REFERENCE).as_bytes()),
        ],
    );
    let digest = String::from_utf8(digest).unwrap().replace("--d\n\n\n", "--d\n\n");
    holds(digest.as_bytes(), &[1, 2]);
    let report = [
        part("Content-Type: text/plain", b"It could not be delivered."),
        part(
            "Content-Type: message/delivery-status",
            b"Reporting-MTA: dns; mx.example",
        ),
        part("Content-Type: message/rfc822", letter(3, REFERENCE).as_bytes()),
    ];
    let told = holds(
        &mail("Undelivered", "b", "report; report-type=delivery-status", &report),
        &[3],
    );
    assert_eq!(told.sealed[0].subject.as_deref(), Some("Letter 3"));
}

#[test]
fn attachments_of_any_encoding_are_found() {
    let binary = packets(1, 60);
    let parts = [
        part(
            "Content-Type: application/octet-stream; name=\"a.pgp\"\nContent-Transfer-Encoding: base64",
            base64(&binary).as_bytes(),
        ),
        part(
            "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64",
            base64(one(2).as_bytes()).as_bytes(),
        ),
        part(
            "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable",
            &quoted_printable::encode(one(3)),
        ),
        part(
            "Content-Type: application/octet-stream\nContent-Transfer-Encoding: binary",
            &packets(4, 60),
        ),
        part("Content-Type: text/plain", one(5).as_bytes()),
    ];
    let told = holds(&mail("A", "x", "mixed", &parts), &[1, 2, 3, 4, 5]);
    assert_eq!(
        told.sealed[0].place,
        [Step::File {
            name: "a.pgp".to_owned()
        }]
    );
}

#[test]
fn archives_are_looked_into() {
    for bytes in [
        zip(&files(&[1, 2]), true),
        zip(&files(&[1, 2]), false),
        tar(&files(&[1, 2])),
        gzip(&tar(&files(&[1, 2]))),
    ] {
        let told = holds(&bytes, &[1, 2]);
        assert_eq!(
            told.sealed[0].place.last(),
            Some(&Step::File {
                name: "1.eml".to_owned()
            })
        );
        assert_eq!(told.sealed[0].subject.as_deref(), Some("Letter 1"));
    }
    let inner = zip(&files(&[1]), false);
    holds(&zip(&[("inner.zip".to_owned(), inner)], true), &[1]);
    holds(&gzip(letter(1, REFERENCE).as_bytes()), &[1]);
    // Two members, one after the other.
    let whole = letter(1, REFERENCE);
    let (one, two) = whole.as_bytes().split_at(300);
    holds(&[gzip(one), gzip(two)].concat(), &[1]);
}

#[test]
fn what_outlook_and_apple_save_is_looked_into() {
    let head = "Subject: Letter 9\r\nFrom: a@b.example\r\n";
    let armored = [("encrypted.asc".to_owned(), one(1).into_bytes())];
    let told = holds(&msg(Some(head), None, &armored), &[1]);
    assert_eq!(told.sealed[0].subject.as_deref(), Some("Letter 9"));
    assert_eq!(told.sealed[0].repaired, [Repair::FormOfMail]);
    assert_eq!(
        told.sealed[0].place,
        [Step::File {
            name: "encrypted.asc".to_owned()
        }]
    );
    let large = [("a.asc".to_owned(), armor(&packets(1, 20_000)).into_bytes())];
    assert!(super::told::told(&msg(None, None, &large)).packets() == [packets(1, 20_000)]);
    // The body says it as text and as HTML.
    holds(&msg(Some(head), Some(&one(2)), &[]), &[2]);
    holds(&tnef(&armored), &[1]);
    holds(&tnef(&[("a.pgp".to_owned(), packets(1, 60))]), &[1]);
    holds(&emlx(letter(1, REFERENCE).as_bytes()), &[1]);
}

#[test]
fn a_large_letter_in_an_archive_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a");
    let large = packets(1, 3_600_000);
    let files = [
        ("large.asc".to_owned(), armor(&large).into_bytes()),
        ("2.eml".to_owned(), letter(2, REFERENCE).into_bytes()),
    ];
    for bytes in [zip(&files, true), tar(&files), msg(None, None, &files), tnef(&files)] {
        std::fs::write(&file, bytes).unwrap();
        let told = told_of(&file);
        assert!(told.packets() == [large.as_slice(), &packets(2, 60)]);
        assert!(told.not_looked_at.is_empty());
    }
    let apple = letter(2, REFERENCE).replace(&one(2), &armor(&large));
    std::fs::write(&file, emlx(apple.as_bytes())).unwrap();
    let told = told_of(&file);
    assert!(told.packets() == [large.as_slice()] && told.sealed[0].in_file);
    assert_eq!(told.sealed[0].subject.as_deref(), Some("Letter 2"));
}

#[test]
fn mails_within_the_mails_of_outlook_are_looked_into() {
    let armored = [("a.asc".to_owned(), one(1).into_bytes())];
    // A mail attached to a mail: a storage within the storage of its attachment.
    let mut file = cfb::CompoundFile::open(std::io::Cursor::new(msg(Some("Subject: outer"), None, &[]))).unwrap();
    let inner = "/__attach_version1.0_#00000000/__substg1.0_3701000D";
    let storage = format!("{inner}/__attach_version1.0_#00000000");
    file.create_storage_all(&storage).unwrap();
    let mut put = |path: String, bytes: &[u8]| {
        std::io::Write::write_all(&mut file.create_stream(path).unwrap(), bytes).unwrap();
    };
    put(
        format!("{inner}/__substg1.0_007D001F"),
        &utf16("Subject: inner", true, false),
    );
    put(format!("{storage}/__substg1.0_37010102"), &packets(1, 60));
    file.flush().unwrap();
    let told = holds(&file.into_inner().into_inner(), &[1]);
    assert_eq!(told.sealed[0].subject.as_deref(), Some("inner"));
    assert_eq!(told.sealed[0].place[0], Step::Forwarded);
    // In a winmail.dat the inner mail stands among the properties of its attachment.
    let properties = [&[0; 40], tnef(&armored).as_slice(), &[0; 3]].concat();
    let mut outer = tnef(&[]);
    outer.extend([2]);
    outer.extend(0x0006_9005_u32.to_le_bytes());
    outer.extend((properties.len() as u32).to_le_bytes());
    outer.extend(&properties);
    outer.extend([0, 0]);
    holds(&outer, &[1]);
}

#[test]
fn text_in_utf_16_is_read() {
    for text in [one(1), letter(1, REFERENCE)] {
        for (little, mark) in [(true, true), (false, true), (true, false), (false, false)] {
            holds(&utf16(&text, little, mark), &[1]);
        }
    }
}

#[test]
fn an_mbox_is_told_mail_by_mail() {
    let ordinary = "Subject: Hei\n\n>From here on\n";
    let line = "From kari@a.example Sat Nov 28 15:00:00 2026\n";
    for (between, bom) in [("\n", ""), ("", ""), ("\n", "\u{FEFF}"), ("", "\u{FEFF}")] {
        let mails = [letter(1, REFERENCE), ordinary.to_owned(), letter(2, REFERENCE)];
        let mbox: String = mails.iter().map(|mail| format!("{line}{mail}{between}")).collect();
        for mbox in [format!("{bom}{mbox}"), format!("{bom}{mbox}").replace('\n', "\r\n")] {
            let told = told(mbox.as_bytes());
            assert!(told.packets() == [packets(1, 60), packets(2, 60)], "{mbox}");
            assert_eq!(told.sealed[1].place, [Step::Mail { number: 3 }]);
            assert_eq!(told.other, [(vec![Step::Mail { number: 2 }], Kind::Mail)]);
            assert!(told.sealed[0].repaired.is_empty());
        }
    }
}

#[test]
fn a_large_letter_stays_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let large = packets(1, 3_600_000);
    let whole = letter(2, REFERENCE).replace(&one(2), &armor(&large));
    let quoted = whole.replace("\n=aBc1", "\n >=aBc1");
    let mbox = format!(
        "From - Sat Nov 28 15:00:00 2026\n{whole}\nFrom - Sat Nov 28 15:00:00 2026\n{}",
        letter(3, REFERENCE)
    );
    let told_as = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        told_of(&file)
    };
    for (name, text, in_file) in [
        ("a", &whole, true),
        ("b", &whole.replace('\n', "\r\n"), true),
        ("c", &quoted, false),
    ] {
        let told = told_as(name, text);
        assert!(told.packets() == [large.as_slice()]);
        assert_eq!(told.sealed[0].in_file, in_file);
        assert_eq!(told.sealed[0].subject.as_deref(), Some("Letter 2"));
        assert_eq!(told.sealed[0].repaired.is_empty(), in_file);
    }
    let told = told_as("mbox", &mbox);
    assert!(told.packets() == [large.as_slice(), &packets(3, 60)]);
    let cut = &whole[..whole.len() / 2];
    let told = told_as("cut", cut);
    assert_eq!(told.sealed.len(), 1);
    assert!(large.starts_with(&told.sealed[0].packets) && told.sealed[0].packets.len() > 1_000_000);
}

/// It looks undisturbed line by line, and what reads armor from a file would end too early or begin too late.
#[test]
fn a_large_letter_that_cannot_be_read_from_its_file_is_read_from_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.eml");
    let large = packets(1, 3_600_000);
    let armor = armor(&large);
    let mut number = 0;
    let long_lines: String = armor.split_inclusive('\n').fold(String::new(), |mut text, line| {
        let data = line.len() == 65;
        number += usize::from(data);
        text.push_str(if data && number % 12 > 0 { line.trim_end() } else { line });
        text
    });
    let quoted = String::from_utf8(quoted_printable::encode(long_lines.replace('\n', "\r\n"))).unwrap();
    let comments = |count| armor.replacen("\n\n", &format!("\n{}\n", "Comment: a\n".repeat(count)), 1);
    let encoded = "Content-Type: application/octet-stream\nContent-Transfer-Encoding: quoted-printable";
    for (name, bytes, in_file) in [
        ("quoted-printable", attached(encoded, &quoted), false),
        ("comments", comments(1_400).into_bytes(), true),
        ("many comments", comments(1_500).into_bytes(), false),
        ("tabs at the ends", armor.replace('\n', "\t\n").into_bytes(), false),
        ("blanks at the ends", armor.replace('\n', " \n").into_bytes(), true),
        (
            "blanks behind the first line",
            armor
                .replacen('\n', &format!("{}\n", " ".repeat(20_000)), 1)
                .into_bytes(),
            false,
        ),
    ] {
        std::fs::write(&file, bytes).unwrap();
        let told = told_of(&file);
        assert!(
            told.packets() == [large.as_slice()],
            "{name}: {} of {} bytes",
            told.packets()[0].len(),
            large.len()
        );
        assert_eq!(told.sealed[0].in_file, in_file, "{name}");
    }
}

#[test]
fn what_holds_no_letter_is_named_for_what_it_is() {
    let locked = {
        let mut bytes = zip(&files(&[1]), false);
        // The bit that says "encrypted", in the local head and in the directory.
        bytes[6] |= 1;
        let directory = memchr::memmem::rfind(&bytes, b"PK\x01\x02").unwrap();
        bytes[directory + 8] |= 1;
        bytes
    };
    assert_eq!(told(&locked).troubles(), [&postrom::trouble::Trouble::LockedArchive]);
    let smime = "Subject: a\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\nContent-Transfer-Encoding: base64\n\nMIAG\n";
    for (bytes, kind) in [
        (b"".as_slice(), Kind::Empty),
        (b"Hei", Kind::Text),
        (b"Subject: A\r\n\r\nHei\r\n", Kind::Mail),
        ("\u{FEFF}Subject: A\r\n\r\nHei".as_bytes(), Kind::Mail),
        (smime.as_bytes(), Kind::Smime),
        (b"\xFF\xD8\xFF\xE0\0\x10JFIF\0", Kind::Picture),
        (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", Kind::Picture),
        (b"%PDF-1.7\n", Kind::Document),
        (&zip(&[("a.txt".to_owned(), b"a".to_vec())], false), Kind::Archive),
        (
            &zip(&[("[Content_Types].xml".to_owned(), b"a".to_vec())], false),
            Kind::Document,
        ),
        (&msg(Some("Subject: A\r\n"), Some("Hei"), &[]), Kind::Outlook),
        (&tnef(&[("a.txt".to_owned(), b"a".to_vec())]), Kind::Winmail),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabcd\n", Kind::Key),
        (
            b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHei\n",
            Kind::Signature,
        ),
        (&gzip(b"Subject: A\n\nHei\n"), Kind::Mail),
        (&utf16("Hei, dette er ein vanleg tekst.", true, true), Kind::Text),
        (b"\0\x01\x02\x03\x04", Kind::Other),
    ] {
        let told = told(bytes);
        assert_eq!(
            told.kinds(),
            [kind],
            "{:?}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(40)])
        );
        assert!(told.sealed.is_empty() && told.not_looked_at.is_empty());
    }
}

/// Each file of a zip with the heads that stand before the data, and the directory behind.
fn zip_parts(files: &[(String, Vec<u8>)], stored: bool) -> (Vec<u8>, Vec<u8>) {
    let whole = zip(files, stored);
    let directory = whole.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    (whole[..directory].to_vec(), whole)
}

#[test]
fn two_files_of_one_name_in_a_zip_are_both_told() {
    for stored in [true, false] {
        // No library writes one: the names are made the same afterwards.
        let mut bytes = zip(&files(&[1, 2]), stored);
        for at in 0..bytes.len() - 5 {
            if &bytes[at..at + 5] == b"2.eml" {
                bytes[at] = b'1';
            }
        }
        let told = told(&bytes);
        let mut packets_told = told.packets();
        packets_told.sort_unstable();
        let mut wanted = [packets(1, 60), packets(2, 60)];
        wanted.sort_unstable();
        assert!(packets_told == wanted && told.not_looked_at.is_empty());
        let attached = part(
            "Content-Type: application/zip\nContent-Transfer-Encoding: base64",
            base64(&bytes).as_bytes(),
        );
        assert_eq!(super::told::told(&mail("a", "x", "mixed", &[attached])).sealed.len(), 2);
    }
}

#[test]
fn what_the_directory_of_a_zip_does_not_name_is_told() {
    for stored in [true, false] {
        let (one, two) = (zip(&files(&[1]), stored), zip(&files(&[2]), stored));
        holds(&[one.clone(), two.clone()].concat(), &[2, 1]);
        let (hidden, _) = zip_parts(&files(&[1]), stored);
        holds(&[hidden.clone(), two].concat(), &[2, 1]);
        holds(&[b"MZ".as_slice(), &[0; 500], &one].concat(), &[1]);
        // Without a directory all is read, and the archive is named as broken.
        let told = told(&hidden);
        assert!(told.packets() == [packets(1, 60)]);
        assert_eq!(told.not_looked_at.len(), 1);
        // A zip in a zip is told once.
        holds(&zip(&[("a.zip".to_owned(), one)], true), &[1]);
    }
}

#[test]
fn armor_written_down_within_other_text_is_told() {
    let armor = one(1);
    for text in [
        format!("KN> {}", armor.replace('\n', "\nKN> ")),
        format!("Subject: a\n\nHei\n\nOla> {}", armor.replace('\n', "\nOla> ")),
        format!("{{\\rtf1\\ansi {}}}", armor.replace('\n', "\\par\n")),
        format!("{{\"a\": \"{}\"}}", armor.replace('\n', "\\n").replace('/', "\\/")),
        format!(
            "body={}",
            armor
                .replace('+', "%2B")
                .replace('=', "%3D")
                .replace('\n', "%0D%0A")
                .replace(' ', "+")
        ),
    ] {
        holds(text.as_bytes(), &[1]);
    }
}

fn attached(head: &str, body: &str) -> Vec<u8> {
    format!("From: a@b.example\nSubject: VS\nMIME-Version: 1.0\n{head}\n\n{body}").into_bytes()
}

#[test]
fn a_body_that_says_oddly_how_it_is_encoded_is_decoded() {
    let armored = base64(one(1).as_bytes());
    let binary = base64(&packets(1, 60));
    let kind = "Content-Type: application/octet-stream";
    for said in [
        "Content-Transfer-Encoding: base64 (comment)",
        "Content-Transfer-Encoding: (a (b)) BASE64",
        "Content-Transfer-Encoding: \"base64\"",
        "Content-Transfer-Encoding: base64;",
        "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 8bit",
        // Or not at all.
        "X-Other: a",
        "Content-Transfer-Encoding: base65",
    ] {
        for body in [&armored, &binary] {
            holds(&attached(&format!("{kind}\n{said}"), body), &[1]);
        }
    }
    let part = format!("--b\n{kind}\nContent-Transfer-Encoding: base64\n\n{armored}--b--\n");
    for said in [
        "Content-Type: multipart/mixed",
        "Content-Type: multipart/mixed; boundary=other",
        "Content-Type: multipart/mixed (a; boundary=no); boundary=b",
        "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b",
        "Content-Type: (a) multipart/mixed; boundary=\"b\" (b)",
    ] {
        holds(&attached(said, &part), &[1]);
    }
}

#[test]
fn base64_within_other_text_is_decoded() {
    let (armor, binary) = (one(1), packets(1, 60));
    let encoded = base64(armor.as_bytes());
    let single = encoded.replace('\n', "");
    for text in [
        format!("Hei, her er fila:\n\n{encoded}\nHelsing Kari\n"),
        format!("Hei, her er fila\n{encoded}"),
        format!("<document><filedata>\n{encoded}</filedata></document>"),
        format!("BEGIN:VCALENDAR\nATTACH;ENCODING=BASE64;VALUE=BINARY:{single}\nEND:VCALENDAR\n"),
        format!("BEGIN:VCARD\nX:\n {}\n", encoded.trim_end().replace('\n', "\n ")),
        format!("<html><a href=\"data:application/octet-stream;base64,{single}\">a</a></html>"),
        base64(encoded.as_bytes()),
        base64(&base64(encoded.as_bytes()).into_bytes()),
        encoded.replace('\n', "\r\n"),
        format!("Hei\n\n{}", base64(&binary)),
        base64(letter(1, REFERENCE).as_bytes()),
        base64(format!("Hei!\n{armor}").as_bytes()),
        base64(format!("Hei\n{armor}").as_bytes()),
    ] {
        let told = holds(text.as_bytes(), &[1]);
        assert!(told.other.is_empty(), "{text}");
    }
    let two = format!("{encoded}\n\n{}", base64(one(2).as_bytes()));
    holds(two.as_bytes(), &[1, 2]);
    // The control: other base64, and armor of a key, are nothing sealed.
    for text in [
        base64(&[b'a'; 500]),
        base64(&super::make::gzip(&[b'a'; 500])),
        format!("Hei\n\n{}", base64(&[0xC6; 300])),
        base64(
            super::make::armor(&[0xC6; 300])
                .replace("MESSAGE", "PUBLIC KEY BLOCK")
                .as_bytes(),
        ),
    ] {
        let told = told(text.as_bytes());
        assert!(told.sealed.is_empty() && told.not_looked_at.is_empty(), "{text}");
    }
}

#[test]
fn armor_that_html_hides_is_told_once() {
    for (from, to) in [("-----", "&#45;&#45;---"), ("PGP", "<b>PGP</b>")] {
        let text = format!("<html><body><pre>{}</pre></body></html>", one(1).replace(from, to));
        holds(text.as_bytes(), &[1]);
    }
}

#[test]
fn uuencode_is_decoded() {
    for bytes in [one(1).into_bytes(), packets(1, 60), letter(1, REFERENCE).into_bytes()] {
        let text = uuencode("encrypted.asc", &bytes);
        let told = holds(format!("Subject: a\n\nHei\n\n{text}\nHelsing Kari\n").as_bytes(), &[1]);
        let name = "encrypted.asc".to_owned();
        assert_eq!(told.sealed[0].place[0], Step::File { name });
        holds(text.replace('`', " ").replace('\n', "\r\n").as_bytes(), &[1]);
        holds(&attached("Content-Transfer-Encoding: x-uuencode", &text), &[1]);
    }
}

#[test]
fn binary_messages_between_other_bytes_are_told() {
    let (one, two) = (packets(1, 60), packets(2, 60));
    for between in [b"\r\n".as_slice(), b"\n\nHelsing Kari\n", b"\0\0\0", "åæøÅ".as_bytes()] {
        holds(&[&one, between, &two].concat(), &[1, 2]);
        holds(&[b"Hei\n", between, &one, between, &two].concat(), &[1, 2]);
        let body = base64(&[&one, between, &two].concat());
        holds(&attached("Content-Transfer-Encoding: base64", &body), &[1, 2]);
    }
    let armored = armor(&two);
    holds(&[&one, b"\n".as_slice(), armored.as_bytes()].concat(), &[1, 2]);
    // The control: random bytes hold none.
    let noise = packets(3, 3_000_000).split_off(40);
    assert!(told(&noise).sealed.is_empty());
}
