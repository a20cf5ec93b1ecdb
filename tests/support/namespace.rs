//! A net of the test's own, with all ports free and as many addresses as it likes.

use std::process::Command;

const INSIDE: &str = "KONVOLUTT_INSIDE";

/// Runs one ignored test of this program again inside a network namespace, where 10.0.0.1/24 to 10.0.`prefixes`.1/24 are
/// addresses of this machine, and the first one is that of `skjema.example.no`; so are fd01:0:0:K::1 to fd08:0:0:K::1 and fdff:0:0:K::1,
/// in four networks K of each /48 (`KONVOLUTT_OWNERS` asks for more). True inside; outside it has run by then.
pub fn inside(test: &str, prefixes: u32) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let hosts = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&hosts, "127.0.0.1 localhost\n10.0.0.1 skjema.example.no\n").unwrap();
    let script = "ip link set lo up; for n in $(seq 0 $PREFIXES); do ip addr add 10.0.$n.1/24 dev lo; done; \
                  for n in $(seq 1 ${KONVOLUTT_OWNERS:-8}) 255; do for k in 0 1 2 3; do \
                  printf 'addr add fd%02x:0:0:%d::1/64 dev lo nodad\\n' $n $k; done; done | ip -batch -; \
                  mount --bind \"$HOSTS\" /etc/hosts; exec \"$@\"";
    let status = Command::new("unshare")
        .args(["--net", "--mount", "sh", "-ec", script, "sh"])
        .env("HOSTS", hosts.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .env("PREFIXES", prefixes.to_string())
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed inside its namespace");
    false
}
