//! Real programs on the other side. `.ci/run` installs them and runs these too.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Options, Postfix, SinkTls, World, run};

/// A sealed letter with two files, as the mail server got it.
fn letter(world: &World) -> PathBuf {
    world
        .marked_form()
        .file("vedlegg", "Æøå ŋđŧ 😀 «x».pdf", b"%PDF\r\n\0\xff")
        .send();
    let file = world.root().join("letter.eml");
    fs::write(&file, &world.sink.wait_for(1)[0].mail).unwrap();
    file
}

/// Reads a document with Python's standard `email` package and prints its parts.
const PYTHON: &str = r#"
import email, email.policy, hashlib, sys
document = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
assert not document.defects, document.defects
print("subject", document["Subject"])
for part in document.walk():
    assert not part.defects, part.defects
    if not part.is_multipart():
        content = part.get_payload(decode=True)
        print(part.get_content_type(), part.get_content_disposition(), part.get_filename(), hashlib.sha256(content).hexdigest())
        if part.get_content_type() == "text/plain":
            print(part.get_content())
"#;

fn python(script: &str, input: &Path) -> String {
    let file = fs::File::open(input).unwrap();
    run(Command::new("python3")
        .args(["-c", script])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(file))
}

#[test]
#[ignore = "needs gpg and python3"]
fn gpg_decrypts_and_python_parses() {
    let world = World::new();
    let mail = letter(&world);
    let home = world.root().join("gnupg");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    let gpg = || {
        let mut command = Command::new("gpg");
        command
            .args(["--batch", "--no-auto-key-locate", "--homedir"])
            .arg(&home);
        command
    };
    run(gpg().arg("--import").arg(world.root().join("secret/daily.key.asc")));
    run(gpg().arg("--import").arg(world.root().join("keys/relay.cert.asc")));

    let outer = python(
        "import email,email.policy,sys\nm=email.message_from_bytes(sys.stdin.buffer.read(),policy=email.policy.default)\n\
         assert m.get_content_type()=='multipart/encrypted' and not m.defects\n\
         parts=list(m.iter_parts())\nassert [p.get_content_type() for p in parts]==['application/pgp-encrypted','application/octet-stream']\n\
         sys.stdout.write(parts[1].get_content().decode('ascii'))",
        &mail,
    );
    let sealed = world.root().join("encrypted.asc");
    fs::write(&sealed, outer).unwrap();
    fs::create_dir_all(world.root().join("opened")).unwrap();
    let document = world.root().join("opened/document");
    let output = gpg()
        .args(["--status-fd", "1", "--decrypt", "--output"])
        .arg(&document)
        .arg(&sealed)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{told}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(told.contains("[GNUPG:] GOODSIG"), "{told}");
    assert!(told.contains("[GNUPG:] GOODMDC"), "{told}");

    let parts = python(PYTHON, &document);
    assert!(parts.contains(&world.marker.text), "{parts}");
    for wanted in [
        "subject Skriv til oss ",
        "application/pdf attachment Æøå ŋđŧ 😀 «x».pdf",
        "application/json attachment letter.json",
    ] {
        assert!(parts.contains(wanted), "{wanted} in {parts}");
    }
}

#[test]
#[ignore = "needs postfix"]
fn postfix_takes_the_letter_and_its_mailbox_has_it() {
    let mut world = World::with(Options {
        tls: SinkTls::Starttls,
        ..Options::default()
    });
    world.terminate();
    let postfix = Postfix::start(world.root(), "");
    let port = postfix.port;
    let own = format!("port = {}", world.sink.address.port());
    world.authority.edit("konvolutt.toml", &own, &format!("port = {port}"));
    let online = world.konvolutt(&["check", "--online"]);
    let told = String::from_utf8_lossy(&online.stdout).into_owned();
    assert!(online.status.success(), "{told}");
    assert!(told.contains("answers over TLS"), "{told}");
    world.start();
    world.marked_form().send();
    world.until("a mail in Postfix' mailbox", || !postfix.mails().is_empty());
    let mail = fs::read(&postfix.mails()[0]).unwrap();
    let folder = world.open(&mail);
    assert!(
        fs::read_to_string(folder.join("letter.txt"))
            .unwrap()
            .contains(&world.marker.text)
    );
}
