//! The page with its scripts: the way out, the files, a net that breaks. What holds without them is in `browser`.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::support::citizen::{EXIT, SEND, at_form, lead_out_to, opened, reference, write_files};
use crate::support::{Browser, SHIFT, Scripts, Site, World};

const TROUBLE: &str = ".send .problems";

#[test]
#[ignore = "needs chromium"]
fn shift_three_times_leads_away_for_good() {
    let mut world = World::new();
    let away = Site::secure("Vêret");
    let before = Site::start("Avisa");
    lead_out_to(&mut world, &away);
    let (browser, _) = at_form(&world, Scripts::On);
    let form = browser.address();
    browser.go(&before.url);
    browser.go(&form);
    browser.type_into("#melding", &world.marker.text);
    // Capital letters are not the way out, nor is Shift twice, nor Shift with something in between.
    browser.press(Some(SHIFT), &['a', 'b', 'c', 'd']);
    browser.press(None, &[SHIFT, SHIFT, 'x', SHIFT]);
    assert!(browser.value("#melding").ends_with("ABCDx"));
    assert_eq!(browser.address(), form);
    assert!(browser.is_seen(".dots"));
    browser.press(None, &['x', SHIFT, SHIFT, SHIFT]);
    world.until("the page outside", || browser.address() == away.url);
    browser.back();
    assert_eq!(browser.address(), before.url, "the form is not on the way back");
}

/// Before the net is asked for anything, which may take its time.
#[test]
#[ignore = "needs chromium"]
fn the_page_is_covered_at_once() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    let look = "const main = document.querySelector('main'); \
        const seen = () => [main.checkVisibility(), document.getElementById('melding').value];";
    browser.type_into("#melding", &world.marker.text);
    let seen = browser.run(&format!("{look} return seen();"));
    assert_eq!(seen, json!([true, world.marker.text]), "the control");
    browser.cut_the_net(true);
    let seen = browser.run(&format!(
        "{look} document.querySelector('{EXIT}').click(); return seen();"
    ));
    assert_eq!(seen, json!([false, ""]));
}

/// A page that the browser keeps in memory does not come back with what was typed.
#[test]
#[ignore = "needs chromium"]
fn a_page_that_was_left_does_not_come_back() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    let come_back = "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}));";
    browser.run("window.same = 1;");
    browser.run(come_back);
    assert_eq!(
        browser.run("return window.same"),
        1,
        "the control: nothing was left, nothing is loaded"
    );
    browser.run("document.dispatchEvent(new Event('forget'));");
    browser.run(come_back);
    world.until("a fresh page", || browser.run("return window.same ?? 0") == 0);
    assert!(browser.is_seen("#melding"));
}

#[test]
#[ignore = "needs chromium"]
fn files_are_told_one_by_one() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    let device = tempfile::tempdir().unwrap();
    let choose = |files: &[(&str, &[u8])]| browser.type_into("#vedlegg", &write_files(device.path(), files));
    let rows = || browser.run("return document.querySelectorAll('.files li').length");
    let big = vec![b'x'; 2_000_000];

    assert!(!browser.is_seen(".files"), "an empty list is none");
    assert!(!browser.is_seen("#vedlegg"), "its words would be the browser's");
    assert_eq!(browser.text("#vedlegg-vel"), "Vel filer");
    choose(&[("a.txt", b"innhald"), ("b.txt", b"meir")]);
    choose(&[("c.txt", b"")]);
    assert_eq!(rows(), 3, "a second choice adds");
    assert!(
        browser
            .text(".files li:nth-child(3) .problem")
            .contains("«c.txt» er ei tom fil")
    );
    browser.type_into("#melding", &world.marker.text);
    browser.click(SEND);
    world.until("the focus on what is wrong", || {
        browser.has_focus(".files li:nth-child(3)")
    });
    assert!(browser.text(".sending").contains("Ingenting er sendt enno"));
    assert!(!browser.is_seen(TROUBLE), "it is told where it is shown");
    browser.click(".files li:nth-child(3) button");
    assert_eq!(rows(), 2);
    assert!(
        browser.has_focus(".files li:nth-child(2) button"),
        "the focus stays near"
    );

    choose(&[("stor.bin", &vec![b'x'; 3_100_000])]);
    assert!(
        browser
            .text(".files li:nth-child(3) .problem")
            .contains("«stor.bin» er for stor")
    );
    browser.click(".files li:nth-child(3) button");
    choose(&[("d.bin", &big), ("e.bin", &big)]);
    let told = browser.text(".total");
    assert!(told.contains("til saman 4,1 MB, og det er plass til 3 MB"), "{told}");
    assert!(
        told.contains("referansen"),
        "the rest may go in a letter that belongs to this one: {told}"
    );
    browser.click(SEND);
    world.until("the focus on the sum", || browser.has_focus(".total"));
    browser.click(".files li:nth-child(4) button");
    assert_eq!(browser.text(".total"), "Brukt 2,1 MB av 3 MB.");

    fs::remove_file(device.path().join("a.txt")).unwrap();
    browser.click(SEND);
    world.until("the trouble", || browser.is_there(".files .problem"));
    assert!(
        browser
            .text(".files li:nth-child(1) .problem")
            .contains("«a.txt» kan ikkje lesast")
    );
    browser.click(".files li:nth-child(1) button");
    browser.follow(SEND);
    reference(&browser);
    let attachments = fs::read_dir(opened(&world).join("attachments")).unwrap();
    let mut names: Vec<_> = attachments.map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["b.txt", "d.bin"]);
}

/// A file that is let fall beside the control would be opened in the place of the form.
#[test]
#[ignore = "needs chromium"]
fn a_file_that_is_let_fall_on_the_page_is_chosen() {
    let world = World::new();
    let (browser, form) = at_form(&world, Scripts::On);
    browser.type_into("#melding", &world.marker.text);
    let fall = |what: &str| {
        browser.run(&format!(
            "const held = new DataTransfer(); {what}; const fell = kind => document.querySelector('h1').dispatchEvent( \
                new DragEvent(kind, {{dataTransfer: held, bubbles: true, cancelable: true}})); \
             return [fell('dragover'), fell('drop')]"
        ))
    };
    assert_eq!(
        fall("held.items.add('ord', 'text/plain')"),
        json!([true, true]),
        "words are the browser's own"
    );
    assert_eq!(
        fall("held.items.add(new File(['innhald'], 'a.txt'))"),
        json!([false, false])
    );
    assert_eq!(browser.text(".files .name"), "a.txt");
    assert_eq!(browser.address(), form);
}

/// A slow net: how much is sent is told in MB, the button is not pressed twice, and what was meant otherwise is taken back.
#[test]
#[ignore = "needs chromium"]
fn sending_is_told_and_can_be_cancelled() {
    let world = World::new();
    let (browser, _) = at_form(&world, Scripts::On);
    let device = tempfile::tempdir().unwrap();
    browser.type_into("#melding", &world.marker.text);
    browser.type_into(
        "#vedlegg",
        &write_files(device.path(), &[("a.bin", &vec![b'x'; 2_000_000])]),
    );
    browser.slow_the_net(100_000);
    browser.click(SEND);
    world.until("how much is sent", || browser.text(".send").contains(" av 2,1 MB"));
    assert_eq!(browser.text(SEND), "Sender …");
    assert_eq!(
        browser.run(&format!("return document.querySelector('{SEND}').ariaDisabled")),
        "true"
    );
    browser.click(SEND);
    assert!(browser.run("return document.querySelector('.languages button').disabled") == true);
    browser.click(CANCEL);
    world.until("it is cancelled", || browser.text(".send").contains("Du avbraut"));
    assert!(browser.has_focus(SEND) && browser.text(SEND) == "Send meldinga");
    assert!(!browser.is_seen(CANCEL) && !browser.is_seen("progress"));
    assert_eq!(browser.value("#melding"), world.marker.text);
    assert_eq!(browser.text(".files .name"), "a.bin");
    world.until("the server has let go", || world.files_in("spool/draft").is_empty());
    assert!(world.spooled().is_empty());

    browser.slow_the_net(-1);
    browser.follow(SEND);
    reference(&browser);
    world.sink.wait_for(1);
    assert_eq!(world.sink.count(), 1);
}

const CANCEL: &str = ".send button.plain";

/// What the server says instead of a receipt is said on the page, where the text still is.
#[test]
#[ignore = "needs chromium"]
fn a_form_that_closes_meanwhile_keeps_the_text() {
    let world = World::new();
    let (browser, form) = at_form(&world, Scripts::On);
    browser.type_into("#melding", &world.marker.text);
    let revoked = crate::closed::revoked(&world);
    fs::write(world.root().join("keys/daily.cert.asc"), revoked).unwrap();
    browser.click(SEND);
    world.until("the focus on the notice", || browser.has_focus("#problem-list"));
    assert_eq!(browser.address(), form);
    let told = browser.text(".top .problems");
    assert!(told.contains("fordi vi ikkje kan låse meldingar trygt"), "{told}");
    assert!(told.contains("112") && told.contains("står her framleis"), "{told}");
    assert_eq!(browser.value("#melding"), world.marker.text);
}

/// The net breaks before the letter, and after it: nobody can tell which. The text stays, and there is one letter.
#[test]
#[ignore = "needs chromium"]
fn a_net_that_breaks_neither_loses_nor_doubles() {
    let world = World::new();
    let (browser, form) = at_form(&world, Scripts::On);
    let line = Line::to(world.address);
    let device = tempfile::tempdir().unwrap();
    browser.go(&form.replace(&world.address.to_string(), &line.address.to_string()));
    browser.type_into("#melding", &world.marker.text);
    browser.type_into("#vedlegg", &write_files(device.path(), &[("a.txt", b"innhald")]));

    browser.cut_the_net(true);
    fails(&world, &browser);
    assert_eq!(world.sink.count(), 0);
    browser.cut_the_net(false);

    line.loses_answers.store(true, Ordering::Relaxed);
    fails(&world, &browser);
    assert_eq!(world.sink.wait_for(1).len(), 1, "it did arrive");
    line.loses_answers.store(false, Ordering::Relaxed);

    browser.follow(SEND);
    let reference = reference(&browser);
    assert!(opened(&world).ends_with(&reference));
    assert_eq!(world.sink.count(), 1);
}

fn fails(world: &World, browser: &Browser) {
    browser.run(&format!("document.querySelector('{TROUBLE}').replaceChildren();"));
    browser.click(SEND);
    world.until("the sentence", || {
        browser.text(TROUBLE).contains("vi veit ikkje om meldinga kom fram")
    });
    assert!(browser.has_focus(TROUBLE));
    assert_eq!(browser.value("#melding"), world.marker.text);
    assert!(browser.is_there(".files li"));
}

/// A line between browser and server that can lose what comes back from a POST.
struct Line {
    address: SocketAddr,
    loses_answers: Arc<AtomicBool>,
}

impl Line {
    fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let loses_answers = Arc::new(AtomicBool::new(false));
        let loses = loses_answers.clone();
        std::thread::spawn(move || {
            for browser in listener.incoming().flatten() {
                let loses = loses.clone();
                std::thread::spawn(move || carry(&browser, &TcpStream::connect(server).unwrap(), &loses));
            }
        });
        Self { address, loses_answers }
    }
}

fn carry(mut browser: &TcpStream, mut server: &TcpStream, loses: &AtomicBool) {
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let _ = std::io::copy(&mut { browser }, &mut { server });
            let _ = server.shutdown(Shutdown::Write);
        });
        let mut bytes = [0; 16 * 1024];
        while let Ok(read @ 1..) = server.read(&mut bytes) {
            if loses.load(Ordering::Relaxed) || browser.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        let _ = browser.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
    });
}

/// What the script does is not more than what a browser does without: nothing from elsewhere, nothing kept.
#[test]
#[ignore = "needs chromium"]
fn nothing_is_asked_of_anybody_else() {
    let world = World::new();
    let home = tempfile::tempdir_in(world.root()).unwrap();
    let browser = Browser::start_telling(home.path());
    let own = format!("http://{}/", world.address);
    let foreign = |requests: &[String]| {
        // Its own first page is the browser's, not ours.
        let is_foreign = |address: &&String| ![&own, "data:", "chrome:"].iter().any(|own| address.starts_with(own));
        requests.iter().filter(is_foreign).cloned().collect::<Vec<_>>()
    };
    for page in [
        "",
        "nn/s/skriv",
        "nb/trygg/skriv",
        "en/kryptering/skriv",
        "nn/personvern/skriv",
        "nowhere",
    ] {
        browser.go(&format!("{own}{page}"));
    }
    browser.go(&format!("{own}nn/s/skriv"));
    browser.type_into("#melding", &world.marker.text);
    browser.follow(SEND);
    reference(&browser);
    let kept = "return [localStorage.length, sessionStorage.length, document.cookie.length]";
    assert_eq!(browser.run(kept), json!([0, 0, 0]));
    let requests = browser.requests();
    for wanted in ["stil.css", "ut.js", "skjema.js", "nn/s/skriv"] {
        assert!(requests.contains(&format!("{own}{wanted}")), "{wanted} in {requests:?}");
    }
    assert_eq!(foreign(&requests), Vec::<String>::new());

    // The control: a page that asks elsewhere.
    let elsewhere = Site::start("x");
    browser.go(&format!("data:text/html,<img src={}>", elsewhere.url));
    assert_eq!(foreign(&browser.requests()), [elsewhere.url]);
}
