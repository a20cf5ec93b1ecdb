//! What the buttons do.

use std::fs;

use axum::http::StatusCode;
use postrom::ledger::{Act, State};

use super::visit::{Visit, contact};
use crate::desk::office::Office;
use crate::program::desk::reference;
use crate::support::Sent;

fn state(visit: &Visit, id: u32) -> State {
    let open = visit.room.open().unwrap();
    open.ledger.refresh().unwrap();
    let document = open.session.post().row(id).unwrap().document().unwrap().to_owned();
    open.ledger.standing(&document).state
}

#[test]
fn a_letter_goes_its_way_by_buttons() {
    let office = Office::new();
    office.desk.letters(0..1);
    let (visit, _open) = Visit::open(&office, "kari", 1);
    assert_eq!(state(&visit, 1), State::New);
    let page = visit.get("/letter/1?sort=new");
    assert_eq!(state(&visit, 1), State::Opened, "it was shown");
    assert!(
        page.has("1/take?sort=new") && page.has("came through your form"),
        "{}",
        page.text
    );
    let taken = visit.post("/letter/1/take?sort=new", "");
    assert_eq!(
        (taken.status, taken.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("../1?sort=new"))
    );
    assert!(visit.get("/letter/1").has("Taken · you"));
    visit.post("/letter/1/undo", "");
    assert_eq!(state(&visit, 1), State::Opened);
    assert!(visit.get("/letter/1/register").has("Case or entry number"));
    visit.post("/letter/1/register", "case=2026%2F12-3");
    let page = visit.get("/letter/1");
    assert!(
        page.has("Registered · you · 2026/12-3") && page.has("kari registered it as 2026/12-3"),
        "{}",
        page.text
    );
    let again = visit.post("/letter/1/take", "");
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(
        again.has("It was not done") && again.has("“registered”"),
        "{}",
        again.text
    );
    visit.post("/letter/1/undo", "");
    visit.post("/letter/1/set-aside", "why=spam");
    assert!(visit.get("/letter/1").has("Set aside: spam"));
    assert_eq!(
        visit.post("/letter/1/set-aside", "why=x").status,
        StatusCode::BAD_REQUEST
    );
}

#[test]
fn a_colleague_has_it() {
    let office = Office::new();
    office.desk.letters(0..1);
    let (kari, _open) = Visit::open(&office, "kari", 1);
    let (ola, _at_ola) = Visit::open(&office, "ola <b>", 1);
    ola.post("/letter/1/take", "");
    let page = kari.get("/?sort=others");
    assert!(page.has("Taken<small class=\"i who\">ola &#60;b&#62;"), "{}", page.text);
    let refused = kari.post("/letter/1/take", "");
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.has("ola &#60;b&#62; has this letter"), "{}", refused.text);
    let page = kari.get("/letter/1");
    assert!(
        !page.has("1/take") && !page.has("1/register") && !page.has("1/delete"),
        "no button that is refused"
    );
}

/// Told once, when it is shown, of genuine letters alone.
#[test]
fn the_server_is_told_when_a_letter_is_shown() {
    let office = Office::new();
    office.desk.letters(0..2);
    let mut stranger = Office::new();
    stranger.desk.own = office.desk.own.clone();
    let forged = reference(9);
    office
        .desk
        .put("mail/forged", stranger.desk.mail(&Sent::new(&forged, "Falskt.")));
    let place = office.desk.path("ack");
    let mut plan = office.plan("kari");
    plan.ack_to = Some(place.clone());
    let visit = Visit::of(Office::with(plan));
    visit.room.unlock(None).unwrap();
    crate::desk::office::until_read(&visit.room.open().unwrap(), 3);
    for id in 1..=3 {
        visit.get(&format!("/letter/{id}"));
    }
    let page = visit.get("/letter/1");
    assert!(
        page.has("server was not told"),
        "the folder is not there: {}",
        page.text
    );
    fs::create_dir(&place).unwrap();
    assert!(!visit.get("/letter/1").has("server was not told"));
    assert!(!visit.get("/letter/2").has("server was not told"));
    let told = fs::read_dir(&place).unwrap().count();
    visit.get("/letter/3");
    assert_eq!((told, fs::read_dir(&place).unwrap().count()), (2, 2));
    fs::remove_file(fs::read_dir(&place).unwrap().next().unwrap().unwrap().path()).unwrap();
    visit.get("/letter/1");
    visit.get("/letter/2");
    assert_eq!(fs::read_dir(&place).unwrap().count(), 1, "told once");
}

#[test]
fn a_letter_is_saved_and_listed_as_a_copy() {
    let office = Office::new();
    let references = office.desk.letters(0..1);
    let (visit, _open) = Visit::open(&office, "kari", 1);
    assert!(visit.get("/copies").has("Nothing of the letters is saved"));
    let saved = visit.post("/letter/1/save", "");
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    office.desk.has_whole(&references);
    assert!(visit.get("/copies").has(&references[0]));
    assert!(visit.get("/letter/1").has("One copy is saved on the disk"));
    fs::remove_dir_all(office.desk.path("out")).unwrap();
    fs::write(office.desk.path("out"), "not a folder").unwrap();
    let not = visit.post("/letter/1/save", "");
    assert_eq!(not.status, StatusCode::CONFLICT);
    assert!(
        not.has("It was not done") && not.has("Back to the letter"),
        "{}",
        not.text
    );
}

/// What a saved copy's way out of the disk looks like: a list, a question, and then it is gone.
#[test]
fn copies_go_again() {
    let office = Office::new();
    let references = office.desk.letters(0..1);
    let (visit, _open) = Visit::open(&office, "kari", 1);
    visit.post("/letter/1/save", "");
    let one = visit.post("/letter/1/save-file/1", "");
    assert_eq!(one.location.as_deref(), Some("../../1?sort=to-do"), "{}", one.text);
    assert!(
        visit.get("/letter/1").has("notat.txt. Delete the copy once"),
        "told once"
    );
    assert!(!visit.get("/letter/1").has("notat.txt. Delete the copy once"));
    let file = office.desk.path(&format!("out/files/{}/notat.txt", references[0]));
    assert_eq!(fs::read(&file).unwrap(), b"MERKE i vedlegget");
    let list = visit.get("/copies");
    let keys: Vec<&str> = list
        .text
        .split("name=\"copy\" value=\"")
        .skip(1)
        .map(|rest| &rest[..32])
        .collect();
    assert_eq!(keys.len(), 2);
    for key in &keys {
        let asked = visit.post("/copies/remove", &format!("copy={key}"));
        assert!(
            asked.has("This cannot be undone") && file.exists() | (key == &keys[1]),
            "{}",
            asked.text
        );
        let gone = visit.post("/copies/remove", &format!("copy={key}&sure=yes"));
        assert_eq!(gone.location.as_deref(), Some("../copies"), "{}", gone.text);
    }
    assert!(visit.get("/copies").has("Nothing of the letters is saved") && !file.exists());
    assert_eq!(
        visit.post("/copies/remove", "copy=x&sure=yes").status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(visit.post("/letter/1/save-file/2", "").status, StatusCode::CONFLICT);
    assert_eq!(visit.post("/letter/1/save-file/0", "").status, StatusCode::CONFLICT);
}

#[test]
fn deleting_asks_first_and_says_what_stays() {
    let office = Office::new();
    let references = office.desk.letters(0..1);
    let (visit, _open) = Visit::open(&office, "kari", 1);
    visit.post("/letter/1/save", "");
    let asked = visit.get("/letter/1/delete");
    assert!(asked.has("the mail in the mailbox") && asked.has("backups"));
    assert!(
        asked.has(&format!(
            "<li>{}",
            office.desk.path("out").join(&references[0]).display()
        )),
        "{}",
        asked.text
    );
    let folder = office.desk.path("out").join(&references[0]);
    assert!(folder.exists());
    let gone = visit.post("/letter/1/delete", "");
    assert_eq!(gone.location.as_deref(), Some("../1?sort=to-do"), "{}", gone.text);
    assert!(!folder.exists() && office.desk.path("mail/0000.eml").exists());
    assert_eq!(state(&visit, 1), State::Deleted);
    let told = visit.get("/letter/1");
    assert!(
        told.has("One copy is deleted. The sealed letter is still in the mailbox.") && told.has("Backups"),
        "{}",
        told.text
    );
}

/// With a folder for the archive the package lies there before the letter is registered.
#[test]
fn registering_makes_the_archives_package() {
    let office = Office::new();
    let references = office.desk.letters(0..1);
    let mut stranger = Office::new();
    stranger.desk.own = office.desk.own.clone();
    office
        .desk
        .put("mail/forged", stranger.desk.mail(&Sent::new(&reference(9), "Falskt.")));
    let mut plan = office.plan("kari");
    plan.archive.folder = Some(office.desk.path("archive"));
    plan.archive.message = Some(postrom::desk::archive::ArchiveForm::Efm);
    let visit = Visit::of(Office::with(plan));
    visit.room.unlock(None).unwrap();
    crate::desk::office::until_read(&visit.room.open().unwrap(), 2);
    fs::write(office.desk.path("archive"), "no folder").unwrap();
    let not = visit.post("/letter/1/register", "case=1");
    assert_eq!(
        (not.status, state(&visit, 1)),
        (StatusCode::CONFLICT, State::New),
        "{}",
        not.text
    );
    fs::remove_file(office.desk.path("archive")).unwrap();
    assert!(
        visit
            .get("/letter/1/register")
            .has("put as a package for the archive into")
    );
    visit.post("/letter/1/register", "case=2026%2F1");
    let package = office.desk.path("archive").join(&references[0]);
    assert!(package.join("arkivmelding.xml").exists() && package.join("letter.pdf").exists());
    assert!(visit.get("/letter/1").has("The package for the archive is in"));
    assert_eq!(state(&visit, 1), State::Registered);
    assert!(!visit.get("/letter/2/register").has("put as a package"));
    visit.post("/letter/2/register", "case=2026%2F2");
    assert_eq!(state(&visit, 2), State::Registered);
    assert_eq!(
        fs::read_dir(office.desk.path("archive"))
            .unwrap()
            .filter(|one| !one.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'))
            .count(),
        1
    );
}

/// In which language a clerk reads the pages is nothing to the archive: it would get a second package with the same ids.
#[test]
fn a_package_is_the_same_in_whatever_language_it_was_asked_for() {
    let office = Office::new();
    office.desk.letters(0..1);
    let mut plan = office.plan("kari");
    plan.archive.folder = Some(office.desk.path("archive"));
    let visit = Visit::of(Office::with(plan));
    visit.room.unlock(None).unwrap();
    crate::desk::office::until_read(&visit.room.open().unwrap(), 1);
    for lang in ["nn", "en", "nb"] {
        visit.post("/language", &format!("lang={lang}"));
        visit.post("/letter/1/register", "case=1");
        assert_eq!(state(&visit, 1), State::Registered);
        visit.post("/letter/1/undo", "");
    }
    let names = fs::read_dir(office.desk.path("archive")).unwrap();
    let names: Vec<_> = names.map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "the package and the lock: {names:?}");
}

/// The archive gets nothing of a letter that somebody else works on.
#[test]
fn no_package_of_what_a_colleague_has() {
    let office = Office::new();
    office.desk.letters(0..1);
    let mut plan = office.plan("kari");
    plan.archive.folder = Some(office.desk.path("archive"));
    let visit = Visit::of(Office::with(plan));
    visit.room.unlock(None).unwrap();
    crate::desk::office::until_read(&visit.room.open().unwrap(), 1);
    let (ola, _at_ola) = Visit::open(&office, "ola", 1);
    ola.post("/letter/1/take", "");
    let refused = visit.post("/letter/1/register", "case=1");
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(!office.desk.path("archive").exists());
    ola.post("/letter/1/give-back", "");
    visit.post("/letter/1/register", "case=1");
    assert!(office.desk.path("archive").exists(), "the control");
}

/// What was seen of one letter's files is not shown for another's.
#[test]
fn each_letter_has_its_own_files() {
    let office = Office::new();
    for (number, name) in [(1, "ein.txt"), (2, "to.txt")] {
        let own = reference(number);
        let sent = Sent {
            files: vec![(name, b"hei")],
            ..Sent::new(&own, name)
        };
        office.desk.put(&format!("mail/{number}"), office.desk.mail(&sent));
    }
    let (visit, _open) = Visit::open(&office, "kari", 2);
    for id in [1, 2, 1] {
        let text = visit.get(&format!("/letter/{id}")).text;
        let page = visit.get(&format!("/letter/{id}/files"));
        for name in ["ein.txt", "to.txt"] {
            assert_eq!(page.has(name), text.contains(name), "{id} {name}");
        }
    }
}

#[test]
fn a_letter_is_handed_to_a_case_officer() {
    let office = Office::new();
    office.desk.letters(0..1);
    let (_, key) = crate::support::room("Ola Saksbehandlar");
    office.desk.put("officer.asc", key);
    let mut plan = office.plan("kari");
    plan.officers = vec![office.desk.path("officer.asc"), office.desk.path("nobody.asc")];
    let visit = Visit::of(Office::with(plan));
    visit.room.unlock(None).unwrap();
    crate::desk::office::until_read(&visit.room.open().unwrap(), 1);
    let page = visit.get("/letter/1/hand-over");
    assert!(page.has("Ola Saksbehandlar") && page.has("nobody.asc"), "{}", page.text);
    let key = page.between("name=\"officer\" value=\"", "\"").to_owned();
    let done = visit.post("/letter/1/hand-over", &format!("officer={key}"));
    assert_eq!(done.location.as_deref(), Some("../1?sort=to-do"), "{}", done.text);
    assert!(visit.get("/letter/1").has("Send it as an attachment"));
    let mail = fs::read_dir(office.desk.path("out/handed-over"))
        .unwrap()
        .find(|one| one.as_ref().unwrap().file_name().to_string_lossy().ends_with(".eml"));
    let mail = fs::read_to_string(mail.unwrap().unwrap().path()).unwrap();
    assert!(mail.contains("BEGIN PGP MESSAGE") && !mail.contains("Brev nummer"));
    let nobody = visit.post("/letter/1/hand-over", "officer=ab");
    assert_eq!(nobody.location.as_deref(), Some("../1/hand-over?sort=to-do"));
}

/// A picture that says it is text, and one that is what it says.
#[cfg(target_os = "linux")]
#[test]
fn files_are_looked_at_and_pictures_are_made_anew() {
    let office = Office::new();
    let mut picture = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(8, 4, image::Rgb([200, 10, 10]))
        .write_to(&mut picture, image::ImageFormat::Png)
        .unwrap();
    let picture = picture.into_inner();
    let own = reference(1);
    let sent = Sent {
        files: vec![("bilde.png", &picture), ("notat.txt", &picture)],
        ..Sent::new(&own, "Hei.")
    };
    office.desk.put("mail/1", office.desk.mail(&sent));
    let (visit, _open) = Visit::open(&office, "kari", 1);
    let page = visit.get("/letter/1/files");
    assert!(
        page.has("file/1/preview.png\" width=\"8\" height=\"4\"") && page.has("class=\"i bad\""),
        "{}",
        page.text
    );
    assert!(visit.get("/letter/1").has("data-look=\"1/files?sort=to-do\""));
    assert_eq!(visit.status("/letter/1/file/1/preview.png"), StatusCode::OK);
    assert_eq!(visit.status("/letter/1/file/3/preview.png"), StatusCode::NOT_FOUND);
    assert_eq!(visit.status("/letter/2/file/1/preview.png"), StatusCode::NOT_FOUND);
}

#[test]
fn next_and_previous_follow_the_list() {
    let office = Office::new();
    office.desk.letters(0..3);
    let (visit, open) = Visit::open(&office, "kari", 3);
    let order: Vec<u32> = {
        let post = open.session.post();
        let list = post.list(postrom::desk::post::Sort::New, "", "kari", &|document| {
            open.ledger.standing(document)
        });
        list.rows.iter().map(|one| one.row.id).collect()
    };
    visit.room.act(order[1], Act::Taken).unwrap();
    let page = visit.get(&format!("/letter/{}?sort=new", order[0]));
    // Opening the first took it out of "new", and a colleague's taking the second.
    assert!(
        page.has(&format!("href=\"{}?sort=new\" data-key=\"n\"", order[2])),
        "{}",
        page.text
    );
    // By then nobody has not seen it, and it came last.
    let page = visit.get(&format!("/letter/{}?sort=to-do", order[2]));
    assert!(
        page.has(&format!("href=\"{}?sort=to-do\" data-key=\"p\"", order[1])) && !page.has("data-key=\"n\""),
        "{}",
        page.text
    );
}

#[test]
fn paper_has_what_an_archive_asks_for() {
    let office = Office::new();
    let own = reference(1);
    let sent = Sent {
        files: vec![("bilde.jpg", b"xyz")],
        alter: Some(&|record| contact(&["epost"])(record)),
        ..Sent::new(&own, "Hei.\nTo linjer.")
    };
    office.desk.put("mail/1", office.desk.mail(&sent));
    let (visit, _open) = Visit::open(&office, "kari", 1);
    for place in ["/letter/1", "/letter/1/print"] {
        let page = visit.get(place);
        let paper = page.between("<table class=\"paper\"", "</table>");
        for said in [
            "Postmottaket · Si fra",
            own.as_str(),
            "came through your form",
            "Do NOT phone",
            "Hei.\nTo linjer.",
            "SHA-256",
            "bilde.jpg",
        ] {
            assert!(paper.contains(said), "{said}: {paper}");
        }
    }
}
