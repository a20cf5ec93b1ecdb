//! Every way in: TLS of our own, Unix sockets, sockets of systemd, port 80, the onion service.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use rustls::crypto::aws_lc_rs::kx_group::{X25519, X25519MLKEM768};

use crate::support::{Authority, Options, World, exchange, speak, write_identity, write_identity_for};

const PAGE: &[u8] = b"GET /nn/s/skriv HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const ONION: &str = "vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd.onion";

/// TLS, port 80 and the onion service, each at any port.
fn all_doors(authority: &Authority) {
    write_identity(&authority.root, "localhost");
    authority.edit(
        "konvolutt.toml",
        "address = \"127.0.0.1:0\"\n",
        &format!(
            "address = \"127.0.0.1:0\"\nnames = [\"localhost\"]\nredirect = \"127.0.0.1:0\"\n\
             [listen.tls]\ncertificate = \"tls/chain.pem\"\nkey = \"tls/key.pem\"\n\
             [listen.onion]\naddress = \"127.0.0.1:0\"\nname = \"{ONION}\"\n[health]\naddress = \"127.0.0.1:0\"\n"
        ),
    );
}

fn doors() -> World {
    World::with(Options {
        change: all_doors,
        // Shut in as it is in production: what the sandbox forbids shows here.
        apart: true,
        ..Options::default()
    })
}

fn address(world: &World, door: &str) -> SocketAddr {
    let place = world.told(door).unwrap();
    place.split_once("://").unwrap().1.parse().unwrap()
}

fn chain(world: &World) -> String {
    fs::read_to_string(world.root().join("tls/chain.pem")).unwrap()
}

#[test]
fn tls_prefers_a_key_exchange_that_no_quantum_computer_opens() {
    let world = doors();
    let with = |groups: &[_]| speak(world.address, "localhost", &chain(&world), groups, PAGE).unwrap();
    for groups in [
        vec![],
        // A browser that offers both, as they do: the choice is the server's.
        vec![X25519MLKEM768, X25519],
    ] {
        let spoken = with(&groups);
        assert_eq!(
            (spoken.group.as_str(), spoken.version.as_str()),
            ("X25519MLKEM768", "TLSv1_3")
        );
        assert!(spoken.answer.starts_with("HTTP/1.1 200"), "{}", spoken.answer);
        assert!(spoken.answer.contains("strict-transport-security: max-age=63072000"));
        let onion = format!("onion-location: http://{ONION}/nn/s/skriv\r\n");
        assert!(spoken.answer.contains(&onion), "{}", spoken.answer);
    }
    // The control: an old browser is served all the same.
    assert_eq!(with(&[X25519]).group, "X25519");
}

#[test]
fn a_renewed_certificate_is_taken_up_and_a_bad_one_is_not() {
    let world = doors();
    let speaks = |root: &str| speak(world.address, "localhost", root, &[], PAGE).is_ok();
    let hangup = || world.signal(rustix::process::Signal::HUP);
    let alarm = world.root().join("spool/alarms/tls");
    let first = chain(&world);
    assert!(speaks(&first));

    let second = write_identity(world.root(), "localhost");
    assert!(!speaks(&second), "nobody has told it yet");
    hangup();
    world.until("the new certificate", || speaks(&second));
    assert!(!speaks(&first));

    // A chain without its key: the two do not fit.
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(world.root().join("tls/chain.pem"), other.cert.pem()).unwrap();
    hangup();
    world.until("the alarm", || alarm.exists());
    assert!(speaks(&second), "the old one stays");
    fs::write(world.root().join("tls/key.pem"), other.signing_key.serialize_pem()).unwrap();
    hangup();
    world.until("the newest certificate", || speaks(&other.cert.pem()));
    world.until("the end of the alarm", || !alarm.exists());
}

/// A browser shows a red page for each of these, to somebody in danger: so the one before stays, and somebody is told.
#[test]
fn a_renewal_that_browsers_would_refuse_is_not_taken_up() {
    let world = doors();
    let alarm = world.root().join("spool/alarms/tls");
    let good = chain(&world);
    let speaks = |root: &str| speak(world.address, "localhost", root, &[], PAGE).is_ok();
    let told = || fs::read_to_string(&alarm).unwrap_or_default();
    for (name, days, why) in [
        ("localhost", -30..-1, "ended on "),
        ("localhost", 2..90, "is valid only from "),
        (
            "elsewhere.example",
            -1..80,
            "is for elsewhere.example, not for localhost",
        ),
    ] {
        write_identity_for(world.root(), name, days);
        world.signal(rustix::process::Signal::HUP);
        world.until(why, || told().contains(why) && told().contains("the old one stays"));
        assert!(speaks(&good), "{why}");
    }
    // The control: a good renewal is taken up, and ends the alarm.
    let renewed = write_identity(world.root(), "localhost");
    world.signal(rustix::process::Signal::HUP);
    world.until("the new certificate", || speaks(&renewed));
    world.until("the end of the alarm", || !alarm.exists());
}

/// At the start there is nothing better: the form is served, whatever its certificate is, and somebody is told.
#[test]
fn a_certificate_that_ended_is_served_and_told_of() {
    let mut world = World::with(Options {
        change: |authority| {
            all_doors(authority);
            write_identity_for(&authority.root, "localhost", -30..-1);
        },
        apart: true,
        ..Options::default()
    });
    let end = world.root().join("spool/alarms/tls-end");
    let told = || fs::read_to_string(&end).unwrap_or_default();
    world.until("the alarm", || {
        told().contains("the certificate of the web site ended on ")
    });
    let refused = speak(world.address, "localhost", &chain(&world), &[], PAGE).unwrap_err();
    assert!(
        refused.to_string().contains("xpired"),
        "it is served, and refused: {refused}"
    );
    // Told once: a restart changes nothing of it.
    let first = fs::metadata(&end).unwrap().modified().unwrap();
    world.terminate();
    world.start();
    world.until("a look", || {
        world.log().matches("the certificate of the web site ended on ").count() > 1
    });
    assert_eq!(fs::metadata(&end).unwrap().modified().unwrap(), first);
    // One that ends soon says when, and a good one ends it.
    write_identity_for(world.root(), "localhost", -80..6);
    world.signal(rustix::process::Signal::HUP);
    world.until("the next step", || told().contains("ends within 7 days"));
    write_identity(world.root(), "localhost");
    world.signal(rustix::process::Signal::HUP);
    world.until("the end of the alarm", || !end.exists());
    // For monitoring, the end itself.
    let metrics = world.health()("/metrics").body;
    let until = metrics
        .lines()
        .find_map(|line| line.strip_prefix("konvolutt_tls_certificate_expiry_timestamp_seconds{use=\"site\"} "));
    let until: u64 = until.unwrap().parse().unwrap();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert!((70..=80).contains(&((until - now.as_secs()) / 86_400)), "{until}");
}

#[test]
fn port_80_sends_on_and_takes_nothing() {
    let world = doors();
    let redirect = address(&world, "redirect");
    let ask = |verb: &str, path: &str, host: &str| {
        exchange(
            redirect,
            format!("{verb} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes(),
        )
    };
    for (verb, host) in [("GET", "localhost"), ("HEAD", "localhost"), ("GET", "LocalHost:80")] {
        let answer = ask(verb, "/nn/s/skriv?k=secret", host);
        assert_eq!(
            (answer.status, answer.location()),
            (301, "https://localhost/nn/s/skriv")
        );
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(answer.body.is_empty());
        assert!(
            answer.header("strict-transport-security").is_none(),
            "means nothing in the clear"
        );
    }
    assert_eq!(
        ask("GET", "//evil.example/x", "localhost").location(),
        "https://localhost//evil.example/x"
    );
    for (host, wanted) in [
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        // No name at all (RFC 9112, 3.2).
        ("", 400),
        ("localhost@evil.example", 400),
    ] {
        let answer = ask("GET", "/", host);
        assert_eq!(answer.status, wanted, "{host}");
        assert!(answer.header("location").is_none());
    }
    // A target that names a host is for that one, whatever the field says (RFC 9112, 3.2.2).
    assert_eq!(ask("GET", "http://evil.example/x", "localhost").status, 421);
    assert_eq!(
        ask("GET", "http://localhost/x", "evil.example").location(),
        "https://localhost/x"
    );
    for verb in ["POST", "PUT", "OPTIONS"] {
        assert_eq!(ask(verb, "/nn/s/skriv", "localhost").status, 405, "{verb}");
    }
    let body = "POST /nn/s/skriv HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
    assert_eq!(exchange(redirect, body.as_bytes()).status, 405);
}

#[test]
fn the_onion_service_has_a_door_of_its_own() {
    let world = doors();
    let onion = address(&world, "onion");
    let ask = |path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {ONION}\r\nConnection: close\r\n\r\n");
        exchange(onion, request.as_bytes())
    };
    let page = ask("/nn/s/skriv");
    assert_eq!(page.status, 200);
    assert!(
        page.header("strict-transport-security").is_none(),
        "there is no TLS to insist on"
    );
    assert!(page.header("onion-location").is_none(), "we are there already");
    assert_eq!(page.header("x-frame-options"), Some("DENY"), "the rest of the table");

    // A letter through it. Tor Browser hides the origin in no other way than others do.
    let mut form = crate::support::Form::new(onion, "/nn/s/skriv");
    let token = page.body.split("name=\"_token\" value=\"").nth(1).unwrap();
    form = form.text("_token", &token[..32]).text("melding", &world.marker.text);
    assert_eq!(form.send().status, 303);
    world.sink.wait_for(1);

    // On the clear site, not where a second visit would lose what was typed.
    let tls = |path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        speak(world.address, "localhost", &chain(&world), &[], request.as_bytes())
            .unwrap()
            .answer
    };
    assert!(tls("/nn/s/skriv").contains("onion-location"));
    assert!(!tls("/nn/s/skriv?k=abc").contains("onion-location"));
}

fn at_a_unix_socket(authority: &Authority) {
    let place = format!("address = \"unix:{}\"", authority.root.join("web.sock").display());
    authority.edit("konvolutt.toml", "address = \"127.0.0.1:0\"", &place);
}

fn by_unix(path: &Path) -> String {
    say(UnixStream::connect(path).unwrap(), PAGE)
}

/// Says this, and returns all that is answered.
fn say(mut stream: impl Read + Write, said: &[u8]) -> String {
    stream.write_all(said).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// At every listener: exactly one valid Host, or 400 before any route, and the end of the connection. `ask` says a request
/// and returns the answer; `path` is one that is answered well.
fn host_is_checked(listener: &str, path: &str, ask: impl Fn(&[u8]) -> String) {
    let with = |version: &str, fields: &str| {
        let request = format!("GET {path} HTTP/{version}\r\n{fields}\r\nGET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        ask(request.as_bytes())
    };
    for fields in [
        "",
        "Host: localhost\r\nHost: localhost\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "Host:\r\n",
        "Host: user@localhost\r\n",
        "Host: localhost, evil.example\r\n",
        "Host: localhost:99999\r\n",
        "Host: \u{e6}\r\n",
    ] {
        let answer = with("1.1", fields);
        assert!(answer.starts_with("HTTP/1.1 400"), "{listener} {fields:?}: {answer}");
        assert!(answer.contains("connection: close"), "{listener} {fields:?}: {answer}");
        assert_eq!(
            answer.matches("HTTP/1.").count(),
            1,
            "{listener} {fields:?}: a second answer"
        );
    }
    // The controls: one that is well-formed, and monitoring that speaks the old version.
    for (version, fields) in [
        ("1.1", "Host: localhost\r\nConnection: close\r\n"),
        ("1.1", "Host: [::1]:443\r\nConnection: close\r\n"),
        ("1.0", "Host: localhost\r\n"),
        ("1.0", ""),
    ] {
        let answer = with(version, fields);
        let good = answer.starts_with("HTTP/1.") && !answer.contains(" 400 ");
        assert!(good, "{listener} {version} {fields:?}: {answer}");
    }
    let twice = with("1.0", "Host: localhost\r\nHost: localhost\r\n");
    assert!(twice.contains(" 400 "), "{listener}: {twice}");
}

#[test]
fn every_listener_wants_one_valid_host() {
    let world = doors();
    let (chain, address_of) = (chain(&world), |door: &str| address(&world, door));
    let tcp = |address: SocketAddr| move |said: &[u8]| say(TcpStream::connect(address).unwrap(), said);
    host_is_checked("TLS", "/nn/s/skriv", |said| {
        speak(world.address, "localhost", &chain, &[], said).unwrap().answer
    });
    host_is_checked("onion", "/nn/s/skriv", tcp(address_of("onion")));
    host_is_checked("redirect", "/nn/s/skriv", tcp(address_of("redirect")));
    host_is_checked("health", "/healthz", tcp(address_of("health")));
}

#[test]
fn a_socket_without_tls_and_one_with_a_path_want_one_valid_host() {
    let plain = World::new();
    host_is_checked("TCP", "/nn/s/skriv", |said| {
        say(TcpStream::connect(plain.address).unwrap(), said)
    });
    let unix = World::with(Options {
        change: at_a_unix_socket,
        apart: true,
        ..Options::default()
    });
    let path = unix.root().join("web.sock");
    host_is_checked("Unix", "/nn/s/skriv", |said| {
        say(UnixStream::connect(&path).unwrap(), said)
    });
}

#[test]
fn a_unix_socket_serves_and_survives_a_restart() {
    let mut world = World::with(Options {
        change: at_a_unix_socket,
        apart: true,
        ..Options::default()
    });
    let path = world.root().join("web.sock");
    assert_eq!(world.told("ready"), Some(format!("unix:{}", path.display())));
    assert!(by_unix(&path).starts_with("HTTP/1.1 200"));
    world.kill();
    assert!(path.exists());
    world.start();
    assert!(by_unix(&path).starts_with("HTTP/1.1 200"));
}

fn of_systemd(authority: &Authority) {
    authority.edit(
        "konvolutt.toml",
        "address = \"127.0.0.1:0\"",
        "address = \"systemd:web\"",
    );
}

/// As systemd starts a service with a socket: from descriptor 3 on, told in the environment.
fn handed_over(names: &str) -> Vec<String> {
    let count = names.split(':').count();
    let numbers: String = (3..3 + count).map(|number| format!("{number}<&0 ")).collect();
    let script = format!(
        "exec {numbers}</dev/null; export LISTEN_PID=$$ LISTEN_FDS={count} LISTEN_FDNAMES={names}; exec \"$@\""
    );
    ["sh", "-c", &script, "sh"].map(str::to_owned).to_vec()
}

#[test]
fn a_socket_of_systemd_is_served() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let world = World::with(Options {
        change: of_systemd,
        launcher: handed_over("web"),
        stdin: Some(listener.into()),
        ..Options::default()
    });
    assert_eq!(world.address, address);
    assert_eq!(world.marked_form().send().status, 303);
    world.sink.wait_for(1);
    host_is_checked("systemd", "/nn/s/skriv", |said| {
        say(TcpStream::connect(address).unwrap(), said)
    });
}

/// How a start ends that must not be one: its exit code, and what it says.
fn refused(change: fn(&Authority), role: &str, launcher: &[String], socket: Option<TcpListener>) -> String {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    authority.write_config(&crate::support::Way::Maildir);
    change(&authority);
    let program = env!("CARGO_BIN_EXE_konvolutt").to_owned();
    let words: Vec<String> = launcher.iter().cloned().chain([program]).collect();
    let mut serve = Command::new(&words[0]);
    serve.args(&words[1..]).args(["serve", "--role", role, "--config"]);
    serve.arg(authority.config());
    if let Some(socket) = socket {
        serve.stdin(std::os::fd::OwnedFd::from(socket));
    }
    let output = serve.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_socket_that_systemd_did_not_give_is_a_clear_end() {
    let told = refused(of_systemd, "web", &[], None);
    assert!(told.contains("systemd:web cannot be listened at"), "{told}");
    assert!(told.contains("systemctl start konvolutt-web.socket"), "{told}");
}

/// Else the kernel takes visitors at 443, and nobody answers them, with every sign on green.
#[test]
fn a_socket_that_no_setting_takes_stops_the_start() {
    let listener = || Some(TcpListener::bind("127.0.0.1:0").unwrap());
    let told = refused(|_| {}, "web", &handed_over("web"), listener());
    assert!(
        told.contains("handed over the socket web") && told.contains("`address = \"systemd:web\"`"),
        "{told}"
    );
    let told = refused(of_systemd, "web", &handed_over("redirect:web"), listener());
    assert!(told.contains("`redirect = \"systemd:redirect\"`"), "{told}");
    let told = refused(of_systemd, "relay", &handed_over("web"), listener());
    assert!(told.contains("no setting takes it"), "the relay serves nobody: {told}");
}

/// Port 80 does not decide over 443, nor Tor over the clear site; and each is told until it is there.
#[test]
fn without_its_redirect_the_form_is_served_and_the_alarm_stands() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut world = World::with(Options {
        change: |authority| {
            all_doors(authority);
            authority.edit(
                "konvolutt.toml",
                "redirect = \"127.0.0.1:0\"",
                "redirect = \"systemd:redirect\"",
            );
            let taken = format!("unix:{}/no/such/folder/onion.sock", authority.root.display());
            let onion = "[listen.onion]\naddress = \"127.0.0.1:0\"";
            authority.edit(
                "konvolutt.toml",
                onion,
                &format!("[listen.onion]\naddress = \"{taken}\""),
            );
        },
        // One process: what is handed over is the form's.
        apart: false,
        ..Options::default()
    });
    let root = chain(&world);
    assert!(speak(world.address, "localhost", &root, &[], PAGE).is_ok());
    assert!(world.told("redirect").is_none() && world.told("onion").is_none());
    let alarm = |about: &str| world.root().join(format!("spool/alarms/listener-{about}"));
    let (redirect, onion) = (alarm("redirect"), alarm("onion"));
    let told = fs::read_to_string(&redirect).unwrap();
    assert!(told.contains("systemctl start konvolutt-redirect.socket"), "{told}");
    assert!(onion.exists());
    // With the socket, it is over.
    world.terminate();
    (world.launcher, world.stdin) = (handed_over("redirect"), Some(listener.into()));
    world.start();
    assert_eq!(world.told("redirect"), Some(format!("http://{address}")));
    world.until("the end of the alarm", || !redirect.exists());
    assert!(onion.exists(), "the other one stands");
}

#[test]
fn health_is_for_reading_only_and_tells_of_nobody() {
    let world = doors();
    world.sink.count();
    let health = address(&world, "health");
    let ask = |verb: &str, path: &str| {
        let request = format!("{verb} {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: agentus\r\nConnection: close\r\n\r\n");
        exchange(health, request.as_bytes())
    };
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(ask("GET", path).status, 200, "{path}");
        for verb in ["POST", "PUT", "DELETE", "OPTIONS"] {
            assert_eq!(ask(verb, path).status, 405, "{verb} {path}");
        }
    }
    assert_eq!(ask("GET", "/nn/s/skriv").status, 404, "the form is not here");
    let metrics = ask("GET", "/metrics").body;
    for text in ["127.0.0.1", "agentus", "skriv"] {
        assert!(!metrics.contains(text), "{text} in {metrics}");
    }
}
