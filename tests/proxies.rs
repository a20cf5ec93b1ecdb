//! nginx and Caddy in front, with the files of `packaging/`: what somebody writes passes through and leaves nothing.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;

use crate::support::{
    AGENT, Authority, Form, Marker, Options, Proxy, SITE, World, hits, inside, shipped, tls_stream, write_identity,
};

fn behind_a_proxy(authority: &Authority) {
    write_identity(&authority.root, SITE);
    authority.edit(
        "konvolutt.toml",
        "address = \"127.0.0.1:0\"\n",
        "address = \"127.0.0.1:8080\"\ntrusted_proxies = [\"127.0.0.1\"]\n[limits]\npages_per_prefix = 3\n",
    );
}

/// What a test asks of a proxy.
trait Looked {
    fn send(&self, form: Form, look: impl FnOnce()) -> String;
    fn traces(&self, marker: &Marker) -> Vec<String>;
    fn nameless(&self, marker: &Marker) -> Vec<String>;
}

impl Looked for Proxy {
    /// A letter with the marker through the proxy, in two parts. Between them `look` may wait for the first and look around.
    fn send(&self, form: Form, look: impl FnOnce()) -> String {
        let request = form
            .without_header("Sec-Fetch-Site")
            .header("Origin", &format!("https://{SITE}"))
            .bytes();
        let request = as_host(&request);
        let mut stream = tls_stream(SocketAddr::from(([10, 0, 0, 1], 443)), SITE, &self.root, &[]).unwrap();
        let (first, second) = request.split_at(request.len() * 3 / 4);
        stream.write_all(first).unwrap();
        stream.flush().unwrap();
        look();
        stream.write_all(second).unwrap();
        let mut answer = Vec::new();
        // Caddy keeps the connection.
        let mut some = [0; 4096];
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
            let read = stream.read(&mut some).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&some[..read]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// What in the proxy's directory tells of the visitor.
    fn traces(&self, marker: &Marker) -> Vec<String> {
        let mut found = hits(&self.dir, &[], marker);
        for text in [AGENT, "10.0.0.1", "/s/skriv"] {
            found.extend(hits(&self.dir, &[], &Marker::plain(text)));
        }
        found.extend(self.nameless(marker));
        found
    }

    /// Files without a name that the proxy's processes hold open: nginx takes the name from its temporary files at once,
    /// and their bytes are on the disk all the same.
    fn nameless(&self, marker: &Marker) -> Vec<String> {
        let id = self.pid();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let ids = children.split_whitespace().map(str::to_owned).chain([id.to_string()]);
        let open = ids.flat_map(|id| fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten().flatten());
        let hit = open.filter(|file| {
            let target = fs::read_link(file.path()).unwrap_or_default();
            target.starts_with(&self.dir) && fs::read(file.path()).is_ok_and(|bytes| marker.found_in(&bytes).is_some())
        });
        hit.map(|file| format!("in {:?}", fs::read_link(file.path()))).collect()
    }
}

/// The same request, at the site's own name.
fn as_host(request: &[u8]) -> Vec<u8> {
    let text = b"Host: 127.0.0.1:8080";
    let at = request.windows(text.len()).position(|window| window == text).unwrap();
    [&request[..at], b"Host: ", SITE.as_bytes(), &request[at + text.len()..]].concat()
}

fn film(world: &World) -> Form {
    let content = [world.marker.text.as_bytes(), &vec![b'x'; 1_000_000]].concat();
    world.marked_form().file("vedlegg", "film.mp4", &content)
}

fn world() -> World {
    World::with(Options {
        change: behind_a_proxy,
        ..Options::default()
    })
}

/// Bytes of files that have come through to the server, which keeps them sealed and without a name.
fn drafted(world: &World) -> u64 {
    let open = fs::read_dir(format!("/proc/{}/fd", world.pid())).unwrap().flatten();
    let drafts = open.filter(|file| {
        fs::read_link(file.path()).is_ok_and(|target| target.starts_with(world.root().join("spool/draft")))
    });
    drafts
        .filter_map(|file| Some(fs::metadata(file.path()).ok()?.len()))
        .sum()
}

/// A letter arrives, nothing stays, and the proxy is believed about addresses.
fn passes_and_leaves_nothing(world: &World, proxy: &Proxy) {
    for turn in 1..=3 {
        let answer = proxy.send(film(world), || {
            world.until("the first part", || drafted(world) > 400_000);
            assert_eq!(proxy.traces(&world.marker), Vec::<String>::new(), "while it flows");
        });
        assert!(
            answer.starts_with("HTTP/1.1 303") && answer.contains("/kvittering/"),
            "{turn}: {answer}"
        );
        assert!(
            answer
                .to_lowercase()
                .contains("strict-transport-security: max-age=63072000"),
            "{answer}"
        );
    }
    world.sink.wait_for(3);
    // All came from one machine, so what it says of itself in the head changes nothing.
    let forged = proxy.send(film(world).header("X-Forwarded-For", "198.51.100.9"), || {});
    assert!(forged.to_lowercase().contains("retry-after: 600"), "{forged}");
    assert_eq!(proxy.traces(&world.marker), Vec::<String>::new());
}

#[test]
#[ignore = "needs nginx, and root for a network namespace"]
fn nginx_leaves_nothing() {
    if !inside("proxies::nginx_leaves_nothing", 1) {
        return;
    }
    let world = world();
    let proxy = Proxy::nginx(
        world.root(),
        &world.root().join("nginx"),
        &shipped("nginx.conf", world.root()),
    );
    passes_and_leaves_nothing(&world, &proxy);
    drop(proxy);

    // The control: a stock nginx writes what is sent, and who sent it.
    let elsewhere = tempfile::tempdir().unwrap();
    let root = world.root().join("tls");
    let stock = format!(
        "server {{ listen 443 ssl; server_name {SITE}; client_max_body_size 0; ssl_certificate {0}/chain.pem;\n\
         ssl_certificate_key {0}/key.pem; location / {{ proxy_pass http://127.0.0.1:8080; }} }}",
        root.display()
    );
    let proxy = Proxy::nginx(world.root(), &elsewhere.path().join("nginx"), &stock);
    proxy.send(film(&world), || {
        world.until("a body that a stock nginx spools", || {
            !proxy.nameless(&world.marker).is_empty()
        });
    });
    // It is written after the answer, of which only the head was waited for.
    world.until("the log of the stock nginx", || {
        let log = fs::read_to_string(proxy.dir.join("access.log")).unwrap();
        log.contains(AGENT) && log.contains("/nn/s/skriv")
    });
}

#[test]
#[ignore = "needs caddy, and root for a network namespace"]
fn caddy_leaves_nothing() {
    if !inside("proxies::caddy_leaves_nothing", 1) {
        return;
    }
    let world = world();
    let site = shipped("Caddyfile", world.root());
    let proxy = Proxy::caddy(&world.root().join("caddy"), &site);
    passes_and_leaves_nothing(&world, &proxy);
    drop(proxy);

    // The control: with a log, the visitor is in it.
    let elsewhere = tempfile::tempdir().unwrap();
    let logging = site.replace(
        "reverse_proxy",
        "log {\n\t\toutput file access.log\n\t}\n\treverse_proxy",
    );
    let proxy = Proxy::caddy(&elsewhere.path().join("caddy"), &logging);
    proxy.send(film(&world), || {});
    world.until("the log of a Caddy that tells of visitors", || {
        !proxy.traces(&world.marker).is_empty()
    });
}

/// A proxy of this machine that is not named: all visitors count for this machine, which nothing limits.
#[test]
#[ignore = "needs nginx, and root for a network namespace"]
fn check_sees_a_proxy_that_is_not_named() {
    if !inside("proxies::check_sees_a_proxy_that_is_not_named", 1) {
        return;
    }
    let world = world();
    let said = || String::from_utf8(world.konvolutt(&["check"]).stdout).unwrap();
    let unnamed = "is not named";
    let site = shipped("nginx.conf", world.root());
    let proxy = Proxy::nginx(world.root(), &world.root().join("nginx"), &site);
    assert!(!said().contains(unnamed), "it is named: {}", said());
    let named = "trusted_proxies = [\"127.0.0.1\"]\n";
    world.authority.edit("konvolutt.toml", named, "");
    let told = said();
    assert!(told.contains("nginx of this machine") && told.contains("443"), "{told}");
    assert!(told.contains(unnamed) && told.contains(named.trim()), "{told}");
    drop(proxy);
    // The control: without the proxy nobody comes from there.
    assert!(!said().contains(unnamed), "{}", said());
}
