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
use rustix::process::{PidfdFlags, PidfdGetfdFlags, Resource, Rlimit};

/// Connections that the kernel keeps until we take them.
const BACKLOG: i32 = 1024;
/// systemd hands sockets over from this number on (sd_listen_fds(3)).
const FIRST_HANDED_OVER: i32 = 3;

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
/// Names the address and why it cannot be had.
pub(super) fn bind(address: &ListenAddress) -> io::Result<Vec<Socket>> {
    let sockets = match address {
        ListenAddress::Tcp(address) => tcp(*address).map(|socket| vec![socket]),
        ListenAddress::Unix(path) => unix(path).map(|socket| vec![socket]),
        ListenAddress::Systemd(name) => handed_over(name),
    };
    sockets.map_err(|error| io::Error::new(error.kind(), format!("{address} cannot be listened at: {error}")))
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

/// The sockets that systemd opened for this process, by name.
fn handed_over(wanted: &str) -> io::Result<Vec<Socket>> {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let none = || io::Error::new(io::ErrorKind::NotFound, "systemd has handed no such socket over");
    if variable("LISTEN_PID") != std::process::id().to_string() {
        return Err(none());
    }
    let count: i32 = variable("LISTEN_FDS").parse().map_err(|_| none())?;
    let names = variable("LISTEN_FDNAMES");
    let mut names = names.split(':');
    let mut sockets = Vec::new();
    for number in FIRST_HANDED_OVER..FIRST_HANDED_OVER.saturating_add(count) {
        let name = names.next().unwrap_or_default();
        let copy = own_copy(number)?;
        crate::sandbox::keep_from_children(number)?;
        if wanted.is_empty() || wanted == name {
            sockets.push(listening(copy)?);
        }
    }
    (!sockets.is_empty()).then_some(sockets).ok_or_else(none)
}

/// A copy of one of our own descriptors, known by its number only. The usual way is a promise to the compiler that the
/// number is open and not used elsewhere (`unsafe`); asking the kernel for a copy needs no promise.
fn own_copy(number: i32) -> io::Result<OwnedFd> {
    let own = rustix::process::pidfd_open(rustix::process::getpid(), PidfdFlags::empty())?;
    Ok(rustix::process::pidfd_getfd(own, number, PidfdGetfdFlags::empty())?)
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
        let first = bind(&address).unwrap();
        assert!(bind(&address).is_err());
        drop(first);
        assert!(path.exists());
        bind(&address).unwrap();
    }
}
