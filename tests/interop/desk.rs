//! A clerk's desk: one key and the relay's certificate in every program, and what each makes of a letter.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use konvolutt::seal::Program;
use konvolutt_letter::{marked, neutral};

use super::gnupg::GnuPg;
use super::keys::Key;
use super::letters::{MARKER, Sealed};
use crate::support::{postrom, run};

/// What Thunderbird ships.
pub const LIBRNP: &str = "/usr/lib/thunderbird/librnp.so";

pub struct Desk<'a> {
    dir: PathBuf,
    key: &'a Key,
    relay: &'a Key,
    relay_fingerprint: String,
    gnupg: GnuPg,
}

/// What a program showed of a letter that it opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    /// Exactly what was sealed.
    pub whole: bool,
    /// The relay's signature is good.
    pub signed: bool,
}

impl Seen {
    pub const ALL_RIGHT: Self = Self {
        whole: true,
        signed: true,
    };
}

impl<'a> Desk<'a> {
    /// Gives the key to every program. One that cannot take it will open no letter, which is what counts.
    pub fn new(dir: PathBuf, key: &'a Key, relay: &'a Key) -> Self {
        fs::create_dir_all(dir.join("rnp")).unwrap();
        let desk = Self {
            gnupg: GnuPg::new(dir.join("gnupg")),
            relay_fingerprint: relay.pin(konvolutt::seal::CertificateRole::Daily).fingerprint.to_hex(),
            dir,
            key,
            relay,
        };
        for file in [&key.secret, &relay.certificate] {
            let _ = desk.gnupg.command().arg("--import").arg(file).output();
            let mut rnp = Command::new("rnpkeys");
            let _ = rnp
                .arg("--homedir")
                .arg(desk.dir.join("rnp"))
                .arg("--import-key")
                .arg(file)
                .output();
        }
        desk
    }

    /// Opens a letter, or says why not.
    pub fn open(&self, program: Program, letter: &Sealed<'_>) -> Result<Seen, String> {
        match program {
            Program::GnuPg => self.gnupg(letter),
            Program::Thunderbird => self.thunderbird(letter),
            Program::Rnp => self.rnp(letter),
            Program::Mutt => self.mutt(letter),
            Program::Sq => self.sq(letter),
            Program::RPgp => self.rpgp(letter),
            Program::Postrom => self.postrom(letter),
        }
    }

    fn gnupg(&self, letter: &Sealed<'_>) -> Result<Seen, String> {
        let out = self.fresh("gnupg.out");
        let mut command = self.gnupg.command();
        command
            .args(["--status-fd", "1", "--decrypt", "--output"])
            .arg(&out)
            .arg(&letter.message);
        // An unknown signer makes gpg fail after it has decrypted: what it says is asked first.
        let output = command.output().unwrap();
        let told = told(&output);
        if told.contains("[GNUPG:] GOODMDC") && told.contains("[GNUPG:] DECRYPTION_OKAY") {
            Ok(Seen {
                whole: same(&out, letter),
                signed: output.status.success()
                    && told.contains(&format!("[GNUPG:] VALIDSIG {}", self.relay_fingerprint)),
            })
        } else {
            Err(told)
        }
    }

    fn thunderbird(&self, letter: &Sealed<'_>) -> Result<Seen, String> {
        let out = self.fresh("librnp.out");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/librnp.py");
        let mut command = Command::new("python3");
        command
            .arg(script)
            .arg(LIBRNP)
            .arg(&self.key.secret)
            .arg(&self.relay.certificate);
        let told = succeeds(command.arg(&letter.message).arg(&out))?;
        Ok(Seen {
            whole: same(&out, letter),
            signed: told.contains(&format!("signed {}", self.relay_fingerprint)),
        })
    }

    fn rnp(&self, letter: &Sealed<'_>) -> Result<Seen, String> {
        let out = self.fresh("rnp.out");
        let mut command = Command::new("rnp");
        command
            .arg("--homedir")
            .arg(self.dir.join("rnp"))
            .args(["--decrypt", "--output"]);
        let told = succeeds(command.arg(&out).arg(&letter.message))?;
        let key_id = self.relay_fingerprint[24..].to_lowercase();
        Ok(Seen {
            whole: same(&out, letter),
            signed: told.contains("Good signature made") && told.contains(&key_id),
        })
    }

    fn sq(&self, letter: &Sealed<'_>) -> Result<Seen, String> {
        let out = self.fresh("sq.out");
        let mut command = Command::new("sq");
        command.args(["decrypt", "--recipient-key"]).arg(&self.key.secret);
        command
            .arg("--signer-cert")
            .arg(&self.relay.certificate)
            .arg("--output")
            .arg(&out);
        let told = succeeds(command.arg(&letter.message))?;
        Ok(Seen {
            whole: same(&out, letter),
            signed: told.contains(&format!("Good signature from {}", &self.relay_fingerprint[24..])),
        })
    }

    /// mutt needs a terminal; `script` gives it one. The keys that are pushed: show the letter (to a file),
    /// then save it decrypted.
    fn mutt(&self, letter: &Sealed<'_>) -> Result<Seen, String> {
        let [shown, saved, screen] = ["mutt.shown", "mutt.saved", "mutt.screen"].map(|name| self.fresh(name));
        let mbox = self.dir.join("mbox");
        let mail = [
            b"From - Sat Nov 21 22:59:00 2026\n",
            fs::read(&letter.mail).unwrap().as_slice(),
        ]
        .concat();
        fs::write(&mbox, mail).unwrap();
        // Where the folder for mail is missing, as on a machine on which mutt never ran, mutt begins with a question, and the
        // keys below are the answer to that.
        let settings = format!(
            "set folder=\"{}\"\n\
             set crypt_use_gpgme=yes crypt_verify_sig=yes charset=utf-8 mbox_type=mbox sleep_time=0\n\
             set move=no delete=no quit=yes confirmappend=no confirmcreate=no wait_key=no prompt_after=no\n\
             set pager=\"/bin/sh {}\"\n\
             push '<display-message><decrypt-save><kill-line>{}<enter><exit>'\n",
            self.dir.display(),
            self.dir.join("pager").display(),
            saved.display()
        );
        fs::write(self.dir.join("pager"), format!("cat \"$1\" > {}\n", shown.display())).unwrap();
        fs::write(self.dir.join("muttrc"), &settings).unwrap();
        let mutt = format!("mutt -n -R -F {0}/muttrc -f {0}/mbox", self.dir.display());
        let mut command = Command::new("timeout");
        command.args(["60", "script", "-qec", &mutt]).arg(&screen);
        command
            .env("HOME", &self.dir)
            .env("GNUPGHOME", self.gnupg.home())
            .env("TERM", "xterm")
            .env("LC_ALL", "C.UTF-8");
        // An input that ends would be a key press of its own: Ctrl-D.
        let mut terminal = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let input = terminal.stdin.take();
        assert!(terminal.wait().unwrap().success(), "mutt hangs: {settings}");
        drop(input);
        // A letter that it cannot open is shown too, with the reason. Without one the keys did not reach it.
        let shown = fs::read(&shown).unwrap_or_else(|_| {
            let screen = fs::read(&screen).unwrap_or_default();
            panic!("mutt showed nothing; on its screen:\n{}", screen.escape_ascii())
        });
        let text = String::from_utf8_lossy(&shown).into_owned();
        let saved = fs::read(&saved).unwrap_or_default();
        if text.contains(MARKER) {
            Ok(Seen {
                whole: names_shown(&text, letter) && body(&saved) == body(&unix(&letter.plain.document)),
                signed: text.contains("Good signature from: Sikkert skjema"),
            })
        } else {
            Err(text)
        }
    }

    fn rpgp(&self, letter: &Sealed<'_>) -> Result<Seen, String> {
        let out = self.fresh("rpgp.out");
        let mut command = Command::new(rpgp_folder().join("debug/rpgp-reader"));
        command
            .arg(&self.key.secret)
            .arg(&self.relay.certificate)
            .arg(&letter.message)
            .arg(&out);
        let told = succeeds(&mut command)?;
        Ok(Seen {
            whole: same(&out, letter),
            signed: told.contains("signed"),
        })
    }

    fn postrom(&self, letter: &Sealed<'_>) -> Result<Seen, String> {
        let out = self.dir.join("opened");
        let _ = fs::remove_dir_all(&out);
        let mut command = postrom();
        command.arg("open").arg(&letter.mail).arg("--key").arg(&self.key.secret);
        command
            .arg("--relay")
            .arg(&self.relay.certificate)
            .arg("--out")
            .arg(&out)
            .arg("--json");
        // A letter that did not come through the relay is opened too, with exit code 1.
        let output = command.output().unwrap();
        // A line for each thing that was found, and a summary.
        let first = output.stdout.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let told: serde_json::Value = serde_json::from_slice(first).map_err(|_| told(&output))?;
        let status = &told["status"];
        let Some(folder) = told["folder"].as_str().map(Path::new) else {
            return Err(told["error"].to_string());
        };
        let signed = status["verdict"] == "genuine";
        let nothing_wrong =
            status["remarks"] == serde_json::json!([]) && status["header_mismatch"] == serde_json::json!([]);
        Ok(Seen {
            whole: nothing_wrong && unpacked(folder, letter, signed),
            signed,
        })
    }

    /// A file that is not there yet.
    fn fresh(&self, name: &str) -> PathBuf {
        let path = self.dir.join(name);
        let _ = fs::remove_file(&path);
        path
    }
}

/// Everything that a program printed.
fn told(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn succeeds(command: &mut Command) -> Result<String, String> {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    if output.status.success() {
        Ok(told(&output))
    } else {
        Err(told(&output))
    }
}

fn same(file: &Path, letter: &Sealed<'_>) -> bool {
    fs::read(file).is_ok_and(|bytes| bytes == letter.plain.document)
}

/// With the line ends of an mbox.
fn unix(document: &[u8]) -> Vec<u8> {
    let mut bytes = document.to_vec();
    bytes.retain(|byte| *byte != b'\r');
    bytes
}

/// What follows the header, which mutt writes anew, up to the blank line that ends a mail in an mbox.
fn body(mail: &[u8]) -> &[u8] {
    let start = mail.windows(2).position(|window| window == b"\n\n");
    start.map_or(b"".as_slice(), |start| mail[start..].trim_ascii_end())
}

fn names_shown(text: &str, letter: &Sealed<'_>) -> bool {
    let text = text.replace("\r\n", "\n");
    // As the letter shows it, or as the program does.
    let shown = |name: &str| text.contains(name) || text.contains(&marked(name).join("\n"));
    letter.plain.files.iter().all(|file| shown(&file.name()))
}

/// The folder holds the text, the record and each file under its name, and nothing else.
fn unpacked(folder: &Path, letter: &Sealed<'_>, signed: bool) -> bool {
    let read = |name: &str| fs::read(folder.join(name)).unwrap_or_default();
    let files = &letter.plain.files;
    let right =
        |name: &str, bytes: &[u8]| fs::read(folder.join("attachments").join(name)).is_ok_and(|there| there == bytes);
    String::from_utf8_lossy(&read("letter.txt")).contains(MARKER)
        && json(&read("letter.json")).is_some_and(|there| same_record(there, letter, signed))
        && files.iter().all(|file| right(&neutral(&file.name()), &file.bytes))
        && fs::read_dir(folder.join("attachments")).is_ok_and(|entries| entries.count() == files.len())
}

/// The record as it was sealed. One that nobody vouches for says so in a field of its own before all others.
fn same_record(mut there: serde_json::Value, letter: &Sealed<'_>, signed: bool) -> bool {
    let warning = there.as_object_mut().and_then(|there| there.remove("warning"));
    warning.is_none() == signed && Some(there) == json(&letter.plain.record)
}

/// It lies there in lines, for people.
fn json(bytes: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice(bytes).ok()
}

/// Where the reader that is built on rPGP lies.
fn rpgp_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/rpgp")
}

/// Builds the reader on rPGP.
pub fn build_rpgp() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/rpgp/Cargo.toml");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--locked", "--manifest-path"])
        .arg(manifest);
    run(cargo.arg("--target-dir").arg(rpgp_folder()));
}
