//! nginx and Caddy in front, with the files of `packaging/`: what somebody writes passes through and leaves nothing.

use std::fs;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::{AGENT, Authority, Form, Marker, Options, World, hits, inside, tls_stream, write_identity};

const NAME: &str = "skjema.example.no";

fn behind_a_proxy(authority: &Authority) {
    write_identity(&authority.root, NAME);
    authority.edit(
        "konvolutt.toml",
        "address = \"127.0.0.1:0\"\n",
        "address = \"127.0.0.1:8080\"\ntrusted_proxies = [\"127.0.0.1\"]\n[limits]\npages_per_prefix = 3\n",
    );
}

fn shipped(file: &str, root: &Path) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(file)).unwrap();
    text.replace(
        "/etc/konvolutt/tls/fullchain.pem",
        &root.join("tls/chain.pem").display().to_string(),
    )
    .replace(
        "/etc/konvolutt/tls/key.pem",
        &root.join("tls/key.pem").display().to_string(),
    )
}

/// A proxy with its own directory.
struct Proxy {
    dir: PathBuf,
    process: Child,
    root: String,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Both end their workers at SIGTERM.
        let pid = rustix::process::Pid::from_child(&self.process);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.process.wait();
    }
}

impl Proxy {
    fn start(dir: &Path, command: &mut Command) -> Self {
        let log = fs::File::create(dir.join("printed.log")).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let process = command
            .current_dir(dir)
            .env("HOME", dir)
            .env("XDG_DATA_HOME", dir)
            .spawn()
            .unwrap();
        let root = String::new();
        let proxy = Self {
            dir: dir.to_owned(),
            process,
            root,
        };
        let address = SocketAddr::from(([10, 0, 0, 1], 443));
        let end = std::time::Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(address).is_err() {
            let said = fs::read_to_string(dir.join("printed.log")).unwrap_or_default();
            assert!(std::time::Instant::now() < end, "the proxy did not start: {said}");
            std::thread::sleep(Duration::from_millis(50));
        }
        proxy
    }

    fn nginx(root: &Path, dir: &Path, site: &str) -> Self {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join("site.conf"), site).unwrap();
        let temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {}/{kind}_temp;\n", dir.display()))
            .concat();
        let main = format!(
            "daemon off;\nuser root;\npid {0}/nginx.pid;\nerror_log {0}/error.log;\nevents {{}}\nhttp {{\n{temp}\
             access_log {0}/access.log;\ninclude {0}/site.conf;\n}}\n",
            dir.display()
        );
        fs::write(dir.join("nginx.conf"), main).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(dir).arg("-c").arg(dir.join("nginx.conf"));
        let mut proxy = Self::start(dir, &mut command);
        proxy.root = fs::read_to_string(root.join("tls/chain.pem")).unwrap();
        proxy
    }

    /// Caddy gets its certificates from the net; here it makes its own. Nothing else of the file is changed.
    fn caddy(dir: &Path, site: &str) -> Self {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join("Caddyfile"), site).unwrap();
        let adapted = Command::new("caddy")
            .args(["adapt", "--config"])
            .arg(dir.join("Caddyfile"))
            .output()
            .unwrap();
        assert!(adapted.status.success(), "{adapted:?}");
        let mut config: serde_json::Value = serde_json::from_slice(&adapted.stdout).unwrap();
        config["apps"]["tls"]["automation"]["policies"] = serde_json::json!([{"issuers": [{"module": "internal"}]}]);
        config["apps"]["pki"]["certificate_authorities"]["local"]["install_trust"] = false.into();
        config["admin"]["disabled"] = true.into();
        fs::write(dir.join("caddy.json"), config.to_string()).unwrap();
        let mut proxy = Self::start(dir, Command::new("caddy").args(["run", "--config", "caddy.json"]));
        let authority = dir.join("caddy/pki/authorities/local/root.crt");
        proxy.root = fs::read_to_string(authority).unwrap();
        proxy
    }

    /// A letter with the marker through the proxy, in two parts. Between them `look` may wait for the first and look around.
    fn send(&self, form: Form, look: impl FnOnce()) -> String {
        let request = form
            .without_header("Sec-Fetch-Site")
            .header("Origin", &format!("https://{NAME}"))
            .bytes();
        let request = as_host(&request);
        let mut stream = tls_stream(SocketAddr::from(([10, 0, 0, 1], 443)), NAME, &self.root, &[]).unwrap();
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
        let id = self.process.id();
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
    [&request[..at], b"Host: ", NAME.as_bytes(), &request[at + text.len()..]].concat()
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
        "server {{ listen 443 ssl; server_name {NAME}; client_max_body_size 0; ssl_certificate {0}/chain.pem;\n\
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
