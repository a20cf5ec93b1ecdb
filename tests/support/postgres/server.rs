//! One server, in a directory of its own; it ends with the test, however that ends.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use konvolutt::store::postgres::Host;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::certificates::Certificates;
use crate::support::run;

/// The database that a node is told of.
pub const DATABASE: &str = "konvolutt";
/// Who may do everything there.
pub const OWNER: &str = "postgres";

/// Its user's own: it would look for certificates in that of the test, and may not.
const HOME: &str = "/var/lib/postgresql";
/// Clock of a server: read at each call.
const CLOCK: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// What a test asks of its server.
#[derive(Default)]
pub struct Wishes<'a> {
    /// Lines of `postgresql.conf`, besides or instead: what comes last counts.
    pub settings: &'a [&'a str],
    /// Lines of `pg_hba.conf` for those that come over the net. Who comes over the socket is trusted.
    pub access: &'a [&'a str],
    /// It shows this certificate.
    pub certificates: Option<&'a Certificates>,
    /// A process whose net it is in, instead of this one's.
    pub net_of: Option<u32>,
    /// Its disk has so many MiB: memory, so that a full one is quick to make.
    pub disk: Option<u32>,
    /// Its clock can be set.
    pub own_clock: bool,
}

/// A server. What is asked of it here goes over its Unix socket, so also when it is cut off from every net.
pub struct Server {
    root: PathBuf,
    pub port: u16,
    net_of: Option<u32>,
    own_clock: bool,
    disk: bool,
    process: Option<Child>,
    /// Ends what is left, should this process be killed.
    keeper: (Child, Option<ChildStdin>),
    _dir: TempDir,
}

/// A program of PostgreSQL, as the user that may run it.
fn program(name: &str) -> Command {
    let mut command = as_postgres();
    command.arg(programs().join(name));
    command
}

fn as_postgres() -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .env("HOME", HOME)
        .current_dir("/");
    command
}

/// Where the programs of the newest PostgreSQL lie.
pub fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is not installed");
    let newest = versions.flatten().map(|entry| entry.path()).max();
    newest.unwrap().join("bin")
}

impl Server {
    /// A new server, which runs.
    pub fn start(wishes: &Wishes<'_>) -> Self {
        let mut server = Self::make(wishes);
        let data = server.data();
        run(program("initdb")
            .args(["--data-checksums", "--no-sync", "--auth=trust", "--username", OWNER])
            .args(["--encoding=UTF8", "--locale=C.UTF-8", "--pgdata"])
            .arg(&data));
        server.set_up(wishes);
        assert!(server.run(), "{}", server.log());
        server
    }

    /// A new server that follows another one, which knows it by this name.
    pub fn follow(wishes: &Wishes<'_>, primary: &str, name: &str) -> Self {
        let mut server = Self::make(wishes);
        server.copy_from(primary, name);
        server.set_up(wishes);
        assert!(server.run(), "{}", server.log());
        server
    }

    fn make(wishes: &Wishes<'_>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_owned();
        // The server is another user.
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        for folder in ["sockets", "disk", "own"] {
            fs::create_dir(root.join(folder)).unwrap();
        }
        if let Some(mebibytes) = wishes.disk {
            let size = format!("size={mebibytes}m");
            run(Command::new("mount")
                .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
                .arg(root.join("disk")));
        }
        fs::write(root.join("clock"), "+0").unwrap();
        run(Command::new("chown")
            .args(["-R", "postgres:postgres"])
            .args(["sockets", "disk", "own"].map(|folder| root.join(folder))));
        // Over the net each has a port of its own, unless it has a net of its own.
        let port = match wishes.net_of {
            Some(_) => 5432,
            None => {
                let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
                free.local_addr().unwrap().port()
            }
        };
        Self {
            keeper: keeper(&root),
            root,
            port,
            net_of: wishes.net_of,
            own_clock: wishes.own_clock,
            disk: wishes.disk.is_some(),
            process: None,
            _dir: dir,
        }
    }

    fn data(&self) -> PathBuf {
        self.root.join("disk/data")
    }

    /// Where its Unix socket is.
    pub fn sockets(&self) -> PathBuf {
        self.root.join("sockets")
    }

    /// How a node finds it on its Unix socket.
    pub fn socket(&self) -> Host {
        Host::Socket(self.sockets(), self.port)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.root.join("own/log")).unwrap_or_default()
    }

    fn set_up(&self, wishes: &Wishes<'_>) {
        let mut lines = vec![
            format!("port = {}", self.port),
            format!("unix_socket_directories = '{}'", self.sockets().display()),
            "listen_addresses = '*'".to_owned(),
            "wal_level = replica".to_owned(),
            "max_wal_senders = 5".to_owned(),
            "max_connections = 60".to_owned(),
            "shared_buffers = 64MB".to_owned(),
            "wal_receiver_status_interval = 1s".to_owned(),
            "wal_sender_timeout = 5s".to_owned(),
            "wal_receiver_timeout = 5s".to_owned(),
            "wal_retrieve_retry_interval = 300ms".to_owned(),
            "log_min_messages = warning".to_owned(),
            // Below its own directory: what a killed one leaves goes with it.
            "dynamic_shared_memory_type = mmap".to_owned(),
        ];
        if let Some(certificates) = wishes.certificates {
            let own = self.root.join("own");
            certificates.write_server(&own);
            run(Command::new("chown").args(["-R", "postgres:postgres"]).arg(&own));
            lines.extend([
                "ssl = on".to_owned(),
                format!("ssl_cert_file = '{}'", own.join("server.pem").display()),
                format!("ssl_key_file = '{}'", own.join("server.key").display()),
                format!("ssl_ca_file = '{}'", own.join("ca.pem").display()),
            ]);
        }
        lines.extend(wishes.settings.iter().map(|line| (*line).to_owned()));
        self.configure(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        let access = ["local all all trust", "local replication all trust"];
        let access = access.iter().chain(wishes.access).map(|line| format!("{line}\n"));
        self.write("pg_hba.conf", &access.collect::<String>());
    }

    /// Writes one of its files anew.
    pub fn write(&self, file: &str, text: &str) {
        // It exists, and belongs to the server's user.
        fs::write(self.data().join(file), text).unwrap();
    }

    /// Adds lines to its configuration: what comes last counts. A server that runs is not told.
    pub fn configure(&self, lines: &[&str]) {
        let file = self.data().join("postgresql.conf");
        let mut file = File::options().append(true).open(file).unwrap();
        for line in lines {
            writeln!(file, "{line}").unwrap();
        }
    }

    /// Adds lines to its configuration, and waits until new connections have them.
    pub fn set(&self, lines: &[&str]) {
        let loaded = || self.sql("postgres", "select pg_conf_load_time()");
        let before = loaded();
        self.configure(lines);
        self.signal(Signal::HUP);
        let end = Instant::now() + Duration::from_secs(20);
        while loaded() == before {
            assert!(Instant::now() < end, "{lines:?}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A program of PostgreSQL in its own net.
    fn launch(&self, words: &[&str]) -> Command {
        let own = as_postgres();
        let mut command = match self.net_of {
            Some(process) => {
                let mut command = Command::new("nsenter");
                command.arg(format!("--net=/proc/{process}/ns/net"));
                command.arg(own.get_program()).args(own.get_args()).current_dir("/");
                command.env("HOME", HOME);
                command
            }
            None => own,
        };
        command.args(&words[..words.len() - 1]);
        command.arg(programs().join(words[words.len() - 1]));
        command
    }

    /// The server itself, by its own clock.
    fn launch_server(&self) -> Command {
        let clock = format!("FAKETIME_TIMESTAMP_FILE={}", self.root.join("clock").display());
        let preload = format!("LD_PRELOAD={CLOCK}");
        if self.own_clock {
            // Not before it is its user: the library would keep what belongs to another one.
            self.launch(&[
                "env",
                &preload,
                &clock,
                "FAKETIME_NO_CACHE=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1",
                "postgres",
            ])
        } else {
            self.launch(&["postgres"])
        }
    }

    /// Runs it; false when it ended again, with the reason in its log.
    pub fn run(&mut self) -> bool {
        assert!(self.process.is_none(), "it runs");
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.root.join("own/log"));
        let log = log.unwrap();
        let mut command = self.launch_server();
        command.arg("-D").arg(self.data()).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let mut process = command.spawn().unwrap();
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            if process.try_wait().unwrap().is_some() {
                return false;
            }
            // The eighth line, of this process.
            let told = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            let mut lines = told.lines();
            let own = lines.next() == Some(&process.id().to_string());
            if own
                && lines
                    .nth(6)
                    .is_some_and(|state| ["ready", "standby"].contains(&state.trim()))
            {
                break;
            }
            assert!(Instant::now() < end, "it does not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.process = Some(process);
        true
    }

    /// True while its first process is there.
    pub fn runs(&mut self) -> bool {
        match &mut self.process {
            None => false,
            Some(process) => {
                let ended = process.try_wait().unwrap().is_some();
                if ended {
                    self.process = None;
                }
                !ended
            }
        }
    }

    /// Ends it as its operator does.
    pub fn stop(&mut self) {
        if self.runs() {
            self.signal(Signal::INT);
            self.process.take().unwrap().wait().unwrap();
        }
    }

    /// Ends all its processes at once, as a power cut does, but what is in the system's memory stays.
    pub fn kill(&mut self) {
        let all = self.processes();
        for process in &all {
            let _ = kill_process(*process, Signal::KILL);
        }
        if let Some(mut process) = self.process.take() {
            process.wait().unwrap();
        }
        let end = Instant::now() + Duration::from_secs(20);
        let there = |process: &Pid| Path::new(&format!("/proc/{}/exe", process.as_raw_nonzero())).exists();
        while all.iter().any(there) {
            assert!(Instant::now() < end, "processes of a killed server stay");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Its first process, then those that it began.
    fn processes(&self) -> Vec<Pid> {
        let Some(process) = &self.process else {
            return Vec::new();
        };
        let first = process.id();
        let children = fs::read_to_string(format!("/proc/{first}/task/{first}/children")).unwrap_or_default();
        let children = children
            .split_whitespace()
            .filter_map(|id| Pid::from_raw(id.parse().ok()?));
        std::iter::once(Pid::from_child(process)).chain(children).collect()
    }

    /// To its first process.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(self.process.as_ref().unwrap()), signal).unwrap();
    }

    /// No process of it does anything, until [`Server::wake`].
    pub fn freeze(&self) {
        // The first one first: it begins no other.
        for process in self.processes() {
            let _ = kill_process(process, Signal::STOP);
        }
    }

    /// After [`Server::freeze`].
    pub fn wake(&self) {
        for process in self.processes() {
            let _ = kill_process(process, Signal::CONT);
        }
    }

    /// Its clock goes so much before or after the machine's.
    pub fn shift_clock(&self, seconds: i64) {
        assert!(self.own_clock);
        let fresh = self.root.join("clock.new");
        fs::write(&fresh, format!("{seconds:+}")).unwrap();
        fs::rename(fresh, self.root.join("clock")).unwrap();
    }

    /// Takes all room of its disk, until [`Server::give_room`].
    pub fn take_room(&self) {
        assert!(self.disk);
        let file = File::create(self.root.join("disk/ballast")).unwrap();
        let (mut length, mut step) = (0, 1 << 30);
        while step >= 4096 {
            match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), length, step) {
                Ok(()) => length += step,
                Err(_) => step /= 2,
            }
        }
    }

    pub fn give_room(&self) {
        fs::remove_file(self.root.join("disk/ballast")).unwrap();
    }

    /// Throws its data away and takes those of another server, which it follows from its next start on.
    pub fn copy_from(&mut self, primary: &str, name: &str) {
        assert!(self.process.is_none());
        let data = self.data();
        let _ = fs::remove_dir_all(&data);
        let from = format!("host={primary} port=5432 user={OWNER} application_name={name}");
        run(self
            .launch(&["pg_basebackup"])
            .args([
                "--write-recovery-conf",
                "--wal-method=stream",
                "--checkpoint=fast",
                "--no-sync",
            ])
            .arg("--pgdata")
            .arg(&data)
            .args(["--dbname", &from]));
    }

    fn psql(&self, user: &str, database: &str) -> Command {
        let mut command = Command::new("psql");
        command.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-p",
            &self.port.to_string(),
            "-h",
        ]);
        command.arg(self.sockets()).args(["-U", user, "-d", database]);
        command.env("PGCONNECT_TIMEOUT", "20");
        command
    }

    /// What these statements answer; they must succeed.
    pub fn sql(&self, database: &str, statements: &str) -> String {
        let answered = self.try_sql(OWNER, database, statements);
        answered.unwrap_or_else(|error| panic!("{statements}\n{error}\n{}", self.log()))
    }

    /// What these statements answer when this user asks, or the error. Notices stand with neither.
    pub fn try_sql(&self, user: &str, database: &str, statements: &str) -> Result<String, String> {
        let mut psql = self.psql(user, database);
        let output = psql.args(["-c", statements]).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end().to_owned();
        if output.status.success() {
            Ok(text(output.stdout))
        } else {
            Err(text(output.stderr))
        }
    }

    /// A session that does this and answers nothing here.
    pub fn session(&self, database: &str, statements: &str) -> Child {
        let mut psql = self.psql(OWNER, database);
        psql.args(["-c", statements])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        psql.spawn().unwrap()
    }
}

/// Waits for the end of this process, ends the server if it is still there, and removes what it left.
fn keeper(root: &Path) -> (Child, Option<ChildStdin>) {
    const SCRIPT: &str = r#"cat >/dev/null
pid=$(head -n 1 "$1/disk/data/postmaster.pid" 2>/dev/null) || pid=
if [ -n "$pid" ] && grep -qF "$1/disk/data" "/proc/$pid/cmdline" 2>/dev/null; then
    kill -CONT "$pid"; kill -QUIT "$pid"
    for i in $(seq 100); do [ -e "/proc/$pid" ] || break; sleep 0.1; done
fi
umount -l "$1/disk" 2>/dev/null
rm -rf "$1""#;
    let mut command = Command::new("sh");
    command
        .args(["-c", SCRIPT, "sh"])
        .arg(root)
        .current_dir("/")
        .process_group(0);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let stdin = child.stdin.take();
    (child, stdin)
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the log of PostgreSQL:\n{}", self.log());
        }
        if self.runs() {
            self.wake();
            self.signal(Signal::QUIT);
            let end = Instant::now() + Duration::from_secs(10);
            while self.runs() && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        self.kill();
        drop(self.keeper.1.take());
        let _ = self.keeper.0.wait();
    }
}
