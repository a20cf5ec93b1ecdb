//! Bounds in front of Konvolutt, by owner: what nginx counts a body for, and the kernel's rules in `packaging/`.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::support::{Proxy, SITE, TlsStream, inside, shipped, tls_on};

use super::{from, short_letter, world};

/// Adds addresses to this machine, in nets that the namespace does not have yet.
fn add(addresses: &[&str]) {
    for address in addresses {
        let mut ip = Command::new("ip");
        ip.args(["addr", "add", address, "dev", "lo"]);
        let added = if address.contains(':') {
            ip.arg("nodad")
        } else {
            &mut ip
        }
        .status();
        assert!(added.unwrap().success(), "{address}");
    }
}

/// Whom nginx counts a body for, with smaller bounds than the shipped ones: two for an address or a /64, four for a /24 or
/// a /48. Each row: where the next body comes from, and whether it is let in.
#[test]
#[ignore = "needs nginx, and root for a network namespace"]
fn nginx_counts_an_owner() {
    if !inside("proxy_load::owners::nginx_counts_an_owner", 2) {
        return;
    }
    add(&["10.0.1.2/32", "10.0.1.3/32", "fd00::1/128"]);
    let world = world();
    let site = shipped("nginx.conf", world.root())
        .replace("konvolutt_address 800;", "konvolutt_address 2;")
        .replace("konvolutt_network 1024;", "konvolutt_network 4;");
    let proxy = Proxy::nginx(world.root(), &world.root().join("nginx"), &site);
    let four = |net: &'static [(&'static str, bool)]| ("10.0.0.1:443", net);
    let six = |net: &'static [(&'static str, bool)]| ("[fd00::1]:443", net);
    for (to, rows) in [
        four(&[
            ("10.0.1.1", true),
            ("10.0.1.1", true),
            ("10.0.1.1", false),
            ("10.0.1.2", true),
            ("10.0.1.2", true),
            ("10.0.1.3", false),
            ("10.0.2.1", true),
        ]),
        // One /64 in several spellings, others of the same /48, and another /48.
        six(&[
            ("fdb1:0:0:1::1", true),
            ("fdb1:0:0:1:2:3:4:5", true),
            ("fdb1:0:0:1:2::5", false),
            ("fdb1:0:0:2::1", true),
            ("fdb1:0:0:3::1", true),
            ("fdb1:0:0:4::1", false),
            ("fdb1:0:1::1", true),
        ]),
        six(&[
            ("fdb2::1", true),
            ("fdb2::5:6:7:8", true),
            ("fdb2::9", false),
            ("fdb2:1::1", true),
            ("fdb2:1::5:6:7:8", true),
            ("fdb2:1::9", false),
            ("fdb2:1:0:1::1", true),
            ("fdb2:1:0:2::1", true),
            ("fdb2:1:0:3::1", false),
            ("fdb2:1:2::1", true),
            ("fdb2:1:2::9:1:1:1", true),
            ("fdb2:1:2::5", false),
        ]),
    ] {
        let mut held = Vec::new();
        for (source, let_in) in rows {
            if source.contains(':') && !held.iter().any(|(known, _)| known == source) {
                add(&[&format!("{source}/128")]);
            }
            let (stream, answer) = begin_a_body(&proxy, source.parse().unwrap(), to.parse().unwrap());
            assert_eq!(answer.is_empty(), *let_in, "{source}: {answer}");
            if !let_in {
                assert!(
                    answer.starts_with("HTTP/1.1 503") && answer.contains("tel:112"),
                    "{answer}"
                );
            }
            held.push((*source, stream));
        }
    }
}

/// Begins to send, and gives what is answered within a moment: nothing, when the rest is waited for.
fn begin_a_body(proxy: &Proxy, source: IpAddr, to: SocketAddr) -> (TlsStream, String) {
    let mut stream = tls_on(from(source, to).unwrap(), SITE, &proxy.root, &[]).unwrap();
    let request = short_letter();
    stream.write_all(&request.as_bytes()[..request.len() - 20]).unwrap();
    stream.sock.set_read_timeout(Some(Duration::from_millis(1500))).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    (stream, String::from_utf8_lossy(&answer).into_owned())
}

fn bounds(table: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/nftables.conf");
    let mut nft = Command::new("nft");
    match table {
        "" => nft.arg("-f").arg(file),
        delete => nft.args(["delete", "table", "inet", delete]),
    };
    assert!(nft.status().unwrap().success());
}

/// Tries so many from an address; those that were let in.
fn let_in(source: &str, to: &str, tries: usize) -> Vec<TcpStream> {
    let (source, to) = (source.parse().unwrap(), to.parse().unwrap());
    (0..tries).filter_map(|_| from(source, to).ok()).collect()
}

/// The rules of `packaging/nftables.conf`: an address, and a network, have so many connections and no more.
#[test]
#[ignore = "needs nft, and root for a network namespace"]
fn nftables_bounds_an_owner() {
    if !inside("proxy_load::owners::nftables_bounds_an_owner", 2) {
        return;
    }
    drop(world());
    add(&[
        "10.0.1.2/32",
        "10.0.1.3/32",
        "fd00::1/128",
        "fdb1:0:0:1::1/128",
        "fdb1:0:0:1::2/128",
        "fdb1:0:0:2::1/128",
        "fdb1:0:0:3::1/128",
        "fdb1:0:1::1/128",
    ]);
    let listeners = ["10.0.0.1:443", "[fd00::1]:443"].map(|address| TcpListener::bind(address).unwrap());
    for listener in listeners {
        thread::spawn(move || {
            // Held by this end as long as by the other one.
            let mut held = Vec::new();
            for stream in listener.incoming() {
                held.push(stream);
            }
        });
    }
    for (to, rows) in [
        (
            "10.0.0.1:443",
            [
                ("10.0.1.1", 1024),
                ("10.0.1.2", 1024),
                ("10.0.1.3", 0),
                ("10.0.2.1", 40),
                ("10.0.2.1", 40),
            ],
        ),
        (
            "[fd00::1]:443",
            [
                ("fdb1:0:0:1::1", 1024),
                ("fdb1:0:0:1::2", 0),
                ("fdb1:0:0:2::1", 1024),
                ("fdb1:0:0:3::1", 0),
                ("fdb1:0:1::1", 40),
            ],
        ),
    ] {
        // The control: without the rules nobody is stopped.
        let free = let_in(rows[0].0, to, 1_100);
        assert_eq!(free.len(), 1_100, "{to}");
        drop(free);
        bounds("");
        let mut held = Vec::new();
        for (source, wanted) in rows {
            let tries = if wanted == 40 { 40 } else { 1_100 };
            let new = let_in(source, to, tries);
            assert!(
                new.len().abs_diff(wanted) <= 1,
                "{source}: {} and not {wanted}",
                new.len()
            );
            held.extend(new);
        }
        bounds("konvolutt");
    }
}
