//! What `check` cannot see from where it stands, so that nobody takes its silence for a yes; and what shows it instead.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::door::ListenAddress;
use crate::notify::Contact;
use crate::relay::TransportSettings;

/// One line for each thing that only somebody else, or something else, can see.
pub(super) fn lines(config: &Config, online: bool) -> Vec<String> {
    let mut all = Vec::new();
    let listen = &config.listen;
    let is_local = |address: &ListenAddress| match address {
        ListenAddress::Tcp(address) => address.ip().is_loopback(),
        ListenAddress::Unix(_) => true,
        ListenAddress::Systemd(_) => false,
    };
    if listen.behind_proxy || listen.addresses.iter().all(is_local) {
        all.push("what a proxy in front does: its certificate, its logs, whether it keeps bodies on disk".to_owned());
    }
    let names = if listen.names.is_empty() {
        "the site's name".to_owned()
    } else {
        listen.names.join(", ")
    };
    let ports = if listen.redirect.is_some() {
        "ports 443 and 80"
    } else {
        "port 443"
    };
    all.push(format!(
        "that {names} leads to this machine (DNS), and that {ports} can be reached from the internet (firewall): open the form from another network"
    ));
    if listen
        .addresses
        .iter()
        .any(|address| matches!(address, ListenAddress::Systemd(_)))
    {
        all.push("that systemd has opened the sockets: `systemctl list-sockets 'konvolutt*'`".to_owned());
    }
    if !online
        && matches!(
            config.mail.transport,
            TransportSettings::Smtp(_) | TransportSettings::Lmtp(_)
        )
    {
        all.push("what the mail server says: `konvolutt check --online` asks it".to_owned());
    }
    if !online && config.database.is_some() {
        all.push("what the database proves of letters: `konvolutt check --online` asks it".to_owned());
    }
    all.push("that the post room can open what arrives: `konvolutt send-test`, and ask them".to_owned());
    if config.alarm.contacts().any(Contact::is_reached) {
        all.push("that somebody reads the alarms: `konvolutt alarms test`".to_owned());
    }
    all
}

/// A port that this user may not open, as far as this machine tells: a unit may give the service a right that whoever runs
/// `check` does not have.
pub(super) fn low_port(config: &Config) -> Option<Diagnostic> {
    let first_free = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let first_free: u16 = first_free.ok()?.trim().parse().ok()?;
    let may_bind = may_bind(&std::fs::read_to_string("/proc/self/status").ok()?);
    let listen = &config.listen;
    let ports = listen
        .addresses
        .iter()
        .chain(&listen.redirect)
        .filter_map(|address| match address {
            ListenAddress::Tcp(address) => Some(address.port()),
            _ => None,
        });
    let port = ports.filter(|port| *port != 0 && *port < first_free).min()?;
    (!may_bind).then(|| {
        let what = format!("Port {port} needs a right that this user does not have.");
        let remedy = "Let systemd open it (the units in packaging/systemd and `systemd:web`), or give the right by `sysctl -w net.ipv4.ip_unprivileged_port_start=80`.";
        Diagnostic::warning(what, remedy)
    })
}

/// Whether a process may open ports below the first free one, by `CapEff` of its `/proc/PID/status` (proc(5)).
fn may_bind(status: &str) -> bool {
    const CAP_NET_BIND_SERVICE: u64 = 1 << 10;
    let rights = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let rights = rights.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
    // Where nothing is told, nothing is claimed.
    rights.is_none_or(|rights| rights & CAP_NET_BIND_SERVICE != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_to_open_low_ports_is_read_from_the_kernel() {
        assert!(may_bind("Name:\tx\nCapEff:\t000001ffffffffff\n") && may_bind("CapEff:\t0000000000000400\n"));
        assert!(!may_bind("CapEff:\t0000000000000000\n") && !may_bind("CapEff:\t00000000000003ff\n"));
        assert!(may_bind("") && may_bind("CapEff:\tx\n"));
    }
}
