//! Landlock: files and ports, by a rule set that the kernel holds and that no thread of ours can widen again.
//!
//! Three system calls and three structures, taken from the kernel's `linux/landlock.h`.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// What may be done with files, as the kernel numbers it. The later ones are not known to every kernel.
pub(super) mod fs {
    pub(crate) const WRITE_FILE: u64 = 1 << 1;
    pub(crate) const READ_FILE: u64 = 1 << 2;
    pub(crate) const READ_DIR: u64 = 1 << 3;
    pub(crate) const REMOVE_DIR: u64 = 1 << 4;
    pub(crate) const REMOVE_FILE: u64 = 1 << 5;
    pub(crate) const MAKE_DIR: u64 = 1 << 7;
    pub(crate) const MAKE_REG: u64 = 1 << 8;
    pub(crate) const MAKE_SOCK: u64 = 1 << 9;
    pub(crate) const MAKE_FIFO: u64 = 1 << 10;
    pub(crate) const MAKE_SYM: u64 = 1 << 12;
    pub(crate) const REFER: u64 = 1 << 13;
    pub(crate) const TRUNCATE: u64 = 1 << 14;
    /// What we allow of a file; the rest is about directories.
    pub(super) const OF_FILES: u64 = WRITE_FILE | READ_FILE | TRUNCATE;
    /// Everything up to REFER (version 2 of the interface).
    pub(super) const FIRST: u64 = (1 << 14) - 1;
    pub(super) const IOCTL_DEV: u64 = 1 << 15;
}

const BIND_TCP: u64 = 1;
const CONNECT_TCP: u64 = 1 << 1;
/// Abstract Unix sockets and signals, of processes outside.
const SCOPES: u64 = 0b11;

/// The oldest version that is of use: before it nothing could be linked from one directory into another, which is how
/// a letter is kept.
pub(super) const LEAST: u32 = 2;
/// From here on ports are ruled.
pub(super) const PORTS: u32 = 4;

#[repr(C)]
struct RulesetAttr {
    handled_access_fs: u64,
    handled_access_net: u64,
    scoped: u64,
}

#[repr(C, packed)]
struct PathBeneathAttr {
    allowed_access: u64,
    parent_fd: i32,
}

#[repr(C)]
struct NetPortAttr {
    allowed_access: u64,
    port: u64,
}

const VERSION: u32 = 1;
const RULE_PATH_BENEATH: u32 = 1;
const RULE_NET_PORT: u32 = 2;

/// Which version of the interface the kernel has; 0 for none.
pub(super) fn version() -> u32 {
    let none: *const RulesetAttr = std::ptr::null();
    // SAFETY: with this flag the kernel reads no structure.
    #[allow(unsafe_code)]
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, none, 0usize, VERSION) };
    u32::try_from(version).unwrap_or(0)
}

/// Rules under construction: what no rule allows is refused.
pub(super) struct Rules {
    set: OwnedFd,
    version: u32,
    files: u64,
}

impl Rules {
    /// # Errors
    /// When the kernel refuses what its version promises.
    pub(super) fn new(version: u32) -> io::Result<Self> {
        let since = |from: u32, rights: u64| if version >= from { rights } else { 0 };
        let wanted = RulesetAttr {
            handled_access_fs: fs::FIRST | since(3, fs::TRUNCATE) | since(5, fs::IOCTL_DEV),
            handled_access_net: since(PORTS, BIND_TCP | CONNECT_TCP),
            scoped: since(6, SCOPES),
        };
        let files = wanted.handled_access_fs;
        // SAFETY: a structure that lives as long as the call, with its size. An older kernel takes the longer one as long
        // as what it does not know is zero.
        #[allow(unsafe_code)]
        let set = unsafe {
            libc::syscall(
                libc::SYS_landlock_create_ruleset,
                &raw const wanted,
                size_of::<RulesetAttr>(),
                0u32,
            )
        };
        let set = i32::try_from(done(set)?).map_err(io::Error::other)?;
        // SAFETY: the kernel has just given us this descriptor.
        #[allow(unsafe_code)]
        let set = unsafe { OwnedFd::from_raw_fd(set) };
        Ok(Self { set, version, files })
    }

    /// Allows something with a file, or with everything below a directory. What is not there is left out: it stays
    /// shut.
    ///
    /// # Errors
    /// What the kernel says.
    pub(super) fn allow(&self, path: &Path, rights: u64) -> io::Result<()> {
        let handle = match rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) {
            Ok(handle) => handle,
            Err(rustix::io::Errno::NOENT) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let of_kind = if path.is_dir() {
            self.files
        } else {
            self.files & fs::OF_FILES
        };
        let rule = PathBeneathAttr {
            allowed_access: rights & of_kind,
            parent_fd: handle.as_raw_fd(),
        };
        self.add(RULE_PATH_BENEATH, (&raw const rule).cast())
    }

    /// Allows connections to a port, of whatever host.
    ///
    /// # Errors
    /// What the kernel says.
    pub(super) fn connect(&self, port: u16) -> io::Result<()> {
        if self.version < PORTS {
            return Ok(());
        }
        let rule = NetPortAttr {
            allowed_access: CONNECT_TCP,
            port: u64::from(port),
        };
        self.add(RULE_NET_PORT, (&raw const rule).cast())
    }

    fn add(&self, kind: u32, rule: *const libc::c_void) -> io::Result<()> {
        // SAFETY: our own descriptor, and a rule that both callers keep for the length of the call.
        #[allow(unsafe_code)]
        let added = unsafe { libc::syscall(libc::SYS_landlock_add_rule, self.set.as_raw_fd(), kind, rule, 0u32) };
        done(added).map(drop)
    }

    /// Shuts this thread in, and every thread that it starts from here on.
    ///
    /// # Errors
    /// Without `no_new_privs`.
    pub(super) fn enforce(self) -> io::Result<()> {
        // SAFETY: our own descriptor.
        #[allow(unsafe_code)]
        let enforced = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, self.set.as_raw_fd(), 0u32) };
        done(enforced).map(drop)
    }
}

fn done(result: libc::c_long) -> io::Result<libc::c_long> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        good => Ok(good),
    }
}
