//! What a process that holds plaintext gives up before it does anything, and how its memory forgets.

mod stack;
mod wiping;

pub use stack::{CleanStack, wipe_stack};
pub use wiping::Wiping;

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask};
use rustix::thread::CapabilitySet;

/// No core dump, no reading of this process's memory by others of the same user, files for nobody else, no memory
/// in swap. Returns a sentence for the operator when memory may be swapped all the same.
///
/// # Errors
/// What the kernel says; the process should then not go on.
pub fn process() -> std::io::Result<Option<&'static str>> {
    umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    const SWAPPED: &str = "memory may be swapped to disk: allow locking without limit (systemd: LimitMEMLOCK=infinity), or switch swap off";
    Ok((!stay_out_of_swap()).then_some(SWAPPED))
}

/// Locks every page that is touched, now and later. With a limit nothing is locked: a process that locks all it will
/// ever have gets no more memory beyond the limit, and dies of that.
fn stay_out_of_swap() -> bool {
    let unlimited = Rlimit {
        current: None,
        maximum: None,
    };
    // Some users may raise it by themselves.
    let _ = setrlimit(Resource::Memlock, unlimited);
    let touched = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    let no_limit = getrlimit(Resource::Memlock).current.is_none() || is_above_the_limit();
    no_limit && mlockall(touched).is_ok()
}

/// Root of the whole machine, not of a container's users, need not keep to the limit.
fn is_above_the_limit() -> bool {
    let users = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let own = rustix::thread::capabilities(None);
    users.split_whitespace().eq(["0", "0", "4294967295"])
        && own.is_ok_and(|own| own.effective.contains(CapabilitySet::IPC_LOCK))
}
