//! The mailbox: a Maildir of ours, and a Dovecot with the documented rule.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use konvolutt::relay::{Maildir, Outgoing, TransportSettings};
use konvolutt::store::State;

use crate::support::{Depot, Options, World, addresses, run};

fn names(room: &Path) -> Vec<PathBuf> {
    let there = fs::read_dir(room).unwrap();
    there.map(|entry| entry.unwrap().path()).collect()
}

fn outgoing(depot: &Depot, name: &str) -> Outgoing {
    addresses().address(depot.store.claim(name).unwrap().letter()).unwrap()
}

fn stand(depot: &Depot) -> (Maildir, Outgoing, Vec<u8>) {
    let (name, mail) = depot.letter(1, 200_000);
    let letter = outgoing(depot, &name);
    let directory = depot.root().join("postmottak");
    (Maildir { directory }, letter, mail)
}

/// The relay was killed after the letter was stored and before it left the queue, at whatever step.
#[tokio::test]
async fn a_repeat_leaves_one_copy_in_a_maildir() {
    let depot = Depot::new();
    let (maildir, letter, mail) = stand(&depot);
    let [tmp, new, cur] = ["tmp", "new", "cur"].map(|room| maildir.directory.join(room));
    maildir.store(&letter).unwrap();
    let stored = names(&new).remove(0);
    let text = fs::read(&stored).unwrap();
    assert_eq!(text, String::from_utf8(mail).unwrap().replace("\r\n", "\n").as_bytes());

    maildir.store(&letter).unwrap();
    assert_eq!(names(&new), std::slice::from_ref(&stored));
    // A clerk has seen it.
    let name = stored.file_name().unwrap().to_str().unwrap();
    fs::rename(&stored, cur.join(format!("{name}:2,S"))).unwrap();
    maildir.store(&letter).unwrap();
    assert!(names(&new).is_empty());
    // It got lost, and the operator puts it back; half of it lies there from a crash.
    fs::remove_file(names(&cur).remove(0)).unwrap();
    fs::write(tmp.join(name), &text[..1000]).unwrap();
    maildir.store(&letter).unwrap();
    assert_eq!(fs::read(&stored).unwrap(), text);
    assert!(names(&tmp).is_empty());
    // Another letter is another file.
    let (other, _) = depot.letter(2, 1000);
    maildir.store(&outgoing(&depot, &other)).unwrap();
    assert_eq!(names(&new).len(), 2);
}

#[tokio::test]
async fn nobody_reads_a_maildir_who_was_not_meant_to() {
    let depot = Depot::new();
    let (maildir, letter, _) = stand(&depot);
    let new = maildir.directory.join("new");
    let rights = || {
        maildir.store(&letter).unwrap();
        let file = names(&new).remove(0);
        let mode = fs::metadata(&file).unwrap().mode() & 0o777;
        fs::remove_file(file).unwrap();
        mode
    };
    assert_eq!(rights(), 0o600);
    assert_eq!(fs::metadata(&new).unwrap().mode() & 0o777, 0o700);
    // A post room that is another user of the same group; others never.
    fs::set_permissions(&new, fs::Permissions::from_mode(0o2777)).unwrap();
    assert_eq!(rights(), 0o660);
}

#[tokio::test(start_paused = true)]
#[ignore = "needs root"]
async fn a_full_disk_under_a_maildir_is_waited_for() {
    let depot = Depot::new();
    let (maildir, _, mail) = stand(&depot);
    let directory = maildir.directory.clone();
    fs::create_dir(&directory).unwrap();
    run(Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=100k", "tmpfs"])
        .arg(&directory));
    let _unmount = Unmount(directory.clone());
    let relay = depot.run(TransportSettings::Maildir(maildir));
    let full = || {
        depot
            .alarms
            .alarms()
            .iter()
            .any(|(_, text)| text.contains("No space left"))
    };
    depot.until("the alarm", Duration::from_secs(60), full).await;
    assert_eq!(depot.count(State::Waiting), 1);
    assert!(names(&directory.join("new")).is_empty() && names(&directory.join("tmp")).is_empty());
    run(Command::new("mount").args(["-o", "remount,size=1m"]).arg(&directory));
    depot
        .until("the delivery", Duration::from_secs(3600), || {
            depot.count(State::Delivered) == 1
        })
        .await;
    let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count();
    assert_eq!(
        lines(&fs::read(names(&directory.join("new")).remove(0)).unwrap()),
        lines(&mail)
    );
    relay.end().await;
}

struct Unmount(PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

/// A Dovecot of our own: own directories and socket, no port, no service of the system.
pub struct Dovecot {
    dir: PathBuf,
}

impl Dovecot {
    pub fn start(root: &Path, rule: &str) -> Self {
        let dir = root.join("dovecot");
        for folder in ["run", "state", "home"] {
            fs::create_dir_all(dir.join(folder)).unwrap();
        }
        fs::write(dir.join("rule.sieve"), rule).unwrap();
        let path = dir.display();
        let config = format!(
            "base_dir = {path}/run\nstate_dir = {path}/state\nlog_path = {path}/dovecot.log\nprotocols = lmtp\nssl = no\n\
             mail_location = maildir:~/mail\npassdb {{\n driver = static\n args = nopassword=y\n}}\nuserdb {{\n driver = static\n args = uid=65534 gid=65534 home={path}/home allow_all_users=yes\n}}\n\
             service lmtp {{\n unix_listener lmtp {{\n mode = 0600\n }}\n}}\n\
             protocol lmtp {{\n mail_plugins = sieve\n}}\nplugin {{\n sieve = file:{path}/rule.sieve\n}}\n"
        );
        fs::write(dir.join("dovecot.conf"), config).unwrap();
        // The daemons drop root; the test's directory must let them through.
        fs::set_permissions(root, fs::Permissions::from_mode(0o755)).unwrap();
        run(Command::new("chown").args(["-R", "65534:65534"]).arg(dir.join("home")));
        // The daemon keeps what it gets as its output.
        let mut command = Command::new("dovecot");
        command
            .arg("-c")
            .arg(dir.join("dovecot.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        assert!(command.status().unwrap().success());
        Self { dir }
    }

    fn deliver(&self, mail: &[u8]) {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut replies = BufReader::new(stream.try_clone().unwrap());
        let mut expect = |code: &str| loop {
            let mut line = String::new();
            replies.read_line(&mut line).unwrap();
            assert!(line.starts_with(code), "{line:?}\n{}", self.log());
            if line.as_bytes()[3] == b' ' {
                return;
            }
        };
        expect("220");
        for (command, code) in [
            ("LHLO test\r\n", "250"),
            ("MAIL FROM:<skjema@authority.example>\r\n", "250"),
            ("RCPT TO:<postmottak@authority.example>\r\n", "250"),
            ("DATA\r\n", "354"),
        ] {
            stream.write_all(command.as_bytes()).unwrap();
            expect(code);
        }
        stream.write_all(mail).unwrap();
        stream.write_all(b"\r\n.\r\n").unwrap();
        expect("250");
    }

    pub fn socket(&self) -> PathBuf {
        self.dir.join("run/lmtp")
    }

    pub fn mails(&self) -> usize {
        let room = self.dir.join("home/mail/new");
        fs::read_dir(room).map_or(0, Iterator::count)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.join("dovecot.log")).unwrap_or_default()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let config = self.dir.join("dovecot.conf");
        let _ = Command::new("doveadm").arg("-c").arg(config).arg("stop").output();
    }
}

/// The rule as the operator reads it.
fn documented_rule() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mailbox.md");
    let page = fs::read_to_string(page).unwrap();
    let rule = page.split("```sieve\n").nth(1).unwrap().split("```").next().unwrap();
    rule.to_owned()
}

/// Two letters, as a mail server got them.
fn two_letters() -> Vec<Vec<u8>> {
    let world = World::with(Options::default());
    for text in ["ein", "to"] {
        world.marked_form().text("namn", text).send();
    }
    let came = world.sink.wait_for(2);
    came.into_iter().map(|delivery| delivery.mail).collect()
}

#[test]
#[ignore = "needs dovecot"]
fn the_documented_rule_leaves_one_copy() {
    let letters = two_letters();
    let dir = tempfile::tempdir().unwrap();
    let dovecot = Dovecot::start(dir.path(), &documented_rule());
    let mails = |count: usize, why: &str| assert_eq!(dovecot.mails(), count, "{why}\n{}", dovecot.log());
    dovecot.deliver(&letters[0]);
    mails(1, "a letter");
    dovecot.deliver(&letters[0]);
    mails(1, "its repeat");
    dovecot.deliver(&letters[1]);
    mails(2, "another letter");
    dovecot.deliver(&letters[1]);
    mails(2, "the other's repeat");
}

/// The control, and the other half of the rule: without it there are two, and after its time a letter comes through again.
#[test]
#[ignore = "needs dovecot"]
fn a_letter_comes_through_again_after_the_rules_time() {
    let letters = two_letters();
    let dir = tempfile::tempdir().unwrap();
    let dovecot = Dovecot::start(dir.path(), &documented_rule().replace("10800", "1"));
    dovecot.deliver(&letters[0]);
    let end = Instant::now() + Duration::from_secs(60);
    while dovecot.mails() < 2 {
        assert!(Instant::now() < end, "{}", dovecot.log());
        std::thread::sleep(Duration::from_secs(2));
        dovecot.deliver(&letters[0]);
    }
}
