//! Landlock: files and ports, by a rule set that the kernel holds and that no thread of ours can widen again.
//!
//! The crate follows the kernel's versions: what an older kernel does not know is left out, what a newer one could
//! refuse besides is not asked for.

use std::io;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, PathBeneath, RestrictSelf, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, Scope,
};
use rustix::fs::{Mode, OFlags};

/// The version whose rights are handled: files up to the ioctls of devices, TCP ports, and signals and abstract Unix
/// sockets of processes outside. A later one is taken when the sandbox was tried with it.
const TRIED: ABI = ABI::V6;
/// The oldest version that is of use: before it nothing could be linked from one directory into another, which is how
/// a letter is kept.
pub(super) const LEAST: u32 = 2;
/// From here on ports are ruled.
pub(super) const PORTS: u32 = 4;
/// From here on signals, and abstract Unix sockets, of processes outside are ruled.
pub(super) const SIGNALS: u32 = 6;

/// Which version of the interface the kernel has; 0 for none.
pub(super) fn version() -> u32 {
    // With nothing to apply it only tells what the kernel answered; the crate has no other way to ask.
    let asked = RestrictSelf::default().no_new_privs(false).apply();
    match asked.map(|status| status.landlock) {
        Ok(LandlockStatus::Available {
            effective_abi,
            kernel_abi,
        }) => kernel_abi.map_or(effective_abi as u32, i32::unsigned_abs),
        _ => 0,
    }
}

/// Rules under construction: what no rule allows is refused.
pub(super) struct Rules(RulesetCreated);

impl Rules {
    /// # Errors
    /// When the kernel refuses what its version promises.
    pub(super) fn new() -> io::Result<Self> {
        let handled = Ruleset::default()
            .handle_access(AccessFs::from_all(TRIED))
            .and_then(|set| set.handle_access(AccessNet::from_all(TRIED)))
            .and_then(|set| set.scope(Scope::from_all(TRIED)));
        let set = handled.and_then(Ruleset::create).map_err(io::Error::other)?;
        Ok(Self(set))
    }

    /// Allows something with a file, or with everything below a directory. Of a file, what only a directory can have
    /// is left out. What is not there is left out: it stays shut.
    ///
    /// # Errors
    /// What the kernel says.
    pub(super) fn allow(&mut self, path: &Path, rights: BitFlags<AccessFs>) -> io::Result<()> {
        let handle = match rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) {
            Ok(handle) => handle,
            Err(rustix::io::Errno::NOENT) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let added = (&mut self.0).add_rule(PathBeneath::new(handle, rights));
        added.map(drop).map_err(io::Error::other)
    }

    /// Allows connections to a port, of whatever host.
    ///
    /// # Errors
    /// What the kernel says.
    pub(super) fn connect(&mut self, port: u16) -> io::Result<()> {
        let added = (&mut self.0).add_rule(NetPort::new(port, AccessNet::ConnectTcp));
        added.map(drop).map_err(io::Error::other)
    }

    /// Shuts this thread in, and every thread that it starts from here on.
    ///
    /// # Errors
    /// Without `no_new_privs`.
    pub(super) fn enforce(self) -> io::Result<()> {
        self.0.restrict_self().map(drop).map_err(io::Error::other)
    }
}
