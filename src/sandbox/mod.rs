//! The sandbox: what a process may still do once it has read its configuration and opened its doors.
//!
//! Comes in: what it needs, by the one who knows (`cli`). What always holds: it is shut before any other thread runs,
//! since threads that run already would stay free; and nothing opens it again.

mod calls;
mod descriptor;
mod landlock;
mod seccomp;

use std::io;
use std::path::PathBuf;

pub use descriptor::take_over;

use ::landlock::{AccessFs, BitFlags};
use seccomp::{Calls, Modes, Sockets};

/// What may be done below a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read files and directories.
    Read,
    /// Read, write, make, link and remove files.
    Change,
    /// The same with whatever may lie there, also what is no file.
    ChangeAll,
    /// Link files that are written already into it; not open, change or remove what is there.
    Link,
    /// Write new files and remove them, not read.
    Drop,
}

impl Access {
    fn rights(self) -> BitFlags<AccessFs> {
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let write = AccessFs::WriteFile | AccessFs::Truncate | AccessFs::MakeReg | AccessFs::RemoveFile;
        let other = AccessFs::MakeSym | AccessFs::MakeFifo | AccessFs::MakeSock;
        match self {
            Access::Read => read,
            Access::Change => read | write | AccessFs::Refer,
            Access::ChangeAll => Access::Change.rights() | AccessFs::MakeDir | AccessFs::RemoveDir | other,
            Access::Link => AccessFs::MakeReg | AccessFs::Refer,
            Access::Drop => write,
        }
    }
}

/// What a process needs; everything else is refused.
#[derive(Debug, Default)]
pub struct Sandbox {
    paths: Vec<(PathBuf, Access)>,
    ports: Option<Vec<u16>>,
    names: bool,
    modes: Modes,
    watches: bool,
}

impl Sandbox {
    /// Nothing at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Something below a path.
    pub fn allow(&mut self, path: impl Into<PathBuf>, access: Access) {
        self.paths.push((path.into(), access));
    }

    /// Connections to Unix sockets that this user may use. Landlock does not tell one from the other.
    pub fn use_sockets(&mut self) {
        self.ports.get_or_insert_default();
    }

    /// TCP connections to a port.
    pub fn connect(&mut self, port: u16) {
        self.ports.get_or_insert_default().push(port);
    }

    /// Asking for the addresses of names, by UDP and TCP.
    pub fn resolve_names(&mut self) {
        self.names = true;
        self.connect(53);
    }

    /// Giving its own files other modes.
    pub fn change_modes(&mut self) {
        self.modes = Modes::All;
    }

    /// Giving files other modes that it has open.
    pub fn change_modes_of_open_files(&mut self) {
        if self.modes == Modes::None {
            self.modes = Modes::OfOpenFiles;
        }
    }

    /// Waiting for what happens in directories.
    pub fn watch_directories(&mut self) {
        self.watches = true;
    }

    fn calls(&self) -> Calls {
        Calls {
            sockets: match (&self.ports, self.names) {
                (None, _) => Sockets::None,
                (Some(_), false) => Sockets::Streams,
                (Some(_), true) => Sockets::StreamsAndNames,
            },
            modes: self.modes,
            watches: self.watches,
        }
    }

    /// Shuts this process in.
    ///
    /// # Errors
    /// When other threads run already, or when the kernel refuses what it says it has.
    pub fn enforce(self) -> io::Result<Kernel> {
        if std::fs::read_dir("/proc/self/task")?.count() != 1 {
            return Err(io::Error::other(
                "threads run already, which the sandbox would not hold",
            ));
        }
        let kernel = kernel();
        rustix::thread::set_no_new_privs(true)?;
        if kernel.landlock >= landlock::LEAST {
            let mut rules = landlock::Rules::new()?;
            for (path, access) in &self.paths {
                let named = |error| io::Error::other(format!("{}: {error}", path.display()));
                rules.allow(path, access.rights()).map_err(named)?;
            }
            for port in self.ports.iter().flatten() {
                rules.connect(*port)?;
            }
            rules.enforce()?;
        }
        if kernel.filters {
            seccomp::enforce(self.calls())?;
        }
        Ok(kernel)
    }
}

/// What this kernel can refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel {
    /// Version of Landlock; 0 for none.
    pub landlock: u32,
    /// System calls can be filtered.
    pub filters: bool,
}

impl Kernel {
    /// What stays open for want of a newer kernel: the widest first.
    pub fn lacks(self) -> Option<&'static str> {
        match self {
            Self { landlock, .. } if landlock < landlock::LEAST => Some(
                "files are not shut off from the process: Landlock is missing (Linux 5.19), switched off at the boot, or kept back by a container manager",
            ),
            Self { landlock, .. } if landlock < landlock::PORTS => {
                Some("the relay could connect to any port: Landlock is too old (Linux 6.7)")
            }
            Self { filters: false, .. } => Some("system calls are not filtered: seccomp is missing"),
            Self { landlock, .. } if landlock < landlock::SIGNALS => Some(
                "only the filter of system calls holds signals to other processes and abstract Unix sockets back: Landlock is too old (Linux 6.12)",
            ),
            Self { .. } => None,
        }
    }
}

/// Asks the kernel.
pub fn kernel() -> Kernel {
    Kernel {
        landlock: landlock::version(),
        filters: seccomp::is_there(),
    }
}

#[cfg(test)]
mod tests {
    use super::Kernel;

    /// By the version of Landlock, as <https://docs.kernel.org/userspace-api/landlock.html> counts them.
    #[test]
    fn each_kernel_that_lacks_something_is_told_what() {
        for (landlock, filters, lack) in [
            (0, true, "Linux 5.19"),
            (1, true, "Linux 5.19"),
            (2, true, "Linux 6.7"),
            (3, true, "Linux 6.7"),
            (4, true, "Linux 6.12"),
            (5, true, "Linux 6.12"),
            (5, false, "seccomp"),
            (6, false, "seccomp"),
            (7, false, "seccomp"),
        ] {
            let told = Kernel { landlock, filters }.lacks();
            assert!(
                told.is_some_and(|told| told.contains(lack)),
                "{landlock} {filters}: {told:?}"
            );
        }
        for landlock in [6, 7, 8] {
            let kernel = Kernel {
                landlock,
                filters: true,
            };
            assert_eq!(kernel.lacks(), None, "{landlock}");
        }
    }
}
