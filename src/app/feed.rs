//! Events from the database to whoever waits for one: one reader, many subscribers.
//!
//! Writers append events in their unit of work and call [`Feed::wake`] after the commit. The reader (see
//! `reconcile::feed`) reads what is new, in order, and hands it to all subscribers.

use std::sync::Arc;

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::nudge::Nudge;
use crate::domain::event::Event;

/// Events a slow subscriber may lag behind before it must read them from the database.
const BACKLOG: usize = 1024;

#[derive(Clone)]
pub struct Feed {
    wake: Nudge,
    sender: broadcast::Sender<Arc<Event>>,
    ending: CancellationToken,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            wake: Nudge::default(),
            sender: broadcast::Sender::new(BACKLOG),
            ending: CancellationToken::new(),
        }
    }
}

impl Feed {
    /// There may be new events in the database.
    pub fn wake(&self) {
        self.wake.now();
    }

    /// The server is about to end: whoever waits for something to happen answers with what is so far.
    pub fn end(&self) {
        self.ending.cancel();
    }

    pub async fn ended(&self) {
        self.ending.cancelled().await;
    }

    /// For the reader.
    pub fn awake(&self) -> &Nudge {
        &self.wake
    }

    /// For the reader. Nobody listening is fine.
    pub fn publish(&self, event: Event) {
        let _ = self.sender.send(Arc::new(event));
    }

    /// Events from now on. A subscriber that lags too far gets `Lagged` and reads the gap from the database.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.sender.subscribe()
    }
}
