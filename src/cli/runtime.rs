//! The runtime of a service, and the signals that end it.

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// The runtime of this process.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    // A worker that has nothing to do holds nothing of what it did.
    builder.on_thread_park(konvolutt_letter::harden::wipe_stack);
    builder.enable_all().build().context("the runtime could not be started")
}

/// SIGHUP no longer ends this process: `systemctl kill --signal=HUP` is meant for the service, and reaches each process that it
/// started. What catches the signal stays for as long as the process lives, and is not passed on to programs that it runs.
pub(super) fn pass_over_hangup() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("the runtime could not be started")?;
    let _inside = runtime.enter();
    drop(signal(SignalKind::hangup()).context("SIGHUP cannot be caught")?);
    Ok(())
}

/// Becomes true at SIGTERM or SIGINT.
pub(super) fn on_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (tell, stop) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: running requests may finish");
        tell.send_replace(true);
    });
    Ok(stop)
}
