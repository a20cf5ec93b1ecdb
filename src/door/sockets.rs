//! Sockets that listen: bound before the first thread starts, and before the process gives up its rights.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rustix::net::{AddressFamily, sockopt};
use rustix::process::{Resource, Rlimit};

use super::handed_over::HandedOver;

/// Connections that the kernel keeps until we take them.
const BACKLOG: i32 = 1024;
/// Ports below need a right, unless the machine says otherwise (ip(7), `ip_unprivileged_port_start`).
const FIRST_FREE_PORT: u16 = 1024;

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddress {
    /// At an address; port 0 for any.
    Tcp(SocketAddr),
    /// At a path, for a proxy or a Tor on this machine.
    Unix(PathBuf),
    /// At what systemd has opened: the sockets of this `FileDescriptorName=`, or all with an empty one.
    Systemd(String),
}

impl FromStr for ListenAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.starts_with('/') {
                Ok(Self::Unix(path.into()))
            } else {
                Err("the path of a Unix socket must begin with a slash")
            };
        }
        match text.strip_prefix("systemd") {
            Some("") => Ok(Self::Systemd(String::new())),
            Some(name) if name.len() > 1 && name.starts_with(':') => Ok(Self::Systemd(name[1..].to_owned())),
            _ => text.parse().map(Self::Tcp).map_err(|_| "not an address to listen at"),
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(out),
            Self::Unix(path) => write!(out, "unix:{}", path.display()),
            Self::Systemd(name) if name.is_empty() => out.write_str("systemd"),
            Self::Systemd(name) => write!(out, "systemd:{name}"),
        }
    }
}

/// A socket that listens.
#[derive(Debug)]
pub(super) enum Socket {
    /// On the net.
    Tcp(TcpListener),
    /// On this machine.
    Unix(UnixListener),
}

impl Socket {
    /// The address, when it has one that a browser could go to.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix(_) => None,
        }
    }
}

impl fmt::Display for Socket {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(listener) => listener.local_addr().map_err(|_| fmt::Error)?.fmt(out),
            Self::Unix(listener) => {
                let address = listener.local_addr().map_err(|_| fmt::Error)?;
                write!(out, "unix:{}", address.as_pathname().unwrap_or(Path::new("")).display())
            }
        }
    }
}

/// Begins to listen. Several sockets only where systemd has opened several.
///
/// # Errors
/// Names the address, why it cannot be had, and what helps.
pub(super) fn bind(address: &ListenAddress, handed_over: &mut HandedOver) -> io::Result<Vec<Socket>> {
    let sockets = match address {
        ListenAddress::Tcp(address) => tcp(*address).map(|socket| vec![socket]),
        ListenAddress::Unix(path) => unix(path).map(|socket| vec![socket]),
        ListenAddress::Systemd(name) => handed_over
            .take(name)
            .and_then(|all| all.into_iter().map(listening).collect()),
    };
    let said = |error: io::Error| {
        let remedy = remedy(address, &error);
        io::Error::new(
            error.kind(),
            format!("{address} cannot be listened at: {error}{remedy}"),
        )
    };
    sockets.map_err(said)
}

fn remedy(address: &ListenAddress, error: &io::Error) -> &'static str {
    match (address, error.kind()) {
        (ListenAddress::Tcp(address), io::ErrorKind::PermissionDenied) if address.port() < FIRST_FREE_PORT => {
            ". A port below 1024 needs a right: let systemd open it (the units in packaging/systemd), or give the right by `sysctl -w net.ipv4.ip_unprivileged_port_start=80`"
        }
        (ListenAddress::Tcp(_), io::ErrorKind::AddrInUse) => ". Another program listens there; `ss -ltnp` names it",
        _ => "",
    }
}

#[expect(clippy::disallowed_methods, reason = "before the runtime starts")]
fn tcp(address: SocketAddr) -> io::Result<Socket> {
    let listener = TcpListener::bind(address)?;
    // The standard library keeps 128 waiting: too few when many come at once.
    rustix::net::listen(&listener, BACKLOG)?;
    listener.set_nonblocking(true)?;
    Ok(Socket::Tcp(listener))
}

/// The directory decides who reaches the socket; within it, the group may connect: that of the proxy.
#[expect(clippy::disallowed_methods, reason = "before the runtime starts")]
fn unix(path: &Path) -> io::Result<Socket> {
    if path.exists() && UnixStream::connect(path).is_err_and(|e| e.kind() == io::ErrorKind::ConnectionRefused) {
        // Left by an earlier process that listens no more.
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660))?;
    listener.set_nonblocking(true)?;
    Ok(Socket::Unix(listener))
}

fn listening(socket: OwnedFd) -> io::Result<Socket> {
    let fd = socket.as_fd();
    if !sockopt::socket_acceptconn(fd)? {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "what systemd has handed over does not listen (`Accept=no` and `ListenStream=` are needed)",
        ));
    }
    rustix::io::ioctl_fionbio(fd, true)?;
    match sockopt::socket_domain(fd)? {
        AddressFamily::UNIX => Ok(Socket::Unix(socket.into())),
        _ => Ok(Socket::Tcp(socket.into())),
    }
}

/// As many descriptors as the system allows: the usual 1024 are fewer than the connections that we take.
pub(super) fn raise_descriptors() {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let all = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // With fewer, the accept loop waits sooner.
    let _ = rustix::process::setrlimit(Resource::Nofile, all);
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test has no runtime to hold up")]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_written() {
        for text in ["127.0.0.1:80", "[::]:443", "unix:/run/a.sock", "systemd", "systemd:web"] {
            assert_eq!(text.parse::<ListenAddress>().unwrap().to_string(), text);
        }
        for text in ["", "80", "localhost:80", "unix:a.sock", "unix:", "systemd:", "systemdx"] {
            assert!(text.parse::<ListenAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_dead_socket_is_taken_over_and_a_living_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("web.sock");
        let address = ListenAddress::Unix(path.clone());
        let bind = || bind(&address, &mut HandedOver::default());
        let first = bind().unwrap();
        assert!(bind().is_err());
        drop(first);
        assert!(path.exists());
        bind().unwrap();
    }

    /// Root may open every port, and so may whoever a container gives the right: the sentence is tried by itself.
    #[test]
    fn a_port_that_needs_a_right_is_told_with_what_helps() {
        let told = |address: &str, kind: io::ErrorKind| remedy(&address.parse().unwrap(), &kind.into());
        assert!(told("0.0.0.0:443", io::ErrorKind::PermissionDenied).contains("packaging/systemd"));
        assert!(told("0.0.0.0:8443", io::ErrorKind::AddrInUse).contains("ss -ltnp"));
        for quiet in ["0.0.0.0:8443", "unix:/run/a.sock", "systemd:web"] {
            assert_eq!(told(quiet, io::ErrorKind::PermissionDenied), "", "{quiet}");
        }
    }

    #[test]
    fn a_port_in_use_is_told_so() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = ListenAddress::Tcp(taken.local_addr().unwrap());
        let told = bind(&address, &mut HandedOver::default()).unwrap_err().to_string();
        assert!(told.contains("Another program listens there"), "{told}");
    }
}
