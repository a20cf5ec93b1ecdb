//! Whatever is sent: a clear answer, nothing spooled, nothing lost.

use std::io::Write;
use std::net::{Shutdown, TcpStream};

use crate::support::{Answer, Form, World, exchange};

/// After a problem: 303, then the form with everything typed and a sentence; nothing in the spool.
fn is_corrected(world: &World, answer: &Answer, sentence: &str, kept: &str) {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let again = world.get(answer.location());
    assert_eq!(again.status, 200, "{}", answer.location());
    assert!(again.body.contains("<title>Feil: "), "{}", again.body);
    assert!(
        again.body.contains(sentence),
        "{sentence:?} is missing in {}",
        again.body
    );
    assert!(again.body.contains(kept), "what was typed is gone");
    assert!(world.spooled().is_empty(), "{:?}", world.spooled());
    assert_eq!(world.sink.count(), 0);
    // The address shows it once.
    let gone = world.get(answer.location());
    assert!(!gone.body.contains(kept));
}

#[test]
fn what_can_be_mended_comes_back_with_everything_typed() {
    let world = World::new();
    let marker = &world.marker.text;
    let filled = || world.form().text("namn", marker);
    let with_message = || filled().text("melding", "noko");
    let cases: Vec<(&str, Form, &str)> = vec![
        (
            "missing",
            filled().text("melding", "   "),
            "Kva vil du fortelje eller spørje om?",
        ),
        ("too long", filled().text("melding", &"å".repeat(10_001)), "10\u{a0}001"),
        (
            "unknown field",
            with_message().text("ukjent", "x"),
            "skjemaet ikkje spør om",
        ),
        ("repeated", with_message().text("melding", "noko anna"), "to gonger"),
        (
            "wrong choice",
            with_message().text("tema", "<script>"),
            "Kva vil du skrive om?",
        ),
        (
            "phone of letters",
            with_message().text("trygg_kontakt", "ring").text("telefon", "ring meg"),
            "Telefonnummer",
        ),
        (
            "control character",
            with_message().text("kommune", "a\u{0}b"),
            "Kva kommune gjeld det?",
        ),
        (
            "id of ten digits",
            with_message().text("tema", "klage").text("fodselsnummer", "0101075016"),
            "11 siffer",
        ),
        ("empty file", with_message().file("vedlegg", "tom.pdf", b""), "tom.pdf"),
        (
            "file too large",
            with_message().file("vedlegg", "stor.pdf", &vec![7; 3_100_000]),
            "stor.pdf",
        ),
        (
            "files too large",
            (0..4).fold(with_message(), |form, i| {
                form.file("vedlegg", &format!("{i}.bin"), &vec![7; 900_000])
            }),
            "3 MB",
        ),
        (
            "too many files",
            (0..11).fold(with_message(), |form, i| {
                form.file("vedlegg", &format!("{i}.txt"), b"x")
            }),
            "inntil 10 om gongen",
        ),
        (
            "a file where none belongs",
            with_message().file("namn", "x.txt", b"x"),
            "skjemaet ikkje spør om",
        ),
        (
            "text where a file belongs",
            with_message().text("vedlegg", "x"),
            "skjemaet ikkje spør om",
        ),
        (
            "no token",
            Form::new(world.address, "/nn/s/skriv")
                .text("namn", marker)
                .text("melding", "x"),
            "skjemaet ikkje spør om",
        ),
        (
            "wrong token",
            Form::new(world.address, "/nn/s/skriv")
                .text("_token", "../x")
                .text("namn", marker)
                .text("melding", "x"),
            "skjemaet ikkje spør om",
        ),
    ];
    for (name, form, sentence) in cases {
        eprintln!("{name}");
        is_corrected(&world, &form.send(), sentence, marker);
    }
}

#[test]
fn markup_is_shown_as_text() {
    let world = World::new();
    let evil = "<script>alert(1)</script>{{ token }}\"'&";
    let answer = world.form().text("namn", evil).send();
    let again = world.get(answer.location()).body;
    assert!(!again.contains("<script>"));
    assert!(
        again.contains("&#60;script&#62;") || again.contains("&lt;script&gt;"),
        "{again}"
    );
}

#[test]
fn the_language_can_be_changed_with_everything_typed() {
    let world = World::new();
    let answer = world.form().text("namn", &world.marker.text).text("_lang", "nb").send();
    assert_eq!(answer.status, 303);
    assert!(answer.location().starts_with("/nb/s/skriv?k="), "{}", answer.location());
    let other = world.get(answer.location());
    assert_eq!(other.status, 200);
    assert!(other.body.contains("lang=\"nb\"") && other.body.contains(&world.marker.text));
    assert!(!other.body.contains("<title>Feil: "));
}

#[test]
fn what_is_not_a_form_is_refused_with_a_page() {
    let world = World::new();
    let raw = |request: &str| {
        exchange(
            world.address,
            request.replace("HOST", &world.address.to_string()).as_bytes(),
        )
    };
    let post = |kind: &str, body: &str| {
        raw(&format!(
            "POST /nn/s/skriv HTTP/1.1\r\nHost: HOST\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let cases = [
        (
            "urlencoded",
            post("application/x-www-form-urlencoded", "melding=x"),
            415,
        ),
        ("json", post("application/json", "{}"), 415),
        ("plain", post("text/plain", "x"), 415),
        ("no boundary", post("multipart/form-data", "x"), 415),
        (
            "GET with a body",
            raw("GET /nn/s/skriv HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"),
            400,
        ),
        (
            "DELETE",
            raw("DELETE /nn/s/skriv HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"),
            405,
        ),
        (
            "TRACE",
            raw("TRACE / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"),
            405,
        ),
        ("unknown form", world.get("/nn/s/ukjent"), 404),
        ("unknown language", world.get("/xx/s/skriv"), 404),
        ("unknown page", world.get("/wp-login.php"), 404),
        (
            "a receipt that was made up",
            world.get("/nn/kvittering/AAA-AAAA-AAA"),
            404,
        ),
        ("unknown exit", world.get("/ut/ukjent"), 404),
        (
            "cross-site",
            world.marked_form().header("Sec-Fetch-Site", "cross-site").send(),
            403,
        ),
        (
            "foreign origin",
            world
                .marked_form()
                .without_header("Sec-Fetch-Site")
                .header("Origin", "https://evil.example")
                .send(),
            403,
        ),
        (
            "null origin",
            world
                .marked_form()
                .without_header("Sec-Fetch-Site")
                .header("Origin", "null")
                .send(),
            403,
        ),
    ];
    for (name, answer, status) in cases {
        // What was sent as a page is never answered with one directly.
        let is_direct = matches!(status, 400 | 404 | 405);
        let answer = if is_direct { answer } else { world.follow(&answer) };
        assert_eq!(answer.status, status, "{name}: {}", answer.body);
        assert!(answer.body.contains("<main"), "{name} has no page");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
    }
    assert!(world.spooled().is_empty());
    assert_eq!(world.sink.count(), 0);
}

#[test]
fn a_browser_that_says_nothing_of_itself_may_write() {
    let world = World::new();
    let form = world
        .marked_form()
        .without_header("Sec-Fetch-Site")
        .without_header("Origin");
    assert_eq!(form.send().status, 303);
    world.sink.wait_for(1);
}

/// At every thousandth byte, and around the interesting ones.
#[test]
fn a_connection_cut_at_any_point_leaves_nothing() {
    let world = World::new();
    let request = world.marked_form().file("vedlegg", "b.bin", &vec![9; 200_000]).bytes();
    let cuts = (0..request.len())
        .step_by(9973)
        .chain(request.len() - 60..request.len());
    for cut in cuts {
        let mut stream = TcpStream::connect(world.address).unwrap();
        stream.write_all(&request[..cut]).unwrap();
        let _ = stream.shutdown(Shutdown::Both);
    }
    // A whole letter behind them shows that the server still works, and that nothing else came.
    world.marked_form().send();
    world.sink.wait_for(1);
    world.until("the delivery", || world.files_in("spool/delivered").len() == 1);
    assert!(world.files_in("spool/draft").is_empty());
    assert_eq!(world.files_in("spool/new").len(), 1, "one tombstone");
    assert_eq!(world.sink.count(), 1);
}

#[test]
fn every_answer_bears_the_table_of_headers() {
    let world = World::new();
    for path in [
        "/",
        "/nn/s/skriv",
        "/nb/trygg/skriv",
        "/en/kryptering/skriv",
        "/ut/skriv",
        "/ut/skriv/videre",
        "/stil.css",
        "/skjema.js",
        "/bilete.js",
        "/steg.js",
        "/kvittering.js",
        "/nope",
    ] {
        let answer = world.get(path);
        let csp = answer.header("content-security-policy").unwrap();
        assert!(
            csp.starts_with("default-src 'none'") && !csp.contains("unsafe"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert!(answer.header("set-cookie").is_none(), "{path}");
        let scripts = answer.body.split("<script").skip(1);
        assert!(
            scripts.into_iter().all(|script| script.starts_with(" src=\"/")),
            "{path}"
        );
    }
    let onward = world.get("/ut/skriv/videre");
    assert_eq!(onward.status, 303);
    assert_eq!(onward.location(), "https://www.yr.no/");
    assert_eq!(onward.header("clear-site-data"), Some("\"cache\""));
    assert_eq!(
        world.get("/kvittering.css").header("clear-site-data"),
        Some("\"cache\"")
    );
}

/// What is multipart but not as it should be: nothing is received, and what did arrive is shown again.
#[test]
fn a_broken_upload_is_said_to_be_one() {
    let world = World::new();
    let post = |boundary: &str, body: &str| {
        let head = format!(
            "POST /nn/s/skriv HTTP/1.1\r\nHost: {}\r\nContent-Type: multipart/form-data; boundary={boundary}\r\nContent-Length: {}\r\n\r\n",
            world.address,
            body.len()
        );
        exchange(world.address, (head + body).as_bytes())
    };
    let part = "--b\r\nContent-Disposition: form-data; name=\"namn\"\r\n\r\nKari\r\n";
    for (name, answer, kept) in [
        ("empty boundary", post("", "x"), ""),
        ("not multipart at all", post("b", "hello"), ""),
        (
            "no end",
            post(
                "b",
                &format!("{part}--b\r\nContent-Disposition: form-data; name=\"melding\"\r\n\r\nx"),
            ),
            "Kari",
        ),
        (
            "endless part head",
            post("b", &format!("{part}--b\r\nX: {}", "a".repeat(200_000))),
            "Kari",
        ),
        (
            "too much text",
            post(
                "b",
                &format!(
                    "{part}--b\r\nContent-Disposition: form-data; name=\"melding\"\r\n\r\n{}\r\n--b--\r\n",
                    "a".repeat(3_000_000)
                ),
            ),
            "Kari",
        ),
    ] {
        assert_eq!(answer.status, 303, "{name}: {}", answer.body);
        let again = world.get(answer.location());
        assert!(matches!(again.status, 400 | 413 | 415), "{name}: {}", again.status);
        assert!(again.body.contains("vi har ikkje fått"), "{name}");
        assert!(again.body.contains(kept), "{name}");
    }
    assert!(world.spooled().is_empty());
}

/// A video of 60 MB beside the text: the text is not lost.
#[test]
fn a_large_file_does_not_take_the_text_with_it() {
    let world = World::new();
    let video = vec![7; 60_000_000];
    let answer = world
        .form()
        .file("vedlegg", "video.mp4", &video)
        .text("namn", &world.marker.text)
        .send();
    is_corrected(&world, &answer, "video.mp4", &world.marker.text);
}
