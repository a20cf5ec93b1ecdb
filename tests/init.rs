//! `konvolutt init`: from five answers to a configuration that works.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use postrom::{KeyProfile, generate};

use crate::console::Console;
use crate::support::{KONVOLUTT, postrom, write_identity};

const MAILBOX: &str = "postmottak@authority.example";
const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// A post room that has made its keys, and the place of an operator.
struct Scene {
    dir: tempfile::TempDir,
    daily: String,
    recovery: String,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = |role: &str| {
            let new = generate(KeyProfile::Compat, &format!("Postmottak {role}"), MAILBOX, YEAR, None).unwrap();
            fs::write(dir.path().join(format!("{role}.cert.asc")), &new.certificate).unwrap();
            fs::write(dir.path().join(format!("{role}.key.asc")), &new.key).unwrap();
            new.cert.fingerprint().to_hex()
        };
        let (daily, recovery) = (key("daily"), key("recovery"));
        fs::create_dir(dir.path().join("post")).unwrap();
        fs::write(dir.path().join("password"), "hemmeleg\nsecond line\n").unwrap();
        let ca = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
        fs::write(dir.path().join("ca.pem"), ca.cert.pem()).unwrap();
        Self { dir, daily, recovery }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// All that is asked, each flag with its value; `{dir}` is the scene's own.
    fn flags(&self) -> Vec<(&'static str, String)> {
        let path = |name| self.path(name).display().to_string();
        vec![
            ("--dir", path("etc")),
            ("--name", "Etaten for \"prøving\" \\ og slikt".into()),
            ("--name-nn", "Etaten på nynorsk".into()),
            ("--host", "Skjema.Authority.example".into()),
            ("--maildir", path("post")),
            ("--mailbox", MAILBOX.into()),
            ("--daily", path("daily.cert.asc")),
            ("--recovery", path("recovery.cert.asc")),
            ("--fingerprint", self.daily.to_lowercase()),
            ("--fingerprint", self.recovery.clone()),
        ]
    }

    /// The command as somebody without a terminal gives it.
    fn command(&self, flags: &[(&str, String)]) -> Command {
        let mut command = Command::new(KONVOLUTT);
        command.arg("init").args(who()).stdin(Stdio::null());
        for (flag, value) in flags {
            command.args([*flag, value]);
        }
        command
    }

    fn init(&self, flags: &[(&str, String)]) -> Output {
        self.command(flags).output().unwrap()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
}

/// As root the files are given to a user that every machine has.
fn who() -> &'static [&'static str] {
    let is_root = rustix::process::geteuid().is_root();
    if is_root { &["--user", "root"] } else { &[] }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn without<'a>(flags: &[(&'a str, String)], left_out: &str) -> Vec<(&'a str, String)> {
    let kept = flags.iter().filter(|(flag, _)| *flag != left_out);
    kept.cloned().collect()
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

/// Everything below a folder, by its path.
fn tree(folder: &Path) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            all.extend(tree(&entry.path()));
        }
        all.insert(entry.path());
    }
    all
}

#[test]
fn flags_are_enough_and_the_configuration_passes_check() {
    let scene = Scene::new();
    let output = scene.init(&scene.flags());
    let told = said(&output);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("problems: 0"), "{told}");
    for (file, wanted) in [
        ("etc/secret", 0o700),
        ("etc/secret/relay.key.asc", 0o600),
        ("etc/keys", 0o755),
        ("etc/keys/daily.cert.asc", 0o644),
        ("etc/keys/relay.cert.asc", 0o644),
        ("etc/konvolutt.toml", 0o644),
    ] {
        assert_eq!(mode(&scene.path(file)), wanted, "{file}");
    }
    // Shown in groups of four before it was pinned.
    let groups: Vec<_> = scene.daily.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    assert!(told.contains(&groups.join(" ")), "{told}");
    assert!(scene.file("etc/konvolutt.toml").contains(&groups.join(" ")));
    assert!(told.contains("write that day into it as `checked`"), "{told}");
    // No word of the example's authority.
    for file in ["etc/konvolutt.toml", "etc/forms/post.toml"] {
        let text = scene.file(file);
        for foreign in ["Nordland", "Bodø", "fylkesmannen", "County Governor"] {
            assert!(!text.contains(foreign), "{file} has {foreign}");
        }
        assert!(text.contains("Etaten på nynorsk"), "{file}");
    }
}

/// The whole way: what was made takes a test letter, and the post room opens it.
#[test]
fn a_letter_goes_through_what_was_made() {
    let scene = Scene::new();
    assert!(scene.init(&scene.flags()).status.success());
    let mut send = Command::new(KONVOLUTT);
    send.args(["send-test", "--config"])
        .arg(scene.path("etc/konvolutt.toml"));
    let sent = send.output().unwrap();
    assert!(sent.status.success(), "{}", said(&sent));
    let mut open = postrom();
    open.current_dir(scene.dir.path())
        .args(["open", "post", "--out", "opened"]);
    open.args(["--key", "daily.key.asc", "--known", "recovery.cert.asc"]);
    open.args(["--relay", "etc/keys/relay.cert.asc"]);
    let opened = open.output().unwrap();
    assert!(
        opened.status.success() && said(&opened).contains("came through your form and was not changed"),
        "{}",
        said(&opened)
    );
}

#[test]
fn the_password_comes_from_a_file_and_goes_into_one() {
    let scene = Scene::new();
    let mut flags = without(&scene.flags(), "--maildir");
    flags.push(("--mail-host", "localhost".into()));
    flags.push(("--mail-user", "skjema@authority.example".into()));
    flags.push(("--mail-ca-file", scene.path("ca.pem").display().to_string()));
    let lacks = scene.init(&flags);
    assert_eq!(lacks.status.code(), Some(2), "{}", said(&lacks));
    assert!(said(&lacks).contains("--password-file"), "{}", said(&lacks));
    flags.push(("--password-file", scene.path("password").display().to_string()));
    let output = scene.init(&flags);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(scene.file("etc/secret/smtp-password"), "hemmeleg");
    assert_eq!(mode(&scene.path("etc/secret/smtp-password")), 0o600);
    assert!(!said(&output).contains("hemmeleg"));
    // The account is an address, and the only one that may send as itself.
    let text = scene.file("etc/konvolutt.toml");
    assert!(text.contains("from_address = \"skjema@authority.example\""), "{text}");
}

#[test]
fn what_is_missing_is_named() {
    let scene = Scene::new();
    for (flag, _) in scene.flags().iter().skip(1).filter(|(flag, _)| *flag != "--name-nn") {
        let output = scene.init(&without(&scene.flags(), flag));
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(
            said(&output).contains(&format!("{flag} ")) || said(&output).contains(&format!("{flag};")),
            "{}",
            said(&output)
        );
        assert!(!scene.path("etc").exists());
    }
}

#[test]
fn a_fingerprint_that_nobody_read_out_pins_nothing() {
    let scene = Scene::new();
    let (daily, recovery) = (scene.daily.clone(), scene.recovery.clone());
    let short = daily[24..].to_owned();
    for given in [
        vec![daily.clone()],
        vec![daily.clone(), daily.clone()],
        vec![short, recovery.clone()],
        vec![daily.clone(), recovery.clone(), "0".repeat(40)],
    ] {
        let mut flags = without(&scene.flags(), "--fingerprint");
        flags.extend(given.iter().map(|one| ("--fingerprint", one.clone())));
        let output = scene.init(&flags);
        assert_eq!(output.status.code(), Some(1), "{given:?}");
        assert!(said(&output).contains("nothing was written"), "{}", said(&output));
        assert!(!scene.path("etc").exists(), "{given:?}");
    }
    // The control, with blanks as people write them.
    let mut flags = without(&scene.flags(), "--fingerprint");
    flags.push(("--fingerprint", format!("{} {}", &daily[..20], &daily[20..])));
    flags.push(("--fingerprint", recovery));
    assert!(scene.init(&flags).status.success());
}

#[test]
fn the_certificate_of_the_site_is_copied_to_where_the_service_reads_it() {
    let scene = Scene::new();
    write_identity(&scene.path("renewed"), "skjema.authority.example");
    let path = |name: &str| scene.path(name).display().to_string();
    let flags = |folder: &str| {
        let mut flags = scene.flags();
        flags.push(("--tls-certificate", path(&format!("{folder}/chain.pem"))));
        flags.push(("--tls-key", path(&format!("{folder}/key.pem"))));
        flags
    };
    let output = scene.init(&flags("renewed/tls"));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(scene.file("etc/tls/fullchain.pem"), scene.file("renewed/tls/chain.pem"));
    assert_eq!(scene.file("etc/tls/key.pem"), scene.file("renewed/tls/key.pem"));
    let modes = ["etc/tls", "etc/tls/key.pem"].map(|file| mode(&scene.path(file)));
    assert_eq!(modes, [0o700, 0o600]);
    assert!(scene.file("etc/konvolutt.toml").contains("etc/tls/fullchain.pem"));

    // Files that lie there already are named and left as they are.
    fs::remove_dir_all(scene.path("etc")).unwrap();
    write_identity(&scene.path("etc"), "skjema.authority.example");
    let before = scene.file("etc/tls/key.pem");
    let output = scene.init(&flags("etc/tls"));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(scene.file("etc/tls/key.pem"), before);
    assert!(!scene.path("etc/tls/fullchain.pem").exists());
    assert!(scene.file("etc/konvolutt.toml").contains("etc/tls/chain.pem"));
}

#[test]
fn a_secret_key_of_the_post_room_is_refused() {
    let scene = Scene::new();
    let mut flags = without(&scene.flags(), "--daily");
    flags.push(("--daily", scene.path("daily.key.asc").display().to_string()));
    let output = scene.init(&flags);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("postrom keygen"), "{}", said(&output));
    assert!(!scene.path("etc").exists());
}

#[test]
fn a_second_run_says_what_is_there_and_changes_nothing() {
    let scene = Scene::new();
    // As a package leaves it: empty folders, and a file that is none of ours.
    fs::create_dir_all(scene.path("etc/secret")).unwrap();
    fs::create_dir_all(scene.path("etc/tls")).unwrap();
    fs::write(scene.path("etc/tls/key.pem"), "mine").unwrap();
    let first = scene.init(&scene.flags());
    assert!(first.status.success(), "{}", said(&first));
    assert_eq!(mode(&scene.path("etc/secret")), 0o700);
    let before = (tree(scene.dir.path()), scene.file("etc/konvolutt.toml"));
    let again = scene.init(&scene.flags());
    assert_eq!(again.status.code(), Some(1));
    assert!(
        said(&again).contains("forms, keys, secret, konvolutt.toml already"),
        "{}",
        said(&again)
    );
    assert_eq!((tree(scene.dir.path()), scene.file("etc/konvolutt.toml")), before);
    assert_eq!(scene.file("etc/tls/key.pem"), "mine");
}

/// What cannot be finished leaves nothing behind: here a file stands where a folder has to go.
#[test]
fn a_run_that_fails_leaves_no_half() {
    let scene = Scene::new();
    let blocked = scene.path("file");
    fs::write(&blocked, "").unwrap();
    let mut flags = without(&scene.flags(), "--dir");
    flags.push(("--dir", blocked.join("etc").display().to_string()));
    // A drop-in is gone again too.
    flags.push(("--behind-proxy", "127.0.0.1".into()));
    flags.push(("--systemd", "true".into()));
    fs::create_dir(scene.path("units")).unwrap();
    flags.push(("--units", scene.path("units").display().to_string()));
    let before = tree(scene.dir.path());
    let output = scene.init(&flags);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert_eq!(tree(scene.dir.path()), before);
}

#[test]
fn systemd_hands_over_sockets_and_secrets() {
    let scene = Scene::new();
    let mut flags = scene.flags();
    flags.push(("--systemd", "true".into()));
    let output = scene.init(&flags);
    assert!(output.status.success(), "{}", said(&output));
    let text = scene.file("etc/konvolutt.toml");
    assert!(text.contains("address = \"systemd:web\""), "{text}");
    assert!(
        text.contains("key = \"$CREDENTIALS_DIRECTORY/relay.key.asc\""),
        "{text}"
    );
    // Without TLS there is nothing to be sent on to.
    let start = "systemctl enable --now konvolutt-web.service konvolutt-relay.service";
    assert!(said(&output).contains(start), "{}", said(&output));
    assert!(!text.contains("redirect"), "{text}");
}

#[test]
fn with_tls_port_80_sends_browsers_on() {
    let scene = Scene::new();
    write_identity(&scene.path("tls"), "skjema.authority.example");
    let mut flags = scene.flags();
    flags.push((
        "--tls-certificate",
        scene.path("tls/tls/chain.pem").display().to_string(),
    ));
    flags.push(("--tls-key", scene.path("tls/tls/key.pem").display().to_string()));
    flags.push(("--systemd", "true".into()));
    let output = scene.init(&flags);
    assert!(output.status.success(), "{}", said(&output));
    let start = "systemctl enable --now konvolutt-redirect.socket konvolutt-web.service konvolutt-relay.service";
    assert!(said(&output).contains(start), "{}", said(&output));
    let text = scene.file("etc/konvolutt.toml");
    assert!(text.contains("redirect = \"systemd:redirect\""), "{text}");
    // Port 443 is what the units have.
    assert!(!said(&output).contains("konvolutt-init.conf"), "{}", said(&output));
}

#[test]
fn behind_a_proxy_systemd_listens_where_the_proxy_asks() {
    for (listen, told) in [
        (None, Some("127.0.0.1:8080")),
        (Some("127.0.0.1:9000"), Some("127.0.0.1:9000")),
        (Some("unix:/run/konvolutt/web.sock"), Some("/run/konvolutt/web.sock")),
        (Some("systemd:web"), None),
        (Some("localhost:8080"), None),
    ] {
        let scene = Scene::new();
        let mut flags = scene.flags();
        flags.push(("--behind-proxy", "127.0.0.1".into()));
        flags.push(("--systemd", "true".into()));
        flags.push(("--units", scene.path("units").display().to_string()));
        if let Some(listen) = listen {
            flags.push(("--listen", listen.into()));
        }
        let output = scene.init(&flags);
        let Some(told) = told else {
            assert_eq!(output.status.code(), Some(1), "{}", said(&output));
            assert!(said(&output).contains("--listen: "), "{}", said(&output));
            // Before anybody has answered a question for nothing.
            let unanswered = scene.init(&without(&flags, "--mailbox"));
            assert!(said(&unanswered).contains("--listen: "), "{}", said(&unanswered));
            assert!(!scene.path("etc").exists() && !scene.path("units").exists());
            continue;
        };
        assert!(output.status.success(), "{}", said(&output));
        let socket = scene.file("units/konvolutt-web.socket.d/konvolutt-init.conf");
        let expected = format!("[Socket]\nListenStream=\nListenStream={told}\n");
        assert!(socket.ends_with(&expected), "{socket}");
        // What lets systemd start a relay without a password, which may write into the post room's Maildir.
        let relay = scene.file("units/konvolutt-relay.service.d/konvolutt-init.conf");
        let maildir = format!("ReadWritePaths=\"-{}\"\n", scene.path("post").display());
        assert!(
            relay.contains("\nLoadCredential=\n") && relay.ends_with(&maildir),
            "{relay}"
        );
        let text = scene.file("etc/konvolutt.toml");
        assert!(text.contains("trusted_proxies = [\"127.0.0.1\"]"), "{text}");
        assert!(!said(&output).contains("redirect"), "{}", said(&output));

        // A drop-in of before would win over other answers.
        fs::rename(scene.path("etc"), scene.path("old")).unwrap();
        let again = scene.init(&without(&flags, "--behind-proxy"));
        assert_eq!(again.status.code(), Some(1), "{}", said(&again));
        assert!(
            said(&again).contains("konvolutt-init.conf is there already"),
            "{}",
            said(&again)
        );
        assert!(!scene.path("etc").exists());
    }
}

/// Whoever tries in another folder leaves the units alone, which look elsewhere.
#[test]
fn what_is_tried_elsewhere_touches_no_unit() {
    let scene = Scene::new();
    let mut flags = scene.flags();
    flags.push(("--behind-proxy", "127.0.0.1".into()));
    flags.push(("--systemd", "true".into()));
    let output = scene.init(&flags);
    assert!(output.status.success(), "{}", said(&output));
    assert!(!said(&output).contains("konvolutt-init.conf"), "{}", said(&output));
}

/// A folder that leads to the store is not the store.
#[test]
fn only_the_store_is_shut() {
    let scene = Scene::new();
    let mut flags = scene.flags();
    flags.push(("--spool", scene.path("srv/letters/store").display().to_string()));
    let output = scene.init(&flags);
    assert!(output.status.success(), "{}", said(&output));
    // Made by root for the service; for oneself it is made at the first start.
    if rustix::process::geteuid().is_root() {
        let modes = ["srv", "srv/letters", "srv/letters/store"].map(|name| mode(&scene.path(name)));
        assert_eq!(modes, [0o755, 0o755, 0o700]);
    }
}

#[test]
fn two_authorities_on_one_machine_have_nothing_in_common_on_disk() {
    let scene = Scene::new();
    let mut made = Vec::new();
    for (name, port) in [("nord", 8443), ("sor", 9443)] {
        let folder = format!("konvolutt@{name}");
        let mut flags = without(&scene.flags(), "--dir");
        let path = |name: &str| scene.path(name).display().to_string();
        flags.push(("--dir", path(&folder)));
        flags.push(("--instance", name.into()));
        flags.push(("--units", path("units")));
        flags.push(("--listen", format!("192.0.2.1:{port}")));
        flags.push(("--health", format!("127.0.0.1:{}", port + 100)));
        flags.push(("--systemd", "true".into()));
        let output = scene.init(&flags);
        assert!(output.status.success(), "{}", said(&output));
        let socket = scene.file(&format!("units/konvolutt-web@{name}.socket.d/konvolutt-init.conf"));
        assert!(socket.ends_with(&format!("[Socket]\nListenStream=\nListenStream=192.0.2.1:{port}\n")));
        let relay = scene.file(&format!("units/konvolutt-relay@{name}.service.d/konvolutt-init.conf"));
        assert!(relay.contains(&format!("KONVOLUTT_HEALTH=127.0.0.1:{}\n", port + 101)));
        made.push((folder.clone(), scene.file(&format!("{folder}/konvolutt.toml"))));
    }
    // Neither names a place of the other, and each has a signing key of its own.
    let [(one, first), (other, second)] = made.try_into().unwrap();
    assert!(first.contains(&format!("{one}/spool")) && !first.contains(&format!("/{other}")));
    assert!(second.contains(&format!("{other}/spool")) && !second.contains(&format!("/{one}")));
    let key = |folder: &str| scene.file(&format!("{folder}/secret/relay.key.asc"));
    assert_ne!(key(&one), key(&other));
}

#[test]
fn at_a_terminal_it_asks_five_questions_and_pins_what_a_person_confirms() {
    for (typed_last, confirmed) in [(None, true), (Some("0000"), false)] {
        let scene = Scene::new();
        let line = format!(
            "{KONVOLUTT} init {} --dir etc --mail-ca-file ca.pem --mail-host localhost --mail-user u; echo rc=$?",
            who().join(" ")
        );
        let mut console = Console::run(&format!("cd {} && {line}", scene.dir.path().display()));
        let recovery = typed_last.unwrap_or(&scene.recovery[36..]).to_lowercase();
        for (question, answer) in [
            ("in bokmål: ", "Etaten"),
            ("in nynorsk [Etaten]: ", ""),
            ("in English [Etaten]: ", "The Authority"),
            ("as people write it: ", "https://feil"),
            ("as people write it: ", "skjema.authority.example"),
            ("mailbox: ", MAILBOX),
            ("(NAME.cert.asc): ", "daily.cert.asc"),
            ("if there is none: ", "recovery.cert.asc"),
            ("its password (not shown): ", "svært hemmeleg"),
            ("its last group: ", &scene.daily[36..]),
            ("its last group: ", &recovery),
        ] {
            console.wait_for(question);
            console.types(&format!("{answer}\n"));
        }
        let seen = console.end();
        assert!(!seen.contains("hemmeleg"), "{seen}");
        assert_eq!(seen.contains("rc=0"), confirmed, "{seen}");
        assert_eq!(scene.path("etc").exists(), confirmed, "{seen}");
        if confirmed {
            assert_eq!(scene.file("etc/secret/smtp-password"), "svært hemmeleg");
            assert!(seen.contains("problems: 0"), "{seen}");
        }
    }
}
