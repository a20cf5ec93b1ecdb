//! Three nets on one bridge: of two databases, and of the nodes. Lines between them can be cut, each way.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{inside, run};

/// Addresses in the three nets.
pub const DB1: &str = "10.77.0.1";
pub const DB2: &str = "10.77.0.2";
pub const NODES: &str = "10.77.0.3";
/// Names of the databases, as nodes are told of them.
pub const NAMES: [&str; 2] = ["db1.example", "db2.example"];

/// Runs one ignored test of this program again in the net of the nodes. True inside; outside it has run by then.
pub fn in_three_nets(test: &str) -> bool {
    if !inside(test, 0) {
        return false;
    }
    let hosts = std::env::temp_dir().join(format!("hosts-{}", std::process::id()));
    let [one, two] = NAMES;
    std::fs::write(&hosts, format!("127.0.0.1 localhost\n{DB1} {one}\n{DB2} {two}\n")).unwrap();
    let script = format!(
        "mount --bind \"$1\" /etc/hosts; ip link add konvolutt type bridge; ip link set konvolutt up; \
         ip addr add {NODES}/24 dev konvolutt"
    );
    run(Command::new("sh").args(["-ec", &script, "sh"]).arg(&hosts));
    std::fs::remove_file(hosts).unwrap();
    true
}

/// A net beside the one of the nodes; ends with this.
pub struct Net {
    holder: Child,
    port: String,
}

impl Net {
    /// The net of a database, 1 or 2.
    pub fn of_database(number: u8) -> Self {
        // Ends with its input, however this process ends.
        let mut command = Command::new("unshare");
        command
            .args(["--net", "cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        let holder = command.spawn().unwrap();
        let net = |process: &str| std::fs::read_link(format!("/proc/{process}/ns/net")).ok();
        let end = Instant::now() + Duration::from_secs(10);
        while net(&holder.id().to_string()) == net("self") {
            assert!(Instant::now() < end, "no net of its own");
            std::thread::sleep(Duration::from_millis(5));
        }
        let own = Self {
            holder,
            port: format!("to-db{number}"),
        };
        let (port, process) = (&own.port, own.process());
        let outer = format!(
            "ip link add {port} type veth peer name eth0 netns {process}; ip link set {port} master konvolutt; \
             ip link set {port} up"
        );
        run(Command::new("sh").args(["-ec", &outer]));
        own.run(&format!(
            "ip link set lo up; ip addr add 10.77.0.{number}/24 dev eth0; ip link set eth0 up"
        ));
        own
    }

    /// A process that is in it.
    pub fn process(&self) -> u32 {
        self.holder.id()
    }

    fn run(&self, script: &str) {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.process()));
        run(command.args(["sh", "-ec", script]));
    }

    /// Nothing comes in from this address any more.
    pub fn drop_from(&self, address: &str) {
        self.run(&format!(
            "nft 'table inet cut {{ chain from {{ type filter hook input priority 0; ip saddr {address} drop; }}; }}'"
        ));
    }

    /// Nothing goes out to this address any more.
    pub fn drop_to(&self, address: &str) {
        self.run(&format!(
            "nft 'table inet cut {{ chain to {{ type filter hook output priority 0; ip daddr {address} drop; }}; }}'"
        ));
    }

    /// The line is pulled out, both ways.
    pub fn pull(&self) {
        run(Command::new("ip").args(["link", "set", &self.port, "down"]));
    }

    /// Everything goes through again.
    pub fn mend(&self) {
        run(Command::new("ip").args(["link", "set", &self.port, "up"]));
        self.run("nft flush ruleset");
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
