//! What the process gives up before it does anything: the only room in which `unsafe` may stand (there is none
//! so far).

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask};

/// No core dump, no reading of this process's memory by others of the same user, files for nobody else.
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
    Ok(())
}
