//! The lock screen, and what is seen while it is the only page.

use axum::http::StatusCode;
use postrom::i18n::Lang;

use super::visit::Visit;
use crate::desk::office::Office;
use crate::program::desk::reference;
use crate::support::Sent;

/// A desk whose key has a passphrase.
fn with_passphrase(office: &Office) -> Visit {
    key(office, "key.asc", "riktig hest batteri stift", 365);
    Visit::locked(office, "kari")
}

fn key(office: &Office, file: &str, password: &str, days: u64) {
    let life = std::time::Duration::from_secs(days * 86_400);
    let new = postrom::generate(
        postrom::KeyProfile::Compat,
        "Postmottak",
        "post@x.example",
        life,
        Some(password.into()),
    );
    office.desk.put(file, new.unwrap().key);
}

/// Letters that only this one opens would be told as sealed to somebody else.
#[test]
fn a_key_that_stays_locked_beside_another_is_named() {
    let office = Office::new();
    key(&office, "former.asc", "heilt anna passfrase", 365);
    let mut plan = office.plan("kari");
    plan.keys.push(office.desk.path("former.asc"));
    let visit = Visit::of(Office::with(plan));
    visit.post("/unlock", "");
    let page = visit.get("/");
    assert!(page.has("To do") && page.has("former.asc"), "{}", page.text);
}

#[test]
fn it_says_whose_key_it_is_and_what_letters_are_checked_against() {
    let office = Office::new();
    let visit = Visit::locked(&office, "kari");
    let page = visit.get("/");
    assert_eq!(page.status, StatusCode::OK);
    for said in [
        "The desk is locked",
        "Postmottak",
        "until 20",
        "Sikkert skjema",
        "no passphrase",
    ] {
        assert!(page.has(said), "{said}: {}", page.text);
    }
    let into = visit.post("/unlock", "");
    assert_eq!(
        (into.status, into.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("./"))
    );
    assert!(visit.get("/").has("To do"));
}

#[test]
fn a_wrong_passphrase_stays_and_waits() {
    let office = Office::new();
    let visit = with_passphrase(&office);
    let page = visit.get("/");
    assert!(page.has("type=\"password\"") && !page.has("does not fit"));
    for _ in 0..3 {
        visit.post("/unlock", "passphrase=feil");
        let page = visit.get("/");
        assert!(page.has("does not fit") && !page.has("feil"), "{}", page.text);
    }
    // The waits double: the third is long enough for the pages that are looked at meanwhile.
    for _ in 0..2 {
        std::thread::sleep(visit.room.wait().unwrap_or_default());
        visit.post("/unlock", "passphrase=feil");
        assert!(visit.get("/").has("does not fit"));
    }
    let page = visit.get("/");
    assert!(
        page.has("data-wait=") && !page.has("does not fit"),
        "told once, the wait goes on"
    );
    visit.post("/unlock", "passphrase=riktig+hest+batteri+stift");
    assert!(visit.get("/").has("type=\"password\""), "also the right one waits");
    std::thread::sleep(visit.room.wait().unwrap());
    visit.post("/unlock", "passphrase=riktig+hest+batteri+stift");
    assert!(visit.get("/").has("To do"));
}

/// A word of a letter, which page shows it when: only while it is open.
#[test]
fn nothing_of_a_letter_is_seen_while_it_is_locked() {
    let office = Office::new();
    let sent = reference(1);
    office
        .desk
        .put("mail/1", office.desk.mail(&Sent::new(&sent, "MERKE i teksten")));
    let (visit, open) = Visit::open(&office, "kari", 1);
    open.search_for("merke");
    drop(open);
    let places = [
        "/",
        "/rows",
        "/live",
        "/letter/1",
        "/letter/1/print",
        "/letter/1/register",
        "/copies",
    ];
    assert!(
        visit.get("/").has(&sent) && visit.get("/letter/1").has("MERKE i teksten"),
        "the control"
    );
    visit.post("/lock", "");
    for place in places {
        let page = visit.get(place);
        assert!(
            !page.has("MERKE") && !page.has("merke") && !page.has(&sent),
            "{place}: {}",
            page.text
        );
    }
    for button in ["take", "save", "delete", "register", "undo"] {
        let page = visit.post(&format!("/letter/1/{button}"), "");
        assert_eq!(page.location.as_deref(), Some("../../"), "{button}");
    }
    assert_eq!(visit.get("/live").text, r#"{"locked":true}"#);
    assert!(visit.post("/search", "words=merke").location.is_some());
}

#[test]
fn a_key_that_cannot_serve_is_told() {
    let office = Office::new();
    office.desk.put("key.asc", "ikke en nøkkel");
    let visit = Visit::locked(&office, "kari");
    visit.post("/unlock", "");
    let page = visit.get("/");
    assert!(
        page.has("The desk cannot be opened") && page.has("key.asc"),
        "{}",
        page.text
    );
}

/// Before anybody types a passphrase in vain.
#[test]
fn a_key_that_is_not_there_is_told_at_once() {
    let office = Office::new();
    std::fs::remove_file(office.desk.path("key.asc")).unwrap();
    let page = Visit::locked(&office, "kari").get("/");
    assert!(page.has("key.asc does not exist"), "{}", page.text);
}

/// Sixty days before its end, and not a year before.
#[test]
fn a_key_that_ends_soon_is_told() {
    let office = Office::new();
    for (days, told) in [(365, false), (70, false), (50, true), (10, true)] {
        key(&office, "key.asc", "riktig hest batteri stift", days);
        let page = Visit::locked(&office, "kari").get("/");
        assert!(page.has("Postmottak") && page.has("until 20"), "{}", page.text);
        assert_eq!(page.has("The key ends in"), told, "{days}: {}", page.text);
        let left = [days, days - 1].map(|left| format!("The key ends in {left} days"));
        assert_eq!(left.iter().any(|left| page.has(left)), told, "{days}: {}", page.text);
    }
}

#[test]
fn each_language_has_its_pages() {
    let office = Office::new();
    office.desk.letters(0..1);
    let (visit, _open) = Visit::open(&office, "kari", 1);
    for (code, lang, said) in [
        ("nb", Lang::Nb, "Å gjøre"),
        ("nn", Lang::Nn, "Å gjere"),
        ("en", Lang::En, "To do"),
    ] {
        let back = visit.post("/language", &format!("lang={code}&back=letter%2F1%3Fsort%3Dnew"));
        assert_eq!(back.location.as_deref(), Some("./letter/1?sort=new"));
        let page = visit.get("/");
        assert!(
            page.has(said) && page.has(&format!("<html lang=\"{code}\">")),
            "{lang:?}"
        );
    }
    // The sentence that matters most was read in the language that the desk was opened in.
    for (code, said, nowhere) in [
        ("nb", "ingen har endret det på veien", "Siden finnes ikke"),
        ("nn", "ingen har endra det på vegen", "Sida finst ikkje"),
    ] {
        visit.post("/language", &format!("lang={code}"));
        for place in ["/letter/1", "/letter/1/print"] {
            let page = visit.get(place);
            assert!(page.has(said) && !page.has("came through"), "{place}: {}", page.text);
        }
        for place in ["/letter/x", "/nowhere"] {
            let page = visit.get(place);
            assert!(
                page.has(nowhere) && page.has(&format!("<html lang=\"{code}\">")),
                "{place}: {}",
                page.text
            );
        }
        let odd = visit.post("/letter/1/set-aside", "why=x");
        assert!(
            odd.has("Gå tilbake") && odd.has("href=\"../../desk.css\""),
            "{}",
            odd.text
        );
    }
    let away = visit.post("/language", "lang=nb&back=%2F%2Fx.example");
    assert_eq!(away.location.as_deref(), Some("./"));
}
