//! What the embedded proxy counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// How a request ended, as far as the head of its answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The component answered.
    Forwarded,
    /// No route has this name.
    UnknownHost,
    /// The route does not lead anywhere at the moment.
    NotLive,
    /// The component refused the connection, or broke it before it answered.
    Unreachable,
    /// It did not answer in time.
    TimedOut,
    /// Too many requests to this route are under way.
    Overloaded,
}

#[derive(Debug, Default)]
pub struct EdgeMetrics {
    requests: [AtomicU64; Self::OUTCOMES.len()],
    upgrades: AtomicU64,
    open_upgrades: AtomicU64,
    upstream_connections: AtomicU64,
    retries: AtomicU64,
}

impl EdgeMetrics {
    /// Names of the outcomes, in the order of [`EdgeCounts::requests`].
    pub const OUTCOMES: [&str; 6] =
        ["forwarded", "unknown_host", "not_live", "unreachable", "timed_out", "overloaded"];

    pub fn read(&self) -> EdgeCounts {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        EdgeCounts {
            requests: std::array::from_fn(|i| (Self::OUTCOMES[i], load(&self.requests[i]))),
            upgrades: load(&self.upgrades),
            open_upgrades: load(&self.open_upgrades),
            upstream_connections: load(&self.upstream_connections),
            retries: load(&self.retries),
        }
    }

    pub(super) fn count(&self, outcome: Outcome) {
        self.requests[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn connected(&self) {
        self.upstream_connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts as open until it is dropped, however its task ends.
    pub(super) fn upgraded(&self) -> OpenUpgrade<'_> {
        self.upgrades.fetch_add(1, Ordering::Relaxed);
        self.open_upgrades.fetch_add(1, Ordering::Relaxed);
        OpenUpgrade(&self.open_upgrades)
    }
}

pub(super) struct OpenUpgrade<'a>(&'a AtomicU64);

impl Drop for OpenUpgrade<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The counters at one moment. All but `open_upgrades` only grow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeCounts {
    pub requests: [(&'static str, u64); EdgeMetrics::OUTCOMES.len()],
    pub upgrades: u64,
    pub open_upgrades: u64,
    /// Connections made to components.
    pub upstream_connections: u64,
    /// Requests sent again because an idle connection had died.
    pub retries: u64,
}
