//! One part of a page that is odd, damaged or missing costs nothing but itself: every other answer reaches the post room, or
//! stands on the page again. Each with its control.

use std::fs;
use std::path::PathBuf;

use konvolutt_letter::{Record, marked};

use crate::support::citizen::{SEND, at_form, opened, reference, write_files};
use crate::support::{Answer, Form, Scripts, World};

/// Short answers, and ticks for safe contact, on both sides of the odd part.
pub const BEFORE: [(&str, &str); 3] = [("namn", "Kari Ås"), ("kommune", "Bodø"), ("trygg_kontakt", "ring")];
pub const AFTER: [(&str, &str); 4] = [
    ("melding", "Ei melding på norsk."),
    ("trygg_kontakt", "sms"),
    ("trygg_tid", "etter kl. 16"),
    ("telefon", "75 02 17 11"),
];
const NOT_ASKED_FOR: &str = "skjemaet ikkje spør om";
const CODED: &str = "korleis teksten var koda";

/// A page with the odd part in the middle.
pub fn around(world: &World, odd: impl FnOnce(Form) -> Form) -> Form {
    let text = |form: Form, (name, value): &(&str, &str)| form.text(name, value);
    let form = BEFORE.iter().fold(world.form(), text);
    AFTER.iter().fold(odd(form), text)
}

/// Without one answer, which the odd part gives.
pub fn without(world: &World, name: &str, odd: impl FnOnce(Form) -> Form) -> Form {
    let text = |form: Form, (own, value): &(&str, &str)| if *own == name { form } else { form.text(own, value) };
    let form = BEFORE.iter().fold(world.form(), text);
    AFTER.iter().fold(odd(form), text)
}

pub struct Letter {
    folder: PathBuf,
    text: String,
    json: String,
    record: Record,
}

impl Letter {
    fn answer(&self, name: &str) -> &[String] {
        let own = self.record.answers.iter().find(|answer| answer.name == name).unwrap();
        if own.chosen { &own.normalised } else { &own.values }
    }

    pub fn has_all_but(&self, odd: &str, case: &str) {
        for name in ["namn", "kommune", "melding", "trygg_tid", "telefon"] {
            let sent = BEFORE.iter().chain(&AFTER).find(|(own, _)| *own == name).unwrap().1;
            assert!(name == odd || self.answer(name) == [sent], "{case}: {name}");
        }
        assert_eq!(self.answer("trygg_kontakt"), ["ring", "sms"], "{case}");
    }

    fn is_guessed(&self) -> bool {
        assert_eq!(self.text.contains(CODED), self.json.contains(CODED));
        self.text.contains(CODED)
    }
}

/// The letter that comes of a page.
pub fn letter(world: &World, form: &Form, case: &str) -> Letter {
    let before = world.sink.count();
    let answer = form.send();
    let is_receipt = answer.location().contains("/kvittering/");
    assert!(is_receipt, "{case}: {}", world.get(answer.location()).body);
    let mail = world.sink.wait_for(before + 1).pop().unwrap().mail;
    let folder = world.open(&mail);
    let json = fs::read_to_string(folder.join("letter.json")).unwrap();
    Letter {
        text: fs::read_to_string(folder.join("letter.txt")).unwrap(),
        record: serde_json::from_str(&json).unwrap(),
        json,
        folder,
    }
}

/// Every answer stands on the page, but for one.
pub fn shows_all_but(page: &Answer, odd: &str, case: &str) {
    for (name, value) in BEFORE.iter().chain(&AFTER).filter(|(name, _)| *name != odd) {
        let shown = if *name == "trygg_kontakt" {
            format!("value=\"{value}\" checked")
        } else {
            (*value).to_owned()
        };
        assert!(page.body.contains(&shown), "{case}: {name} is gone in {}", page.body);
    }
}

/// What stands behind the name of the field, and the name in the letter.
fn names() -> Vec<(Vec<u8>, String)> {
    let plain = [
        ("\"brev.pdf\"", "brev.pdf"),
        ("\"notat\u{3}.pdf\"", "notat_.pdf"),
        ("\"notat\u{b}.pdf\"", "notat_.pdf"),
        ("\"notat\u{7f}.pdf\"", "notat_.pdf"),
        ("\"notat\u{0}.pdf\"", "notat_.pdf"),
        ("\"a\rb.pdf\"", "a_b.pdf"),
        ("\"a\nb.pdf\"", "a_b.pdf"),
        ("\"a%0D%0Ab.pdf\"", "a__b.pdf"),
        ("\"sitat \\\"x\\\".pdf\"", "sitat _x_.pdf"),
        ("\"sitat \"x\".pdf\"", "sitat _x_.pdf"),
        ("\"sitat %22x%22.pdf\"", "sitat _x_.pdf"),
        ("\"C:\\x\\brev.pdf\"", "C__x_brev.pdf"),
        ("brev.pdf", "brev.pdf"),
        ("\"\"", "fil"),
    ];
    let behind = |name: &str| [b"; filename=", name.as_bytes()].concat();
    let mut all: Vec<_> = plain
        .iter()
        .map(|(name, kept)| (behind(name), (*kept).to_owned()))
        .collect();
    let long = format!("\"{}.pdf\"", "x".repeat(296));
    all.push((behind(&long), format!("{}.pdf", "x".repeat(116))));
    for (name, kept) in [
        (&b"; filename=\"bl\xe5b\xe6r \x96.pdf\""[..], "blåbær –.pdf"),
        (b"; filename*=utf-8''bl%C3%A5.pdf", "blå.pdf"),
        (b"; filename=\"bl_.pdf\"; filename*=UTF-8'nb'bl%C3%A5.pdf", "blå.pdf"),
        (b"; filename*=iso-8859-1''bl%E5.pdf; filename=\"x\"", "blå.pdf"),
        (b"; filename*=utf-8''bl%E5%zz%.pdf", "blå%zz%.pdf"),
        (b"; filename*=ukjend''bl%C3%A5.pdf", "blå.pdf"),
        (b"; filename*=utf-8''a%00%0D%0A.pdf", "a___.pdf"),
        (b"; filename*=brev.pdf", "brev.pdf"),
        (b"; filename*=utf-8''", "fil"),
        // No name at all, but a kind.
        (b"", "fil"),
    ] {
        all.push((name.to_vec(), kept.to_owned()));
    }
    all
}

#[test]
fn a_files_name_costs_nothing_whatever_it_is() {
    let world = World::new();
    for (behind, kept) in names() {
        let case = String::from_utf8_lossy(&behind).into_owned();
        let head = [
            b"Content-Disposition: form-data; name=\"vedlegg\"",
            &behind[..],
            b"\r\nContent-Type: application/pdf",
        ]
        .concat();
        let content = format!("innhald {}", world.marker.text).into_bytes();
        let form = around(&world, |form| form.part(&head, &content));
        let letter = letter(&world, &form, &case);
        letter.has_all_but("", &case);
        let files: Vec<_> = letter.record.files.iter().map(|file| file.name.clone()).collect();
        assert_eq!(files, std::slice::from_ref(&kept), "{case}");
        assert_eq!(
            fs::read(letter.folder.join("attachments").join(&kept)).unwrap(),
            content
        );
        assert!(
            letter.text.contains(&marked(&kept).join("\n")) && !letter.is_guessed(),
            "{case}"
        );
    }
}

/// What is no part, or whose name cannot be known: it cannot be kept, and so no letter goes without it.
#[test]
fn a_part_that_cannot_be_read_is_told_and_costs_no_other() {
    let world = World::new();
    let marker = world.marker.text.as_bytes();
    let named = b"Content-Disposition: form-data; name=\"namn\"";
    let part = |head: &[u8]| around(&world, |form| form.part(head, marker));
    let raw = |bytes: &[u8]| around(&world, |form| form.raw(bytes));
    let endless = |length| [&named[..], b"\r\nX-A: ", &vec![b'a'; length]].concat();
    let cases = [
        ("a head of 9 KB", part(&endless(9_000))),
        ("a head of 200 KB", part(&endless(200_000))),
        ("no blank line", raw(&[named, &b"\r\n"[..], marker].concat())),
        ("nothing but a head", raw(named)),
        ("no head", part(b"")),
        ("a head that is none", part(b"\x01\x02\xff")),
        ("no name", part(b"Content-Disposition: form-data")),
        (
            "a file without a field",
            part(b"Content-Disposition: form-data; filename=\"a.pdf\""),
        ),
        (
            "two names",
            part(b"Content-Disposition: form-data; name=\"namn\"; name=\"kommune\""),
        ),
        ("two dispositions", part(&[&named[..], b"\r\n", named].concat())),
        (
            "two files",
            part(b"Content-Disposition: form-data; name=\"vedlegg\"; filename=\"a\"; filename=\"b\""),
        ),
        (
            "a name over two lines",
            part(b"Content-Disposition: form-data; name=\"vedlegg\"; filename=\"a\r\nb.pdf\""),
        ),
        (
            "no such field",
            part(b"Content-Disposition: form-data; name=\"ukjend\""),
        ),
        (
            "text for a file",
            part(b"Content-Disposition: form-data; name=\"vedlegg\""),
        ),
    ];
    for (case, form) in cases {
        let page = world.follow(&form.send());
        assert_eq!(page.status, 200, "{case}");
        assert!(page.body.contains(NOT_ASKED_FOR), "{case}: {}", page.body);
        shows_all_but(&page, "", case);
    }
    assert!(world.spooled().is_empty() && world.sink.count() == 0);
    letter(&world, &around(&world, |form| form), "the control").has_all_but("", "the control");
}

#[test]
fn a_control_of_files_that_was_left_empty_is_no_file() {
    let world = World::new();
    for (behind, kind) in [
        ("; filename=\"\"", "\r\nContent-Type: application/octet-stream"),
        ("; filename=\"\"", ""),
        ("; filename*=utf-8''", ""),
        ("", "\r\nContent-Type: application/octet-stream"),
        ("", "\r\nContent-Type: text/plain"),
        ("", ""),
    ] {
        let head = format!("Content-Disposition: form-data; name=\"vedlegg\"{behind}{kind}");
        let letter = letter(&world, &around(&world, |form| form.part(head.as_bytes(), b"")), &head);
        letter.has_all_but("", &head);
        assert!(letter.record.files.is_empty(), "{head}");
    }
    // A part without content, not even the line end before the boundary.
    let bare = b"Content-Disposition: form-data; name=\"vedlegg\"; filename=\"\"\r\n";
    let letter_of_bare = letter(&world, &around(&world, |form| form.raw(bare)), "bare");
    letter_of_bare.has_all_but("", "bare");
    assert!(letter_of_bare.record.files.is_empty());
    // The control: such a name belongs to one field only, and what is not empty is a file.
    let named = |name: &str| format!("Content-Disposition: form-data; name=\"{name}\"\r\nContent-Type: text/plain");
    let text = |form: Form| form.part(named("melding").as_bytes(), b"tekst");
    assert_eq!(
        letter(&world, &without(&world, "melding", text), "text").answer("melding"),
        ["tekst"]
    );
    let file = around(&world, |form| form.part(named("vedlegg").as_bytes(), b"tekst"));
    assert_eq!(letter(&world, &file, "a file").record.files.len(), 1);
    let unknown = around(&world, |form| form.part(named("ukjend").as_bytes(), b""));
    assert!(world.follow(&unknown.send()).body.contains(NOT_ASKED_FOR));
}

#[test]
fn text_is_read_as_what_it_most_likely_is() {
    let world = World::new();
    let plain = "Content-Disposition: form-data; name=\"melding\"";
    let named = |charset: &str| format!("{plain}\r\nContent-Type: text/plain; charset={charset}");
    let norwegian = "Blåbær på brød – «æøå»";
    for (case, head, field, bytes, wanted, is_guess) in [
        ("UTF-8", plain.to_owned(), "", norwegian.as_bytes(), norwegian, false),
        (
            "Windows-1252",
            plain.to_owned(),
            "",
            b"Bl\xe5b\xe6r p\xe5 br\xf8d \x96 \xab\xe6\xf8\xe5\xbb",
            norwegian,
            true,
        ),
        (
            "said",
            named("ISO-8859-1"),
            "",
            b"Bl\xe5b\xe6r p\xe5 br\xf8d",
            "Blåbær på brød",
            false,
        ),
        (
            "said in quotes",
            named("\"windows-1252\""),
            "",
            b"br\xf8d \x96",
            "brød –",
            false,
        ),
        ("said wrongly", named("utf-8"), "", b"br\xf8d", "brød", true),
        (
            "nobody knows it",
            named("klingon"),
            "",
            "brød".as_bytes(),
            "brød",
            false,
        ),
        (
            "said by a field",
            plain.to_owned(),
            "windows-1252",
            b"br\xf8d",
            "brød",
            false,
        ),
        (
            "the part counts before the field",
            named("utf-8"),
            "iso-8859-1",
            "brød".as_bytes(),
            "brød",
            false,
        ),
        (
            "marked",
            plain.to_owned(),
            "",
            b"\xef\xbb\xbfbr\xc3\xb8d",
            "brød",
            false,
        ),
        (
            "damaged",
            plain.to_owned(),
            "",
            b"bl\xc3\xa5b\xc3\xa6r p\xc3\xa5 br\xf8d",
            "blåbær på brød",
            true,
        ),
        ("UTF-16", named("utf-16le"), "", b"b\0r\0\xf8\0d\0", "brød", false),
    ] {
        let form = without(&world, "melding", |form| {
            let form = if field.is_empty() {
                form
            } else {
                form.text("_charset_", field)
            };
            form.part(head.as_bytes(), bytes)
        });
        // `_charset_` is of all that comes after it.
        let form = if field.is_empty() {
            form
        } else {
            form.text("_charset_", "utf-8")
        };
        let letter = letter(&world, &form, case);
        assert_eq!(letter.answer("melding"), [wanted], "{case}");
        assert!(
            letter.text.contains(&format!("│ {wanted}\n")),
            "{case}: {}",
            letter.text
        );
        assert_eq!(letter.is_guessed(), is_guess, "{case}");
        letter.has_all_but("melding", case);
    }
}

/// A name that a system allows and a head needs to escape, as a real browser sends it.
#[test]
#[ignore = "needs chromium"]
fn a_browsers_quote_in_a_name_arrives() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::Off);
    let device = tempfile::tempdir().unwrap();
    let file = write_files(device.path(), &[("vår \"bjørn\" æ;=\\.pdf", b"%PDF-1.4")]);
    browser.type_into("#namn", "Kari Ås");
    browser.type_into("#melding", "Blåbær på brød.");
    browser.type_into("#vedlegg", &file);
    browser.follow(SEND);
    reference(&browser);
    let folder = opened(&world);
    let text = fs::read_to_string(folder.join("letter.txt")).unwrap();
    assert!(
        text.contains("Kari Ås") && text.contains("│ Blåbær på brød.") && !text.contains(CODED),
        "{text}"
    );
    let name = "vår _bjørn_ æ;=_.pdf";
    assert_eq!(fs::read(folder.join("attachments").join(name)).unwrap(), b"%PDF-1.4");
}
