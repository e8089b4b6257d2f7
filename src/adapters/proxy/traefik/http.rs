//! Traefik's HTTP provider asks us, again and again. It keeps what it has when we do not answer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use super::{mark::Mark, render::Rendered};

/// Name of the provider in Traefik's API.
pub const PROVIDER: &str = "http";

/// What the next who asks gets.
#[derive(Default)]
pub struct ServedConfiguration {
    state: Mutex<State>,
    taken: Notify,
}

#[derive(Default)]
struct State {
    current: Option<(Mark, Bytes)>,
    /// What was handed out last.
    taken: Option<Mark>,
}

impl ServedConfiguration {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn offer(&self, rendered: &Rendered) -> serde_json::Result<()> {
        let mut state = self.state();
        // Whoever asks again for what has not changed shall see no change.
        if state.current.as_ref().is_some_and(|(mark, _)| mark.is_same_table(&rendered.mark)) {
            return Ok(());
        }
        let document = serde_json::to_vec(&rendered.configuration)?;
        state.current = Some((rendered.mark.clone(), document.into()));
        Ok(())
    }

    pub(super) fn take(&self) -> Option<Bytes> {
        let mut state = self.state();
        let (mark, document) = state.current.clone()?;
        state.taken = Some(mark);
        drop(state);
        self.taken.notify_waiters();
        Some(document)
    }

    pub(super) fn was_ever_taken(&self) -> bool {
        self.state().taken.is_some()
    }

    /// Waits until somebody has been given this one.
    pub(super) async fn until_taken(&self, mark: &Mark) {
        loop {
            let mut taken = std::pin::pin!(self.taken.notified());
            taken.as_mut().enable();
            if self.state().taken.as_ref().is_some_and(|taken| taken.is_same_table(mark)) {
                return;
            }
            taken.await;
        }
    }
}
