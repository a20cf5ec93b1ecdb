//! The wish that the program ends: Ctrl-C, a closed window, a machine that goes down (SIGINT, SIGHUP, SIGTERM).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

static ENDED: AtomicBool = AtomicBool::new(false);
static ACT: Mutex<Option<Box<dyn FnMut() + Send>>> = Mutex::new(None);
static LISTENING: Once = Once::new();

/// Somebody wants the program to end.
pub(crate) fn ended() -> bool {
    ENDED.load(Ordering::Relaxed)
}

/// From now on such a wish does this, once for each time it comes, and nothing else. The last one that was given counts.
pub(crate) fn on_end(act: impl FnMut() + Send + 'static) {
    *ACT.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(act));
    LISTENING.call_once(|| {
        // Without it the system ends the program as it does every other: the next start cleans up.
        let _ = ctrlc::set_handler(|| {
            ENDED.store(true, Ordering::Relaxed);
            if let Some(act) = &mut *ACT.lock().unwrap_or_else(PoisonError::into_inner) {
                act();
            }
        });
    });
}

/// Asks a process of ours to end.
pub(crate) fn end(process: u32) {
    #[cfg(unix)]
    if let Some(process) = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
    }
    #[cfg(not(unix))]
    let _ = process;
}
