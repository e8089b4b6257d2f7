//! How long a state may still last. Deadlines are times of day, because they outlive the process; but the day's time can
//! be set, and a process that was down has not tried. So this process also counts for itself.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::domain::{ids::WorkspaceId, workspace::State};

/// Whoever takes up what is overdue already tries for so long.
const FAIR_TRY: Duration = Duration::from_secs(120);

/// Since when this process has seen each workspace in the state it is in.
#[derive(Default)]
pub(super) struct Patience(Mutex<HashMap<WorkspaceId, Seen>>);

#[derive(Clone, Copy)]
struct Seen {
    /// The state began at this time of day.
    since: DateTime<Utc>,
    first: Instant,
}

impl Patience {
    /// Zero when the state must be left now. A settled state may last for ever.
    pub(super) fn left(&self, workspace: WorkspaceId, state: &State, now: DateTime<Utc>) -> Duration {
        let since = state.since();
        let Some(deadline) = state.deadline() else { return Duration::MAX };
        let fresh = Seen { since, first: Instant::now() };
        let mut all = self.lock();
        let seen = all.entry(workspace).or_insert(fresh);
        if seen.since != since {
            *seen = fresh;
        }
        let tried = seen.first.elapsed();
        let by_clock = (deadline - now).to_std().unwrap_or_default();
        let by_count = (deadline - since).to_std().unwrap_or_default() + FAIR_TRY;
        by_clock.max(FAIR_TRY.saturating_sub(tried)).min(by_count.saturating_sub(tried))
    }

    /// It is at rest.
    pub(super) fn forget(&self, workspace: WorkspaceId) {
        self.lock().remove(&workspace);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SPAN: Duration = Duration::from_secs(600);

    #[tokio::test(start_paused = true)]
    async fn a_deadline_counts_by_the_clock_and_by_what_was_tried() {
        let began = DateTime::UNIX_EPOCH;
        let state = State::Destroying { since: began, deadline: began + SPAN };
        let id = WorkspaceId::from(Uuid::nil());
        let patience = Patience::default();
        let left = |passed: i64| patience.left(id, &state, began + chrono::Duration::seconds(passed));

        assert_eq!(left(0), SPAN);
        tokio::time::advance(Duration::from_secs(100)).await;
        assert_eq!(left(100), SPAN - Duration::from_secs(100));
        // The clock was put forward by a day: there is time for a fair try, and no more.
        assert_eq!(left(86_400), FAIR_TRY - Duration::from_secs(100));
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(left(86_400), Duration::ZERO);
        // It was put back by a day: our own count goes on.
        assert_eq!(left(-86_400), SPAN);
        tokio::time::advance(SPAN).await;
        assert_eq!(left(-86_400), Duration::ZERO);

        // Another state, another count; at rest, none.
        let next = State::Destroying { since: began + SPAN, deadline: began + SPAN * 2 };
        assert_eq!(patience.left(id, &next, began + SPAN), SPAN);
        patience.forget(id);
        assert_eq!(patience.left(id, &State::Stopped { since: began }, began), Duration::MAX);
    }
}
