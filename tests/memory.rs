//! What somebody wrote is gone from the server's memory one second after the answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::{Answer, Form, Options, World, example, in_memory, speak, write_identity};

/// What is promised.
const AFTER: Duration = Duration::from_secs(1);

fn stays(world: &World) -> Vec<String> {
    std::thread::sleep(AFTER);
    in_memory(world.pid(), &world.marker)
}

fn is_gone(world: &World, after: &str) {
    let stays = stays(world);
    assert!(stays.is_empty(), "after {after}:\n{}", stays.join("\n"));
}

/// The marker in a field, a file's name and a file's body, many times over, so that it crosses every buffer.
fn full_form(world: &World) -> Form {
    let marker = &world.marker.text;
    world.marked_form().text("namn", marker).file(
        "vedlegg",
        &format!("bilete {marker}.png"),
        marker.repeat(20_000).as_bytes(),
    )
}

/// With a problem: an address that is none.
fn wrong_form(world: &World) -> Form {
    full_form(world).text("epost", &format!("{} er ikkje ei adresse", world.marker.text))
}

fn see_again(world: &World, answer: &Answer) -> Answer {
    assert_eq!(answer.status, 303);
    let page = world.get(answer.location());
    assert!(page.body.contains(&world.marker.text));
    page
}

#[test]
#[ignore = "needs root"]
fn nothing_of_a_letter_stays_in_memory() {
    let world = World::new();
    assert_eq!(full_form(&world).send().status, 303);
    is_gone(&world, "a receipt");

    see_again(&world, &wrong_form(&world).send());
    is_gone(&world, "a problem");

    let refused = full_form(&world).header("Sec-Fetch-Site", "cross-site").send();
    assert_eq!(see_again(&world, &refused).status, 403);
    is_gone(&world, "a refusal");

    let large = full_form(&world).file("vedlegg", "stor.pdf", world.marker.text.repeat(200_000).as_bytes());
    see_again(&world, &large.send());
    is_gone(&world, "a file that is too large");
}

/// A browser that keeps its connection keeps no buffer with it.
#[test]
#[ignore = "needs root"]
fn nothing_stays_while_the_connection_is_open() {
    let world = World::new();
    let mut kept = TcpStream::connect(world.address).unwrap();
    let mut ask = |request: &[u8]| {
        kept.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        kept.write_all(request).unwrap();
        let mut answer = Vec::new();
        // Ends by the time-out: the connection stays open.
        let _ = kept.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    let to = wrong_form(&world).send().location().to_owned();
    let page = ask(format!("GET {to} HTTP/1.1\r\nHost: {}\r\n\r\n", world.address).as_bytes());
    assert!(page.contains(&world.marker.text) && !page.contains("connection: close"));
    is_gone(&world, "a page over a connection that stays");
    ask(&full_form(&world).bytes());
    is_gone(&world, "a letter over a connection that stays");
}

/// The search looks in the right place: while a letter arrives, its text is there.
#[test]
#[ignore = "needs root"]
fn while_a_letter_arrives_it_is_in_memory() {
    let world = World::new();
    let request = full_form(&world).bytes();
    let mut stream = TcpStream::connect(world.address).unwrap();
    stream.write_all(&request[..request.len() - 200]).unwrap();
    assert!(!stays(&world).is_empty());
    stream.write_all(&request[request.len() - 200..]).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    is_gone(&world, "the rest");
}

/// The same server with the system's own allocator: what is found here is what the wiping takes away.
#[test]
#[ignore = "needs root"]
fn without_the_wiping_a_letter_stays_in_memory() {
    let world = World::with(Options {
        program: example("unwiped"),
        ..Options::default()
    });
    assert_eq!(full_form(&world).send().status, 303);
    assert!(!stays(&world).is_empty());
}

/// TLS of our own: its buffers too, and those of the cryptographic library, which is written in C and has memory of its
/// own.
#[test]
#[ignore = "needs root"]
fn nothing_stays_of_what_came_by_tls() {
    let world = World::with(Options {
        change: |authority| {
            write_identity(&authority.root, "localhost");
            authority.edit(
                "konvolutt.toml",
                "address = \"127.0.0.1:0\"\n",
                "address = \"127.0.0.1:0\"\n[listen.tls]\ncertificate = \"tls/chain.pem\"\nkey = \"tls/key.pem\"\n",
            );
        },
        ..Options::default()
    });
    let chain = std::fs::read_to_string(world.root().join("tls/chain.pem")).unwrap();
    let ask = |request: &[u8]| speak(world.address, "localhost", &chain, &[], request).unwrap().answer;
    let get =
        |path: &str| ask(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes());
    let marker = &world.marker.text;
    let form = |address: &str| {
        let page = get("/nn/s/skriv");
        let token = page
            .split("name=\"_token\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let form = Form::new(world.address, "/nn/s/skriv").text("_token", token);
        let form = form
            .text("melding", &format!("Ei melding: {marker}"))
            .text("epost", address);
        form.file("vedlegg", &format!("{marker}.png"), marker.repeat(20_000).as_bytes())
            .bytes()
    };
    assert!(ask(&form("")).contains("kvittering"));
    is_gone(&world, "a receipt over TLS");
    let again = ask(&form(&format!("{marker} er inga adresse")));
    let to = again.split("location: ").nth(1).unwrap().lines().next().unwrap();
    assert!(get(to).contains(marker));
    is_gone(&world, "a problem over TLS");
}
