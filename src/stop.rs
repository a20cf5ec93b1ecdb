//! The end of the program, as the tasks that run until then wait for it.
//!
//! Comes in: the channel that becomes true at SIGTERM. Goes out: a future for `select!`. What always holds: a channel whose
//! sender is gone counts as a signal to stop.

use tokio::sync::watch;

/// Returns once the program is to stop.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error says that the sender is gone: then waiting on would last for ever.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Whether the program is to stop, for work that looks between two steps of it.
pub(crate) fn is_stopped(stop: &watch::Receiver<bool>) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_ends_when_told_and_when_nobody_can_tell() {
        let (tell, mut stop) = watch::channel(false);
        let waiting = tokio::time::timeout(std::time::Duration::from_millis(10), stopped(&mut stop)).await;
        assert!(waiting.is_err() && !is_stopped(&stop), "not yet");
        tell.send_replace(true);
        stopped(&mut stop).await;
        assert!(is_stopped(&stop));
        let (tell, mut stop) = watch::channel(false);
        drop(tell);
        stopped(&mut stop).await;
        assert!(is_stopped(&stop));
    }
}
