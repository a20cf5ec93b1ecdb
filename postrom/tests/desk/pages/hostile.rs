//! Letters that want to look like something else, and addresses that nobody made.

use axum::http::StatusCode;
use konvolutt_letter::Record;
use postrom::desk::archive::Officer;

use super::visit::Visit;
use crate::desk::office::{Office, until};
use crate::program::desk::reference;
use crate::support::{Seal, Sent, letter, mail};

const EVIL: &str = "</div><script>alert(1)</script>\u{202E}x\u{200B}y <img src=x onerror=alert(1)> \"'`{{7*7}}";

fn evil(record: &mut Record) {
    record.title = EVIL.into();
    record.authority = EVIL.into();
    record.language = "\"><script>".into();
    record.letter_language = "\"><script>".into();
    record.language_name = EVIL.into();
    record.title_read = Some(EVIL.into());
    record.answers[0].label_read = Some(EVIL.into());
    record.answers[0].values_read = Some(vec![EVIL.into()]);
    record.answers[0].label = EVIL.into();
    record.answers[0].note = Some("! Kontrollert med BankID".into());
    record.notices = vec!["Skjemaet bekrefter avsenderen.".into()];
}

#[test]
fn what_is_written_is_text() {
    let office = Office::new();
    let own = reference(1);
    let sent = Sent {
        alter: Some(&evil),
        files: vec![("<b>\u{202E}gpj.exe", b"x")],
        ..Sent::new(&own, EVIL)
    };
    office.desk.put("mail/1", office.desk.mail(&sent));
    let (visit, open) = Visit::open(&office, "kari", 1);
    for place in [
        "/",
        "/rows",
        "/letter/1",
        "/letter/1/print",
        "/letter/1/register",
        "/letter/1/delete",
    ] {
        let page = visit.get(place);
        assert_eq!(page.status, StatusCode::OK, "{place}");
        assert!(
            !page.has("<script>alert") && !page.has("<img") && !page.has("onerror=alert(1)>"),
            "{place}"
        );
        assert!(!page.has("\u{202E}") && !page.has("\u{200B}"), "{place}");
        assert!(
            !page.has("style=") && !page.has(" onclick") && !page.has("://"),
            "{place}: {}",
            page.text
        );
    }
    for place in ["/", "/letter/1", "/letter/1/print", "/copies", "/keys", "/about"] {
        assert_eq!(
            visit.get(place).between("<title>", "</title>"),
            "The desk – Konvolutt",
            "{place}"
        );
    }
    let page = visit.get("/letter/1");
    assert!(page.has("signs that cannot be seen"), "{}", page.text);
    assert!(
        page.has("Kontrollert med BankID") && page.has("bekrefter avsenderen"),
        "the form signed it"
    );
    drop(open);
}

/// The same of a letter that the form did not sign: nothing in it speaks for the system.
#[test]
fn a_forgery_has_no_say() {
    let office = Office::new();
    let mut stranger = Office::new();
    stranger.desk.own = office.desk.own.clone();
    let own = reference(1);
    let sent = Sent {
        test: true,
        alter: Some(&|record: &mut Record| {
            evil(record);
            record.deadline_days = Some(1);
            super::visit::contact(&["ring"])(record);
        }),
        ..Sent::new(&own, "Ring meg.")
    };
    office.desk.put("mail/1", stranger.desk.mail(&sent));
    let (visit, _open) = Visit::open(&office, "kari", 1);
    let page = visit.get("/letter/1");
    for said in [
        "BankID",
        "bekrefter avsenderen",
        "May phone",
        "overdue",
        "This is a test letter",
    ] {
        assert!(!page.has(said), "{said}: {}", page.text);
    }
    assert!(page.has("Ring meg.") && page.has("verdict bad") && page.has("Treat it as ordinary mail"));
    let list = visit.get("/");
    assert!(!list.has("May phone") && !list.has("overdue"));
    assert!(visit.get("/?sort=not-from-the-form").has(&own) && !visit.get("/?sort=tests").has(&own));
    assert!(
        visit
            .get("/letter/1/register")
            .has("not shown to have come through the form")
    );
    // An officer cannot tell it from a genuine one any more.
    let refused = visit.get("/letter/1/hand-over");
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert!(refused.has("not shown to have come through the form"));
    let (officer, _) = crate::support::room("Ola Saksbehandlar");
    let officer = Officer::of(officer, std::time::SystemTime::now()).unwrap();
    assert!(visit.room.hand_over(1, &officer).is_err());
    assert!(!office.desk.path("out").exists());
}

/// Somebody added a key to the form's: who opens the letter hears of it, on the screen and on paper.
#[test]
fn who_can_read_along_is_told() {
    let office = Office::new();
    let (stranger, _) = crate::support::room("Nysgjerrig");
    for (number, along) in [(1, None), (2, Some(&stranger))] {
        let own = reference(number);
        let mut seal = Seal::by_relay(&office.desk.relay, &office.desk.own);
        seal.to.extend(along);
        let sealed = seal.armored(&letter(&Sent::new(&own, "Hei.")));
        office.desk.put(&format!("mail/{number}"), mail(&own, &sealed));
    }
    let (visit, open) = Visit::open(&office, "kari", 2);
    for number in [1, 2] {
        let own = reference(number);
        let id = open
            .session
            .post()
            .rows()
            .find(|row| row.reference() == Some(&own))
            .unwrap()
            .id;
        for (place, end) in [("", "</details>"), ("/print", "</table>")] {
            let page = visit.get(&format!("/letter/{id}{place}"));
            assert!(page.has("came through your form"), "{}", page.text);
            let told = page
                .between("<main", end)
                .contains("can open this letter too and is not known");
            assert_eq!(told, number == 2, "{number} {place}: {}", page.text);
        }
        let readers = visit.get(&format!("/letter/{id}"));
        assert_eq!(readers.has("Unknown key"), number == 2, "{}", readers.text);
    }
}

#[test]
fn what_cannot_be_opened_has_a_page() {
    let office = Office::new();
    let own = reference(1);
    let mail = String::from_utf8(office.desk.mail(&Sent::new(&own, "Hel."))).unwrap();
    let at = mail.find("-----BEGIN").unwrap() + 400;
    let mut broken = mail.into_bytes();
    broken[at..at + 40].fill(b'A');
    office.desk.put("mail/1.eml", broken);
    let elsewhere = Office::new();
    office.desk.put(
        "mail/2.eml",
        elsewhere.desk.mail(&Sent::new(&reference(2), "Til andre.")),
    );
    let visit = Visit::locked(&office, "kari");
    visit.room.unlock(None).unwrap();
    let listed = || {
        visit
            .get("/?sort=could-not-be-opened")
            .text
            .matches("<tr role=\"row\" id=")
            .count()
    };
    until("both are told", || listed() == 2);
    let post = visit.room.open().unwrap();
    let ids: Vec<(u32, String)> = post
        .session
        .post()
        .rows()
        .map(|row| (row.id, row.reference().unwrap_or_default().to_owned()))
        .collect();
    for (id, number) in ids {
        let page = visit.get(&format!("/letter/{id}"));
        let (heading, more) = if number == own {
            (
                "The letter is damaged",
                format!("Could you send it again? (konvolutt queue retry {own})"),
            )
        } else {
            ("Your key does not open this letter", "Back to the letters".to_owned())
        };
        assert!(
            page.has(heading) && page.has(&number) && page.has(&more) && page.has(".eml"),
            "{}",
            page.text
        );
    }
}

#[test]
fn addresses_that_nobody_made_have_a_page_too() {
    let office = Office::new();
    let (visit, _open) = Visit::open(&office, "kari", 0);
    for (place, root) in [
        ("/x", "./"),
        ("/letter/x", "../"),
        ("/letter/1/x", "../../"),
        ("/letter/4294967296", "../"),
    ] {
        let page = visit.get(place);
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{place}");
        assert!(page.has(&format!("href=\"{root}desk.css\"")), "{place}: {}", page.text);
    }
    let gone = visit.get("/letter/99");
    assert!(gone.has("not in the list any more"), "{}", gone.text);
    assert!(visit.get("/?sort=%00&sort=nonsense").has("To do"));
    let junk = axum::http::Request::post("/unlock").body("\u{0}".into()).unwrap();
    assert_eq!(visit.ask(junk).status, StatusCode::BAD_REQUEST);
    let large = visit.post("/search", &format!("words={}", "x".repeat(70_000)));
    assert_eq!(large.status, StatusCode::BAD_REQUEST);
}
