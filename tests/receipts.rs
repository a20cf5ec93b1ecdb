//! A receipt is a page that only the server can make: nobody shows one for a letter that never was, and what stays in a
//! browser's history is neither readable nor opens for long.

use std::fs;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use konvolutt::answer::Reply;
use konvolutt::seal::check_signed_text;
use konvolutt::submission::{OPENS_FOR, Receipt, ReceiptFacts};
use konvolutt_letter::Reference;

use crate::support::citizen::{SEND, at_form};
use crate::support::{Answer, KONVOLUTT, Options, Scripts, World, postrom, receipt_seal, run, sealed};

const TITLES: [(&str, &str, &str); 3] = [
    ("nb", "Vi har fått meldingen din", "Kvitteringen vises ikke lenger"),
    ("nn", "Vi har fått meldinga di", "Kvitteringa blir ikkje vist lenger"),
    ("en", "We have received your message", "The receipt is no longer shown"),
];

/// An address as the server would have made it, so long ago.
fn given(world: &World, ago: SignedDuration) -> String {
    let receipt = Receipt {
        reference: Reference::from_random(&[9; 16]),
        repeat: false,
        files: 2,
        bytes: 2_000_000,
        proof: None,
        reply: Reply::NoWay,
    };
    receipt_seal(&world.root().join("spool")).seal("skriv", &receipt, Timestamp::now() - ago)
}

#[test]
fn a_receipt_opens_and_its_address_says_nothing() {
    let world = World::new();
    let sent = world.marked_form().file("vedlegg", "to.txt", b"to").send();
    let reference = world.reference(&sent);
    let address = sent.location();
    assert!(!address.contains(&reference) && !address.contains("skriv"), "{address}");
    assert_eq!(sealed(address).len(), 140, "{address}");
    // Reloaded, and in the other languages.
    for (lang, heading, _) in [TITLES[1], TITLES[1], TITLES[0], TITLES[2]] {
        let page = world.get(&format!("/{lang}/kvittering/{}", sealed(address)));
        assert_eq!(page.status, 200);
        assert!(page.body.contains(heading) && page.body.contains(&reference), "{lang}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("referrer-policy"), Some("same-origin"));
        // That of the form, and what empties the cache.
        assert!(page.body.contains("href=\"/ut/skriv\"") && page.body.contains("/kvittering.css"));
    }
    let page = world.get(address).body;
    assert!(page.contains("2 vedlegg følgde med (til saman 1 kB)."), "{page}");
    // Nothing new for the history, and a screen reader begins with what happened.
    assert!(page.contains("<title>Skriv til oss – "), "{page}");
    assert!(
        page.contains("<h1 tabindex=\"-1\" autofocus>Vi har fått meldinga di</h1>"),
        "{page}"
    );
    // Only where the form says so.
    assert!(!page.contains("PGP") && !page.contains("kopi"), "{page}");
    for more in ["/kvittering.txt", "/kopi", "/kopi?k=AAAA"] {
        assert_eq!(world.get(&format!("{address}{more}")).status, 404, "{more}");
    }
    let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::get("Europe/Oslo").unwrap());
    assert!(page.contains(&now.strftime("Motteke %d.%m.%Y ").to_string()), "{page}");
}

/// An answer is promised to those who can be reached, and to nobody else; also by the receipt of a page that is sent again.
#[test]
fn a_receipt_promises_an_answer_only_where_there_can_be_one() {
    let world = World::new();
    let said = [
        "Dei svarar på den måten du har valt.",
        "Vi veit ikkje korleis vi trygt kan nå deg",
        "Du har bede om at vi ikkje tek kontakt",
    ];
    let ring = ("trygg_kontakt", "ring");
    for (typed, wanted) in [
        (&[ring, ("telefon", "75 55 58 90")][..], 0),
        (&[ring, ("_confirm", "telefon")], 1),
        (&[], 1),
        (&[("trygg_kontakt", "ikke")], 2),
    ] {
        let form = typed
            .iter()
            .fold(world.marked_form(), |form, (name, value)| form.text(name, value));
        for _ in 0..2 {
            let page = world.get(form.send().location()).body;
            for (number, words) in said.iter().enumerate() {
                assert_eq!(page.contains(words), number == wanted, "{typed:?}: {page}");
            }
        }
    }
}

#[test]
fn nobody_else_can_make_one() {
    let (world, other) = (World::new(), World::new());
    let sent = world.marked_form().send();
    let (reference, ours) = (world.reference(&sent), sealed(sent.location()).to_owned());
    let theirs = sealed(other.marked_form().send().location()).to_owned();
    let mut altered = URL_SAFE_NO_PAD.decode(&ours).unwrap();
    altered[30] ^= 1;
    let wrong = [
        reference.clone(),
        // As it was before addresses were sealed.
        format!("{reference}?s=skriv"),
        "222-2222-222?s=skriv".to_owned(),
        "A".repeat(75),
        "A".repeat(140),
        URL_SAFE_NO_PAD.encode(altered),
        theirs.clone(),
        format!("{ours}A"),
        ours[1..].to_owned(),
        format!("{ours}/"),
    ];
    for sealed in wrong {
        let page = world.get(&format!("/nn/kvittering/{sealed}"));
        assert_eq!(page.status, 404, "{sealed}");
        assert!(!page.body.contains(TITLES[1].1) && !page.body.contains(&reference));
    }
    assert_eq!(world.get(&format!("/xx/kvittering/{ours}")).status, 404);
    // The controls: each of the two opens where it was made.
    assert_eq!(world.get(&format!("/nn/kvittering/{ours}")).status, 200);
    assert_eq!(other.get(&format!("/nn/kvittering/{theirs}")).status, 200);
}

#[test]
fn a_receipt_is_shown_for_a_quarter_of_an_hour() {
    let world = World::new();
    let near = SignedDuration::from_secs(20);
    for ago in [OPENS_FOR - near, -near] {
        let address = format!("/nn/kvittering/{}", given(&world, ago));
        assert_eq!(world.get(&address).status, 200, "{ago}");
    }
    // Too old; and from a time to come, as after a clock that was set back.
    for ago in [
        OPENS_FOR,
        OPENS_FOR * 1000,
        -SignedDuration::from_mins(2),
        -SignedDuration::from_hours(24),
    ] {
        for (lang, shown, over) in TITLES {
            let page = world.get(&format!("/{lang}/kvittering/{}", given(&world, ago)));
            assert_eq!(page.status, 410, "{lang} {ago}");
            assert!(page.body.contains(over) && !page.body.contains(shown), "{}", page.body);
            assert_eq!(page.header("cache-control"), Some("no-store"));
            // Neutral: neither the reference, nor the form, nor whom its people are told to phone.
            let reference = Reference::from_random(&[9; 16]).to_string();
            for told in [&reference, "skriv\"", "tel:", "vedlegg"] {
                assert!(!page.body.contains(told), "{told}: {}", page.body);
            }
        }
    }
}

/// A world whose form gives everything that can come with a receipt.
fn generous() -> World {
    World::with(Options {
        change: |authority| {
            let both = "[receipt]\nsigned = true\ncopy = true\n\n[archive]";
            authority.edit("forms/krisesenter.toml", "[archive]", both);
        },
        ..Options::default()
    })
}

/// What belongs to a receipt, by the last part of its address.
fn beside(world: &World, sent: &Answer, name: &str) -> Answer {
    world.get(&format!("/nn/kvittering/{}/{name}", sealed(sent.location())))
}

fn signed_text(world: &World, sent: &Answer) -> String {
    let file = beside(world, sent, "kvittering.txt");
    assert_eq!(file.status, 200, "{}", file.body);
    assert_eq!(file.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), Some("attachment"));
    assert_eq!(file.header("cache-control"), Some("no-store"));
    file.body
}

fn facts(world: &World, sent: &Answer) -> ReceiptFacts {
    let relay = postrom::load_certificate(&world.root().join("keys/relay.cert.asc")).unwrap();
    let signed = check_signed_text(signed_text(world, sent).as_bytes(), &[relay]).unwrap();
    ReceiptFacts::read(&signed.text).unwrap()
}

/// Whatever copy of the page somebody kept the receipt of, and whenever they sent it: it is that of the one letter.
#[test]
fn a_signed_receipt_names_the_letter_that_the_post_room_has() {
    let mut world = generous();
    let mut form = world.marked_form();
    let sends: Vec<_> = (0..4)
        .map(|_| {
            let form = form.clone();
            std::thread::spawn(move || form.send())
        })
        .collect();
    let sends: Vec<Answer> = sends.into_iter().map(|send| send.join().unwrap()).collect();
    let first = facts(&world, &sends[0]);
    for sent in &sends {
        assert_eq!(facts(&world, sent), first);
    }

    let mail = world.sink.wait_for(1).remove(0).mail;
    let folder = world.open(&mail);
    let json =
        |name: &str| -> serde_json::Value { serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap() };
    let (letter, status) = (json("letter.json"), json("status.json"));
    assert_eq!(letter["reference"], first.reference.as_str());
    assert_eq!(letter["received"], first.received.as_str());
    assert_eq!((&letter["files"][0]["size"], first.files), (&first.bytes.into(), 1));
    assert_eq!(status["sealed_sha256"], first.sha256.as_str());
    let shown = run(postrom().args(["show", "--json"]).arg(world.root().join("mail.eml")));
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["sha256"], first.sha256.as_str());

    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    assert_eq!(facts(&world, &form.send()), first, "delivered");
    world.kill();
    world.start();
    form.address = world.address;
    form = form.header("Origin", &format!("http://{}", world.address));
    assert_eq!(facts(&world, &form.send()), first, "after a restart");
    assert_eq!(world.sink.mails().iter().filter(|other| other.mail != mail).count(), 0);
    // The control.
    let other = facts(&world, &world.form().text("melding", "ei anna").send());
    assert_ne!((&other.reference, &other.sha256), (&first.reference, &first.sha256));
    assert_eq!((other.files, other.bytes), (0, 0));
}

/// On the page as in the file, and on paper as a code; in the reader's language, with nothing of who wrote or what.
#[test]
fn a_signed_receipt_stands_on_the_page() {
    let world = generous();
    let sent = world.marked_form().text("namn", "Kari Nordmann").send();
    let reference = world.reference(&sent);
    for (lang, words) in [
        ("nb", "Kvittering fra Statsforvaltaren i Nordland."),
        ("nn", "Kvittering frå Statsforvaltaren i Nordland."),
        ("en", "Receipt from Statsforvaltaren i Nordland."),
    ] {
        let page = world
            .get(&format!("/{lang}/kvittering/{}", sealed(sent.location())))
            .body;
        let begin = page.find("-----BEGIN PGP SIGNED MESSAGE-----").unwrap();
        let end = page.find("-----END PGP SIGNATURE-----").unwrap();
        let text = &page[begin..end];
        assert!(
            text.contains(words) && text.contains(&format!("Reference: {reference}\n")),
            "{text}"
        );
        assert!(
            !text.contains("Kari") && !text.contains(&world.marker.text) && !text.contains("skriv\n"),
            "{text}"
        );
        assert!(
            page.contains("<svg ") && page.contains("/kvittering.txt\" download"),
            "{page}"
        );
        assert!(page.len() < 40_000, "{} bytes", page.len());
    }
}

/// What `konvolutt receipt check` says of a text: its exit code and its JSON.
fn check(world: &World, text: &str, words: &[&str]) -> (Option<i32>, serde_json::Value) {
    let file = world.root().join("kvittering.txt");
    fs::write(&file, text).unwrap();
    let mut command = Command::new(KONVOLUTT);
    command.current_dir(world.root()).env_remove("KONVOLUTT_CONFIG");
    let output = command
        .args(["receipt", "check", "--json"])
        .arg(&file)
        .args(words)
        .output()
        .unwrap();
    let told = serde_json::from_slice(&output.stdout);
    (output.status.code(), told.unwrap_or_else(|_| panic!("{output:?}")))
}

#[test]
fn a_receipt_is_checked_without_the_server() {
    let (mut world, other) = (generous(), generous());
    let sent = world.marked_form().send();
    let (text, facts) = (signed_text(&world, &sent), facts(&world, &sent));
    world.kill();
    let relay = ["--relay", "keys/relay.cert.asc"];
    let config = world.authority.config().display().to_string();
    let strange = other.root().join("keys/relay.cert.asc").display().to_string();
    let quoted: String = text.lines().map(|line| format!("> {line}\r\n")).collect();
    let indented: String = text.lines().map(|line| format!("\u{a0} {line}\r\n")).collect();
    for (good, words, mended) in [
        (&text, &relay[..], false),
        (&text, &["--config", &config], false),
        (&text, &["--relay", &strange, "--relay", "keys/relay.cert.asc"], false),
        (&text.replace('\n', "\r\n"), &relay, false),
        (&format!("Hei!\n\n{text}\nHelsing Kari\n"), &relay, false),
        (&quoted, &relay, false),
        (&indented, &relay, true),
    ] {
        let (code, told) = check(&world, good, words);
        assert_eq!(
            (code, &told["genuine"], &told["mended"]),
            (Some(0), &true.into(), &mended.into()),
            "{told}"
        );
        assert_eq!(told["reference"], facts.reference.as_str());
        assert_eq!(
            (&told["received"], &told["sha256"]),
            (&facts.received.as_str().into(), &facts.sha256.as_str().into())
        );
    }
    let another = Reference::from_random(&[9; 16]).to_string();
    let theirs = signed_text(&other, &other.marked_form().send());
    for (wrong, says) in [
        (text.replace(&facts.reference, &another), "is not what was signed"),
        (text.replace("Received: 2", "Received: 1"), "is not what was signed"),
        (text.replace(" bytes", "0 bytes"), "is not what was signed"),
        (text.replace("SHA-256: ", "SHA-256:\n"), "is not what was signed"),
        (theirs, "another key"),
        (text.replace("-----END PGP SIGNATURE-----", ""), "cut"),
        (format!("{text}{text}"), "more than one"),
        (facts.reference.clone(), "no signed receipt"),
    ] {
        let (code, told) = check(&world, &wrong, &relay);
        assert_eq!(
            (code, &told["genuine"], &told["reference"]),
            (Some(1), &false.into(), &serde_json::Value::Null),
            "{told}"
        );
        assert!(told["problem"].as_str().unwrap().contains(says), "{says}: {told}");
        assert!(!told["remedy"].as_str().unwrap().is_empty());
    }
    // For people; and without anything to hold it against.
    fs::write(world.root().join("k.txt"), &text).unwrap();
    let command = |words: &[&str]| {
        let mut command = Command::new(KONVOLUTT);
        command.current_dir(world.root()).env_remove("KONVOLUTT_CONFIG");
        command
            .args(["receipt", "check", "k.txt"])
            .args(words)
            .output()
            .unwrap()
    };
    let told = String::from_utf8(command(&relay).stdout).unwrap();
    assert!(told.starts_with("✓ k.txt: ") && told.contains(&facts.sha256), "{told}");
    assert_eq!(command(&["--config", "none.toml"]).status.code(), Some(1));
}

#[test]
#[ignore = "needs gpg"]
fn gnupg_takes_a_signed_receipt() {
    let world = generous();
    let text = signed_text(&world, &world.marked_form().send());
    let home = tempfile::tempdir().unwrap();
    let gpg = |words: &[&str]| {
        let mut command = Command::new("gpg");
        command
            .current_dir(world.root())
            .args(["--batch", "--status-fd", "1", "--homedir"])
            .arg(home.path());
        command.args(words).output().unwrap()
    };
    assert!(gpg(&["--import", "keys/relay.cert.asc"]).status.success());
    for (text, word) in [
        (text.clone(), "GOODSIG"),
        (text.replace('\n', "\r\n"), "GOODSIG"),
        (text.replace("Files: 1", "Files: 2"), "BADSIG"),
    ] {
        fs::write(world.root().join("kvittering.txt"), &text).unwrap();
        let output = gpg(&["--verify", "kvittering.txt"]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains(word), "{word}: {told}\n{text}");
        assert_eq!(output.status.success(), word == "GOODSIG");
    }
    let _ = Command::new("gpgconf")
        .arg("--homedir")
        .arg(home.path())
        .args(["--kill", "all"])
        .output();
}

#[test]
fn a_copy_is_shown_once_and_where_the_form_says_so() {
    let world = generous();
    let sent = world.marked_form().text("namn", "Kari & <b>").send();
    let offer = || {
        let page = world.get(sent.location()).body;
        assert!(!page.contains(&world.marker.text));
        let copy = page.split("href=\"").find(|rest| rest.contains("/kopi?k="));
        copy.map(|rest| rest.split('"').next().unwrap().to_owned())
    };
    // Looking at the receipt, also in a script's way, uses nothing up.
    let copy = offer().unwrap();
    assert_eq!(offer().as_ref(), Some(&copy));
    let key = copy.split_once("k=").unwrap().1;
    assert_eq!(beside(&world, &sent, "kopi").status, 410);
    assert_eq!(
        beside(&world, &sent, &format!("kopi?k={}", "A".repeat(key.len()))).status,
        410
    );
    let page = world.get(&copy);
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
    let marker = &world.marker.text;
    for shown in [
        &format!("Dette er ei melding: {marker}"),
        "Kari &#38; &#60;b&#62;",
        &format!("{marker}.pdf"),
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains(&format!("innhald {marker}")) && page.body.contains("<title>Skriv til oss – "));
    let again = world.get(&copy);
    assert!(again.status == 410 && !again.body.contains(marker), "{}", again.body);
    assert_eq!(offer(), None);
    // The receipt itself stays, and goes without the key.
    assert_eq!(world.get(sent.location()).status, 200);
}

#[test]
#[ignore = "needs chromium and pdfinfo"]
fn a_receipt_is_printed_on_one_page() {
    let world = generous();
    let sent = world.marked_form().send();
    let pdf = world.root().join("kvittering.pdf");
    let home = tempfile::tempdir().unwrap();
    for (lang, address) in ["nb", "nn", "en"].map(|lang| (lang, sealed(sent.location()))) {
        let mut chromium = Command::new("chromium");
        chromium.args(["--headless", "--no-sandbox", "--no-pdf-header-footer"]);
        chromium.arg(format!("--user-data-dir={}", home.path().display()));
        chromium.arg(format!("--print-to-pdf={}", pdf.display()));
        run(chromium.arg(format!("http://{}/{lang}/kvittering/{address}", world.address)));
        let told = run(Command::new("pdfinfo").arg(&pdf));
        let pages = told.lines().find_map(|line| line.strip_prefix("Pages:"));
        assert_eq!(pages.map(str::trim), Some("1"), "{lang}: {told}");
        fs::remove_file(&pdf).unwrap();
    }
}

#[test]
#[ignore = "needs chromium"]
fn the_receipt_has_the_focus_and_a_button_that_prints() {
    let world = World::new();
    for scripts in [Scripts::On, Scripts::Off] {
        let (browser, _) = at_form(&world, scripts);
        browser.type_into("#melding", &world.marker.text);
        browser.follow(SEND);
        world.until("the receipt", || browser.is_there(".reference"));
        world.until("the focus on the heading", || browser.has_focus("h1"));
        let on = matches!(scripts, Scripts::On);
        // One or the other.
        world.until("the button", || browser.is_seen("[data-print] button") == on);
        assert_eq!(browser.is_seen("[data-by-hand]"), !on);
        assert!(browser.title().starts_with("Skriv til oss"), "{}", browser.title());
    }
}
