//! What the process gives up before it does anything, and how its memory forgets: the only room with `unsafe`.

mod stack;
mod wiping;

pub use stack::{CleanStack, wipe_stack};
pub use wiping::Wiping;

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit, umask};

/// No core dump, no reading of this process's memory by others of the same user, files for nobody else, no memory
/// in swap.
///
/// # Errors
/// What the kernel says; the process should then not go on.
pub fn process() -> std::io::Result<()> {
    umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    if !stay_out_of_swap() {
        tracing::warn!(
            "memory may be swapped to disk: allow locking without limit (systemd: LimitMEMLOCK=infinity), or switch swap off"
        );
    }
    Ok(())
}

/// Locks every page that is touched, now and later. With a limit nothing is locked: a process that locks all it will
/// ever have gets no more memory beyond the limit, and dies of that.
fn stay_out_of_swap() -> bool {
    let unlimited = Rlimit {
        current: None,
        maximum: None,
    };
    // Root may raise it by itself.
    let _ = setrlimit(Resource::Memlock, unlimited);
    let touched = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    getrlimit(Resource::Memlock).current.is_none() && mlockall(touched).is_ok()
}
