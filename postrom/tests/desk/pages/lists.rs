//! What the list says of each letter.

use std::time::Instant;

use konvolutt_letter::Record;

use super::visit::{Visit, contact};
use crate::desk::office::{Office, until, until_read};
use crate::program::desk::reference;
use crate::support::Sent;

fn put(office: &Office, number: u32, alter: &dyn Fn(&mut Record)) -> String {
    let own = reference(number);
    let text = format!("Brev nummer {number}.");
    let sent = Sent {
        alter: Some(alter),
        files: vec![("bilde.jpg", b"xyz")],
        ..Sent::new(&own, &text)
    };
    office.desk.put(&format!("mail/{number}.eml"), office.desk.mail(&sent));
    own
}

#[test]
fn a_row_says_what_a_clerk_needs() {
    let office = Office::new();
    let days_ago = |days: i64| (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days)).to_string();
    put(&office, 1, &|record| {
        contact(&["epost"])(record);
        record.received = days_ago(20);
        record.deadline_days = Some(30);
    });
    put(&office, 2, &|record| {
        contact(&["ring", "sms"])(record);
        record.received = days_ago(33);
        record.deadline_days = Some(30);
    });
    put(&office, 3, &|record| contact(&[])(record));
    put(&office, 4, &|_| {});
    office.desk.put("mail/hei.eml", "Subject: Hei\r\n\r\nHei.\r\n");
    let (visit, _open) = Visit::open(&office, "kari", 4);
    let page = visit.get("/");
    for (number, said) in [
        (
            1,
            vec![
                "Do NOT phone",
                "10 days left",
                "Si fra · bokmål",
                "1 file, 3 bytes",
                "From the form",
                "New",
            ],
        ),
        (2, vec!["May phone", "3 days overdue"]),
        (3, vec!["Do NOT contact"]),
        (4, vec!["Not asked"]),
    ] {
        let row = page.between(&format!(">{}</a>", reference(number)), "</tr>");
        for text in said {
            assert!(row.contains(text), "{number} {text}: {row}");
        }
    }
    assert!(page.has("One other mail in this mailbox, not from a form."));
    assert!(page.has("New <b>4</b>") && page.has("Mine <b>0</b>"), "{}", page.text);
}

/// The questions are in the authority's language, what was typed is in the citizen's; the questions as the citizen read them
/// are below, and the language is named as the letter names it.
#[test]
fn a_letter_in_two_languages_says_what_is_in_which() {
    let office = Office::new();
    let both = |record: &mut Record| {
        contact(&["sms"])(record);
        (record.letter_language, record.language) = ("nn".into(), "ar".into());
        record.language_name = "arabisk (العربية)".into();
        record.answers[0].label_read = Some("ما الأمر؟".into());
        record.answers[1].values_read = Some(vec!["رسالة نصية".into()]);
    };
    put(&office, 1, &both);
    put(&office, 2, &|_| {});
    let (visit, _open) = Visit::open(&office, "kari", 2);
    assert!(visit.get("/").has("Si fra · arabisk (العربية)"));
    let pages: Vec<_> = [1, 2].map(|row| visit.get(&format!("/letter/{row}"))).into();
    let (arabic, others): (Vec<_>, Vec<_>) = pages.iter().partition(|page| page.has("arabisk"));
    let [page] = arabic[..] else {
        panic!("{} pages", arabic.len())
    };
    for wanted in [
        "<span lang=\"nn\">Hva gjelder det?</span>",
        "dir=\"auto\" lang=\"ar\">Brev nummer 1.</div>",
        "dir=\"auto\" lang=\"nn\">Trygt: sms</div>",
        "<summary>The questions as the sender read them: arabisk (العربية)</summary>",
        "<dt>ما الأمر؟</dt>",
        "<dd>رسالة نصية</dd>",
    ] {
        assert!(page.has(wanted), "{wanted} is missing in {}", page.text);
    }
    assert!(
        !others[0].has("as the sender read them"),
        "the control: a letter in one language"
    );
}

/// Words of a search are in no address, and in no page of a colleague.
#[test]
fn what_is_looked_for_stays_in_memory() {
    let office = Office::new();
    let references = office.desk.letters(0..3);
    let (visit, open) = Visit::open(&office, "kari", 3);
    let found = visit.post("/search", "words=NUMMER+2.&sort=new");
    assert_eq!(found.location.as_deref(), Some("./?sort=new"));
    let page = visit.get("/?sort=new");
    assert!(page.has(&references[2]) && !page.has(&references[1]));
    assert!(page.has("One match for “NUMMER 2.”"), "{}", page.text);
    visit.post("/search", "words=&sort=new");
    assert!(visit.get("/?sort=new").has(&references[1]));
    visit.post("/search", "words=%3Cscript%3E");
    let page = visit.get("/");
    assert!(page.has("&#60;script&#62;") && !page.has("<script>"), "{}", page.text);
    assert!(page.has("No letters here"));
    visit.room.lock();
    drop(open);
    visit.room.unlock(None).unwrap();
    until_read(&visit.room.open().unwrap(), 3);
    assert!(visit.get("/").has(&references[1]), "a new session looks for nothing");
}

#[test]
fn twins_stand_beside_each_other_and_repeats_in_one_row() {
    let office = Office::new();
    let number = reference(1);
    let mail = office.desk.mail(&Sent::new(&number, "Ekte."));
    office.desk.put("mail/1", &mail);
    office.desk.put("mail/2", &mail);
    let mut stranger = Office::new();
    stranger.desk.own = office.desk.own.clone();
    office
        .desk
        .put("mail/3", stranger.desk.mail(&Sent::new(&number, "Falskt.")));
    let (visit, open) = Visit::open(&office, "kari", 2);
    until("the repeat is folded", || {
        open.session.post().rows().any(|row| row.places.len() == 2)
    });
    let page = visit.get("/");
    assert_eq!(page.text.matches("Same reference, other content").count(), 2);
    assert!(page.has("came 2 times") && page.has("NOT from the form: signed by another"));
    let row = open
        .session
        .post()
        .rows()
        .find(|row| row.verdict() == Some(postrom::Verdict::Genuine))
        .unwrap()
        .id;
    let letter = visit.get(&format!("/letter/{row}"));
    assert!(letter.has("Another letter has the same reference") && letter.has("See the other letter"));
}

/// Looking for what is new neither keeps the desk open nor marks anything.
#[test]
fn a_glance_is_no_use() {
    let office = Office::new();
    office.desk.letters(0..1);
    let (visit, open) = Visit::open(&office, "kari", 1);
    // Longer than the pages below take.
    std::thread::sleep(std::time::Duration::from_secs(5));
    let before = visit.room.locks_in().unwrap();
    let live: serde_json::Value = serde_json::from_str(&visit.get("/live").text).unwrap();
    assert!(visit.get("/rows").has("New <b>1</b>"));
    assert!(visit.room.locks_in().unwrap() <= before);
    visit.get("/letter/1");
    assert!(visit.room.locks_in().unwrap() > before, "the control");
    let after: serde_json::Value = serde_json::from_str(&visit.get("/live").text).unwrap();
    assert_ne!(live["version"], after["version"], "the letter was opened");
    drop(open);
}

#[test]
fn what_is_dropped_is_listed() {
    let office = Office::new();
    let other = reference(7);
    let mail = office.desk.mail(&Sent::new(&other, "Sluppet."));
    let (visit, open) = Visit::open(&office, "kari", 0);
    let dropped = axum::http::Request::post("/drop").header("x-name", "br%C3%A6v.eml");
    assert_eq!(visit.ask(dropped.body(mail.clone().into()).unwrap()).status, 204);
    until_read(&open, 1);
    let page = visit.get("/");
    assert!(page.has(&other));
    assert!(visit.get("/letter/1").has("bræv.eml") && visit.get("/letter/1").has("Sluppet."));
    let mut body = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"to.eml\"\r\n\r\n".to_vec();
    body.extend(office.desk.mail(&Sent::new(&reference(8), "Valgt.")));
    body.extend(b"\r\n--b--\r\n");
    let chosen = axum::http::Request::post("/drop").header("content-type", "multipart/form-data; boundary=b");
    assert_eq!(visit.ask(chosen.body(body.into()).unwrap()).status, 303);
    until_read(&open, 2);
    let neither = axum::http::Request::post("/drop").body("x".into()).unwrap();
    assert_eq!(visit.ask(neither).status, 400);
}

#[test]
fn a_thousand_rows_are_a_small_page() {
    const LETTERS: u32 = 1000;
    let office = Office::new();
    for number in 0..LETTERS {
        put(&office, number, &|record| {
            contact(&["epost", "sms"])(record);
            record.deadline_days = Some(30);
        });
    }
    let (visit, _open) = Visit::open(&office, "kari", LETTERS as usize);
    let begun = Instant::now();
    let page = visit.get("/");
    let took = begun.elapsed();
    assert_eq!(page.text.matches("<tr role=\"row\" id=").count(), LETTERS as usize);
    assert!(page.text.len() < 600_000, "{}", page.text.len());
    eprintln!("{LETTERS} rows: {} bytes in {took:?}", page.text.len());
}
