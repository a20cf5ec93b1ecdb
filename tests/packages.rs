//! What people install: packages, and what belongs into them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use konvolutt::store::files::{FileStore, Settings};

use crate::house::{PACKAGED, packages};
use crate::support::{Authority, Rootfs, Way, debs, example, make, put_letter, run, until};

const LINUX: &str = "x86_64-unknown-linux-gnu";
const CONFIG: &str = "/etc/konvolutt/konvolutt.toml";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn notices(program: &str) -> String {
    run(Command::new(example("notices"))
        .current_dir(root())
        .args([program, LINUX]))
}

/// `name version` of every package of others.
fn others(arguments: &[&str]) -> BTreeSet<String> {
    let all = packages(&[arguments, &["--target", LINUX]].concat());
    let foreign = all.iter().filter(|line| !line.contains("(/"));
    foreign
        .map(|line| {
            let mut words = line.split(' ');
            let (name, version) = (words.next().unwrap(), words.next().unwrap());
            format!("{name} {}", version.trim_start_matches('v'))
        })
        .collect()
}

#[test]
fn others_licences_are_named_for_each_package() {
    let mut listed = Vec::new();
    for (program, arguments) in [("konvolutt", &PACKAGED[..]), ("postrom", &["--package=postrom"])] {
        let text = notices(program);
        let (list, texts) = text.split_once("The GNU Lesser General Public License").unwrap();
        let told: BTreeSet<&str> = list.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
        let others = others(arguments);
        assert!(others.len() > 200, "{}", others.len());
        for package in &others {
            assert!(told.contains(package.as_str()), "{program}: {package}");
            // Its text too, or a word that it has none.
            let has_text = texts.contains(&format!("\nOf {package}: "));
            let line = list
                .lines()
                .find(|line| line.starts_with(&format!("{package}: ")))
                .unwrap();
            assert_eq!(!has_text, line.contains("ships no text"), "{program}: {line}");
        }
        assert!(texts.contains("Of sequoia-openpgp") && texts.contains("GNU LIBRARY GENERAL PUBLIC LICENSE"));
        listed.push(others);
    }
    // One program's list is not the other's.
    assert_ne!(listed[0], listed[1]);
    let font = "SIL OPEN FONT LICENSE";
    assert!(notices("postrom").contains(font) && !notices("konvolutt").contains(font));
}

/// What only this machine needs to build for another counts as well: it writes code into the program.
#[test]
#[ignore = "asks the registry for packages of other systems"]
fn licences_are_named_for_other_systems_too() {
    for (program, target) in [
        ("konvolutt", "x86_64-unknown-linux-musl"),
        ("postrom", "x86_64-unknown-linux-musl"),
        ("postrom", "x86_64-pc-windows-gnu"),
    ] {
        let mut notices = Command::new(example("notices"));
        let text = run(notices.current_dir(root()).args([program, target]));
        assert!(text.contains(&format!("for {target}\n")) && text.contains("\nsequoia-openpgp "));
    }
}

#[test]
fn each_command_has_a_manual_page_and_is_completed() {
    let dir = tempfile::tempdir().unwrap();
    run(Command::new(example("pages")).arg(dir.path()));
    for (program, commands) in [("konvolutt", ["serve", "queue-list"]), ("postrom", ["desk", "keygen"])] {
        let page = fs::read_to_string(dir.path().join(format!("man/{program}.1"))).unwrap();
        for command in commands {
            let page = dir.path().join(format!("man/{program}-{command}.1"));
            assert!(page.exists(), "{}", page.display());
        }
        assert!(page.contains(&format!("{program}\\-{}(1)", commands[0].split('-').next().unwrap())));
        for file in [
            format!("bash/{program}"),
            format!("zsh/_{program}"),
            format!("fish/{program}.fish"),
        ] {
            let text = fs::read_to_string(dir.path().join(&file)).unwrap();
            assert!(text.contains(commands[0]), "{file}");
        }
    }
    // The packaged server has no demo, and nothing that is hidden has a page.
    for left_out in ["konvolutt-demo", "postrom-opener"] {
        assert!(!dir.path().join(format!("man/{left_out}.1")).exists(), "{left_out}");
    }
    let completions = fs::read_to_string(dir.path().join("bash/konvolutt")).unwrap();
    assert!(!completions.contains("konvolutt__demo"));
}

fn lintian(deb: &Path, more: &[&str]) -> Output {
    let mut lintian = Command::new("lintian");
    lintian
        .args(["--allow-root", "--no-cfg", "--fail-on", "error,warning"])
        .args(more);
    lintian.arg(deb).output().unwrap()
}

#[test]
#[ignore = "needs cargo-deb, lintian"]
fn lintian_finds_nothing_in_the_packages() {
    for deb in debs("1.2.3-1") {
        let found = lintian(&deb, &[]);
        let told = String::from_utf8_lossy(&found.stdout).into_owned();
        assert!(found.status.success() && told.trim().is_empty(), "{told}");
        // The control: what is overridden with a reason is found.
        assert!(!lintian(&deb, &["--no-override"]).status.success(), "{}", deb.display());
    }
}

/// A Debian with a letter that waits in its store and a configuration that finds it; gives the letter's name and bytes.
fn with_a_letter(debian: &Rootfs) -> (String, Vec<u8>) {
    let authority = Authority::new(&debian.at("/etc/konvolutt"));
    authority.write_config(&Way::Maildir);
    authority.edit("konvolutt.toml", "\"spool\"", "\"/var/lib/konvolutt\"");
    authority.edit("konvolutt.toml", "\"postmottak\"", "\"/srv/postmottak\"");
    // A store belongs to whoever made it, so this one moves in afterwards.
    let store = FileStore::open(&Settings::at(debian.at("/root/store"))).unwrap();
    let letter = put_letter(&store, 1, 20_000);
    drop(store);
    debian.run(&["cp", "--archive", "/root/store/.", "/var/lib/konvolutt/"]);
    debian.run(&["install", "-d", "-o", "konvolutt", "-g", "konvolutt", "/srv/postmottak"]);
    debian.run(&[
        "chown",
        "-R",
        "konvolutt:konvolutt",
        "/var/lib/konvolutt",
        "/etc/konvolutt/secret",
    ]);
    letter
}

/// Names of the letters that the installed program finds waiting.
fn queue(debian: &Rootfs) -> String {
    debian.run(&[
        "runuser",
        "-u",
        "konvolutt",
        "--",
        "konvolutt",
        "queue",
        "list",
        "--json",
        "--config",
        CONFIG,
    ])
}

fn waits(debian: &Rootfs, (name, _): &(String, Vec<u8>)) -> Vec<u8> {
    fs::read(debian.at("/var/lib/konvolutt/new").join(name)).unwrap()
}

/// Lets the installed relay run until the mailbox has something.
fn deliver(debian: &Rootfs) -> Vec<u8> {
    let words = [
        "runuser",
        "-u",
        "konvolutt",
        "--",
        "konvolutt",
        "serve",
        "--role",
        "relay",
        "--config",
        CONFIG,
    ];
    let mut relay = debian.command(&words).stderr(Stdio::null()).spawn().unwrap();
    let new = debian.at("/srv/postmottak/new");
    let mails = || -> Vec<PathBuf> {
        let entries = fs::read_dir(&new);
        entries
            .map(|found| found.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default()
    };
    until("the delivery", || !mails().is_empty());
    // A relay that ends before it wrote that down has a letter that still waits: a name whose file is not empty yet.
    until("that it is written down", || {
        let mut names = fs::read_dir(debian.at("/var/lib/konvolutt/new")).unwrap().flatten();
        names.all(|entry| entry.metadata().is_ok_and(|metadata| metadata.len() == 0))
    });
    // `unshare --kill-child`: what runs inside ends with it.
    relay.kill().unwrap();
    relay.wait().unwrap();
    fs::read(&mails()[0]).unwrap()
}

fn installed(debian: &Rootfs, deb: &Path) -> Output {
    let inside = format!("/root/{}", deb.file_name().unwrap().to_str().unwrap());
    debian.put(deb, &inside);
    debian.output(&["dpkg", "-i", &inside])
}

fn install(debian: &Rootfs, deb: &Path) {
    let output = installed(debian, deb);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "needs root, debootstrap, cargo-deb"]
fn a_letter_that_waits_outlives_upgrade_rollback_and_removal() {
    let [older, newer] = ["1.2.2-1", "1.2.3-1"].map(|version| debs(version)[0].clone());
    let debian = Rootfs::with(&[]);
    install(&debian, &older);
    let letter = with_a_letter(&debian);
    let kept = waits(&debian, &letter);
    let version = || debian.run(&["dpkg-query", "-W", "-f=${Version}", "konvolutt"]);
    // Upgrade, and back.
    for (deb, told) in [(&newer, "1.2.3-1"), (&older, "1.2.2-1"), (&newer, "1.2.3-1")] {
        install(&debian, deb);
        assert_eq!(version(), told);
        assert_eq!(waits(&debian, &letter), kept);
        let listed = queue(&debian);
        assert!(listed.contains(&letter.0) && listed.contains("\"waiting\""), "{listed}");
    }
    // Removed, and even purged: whoever wrote it has a receipt.
    debian.run(&["dpkg", "--remove", "konvolutt"]);
    assert!(!debian.at("/usr/bin/konvolutt").exists());
    assert_eq!(waits(&debian, &letter), kept);
    let told = purge(&debian);
    let expected = "1 letters in /var/lib/konvolutt were never delivered";
    assert!(told.contains(expected), "{told}");
    assert_eq!(waits(&debian, &letter), kept);
    assert!(debian.at(CONFIG).exists());
    // Installed once more it arrives, and then a purge leaves nothing.
    install(&debian, &newer);
    let mail = deliver(&debian);
    assert!(memchr::memmem::find(&mail, b"-----BEGIN PGP MESSAGE-----").is_some());
    debian.run(&["mkdir", "-p", "/var/lib/konvolutt-backup/new"]);
    debian.run(&["cp", "/etc/hostname", "/var/lib/konvolutt-backup/new/a-letter"]);
    assert!(purge(&debian).is_empty());
    for gone in ["/etc/konvolutt", "/var/lib/konvolutt"] {
        assert!(!debian.at(gone).exists(), "{gone}");
    }
    // What has a name of its own is somebody else's.
    assert!(debian.at("/var/lib/konvolutt-backup/new/a-letter").exists());
}

/// What a purge says of letters.
fn purge(debian: &Rootfs) -> String {
    let purged = debian.output(&["dpkg", "--purge", "konvolutt"]);
    let told = String::from_utf8_lossy(&purged.stderr).into_owned();
    assert!(purged.status.success(), "{told}");
    let ours = told.lines().filter(|line| line.starts_with("konvolutt: "));
    ours.collect::<Vec<_>>().join("\n")
}

/// The store may be a link to another disk, or that of one authority among several.
#[test]
#[ignore = "needs root, debootstrap, cargo-deb"]
fn a_purge_looks_into_every_store() {
    let [konvolutt, _] = debs("1.2.3-1");
    let debian = Rootfs::with(&[]);
    for (store, link) in [("/srv/letters", "/var/lib/konvolutt"), ("/var/lib/konvolutt@bodo", "")] {
        install(&debian, &konvolutt);
        debian.run(&["mkdir", "-p", &format!("{store}/held"), "/etc/konvolutt@bodo"]);
        if !link.is_empty() {
            debian.run(&["rm", "-rf", link]);
            debian.run(&["ln", "-s", store, link]);
        }
        let letter = format!("{store}/held/a-letter");
        debian.run(&["cp", "/etc/hostname", &letter]);
        let told = purge(&debian);
        assert!(told.contains("1 letters in"), "{told}");
        assert!(debian.at(&letter).exists() && debian.at("/etc/konvolutt").exists());

        // The disk behind the link is away: what lies there nobody knows.
        if !link.is_empty() {
            debian.run(&["mv", store, "/srv/away"]);
            install(&debian, &konvolutt);
            let told = purge(&debian);
            assert!(
                told.contains("1 letters in") && debian.at("/etc/konvolutt").exists(),
                "{told}"
            );
            debian.run(&["mv", "/srv/away", store]);
        }
        let foreign = "/var/lib/konvolutt@old copy/secret";
        debian.run(&["mkdir", "-p", &format!("{store}/new"), "/var/lib/konvolutt@old copy"]);
        debian.run(&["cp", "/etc/hostname", foreign]);
        debian.run(&["cp", "/etc/hostname", &format!("{store}/others")]);
        fs::write(debian.at(&letter), "").unwrap();
        install(&debian, &konvolutt);
        let told = purge(&debian);
        assert!(told.is_empty(), "{told}");
        for gone in [&letter, "/etc/konvolutt", "/etc/konvolutt@bodo", "/var/lib/konvolutt"] {
            assert!(debian.at(gone).symlink_metadata().is_err(), "{gone}");
        }
        assert!(debian.at(foreign).exists());
        // Behind a link others may have things as well.
        assert_eq!(debian.at(&format!("{store}/others")).exists(), !link.is_empty());
    }
}

#[test]
#[ignore = "needs root, debootstrap, cargo-deb"]
fn an_installed_package_has_its_user_and_starts_nothing() {
    let debian = Rootfs::with(&[]);
    let [konvolutt, postrom] = debs("1.2.3-1");
    install(&debian, &konvolutt);
    install(&debian, &postrom);
    for (program, name) in [("konvolutt", "konvolutt "), ("postrom", "postrom ")] {
        assert!(debian.run(&[program, "--version"]).starts_with(name));
        // The packaged server is the one without a demo.
        assert!(!debian.run(&[program, "--help"]).contains("demo"));
    }
    let user = debian.run(&["getent", "passwd", "konvolutt"]);
    assert!(user.trim().ends_with(":/var/lib/konvolutt:/usr/sbin/nologin"), "{user}");
    let modes = [
        ("/var/lib/konvolutt", "konvolutt:konvolutt 700"),
        ("/etc/konvolutt/secret", "konvolutt:konvolutt 700"),
        // Nothing in it is secret; `keys refresh` writes newer copies there.
        ("/etc/konvolutt/keys", "konvolutt:konvolutt 755"),
        ("/etc/konvolutt", "root:root 755"),
        ("/usr/bin/konvolutt", "root:root 755"),
    ];
    for (path, expected) in modes {
        let told = debian.run(&["stat", "-c", "%U:%G %a", path]);
        assert_eq!(told.trim(), expected, "{path}");
    }
    // What an operator writes is no package's, so that no upgrade asks about it.
    assert!(!debian.at(CONFIG).exists());
    for package in ["konvolutt", "postrom"] {
        assert_eq!(debian.run(&["dpkg-query", "-W", "-f=${Conffiles}", package]).trim(), "");
        let doc = debian.at(&format!("/usr/share/doc/{package}"));
        let notices = fs::read_to_string(doc.join("THIRD-PARTY")).unwrap();
        assert!(notices.contains("GNU LIBRARY GENERAL PUBLIC LICENSE"));
    }
    for unit in [
        "konvolutt-web.socket",
        "konvolutt-web.service",
        "konvolutt-relay.service",
    ] {
        let told = debian.output(&["systemctl", "is-enabled", unit]);
        assert_eq!(String::from_utf8_lossy(&told.stdout).trim(), "disabled", "{unit}");
        let text = fs::read_to_string(debian.at(&format!("/usr/lib/systemd/system/{unit}"))).unwrap();
        assert!(!text.contains("/usr/local/"), "{unit}");
    }
    // The example is there, and the program reads it: it names what is still to be filled in, and no mistake of form.
    let example = "/usr/share/doc/konvolutt/examples/konvolutt.toml";
    let check = debian.output(&[
        "runuser",
        "-u",
        "konvolutt",
        "--",
        "konvolutt",
        "check",
        "--config",
        example,
    ]);
    assert_eq!(
        check.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
}

/// What is signed is the list of sums, and the sums are of all that lies there.
#[test]
#[ignore = "needs minisign"]
fn a_release_is_signed_and_what_was_changed_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    // A key of this test alone, without a password.
    let (secret, public, sums) = (at("secret"), at("public"), at("dist/SHA256SUMS"));
    run(Command::new("minisign").args(["-G", "-W", "-s", &secret, "-p", &public]));
    fs::create_dir(at("dist")).unwrap();
    fs::write(at("dist/konvolutt.tar.gz"), "a program").unwrap();
    let is_signed = || {
        let mut minisign = Command::new("minisign");
        minisign.args(["-V", "-p", &public, "-m", &sums]);
        minisign.output().unwrap().status.success()
    };
    let is_whole = || {
        let mut sha256sum = Command::new("sha256sum");
        sha256sum
            .current_dir(at("dist"))
            .args(["--check", "--strict", "SHA256SUMS"]);
        sha256sum.output().unwrap().status.success()
    };
    // Without a key it is not signed, and says so.
    let said = make(dir.path(), &["sums", "sign"], &[]);
    assert!(said.contains("NOT SIGNED") && !is_signed(), "{said}");
    make(dir.path(), &["sums", "sign"], &[("KONVOLUTT_MINISIGN_KEY", &secret)]);
    assert!(is_signed() && is_whole());
    fs::write(at("dist/konvolutt.tar.gz"), "another program").unwrap();
    assert!(is_signed() && !is_whole());
    // New sums for what was changed have no signature.
    make(dir.path(), &["sums"], &[]);
    assert!(is_whole() && !is_signed());
}
