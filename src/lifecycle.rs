//! How the server ends: asked to, it gives back its work and says that it is not ready; with other servers beside it,
//! it answers requests for a moment longer, so that whoever spreads them notices (leaving). Then it takes no more
//! requests and lets what is under way finish (soft); out of time, or asked again, it drops what is left (hard).
//! Whatever is dropped goes on elsewhere, or after the next start.

use std::{future::Future, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Together less than the 20 seconds an operator waits, and less than the 30 a container platform does.
const DRAIN: Duration = Duration::from_secs(10);
const FINISH: Duration = Duration::from_secs(5);

#[derive(Clone, Default)]
pub struct Lifecycle {
    /// Cancelled first: give work back, and be ready no more.
    pub leaving: CancellationToken,
    /// Cancelled when the end is near: take no more requests, finish what is under way.
    pub soft: CancellationToken,
    /// Cancelled when time is up.
    pub hard: CancellationToken,
    /// Everything that must be over before the process ends.
    pub tasks: TaskTracker,
}

impl Lifecycle {
    /// Ends everything: waits for the tasks, longer if `impatient` does not resolve.
    pub async fn stop(&self, impatient: impl Future<Output = ()>) {
        self.stop_after(Duration::ZERO, impatient).await;
    }

    /// The same, but still takes requests for as long as `notice`.
    pub async fn stop_after(&self, notice: Duration, impatient: impl Future<Output = ()>) {
        self.leaving.cancel();
        let drain = async {
            tokio::time::sleep(notice).await;
            self.soft.cancel();
            self.tasks.close();
            timeout(DRAIN, self.tasks.wait()).await.is_ok()
        };
        let drained = tokio::select! {
            drained = drain => drained,
            () = impatient => false,
        };
        self.soft.cancel();
        self.tasks.close();
        if !drained {
            tracing::warn!(left = self.tasks.len(), "stopping without waiting any longer");
        }
        self.hard.cancel();
        if timeout(FINISH, self.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.tasks.len(), "some tasks did not end and are dropped");
        }
    }
}

/// Resolves when the process is asked to end, by SIGTERM or by SIGINT (Ctrl-C).
///
/// # Errors
/// When the operating system does not let us listen for signals.
pub fn asked_to_end() -> std::io::Result<impl Future<Output = &'static str>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    })
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn tasks_that_listen_end_softly() {
        let lifecycle = Lifecycle::default();
        let (soft, hard) = (lifecycle.soft.clone(), lifecycle.hard.clone());
        let task = lifecycle.tasks.spawn(async move {
            soft.cancelled().await;
            !hard.is_cancelled()
        });
        lifecycle.stop(pending()).await;
        assert!(task.await.unwrap(), "it was given time");
    }

    #[tokio::test]
    async fn whoever_asks_twice_does_not_wait() {
        let lifecycle = Lifecycle::default();
        let hard = lifecycle.hard.clone();
        let task = lifecycle.tasks.spawn(async move { hard.cancelled().await });
        lifecycle.stop_after(Duration::from_secs(60), ready(())).await;
        task.await.unwrap();
    }
}
