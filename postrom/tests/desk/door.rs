//! What the door refuses, each beside the same request as it has to be, which passes.

use crate::program::desk::Desk;

use super::visit::{Visit, bare, command};
use crate::program::process::Running;

const BASE: &str = "Connection: close\r\n\r\n";

#[test]
fn the_desk_answers_to_its_own_name_only() {
    let visit = Visit::of(&Desk::new());
    let home = visit.enter();
    let (host, address, port) = (visit.host(), visit.address, visit.address.port());
    let get = |target: &str, headers: &str| visit.say(format!("GET {target} HTTP/1.1\r\n{headers}{BASE}")).status;
    let absolute = |name: &str| format!("http://{name}{home}");
    assert_eq!(get(&home, &host), 200);
    assert_eq!(get(&absolute(&address.to_string()), &host), 200);
    // A name that another site gave to this machine, a second one behind the right one, and what comes near it.
    for headers in [
        format!("Host: attacker.example:{port}\r\n"),
        format!("Host: localhost:{port}\r\n"),
        "Host: 127.0.0.1\r\n".into(),
        format!("Host: 127.0.0.1:{}\r\n", port ^ 1),
        format!("Host: {address}.attacker.example\r\n"),
        format!("{host}{host}"),
        format!("{host}Host: attacker.example\r\n"),
        format!("Host: attacker.example\r\n{host}"),
        String::new(),
    ] {
        assert_eq!(get(&home, &headers), 421, "{headers}");
    }
    assert_eq!(get(&absolute(&format!("attacker.example:{port}")), &host), 421);
    assert_eq!(
        get(
            &absolute(&address.to_string()),
            &format!("Host: attacker.example:{port}\r\n")
        ),
        421
    );
    assert_eq!(visit.say(format!("GET {home} HTTP/1.0\r\n\r\n")).status, 421);
}

#[test]
fn no_other_site_makes_the_browser_ask_or_do_anything() {
    let visit = Visit::of(&Desk::new());
    let home = visit.enter();
    let own = format!("Origin: http://{}\r\n", visit.address);
    let site = |value: &str| format!("Sec-Fetch-Site: {value}\r\n");
    let status = |method: &str, path: &str, headers: &str| visit.ask(method, path, headers).status;
    let lock = format!("{home}lock");
    for headers in [String::new(), site("none"), site("same-origin"), own.clone()] {
        assert_eq!(status("GET", &home, &headers), 200, "{headers}");
    }
    for headers in [
        own.clone(),
        site("same-origin"),
        format!("{own}{}", site("same-origin")),
    ] {
        assert_eq!(status("POST", &lock, &headers), 303, "{headers}");
    }
    let navigates = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";
    for headers in [
        site("cross-site"),
        format!("{}{navigates}", site("cross-site")),
        site("same-site"),
        "Origin: https://attacker.example\r\n".into(),
        "Origin: null\r\n".into(),
    ] {
        assert_eq!(status("GET", &home, &headers), 403, "{headers}");
        assert_eq!(status("POST", &lock, &headers), 403, "{headers}");
    }
    for headers in [
        String::new(),
        site("none"),
        format!("Origin: https://{}\r\n", visit.address),
    ] {
        assert_eq!(status("POST", &lock, &headers), 403, "{headers}");
    }
}

#[test]
fn nothing_is_opened_to_other_sites_and_no_other_method_is_known() {
    let visit = Visit::of(&Desk::new());
    let home = visit.enter();
    for method in ["OPTIONS", "PUT", "DELETE", "TRACE", "PATCH", "GETS"] {
        let asks = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Private-Network: true\r\n";
        let answer = visit.ask(method, &home, asks);
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"));
        assert!(
            !answer.head.to_lowercase().contains("access-control"),
            "{}",
            answer.head
        );
    }
    assert_eq!(visit.ask("HEAD", &home, "").status, 200);
    assert_eq!(
        visit
            .say(format!("CONNECT {} HTTP/1.1\r\n{}\r\n", visit.address, visit.host()))
            .status,
        421
    );
}

#[test]
fn the_printed_address_lets_in_once() {
    let visit = Visit::of(&Desk::new());
    let path = format!("/{}", visit.invitation);
    // What a browser does by itself, or a page with it, does not use it up.
    for (method, headers) in [
        ("HEAD", ""),
        ("GET", "Sec-Purpose: prefetch\r\n"),
        ("GET", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"),
        ("POST", ""),
    ] {
        assert_ne!(visit.ask(method, &path, headers).status, 303, "{method} {headers}");
    }
    assert_eq!(visit.get(&format!("{path}/")).status, 404);
    assert_eq!(visit.get(&format!("{path}x")).status, 404);
    let home = visit.enter();
    assert_eq!(visit.get(&path).status, 404);
    assert_eq!(visit.get(&home).status, 200);
    assert_eq!(
        visit.get(home.trim_end_matches('/')).header("location"),
        Some(home.as_str())
    );
    // One sign of the secret wrong, in front of what exists.
    let wrong = home.replacen(&home[1..2], if &home[1..2] == "A" { "B" } else { "A" }, 1);
    assert_eq!(visit.get(&wrong).status, 404);
    for path in ["/", "/live", "/unlock", "//", "/../", "/favicon.ico", "/%2e%2e/live"] {
        let answer = visit.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains(home.trim_matches('/')) && !answer.head.contains(home.trim_matches('/')));
    }
}

/// A redirect keeps the mark of the page that the way began at, and the desk would refuse where it leads.
#[test]
fn a_page_elsewhere_leads_in_by_a_page_of_the_desks_own() {
    let visit = Visit::of(&Desk::new());
    let navigates = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n";
    let answer = visit.ask("GET", &format!("/{}", visit.invitation), navigates);
    assert_eq!(answer.status, 200);
    let home = answer
        .body
        .split("<a href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(
        answer.body.contains(&format!("content=\"0;url={home}\"")),
        "{}",
        answer.body
    );
    assert_eq!(visit.ask("GET", home, "Sec-Fetch-Site: same-origin\r\n").status, 200);
    assert_eq!(visit.get(&format!("/{}", visit.invitation)).status, 404);
}

#[test]
fn who_guesses_is_told_to_the_clerk() {
    let visit = Visit::of(&Desk::new());
    (0..9).for_each(|number| assert_eq!(visit.get(&format!("/guess{number}")).status, 404));
    // Sent to another name, or by a page of another site, it was no guess of a program here.
    (0..5).for_each(|_| assert_eq!(visit.ask("GET", "/guess", "Sec-Fetch-Site: cross-site\r\n").status, 403));
    (0..5).for_each(|_| assert_eq!(visit.get("/favicon.ico").status, 404));
    assert!(!visit.running.err().contains("addresses"), "{}", visit.running.err());
    assert_eq!(visit.get("/guess").status, 404);
    let told = "tried 10 addresses";
    visit.running.until(told, || visit.running.err().contains(told));
}

/// On every route, also on those that refuse.
#[test]
fn every_answer_has_the_same_head() {
    let desk = Desk::new();
    let visit = Visit::of(&desk);
    let home = visit.enter();
    let at = |path: &str| format!("{home}{path}");
    let asked = [
        visit.get(&home),
        visit.get(&at("live")),
        visit.get(&at("desk.css")),
        visit.get(&at("desk.js")),
        visit.get(&at("copies")),
        visit.get(&at("about")),
        visit.get(&at("letter/1")),
        visit.get(&at("nowhere")),
        visit.post(&at("unlock"), ""),
        visit.post(&at("lock"), ""),
        visit.get("/"),
        visit.get(home.trim_end_matches('/')),
        visit.ask("GET", &home, "Host: attacker.example\r\n"),
        visit.ask("GET", &home, "Sec-Fetch-Site: cross-site\r\n"),
        visit.ask("OPTIONS", &home, ""),
    ];
    for answer in asked {
        let is = |name: &str, value: &str| assert_eq!(answer.header(name), Some(value), "{}", answer.head);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(policy.contains("base-uri 'none'; frame-ancestors 'none'") && !policy.contains("unsafe"));
        is("cache-control", "no-store");
        is("x-content-type-options", "nosniff");
        is("referrer-policy", "same-origin");
        is("cross-origin-opener-policy", "same-origin");
        is("cross-origin-resource-policy", "same-origin");
        assert!(answer.header("permissions-policy").is_some());
        for never in ["server", "set-cookie", "access-control-allow-origin"] {
            assert_eq!(answer.header(never), None, "{}", answer.head);
        }
    }
}

#[test]
fn only_this_machine_is_listened_to() {
    let desk = Desk::new();
    for address in ["0.0.0.0:0", "192.0.2.7:0", "[::]:0", "10.0.0.1:8080"] {
        let ran = Running::start(command(&desk, &["--listen", address])).end();
        assert_eq!(ran.code, Some(2), "{}", ran.said());
        assert!(
            ran.err.contains("opens for this machine only") && ran.out.is_empty(),
            "{}",
            ran.said()
        );
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let ran = Running::start(bare(&desk, &["--listen", &taken.local_addr().unwrap().to_string()])).end();
    assert_eq!(ran.code, Some(1), "{}", ran.said());
    assert!(ran.err.contains("Choose another port"), "{}", ran.said());
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        let visit = Visit::start(command(&desk, &["--listen", "[::1]:0"]));
        assert!(visit.address.is_ipv6());
        let home = visit.enter();
        assert_eq!(visit.get(&home).status, 200);
    }
}

#[test]
fn no_more_is_taken_than_a_form_or_a_file_needs() {
    let visit = Visit::of(&Desk::new());
    let home = visit.enter();
    let own = format!("{}Origin: http://{}\r\n", visit.host(), visit.address);
    let sized = |path: &str, length: usize| {
        visit.say(format!(
            "POST {home}{path} HTTP/1.1\r\n{own}Content-Length: {length}\r\nConnection: close\r\n\r\n"
        ))
    };
    assert_eq!(sized("unlock", 64 * 1024 + 1).status, 413);
    assert_eq!(sized("drop", 64 * 1024 * 1024 + 1).status, 413);
    assert_eq!(visit.post(&format!("{home}unlock"), &"x".repeat(60_000)).status, 303);
    // Without a length, endless: it is cut off, and the desk goes on.
    let mut endless = format!("POST {home}unlock HTTP/1.1\r\n{own}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    (0..20).for_each(|_| endless.extend([b"2000\r\n".to_vec(), vec![b'x'; 0x2000], b"\r\n".to_vec()].concat()));
    assert_ne!(visit.say(endless).status, 303);
    let long = visit.ask("GET", &home, &format!("X-Long: {}\r\n", "x".repeat(20_000)));
    assert_eq!(long.status, 431);
    let many = visit.ask("GET", &home, &"X-Many: 1\r\n".repeat(100));
    assert_eq!(many.status, 431);
    assert_eq!(visit.get(&home).status, 200);
}
