//! Pages that are empty, in another shape, too long, or refused: a sentence that fits, and every answer given back.

use std::fs;
use std::io::{Read, Write};

use crate::bad_parts::{AFTER, BEFORE, around, letter, shows_all_but, without};
use crate::closed::{is_closed, revoked};
use crate::support::{Answer, Form, Options, World, connect, exchange};

/// A body of this kind, and what the browser shows after it.
fn post(world: &World, kind: &str, body: &str) -> Answer {
    let head = format!(
        "POST /nn/s/skriv HTTP/1.1\r\nHost: {}\r\n{kind}Sec-Fetch-Site: same-origin\r\nContent-Length: {}\r\n\r\n{body}",
        world.address,
        body.len()
    );
    world.follow(&exchange(world.address, head.as_bytes()))
}

fn close(world: &World) {
    fs::write(world.root().join("keys/daily.cert.asc"), revoked(world)).unwrap();
    world.until("the closed form", || world.get("/nn/s/skriv").status == 503);
}

/// A browser that sends a boundary and nothing else (Safari), or loses all but the token.
#[test]
fn a_page_without_any_answer_is_said_to_be_empty() {
    let world = World::new();
    let page = world.get("/nn/s/skriv").body;
    let token = &page.split("name=\"_token\" value=\"").nth(1).unwrap()[..32];
    let part =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let post = |body: &str| post(&world, "Content-Type: multipart/form-data; boundary=b\r\n", body);
    let token = part("_token", token);
    let empty = ["", "--b--", "--b--\r\n", &token, &format!("{token}--b--\r\n")];
    for body in empty {
        let page = post(body);
        assert_eq!(page.status, 400, "{body:?}");
        assert!(page.body.contains("sende ei tom side"), "{body:?}: {}", page.body);
        assert!(page.body.contains("name=\"melding\"") && !page.body.contains("Sjå over det som står her"));
    }
    // The control: who filled nothing in sends every box all the same.
    let blank = post(&format!("{token}{}--b--\r\n", part("melding", "")));
    assert_eq!(blank.status, 200);
    assert!(blank.body.contains("<title>Feil: ") && !blank.body.contains("tom side"));

    close(&world);
    for body in empty {
        let page = post(body);
        is_closed(&page);
        assert!(
            !page.body.contains("tom side") && !page.body.contains("name=\"melding\""),
            "{}",
            page.body
        );
    }
}

/// What a sentence says of a file stands on the page of somebody who may be watched, and must be read.
#[test]
fn a_sentence_names_a_file_harmlessly() {
    let world = World::with(Options {
        change: |authority| {
            authority.edit(
                "forms/krisesenter.toml",
                "name = \"vedlegg\"\n",
                "name = \"vedlegg\"\ntypes = [\"pdf\"]\n",
            )
        },
        ..Options::default()
    });
    let is_odd = |c: char| c.is_control() && c != '\n' || "\u{202E}\u{2800}\u{AD}\u{E0041}\u{2028}".contains(c);
    for (name, told) in [
        ("faktura.exe", "«faktura.exe»"),
        ("notat.bin", "«notat.bin»"),
        ("a\u{3}b\u{0}.txt", "«a_b_.txt»"),
        ("a\r\nb\u{2028}c.txt", "«a__b_c.txt»"),
        ("regning\u{202E}fdp.exe", "«regning_fdp.exe»"),
        (
            "faktura.pdf\u{2800}\u{2800}\u{AD}\u{E0041}.exe",
            "«faktura.pdf____.exe»",
        ),
        ("", "«fil»"),
        (
            &format!("{}.exe", "x".repeat(4000)),
            &format!("{}.exe»", "x".repeat(100)),
        ),
        ("<b>\"x\"</b>.exe", "«_b__x___b_.exe»"),
    ] {
        for content in [&b"x"[..], &vec![7; 3_100_000], b""] {
            // A control that was left empty.
            if name.is_empty() && content.is_empty() {
                continue;
            }
            let form = around(&world, |form| form.file("vedlegg", name, content));
            let page = world.follow(&form.send());
            assert_eq!(page.status, 200, "{name:?}");
            assert!(page.body.contains(told), "{told} in {}", page.body);
            assert!(!page.body.contains(is_odd), "{name:?}");
            shows_all_but(&page, "", name);
        }
    }
    let good = around(&world, |form| form.file("vedlegg", "brev.pdf", b"x"));
    letter(&world, &good, "the control").has_all_but("", "the control");
}

/// However long the text is that somebody pasted, the short answers behind it are not lost.
#[test]
fn a_text_that_is_far_too_long_costs_no_other_answer() {
    let world = World::new();
    for (bytes, status) in [(1_000_000, 200), (2_000_000, 200), (2_097_153, 413), (3_000_000, 413)] {
        let text = "ord ".repeat(bytes / 4 + 1);
        let form = without(&world, "melding", |form| form.text("melding", &text[..bytes]));
        let page = world.follow(&form.send());
        assert_eq!(page.status, status, "{bytes}");
        shows_all_but(&page, "melding", &bytes.to_string());
        // As far as it is kept.
        let kept = if status == 200 { bytes - 1 } else { 2_000_000 };
        assert!(page.body.contains(&text[..kept]), "{bytes}");
    }
    assert!(world.spooled().is_empty());
    let form = without(&world, "melding", |form| form.text("melding", &"o".repeat(10_000)));
    letter(&world, &form, "the control").has_all_but("melding", "the control");
}

/// What no browser sends of our page, but a script, a proxy or an old program may: no letter, and every word is there.
#[test]
fn a_body_in_another_shape_is_given_back() {
    let world = World::new();
    // As much as the box takes.
    let text = "æøå – ".repeat(1_667)[..].chars().take(10_000).collect::<String>();
    let token = world.form();
    let answers = || BEFORE.iter().chain(&AFTER).filter(|(name, _)| *name != "melding");
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs
        .append_pair("_token", "0123456789abcdef0123456789abcdef")
        .append_pair("melding", &text);
    pairs.extend_pairs(answers());
    let page = post(
        &world,
        "Content-Type: Application/x-www-form-urlencoded; charset=UTF-8\r\n",
        &pairs.finish(),
    );
    assert_eq!(page.status, 415);
    assert!(page.body.contains(&text), "{}", page.body);
    shows_all_but(&page, "melding", "pairs");

    let lines: Vec<_> = answers().map(|(name, value)| format!("{name}={value}")).collect();
    let lines = format!("{}\r\nmelding={text}\r\n", lines.join("\r\n"));
    for kind in [
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: application/json\r\n",
        "Content-Type: multipart/form-data\r\n",
        "Content-Type: ?\r\n",
        "",
    ] {
        let page = post(&world, kind, &lines);
        assert_eq!(page.status, 415, "{kind}");
        assert!(page.body.contains("har ikkje fått"), "{kind}");
        let kept = |(name, value): &(&str, &str)| page.body.contains(&format!("{name}={value}"));
        assert!(
            answers().all(kept) && kept(&("melding", &text)),
            "{kind}: {}",
            page.body
        );
    }
    assert!(world.spooled().is_empty());
    // The control: the same in parts is a letter.
    let form = answers().fold(token.text("melding", &text), |form, (name, value)| {
        form.text(name, value)
    });
    assert!(form.send().location().contains("/kvittering/"));
}

/// Whoever is refused, for whatever reason, has the text again to the last word.
#[test]
fn a_long_text_comes_back_whole_after_every_refusal() {
    let world = World::with(Options {
        change: |authority| {
            let few = "trusted_proxies = [\"127.7.7.77\"]\n[limits]\npages_per_prefix = 2\n";
            let address = "address = \"127.0.0.1:0\"\n";
            authority.edit("konvolutt.toml", address, &format!("{address}{few}"));
        },
        ..Options::default()
    });
    // 60 000 characters, each word another.
    let text: String = (0..10_000).map(|number| format!("{number:05} ")).collect();
    let short = || around(&world, |form| form).header("X-Forwarded-For", "203.0.113.1");
    let long = without(&world, "melding", |form| form.text("melding", &text)).header("X-Forwarded-For", "203.0.113.1");
    let comes_back = |form: &Form, status: u16| {
        let page = world.follow(&form.send());
        assert_eq!(page.status, status, "{}", page.body);
        assert!(page.body.contains(text.trim_end()), "{status}");
        shows_all_but(&page, "melding", &status.to_string());
    };
    comes_back(&long, 200);
    comes_back(&long.clone().header("Sec-Fetch-Site", "cross-site"), 403);
    let letters = (0..3).filter(|_| short().send().location().contains("/kvittering/"));
    assert!(
        (1..3).contains(&letters.count()),
        "the control: something is taken, and then no more"
    );
    comes_back(&long, 429);
    close(&world);
    comes_back(&long, 503);
}

/// In a tunnel, in the middle of the message: what came of it is there.
#[test]
#[ignore = "takes 20 seconds"]
fn a_text_that_stalls_comes_back() {
    let world = World::new();
    let text = format!("{} æ", world.marker.text);
    let form = world.form().text("namn", "Kari").text("melding", &text);
    let bytes = form.bytes();
    let half = bytes.windows(2).rposition(|pair| pair == "æ".as_bytes()).unwrap() + 1;
    let mut stream = connect(world.address);
    stream.write_all(&bytes[..half]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let to = answer.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    let shown = world.get(to.trim());
    assert_eq!(shown.status, 400);
    assert!(
        shown.body.contains("Kari") && shown.body.contains(&world.marker.text),
        "{}",
        shown.body
    );
    assert!(!shown.body.contains('Ã'), "half a letter");
}
