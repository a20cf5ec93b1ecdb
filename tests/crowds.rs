//! Owners of many addresses who all want everything, and somebody else who only wants to write. With `KONVOLUTT_SERVER=PATH`
//! each test first looks at another build of the server, to compare; nothing is asked of that one.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::support::{Authority, Form, KONVOLUTT, Options, World, inside, resident};

const MIB: u64 = 1 << 20;
/// What the web side takes at most, for eight owners and for any number: docs/limits.md says so, and the unit allows more.
const MOST_MIB: [u64; 2] = [450, 600];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn listens_at(authority: &Authority, address: &str) {
    let own = format!("address = \"{address}\"\nbehind_proxy = true\n[limits]\npages_per_prefix = 100000\n");
    authority.edit("konvolutt.toml", "address = \"127.0.0.1:0\"\n", &own);
    authority.edit("konvolutt.toml", "files_limit_mb = 3\n", "files_limit_mb = 10\n");
}

fn at_four(authority: &Authority) {
    listens_at(authority, "10.0.0.1:0");
}

fn at_six(authority: &Authority) {
    listens_at(authority, "[fdff::1]:0");
}

/// Servers to look at: another one first, if there is one, and then ours.
fn servers() -> Vec<(Asked, PathBuf)> {
    let other = std::env::var_os("KONVOLUTT_SERVER").map(PathBuf::from);
    let other = other.map(|path| (Asked::Little, path));
    other.into_iter().chain([(Asked::All, KONVOLUTT.into())]).collect()
}

/// What a server is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// As much as can be waited for when it does not answer; it need not pass.
    Little,
    All,
}

impl Asked {
    fn name(self) -> &'static str {
        if self == Self::All { "this server" } else { "the other" }
    }

    fn of(self, all: usize) -> usize {
        if self == Self::All { all } else { 2 }
    }
}

fn world(program: PathBuf, change: fn(&Authority)) -> World {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, most).unwrap();
    World::with(Options {
        program,
        change,
        maildir: true,
        ..Options::default()
    })
}

/// Somebody who only wants to write.
const NINTH: u16 = 255;

/// An address of the `n`th owner of a /48.
fn six(n: u16, k: u16) -> IpAddr {
    Ipv6Addr::new(0xfd00 + n, 0, 0, k, 0, 0, 0, 1).into()
}

fn connect(world: &World, from: IpAddr) -> std::io::Result<TcpStream> {
    let family = if from.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
    rustix::net::bind(&socket, &SocketAddr::from((from, 0)))?;
    rustix::net::connect(&socket, &world.address)?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_millis(20)))?;
    Ok(stream)
}

/// The whole answer, or what became of the connection.
fn ask(world: &World, from: IpAddr, request: &[u8]) -> String {
    let answer = connect(world, from).and_then(|mut stream| {
        stream.set_write_timeout(None)?;
        stream.write_all(request)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    });
    answer.unwrap_or_else(|error| error.to_string())
}

fn get(world: &World, from: IpAddr, path: &str) -> String {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        world.address
    );
    ask(world, from, request.as_bytes())
}

/// A letter with a small file, and what came of it.
fn write_with_file(world: &World, from: IpAddr, number: usize) -> String {
    let form = Form::new(world.address, "/nn/s/skriv").text("_token", &format!("{number:032x}"));
    let form = form.text("melding", "x").file("vedlegg", "a.pdf", b"%PDF");
    ask(world, from, &form.bytes())
}

/// A body that goes on for as long as its sender likes.
fn endless(world: &World, field: &str) -> Vec<u8> {
    let head =
        "POST /nn/s/skriv HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=b\r\n";
    let length = if field.contains("filename") {
        1_000_000_000
    } else {
        148_000
    };
    format!(
        "{head}Host: {}\r\nContent-Length: {length}\r\n\r\n--b\r\nContent-Disposition: form-data; {field}\r\n\r\n",
        world.address
    )
    .into_bytes()
}

const A_FILE: &str = "name=\"vedlegg\"; filename=\"a\"";
const A_TEXT: &str = "name=\"melding\"";

/// What one who only wants to write meets, and what it costs.
struct Seen {
    pages: usize,
    letters: usize,
    p99: Duration,
    mib: u64,
}

/// Looks at so many pages and sends so many letters with a file.
fn look(world: &World, from: IpAddr, pages: usize, letters: usize) -> Seen {
    let mut took = Vec::new();
    let mut served = 0;
    for _ in 0..pages {
        let began = Instant::now();
        let page = get(world, from, "/nn/s/skriv");
        took.push(began.elapsed());
        served += usize::from(page.starts_with("HTTP/1.1 200") && !page.contains("Du kan sende meldinga utan."));
    }
    took.sort();
    let receipts = (0..letters).filter(|number| write_with_file(world, from, *number).contains("/kvittering/"));
    Seen {
        letters: receipts.count(),
        pages: served,
        p99: took[(pages * 99).div_ceil(100) - 1],
        mib: resident(world.pid()) / MIB,
    }
}

/// Eight owners of a /48, each with as many connections as it gets, and a ninth who comes later.
fn eight_owners(test: &str, field: &str, first: usize) {
    if !inside(test, 1) {
        return;
    }
    for (asked, program) in servers() {
        let world = world(program, at_six);
        let request = [endless(&world, field), vec![b'x'; first]].concat();
        let began = Instant::now();
        let mut crowd = crowd(&world, &request);
        let opened = began.elapsed();
        assert!(crowd.len() as u64 * 10 >= wanted() * 9, "no crowd: {}", crowd.len());
        let more = vec![b'x'; if field == A_FILE { 20_000 } else { 1 }];
        let until = Instant::now() + Duration::from_secs(number("KONVOLUTT_SECONDS").unwrap_or(1));
        loop {
            let (pages, letters) = (asked.of(100), asked.of(5));
            let seen = look(&world, six(NINTH, 1), pages, letters);
            eprintln!(
                "{}: {} connections of {} owners in {opened:.1?}: one more gets {} of {pages} pages (p99 {:.1?}), {} of \
                 {letters} letters with a file; {} MiB",
                asked.name(),
                crowd.len(),
                owners(),
                seen.pages,
                seen.p99,
                seen.letters,
                seen.mib
            );
            if asked == Asked::Little {
                break;
            }
            assert_eq!((seen.pages, seen.letters), (pages, letters));
            assert!(seen.p99 < Duration::from_millis(500), "{:?}", seen.p99);
            assert!(seen.mib < MOST_MIB[usize::from(owners() > 8)], "{} MiB", seen.mib);
            if Instant::now() > until {
                break;
            }
            std::thread::sleep(Duration::from_secs(10));
            for stream in &mut crowd {
                let _ = stream.write_all(&more);
            }
        }
    }
}

/// Owners of a /48 each.
fn owners() -> u16 {
    number("KONVOLUTT_OWNERS").map_or(8, |most| most.try_into().unwrap())
}

/// Connections that they try.
fn wanted() -> u64 {
    u64::from(owners()) * number("KONVOLUTT_CONNECTIONS").unwrap_or(512)
}

/// Connections of all owners by turns, each with the beginning of a request.
fn crowd(world: &World, request: &[u8]) -> Vec<TcpStream> {
    let of_each = number("KONVOLUTT_CONNECTIONS").unwrap_or(512);
    let mut crowd = Vec::new();
    for round in 0..of_each {
        for owner in 1..=owners() {
            let k = u16::try_from(round % 4).unwrap();
            if let Ok(mut stream) = connect(world, six(owner, k)) {
                let _ = stream.write_all(request);
                crowd.push(stream);
            }
        }
    }
    crowd
}

/// `KONVOLUTT_CONNECTIONS` says how many each opens, `KONVOLUTT_OWNERS` how many they are, `KONVOLUTT_SECONDS` for how long
/// they go on.
#[test]
#[ignore = "needs root for a network namespace"]
fn eight_owners_who_send_files_leave_room_for_a_ninth() {
    eight_owners(
        "crowds::eight_owners_who_send_files_leave_room_for_a_ninth",
        A_FILE,
        20_000,
    );
}

#[test]
#[ignore = "needs root for a network namespace"]
fn eight_owners_who_send_texts_leave_room_for_a_ninth() {
    eight_owners(
        "crowds::eight_owners_who_send_texts_leave_room_for_a_ninth",
        A_TEXT,
        146_000,
    );
}

/// From where, and as how long announced: five owners as much as a fixed bound of eight for a /64 lets each have, three with
/// what just fits into the budget that is left.
fn trickling() -> Vec<(IpAddr, u32)> {
    let large = (1..=5).flat_map(|owner| (0..16).map(move |number| (six(owner, number % 2), 1_000_000_000)));
    let fitting = [5_000_000, 2_500_000, 1_200_000, 600_000, 300_000, 170_000].repeat(2);
    let fitting = [fitting, vec![170_000; 4]].concat();
    let fitting = (0..)
        .zip(fitting)
        .map(|(number, length)| (six(6 + number / 8, 0), length));
    let small = std::iter::repeat_n((six(8, 0), 100_000), 80);
    large.chain(fitting).chain(small).collect()
}

/// 176 uploads that trickle, of eight owners.
#[test]
#[ignore = "needs root for a network namespace"]
fn uploads_that_trickle_keep_nobody_from_attaching() {
    if !inside("crowds::uploads_that_trickle_keep_nobody_from_attaching", 1) {
        return;
    }
    for (asked, program) in servers() {
        let world = world(program, at_six);
        let request = String::from_utf8(endless(&world, A_FILE)).unwrap();
        let mut crowd: Vec<TcpStream> = trickling()
            .into_iter()
            .map(|(from, length)| {
                let mut stream = connect(&world, from).unwrap();
                let request = request.replace("1000000000", &length.to_string());
                stream.write_all(request.as_bytes()).unwrap();
                stream
            })
            .collect();
        for round in 0..number("KONVOLUTT_ROUNDS").unwrap_or(1) {
            for stream in &mut crowd {
                let _ = stream.write_all(&[b'x'; 19_000]);
            }
            std::thread::sleep(Duration::from_secs(if round == 0 { 1 } else { 18 }));
            let seen = look(&world, six(NINTH, 1), 20, 5);
            eprintln!(
                "{}: beside 176 uploads that trickle a stranger attaches to {} of 5 letters, and gets {} of 20 pages",
                asked.name(),
                seen.letters,
                seen.pages
            );
            assert!(asked == Asked::Little || (seen.pages, seen.letters) == (20, 5));
        }
    }
}

/// One address takes all connections that it gets: its neighbours, and even itself, still get a page with the numbers, and
/// never a reset; and what they write arrives.
#[test]
#[ignore = "needs root for a network namespace"]
fn a_neighbour_of_somebody_greedy_still_gets_a_page() {
    if !inside("crowds::a_neighbour_of_somebody_greedy_still_gets_a_page", 4) {
        return;
    }
    let four = |net, host| IpAddr::from(Ipv4Addr::new(10, 0, net, host));
    for (asked, program) in servers() {
        let world = world(program, at_four);
        let request = [endless(&world, A_FILE), vec![b'x'; 20_000]].concat();
        for connections in [128, number("KONVOLUTT_CONNECTIONS").unwrap_or(1500)] {
            let opened = (0..connections).filter_map(|_| {
                let mut stream = connect(&world, four(3, 1)).ok()?;
                let _ = stream.write_all(&request);
                Some(stream)
            });
            let crowd: Vec<TcpStream> = opened.collect();
            assert!(crowd.len() as u64 * 10 >= connections * 9, "no crowd: {}", crowd.len());
            for (who, from) in [
                ("neighbour", four(3, 2)),
                ("itself", four(3, 1)),
                ("stranger", four(4, 1)),
            ] {
                let most = asked.of(50);
                let pages = (0..most).map(|_| get(&world, from, "/nn/s/skriv"));
                let is_page = |page: &String| page.starts_with("HTTP/1.1 200") && page.contains("116 006");
                let pages = pages.filter(is_page).count();
                let text = Form::new(world.address, "/nn/s/skriv").text("_token", &format!("{connections:032x}"));
                let answer = ask(&world, from, &text.text("melding", who).bytes());
                let arrives = answer.contains("/kvittering/");
                eprintln!(
                    "{}: {connections} connections of one address: {who} gets {pages} of {most} pages, the text {}",
                    asked.name(),
                    if arrives { "arrives" } else { "does not arrive" }
                );
                assert!(asked == Asked::Little || (pages == most && arrives), "{who}: {answer}");
            }
            let may_attach = if connections == 128 {
                vec![four(3, 2), four(4, 1)]
            } else {
                vec![four(4, 1)]
            };
            for (number, from) in may_attach.into_iter().enumerate() {
                let answer = write_with_file(&world, from, 1000 + number);
                assert!(
                    asked == Asked::Little || answer.contains("/kvittering/"),
                    "{from}: {answer}"
                );
            }
            drop(crowd);
        }
    }
}
