//! A Dovecot of our own: own folders, own users, a port of its own, no service of the system.

use std::fs;
use std::iter::from_fn;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, SystemTime};

use super::super::office::{Office, until};
use super::certificate::Certificate;

/// One after the other: what still wants to reach the one before must not reach this one.
static NEXT: AtomicU16 = AtomicU16::new(26_000);

/// Mail belongs to nobody.
const NOBODY: u32 = 65534;

/// One server, and the mailbox of `post` in it. It ends with this.
pub struct Dovecot {
    dir: PathBuf,
    pub port: u16,
}

impl Dovecot {
    /// Below the folder of an office, which gets the authority of its certificate.
    pub fn start(office: &Office) -> Self {
        Self::with(office, &Certificate::of("localhost", 2099), "")
    }

    pub fn with(office: &Office, certificate: &Certificate, more: &str) -> Self {
        let dir = office.desk.path("dovecot");
        for folder in ["run", "state", "home/mail/new", "home/mail/cur", "home/mail/tmp"] {
            fs::create_dir_all(dir.join(folder)).unwrap();
        }
        // Below those that the kernel gives to who asks for any, and not where Postfix looks for one.
        let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let port = from_fn(|| Some(NEXT.fetch_add(1, Ordering::Relaxed)))
            .find(free)
            .unwrap();
        office.desk.put("ca.pem", &certificate.authority);
        fs::write(dir.join("chain.pem"), &certificate.chain).unwrap();
        fs::write(dir.join("key.pem"), &certificate.key).unwrap();
        fs::write(
            dir.join("users"),
            "post:{PLAIN}hemmelig\npost@x.example:{PLAIN}hemmelig\n",
        )
        .unwrap();
        fs::write(dir.join("dovecot.conf"), config(&dir, port, more)).unwrap();
        // The daemons drop root; the folder of the test must let them through.
        fs::set_permissions(office.desk.root(), fs::Permissions::from_mode(0o755)).unwrap();
        let home = Command::new("chown")
            .args(["-R", "65534:65534"])
            .arg(dir.join("home"))
            .status();
        assert!(home.unwrap().success());
        let dovecot = Self { dir, port };
        dovecot.run();
        dovecot
    }

    pub fn run(&self) {
        let mut command = Command::new("dovecot");
        // The daemon keeps what it gets as its output.
        command
            .arg("-c")
            .arg(self.dir.join("dovecot.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "{}", self.log());
        until("dovecot listens", || {
            TcpStream::connect(("127.0.0.1", self.port)).is_ok()
        });
    }

    pub fn stop(&self) {
        let config = self.dir.join("dovecot.conf");
        let _ = Command::new("doveadm").arg("-c").arg(config).arg("stop").output();
        until("dovecot is gone", || {
            TcpStream::connect(("127.0.0.1", self.port)).is_err()
        });
    }

    pub fn address(&self, folder: &str) -> String {
        format!("imaps://post@localhost:{}/{folder}", self.port)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// A mail arrives.
    pub fn deliver(&self, name: &str, mail: impl AsRef<[u8]>) {
        let mailbox = self.dir.join("home/mail");
        let temporary = mailbox.join("tmp").join(name);
        fs::write(&temporary, mail).unwrap();
        chown(&temporary, Some(NOBODY), Some(NOBODY)).unwrap();
        fs::rename(temporary, mailbox.join("new").join(name)).unwrap();
    }

    /// All mail files below a folder of the mailbox: name, what is in it, when it was written.
    pub fn files(&self, folder: &str) -> Vec<(String, Vec<u8>, SystemTime)> {
        let mailbox = self.dir.join("home/mail").join(folder);
        let read = |part: &str| -> Vec<(String, Vec<u8>, SystemTime)> {
            let Ok(entries) = fs::read_dir(mailbox.join(part)) else {
                return Vec::new();
            };
            // A server may rename one meanwhile.
            let read = |path: PathBuf| {
                let name = format!("{part}/{}", path.file_name()?.to_str()?);
                Some((name, fs::read(&path).ok()?, path.metadata().ok()?.modified().ok()?))
            };
            entries.filter_map(|entry| read(entry.ok()?.path())).collect()
        };
        let mut files = [read("new"), read("cur")].concat();
        files.sort();
        files
    }

    pub fn doveadm(&self, words: &[&str]) -> String {
        let mut command = Command::new("doveadm");
        command.arg("-c").arg(self.dir.join("dovecot.conf")).args(words);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The keywords and flags of all mails in a folder.
    pub fn flags(&self, folder: &str) -> Vec<String> {
        let said = self.doveadm(&["-f", "tab", "fetch", "-u", "post", "flags", "mailbox", folder]);
        said.lines().skip(1).map(str::to_owned).collect()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("dovecot.log")).unwrap_or_default()
    }

    /// Bytes that the server said to clerks who went again.
    pub fn said(&self) -> usize {
        let log = self.log();
        let numbers = log
            .split(" out=")
            .skip(1)
            .filter_map(|rest| rest.split_whitespace().next());
        numbers.filter_map(|number| number.parse::<usize>().ok()).sum()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let config = self.dir.join("dovecot.conf");
        let _ = Command::new("doveadm").arg("-c").arg(config).arg("stop").output();
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn config(dir: &Path, port: u16, more: &str) -> String {
    let path = dir.display();
    format!(
        "base_dir = {path}/run\nstate_dir = {path}/state\nlog_path = {path}/dovecot.log\nprotocols = imap\nssl = required\n\
         ssl_cert = <{path}/chain.pem\nssl_key = <{path}/key.pem\nmail_location = maildir:~/mail\nfirst_valid_uid = 1\n\
         mail_max_userip_connections = 50\nimap_logout_format = in=%i out=%o\nauth_failure_delay = 1 secs\n\
         passdb {{\n driver = passwd-file\n args = {path}/users\n}}\n\
         userdb {{\n driver = static\n args = uid={NOBODY} gid={NOBODY} home={path}/home allow_all_users=yes\n}}\n\
         service imap-login {{\n inet_listener imap {{\n port = 0\n }}\n inet_listener imaps {{\n address = 127.0.0.1\n port = {port}\n ssl = yes\n }}\n}}\n\
         namespace inbox {{\n inbox = yes\n separator = /\n}}\n{more}\n"
    )
}
