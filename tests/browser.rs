//! A real browser in front: what a citizen does, sees and leaves behind. Every "nothing" has its control: the
//! same browser, the same search, at a page without our care.

use std::fs;
use std::time::{Duration, Instant};

use crate::support::citizen::{EXIT, SEND, at_form, lead_out_to, letter, opened, reference, send_wrongly, write_files};
use crate::support::{Browser, ENTER, Marker, SHIFT, Scripts, Site, World, hits};

#[test]
#[ignore = "needs chromium"]
fn the_journey_needs_no_script() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::Off);
    let marker = &world.marker.text;
    let device = tempfile::tempdir().unwrap();
    let name = format!("{marker}.txt");
    let files: [(&str, &[u8]); 2] = [
        ("Æøå ŋđŧ.pdf", b"%PDF-1.4\r\n\0\xff\n.\r\n"),
        (&name, marker.as_bytes()),
    ];

    browser.type_into("#melding", &format!("Hei æøå ŋđŧ.\n\n{marker}"));
    browser.type_into("#vedlegg", &write_files(device.path(), &files));
    browser.follow(SEND);
    let reference = reference(&browser);
    let receipt = Instant::now();
    assert!(!browser.shows(marker));

    world.sink.wait_for(1);
    assert!(receipt.elapsed() < Duration::from_secs(2), "{:?}", receipt.elapsed());
    let folder = opened(&world);
    assert!(folder.ends_with(&reference), "{folder:?}");
    let letter = fs::read_to_string(folder.join("letter.txt")).unwrap();
    assert!(letter.contains(&format!("│ Hei æøå ŋđŧ.\n│ \n│ {marker}")), "{letter}");
    for (name, content) in files {
        assert_eq!(fs::read(folder.join("attachments").join(name)).unwrap(), content);
    }
}

/// What `Scripts::Off` promises.
#[test]
#[ignore = "needs chromium"]
fn a_browser_with_scripts_off_runs_none() {
    for (scripts, title) in [(Scripts::On, "after"), (Scripts::Off, "before")] {
        let home = tempfile::tempdir().unwrap();
        let browser = Browser::start(home.path(), scripts);
        browser.go("data:text/html,<title>before</title><script>document.title='after'</script>");
        assert_eq!(browser.title(), title);
    }
}

#[test]
#[ignore = "needs chromium"]
fn a_problem_comes_back_with_all_that_was_typed() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::Off);
    let marker = &world.marker.text;
    let device = tempfile::tempdir().unwrap();
    let file = write_files(device.path(), &[("a.txt", b"innhald")]);
    let typed = [
        ("#kommune", "Bodø «x» & <b>"),
        ("#namn", marker),
        ("#telefon", "75 55 58 90"),
    ];
    browser.click("[name=tema][value=klage]");
    browser.click("[name=trygg_kontakt][value=sms]");
    for (field, value) in typed {
        browser.type_into(field, value);
    }
    browser.type_into("#vedlegg", &file);
    browser.follow(SEND);

    assert!(browser.address().contains("/nn/s/skriv?k="), "{}", browser.address());
    assert!(browser.title().starts_with("Feil: "), "{}", browser.title());
    world.until("the focus on the problems", || browser.has_focus("#problem-list"));
    for (field, value) in typed {
        assert_eq!(browser.value(field), value);
    }
    assert!(browser.is_chosen("[name=tema][value=klage]"));
    assert!(browser.is_chosen("[name=trygg_kontakt][value=sms]"));
    assert!(browser.is_there(".again"), "it says that files must be chosen again");
    assert_eq!(browser.value("#vedlegg"), "");
    browser.click(".problems a[href='#melding']");
    world.until("the focus on the field", || browser.has_focus("#melding"));

    browser.type_into("#melding", "No står det noko her.");
    browser.type_into("#vedlegg", &file);
    browser.follow(SEND);
    reference(&browser);
    let letter = letter(&world);
    for wanted in ["No står det noko her.", "Bodø «x» & <b>", marker, "SMS", "a.txt"] {
        assert!(letter.contains(wanted), "{wanted} in {letter}");
    }
}

#[test]
#[ignore = "needs chromium"]
fn another_language_keeps_the_text() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::Off);
    // HTML eats a first line break in a text area.
    let text = format!("\n  {}\n\nlinje to", world.marker.text);
    browser.type_into("#melding", &text);
    browser.click("[name=svarsprak][value=en]");
    for lang in ["nb", "en", "nn", "nb"] {
        browser.follow(&format!(".languages [lang={lang}]"));
        assert!(browser.is_there(&format!("html[lang={lang}]")), "{}", browser.address());
        assert!(!browser.is_there(".problems"));
        assert_eq!(browser.value("#melding"), text);
        assert!(browser.is_chosen("[name=svarsprak][value=en]"));
    }
    browser.follow(SEND);
    reference(&browser);
    assert!(letter(&world).contains(&konvolutt_letter::marked(text.trim_end()).join("\n")));
}

#[test]
#[ignore = "needs chromium"]
fn enter_in_a_text_box_does_nothing() {
    let world = World::new();
    let (browser, form) = at_form(&world, Scripts::Off);
    browser.type_into("#melding", &world.marker.text);
    for choice in ["klage", "sms", "epost"] {
        browser.click(&format!("[value={choice}]"));
    }
    for field in [
        "#kommune",
        "#namn",
        "#fodselsnummer",
        "#trygg_tid",
        "#telefon",
        "#epost",
    ] {
        browser.type_into(field, &format!("1{ENTER}"));
        assert_eq!(browser.value(field), "1");
    }
    // Longer than a page takes to come, had one of them sent the form.
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(browser.address(), form);
    assert_eq!(browser.value("#melding"), world.marker.text);
    assert!(world.spooled().is_empty());

    let control = Site::start("x");
    browser.go(&control.url);
    browser.type_into("#line", &format!("1{ENTER}"));
    world.until("the next page", || browser.address() == format!("{}sent", control.url));
}

#[test]
#[ignore = "needs chromium"]
fn the_exit_leads_away_over_both_hops() {
    let mut world = World::new();
    let away = Site::secure("Vêret");
    lead_out_to(&mut world, &away);
    for scripts in [Scripts::On, Scripts::Off] {
        let (browser, form) = at_form(&world, scripts);
        browser.type_into("#melding", &world.marker.text);
        browser.follow(EXIT);
        arrives(&world, &browser, &away);
        browser.back();
        match scripts {
            // The script took the form out of the way back; what is left is the empty page before it.
            Scripts::On => assert!(browser.address().starts_with("chrome:")),
            Scripts::Off => {
                assert_eq!(browser.address(), form);
                assert!(browser.is_there("#melding") && !browser.shows(&world.marker.text));
            }
        }
    }
    // The receipt leads out too.
    let (browser, _) = at_form(&world, Scripts::Off);
    browser.type_into("#melding", &world.marker.text);
    browser.follow(SEND);
    browser.follow("main a.button");
    arrives(&world, &browser, &away);
}

fn arrives(world: &World, browser: &Browser, away: &Site) {
    world.until("the page outside", || browser.address() == away.url);
    assert_eq!(browser.title(), "Vêret");
}

#[test]
#[ignore = "needs chromium"]
fn back_after_sending_shows_nothing() {
    for scripts in [Scripts::On, Scripts::Off] {
        let world = World::new();
        let (browser, form) = at_form(&world, scripts);
        let marker = &world.marker.text;
        browser.type_into("#namn", marker);
        browser.click(CHOICE);
        // The control: this browser does bring text back, from a page that nothing has cleared.
        browser.follow(".languages [lang=nb]");
        assert!(browser.shows(marker), "it came along");
        browser.back();
        world.until("the language before", || browser.is_there("html[lang=nn]"));
        assert_eq!(browser.value("#namn"), *marker);
        assert!(browser.is_chosen(CHOICE));
        send_wrongly(&world, &browser);
        assert_eq!(browser.value("#namn"), *marker, "beside the problem");
        browser.type_into("#melding", marker);
        browser.follow(SEND);
        reference(&browser);
        if scripts == Scripts::On {
            // The script left neither the form nor its problems behind; the form in another language lies ahead.
            browser.forward();
            assert!(browser.address().contains("/nb/s/") && !browser.shows(marker));
            browser.back();
            browser.back();
            assert!(browser.address().starts_with("chrome:"), "{}", browser.address());
            continue;
        }
        browser.back();
        assert!(
            browser.is_there("#melding") && !browser.shows(marker),
            "{}",
            browser.source()
        );
        browser.back();
        assert_eq!(browser.address(), form);
        assert!(browser.is_there("#melding") && !browser.shows(marker));
        assert!(!browser.is_chosen(CHOICE));
    }
}

const CHOICE: &str = "[name=tema][value=klage]";

/// All ways to leave the form, one after the other; then the battery is pulled out. What cannot be searched:
/// `Sessions_Encrypted`, a second copy that Chromium writes of the session files, which are searched.
#[test]
#[ignore = "needs chromium"]
fn nothing_stays_on_the_device() {
    for scripts in [Scripts::On, Scripts::Off] {
        let mut world = World::new();
        // What a careless page lets the browser keep: its title, a text box, a text area.
        let kept = [Marker::new(), Marker::new(), Marker::new()];
        let careless = Site::start(&kept[0].text);
        let away = Site::secure("Vêret");
        lead_out_to(&mut world, &away);
        let (mut browser, form) = at_form(&world, scripts);
        leave_in_every_way(&world, &browser, &form, scripts);
        world.until("the page outside", || browser.address() == away.url);

        browser.go(&careless.url);
        browser.type_into("#line", &kept[1].text);
        browser.type_into("#text", &kept[2].text);
        browser.follow("button");
        let is_kept = |marker: &&Marker| !hits(world.root(), &[], marker).is_empty();
        let found = || kept.iter().filter(is_kept).count();
        // Last in, so what the form left would be there by now.
        world.until("the careless page's traces", || found() == kept.len());
        browser.kill();
        assert_eq!(found(), kept.len());
        assert!(world.leaks().is_empty(), "{:?}", world.leaks());
    }
}

fn leave_in_every_way(world: &World, browser: &Browser, form: &str, scripts: Scripts) {
    let marker = &world.marker.text;
    let device = tempfile::tempdir().unwrap();
    let file = write_files(device.path(), &[("a.txt", marker.as_bytes())]);
    browser.type_into("#namn", marker);
    for advice in ["#trygg", "#kryptering", "#personvern"] {
        browser.click(&format!("{advice} > summary"));
    }
    browser.follow(".languages [lang=nb]");
    browser.click("[value=epost]");
    browser.type_into("#epost", &format!("{marker}@a.example"));
    send_wrongly(world, browser);
    browser.type_into("#melding", marker);
    browser.type_into("#vedlegg", &file);
    browser.follow(SEND);
    reference(browser);
    world.sink.wait_for(1);
    browser.go(form);
    browser.type_into("#melding", marker);
    browser.type_into("#namn", marker);
    match scripts {
        Scripts::On => browser.press(None, &[SHIFT; 3]),
        Scripts::Off => browser.follow(EXIT),
    }
}
