//! The open door: whatever is sent, however slowly, in whatever shape.
//! The numbers are those of the table in `docs/bad-input.md`.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use crate::support::{AGENT, Answer, VISITOR, World, exchange, resident};

fn connect(world: &World) -> TcpStream {
    let stream = TcpStream::connect(world.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// How long the server keeps a connection on which this was sent and nothing follows.
fn patience(world: &World, sent: &[u8]) -> Duration {
    let mut stream = connect(world);
    stream.write_all(sent).unwrap();
    let began = Instant::now();
    let _ = stream.read_to_end(&mut Vec::new());
    began.elapsed()
}

fn raw(world: &World, request: &str) -> Answer {
    exchange(
        world.address,
        request.replace("HOST", &world.address.to_string()).as_bytes(),
    )
}

fn multipart(body: &str) -> String {
    format!(
        "POST /nn/s/skriv HTTP/1.1\r\nHost: HOST\r\nContent-Type: multipart/form-data; boundary=b\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn nothing_came(world: &World) {
    assert!(world.spooled().is_empty(), "{:?}", world.spooled());
    assert!(world.files_in("spool/alarms").is_empty());
    assert_eq!(world.sink.count(), 0);
}

/// Sends a piece so often, or until the server has had enough; then the end, if there is one. Returns how much it took,
/// and the answer.
fn pour(world: &World, head: &str, piece: &[u8], times: usize, end: &str) -> (usize, String) {
    let mut stream = connect(world);
    let head = head.replace("HOST", &world.address.to_string());
    stream.write_all(head.as_bytes()).unwrap();
    let taken = (0..times).take_while(|_| stream.write_all(piece).is_ok()).count();
    match end {
        "cut" => stream.shutdown(Shutdown::Write).unwrap_or_default(),
        // What refuses may have closed already; its answer counts.
        end => stream.write_all(end.as_bytes()).unwrap_or_default(),
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    (taken, String::from_utf8_lossy(&answer).into_owned())
}

const CHUNKED: &str = "POST /nn/s/skriv HTTP/1.1\r\nHost: HOST\r\nContent-Type: multipart/form-data; boundary=b\r\n\
                       Transfer-Encoding: chunked\r\n\r\n";

/// 1, 2, 3: what never ends costs no memory, is refused, and leaves nothing.
#[test]
fn what_never_ends_is_refused_and_costs_no_memory() {
    let world = World::new();
    world.get("/nn/s/skriv");
    let before = resident(world.pid());
    let part = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n";
    let parts = part.repeat(10_000);
    let mib = vec![b'a'; 1 << 20];
    let chunk = [b"100000\r\n".as_slice(), &mib, b"\r\n"].concat();
    let opened = |text: &str| format!("{CHUNKED}{:x}\r\n{text}\r\n", text.len());
    let head = "--b\r\nContent-Disposition: form-data; name=\"vedlegg\"; filename=\"f\"\r\n";
    let (head, file) = (opened(&format!("{head}X: ")), opened(&format!("{head}\r\n")));
    let name = opened("--b\r\nContent-Disposition: form-data; name=\"");
    let given_up = "HTTP/1.1 303";
    for (what, request, times, end, wanted) in [
        ("ten thousand parts", &multipart(&parts), 0, "", given_up),
        ("a part head of 8 MiB", &head, 8, "0\r\n\r\n", given_up),
        ("a name of 8 MiB", &name, 8, "0\r\n\r\n", given_up),
        ("a file that breaks off", &file, 48, "cut", ""),
        ("a part head without end", &head, 400, "cut", ""),
    ] {
        let (taken, answer) = pour(&world, request, &chunk, times, end);
        assert!(answer.starts_with(wanted), "{what}: {answer}");
        assert!(taken < 100, "{what} was read for ever");
        let grown = resident(world.pid()).saturating_sub(before);
        assert!(grown < 24 << 20, "{what} cost {grown} bytes");
        nothing_came(&world);
    }
}

/// 4: cut at the last byte.
#[test]
fn an_upload_that_breaks_off_leaves_nothing_and_alarms_nobody() {
    let world = World::new();
    let request = world.marked_form().file("vedlegg", "b.bin", &vec![9; 900_000]).bytes();
    for missing in [1, 2, 60, 9_000] {
        let mut stream = connect(&world);
        stream.write_all(&request[..request.len() - missing]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        // Who listens on all the same gets no page: its browser would write the text to the disk with it.
        assert!(
            answer.starts_with("HTTP/1.1 303") && answer.contains("?k=\r\n"),
            "{answer}"
        );
    }
    nothing_came(&world);
}

/// 5: silence, half a head, half a body, and a drop now and then.
#[test]
fn who_stalls_is_left() {
    let world = World::new();
    let head = format!("POST /nn/s/skriv HTTP/1.1\r\nHost: {}\r\n", world.address);
    let body = format!("{head}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 900\r\n\r\n--b\r\n");
    let page = format!("GET /stil.css HTTP/1.1\r\nHost: {}\r\n\r\n", world.address);
    let cases: [(&str, &[u8], f32); 4] = [
        ("silence", b"", 10.0),
        ("half a head", head.as_bytes(), 10.0),
        ("half a body", body.as_bytes(), 20.0),
        ("after an answer", page.as_bytes(), 10.0),
    ];
    std::thread::scope(|scope| {
        for (name, sent, most) in cases {
            let world = &world;
            scope.spawn(move || {
                let took = patience(world, sent).as_secs_f32();
                assert!((most - 1.0..most + 9.0).contains(&took), "{name}: {took} s");
            });
        }
        scope.spawn(|| {
            let mut stream = connect(&world);
            let began = Instant::now();
            // A byte in three seconds keeps the idle time away, but is no head of a request.
            while stream.write_all(b"G").is_ok() && began.elapsed() < Duration::from_secs(40) {
                std::thread::sleep(Duration::from_secs(3));
            }
            assert!(began.elapsed() < Duration::from_secs(25), "drops of a head");
        });
        scope.spawn(|| {
            let mut stream = connect(&world);
            stream.write_all(body.as_bytes()).unwrap();
            let began = Instant::now();
            while stream.write_all(b"a").is_ok() && began.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_secs(3));
            }
            let took = began.elapsed().as_secs();
            assert!((29..50).contains(&took), "drops of a body: {took} s");
        });
    });
    nothing_came(&world);
}

/// Whoever asks again and again and reads nothing holds no place: with small buffers on the other side every answer
/// waits in ours.
#[test]
fn who_does_not_read_is_left() {
    let world = World::new();
    let stream = connect(&world);
    rustix::net::sockopt::set_socket_recv_buffer_size(&stream, 4096).unwrap();
    let request = format!("GET /nn/s/skriv HTTP/1.1\r\nHost: {}\r\n\r\n", world.address).repeat(2000);
    let mut writer = stream.try_clone().unwrap();
    writer.set_write_timeout(Some(Duration::from_secs(50))).unwrap();
    let began = Instant::now();
    // Takes what fits and then waits, until the server closes.
    let sent = writer.write_all(request.as_bytes());
    let sent = sent.and_then(|()| {
        while began.elapsed() < Duration::from_secs(50) {
            std::thread::sleep(Duration::from_secs(1));
            writer.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")?;
        }
        Ok(())
    });
    let took = began.elapsed().as_secs();
    assert!(sent.is_err() && took < 45, "still there after {took} s");
}

/// 6: two ways to say where a body ends are one too many.
#[test]
fn nothing_can_be_smuggled_behind_a_body() {
    let world = World::new();
    let both = "POST /nn/s/skriv HTTP/1.1\r\nHost: HOST\r\nContent-Type: multipart/form-data; boundary=b\r\n";
    let second = "GET /stil.css HTTP/1.1\r\nHost: HOST\r\n\r\n";
    for framing in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
    ] {
        // RFC 9112, 6.3: the chunks count, and the connection ends with the answer.
        let answer = raw(&world, &format!("{both}{framing}\r\n0\r\n\r\n{second}"));
        assert_eq!(answer.status, 303, "{framing}");
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(!answer.body.contains("HTTP/1.1"), "{framing}: a second answer");
    }
    for framing in [
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 4, 5\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
    ] {
        let answer = raw(&world, &format!("{both}{framing}\r\nabcd{second}"));
        assert_eq!(answer.status, 400, "{framing}");
        assert!(!answer.body.contains("HTTP/1.1 200"), "{framing}");
    }
    // The control: behind a GET a second one is answered.
    let twice = raw(
        &world,
        &format!(
            "{second}{}",
            second.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
        ),
    );
    assert!(twice.body.contains("HTTP/1.1 200"), "two answers");
    nothing_came(&world);
}

/// The head of a request: as long as allowed, and no longer.
#[test]
fn a_head_has_its_limits() {
    let world = World::new();
    let with = |fields: &str| {
        raw(
            &world,
            &format!("GET / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{fields}\r\n"),
        )
    };
    assert_eq!(with(&format!("X: {}\r\n", "a".repeat(15_000))).status, 200);
    assert_eq!(with(&format!("X: {}\r\n", "a".repeat(17_000))).status, 431);
    assert_eq!(with(&"X: a\r\n".repeat(101)).status, 431);
    assert_eq!(raw(&world, "GET /\u{0} HTTP/1.1\r\n\r\n").status, 400);
    assert_eq!(raw(&world, "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n").status, 400);
}

/// 7, 8, 9, 10: names and texts that would act somewhere else are data here.
#[test]
fn names_and_texts_are_data() {
    let world = World::new();
    let marker = &world.marker.text;
    let names = [
        "../../etc/cron.d/x",
        "CON",
        "a\u{202e}gpj.exe",
        "x\r\nX-Inj: 1",
        "a\";b=\"c",
        &"l".repeat(4000),
    ];
    let text = format!("{marker}\r\n.\r\nMAIL FROM:<x>\r\n\r\n.\n\nBcc: a@b.example");
    let form = world
        .form()
        .text("melding", &text)
        .text("namn", &format!("{marker} <a@b.example>"));
    let form = names
        .iter()
        .fold(form, |form, name| form.file("vedlegg", name, marker.as_bytes()));
    let answer = form.send();
    assert_eq!(answer.status, 303);
    assert!(answer.location().contains("/kvittering/"), "{}", answer.location());
    let delivery = world.sink.wait_for(1).remove(0);
    let outer = String::from_utf8_lossy(&delivery.mail).into_owned();
    let head = outer.split("\r\n\r\n").next().unwrap();
    for forbidden in ["X-Inj", "Reply-To", "Bcc", "b.example"] {
        assert!(!head.contains(forbidden), "{forbidden} in {head}");
    }
    let folder = world.open(&delivery.mail);
    let letter = std::fs::read_to_string(folder.join("letter.txt")).unwrap();
    assert!(letter.contains(&konvolutt_letter::marked(&text).join("\n")), "{letter}");
    let files: Vec<_> = std::fs::read_dir(folder.join("attachments"))
        .unwrap()
        .flatten()
        .collect();
    assert_eq!(files.len(), names.len());
    for file in files {
        let name = file.file_name().into_string().unwrap();
        assert!(
            name.len() <= 255 && !name.contains(['/', '\r', '\n', '\u{202e}', '"']),
            "{name:?}"
        );
    }
    assert_eq!(world.sink.count(), 1, "one letter");
}

/// 11: one odd part in a page that is good otherwise. None of them makes a letter, none is lost without a word.
#[test]
fn odd_names_of_parts_are_told() {
    let world = World::new();
    let page = world.get("/nn/s/skriv").body;
    let token = &page.split("name=\"_token\" value=\"").nth(1).unwrap()[..32];
    let part = |head: &str, value: &str| format!("--b\r\nContent-Disposition: {head}\r\n\r\n{value}\r\n");
    let good = part("form-data; name=\"_token\"", token) + &part("form-data; name=\"kommune\"", "Bodø");
    let message = part("form-data; name=\"melding\"", "x");
    for head in [
        "form-data",
        "form-data; name=",
        "form-data; NAME2=\"namn\"",
        "attachment; filename=\"x\"",
        "form-data; name=\"epost\"; name=\"namn\"",
        "form-data; name=\"namn\"\r\nContent-Disposition: form-data; name=\"epost\"",
        "form-data; name=\"Namn\"",
    ] {
        let answer = raw(
            &world,
            &multipart(&format!("{good}{}{message}--b--\r\n", part(head, "y"))),
        );
        assert_eq!(answer.status, 303, "{head}");
        assert!(answer.location().contains("?k="), "{head}: {}", answer.location());
        let again = world.get(answer.location()).body;
        assert!(again.contains("<title>Feil: ") && again.contains("Bodø"), "{head}");
    }
    nothing_came(&world);
    // The control: the page without it.
    let answer = raw(&world, &multipart(&format!("{good}{message}--b--\r\n")));
    assert!(answer.location().contains("/kvittering/"), "{}", answer.location());
}

/// 13: other verbs.
#[test]
fn other_verbs_do_nothing() {
    let world = World::new();
    for verb in ["OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"] {
        let answer = raw(
            &world,
            &format!("{verb} /nn/s/skriv HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"),
        );
        assert!(matches!(answer.status, 400 | 404 | 405), "{verb}: {}", answer.status);
        assert!(answer.header("access-control-allow-origin").is_none());
    }
    nothing_came(&world);
}

/// 14: who may have sent a page, by what a browser says of it.
#[test]
fn only_our_own_page_sends_the_form() {
    let world = World::new();
    let own = format!("http://{}", world.address);
    let status = |site: &str, origin: &str| {
        let form = world
            .form()
            .text("namn", &world.marker.text)
            .without_header("Sec-Fetch-Site")
            .without_header("Origin");
        let form = if site.is_empty() {
            form
        } else {
            form.header("Sec-Fetch-Site", site)
        };
        let form = if origin.is_empty() {
            form
        } else {
            form.header("Origin", origin)
        };
        let answer = form.send();
        // Never answered with a page directly, and what was typed is there.
        let shown = world.follow(&answer);
        assert!(shown.body.contains(&world.marker.text), "the text is gone");
        shown.status
    };
    // Something is missing in it, so none of them becomes a letter.
    for (site, origin, wanted) in [
        ("same-origin", own.as_str(), 200),
        // Tor Browser and others hide the origin, and still say that it is the same.
        ("same-origin", "null", 200),
        ("none", "", 200),
        ("", own.as_str(), 200),
        ("", "", 200),
        ("cross-site", own.as_str(), 403),
        ("cross-site", "", 403),
        ("same-site", own.as_str(), 403),
        ("sAme-origin", "", 403),
        ("", "null", 403),
        ("", "https://evil.example", 403),
        ("", &format!("{own}.evil.example"), 403),
        ("", &world.address.to_string(), 403),
    ] {
        assert_eq!(status(site, origin), wanted, "{site:?} {origin:?}");
    }
    nothing_came(&world);
}

/// 15: a page is nobody's frame and nobody's window, and in no cache.
#[test]
fn pages_cannot_be_framed_reached_or_kept() {
    let world = World::new();
    let problem = world.form().text("telefon", "ring").send();
    let receipt = world.form().text("melding", &world.marker.text).send();
    for path in ["/", "/nn/s/skriv", problem.location(), receipt.location(), "/ut/skriv"] {
        let answer = world.get(path);
        let csp = answer.header("content-security-policy").unwrap();
        assert!(
            csp.contains("frame-ancestors 'none'") && csp.contains("form-action 'self'"),
            "{path}"
        );
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
    }
}

/// 16: nobody gets another address by writing one, and none stands in a log.
#[test]
fn what_a_visitor_says_of_itself_is_logged_nowhere() {
    let world = World::new();
    let told = ["198.51.100.77", AGENT, "spor-i-loggen"];
    let form = world.marked_form().header("X-Forwarded-For", told[0]);
    assert_eq!(form.header("Referer", told[2]).send().status, 303);
    let page = format!("/{}?q={}", told[2], told[2]);
    let request = format!(
        "GET {page} HTTP/1.1\r\nHost: HOST\r\nUser-Agent: {}\r\nForwarded: for={}\r\nConnection: close\r\n\r\n",
        told[1], told[0]
    );
    assert_eq!(raw(&world, &request).status, 404);
    raw(&world, "BROKEN spor-i-loggen\r\n\r\n");
    world.sink.wait_for(1);
    let log = world.log();
    // The control: the log does tell of the letter, to the minute, by its number.
    assert!(log.contains("a letter is sealed and kept"), "{log}");
    for text in told
        .into_iter()
        .chain([VISITOR.to_string().as_str(), "skriv", "vedlegg", "melding"])
    {
        assert!(!log.contains(text), "{text} in {log}");
    }
    for line in log.lines() {
        let time = line.split(' ').next().unwrap();
        assert!(time.len() == "2026-11-21T21:04Z".len() && time.ends_with('Z'), "{line}");
    }
}
