//! What pages say, weigh, and bring along.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use sequoia_openpgp::Cert;
use sequoia_openpgp::parse::Parse;

use crate::support::outline::outline;
use crate::support::{Form, Options, World, exchange, pages};

/// Every page as it is read, in every language: `tests/read` has one file for each form and language. Read the
/// difference aloud, then write them anew with `KONVOLUTT_READ=1 cargo test --test all read`.
#[test]
fn pages_read_as_they_did() {
    let world = pages::world();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/read");
    let mut read: Vec<(String, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    pages::each(&world, |page| {
        // Filled forms hold the same words. Pages beside a form have nothing of it but its numbers: once is enough.
        let (lang, state) = (page.group.rsplit('-').next(), page.name.strip_prefix(&page.group));
        let own = ["", "-empty", "-errors", "-personvern"].map(Some).contains(&state);
        let filled = ["-filled", "-carried"].iter().any(|end| page.name.ends_with(end));
        if filled || !own && !seen.insert((lang.map(str::to_owned), state.map(str::to_owned))) {
            return;
        }
        let html = world.get(&page.path).body;
        let text = format!("=== {}\n{}\n", page.name, same_each_time(&outline(&html)));
        match read.last_mut() {
            Some((last, all)) if *last == page.group => all.push_str(&text),
            _ => read.push((page.group.clone(), text)),
        }
    });
    assert!(read.len() > 6, "{}", read.len());
    for (name, text) in read {
        let file = dir.join(format!("{name}.txt"));
        if std::env::var_os("KONVOLUTT_READ").is_some() {
            fs::create_dir_all(&dir).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let before = fs::read_to_string(&file).unwrap_or_default();
        let differ = before.lines().zip(text.lines()).find(|(before, now)| before != now);
        assert!(before == text, "{} reads differently: {differ:?}", file.display());
    }
}

/// A reference is another one each time, and the facts of the test's authority were checked today.
fn same_each_time(text: &str) -> String {
    let today = jiff::Zoned::now().date();
    let today = format!("{}.{}.{}", today.day(), today.month(), today.year());
    let is_reference = |word: &str| word.len() == 12 && word.split('-').map(str::len).eq([3, 4, 3]);
    let is_clock = |word: &str| word.len() == 5 && word.split(':').map(str::len).eq([2, 2]);
    let line = |line: &str| {
        if line.split(' ').any(is_reference) {
            "(the reference)".to_owned()
        } else if line.split(' ').any(is_clock) {
            "(when it was given)".to_owned()
        } else if line.starts_with("[/nokkel/") {
            "(the certificate)".to_owned()
        } else {
            line.replace(&today, "(today)")
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn compressed(text: &str) -> usize {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap().len()
}

/// What the first answer of a slow net can hold. Nothing is compressed on the wire: a page holds a secret (its token) and
/// what somebody typed, and the length of such a page, compressed, tells of both (the attack called BREACH).
#[test]
fn a_form_is_light_and_its_scripts_are_lighter() {
    let world = pages::world();
    let style = world.get("/stil.css").body;
    let scripts = world.get("/ut.js").body + &world.get("/skjema.js").body;
    eprintln!("scripts {} bytes, compressed {}", scripts.len(), compressed(&scripts));
    assert!(compressed(&scripts) <= 6 * 1024, "{}", compressed(&scripts));
    // Loaded only when a picture is chosen.
    let pictures = compressed(&world.get("/bilete.js").body);
    eprintln!("pictures, compressed {pictures}");
    assert!(pictures <= 1536, "{pictures}");
    pages::each(&world, |page| {
        if page.name.ends_with("-empty") {
            let both = world.get(&page.path).body + &style;
            eprintln!("{} {} bytes, compressed {}", page.name, both.len(), compressed(&both));
            assert!(compressed(&both) <= 14 * 1024, "{}: {}", page.name, compressed(&both));
        }
    });
    let request = format!(
        "GET /nn/s/skriv HTTP/1.1\r\nHost: {}\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n",
        world.address
    );
    assert_eq!(
        exchange(world.address, request.as_bytes()).header("content-encoding"),
        None
    );
}

/// Advice can be read in the middle of a letter, in another language too, and the letter comes back.
#[test]
fn advice_costs_nothing_of_what_was_typed() {
    let world = World::new();
    let text = format!("Ei linje\r\n\r\n«x» & <b> {}", world.marker.text);
    let sent = world.form().text("melding", &text).text("_vis", "trygg").send();
    let page = world.get(sent.location());
    assert!(sent.location().starts_with("/nn/trygg/skriv?k="), "{}", sent.location());
    // As a browser sends the page's own fields and the button that was pressed.
    let own = |page: &str| -> Form {
        let fields = page
            .split("<input type=\"hidden\" ")
            .skip(1)
            .map(|rest| rest.split("\">").next().unwrap());
        let pair = |field: &str| {
            let (name, value) = field.trim_start_matches("name=\"").split_once("\" value=\"").unwrap();
            let value = value.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&");
            (name.to_owned(), value)
        };
        let form = Form::new(world.address, "/nb/s/skriv");
        fields
            .map(pair)
            .fold(form, |form, (name, value)| form.text(&name, &value))
    };
    let sent = own(&page.body).text("_vis", "kryptering").send();
    assert!(
        sent.location().starts_with("/nb/kryptering/skriv?k="),
        "{}",
        sent.location()
    );
    let page = world.get(sent.location());
    let sent = own(&page.body).text("_lang", "nb").send();
    let form = world.get(sent.location()).body;
    assert!(
        form.contains(&format!("«x» &#38; &#60;b&#62; {}</textarea>", world.marker.text)),
        "{form}"
    );

    // With nothing typed there is nothing to carry, and the page has an address that can be kept.
    let sent = world.form().text("_vis", "trygg").send();
    assert_eq!(sent.location(), "/nn/trygg/skriv");
    assert!(!world.get(sent.location()).body.contains("carried"));
    // What is no such page is an ordinary letter that lacks its text.
    let sent = world.form().text("_vis", "../x").send();
    assert!(sent.location().starts_with("/nn/s/skriv?k="), "{}", sent.location());
}

/// The certificate on the page is the one that letters are sealed to.
#[test]
fn a_certificate_can_be_taken_along() {
    let world = World::new();
    let page = world
        .get("/nn/kryptering/skriv")
        .body
        .replace("&#60;", "<")
        .replace("&#62;", ">");
    let hrefs: Vec<_> = page
        .split("href=\"/nokkel/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(hrefs.len(), 2, "daily and recovery");
    for (href, own) in hrefs.iter().zip([&world.authority.daily, &world.authority.recovery]) {
        let file = world.get(&format!("/nokkel/{href}"));
        assert_eq!(file.header("content-type"), Some("application/pgp-keys"));
        let certificate = Cert::from_bytes(file.body.as_bytes()).unwrap();
        assert_eq!(certificate.fingerprint().to_hex(), **own);
        assert!(!certificate.is_tsk());
        assert!(page.contains(file.body.trim()), "the same text on the page");
    }
    assert_eq!(world.get("/nokkel/skriv/0000.asc").status, 404);
    assert_eq!(world.get("/nokkel/nothing/x.asc").status, 404);
}

/// The script is told where a 303 leads, and the page there stays unopened.
#[test]
fn an_address_is_asked_for_without_opening_the_page() {
    let world = World::new();
    let back = world
        .form()
        .text("namn", &world.marker.text)
        .send()
        .location()
        .to_owned();
    let request = format!(
        "GET {back} HTTP/1.1\r\nHost: {}\r\nAccept: text/uri-list\r\nConnection: close\r\n\r\n",
        world.address
    );
    let told = exchange(world.address, request.as_bytes());
    assert_eq!((told.status, told.body.as_str()), (204, ""));
    assert!(
        world.get(&back).body.contains(&world.marker.text),
        "it opens for the reader"
    );
    assert!(!world.get(&back).body.contains(&world.marker.text), "once");
}

#[test]
fn the_sign_and_colours_are_the_authoritys() {
    const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><path d=\"M0 0h9v9\"/></svg>";
    let world = World::with(Options {
        change: |authority| {
            fs::write(authority.root.join("sign.svg"), SVG).unwrap();
            let look = "[authority]\nlogo = \"sign.svg\"\naccent = \"#5a0f6e\"\naccent_dark = \"#e0b0ff\"";
            authority.edit("konvolutt.toml", "[authority]", look);
        },
        ..Options::default()
    });
    let logo = world.get("/merke");
    assert_eq!(
        (logo.header("content-type"), logo.body.as_str()),
        (Some("image/svg+xml"), SVG)
    );
    assert!(
        world
            .get("/nn/s/skriv")
            .body
            .contains("<img class=\"logo\" src=\"/merke\" alt=\"\">")
    );
    let style = world.get("/stil.css").body;
    assert!(style.contains("--accent: #5a0f6e; --on-accent: #ffffff"), "{style}");
    assert!(style.contains("--accent: #e0b0ff; --on-accent: #0b1522"), "{style}");
    let plain = World::new();
    assert_eq!(plain.get("/merke").status, 404);
    assert!(!plain.get("/nn/s/skriv").body.contains("/merke"));
}

/// `check` computes the contrast, and looks into the picture.
#[test]
fn a_look_that_harms_is_refused() {
    for (line, told) in [
        ("accent = \"#8fb8e8\"", "its contrast is"),
        ("accent = \"blue\"", "is not a colour"),
        ("accent_dark = \"#00244e\"", "its contrast is"),
        ("logo = \"konvolutt.toml\"", "neither SVG nor PNG"),
        ("logo = \"nothing.svg\"", "cannot be used"),
    ] {
        let world = World::new();
        world
            .authority
            .edit("konvolutt.toml", "[authority]", &format!("[authority]\n{line}"));
        let output = world.konvolutt(&["check"]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(told), "{line}: {said}");
    }
}

/// What is wrong with a file is said in a sentence of its own. Two more belong to the script, which can read the file and
/// see the net break: `script` has those.
#[test]
fn each_wrong_file_has_its_own_sentence() {
    let world = World::with(Options {
        change: |authority| {
            let file = "kind = \"file\"";
            let strict = format!("{file}\nrequired = true\ntypes = [\"pdf\", \"zip\"]");
            authority.edit("forms/krisesenter.toml", file, &strict);
            authority.edit("forms/krisesenter.toml", "max = 10\n", "max = 2\n");
        },
        ..Options::default()
    });
    let form = world.get("/nb/s/skriv").body;
    assert!(form.contains("Filtyper vi tar imot: pdf, zip. Du kan legge ved inntil 2 filer, til sammen inntil 3 MB."));
    assert!(form.contains("accept=\".pdf,.zip\"") && form.contains("data-types=\"pdf zip\""));

    let large = vec![b'x'; 3_100_000];
    let half = vec![b'x'; 1_600_000];
    type Files<'a> = &'a [(&'a str, &'a [u8])];
    let files: [(Files<'_>, &str); 7] = [
        (&[], "mangler en fil"),
        (&[("a.exe", b"x")], "«a.exe» er en filtype vi ikke kan ta imot her"),
        (&[("a.PDF", &large)], "«a.PDF» er for stor"),
        (
            &[("a.pdf", &half), ("b.pdf", &half)],
            "Filene er til sammen 3,2 MB, og det er plass til 3 MB",
        ),
        (&[("a.pdf", b"x"), ("b.pdf", b"y"), ("c.pdf", b"z")], "inntil 2"),
        (&[("a.pdf", b"")], "«a.pdf» er en tom fil"),
        (
            &[("a.zip", b"PK\x03\x04\x14\x00\x01\x00rest")],
            "«a.zip» er låst med passord",
        ),
    ];
    for (files, told) in files {
        let form = world.form_at("/nb/s/skriv").text("melding", &world.marker.text);
        let form = files
            .iter()
            .fold(form, |form, (name, content)| form.file("vedlegg", name, content));
        let sent = form.send();
        assert!(sent.location().contains("?k="), "{told}: {}", sent.location());
        let page = world.get(sent.location()).body;
        let problem = page
            .split("id=\"vedlegg-feil\"")
            .nth(1)
            .unwrap()
            .split("</p>")
            .next()
            .unwrap();
        assert!(problem.contains(told), "{told} in {problem}");
    }
    let good = world
        .form_at("/nb/s/skriv")
        .text("melding", &world.marker.text)
        .file("vedlegg", "a.Pdf", b"x")
        .send();
    assert!(good.location().contains("/kvittering/"), "the control");
}
