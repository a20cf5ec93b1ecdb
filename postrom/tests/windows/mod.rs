//! The clerk's program on Windows, as far as Wine is one: keys, letters, verdicts, names, the mark of the web.
//!
//! Needs `wine`, mingw, and the program: `cargo build -p postrom --target x86_64-pc-windows-gnu`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use openpgp::Cert;
use openpgp::parse::Parse;
use openpgp::serialize::SerializeInto;
use sequoia_openpgp as openpgp;

use crate::built::is_of_today;
use crate::support::{Seal, Sent, letter, mail, relay};

/// A Windows of its own, with the program in it.
struct Windows {
    dir: tempfile::TempDir,
}

impl Windows {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let program = target().join("x86_64-pc-windows-gnu/debug/postrom.exe");
        is_of_today(&program, "cargo build -p postrom --target x86_64-pc-windows-gnu");
        fs::copy(program, dir.path().join("postrom.exe")).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/windows/bcryptprimitives.c");
        let made = Command::new("x86_64-w64-mingw32-gcc")
            .args(["-shared", "-O1", "-o"])
            .arg(dir.path().join("bcryptprimitives.dll"))
            .arg(source)
            .arg("-ladvapi32")
            .status()
            .unwrap();
        assert!(made.success());
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs it in its folder; every path is a relative one.
    fn postrom(&self, words: &[&str]) -> Output {
        Command::new("wine")
            .arg("postrom.exe")
            .args(words)
            .current_dir(self.dir.path())
            .env("WINEPREFIX", self.path("wine"))
            .env("WINEDEBUG", "-all")
            // Neither a .NET nor a browser is asked for.
            .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap()
    }

    fn open(&self, input: &str) -> (Option<i32>, String) {
        let words = [
            "--key",
            "keys\\Postmottak.key.asc",
            "--relay",
            "relay.asc",
            "--out",
            "out",
        ];
        let output = self.postrom(&[&["open", input, "--lang", "nn"][..], &words].concat());
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), told)
    }
}

impl Drop for Windows {
    fn drop(&mut self) {
        // Its server outlives the program by some seconds, and holds the folder.
        let _ = Command::new("wineserver")
            .arg("-k")
            .env("WINEPREFIX", self.path("wine"))
            .status();
    }
}

fn target() -> PathBuf {
    let set = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    set.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"))
}

#[test]
#[ignore = "needs wine, mingw and the program for Windows"]
fn the_program_opens_letters_on_windows() {
    let windows = Windows::new();
    let made = windows.postrom(&[
        "keygen",
        "--out",
        "keys",
        "--name",
        "Postmottak",
        "--email",
        "post@x.example",
        "--no-passphrase",
    ]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let own = Cert::from_file(windows.path("keys/Postmottak.cert.asc")).unwrap();

    let form = relay(
        "skjema@x.example",
        std::time::SystemTime::now() - std::time::Duration::from_secs(3600),
    );
    fs::write(
        windows.path("relay.asc"),
        form.clone().strip_secret_key_material().armored().to_vec().unwrap(),
    )
    .unwrap();
    let reference = konvolutt_letter::Reference::from_random(b"0123456789abcdef").to_string();
    let document = letter(&Sent {
        files: vec![
            ("bilete.jpg", b"eit"),
            ("bilete.jpg", b"to"),
            ("CON.txt", b"tre"),
            ("æøå 😀.txt", b"fire"),
        ],
        ..Sent::new(&reference, "Eg treng hjelp.")
    });
    let genuine = mail(&reference, &Seal::by_relay(&form, &own).armored(&document));
    let forged = mail(&reference, &Seal::unsigned(&own).armored(&document[..]));
    fs::create_dir(windows.path("mail")).unwrap();
    fs::write(windows.path("mail/1.eml"), &genuine).unwrap();

    let (code, told) = windows.open("mail");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains('✓') && told.contains(&reference), "{told}");
    let folder = windows.path("out").join(&reference);
    let text = fs::read_to_string(folder.join("letter.txt")).unwrap();
    assert!(text.contains("│ Eg treng hjelp."), "{text}");
    let read = |name: &str| fs::read(folder.join("attachments").join(name)).unwrap();
    assert_eq!(read("bilete.jpg"), b"eit");
    assert_eq!(read("bilete (2).jpg"), b"to");
    assert_eq!(read("_CON.txt"), b"tre");
    assert_eq!(read("æøå 😀.txt"), b"fire");

    // Wine keeps a stream of a file as a file beside it.
    let mark = String::from_utf8(read("bilete.jpg:Zone.Identifier")).unwrap();
    assert_eq!(mark, "[ZoneTransfer]\r\nZoneId=3\r\n");

    let (code, told) = windows.open("mail");
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("1 opna før"), "{told}");

    fs::write(windows.path("mail/2.eml"), forged).unwrap();
    let (code, told) = windows.open("mail");
    assert_eq!(code, Some(1), "{told}");
    let forged = fs::read_to_string(windows.path("out").join(format!("not-genuine {reference}/letter.txt"))).unwrap();
    assert!(forged.starts_with("! "), "{forged}");
    let left = fs::read_dir(windows.path("out")).unwrap().flatten();
    assert!(
        !left
            .map(|entry| entry.file_name().into_string().unwrap())
            .any(|name| name.starts_with(".unfinished"))
    );
}

/// Facts of a file are told there too. Nothing is drawn: nobody shuts the process in.
#[cfg(feature = "desk")]
#[test]
#[ignore = "needs wine, mingw and the program for Windows"]
fn files_are_looked_at_on_windows_and_never_drawn() {
    use postrom::desk::look::{FileKind, NoPreview, Warning, look};

    let windows = Windows::new();
    let folder = windows.dir.path().to_owned();
    let prefix = windows.path("wine");
    let start: postrom::desk::worker::Start = Box::new(move || {
        let mut command = Command::new("wine");
        command
            .args(["postrom.exe", "desk-look"])
            .current_dir(&folder)
            .env("WINEPREFIX", &prefix)
            .env("WINEDEBUG", "-all")
            .env("WINEDLLOVERRIDES", "mscoree,mshtml=");
        command
    });
    // The first start makes its Windows, which takes longer than a file may.
    windows.postrom(&["--version"]);
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(20, 10)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    let looked = look(&start, "bilde.pdf", bytes.get_ref(), true, &|| false);
    assert!(looked.facts.looked_at && looked.facts.has(Warning::TypeDiffers));
    assert_eq!(looked.facts.content, Some(FileKind::Png));
    assert!(looked.preview.is_none());
    assert_eq!(looked.no_preview, Some(NoPreview::NotShutIn));
}
