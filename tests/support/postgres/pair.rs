//! Two servers in nets of their own, of which one follows the other, and each commit waits for the second.

use std::time::{Duration, Instant};

use konvolutt::store::postgres::{Host, Settings};
use tempfile::TempDir;

use super::certificates::Certificates;
use super::nets::{DB1, DB2, NAMES, Net};
use super::server::{DATABASE, Server, Wishes};
use super::{make_schema, other_node, settings};

/// As each knows the other.
const CALLED: [&str; 2] = ["db1", "db2"];
const ADDRESSES: [&str; 2] = [DB1, DB2];
const ACCESS: [&str; 2] = [
    "host replication all 10.77.0.0/24 trust",
    "hostssl all all 10.77.0.0/24 trust",
];
const DISK: u32 = 2500;
const SETTINGS: [&str; 5] = [
    "wal_keep_size = 128MB",
    "max_wal_size = 128MB",
    "min_wal_size = 32MB",
    "checkpoint_timeout = 30s",
    "wal_log_hints = on",
];

/// Both servers; the nodes are in the net of the test.
pub struct Pair {
    servers: [Server; 2],
    nets: [Net; 2],
    /// Which of them takes writes.
    primary: usize,
    certificates: Certificates,
    dir: TempDir,
}

fn waits_for(standby: usize) -> String {
    format!("synchronous_standby_names = 'FIRST 1 ({})'", CALLED[standby])
}

impl Pair {
    /// A pair with a database that a store can use.
    pub fn start() -> Self {
        let nets = [Net::of_database(1), Net::of_database(2)];
        let certificates = Certificates::new(&NAMES);
        let wishes = |net: &Net| Wishes {
            settings: &SETTINGS,
            access: &ACCESS,
            certificates: Some(&certificates),
            net_of: Some(net.process()),
            disk: Some(DISK),
            own_clock: true,
        };
        let first = Server::start(&wishes(&nets[0]));
        let second = Server::follow(&wishes(&nets[1]), DB1, CALLED[1]);
        let pair = Self {
            servers: [first, second],
            nets,
            primary: 0,
            certificates,
            dir: tempfile::tempdir().unwrap(),
        };
        pair.primary().set(&[&waits_for(1)]);
        pair.until_replicated();
        pair.certificates.write_authority(pair.dir.path());
        pair.primary().sql("postgres", &format!("create database {DATABASE}"));
        make_schema(&pair.settings("a"));
        pair
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

    pub fn primary(&self) -> &Server {
        &self.servers[self.primary]
    }

    pub fn primary_mut(&mut self) -> &mut Server {
        &mut self.servers[self.primary]
    }

    pub fn standby(&self) -> &Server {
        &self.servers[1 - self.primary]
    }

    pub fn standby_mut(&mut self) -> &mut Server {
        &mut self.servers[1 - self.primary]
    }

    /// The net of the one that takes writes.
    pub fn primary_net(&self) -> &Net {
        &self.nets[self.primary]
    }

    pub fn standby_net(&self) -> &Net {
        &self.nets[1 - self.primary]
    }

    pub fn primary_address(&self) -> &'static str {
        ADDRESSES[self.primary]
    }

    /// The second takes writes from now on, and waits for nobody yet. The first is not told, whatever it does.
    pub fn promote(&mut self) {
        assert_eq!(self.standby().sql("postgres", "select pg_promote()"), "t");
        self.primary = 1 - self.primary;
    }

    /// The one that took writes before the last promotion begins anew, as the second of the other.
    pub fn rebuild_standby(&mut self) {
        let (primary, standby) = (self.primary, 1 - self.primary);
        let server = &mut self.servers[standby];
        server.kill();
        let lines = own_lines(server);
        server.copy_from(ADDRESSES[primary], CALLED[standby]);
        server.configure(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(server.run(), "{}", server.log());
        self.servers[primary].set(&[&waits_for(standby)]);
        self.until_replicated();
    }

    /// Waits until what is committed waits for the second.
    pub fn until_replicated(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        let question = "select count(*) from pg_stat_replication where state = 'streaming' and sync_state = 'sync'";
        while self.primary().sql("postgres", question) != "1" {
            assert!(
                Instant::now() < end,
                "no replication:\n{}\n{}",
                self.primary().log(),
                self.standby().log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// What stands in the configuration of this server alone, and is overwritten by that of another.
fn own_lines(server: &Server) -> Vec<String> {
    let own = server.sockets().with_file_name("own");
    vec![
        format!("port = {}", server.port),
        format!("unix_socket_directories = '{}'", server.sockets().display()),
        format!("ssl_cert_file = '{}'", own.join("server.pem").display()),
        format!("ssl_key_file = '{}'", own.join("server.key").display()),
        format!("ssl_ca_file = '{}'", own.join("ca.pem").display()),
        "synchronous_standby_names = ''".to_owned(),
    ]
}
