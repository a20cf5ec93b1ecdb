//! A running authority.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use konvolutt::store::files::{FileStore, Settings};
use tempfile::TempDir;

use super::authority::{Authority, Change};
use super::http::{AGENT, Answer, Form, VISITOR, exchange};
use super::marker::{Marker, hits};
use super::receipts::reference_at;
use super::sink::{Sink, SinkTls};

/// How letters leave.
#[derive(Clone)]
pub enum Way {
    /// The `[mail.smtp]` section.
    Smtp(String),
    Maildir,
}

/// What a test asks of its world.
pub struct Options {
    pub tls: SinkTls,
    /// Name in the mail server's certificate.
    pub name: &'static str,
    /// Deliver to a Maildir instead of the sink.
    pub maildir: bool,
    /// Web and relay in two processes.
    pub apart: bool,
    /// The web side alone: letters stay.
    pub without_relay: bool,
    /// Made different before the start.
    pub change: Change,
    /// Where its directory is made, instead of where temporary files are.
    pub place: Option<PathBuf>,
    /// Another server than the real one, as a control.
    pub program: PathBuf,
    /// Words before the server's own, such as those of `ip netns exec`.
    pub launcher: Vec<String>,
    /// What the server gets as its standard input.
    pub stdin: Option<OwnedFd>,
    /// All that stands in the server's environment, instead of this process's with the most talkative log.
    pub environment: Option<Vec<(&'static str, &'static str)>>,
    /// Further words for the server.
    pub words: Vec<&'static str>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tls: SinkTls::Implicit,
            name: "localhost",
            maildir: false,
            apart: std::env::var_os("KONVOLUTT_APART").is_some(),
            without_relay: false,
            change: |_| {},
            place: None,
            program: env!("CARGO_BIN_EXE_konvolutt").into(),
            launcher: Vec::new(),
            stdin: None,
            environment: None,
            words: Vec::new(),
        }
    }
}

pub struct World {
    dir: TempDir,
    pub authority: Authority,
    pub sink: Sink,
    pub marker: Marker,
    program: PathBuf,
    server: Option<Child>,
    /// The relay, when it has a process of its own.
    relay: Option<Child>,
    apart: bool,
    pub without_relay: bool,
    pub address: SocketAddr,
    starts: u32,
    /// What the server printed before it was ready.
    said: Vec<String>,
    pub launcher: Vec<String>,
    pub stdin: Option<OwnedFd>,
    environment: Option<Vec<(&'static str, &'static str)>>,
    words: Vec<&'static str>,
}

impl World {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        super::programs::build();
        let dir = match &options.place {
            Some(place) => tempfile::tempdir_in(place).unwrap(),
            None => tempfile::tempdir().unwrap(),
        };
        let authority = Authority::new(dir.path());
        let sink = Sink::start(dir.path(), options.tls, options.name);
        let security = match options.tls {
            SinkTls::Implicit => "implicit",
            _ => "starttls",
        };
        authority.write_config(&if options.maildir {
            Way::Maildir
        } else {
            Way::Smtp(sink.section(security, "localhost"))
        });
        (options.change)(&authority);
        let mut world = Self {
            dir,
            authority,
            sink,
            marker: Marker::new(),
            program: options.program,
            server: None,
            relay: None,
            apart: options.apart,
            without_relay: options.without_relay,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            starts: 0,
            said: Vec::new(),
            launcher: options.launcher,
            stdin: options.stdin,
            environment: options.environment,
            words: options.words,
        };
        world.start();
        world
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn start(&mut self) {
        self.starts += 1;
        let out = self.root().join(format!("server-{}.out", self.starts));
        let log = self.root().join(format!("server-{}.log", self.starts));
        let role = |role: &str, out: &Path, log: &Path| {
            let mut words = self.launcher.clone();
            words.push(self.program.display().to_string());
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]).args(["serve", "--role", role, "--config"]);
            command.arg(self.authority.config()).args(&self.words);
            let stdin = self.stdin.as_ref().map(|own| own.try_clone().unwrap());
            command.stdin(stdin.map_or_else(Stdio::null, Stdio::from));
            match &self.environment {
                Some(all) => command.env_clear().envs(all.iter().copied()),
                // As talkative as an operator can make it: that too must not tell anything of a citizen.
                None => command.env("RUST_LOG", "trace"),
            };
            command.stdout(File::create(out).unwrap());
            command.stderr(File::create(log).unwrap());
            command.spawn().unwrap()
        };
        let server = role(if self.apart || self.without_relay { "web" } else { "all" }, &out, &log);
        let relay_log = self.root().join(format!("relay-{}.log", self.starts));
        let relay =
            (self.apart && !self.without_relay).then(|| role("relay", &relay_log.with_extension("out"), &relay_log));
        (self.server, self.relay) = (Some(server), relay);
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            self.said = fs::read_to_string(&out).unwrap().lines().map(str::to_owned).collect();
            if let Some(place) = self.told("ready") {
                // A Unix socket has no address.
                let address = place.split_once("://").map(|(_, address)| address.parse().unwrap());
                self.address = address.unwrap_or(self.address);
                return;
            }
            let ended = self.server.as_mut().unwrap().try_wait().unwrap().is_some();
            assert!(
                !ended && Instant::now() < end,
                "the server did not start:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Letters that `queue list` calls waiting.
    pub fn waiting(&self) -> Vec<String> {
        let output = self.konvolutt(&["queue", "list", "--json"]);
        let listed: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
        let waiting = listed.iter().filter(|letter| letter["state"] == "waiting");
        waiting
            .map(|letter| letter["reference"].as_str().unwrap().to_owned())
            .collect()
    }

    /// It was killed by something else.
    pub fn reap(&mut self) {
        self.server.take().unwrap().wait().unwrap();
    }

    /// As a power button does.
    pub fn kill(&mut self) {
        for mut process in self.server.take().into_iter().chain(self.relay.take()) {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// As systemd does; returns the exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        let mut processes: Vec<_> = self.server.take().into_iter().chain(self.relay.take()).collect();
        for process in &processes {
            let pid = rustix::process::Pid::from_child(process);
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        }
        let codes = processes.iter_mut().map(|process| process.wait().unwrap().code());
        codes.max_by_key(|code| code.unwrap_or(i32::MAX)).unwrap()
    }

    /// As systemd does with the form's half alone.
    pub fn end_form(&mut self) {
        let mut form = self.server.take().unwrap();
        let pid = rustix::process::Pid::from_child(&form);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(form.wait().unwrap().success());
    }

    pub fn log(&self) -> String {
        let logs = (1..=self.starts).flat_map(|n| [format!("server-{n}.log"), format!("relay-{n}.log")]);
        logs.map(|name| fs::read_to_string(self.root().join(name)).unwrap_or_default())
            .collect()
    }

    /// The reference behind a receipt's address, which only this store can read.
    pub fn reference(&self, receipt: &Answer) -> String {
        self.reference_at(receipt.location())
    }

    pub fn reference_at(&self, address: &str) -> String {
        let settings = fs::read_to_string(self.authority.config()).unwrap();
        let on_disk = settings.contains("\"disk/spool\"");
        let spool = self.root().join(if on_disk { "disk/spool" } else { "spool" });
        reference_at(&spool, address)
    }

    pub fn get(&self, path: &str) -> Answer {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        );
        exchange(self.address, request.as_bytes())
    }

    /// What a browser shows after a redirect: no text is ever answered with a page directly.
    pub fn follow(&self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.get(answer.location())
    }

    /// A form as a browser fills it: with the token of a page that was really shown.
    pub fn form(&self) -> Form {
        self.form_at("/nn/s/skriv")
    }

    pub fn form_at(&self, path: &str) -> Form {
        let page = self.get(path);
        assert_eq!(page.status, 200, "{}", page.body);
        let token = page.body.split("name=\"_token\" value=\"").nth(1);
        let token = token.and_then(|rest| rest.split('"').next()).unwrap();
        Form::new(self.address, path).text("_token", token)
    }

    /// A letter with the marker in its text, in a file's name and in its content.
    pub fn marked_form(&self) -> Form {
        let marker = &self.marker.text;
        self.form()
            .text("melding", &format!("Dette er ei melding: {marker}"))
            .file(
                "vedlegg",
                &format!("{marker}.pdf"),
                format!("innhald {marker}").as_bytes(),
            )
    }

    pub fn files_in(&self, directory: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.root().join(directory)) else {
            return Vec::new();
        };
        entries.flatten().map(|entry| entry.path()).collect()
    }

    /// Files in the spool that hold anything of a letter.
    pub fn spooled(&self) -> Vec<PathBuf> {
        let directories = ["draft", "new", "held", "corrupt", "delivered"];
        let files = directories
            .iter()
            .flat_map(|directory| self.files_in(&format!("spool/{directory}")));
        files
            .filter(|path| fs::metadata(path).is_ok_and(|meta| meta.len() > 0))
            .collect()
    }

    /// Where a door is, by the word that the server prints for it.
    pub fn told(&self, door: &str) -> Option<String> {
        let line = |line: &String| {
            Some(
                line.strip_prefix(door)?
                    .strip_prefix(' ')?
                    .trim_end_matches('/')
                    .to_owned(),
            )
        };
        self.said.iter().find_map(line)
    }

    /// The spool, for what a test puts there or looks for.
    pub fn store(&self) -> FileStore {
        FileStore::open(&Settings::at(self.root().join("spool"))).unwrap()
    }

    /// The process of the relay, when it has one of its own.
    pub fn relay_pid(&self) -> u32 {
        self.relay.as_ref().unwrap().id()
    }

    /// The process of the server.
    pub fn pid(&self) -> u32 {
        self.server.as_ref().unwrap().id()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(self.server.as_ref().unwrap());
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Asks the health listener, wherever it is.
    pub fn health(&self) -> impl Fn(&str) -> Answer {
        let place = self.told("health").unwrap();
        let address: SocketAddr = place.strip_prefix("http://").unwrap().parse().unwrap();
        move |path| {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
            exchange(address, request.as_bytes())
        }
    }

    /// Opens a mail with `postrom` and returns the letter's folder.
    pub fn open(&self, mail: &[u8]) -> PathBuf {
        self.open_with("daily", mail)
    }

    pub fn open_with(&self, key: &str, mail: &[u8]) -> PathBuf {
        let file = self.root().join("mail.eml");
        fs::write(&file, mail).unwrap();
        let key = format!("secret/{key}.key.asc");
        let output = self.postrom_open(&file, &["--relay", "keys/relay.cert.asc", "--key", &key]);
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        let marked = |line: &'_ str| line.strip_prefix("✓ ").or(line.strip_prefix("T ")).map(str::to_owned);
        let folder = said.lines().find_map(marked).unwrap_or_else(|| panic!("{said}"));
        self.root().join(folder.trim_end_matches(" (opened before)"))
    }

    pub fn postrom_open(&self, input: &Path, more: &[&str]) -> Output {
        let mut command = super::postrom();
        command.current_dir(self.root());
        command.args(["open", "--out", "opened"]).arg(input).args(more);
        command.output().unwrap()
    }

    /// Runs `konvolutt` with this world's configuration.
    pub fn konvolutt(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_konvolutt"));
        command.args(words).arg("--config").arg(self.authority.config());
        command.output().unwrap()
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(90);
        while !is_so() {
            assert!(Instant::now() < end, "{what} did not happen\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Where the marker is found although it must not be.
    pub fn leaks(&self) -> Vec<String> {
        let mut found = hits(self.root(), &[self.root().join("opened")], &self.marker);
        let log = self.log();
        let visitor = VISITOR.to_string();
        let told = [AGENT, &visitor].into_iter().filter(|text| log.contains(*text));
        found.extend(told.map(|text| format!("{text} in a log")));
        let mails = self.sink.mails();
        let leaked = mails.iter().filter(|mail| self.marker.found_in(&mail.mail).is_some());
        found.extend(leaked.map(|_| "in a mail on the wire".to_owned()));
        found
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for mut process in self.server.take().into_iter().chain(self.relay.take()) {
            let _ = process.kill();
            let _ = process.wait();
        }
        let leaks = self.leaks();
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}\nthe marker was found {leaks:?}", self.log());
            return;
        }
        assert!(leaks.is_empty(), "the marker was found {leaks:?}");
    }
}

/// Waits until something is so, where there is no world that could tell why it is not.
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < end, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Runs a program and returns what it printed; it must succeed.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?}\n{told}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    told
}
