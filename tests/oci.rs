//! The image: from nothing, run by a real runtime with the folders that the guide mounts, and the same bytes from another folder.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Authority, Way, exchange, make, patient, postrom, run, until};

const MUSL: &str = "x86_64-unknown-linux-musl";
const CONFIG: &str = "/etc/konvolutt/konvolutt.toml";
const BUILT: &str = "target/tested/package";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The image's archive, by the script that a release is made with, of a server as it stands now.
fn archive() -> &'static PathBuf {
    static DONE: OnceLock<PathBuf> = OnceLock::new();
    DONE.get_or_init(|| {
        let out = root().join("target/tested");
        let version = env!("CARGO_PKG_VERSION");
        // The image takes the static server that lies there.
        let _ = fs::remove_file(out.join(format!("dist/konvolutt-{version}-{MUSL}.tar.gz")));
        make(&out, &["oci"], &[("KONVOLUTT_PROFILE", "quick")]);
        out.join(format!("dist/konvolutt-{version}-oci.tar"))
    })
}

/// A container of the image. Its network is this machine's, as a proxy on it would need.
struct Container {
    dir: tempfile::TempDir,
    id: String,
    running: Option<Child>,
}

impl Container {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (layout, bundle) = (dir.path().join("layout"), dir.path().join("bundle"));
        fs::create_dir(&layout).unwrap();
        run(Command::new("tar").arg("-xf").arg(archive()).arg("-C").arg(&layout));
        let image = format!("{}:{}", layout.display(), env!("CARGO_PKG_VERSION"));
        run(Command::new("umoci").args(["unpack", "--image", &image]).arg(&bundle));
        let id = format!("konvolutt-test-{}", std::process::id());
        let container = Self { dir, id, running: None };
        container.mount();
        container
    }

    fn bundle(&self) -> PathBuf {
        self.dir.path().join("bundle")
    }

    /// The configuration, for reading, and the store.
    fn mount(&self) {
        let file = self.bundle().join("config.json");
        let mut config: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let bind = |inside: &str, of: &str, mode: &str| {
            let source = self.dir.path().join(of);
            fs::create_dir_all(&source).unwrap();
            json!({"destination": inside, "source": source, "type": "none", "options": ["rbind", mode]})
        };
        // The image names them as volumes; whoever mounts nothing gets an empty one.
        let mounts = config["mounts"].as_array_mut().unwrap();
        mounts.retain(|mount| !mount["destination"].as_str().unwrap().contains("konvolutt"));
        mounts.push(bind("/etc/konvolutt", "etc", "ro"));
        mounts.push(bind("/var/lib/konvolutt", "var", "rw"));
        config["process"]["terminal"] = json!(false);
        let namespaces = config["linux"]["namespaces"].as_array_mut().unwrap();
        namespaces.retain(|namespace| namespace["type"] != "network");
        fs::write(file, config.to_string()).unwrap();
    }

    fn runc(&self) -> Command {
        let mut runc = Command::new("runc");
        runc.arg("--root").arg(self.dir.path().join("state"));
        runc
    }

    fn start(&mut self) {
        let log = fs::File::create(self.dir.path().join("log")).unwrap();
        let mut runc = self.runc();
        runc.arg("run").arg("--bundle").arg(self.bundle()).arg(&self.id);
        runc.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.running = Some(runc.spawn().unwrap());
    }

    fn wait_until_ready(&mut self) {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.log().contains("ready") {
            let ended = self.running.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < end, "{ended:?}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    /// Runs the program inside once more.
    fn exec(&self, words: &[&str]) -> Output {
        let mut runc = self.runc();
        runc.args(["exec", &self.id, "/usr/bin/konvolutt"]).args(words);
        runc.output().unwrap()
    }

    /// As a runtime stops it: by the signal that the image names.
    fn stop(&mut self) -> Option<i32> {
        run(self.runc().args(["kill", &self.id, "TERM"]));
        let ended = self.running.take().unwrap().wait().unwrap();
        assert_eq!(ended.signal(), None);
        ended.code()
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.runc().args(["delete", "--force", &self.id]).output();
        if let Some(mut running) = self.running.take() {
            let _ = running.kill();
            let _ = running.wait();
        }
    }
}

/// What an operator mounts.
fn authority(dir: &Path, address: SocketAddr) -> Authority {
    let authority = Authority::new(&dir.join("etc"));
    authority.write_config(&Way::Maildir);
    authority.edit("konvolutt.toml", "127.0.0.1:0", &address.to_string());
    authority.edit("konvolutt.toml", "\"spool\"", "\"/var/lib/konvolutt/spool\"");
    authority.edit(
        "konvolutt.toml",
        "\"postmottak\"\n",
        "\"/var/lib/konvolutt/postmottak\"\n",
    );
    // The image's user, whom this machine does not have.
    for own in ["etc/secret", "var"] {
        run(Command::new("chown").args(["-R", "10001:10001"]).arg(dir.join(own)));
    }
    authority
}

#[test]
#[ignore = "needs root, umoci, runc, and a build for musl"]
fn the_image_takes_a_letter_and_delivers_it() {
    let mut container = Container::new();
    let rootfs = container.bundle().join("rootfs");
    // From nothing: no shell, no library, one program.
    let programs: Vec<_> = fs::read_dir(rootfs.join("usr/bin")).unwrap().flatten().collect();
    assert_eq!(programs.len(), 1);
    for absent in ["bin", "lib", "lib64", "usr/lib"] {
        assert!(!rootfs.join(absent).exists(), "{absent}");
    }
    assert!(rootfs.join("etc/ssl/certs/ca-certificates.crt").exists());
    assert!(rootfs.join("usr/share/doc/konvolutt/THIRD-PARTY").exists());

    // Where no other test listens: a port that was given back at 127.0.0.1 may be another's by now.
    let port = TcpListener::bind("127.71.0.1:0").unwrap().local_addr().unwrap();
    let authority = authority(container.dir.path(), port);
    container.start();
    container.wait_until_ready();
    let request = format!("GET /nn/s/skriv HTTP/1.1\r\nHost: {port}\r\nConnection: close\r\n\r\n");
    assert_eq!(exchange(port, request.as_bytes()).status, 200, "{}", container.log());
    let user = container.exec(&["check", "--config", CONFIG]);
    assert!(user.status.success(), "{}", String::from_utf8_lossy(&user.stdout));
    let sent = container.exec(&["send-test", "--config", CONFIG]);
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    let mailbox = container.dir.path().join("var/postmottak");
    until("the test letter", || {
        fs::read_dir(mailbox.join("new")).is_ok_and(|mut mails| mails.next().is_some())
    });
    let mut open = postrom();
    open.current_dir(container.dir.path()).arg("open").arg(&mailbox);
    open.args(["--out", "opened", "--key", "etc/secret/daily.key.asc"]);
    open.arg("--relay").arg(authority.root.join("keys/relay.cert.asc"));
    let opened = run(&mut open);
    assert!(
        opened.contains("came through your form and was not changed"),
        "{opened}"
    );
    assert_eq!(container.stop(), Some(0), "{}", container.log());
}

/// Whoever builds a published source gets the published program (docs/release.md): Rust's part and what is in C.
#[test]
#[ignore = "needs two builds for musl"]
fn the_same_source_in_another_folder_is_the_same_program() {
    archive();
    let elsewhere = another_folder();
    // The folder of what is built is the same within the source, as it is when both follow the guide: a program names it.
    let mut build = patient(&elsewhere.join("packaging/cargo"));
    build.args(["auditable", "build", "--quiet", "--profile", "quick", "--target", MUSL]);
    build.args(["--package", "konvolutt", "--bin", "konvolutt", "--no-default-features"]);
    build
        .args(["--features", "crypto-rust,postgres", "--target-dir"])
        .arg(elsewhere.join(BUILT));
    build.env("CC_x86_64_unknown_linux_musl", "musl-gcc");
    build
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .env("SOURCE_DATE_EPOCH", moment());
    run(&mut build);
    let program = format!("{BUILT}/{MUSL}/quick/konvolutt");
    let (here, there) = (root().join(&program), elsewhere.join(&program));
    let (here, there) = (fs::read(here).unwrap(), fs::read(there).unwrap());
    assert!(here == there, "{} bytes here, {} there", here.len(), there.len());
    // The control: a build that nothing is done for names its folder.
    let ordinary = fs::read(env!("CARGO_BIN_EXE_konvolutt")).unwrap();
    assert!(memchr::memmem::find(&ordinary, root().to_str().unwrap().as_bytes()).is_some());
}

/// The moment that everything is dated by.
fn moment() -> String {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["log", "-1", "--format=%ct"]);
    run(&mut git).trim().to_owned()
}

/// Every file of this source as it stands, changes included, laid into another folder. What was built there before stays.
fn another_folder() -> PathBuf {
    let folder = root().join("target/another folder, with a longer name");
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name() != "target")
    {
        let is_folder = entry.file_type().unwrap().is_dir();
        let removed = if is_folder {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        removed.unwrap();
    }
    let script = "git ls-files --cached --others --exclude-standard -z | \
                  while IFS= read -r -d '' file; do [ ! -e \"$file\" ] || printf '%s\\0' \"$file\"; done | \
                  xargs -0 cp --parents --preserve=mode,timestamps --no-dereference -t \"$0\"";
    run(Command::new("bash")
        .current_dir(root())
        .args(["-ec", script])
        .arg(&folder));
    folder
}
