//! A PostgreSQL of its own, on the disk that the store of files has as well.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use konvolutt::store::files;
use konvolutt::store::postgres::{Host, Login, Settings, migrate};
use tempfile::TempDir;

const PORT: u16 = 5432;
const DATABASE: &str = "konvolutt";
/// Who owns the server and the schema.
const OWNER: &str = "postgres";

/// The machines that share it.
pub(super) const NODES: [&str; 2] = ["a", "b"];

/// A server that ends with its value.
pub(super) struct Server {
    programs: PathBuf,
    data: PathBuf,
    /// What is each node's own, in a folder for each.
    nodes: PathBuf,
    /// The Unix socket: a path of one may have no more than 107 bytes.
    socket: TempDir,
}

impl Server {
    /// `None` where there is no PostgreSQL.
    pub(super) fn start(dir: &Path) -> Option<Self> {
        let server = Self {
            programs: programs()?,
            data: dir.join("data"),
            nodes: dir.join("nodes"),
            socket: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(&server.data).unwrap();
        server.own(&server.data);
        server.own(server.socket.path());
        // Checksums, as from version 18 on.
        server.run("initdb", |initdb| {
            initdb.args(["--auth=trust", "--data-checksums", "--encoding=UTF8", "--no-locale"]);
            initdb.args(["--username", OWNER, "--pgdata"]).arg(&server.data);
        });
        let settings = format!(
            "listen_addresses = ''\nport = {PORT}\nunix_socket_directories = '{}'\nmax_connections = 120\n",
            server.socket.path().display()
        );
        fs::write(server.data.join("postgresql.auto.conf"), settings).unwrap();
        server.run("pg_ctl", |pg_ctl| {
            pg_ctl.args(["--wait", "--log"]).arg(server.data.join("log"));
            pg_ctl.arg("--pgdata").arg(&server.data).arg("start");
        });
        server.run("createdb", |createdb| {
            createdb.args(server.address()).arg(DATABASE);
        });
        // The same secret, by which letters are named, on each node.
        for node in NODES {
            fs::create_dir_all(server.nodes.join(node)).unwrap();
            fs::write(server.nodes.join(node).join("secret"), [7; 32]).unwrap();
        }
        migrate(&server.settings(NODES[0]), &Login::named(OWNER)).unwrap();
        Some(server)
    }

    /// One node's.
    pub(super) fn settings(&self, node: &str) -> Settings {
        Settings {
            hosts: vec![Host::Socket(self.socket.path().to_owned(), PORT)],
            database: DATABASE.to_owned(),
            ca: None,
            standbys: 0,
            node: node.to_owned(),
            web: Login::named("konvolutt_web"),
            relay: Login::named("konvolutt_relay"),
            operator: Login::named("konvolutt_operator"),
            local: files::Settings::at(self.nodes.join(node)),
            most_bytes: 100 << 30,
        }
    }

    /// Transactions per second and the last of a hundred, in milliseconds, of a script by so many clients.
    pub(super) fn pgbench(&self, script: &str, body: &[u8], clients: usize, seconds: u64) -> (f64, f64) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("script.sql");
        fs::write(&file, script).unwrap();
        self.own(dir.path());
        let output = self.run("pgbench", |pgbench| {
            pgbench
                .args(self.address())
                .args(["--no-vacuum", "--protocol=prepared"]);
            // Sent as a value with each statement, in hexadecimal.
            pgbench.args(["--define", &format!("body=\\x{}", konvolutt_letter::hex(body))]);
            pgbench.args(["--client", &clients.to_string(), "--time", &seconds.to_string()]);
            pgbench.args(["--log", "--file"]).arg(&file).arg(DATABASE);
            pgbench.current_dir(dir.path());
        });
        let told = String::from_utf8(output.stdout).unwrap();
        let line = told.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap();
        let rate = line.split(' ').next().unwrap().parse().unwrap();
        // Of each transaction: client, number, microseconds, …
        let logs = fs::read_dir(dir.path()).unwrap().flatten();
        let logs = logs.filter(|entry| entry.file_name().to_string_lossy().starts_with("pgbench_log"));
        let logs: String = logs.map(|entry| fs::read_to_string(entry.path()).unwrap()).collect();
        let took = logs
            .lines()
            .filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok());
        let mut took: Vec<f64> = took.map(|micros| micros / 1000.0).collect();
        took.sort_by(f64::total_cmp);
        (rate, took[took.len() * 99 / 100])
    }

    /// What `psql` says to it.
    pub(super) fn ask(&self, sql: &str) -> String {
        let output = self.run("psql", |psql| {
            psql.args(self.address()).args(["-AtX", "-c", sql, DATABASE]);
        });
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn address(&self) -> [String; 6] {
        let socket = self.socket.path().display().to_string();
        ["-h", &socket, "-p", &PORT.to_string(), "-U", OWNER].map(str::to_owned)
    }

    /// Root may not run a server, so it is the user's whom the package made.
    fn own(&self, path: &Path) {
        if let Some((user, group)) = postgres_user() {
            std::os::unix::fs::chown(path, Some(user), Some(group)).unwrap();
        }
    }

    fn run(&self, program: &str, words: impl FnOnce(&mut Command)) -> Output {
        let mut command = Command::new(self.programs.join(program));
        if let Some((user, group)) = postgres_user() {
            command.uid(user).gid(group);
        }
        command.current_dir("/");
        words(&mut command);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {said}");
        output
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.run("pg_ctl", |pg_ctl| {
            pg_ctl
                .args(["--mode=immediate", "--pgdata"])
                .arg(&self.data)
                .arg("stop");
        });
    }
}

/// Where the newest version's programs are.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let folders = versions.map(|entry| entry.path().join("bin"));
    folders.filter(|folder| folder.join("pgbench").exists()).max()
}

/// User and group, when this is root.
fn postgres_user() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find_map(|line| line.strip_prefix("postgres:"));
    let mut numbers = line.unwrap().split(':').skip(1).map(|word| word.parse().unwrap());
    Some((numbers.next()?, numbers.next()?))
}
