//! Whose process is at the other end of a connection.
//!
//! Comes in: both ends of an accepted connection. Goes out: whether it is a process of the user who runs the desk. What
//! always holds: on Linux, where the system says it, one that is not found is not ours. Elsewhere the secret alone keeps
//! other users of the machine out.

use std::net::SocketAddr;

/// Whose a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code))] // nothing says so there
pub(super) enum Whose {
    /// This user's.
    Ours,
    /// Another user's.
    Others,
    /// Nobody knows: most likely it is gone already.
    Unknown,
}

/// Whose process is at `peer`, connected to us at `here`.
#[cfg(target_os = "linux")]
pub(super) fn whose(here: SocketAddr, peer: SocketAddr) -> Whose {
    linux::whose(here, peer)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn whose(_: SocketAddr, _: SocketAddr) -> Whose {
    Whose::Ours
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{BufRead, BufReader};
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
    use std::path::Path;

    use super::Whose;

    /// The kernel's list can pass over a row while others come and go.
    const LOOKS: usize = 3;
    /// A client of either family can reach an address of IPv4.
    const TABLES: [&str; 2] = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
    const ESTABLISHED: &str = "01";

    pub(super) fn whose(here: SocketAddr, peer: SocketAddr) -> Whose {
        let own = rustix::process::geteuid().as_raw();
        let look = || TABLES.iter().find_map(|table| user(Path::new(table), here, peer));
        match (0..LOOKS).find_map(|_| look()) {
            Some(user) if user == own => Whose::Ours,
            Some(_) => Whose::Others,
            None => Whose::Unknown,
        }
    }

    /// The user whose socket is at `peer` and connected to `here`.
    fn user(table: &Path, here: SocketAddr, peer: SocketAddr) -> Option<u32> {
        let rows = BufReader::new(File::open(table).ok()?).lines();
        rows.skip(1)
            .map_while(Result::ok)
            .find_map(|row| user_of(&row, here, peer))
    }

    /// One that nobody holds any more has no user, and is told with that of root: so only those that are whole count.
    pub(super) fn user_of(row: &str, here: SocketAddr, peer: SocketAddr) -> Option<u32> {
        let mut fields = row.split_ascii_whitespace().skip(1);
        let (local, remote, state) = (fields.next()?, fields.next()?, fields.next()?);
        if state != ESTABLISHED || address(local)? != plain(peer) || address(remote)? != plain(here) {
            return None;
        }
        let (user, inode) = (fields.nth(3)?, fields.nth(1)?);
        user.parse().ok().filter(|_| inode != "0")
    }

    fn plain(address: SocketAddr) -> (IpAddr, u16) {
        (address.ip().to_canonical(), address.port())
    }

    /// `0100007F:1F90`: words of 32 bits as this machine writes numbers, each with the bytes of the net in it.
    fn address(text: &str) -> Option<(IpAddr, u16)> {
        let (ip, port) = text.split_once(':')?;
        let word = |at: usize| {
            let word = ip.get(at * 8..at * 8 + 8)?;
            Some(u32::from_str_radix(word, 16).ok()?.to_ne_bytes())
        };
        let ip = match ip.len() {
            8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
            32 => {
                let mut bytes = [0; 16];
                for (at, four) in bytes.chunks_exact_mut(4).enumerate() {
                    four.copy_from_slice(&word(at)?);
                }
                IpAddr::V6(Ipv6Addr::from(bytes))
            }
            _ => return None,
        };
        Some((ip.to_canonical(), u16::from_str_radix(port, 16).ok()?))
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::linux::user_of;
    use super::*;

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }

    /// Both ends are compared, in either family, and one that has been left counts for nothing.
    #[cfg(target_endian = "little")]
    #[test]
    fn a_row_is_the_one_of_both_ends() {
        let (here, peer) = (at("127.0.0.1:8080"), at("127.0.0.1:44975"));
        let row = |ends: &str, state: &str, inode: &str| {
            format!(
                "  12: {ends} {state} 00000000:00000000 00:00000000 00000000  1000        0 {inode} 1 0000 20 4 30 10 -1"
            )
        };
        let ends = "0100007F:AFAF 0100007F:1F90";
        assert_eq!(user_of(&row(ends, "01", "77"), here, peer), Some(1000));
        let mapped = "0000000000000000FFFF00000100007F:AFAF 0000000000000000FFFF00000100007F:1F90";
        assert_eq!(user_of(&row(mapped, "01", "77"), here, peer), Some(1000));
        let six = "00000000000000000000000001000000:AFAF 00000000000000000000000001000000:1F90";
        assert_eq!(
            user_of(&row(six, "01", "77"), at("[::1]:8080"), at("[::1]:44975")),
            Some(1000)
        );
        for other in [
            row("0100007F:1F90 0100007F:AFAF", "01", "77"),
            row("0100007F:AFAF 0100007F:1F91", "01", "77"),
            row("0100007F:AFAE 0100007F:1F90", "01", "77"),
            row("0200007F:AFAF 0100007F:1F90", "01", "77"),
            row(ends, "06", "77"),
            row(ends, "01", "0"),
            "x".into(),
            String::new(),
        ] {
            assert_eq!(user_of(&other, here, peer), None, "{other}");
        }
    }

    #[test]
    fn a_connection_of_this_user_is_ours_and_one_that_is_not_there_is_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = listener.local_addr().unwrap();
        let client = TcpStream::connect(here).unwrap();
        let peer = client.local_addr().unwrap();
        assert_eq!(whose(here, peer), Whose::Ours);
        drop((client, listener));
        assert_eq!(whose(here, peer), Whose::Unknown);
    }
}
