//! One visitor against the site behind a real nginx and a real Caddy, with the files of `packaging/`: the others get in.

mod owners;

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType, bind, connect, socket};

use crate::support::{Authority, Options, Proxy, SITE, World, inside, shipped, tls_on, write_identity};

const SITE_AT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 443);
const CROWD: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 1, 1));
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 2, 1));
/// As many as took the site from everybody once.
const HALF_HEADS: usize = 1_500;
const SLOW_BODIES: usize = 128;
/// A page that comes later did not come.
const PATIENCE: Duration = Duration::from_secs(5);

fn behind_a_proxy(authority: &Authority) {
    write_identity(&authority.root, SITE);
    let own = "address = \"127.0.0.1:8080\"\ntrusted_proxies = [\"127.0.0.1\"]\n";
    authority.edit("konvolutt.toml", "address = \"127.0.0.1:0\"\n", own);
}

fn world() -> World {
    let all = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum;
    let limit = rustix::process::Rlimit {
        current: all,
        maximum: all,
    };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).unwrap();
    World::with(Options {
        change: behind_a_proxy,
        maildir: true,
        ..Options::default()
    })
}

/// For so long the crowd is there; `KONVOLUTT_CROWD` asks for more seconds.
fn crowded() -> Duration {
    let asked = std::env::var("KONVOLUTT_CROWD").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(asked.unwrap_or(5))
}

fn nginx(world: &World) -> Proxy {
    let site = shipped("nginx.conf", world.root());
    Proxy::nginx(world.root(), &world.root().join("nginx"), &site)
}

fn caddy(world: &World) -> Proxy {
    caddy_of(world, "caddy", &shipped("Caddyfile", world.root()))
}

/// It listens before it has made its certificate.
fn caddy_of(world: &World, name: &str, site: &str) -> Proxy {
    let proxy = Proxy::caddy(&world.root().join(name), site);
    world.until("the certificate", || form(&proxy, STRANGER).is_ok());
    proxy
}

/// A connection from an address of the namespace.
fn from(source: IpAddr, to: SocketAddr) -> io::Result<TcpStream> {
    let family = if source.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let socket = socket(family, SocketType::STREAM, None)?;
    bind(&socket, &SocketAddr::new(source, 0))?;
    connect(&socket, &to)?;
    Ok(TcpStream::from(socket))
}

/// One page, as somebody at this address sees it: its text, or why there is none.
fn page(proxy: &Proxy, source: IpAddr, request: &str) -> Result<String, String> {
    let ask = || -> io::Result<String> {
        let socket = from(source, SITE_AT)?;
        let mut stream = tls_on(socket, SITE, &proxy.root, &[])?;
        stream.sock.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    ask().map_err(|error| error.to_string())
}

fn form(proxy: &Proxy, source: IpAddr) -> Result<String, String> {
    let request = format!("GET /nn/s/skriv HTTP/1.1\r\nHost: {SITE}\r\nConnection: close\r\n\r\n");
    page(proxy, source, &request)
}

/// What people at an address see for a while: how many got no page with a telephone number, and the slowest but one in a
/// hundred.
struct Seen {
    asked: usize,
    without: Vec<String>,
    p99: Duration,
}

fn seen(proxy: &Proxy, source: IpAddr, end: Instant) -> Seen {
    let (mut took, mut without) = (Vec::new(), Vec::new());
    while took.len() < 20 || Instant::now() < end {
        let began = Instant::now();
        match form(proxy, source) {
            Ok(page) if page.contains("tel:") => {}
            Ok(other) => without.push(other.lines().next().unwrap_or("nothing").to_owned()),
            Err(why) => without.push(why),
        }
        took.push(began.elapsed());
        thread::sleep(Duration::from_millis(20));
        if without.len() > 3 {
            break;
        }
    }
    took.sort();
    Seen {
        asked: took.len(),
        without,
        p99: took[(took.len() * 99).div_ceil(100) - 1],
    }
}

fn all_got_it(who: &str, seen: &Seen) {
    eprintln!("{who}: {} pages, p99 {:?}", seen.asked, seen.p99);
    assert!(seen.without.is_empty(), "{who}: {:?}", seen.without);
    assert!(seen.p99 < PATIENCE, "{who}: {:?}", seen.p99);
}

/// Keeps so many half heads open from one address until it is told to stop; who is thrown out comes back.
fn half_heads(proxy: &Proxy, stop: &AtomicBool, ready: impl FnOnce(usize)) {
    let half = || {
        let mut stream = tls_on(from(CROWD, SITE_AT).ok()?, SITE, &proxy.root, &[]).ok()?;
        stream.sock.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(b"GET / HTTP/1.1\r\nHo").ok()?;
        Some(stream)
    };
    let mut held: Vec<_> = (0..HALF_HEADS).filter_map(|_| half()).collect();
    ready(held.len());
    while !stop.load(Ordering::Relaxed) {
        held.retain(|stream| {
            stream.sock.set_nonblocking(true).unwrap();
            let open = stream
                .sock
                .peek(&mut [0; 1])
                .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
            stream.sock.set_nonblocking(false).unwrap();
            open
        });
        let missing = HALF_HEADS - held.len();
        held.extend((0..missing.min(50)).filter_map(|_| half()));
        thread::sleep(Duration::from_millis(20));
    }
}

/// What a stranger sees while one address holds its half heads.
fn beside_half_heads(proxy: &Proxy, long: Duration) -> Seen {
    let stop = AtomicBool::new(false);
    let (ready, wait) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| half_heads(proxy, &stop, |held| ready.send(held).unwrap()));
        let held = wait.recv_timeout(Duration::from_secs(120)).unwrap();
        eprintln!("{held} half heads");
        let seen = seen(proxy, STRANGER, Instant::now() + long);
        stop.store(true, Ordering::Relaxed);
        seen
    })
}

#[test]
#[ignore = "needs nginx, and root for a network namespace"]
fn half_heads_do_not_take_nginx() {
    if !inside("proxy_load::half_heads_do_not_take_nginx", 2) {
        return;
    }
    let world = world();
    let proxy = nginx(&world);
    all_got_it("nginx, half heads", &beside_half_heads(&proxy, crowded()));
    drop(proxy);

    // The control: a stock nginx belongs to one visitor.
    let tls = world.root().join("tls");
    let stock = format!(
        "server {{ listen 443 ssl; server_name {SITE}; ssl_certificate {0}/chain.pem;\n\
         ssl_certificate_key {0}/key.pem; location / {{ proxy_pass http://127.0.0.1:8080; }} }}",
        tls.display()
    );
    let proxy = Proxy::nginx(world.root(), &world.root().join("stock"), &stock);
    assert!(form(&proxy, STRANGER).is_ok(), "it serves as long as nobody crowds it");
    let seen = beside_half_heads(&proxy, Duration::ZERO);
    eprintln!("a stock nginx: {:?}", seen.without);
    assert!(!seen.without.is_empty(), "the crowd was too small to show anything");
}

#[test]
#[ignore = "needs caddy, and root for a network namespace"]
fn half_heads_do_not_take_caddy() {
    if !inside("proxy_load::half_heads_do_not_take_caddy", 2) {
        return;
    }
    let world = world();
    let proxy = caddy(&world);
    let closed = thread::scope(|scope| {
        // They end after ten seconds, so that they cannot be collected.
        let one = scope.spawn(|| half_head_lasts(&proxy, Duration::from_millis(11_500)));
        all_got_it("Caddy, half heads", &beside_half_heads(&proxy, crowded()));
        one.join().unwrap()
    });
    assert!(closed.is_some_and(|after| after > Duration::from_secs(8)), "{closed:?}");
    drop(proxy);

    // The control: a Caddy without the time-outs keeps them.
    let site = shipped("Caddyfile", world.root()).replace("read_header 10s", "");
    let stock = caddy_of(&world, "stock", &site);
    assert_eq!(half_head_lasts(&stock, Duration::from_millis(11_500)), None);
}

/// After what time half a head is closed, if it is before this.
fn half_head_lasts(proxy: &Proxy, before: Duration) -> Option<Duration> {
    let mut stream = tls_on(from(CROWD, SITE_AT).unwrap(), SITE, &proxy.root, &[]).unwrap();
    stream.sock.set_read_timeout(Some(before)).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
    let began = Instant::now();
    let read = stream.read(&mut [0; 1]);
    let open = read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
    (!open).then(|| began.elapsed())
}

/// 128 bodies from one address, each just fast enough. Somebody else at the same address, and somebody
/// elsewhere, see a page.
fn beside_slow_bodies(proxy: &Proxy) {
    let head = format!(
        "POST /nn/s/skriv HTTP/1.1\r\nHost: {SITE}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: multipart/form-data; boundary=BB\r\nContent-Length: 1000000000\r\n\r\n--BB\r\n\
         Content-Disposition: form-data; name=\"vedlegg\"; filename=\"a\"\r\n\r\n"
    );
    let stop = AtomicBool::new(false);
    let slow = || {
        let mut stream = tls_on(from(CROWD, SITE_AT).ok()?, SITE, &proxy.root, &[]).ok()?;
        stream.write_all(head.as_bytes()).ok()?;
        Some(stream)
    };
    let mut held: Vec<_> = (0..SLOW_BODIES).filter_map(|_| slow()).collect();
    assert!(held.len() > SLOW_BODIES / 2, "{}", held.len());
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                held.retain_mut(|stream| stream.write_all(&[b'x'; 1_500]).is_ok());
                let missing = SLOW_BODIES - held.len();
                held.extend((0..missing).filter_map(|_| slow()));
                thread::sleep(Duration::from_secs(1));
            }
        });
        let end = Instant::now() + crowded();
        let (neighbour, stranger) = (seen(proxy, CROWD, end), seen(proxy, STRANGER, Instant::now()));
        let letter = page(proxy, CROWD, &short_letter());
        stop.store(true, Ordering::Relaxed);
        all_got_it("a neighbour of the slow bodies", &neighbour);
        all_got_it("a stranger", &stranger);
        let letter = letter.expect("an answer, never a reset");
        eprintln!(
            "a letter of the neighbour: {}",
            letter.lines().next().unwrap_or_default()
        );
        // One of the two writes names of fields with capitals.
        let lower = letter.replace("Location: ", "location: ");
        let to = lower.lines().find_map(|line| line.strip_prefix("location: "));
        let to = to.unwrap_or_else(|| panic!("no way back to the text: {letter}")).trim();
        let request = format!("GET {to} HTTP/1.1\r\nHost: {SITE}\r\nConnection: close\r\n\r\n");
        let shown = page(proxy, CROWD, &request).expect("a page, never a reset");
        assert!(
            shown.contains("\nHei</textarea>"),
            "the text does not come back: {shown}"
        );
    });
}

/// A short text; without a page's token, so that it comes back and is never a letter.
fn short_letter() -> String {
    let body = "--BB\r\nContent-Disposition: form-data; name=\"melding\"\r\n\r\nHei\r\n--BB--\r\n";
    format!(
        "POST /nn/s/skriv HTTP/1.1\r\nHost: {SITE}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=BB\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
#[ignore = "needs nginx, and root for a network namespace"]
fn slow_bodies_reset_nobody_behind_nginx() {
    if inside("proxy_load::slow_bodies_reset_nobody_behind_nginx", 2) {
        let world = world();
        beside_slow_bodies(&nginx(&world));
    }
}

#[test]
#[ignore = "needs caddy, and root for a network namespace"]
fn slow_bodies_reset_nobody_behind_caddy() {
    if inside("proxy_load::slow_bodies_reset_nobody_behind_caddy", 2) {
        let world = world();
        beside_slow_bodies(&caddy(&world));
    }
}

/// Konvolutt is away: the proxy's own page has telephone numbers.
#[test]
#[ignore = "needs nginx and caddy, and root for a network namespace"]
fn a_proxy_alone_says_whom_to_phone() {
    if !inside("proxy_load::a_proxy_alone_says_whom_to_phone", 2) {
        return;
    }
    let mut world = world();
    world.terminate();
    for start in [nginx, caddy] {
        let proxy = start(&world);
        for request in [short_letter(), short_letter().replacen("POST", "GET", 1)] {
            let page = page(&proxy, STRANGER, &request).unwrap();
            assert!(page.starts_with("HTTP/1.1 502") && page.contains("tel:112"), "{page}");
            assert!(page.to_lowercase().contains("cache-control: no-store"), "{page}");
        }
    }
}
