//! Whether a proxy on this machine brings visitors and is not named: then they all count for this machine, which nothing
//! limits. What `check` looks at is the machine, not the configuration, so that a server never starts otherwise for it.

use std::fs;

use crate::config::{named_as, taken_for_here};
use crate::diagnostic::Diagnostic;
use crate::door::Settings;

/// What visitors' browsers connect to.
const PORTS: [u16; 2] = [443, 80];
/// As the kernel names their processes.
const PROXIES: [&str; 11] = [
    "nginx", "caddy", "haproxy", "apache2", "httpd", "lighttpd", "traefik", "envoy", "varnishd", "hitch", "h2o",
];
/// `LISTEN` in `/proc/net/tcp`.
const LISTENS: &str = "0A";

pub(super) fn diagnostic(listen: &Settings) -> Option<Diagnostic> {
    let place = taken_for_here(listen)?;
    let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
    let table: String = tables.map(|path| fs::read_to_string(path).unwrap_or_default()).concat();
    let port = open_port(&table)?;
    let who = running(&commands()).unwrap_or("a program");
    let own = named_as(place);
    let what = format!(
        "{who} of this machine seems to bring visitors from port {port} to {place}, and is not named: then nothing limits what anybody sends, since all of them count for this machine."
    );
    let remedy = format!(
        "Write `trusted_proxies = [\"{own}\"]` in [listen], and let the proxy say where each visitor comes from, as the files in packaging/ do."
    );
    Some(Diagnostic::problem(what, remedy))
}

/// A port for browsers that something listens at for others than this machine.
fn open_port(table: &str) -> Option<u16> {
    let open: Vec<u16> = table.lines().filter_map(listener).collect();
    PORTS.into_iter().find(|port| open.contains(port))
}

/// The port of a line of `/proc/net/tcp`, if it listens beyond this machine. proc(5): number, local address, the other
/// one, state; the address as words of 32 bits in the machine's order.
fn listener(line: &str) -> Option<u16> {
    let mut words = line.split_whitespace().skip(1);
    let (address, port) = words.next()?.rsplit_once(':')?;
    let listens = words.nth(1)? == LISTENS;
    (listens && !is_loopback(address)).then(|| u16::from_str_radix(port, 16).ok())?
}

fn is_loopback(address: &str) -> bool {
    let word = address.get(address.len().saturating_sub(8)..).unwrap_or_default();
    let v4 = address.len() == 8 || address.starts_with("0000000000000000FFFF0000");
    match u32::from_str_radix(word, 16) {
        Ok(word) if v4 => word.to_ne_bytes()[0] == 127,
        Ok(word) => word.to_ne_bytes() == [0, 0, 0, 1] && address.bytes().take(24).all(|digit| digit == b'0'),
        Err(_) => false,
    }
}

/// Names of all processes: everybody may read them.
fn commands() -> Vec<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let commands = processes.filter_map(|entry| fs::read_to_string(entry.path().join("comm")).ok());
    commands.map(|command| command.trim().to_owned()).collect()
}

fn running(commands: &[String]) -> Option<&'static str> {
    let runs = |name: &&str| commands.iter().any(|command| command == name);
    PROXIES.into_iter().find(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    fn line(address: &str, state: &str) -> String {
        format!(
            "{HEAD}   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 1 1\n"
        )
    }

    #[test]
    fn a_listener_for_browsers_is_seen() {
        let all = "0".repeat(32);
        for (address, port) in [
            ("00000000:01BB", 443),
            ("0100000A:0050", 80),
            (&format!("{all}:01BB"), 443),
            ("0000000000000000FFFF00000100000A:01BB", 443),
        ] {
            assert_eq!(open_port(&line(address, "0A")), Some(port), "{address}");
            assert_eq!(open_port(&line(address, "01")), None, "a connection is no listener");
        }
        let both = line("00000000:0050", "0A") + &line("00000000:01BB", "0A");
        assert_eq!(open_port(&both), Some(443));
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn what_only_this_machine_reaches_is_no_door_for_browsers() {
        for address in [
            "0100007F:01BB",
            "3500007F:0050",
            "00000000000000000000000001000000:01BB",
            "0000000000000000FFFF00000100007F:01BB",
            "00000000:1F90",
            "garbage",
            "",
        ] {
            assert_eq!(open_port(&line(address, "0A")), None, "{address}");
        }
    }

    #[test]
    fn a_proxy_is_known_by_its_name() {
        let commands = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(running(&commands(&["bash", "caddy"])), Some("caddy"));
        assert_eq!(running(&commands(&["bash", "nginx-exporter"])), None);
    }
}
