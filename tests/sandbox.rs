//! What a process of each role cannot do, tried from every kind of thread, and what it must still be able to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Authority, Options, Way, World, example, run};

/// An authority whose mail server has a password, and an address instead of a name.
pub fn authority(dir: &Path) -> Authority {
    let authority = Authority::new(dir);
    fs::create_dir(dir.join("mail")).unwrap();
    fs::write(dir.join("mail/password"), "løyndom").unwrap();
    authority.write_config(&Way::Smtp(
        "[mail.smtp]\nhost = \"127.0.0.1\"\nport = 2525\nsecurity = \"implicit\"\nuser = \"relay\"\npassword_file = \"mail/password\"\n"
            .to_owned(),
    ));
    authority
}

/// Puts a certificate into the folder of the mail password, and leaves a link.
pub fn beside_the_password(authority: &Authority) {
    let (kept, moved) = (
        authority.root.join("keys/daily.cert.asc"),
        authority.root.join("mail/daily.cert.asc"),
    );
    fs::rename(&kept, &moved).unwrap();
    std::os::unix::fs::symlink(moved, kept).unwrap();
}

/// Act and thread to what came of it. `before` is loaded before the C library.
fn tried(role: &str, how: &str, before: Option<&Path>) -> BTreeMap<(String, String, String), String> {
    let dir = tempfile::tempdir().unwrap();
    tried_at(&authority(dir.path()), role, how, before)
}

fn tried_at(
    authority: &Authority,
    role: &str,
    how: &str,
    before: Option<&Path>,
) -> BTreeMap<(String, String, String), String> {
    let mut probe = Command::new(example("probe"));
    probe.envs(before.map(|before| ("LD_PRELOAD", before)));
    let told = run(probe.arg(authority.config()).args([role, how]));
    let lines = told.lines().map(|line| {
        let words: Vec<&str> = line.split('\t').collect();
        let [kind, act, thread, came] = words[..].try_into().unwrap();
        ((kind.to_owned(), act.to_owned(), thread.to_owned()), came.to_owned())
    });
    lines.collect()
}

fn holds(role: &str, least: usize, before: Option<&Path>) {
    let (free, shut) = (tried(role, "free", before), tried(role, "shut", before));
    assert_eq!(free.keys().collect::<Vec<_>>(), shut.keys().collect::<Vec<_>>());
    let wrong = |told: &BTreeMap<(String, String, String), String>, wanted: fn(&str) -> &'static str| {
        let wrong = told.iter().filter(|((kind, ..), came)| wanted(kind) != came.as_str());
        wrong.map(|(act, came)| format!("{act:?}: {came}")).collect::<Vec<_>>()
    };
    assert_eq!(
        wrong(&free, |_| "done"),
        Vec::<String>::new(),
        "{role} without the sandbox"
    );
    let wanted = |kind: &str| if kind == "needed" { "done" } else { "refused" };
    assert_eq!(wrong(&shut, wanted), Vec::<String>::new(), "{role} in the sandbox");
    let forbidden = shut.keys().filter(|(kind, ..)| kind == "forbidden").count();
    assert!(forbidden >= least * 2, "{forbidden}");
}

#[test]
#[ignore = "needs root"]
fn the_web_role_is_powerless() {
    holds("web", 59, None);
}

#[test]
#[ignore = "needs root"]
fn the_relay_can_only_deliver() {
    holds("relay", 47, None);
}

/// Landlock of Linux 6.7 to 6.11 rules no signals: then the filter of system calls alone must hold all of it.
#[test]
#[ignore = "needs root and a C compiler"]
fn on_an_older_kernel_the_filter_keeps_the_roles_apart() {
    let dir = tempfile::tempdir().unwrap();
    let older = older_kernel(dir.path());
    holds("web", 59, Some(&older));
    holds("relay", 47, Some(&older));
}

/// `check` says what such a kernel lacks, and says nothing of it about this one.
#[test]
#[ignore = "needs a kernel with Landlock 6 and a C compiler"]
fn what_an_older_kernel_lacks_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (authority, older) = (authority(dir.path()), older_kernel(dir.path()));
    let told = |before: Option<&Path>| {
        let mut check = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        check.args(["check", "--config"]).arg(authority.config());
        check.envs(before.map(|before| ("LD_PRELOAD", before)));
        String::from_utf8(check.output().unwrap().stdout).unwrap()
    };
    let lack = "The sandbox is weak here: only the filter of system calls holds signals";
    let (new, old) = (told(None), told(Some(&older)));
    assert!(
        new.contains("✓ the sandbox of this kernel") && !new.contains(lack),
        "{new}"
    );
    assert!(old.contains(lack) && old.contains("(Linux 6.12)"), "{old}");
    assert!(!old.contains("the sandbox of this kernel"), "{old}");
}

/// The folder of a certificate holds the mail password, by way of a link: the certificate is read, and nothing beside it.
#[test]
#[ignore = "needs root"]
fn a_certificate_beside_a_secret_opens_only_itself() {
    let dir = tempfile::tempdir().unwrap();
    let authority = authority(dir.path());
    beside_the_password(&authority);
    let came = |how: &str, act: &str| {
        let tried = tried_at(&authority, "web", how, None);
        let of_act = tried.into_iter().filter(|((_, name, _), _)| name == act);
        of_act.map(|(_, came)| came).collect::<Vec<_>>()
    };
    let (certificate, password) = ("read a certificate", "read the mail password");
    // The control: were the folder open, so would be the password.
    assert_eq!(came("folder", password), ["done", "done"]);
    assert_eq!(came("shut", password), ["refused", "refused"]);
    assert_eq!(came("shut", certificate), ["done", "done"]);
}

/// A library by which programs see a kernel with version 4 of Landlock.
fn older_kernel(dir: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/older_kernel.c");
    let library = dir.join("older_kernel.so");
    let mut compiler = Command::new("cc");
    compiler
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(source);
    assert!(compiler.status().unwrap().success());
    library
}

/// The web role has no handle on the locks that the relay takes; it could keep the relay waiting with one. The relay has
/// one of its own, which is the control.
#[test]
fn the_web_role_keeps_no_handle_on_a_lock() {
    let world = World::with(Options {
        apart: true,
        ..Options::default()
    });
    let held = |pid: u32| {
        let handles = fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
        let files = handles.filter_map(|handle| fs::read_link(handle.unwrap().path()).ok());
        files
            .filter(|file| file.extension().is_some_and(|end| end == "lock"))
            .count()
    };
    let (web, relay) = (world.pid(), world.relay_pid());
    world.until("the relay's lock", || held(relay) == 1);
    assert_eq!(held(web), 0);
}

/// Neither side opens a file that is the other's business, not even while it reads the configuration.
#[test]
#[ignore = "needs strace"]
fn each_role_opens_only_its_own_files() {
    let dir = tempfile::tempdir().unwrap();
    let authority = authority(dir.path());
    let opened = |role: &str, last: &str| {
        let log = dir.path().join(format!("{role}.strace"));
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-e", "trace=openat,open", "-o"]).arg(&log);
        strace.arg(env!("CARGO_BIN_EXE_konvolutt"));
        let out = fs::File::create(dir.path().join(format!("{role}.out"))).unwrap();
        strace
            .args(["serve", "--role", role, "--config"])
            .arg(authority.config());
        let mut traced = strace.stdout(out.try_clone().unwrap()).stderr(out).spawn().unwrap();
        // Long enough to start and to try the mail server once.
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        let opens = |path: &str| fs::read_to_string(&log).unwrap_or_default().contains(path);
        while !(opens("spool/new") && opens(last)) && std::time::Instant::now() < end {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        std::thread::sleep(std::time::Duration::from_secs(1));
        let server: u32 = children(traced.id());
        rustix::process::kill_process(
            rustix::process::Pid::from_raw(server.try_into().unwrap()).unwrap(),
            rustix::process::Signal::TERM,
        )
        .unwrap();
        traced.wait().unwrap();
        fs::read_to_string(log).unwrap()
    };
    let (web, relay) = (opened("web", "secret/relay.key.asc"), opened("relay", "mail/password"));
    for (of_web, path) in [
        (true, "forms/krisesenter.toml"),
        (true, "keys/daily.cert.asc"),
        (true, "secret/relay.key.asc"),
        (false, "mail/password"),
    ] {
        let path = dir.path().join(path).display().to_string();
        assert_eq!(web.contains(&path), of_web, "web and {path}");
        assert_eq!(relay.contains(&path), !of_web, "relay and {path}");
    }
}

/// The one child of a process.
fn children(pid: u32) -> u32 {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// What `Type=notify` and `WatchdogSec=` need comes out of the sandbox.
#[test]
fn systemd_hears_that_it_runs_lives_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notify");
    let systemd = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    systemd
        .set_read_timeout(Some(std::time::Duration::from_secs(60)))
        .unwrap();
    let hear = || {
        let mut word = [0; 64];
        let length = systemd.recv(&mut word).unwrap();
        // Below stands a line for people.
        let said = String::from_utf8_lossy(&word[..length]);
        said.lines().next().unwrap_or_default().to_owned()
    };
    let variable = format!("NOTIFY_SOCKET={}", path.display());
    let mut world = World::with(Options {
        // Two processes would talk at once.
        apart: false,
        launcher: ["env", &variable, "WATCHDOG_USEC=300000"].map(str::to_owned).into(),
        ..Options::default()
    });
    assert_eq!([hear(), hear(), hear()], ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]);
    // Its last word comes although nobody listened for so long that no further word found room (net.unix.max_dgram_qlen,
    // ten unless somebody set it).
    std::thread::sleep(std::time::Duration::from_secs(2));
    world.signal(rustix::process::Signal::TERM);
    std::thread::sleep(std::time::Duration::from_millis(300));
    while hear() != "STOPPING=1" {}
    assert_eq!(world.terminate(), Some(0));
}

/// A certificate that is replaced by renaming, as programs that renew do, is read inside the sandbox.
#[test]
fn a_certificate_that_is_renamed_into_place_is_read() {
    let world = World::new();
    // Read once before it goes away.
    assert_eq!(world.get("/nn/s/skriv").status, 200);
    let (daily, aside) = (
        world.root().join("keys/daily.cert.asc"),
        world.root().join("keys/aside"),
    );
    fs::rename(&daily, &aside).unwrap();
    fs::write(&daily, "no certificate").unwrap();
    world.until("an alarm", || {
        world.get("/nn/s/skriv").status == 200 && world.log().contains("daily.cert.asc")
    });
    fs::rename(&aside, &daily).unwrap();
    world.until("the end of the alarm", || {
        world.get("/nn/s/skriv").status == 200 && !world.root().join("spool/alarms/certificate-postmottak").exists()
    });
}
