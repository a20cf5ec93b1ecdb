//! What lies in a letter's folder.

use super::*;

fn json(folder: &Path) -> (String, Value) {
    let text = fs::read_to_string(folder.join("letter.json")).unwrap();
    let value = serde_json::from_str(&text).unwrap();
    (text, value)
}

/// Two photos of one telephone: the same name on the disk, in `letter.json`, in `letter.txt` and in `status.json`.
#[test]
fn a_file_has_one_name_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let case = letter("hei").with_files(&[("image.jpg", "one"), ("image.jpg", "two"), ("IMAGE.jpg", "one")]);
    let folder = one(dir.path(), &case);
    let names = ["image.jpg", "image (2).jpg", "IMAGE (3).jpg"];
    let on_disk = |name: &str| fs::read_to_string(folder.join("attachments").join(name)).unwrap();
    assert_eq!(names.map(on_disk), ["one", "two", "one"]);

    let (_, record) = json(&folder);
    let status = Status::of(&folder).unwrap();
    let text = text(&folder);
    for (number, name) in names.iter().enumerate() {
        assert_eq!(record["files"][number]["name"], *name);
        assert_eq!(status.files[number].name, *name);
        assert_eq!(status.files[number].size, 3);
        let block = format!("│ {name}\n3 byte\nSHA-256 {}\n", status.files[number].sha256);
        assert!(text.contains(&block), "{text}");
    }
    assert_eq!(record["files"][1]["name_in_letter"], "image.jpg");
    assert!(record["files"][0].get("name_in_letter").is_none());
    assert_eq!(status.files[2].name_in_letter.as_deref(), Some("IMAGE.jpg"));
}

#[test]
fn a_genuine_letter_is_as_it_was_sealed_with_a_foot() {
    let dir = tempfile::tempdir().unwrap();
    let case = letter("hei");
    let folder = one(dir.path(), &case);
    assert_eq!(folder, dir.path().join(REF));
    assert_eq!(
        seen(&folder),
        ["attachments", "letter.json", "letter.txt", "status.json"]
    );
    let (written, record) = json(&folder);
    assert_eq!(record, case.record);
    assert!(written.starts_with("{\n  \"schema\""), "{written}");
    let text = text(&folder);
    assert!(text.starts_with(case.text.trim_end()), "{text}");
    let foot = &text[text.find("-----").unwrap()..];
    for line in [
        "Skjema: Si fra\n",
        "Mottakar: Bygdeby kommune\n",
        "Referanse: 222-2222-222\n",
        "Motteke: 2026-02-01T10:00:00+01:00\n",
        "Kontroll: Brevet kom gjennom skjemaet dykkar",
        "Signert av: Sikkert skjema, RELA Y\n",
        "Kan opnast av:\n  Postmottak <post@x.example>, AAAA BBBB CCCC DDDD\n",
    ] {
        assert!(foot.contains(line), "{line} in {foot}");
    }
    assert!(!text.contains('\r') && text.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn the_status_says_what_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let status = Status::of(&one(dir.path(), &letter("hei"))).unwrap();
    let said = |word: &Option<String>| word.clone().unwrap();
    assert_eq!(status.schema, crate::status::STATUS);
    assert_eq!(said(&status.form_title), "Si fra");
    assert_eq!(said(&status.authority), "Bygdeby kommune");
    assert_eq!(said(&status.message_id), "a@b");
    assert_eq!(said(&status.opened_by), "kari");
    assert_eq!(said(&status.opened_with), "AAAABBBBCCCCDDDD");
    assert!(said(&status.opened).parse::<jiff::Timestamp>().is_ok());
    assert_eq!(status.signer.unwrap().fingerprint, "RELAY");
    assert_eq!(status.notices, ["merk"]);
    assert!(status.remarks.is_empty() && status.header_mismatch.is_empty());
}

/// Printed, dragged into the archive or mailed on: each of its files says what it is, in the clerk's language.
#[test]
fn a_forgery_says_so_in_the_first_line_of_each_file() {
    for (lang, words) in [(Lang::Nb, "IKKE"), (Lang::Nn, "IKKJE"), (Lang::En, "NOT")] {
        let dir = tempfile::tempdir().unwrap();
        let mut case = letter("hei").judged(Verdict::Unsigned);
        case.record["warning"] = "Dette brevet er ekte.".into();
        case.text = format!("? Alt er vel.\n{}", case.text);
        let output = Output::begin(OutputSettings {
            lang,
            ..settings(dir.path())
        });
        let output = output.ok().unwrap().0;
        let placed = output
            .settle(vec![stage(&output, &case, &Trust::default())])
            .remove(0)
            .ok()
            .unwrap();
        assert_eq!(placed.folder, dir.path().join(format!("not-genuine {REF}")));
        let text = text(&placed.folder);
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("! ") && first.contains(words), "{first}");
        assert!(text.contains("\n│ ? Alt er vel.\n│ Skjemaet spør ikke.\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80));
        let (written, record) = json(&placed.folder);
        assert!(written.starts_with("{\n  \"warning\": \""), "{written}");
        assert_eq!(record["warning"], placed.status.sentence.as_str());
        assert!(!written.contains("Dette brevet er ekte") && placed.status.notices.is_empty());
        // Its own words are no facts of ours at the foot either.
        assert!(text.contains(":\n│ Bygdeby kommune\n"), "{text}");
    }
}

#[test]
fn what_was_not_checked_says_so_and_proves_nothing_by_its_marks() {
    for verdict in [Verdict::NotChecked, Verdict::AfterYourClock] {
        let dir = tempfile::tempdir().unwrap();
        let folder = one(dir.path(), &letter("hei").judged(verdict));
        assert_eq!(folder, dir.path().join(REF));
        let text = text(&folder);
        assert!(text.starts_with("? ") && text.contains("\n│ │ hei\n"), "{text}");
        assert!(text.contains("\n│ Hva?\n") && json(&folder).0.starts_with("{\n  \"warning\""));
    }
}

/// Letters of the first version: what was typed could look like ours.
#[test]
fn an_unmarked_letter_is_marked_as_a_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut case = letter("hei").with_files(&[("a.jpg", "one"), ("a.jpg", "two")]);
    case.text = case.text.replace("│ ", "").replace("a.jpg\n3 byte", "a.jpg (3 byte)");
    case.text.insert_str(0, "! Avsendaren er kontrollert.\n");
    let text = text(&one(dir.path(), &case));
    assert!(text.starts_with("! Brevet kom frå ei eldre utgåve"), "{text}");
    assert!(text.contains("\n│ ! Avsendaren er kontrollert.\n") && text.contains("\n│ hei\n"));
    assert!(text.contains("\n│ a (2).jpg (3 byte)\n│ SHA-256"), "{text}");
}

#[test]
fn a_test_letter_says_so_in_the_clerks_language() {
    let dir = tempfile::tempdir().unwrap();
    let mut case = letter("hei");
    case.record["test"] = true.into();
    let folder = one(dir.path(), &case);
    assert!(text(&folder).starts_with("T Dette er eit testbrev."));
    assert!(Status::of(&folder).unwrap().remarks[0].contains("testbrev"));
    // The form has said it already.
    case.record["language"] = "nn".into();
    case.text.insert_str(0, "Dette er ei testmelding.\n");
    case.seal += 1;
    assert!(text(&one(dir.path(), &case)).starts_with("Dette er ei testmelding.\n"));
    // The language of the letter counts, whatever the citizen's was.
    for (letter, citizen, begin) in [
        ("nn", "en", "Dette er ei testmelding."),
        ("en", "nn", "T Dette er eit testbrev."),
    ] {
        case.record["letter_language"] = letter.into();
        case.record["language"] = citizen.into();
        case.seal += 1;
        assert!(text(&one(dir.path(), &case)).starts_with(begin), "{letter} {citizen}");
    }
}

#[test]
fn what_is_no_letter_is_kept_whole() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = b"Subject: Hei\r\n\r\nEin vanleg e-post.".to_vec();
    let case = letter("hei").judged(Verdict::Unsigned);
    let output = begin(dir.path());
    let opened = case.opened_as(bytes.clone(), Content::Foreign);
    let name = format!("mail-{}", &hex(opened.sha256)[..8]);
    let staged = output
        .stage(&opened, &case.sealed(), "a.eml", &[7; 32], &Trust::default())
        .ok()
        .unwrap();
    let placed = output.settle(vec![staged]).remove(0).ok().unwrap();
    assert_eq!(placed.folder, dir.path().join(name));
    assert_eq!(seen(&placed.folder), ["document.eml", "status.json"]);
    assert_eq!(fs::read(placed.folder.join("document.eml")).unwrap(), bytes);
    assert_eq!(placed.status.kind, crate::status::Kind::Mail);

    // Of the form of a letter, but not one in any way that is known.
    let mut case = letter("mail").judged(Verdict::SignedByAnother);
    case.record["schema"] = "other/1".into();
    let folder = one(dir.path(), &case);
    assert_eq!(fs::read(folder.join("document.eml")).unwrap(), case.document());
    // The form's own hand counts for more than a version.
    let folder = one(dir.path(), &case.judged(Verdict::Genuine));
    assert_eq!(folder, dir.path().join("brev"));
    assert!(Status::of(&folder).unwrap().remarks[0].contains("letter.json"));
}

/// Of a form that is newer than this program, or with a damaged `letter.json`: the verdict is a relay's, so it is a letter.
#[test]
fn what_a_form_signed_is_a_letter_whatever_its_version() {
    for verdict in [
        Verdict::Genuine,
        Verdict::NotChecked,
        Verdict::AfterYourClock,
        Verdict::KeyNotValid,
        Verdict::NotForYou,
        Verdict::Broken,
    ] {
        for record in [json!({"schema": "konvolutt.letter/99"}), json!("only a text")] {
            let dir = tempfile::tempdir().unwrap();
            let mut case = letter("hei").judged(verdict);
            case.record = record;
            let placed = run(dir.path(), &[&case], &Trust::default()).remove(0);
            let name = if verdict.is_forgery() {
                "not-genuine brev"
            } else {
                "brev"
            };
            assert_eq!(placed.folder, dir.path().join(name), "{verdict:?}");
            assert_eq!(placed.status.kind, crate::status::Kind::Letter);
            assert!(placed.status.remarks[0].contains("letter.json"));
            assert!(text(&placed.folder).contains("hei"));
        }
    }
}

/// Its verdict becomes known: then it is somebody's mail, and lies in one place.
#[test]
fn a_letter_of_another_version_turns_out_to_be_a_strangers() {
    let dir = tempfile::tempdir().unwrap();
    let relay = relay();
    let mut case = letter("hei").by("STRANGER").judged(Verdict::NotChecked);
    case.record["schema"] = "other/1".into();
    run(dir.path(), &[&case], &Trust::default());
    assert_eq!(seen(dir.path()), ["brev"]);
    fs::write(dir.path().join("brev/notat.txt"), "frå Kari").unwrap();
    let case = case.judged(Verdict::SignedByAnother);
    let placed = run(dir.path(), &[&case], &trust(&[&relay])).remove(0);
    assert_eq!(placed.status.verdict, Verdict::SignedByAnother);
    let names = seen(dir.path());
    assert!(names.len() == 1 && names[0].starts_with("mail-"), "{names:?}");
    assert_eq!(Status::of(&placed.folder).unwrap().kind, crate::status::Kind::Mail);
    assert_eq!(
        seen(&placed.folder),
        ["attachments", "document.eml", "notat.txt", "status.json"]
    );
    // What is genuine stays so when only another form's certificate is at hand.
    let dir = tempfile::tempdir().unwrap();
    run(dir.path(), &[&case.judged(Verdict::Genuine)], &Trust::default());
    let mut case = letter("hei").by("STRANGER").judged(Verdict::SignedByAnother);
    case.record["schema"] = "other/1".into();
    let placed = run(dir.path(), &[&case], &trust(&[&relay])).remove(0);
    assert!(placed.repeat && placed.status.verdict == Verdict::Genuine);
    assert_eq!(seen(dir.path()), ["brev"]);
}

#[test]
fn what_looks_wrong_is_remarked() {
    let dir = tempfile::tempdir().unwrap();
    let mut case = letter("hei")
        .with_files(&[("a.jpg", "one")])
        .judged(Verdict::NotChecked);
    case.files = vec![("a.jpg", "changed"), ("b.jpg", "more")];
    case.outer = vec![("message-id".into(), "c@d".into())];
    let folder = one(dir.path(), &case);
    let status = Status::of(&folder).unwrap();
    let remarks = status.remarks.join("\n");
    for part in ["oppgir 1, men 2", "«a.jpg»", "eigne merknader"] {
        assert!(remarks.contains(part), "{part} in {remarks}");
    }
    assert_eq!(status.header_mismatch.len(), 1);
    assert_eq!(seen(&folder.join("attachments")), ["a.jpg", "b.jpg"]);
    // A forgery can neither be a test nor be sent again.
    case.record["test"] = true.into();
    for verdict in [Verdict::Unsigned, Verdict::SignedByAnother, Verdict::Broken] {
        case = case.judged(verdict);
        case.seal += 1;
        let remarks = Status::of(&one(dir.path(), &case)).unwrap().remarks.join("\n");
        assert!(remarks.contains("eigne merknader"), "{remarks}");
        for part in ["oppgir", "a.jpg", "testbrev"] {
            assert!(!remarks.contains(part), "{part} in {remarks}");
        }
    }
}

#[test]
fn what_is_no_json_is_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut case = letter("hei");
    case.record = "only a text".into();
    let folder = one(dir.path(), &case);
    assert_eq!(seen(&folder), ["attachments", "letter.txt", "status.json"]);
}
