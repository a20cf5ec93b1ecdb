//! What pages say, weigh, and bring along.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use sequoia_openpgp::Cert;
use sequoia_openpgp::parse::Parse;

use crate::support::outline::outline;
use crate::support::{LANGS, Options, World, exchange, pages};

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
        if page.name.ends_with("-filled") || !own && !seen.insert((lang.map(str::to_owned), state.map(str::to_owned))) {
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
    // Loaded only by the receipt and the copy.
    let receipt = compressed(&world.get("/kvittering.js").body);
    assert!(receipt <= 512, "{receipt}");
    // Loaded only by forms in steps, and by those that show their answers.
    let steps = compressed(&world.get("/steg.js").body);
    eprintln!("steps, compressed {steps}");
    assert!(steps <= 1280, "{steps}");
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

/// Whatever there is to read stands on the form's own page, whole: no reader has to leave a letter for it.
#[test]
fn advice_encryption_and_privacy_are_read_on_the_form_page() {
    let world = World::new();
    for lang in LANGS {
        let form = world.get(&format!("/{lang}/s/skriv")).body;
        for page in ["trygg", "kryptering", "personvern"] {
            let folded = form.split(&format!("<details id=\"{page}\">")).nth(1).unwrap();
            let folded = folded.split("</details>").next().unwrap();
            let own = world.get(&format!("/{lang}/{page}/skriv")).body;
            assert!(!own.contains("<textarea") && own.contains(&format!("href=\"/{lang}/s/skriv\"")));
            // What the page by address has besides: its title, the numbers, the certificates as text, and the way back.
            let text = own.split("</h1>").nth(1).unwrap().split("<h2>").next().unwrap();
            let mut paragraphs = 0;
            for part in text.split("<p>").skip(1).chain(own.split("</h2>\n<p>").skip(1)) {
                let part = part.split("</p>").next().unwrap();
                paragraphs += 1;
                assert!(folded.contains(part), "{part} is missing in {lang} {page}");
            }
            assert!(paragraphs >= 3, "{lang} {page}: {paragraphs}");
        }
        let sealed = form
            .split("id=\"kryptering\"")
            .nth(1)
            .unwrap()
            .split("id=\"personvern\"")
            .next()
            .unwrap();
        assert_eq!(sealed.matches("href=\"/nokkel/skriv/").count(), 2, "daily and recovery");
        let groups = |hex: &str| {
            hex.as_bytes()
                .chunks(4)
                .map(String::from_utf8_lossy)
                .collect::<Vec<_>>()
                .join(" ")
        };
        for fingerprint in [&world.authority.daily, &world.authority.recovery] {
            let spaced = sealed.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(spaced.contains(&groups(fingerprint)), "{spaced}");
        }
        assert!(!form.contains("BEGIN PGP"), "certificates are links here");
        // No button but those that send, or change the language.
        let buttons: Vec<_> = form
            .split("<button")
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap())
            .collect();
        assert!(
            buttons
                .iter()
                .all(|button| button.contains("_lang") || !button.contains("name=")),
            "{buttons:?}"
        );
    }
}

/// The words of a text, and what a `tel:` link beside them calls.
fn without_links(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text += part.split_once('>').map_or(part, |(_, text)| text);
    }
    text
}

/// Wherever a page names a number that can be rung, it is a link.
#[test]
fn every_number_on_a_page_can_be_rung() {
    let world = pages::world();
    let numbers = ["112", "116 006", "75 02 17 11", "75 55 58 90", "76 12 23 30"];
    let mut links = 0;
    pages::each(&world, |page| {
        if page.name.ends_with("-filled") || page.name.ends_with("errors") {
            return;
        }
        let body = world.get(&page.path).body;
        let main = body.split("<main").nth(1).unwrap().split("</main>").next().unwrap();
        let outside: String = main
            .split("<a ")
            .map(|part| part.split_once("</a>").map_or(part, |(_, text)| text))
            .collect();
        let outside = without_links(&outside).replace('\u{a0}', " ");
        for number in numbers {
            assert!(
                !outside.contains(number),
                "{}: {number} is no link in {outside}",
                page.name
            );
        }
        links += main.matches("href=\"tel:").count();
    });
    assert!(links > 100, "{links}");
    // The control: the same search finds one that no form names.
    assert!(without_links("<p>Ring 113</p>").contains("113"));
}

/// One language at a time, each form by what it is for, the exit and the police.
#[test]
fn the_list_of_forms_helps_to_choose() {
    let world = pages::world();
    let (nb, nn) = (world.get("/nb/"), world.get("/nn").body);
    assert_eq!(
        (nb.status, world.get("/").body),
        (200, nb.body.clone()),
        "the first form's first language"
    );
    for (body, lang, other, heading, summary) in [
        (
            &nb.body,
            "nb",
            "nn",
            "Klag på en tjeneste fra kommunen",
            "Når kommunen har sagt nei",
        ),
        (
            &nn,
            "nn",
            "nb",
            "Klag på ei teneste frå kommunen",
            "Når kommunen har sagt nei",
        ),
    ] {
        assert!(body.contains(&format!("<html lang=\"{lang}\"")), "{body}");
        let main = body.split("<main").nth(1).unwrap();
        assert_eq!(main.matches("/s/").count(), 3, "{main}");
        assert!(!main.contains(&format!("/{other}/s/")), "{main}");
        assert!(
            main.contains(&format!(">{heading}</a>")) && main.contains(summary),
            "{main}"
        );
        assert!(main.contains("href=\"tel:112\"") && !main.contains("116006"), "{main}");
        assert!(body.contains(&format!("href=\"/{other}/\"")), "{body}");
        assert!(
            body.contains("<nav class=\"exit\"") && body.contains("href=\"/ut/"),
            "{body}"
        );
    }
    let title = nb
        .body
        .split("<title>")
        .nth(1)
        .unwrap()
        .split("</title>")
        .next()
        .unwrap();
    assert!(
        !title.to_lowercase().contains("klag") && !title.contains("kris"),
        "{title}"
    );
    assert_eq!(world.get("/xx/").status, 404);
}

/// A slash too many is not a dead end.
#[test]
fn an_address_with_a_slash_at_its_end_leads_to_the_page() {
    let world = World::new();
    for page in ["s", "trygg", "kryptering", "personvern"] {
        let sent_on = world.get(&format!("/nn/{page}/skriv/"));
        assert_eq!(
            (sent_on.status, sent_on.location()),
            (303, format!("/nn/{page}/skriv").as_str())
        );
    }
    for nowhere in [
        "/nn/x/skriv/",
        "/nn/s/ukjent/",
        "/xx/s/skriv/",
        "//a.example/",
        "/%2fa.example/s/skriv/",
    ] {
        assert_eq!(world.get(nowhere).status, 404, "{nowhere}");
    }
}

/// Whoever lost the way reads that in a language of the address, and finds somebody to phone and the way out.
#[test]
fn a_page_that_is_not_there_has_language_numbers_and_exit() {
    let world = pages::world();
    for (path, lang, numbers, onwards) in [
        ("/en/x", "en", &["112", "116006"][..], "/en/"),
        ("/nn/kvittering/TXJ-DX46-9DM", "nn", &["112", "116006"], "/nn/"),
        ("/x", "nb", &["112", "116006"], "/nb/"),
        ("/en/x/skriv", "en", &["112", "116006", "+4775021711"], "/en/s/skriv"),
        ("/nn/s/skriv/x", "nn", &["112", "116006", "+4775021711"], "/nn/s/skriv"),
        ("/xx/s/si-fra", "nb", &["112"], "/nb/s/si-fra"),
        ("/ut/x", "nb", &["112", "116006"], "/nb/"),
    ] {
        let page = world.get(path);
        assert_eq!(page.status, 404, "{path}");
        assert!(
            page.body.contains(&format!("<html lang=\"{lang}\"")),
            "{path}: {}",
            page.body
        );
        let main = page.body.split("<main").nth(1).unwrap();
        let rung: Vec<_> = main
            .split("href=\"tel:")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        for number in numbers {
            assert!(rung.contains(number), "{path}: {number} in {rung:?}");
        }
        assert_eq!(rung.len() > 3, numbers.len() > 2, "{path}: {rung:?}");
        assert!(
            main.contains(&format!("class=\"button\" href=\"{onwards}\"")),
            "{path}: {main}"
        );
        assert!(page.body.contains("<nav class=\"exit\""), "{path}");
    }
}

/// By the foot people see whose page it is.
#[test]
fn the_foot_says_whose_page_it_is() {
    let world = World::new();
    for (path, privacy) in [
        ("/nn/s/skriv", Some("#personvern")),
        ("/nn/trygg/skriv", Some("/nn/personvern/skriv")),
        ("/nn/", None),
        ("/nn/x", None),
    ] {
        let body = world.get(path).body;
        let foot = body.split("<footer>").nth(1).unwrap();
        for wanted in [
            "Statsforvaltaren i Nordland<br>8002 Bodø",
            "href=\"https://www.example.no/\"",
            "/tilgjengelighet\"",
        ] {
            assert!(foot.contains(wanted), "{path}: {wanted} in {foot}");
        }
        assert_eq!(foot.contains(">Personvern</a>"), privacy.is_some(), "{path}: {foot}");
        assert!(
            privacy.is_none_or(|link| foot.contains(&format!("href=\"{link}\""))),
            "{path}: {foot}"
        );
    }
    let silent = World::with(Options {
        change: |authority| {
            for key in ["address", "site", "accessibility"] {
                authority.edit("konvolutt.toml", &format!("\n{key} = \""), &format!("\n# {key} = \""));
            }
        },
        ..Options::default()
    });
    let foot = silent.get("/nn/").body.split("<footer>").nth(1).unwrap().to_owned();
    assert!(!foot.contains("href"), "{foot}");
    let output = silent.konvolutt(&["check"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for (key, remedy) in [
        ("authority.address", "`address = \""),
        ("authority.site", "`site = \""),
        ("authority.accessibility", "uustatus.no"),
    ] {
        let warned = said
            .lines()
            .filter(|line| line.starts_with('!') && line.contains(key))
            .count();
        assert!(warned == 1 && said.contains(remedy), "{key}: {said}");
    }
}

/// What the page says of the device is so, whichever way the form has it.
#[test]
fn a_form_that_lets_browsers_keep_numbers_says_so() {
    let off = "Vi lagrar ikkje noko av det du skriv, på denne eininga.";
    let on = "Nettlesaren kan ta vare på e-postadressa, telefonnummeret og postnummeret";
    let world = pages::world();
    for form in ["skriv", "si-fra", "post"] {
        let page = world.get(&format!("/nn/s/{form}")).body;
        assert!(page.contains(off) && !page.contains(on), "{form}: {page}");
        let tokens = page.split("autocomplete=\"").skip(1);
        assert!(tokens.into_iter().all(|rest| rest.starts_with("off\"")), "{form}");
    }
    let kept = World::with(Options {
        change: |authority| authority.edit("forms/krisesenter.toml", "slug = ", "autocomplete = true\nslug = "),
        ..Options::default()
    });
    let page = kept.get("/nn/s/skriv").body;
    assert!(page.contains(on) && !page.contains(off), "{page}");
    assert!(page.contains("autocomplete=\"tel\""), "the control");
    let output = kept.konvolutt(&["check"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("Browsers keep the e-mail addresses") && output.status.success(),
        "{said}"
    );
}

/// A day stands on the page once somebody has said it, and `check` asks for it until then.
#[test]
fn facts_have_the_day_that_somebody_says() {
    let told = "Opplysningane blei sist kontrollerte";
    let world = World::new();
    assert!(world.get("/nn/s/skriv").body.contains(told), "the control");
    let nobody = World::with(Options {
        change: |authority| authority.edit("forms/krisesenter.toml", "\nchecked = ", "\n# checked = "),
        ..Options::default()
    });
    assert!(!nobody.get("/nn/s/skriv").body.contains(told));
    let output = nobody.konvolutt(&["check"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        said.matches("Nobody has said when the telephone numbers").count(),
        1,
        "{said}"
    );
    assert!(output.status.success(), "{said}");
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
