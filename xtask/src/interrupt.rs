//! Ctrl-C and the termination signal: the first ends the tools at work and lets every command tidy up.

use std::process::exit;
use std::sync::LazyLock;

use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::process;

static CAME: LazyLock<watch::Sender<bool>> = LazyLock::new(|| watch::Sender::new(false));

/// Starts to listen. A second signal exits at once.
pub(crate) fn listen(runtime: &Runtime) {
    runtime.spawn(async {
        signal().await;
        CAME.send_replace(true);
        process::end_all_groups();
        signal().await;
        exit(130);
    });
}

/// Has a signal come?
pub(crate) fn came() -> bool {
    *CAME.borrow()
}

/// Waits for the signal.
pub(crate) async fn wait() {
    // An error would mean that the sender is gone; it is a static.
    let _ = CAME.subscribe().wait_for(|came| *came).await;
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn signal() {
    drop(tokio::signal::ctrl_c().await);
}
