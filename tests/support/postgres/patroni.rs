//! Two servers that Patroni looks after, with one etcd: each on a machine of its own, as far as a machine is a net and its
//! processes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use konvolutt::store::postgres::{Host, Settings};
use tempfile::TempDir;

use super::certificates::Certificates;
use super::nets::{NAMES, NODES, Net};
use super::server::{DATABASE, OWNER, programs};
use super::{make_schema, other_node, settings};
use crate::support::run;

/// Patroni with its server; the etcd is in the net of the nodes.
pub struct Patroni {
    machines: [Machine; 2],
    etcd: Child,
    dir: TempDir,
}

struct Machine {
    net: Net,
    root: PathBuf,
    process: Option<Child>,
}

/// Runs a program as the database's user, with all that it begins in a world of processes that ends with it.
fn alone(net: Option<&Net>, words: &[&str], log: &Path) -> Child {
    let mut command = match net {
        Some(net) => {
            let mut command = Command::new("nsenter");
            command
                .arg(format!("--net=/proc/{}/ns/net", net.process()))
                .arg("unshare");
            command
        }
        None => Command::new("unshare"),
    };
    command.args(["--pid", "--fork", "--kill-child", "--mount-proc"]);
    command.args([
        "setpriv",
        "--reuid=postgres",
        "--regid=postgres",
        "--clear-groups",
        "--pdeathsig=KILL",
    ]);
    let log = fs::File::options().create(true).append(true).open(log).unwrap();
    command.args(words).current_dir("/").stdin(Stdio::null());
    command.stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().unwrap()
}

impl Patroni {
    /// A pair with a database that a store can use; receipts wait for the second, always.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let certificates = Certificates::new(&NAMES);
        certificates.write_authority(dir.path());
        let etcd = dir.path().join("etcd");
        fs::create_dir(&etcd).unwrap();
        run(Command::new("chown").arg("postgres:postgres").arg(&etcd));
        let etcd = start_etcd(&etcd);
        let machines = [1, 2].map(|number| {
            let root = dir.path().join(format!("p{number}"));
            fs::create_dir(&root).unwrap();
            certificates.write_server(&root);
            fs::write(root.join("patroni.yml"), configuration(number, &root)).unwrap();
            run(Command::new("chown").args(["-R", "postgres:postgres"]).arg(&root));
            Machine {
                net: Net::of_database(number),
                root,
                process: None,
            }
        });
        let mut patroni = Self { machines, etcd, dir };
        patroni.begin(0);
        patroni.wait_for("a leader", |patroni| patroni.leader() == Some(0));
        patroni.begin(1);
        patroni.until_replicated();
        patroni
            .sql(0, "postgres", &format!("create database {DATABASE}"))
            .unwrap();
        make_schema(&patroni.settings("a"));
        patroni
    }

    /// Starts a machine.
    pub fn begin(&mut self, machine: usize) {
        let own = &mut self.machines[machine];
        let configuration = own.root.join("patroni.yml").display().to_string();
        own.process = Some(alone(
            Some(&own.net),
            &["patroni", &configuration],
            &own.root.join("log"),
        ));
    }

    /// All processes of a machine are gone at once.
    pub fn kill(&mut self, machine: usize) {
        let mut process = self.machines[machine].process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// The machine whose server takes writes.
    pub fn leader(&self) -> Option<usize> {
        let takes_writes = |machine: &usize| {
            self.machines[*machine].process.is_some()
                && self.sql(*machine, "postgres", "select pg_is_in_recovery()").as_deref() == Ok("f")
        };
        [0, 1].into_iter().find(takes_writes)
    }

    fn sql(&self, machine: usize, database: &str, statement: &str) -> Result<String, String> {
        let mut psql = Command::new("psql");
        psql.args(["-X", "-q", "-A", "-t", "-U", OWNER, "-d", database, "-h"]);
        psql.arg(&self.machines[machine].root)
            .args(["-c", statement])
            .stdin(Stdio::null());
        let output = psql.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stderr))
        }
    }

    /// Waits until a commit waits for the second.
    pub fn until_replicated(&self) {
        let question = "select count(*) from pg_stat_replication where state = 'streaming' and sync_state = 'sync'";
        self.wait_for("replication", |patroni| {
            let leader = patroni.leader();
            leader.is_some_and(|leader| patroni.sql(leader, "postgres", question).as_deref() == Ok("1"))
        });
    }

    /// Waits until something is so.
    pub fn wait_for(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let end = Instant::now() + Duration::from_secs(120);
        while !is_so(self) {
            assert!(Instant::now() < end, "{what} did not come:\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn logs(&self) -> String {
        let log = |machine: &Machine| fs::read_to_string(machine.root.join("log")).unwrap_or_default();
        self.machines.iter().map(log).collect::<Vec<_>>().join("\n\n")
    }

    /// What the node of this name is told.
    pub fn settings(&self, node: &str) -> Settings {
        let hosts = NAMES.map(|name| Host::Net(name.to_owned(), 5432)).to_vec();
        let first = Settings {
            ca: Some(self.dir.path().join("ca.pem")),
            standbys: 1,
            ..settings(hosts, DATABASE, &self.dir.path().join("spool"))
        };
        match node {
            "a" => first,
            node => other_node(&first, node),
        }
    }
}

fn start_etcd(root: &Path) -> Child {
    let [clients, peers] = [2379, 2380].map(|port| format!("http://{NODES}:{port}"));
    let data = root.join("data").display().to_string();
    let words = [
        "etcd",
        "--name=one",
        &format!("--data-dir={data}"),
        &format!("--listen-client-urls={clients}"),
        &format!("--advertise-client-urls={clients}"),
        &format!("--listen-peer-urls={peers}"),
        &format!("--initial-advertise-peer-urls={peers}"),
        &format!("--initial-cluster=one={peers}"),
    ];
    alone(None, &words, &root.join("log"))
}

fn configuration(number: u8, root: &Path) -> String {
    let (own, programs) = (root.display(), programs());
    let programs = programs.display();
    format!(
        "scope: konvolutt
name: p{number}
restapi:
  listen: 10.77.0.{number}:8008
  connect_address: 10.77.0.{number}:8008
etcd3:
  hosts: {NODES}:2379
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 3
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      parameters:
        wal_log_hints: 'on'
        wal_keep_size: 128MB
  initdb:
  - encoding: UTF8
  - locale: C.UTF-8
  - data-checksums
  - auth: trust
  pg_hba:
  - local all all trust
  - host replication all 10.77.0.0/24 trust
  - hostssl all all 10.77.0.0/24 trust
  - host all {OWNER} 10.77.0.0/24 trust
postgresql:
  listen: 10.77.0.{number}:5432
  connect_address: 10.77.0.{number}:5432
  data_dir: {own}/data
  bin_dir: {programs}
  pgpass: {own}/pgpass
  authentication:
    superuser:
      username: {OWNER}
    replication:
      username: {OWNER}
  parameters:
    unix_socket_directories: {own}
    shared_buffers: 64MB
    ssl: 'on'
    ssl_cert_file: {own}/server.pem
    ssl_key_file: {own}/server.key
"
    )
}

impl Drop for Patroni {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.logs());
        }
        let processes = self.machines.iter_mut().filter_map(|machine| machine.process.as_mut());
        for process in processes.chain([&mut self.etcd]) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
