//! `konvolutt keys refresh`: what is new in a pinned certificate is taken, and nothing else.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use sequoia_openpgp as openpgp;

use openpgp::packet::signature::SignatureBuilder;
use openpgp::parse::Parse;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::SerializeInto;
use openpgp::types::{ReasonForRevocation, SignatureType};
use openpgp::{Cert, Packet};

use crate::support::{Authority, MAILBOX, Reply, Shelf, Way, World};

const DAY: Duration = Duration::from_secs(86_400);
const WKD: &str = "/.well-known/openpgpkey/authority.example/hu/";
const WKD_DIRECT: &str = "/.well-known/openpgpkey/hu/";
const KEY_SERVER: &str = "/ks/pks/lookup?op=get&options=mr&search=0x";

/// The post room's daily key, with which it changes its own certificate.
struct PostRoom(Cert);

impl PostRoom {
    fn of(root: &Path) -> Self {
        // A signature counts by the second: what is made now must be newer than the key.
        std::thread::sleep(Duration::from_millis(1100));
        Self(Cert::from_file(root.join("secret/daily.key.asc")).unwrap())
    }

    fn signer(&self) -> openpgp::crypto::KeyPair {
        let key = self.0.primary_key().key().clone().parts_into_secret().unwrap();
        key.into_keypair().unwrap()
    }

    fn with(&self, packets: Vec<Packet>) -> Cert {
        let all = self.0.clone().strip_secret_key_material().insert_packets(packets);
        all.unwrap().0
    }

    /// As `gpg --quick-set-expire` makes it: the key and its subkey, for ten years.
    fn extended(&self) -> Cert {
        let (policy, end) = (StandardPolicy::new(), SystemTime::now() + 3650 * DAY);
        let valid = self.0.with_policy(&policy, None).unwrap();
        let mut signer = self.signer();
        let mut all = self
            .0
            .set_expiration_time(&policy, None, &mut signer, Some(end))
            .unwrap();
        for key in valid.keys().subkeys() {
            all.extend(key.set_expiration_time(&mut signer, None, Some(end)).unwrap());
        }
        self.with(all.into_iter().map(Packet::from).collect())
    }

    fn revoked(&self) -> Cert {
        let revocation = self
            .0
            .revoke(&mut self.signer(), ReasonForRevocation::KeyCompromised, b"");
        self.with(vec![revocation.unwrap().into()])
    }

    /// As a stranger's program may serve it: with signatures of others on the name.
    fn decorated(&self) -> Cert {
        let builder = openpgp::cert::CertBuilder::general_purpose(Some("stranger@x.example"));
        let stranger = builder.generate().unwrap().0;
        let key = stranger.primary_key().key().clone().parts_into_secret().unwrap();
        let id = self.0.userids().next().unwrap().userid().clone();
        let signed = id.bind(
            &mut key.into_keypair().unwrap(),
            &self.0,
            SignatureBuilder::new(SignatureType::GenericCertification),
        );
        self.with(vec![id.into(), signed.unwrap().into()])
    }
}

fn bytes(cert: &Cert) -> Vec<u8> {
    cert.to_vec().unwrap()
}

/// An authority with a place to ask, and no server that runs.
struct Scene {
    dir: tempfile::TempDir,
    authority: Authority,
    shelf: Shelf,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new(dir.path());
        let shelf = Shelf::start(dir.path());
        authority.write_config(&Way::Maildir);
        add_section(&authority.config(), &shelf);
        Self { dir, authority, shelf }
    }

    fn daily(&self) -> PathBuf {
        self.dir.path().join("keys/daily.cert.asc")
    }

    fn post_room(&self) -> PostRoom {
        PostRoom::of(self.dir.path())
    }

    fn refresh(&self, more: &[&str]) -> Output {
        refresh(&self.authority.config(), more)
    }

    /// The pinned certificate as it lies there, and what tells whether it was written again.
    fn lies(&self) -> (Vec<u8>, u64) {
        (
            fs::read(self.daily()).unwrap(),
            fs::metadata(self.daily()).unwrap().ino(),
        )
    }
}

fn add_section(config: &Path, shelf: &Shelf) {
    let text = fs::read_to_string(config).unwrap();
    let url = shelf.url();
    let section = format!(
        "\n[refresh]\nwkd_address = \"{url}\"\nkey_server = \"{url}/ks\"\nca_file = \"shelf-ca.pem\"\ntimeout = \"20s\"\n"
    );
    fs::write(config, text + &section).unwrap();
}

fn refresh(config: &Path, more: &[&str]) -> Output {
    let mut command = std::process::Command::new(crate::support::KONVOLUTT);
    command.args(["keys", "refresh", "--config"]).arg(config).args(more);
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_later_end_is_taken_and_the_file_is_replaced_in_one_step() {
    let scene = Scene::new();
    let extended = scene.post_room().extended();
    fs::set_permissions(scene.daily(), fs::Permissions::from_mode(0o640)).unwrap();
    scene.shelf.put(WKD, Reply::File(bytes(&extended)));
    let (before, inode) = scene.lies();
    let dry = scene.refresh(&["--dry-run"]);
    assert!(
        dry.status.success() && said(&dry).contains("would be written"),
        "{}",
        said(&dry)
    );
    assert_eq!(scene.lies(), (before.clone(), inode));
    let output = scene.refresh(&[]);
    let told = said(&output);
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("Web Key Directory of authority.example: has a newer copy"),
        "{told}"
    );
    let (after, new_inode) = scene.lies();
    assert_eq!(Cert::from_bytes(&after).unwrap(), extended);
    assert_ne!(new_inode, inode, "it was written over in place");
    assert_eq!(fs::metadata(scene.daily()).unwrap().mode() & 0o777, 0o640);
    let left: Vec<_> = fs::read_dir(scene.dir.path().join("keys")).unwrap().flatten().collect();
    assert_eq!(left.len(), 3, "{left:?}");
    // Once more there is nothing new, and nothing is written.
    let again = scene.refresh(&["--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(listed[0]["asked"][0]["said"], "nothing_new");
    assert_eq!(listed[0]["changed"], false);
    assert_eq!(scene.lies(), (after, new_inode));
}

#[test]
fn a_revocation_is_taken_and_never_lost_again() {
    let scene = Scene::new();
    let post_room = scene.post_room();
    let (before, revoked) = (scene.lies().0, post_room.revoked());
    scene.shelf.put(KEY_SERVER, Reply::File(bytes(&revoked)));
    let output = scene.refresh(&[]);
    assert!(
        output.status.success() && said(&output).contains("→ it is revoked"),
        "{}",
        said(&output)
    );
    // Somebody serves the copy of before.
    scene.shelf.clear();
    scene.shelf.put(WKD, Reply::File(before.clone()));
    scene.shelf.put(KEY_SERVER, Reply::File(before));
    assert!(scene.refresh(&[]).status.success());
    assert_eq!(Cert::from_file(scene.daily()).unwrap(), revoked);
}

/// As keys.openpgp.org serves a certificate whose address nobody has confirmed there.
#[test]
fn a_copy_without_names_adds_what_it_has_and_takes_no_name_away() {
    let scene = Scene::new();
    let extended = scene.post_room().extended();
    let nameless = extended.clone().retain_userids(|_| false);
    assert_eq!(nameless.userids().count(), 0);
    scene.shelf.put(KEY_SERVER, Reply::File(bytes(&nameless)));
    let output = scene.refresh(&[]);
    assert!(output.status.success(), "{}", said(&output));
    let now = Cert::from_file(scene.daily()).unwrap();
    assert_eq!(now.userids().count(), 1);
    let asked = scene.shelf.asked();
    assert!(
        asked.contains(&format!("{KEY_SERVER}{}", scene.authority.daily)),
        "{asked:?}"
    );
    assert!(
        !asked.iter().any(|path| path.starts_with("/ks") && path.contains('@')),
        "asked by fingerprint alone: {asked:?}"
    );
}

#[test]
fn only_the_pinned_certificate_and_what_it_signed_itself_is_taken() {
    let scene = Scene::new();
    let before = scene.lies();
    let foreign = Authority::new(tempfile::tempdir().unwrap().path()).daily;
    assert_ne!(foreign, scene.authority.daily);
    let other = tempfile::tempdir().unwrap();
    Authority::new(other.path());
    let foreign = fs::read(other.path().join("keys/daily.cert.asc")).unwrap();
    let decorated = scene.post_room().decorated();
    for (content, word) in [(foreign, "does not know it"), (bytes(&decorated), "has nothing new")] {
        scene.shelf.put(WKD, Reply::File(content));
        let output = scene.refresh(&[]);
        assert!(
            output.status.success() && said(&output).contains(word),
            "{}",
            said(&output)
        );
        assert_eq!(scene.lies(), before, "{word}");
    }
}

#[test]
fn an_answer_that_is_not_whole_or_not_right_changes_nothing() {
    let scene = Scene::new();
    let post_room = scene.post_room();
    let (before, extended) = (scene.lies(), bytes(&post_room.extended()));
    let raw = |head: &str, body: &[u8]| Reply::Raw([head.as_bytes(), body].concat());
    let secret = fs::read(scene.dir.path().join("secret/daily.key.asc")).unwrap();
    let whole = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", extended.len());
    let large = vec![b'x'; 1024 * 1024 + 1];
    for (reply, word) in [
        // One packet less is a certificate all the same.
        (raw(&whole, &extended[..extended.len() - 1]), "✗ localhost: "),
        (raw("HTTP/1.1 200 OK\r\n\r\n", &extended), "✗ localhost: "),
        (Reply::File(large), "too large"),
        (Reply::Silence(Duration::from_secs(8)), "did not answer within 2 s"),
        (Reply::File(b"<html>".to_vec()), "no OpenPGP certificate"),
        (Reply::File(secret), "SECRET key"),
        (raw("HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", b""), "answered 503"),
        (
            raw(
                "HTTP/1.1 302 x\r\nLocation: https://other.example/\r\nContent-Length: 0\r\n\r\n",
                b"",
            ),
            "another server",
        ),
        (
            raw(
                &format!("HTTP/1.1 302 x\r\nLocation: {WKD}again\r\nContent-Length: 0\r\n\r\n"),
                b"",
            ),
            "without end",
        ),
    ] {
        let patience = match reply {
            Reply::Silence(_) => "timeout = \"2s\"",
            _ => "timeout = \"20s\"",
        };
        scene.shelf.put(WKD, reply.clone());
        scene.shelf.put(WKD_DIRECT, reply);
        // Who has to wait for nothing gets time on a busy machine.
        scene.authority.edit("konvolutt.toml", "timeout = \"20s\"", patience);
        let output = scene.refresh(&[]);
        scene.authority.edit("konvolutt.toml", patience, "timeout = \"20s\"");
        assert_eq!(output.status.code(), Some(1), "{word}: {}", said(&output));
        assert!(said(&output).contains(word), "{word}: {}", said(&output));
        assert_eq!(scene.lies(), before, "{word}");
    }
    // The control: the same server, moved to another path and whole.
    let moved = raw("HTTP/1.1 301 x\r\nLocation: /moved\r\nContent-Length: 0\r\n\r\n", b"");
    scene.shelf.put(WKD, moved);
    scene.shelf.put("/moved", Reply::File(extended));
    assert!(scene.refresh(&[]).status.success());
    assert_ne!(scene.lies(), before);
}

#[test]
fn a_place_that_cannot_be_reached_is_named_and_the_file_stays() {
    let scene = Scene::new();
    let before = scene.lies();
    scene.authority.edit(
        "konvolutt.toml",
        &format!("{}/ks", scene.shelf.url()),
        "https://localhost:1",
    );
    let output = scene.refresh(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("key server localhost: ✗ localhost: "),
        "{}",
        said(&output)
    );
    assert_eq!(scene.lies(), before);
}

/// Many places that do not answer take long: what ends such a run, a limit or an operator, does not take away what was found.
#[test]
fn what_was_found_of_a_certificate_is_told_before_the_next_one_is_looked_for() {
    let scene = Scene::new();
    let patience = Duration::from_secs(45);
    scene
        .authority
        .edit("konvolutt.toml", "timeout = \"20s\"", "timeout = \"60s\"");
    let of_recovery = format!("{KEY_SERVER}{}", scene.authority.recovery);
    scene.shelf.put(&of_recovery, Reply::Silence(patience));
    let begin = Instant::now();
    let mut command = std::process::Command::new(crate::support::KONVOLUTT);
    command
        .args(["keys", "refresh", "--config"])
        .arg(scene.authority.config());
    let mut running = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(running.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let took = begin.elapsed();
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(line.contains(&scene.authority.daily), "{line}");
    assert!(took < patience, "{took:?}");
}

/// A key server that has a revocation is heard also while the post room's own directory is down; and that it is down is told.
#[test]
fn a_revocation_is_taken_while_another_place_is_down() {
    let scene = Scene::new();
    let revoked = scene.post_room().revoked();
    let down = Reply::Raw(b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n".to_vec());
    scene.shelf.put(WKD, down.clone());
    scene.shelf.put(WKD_DIRECT, down);
    scene.shelf.put(KEY_SERVER, Reply::File(bytes(&revoked)));
    let output = scene.refresh(&[]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("answered 503") && told.contains("→ it is revoked"),
        "{told}"
    );
    assert_eq!(Cert::from_file(scene.daily()).unwrap(), revoked);
}

/// As a site answers that has a page for everything, at a domain that has a host for every name.
#[test]
fn a_page_where_the_directory_would_be_is_passed_over() {
    let scene = Scene::new();
    let (before, extended) = (scene.lies(), scene.post_room().extended());
    let page = || Reply::File(b"<!doctype html><title>Velkomen</title>".to_vec());
    scene.shelf.put(WKD, page());
    // The other method knows nothing: so the domain has no directory, and that is no fault.
    let output = scene.refresh(&[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(scene.lies(), before);
    scene.shelf.put(WKD_DIRECT, Reply::File(bytes(&extended)));
    let output = scene.refresh(&[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(Cert::from_file(scene.daily()).unwrap(), extended);
    // The control: pages at both are an answer that cannot be used.
    scene.shelf.put(WKD_DIRECT, page());
    let output = scene.refresh(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

/// The form closes by itself when the post room has withdrawn its only daily key.
#[test]
fn a_running_form_sees_what_was_found() {
    let world = World::new();
    let shelf = Shelf::start(world.root());
    add_section(&world.authority.config(), &shelf);
    assert_eq!(world.get("/nn/s/skriv").status, 200);
    shelf.put(WKD, Reply::File(bytes(&PostRoom::of(world.root()).revoked())));
    let output = refresh(&world.authority.config(), &[]);
    assert!(output.status.success(), "{}", said(&output));
    let begin = Instant::now();
    world.until("the form is closed", || world.get("/nn/s/skriv").status == 503);
    let took = begin.elapsed();
    eprintln!("the running form saw it after {took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
}

/// What the post room's own program lays out is what the server finds.
#[test]
fn the_folder_that_the_post_room_publishes_is_found() {
    let scene = Scene::new();
    let extended = scene.post_room().extended();
    let file = scene.dir.path().join("extended.cert.asc");
    fs::write(&file, extended.armored().to_vec().unwrap()).unwrap();
    let site = scene.dir.path().join("site");
    let mut wkd = crate::support::postrom();
    wkd.args(["wkd", "--out"]).arg(&site).arg(&file);
    wkd.arg(scene.dir.path().join("keys/recovery.cert.asc"));
    crate::support::run(&mut wkd);
    for layout in [WKD, WKD_DIRECT] {
        let hu = site.join(layout.trim_start_matches('/'));
        let served: Vec<_> = fs::read_dir(&hu).unwrap().flatten().collect();
        assert_eq!(served.len(), 1, "{served:?}");
        assert!(hu.parent().unwrap().join("policy").is_file());
        let name = served[0].file_name().into_string().unwrap();
        scene.shelf.clear();
        scene.shelf.put(
            &format!("{layout}{name}?l={}", MAILBOX.split('@').next().unwrap()),
            Reply::File(fs::read(served[0].path()).unwrap()),
        );
        let output = scene.refresh(&["--dry-run", "--json"]);
        let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(listed[0]["asked"][0]["said"], "news", "{}", said(&output));
        assert_eq!(listed[1]["asked"][0]["said"], "nothing_new", "{}", said(&output));
    }
}
