//! A nudge says "look now" to a controller that looks on a timer anyway. It carries nothing: a lost nudge costs time,
//! never correctness.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

#[derive(Clone, Default)]
pub struct Nudge(Arc<Notify>);

impl Nudge {
    pub fn now(&self) {
        self.0.notify_one();
    }

    /// Waits for a nudge, at most for `timer`.
    pub async fn or_after(&self, timer: Duration) {
        let _ = tokio::time::timeout(timer, self.0.notified()).await;
    }
}
