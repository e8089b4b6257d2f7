//! The way to one component for as long as its route stays published: the idle connections to it belong to this
//! publication alone. An address that another workspace gets later starts with a pool of its own.

use std::{
    net::SocketAddr,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::upstream::Upstream;

/// Connections kept for the next request. More than a burst of a browser, less than a burden for the component.
const MAX_IDLE: usize = 512;

/// Last in, first out: the busiest connections stay, the others grow old and are closed.
#[derive(Debug, Default)]
struct Idle {
    #[expect(clippy::vec_box, reason = "a connection of a kilobyte moves at each request; its box does not")]
    connections: Vec<Box<Upstream>>,
    closed: bool,
}

/// Beyond this many threads some share a lane.
const MAX_LANES: usize = 16;

static LANES: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, |threads| threads.get().min(MAX_LANES)));

/// A connection wakes the runtime it was made in, and each thread that serves clients has its own: idle connections go
/// back to requests of the same thread, so that waiting for a component never wakes another one.
fn lane() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static LANE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % *LANES;
    }
    LANE.with(|lane| *lane)
}

fn lock(idle: &Mutex<Idle>) -> MutexGuard<'_, Idle> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
pub(super) struct Backend {
    address: SocketAddr,
    /// By the thread they were made on, see [`lane`].
    idle: Box<[Mutex<Idle>]>,
    in_flight: AtomicUsize,
    retired: CancellationToken,
}

impl Backend {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            idle: (0..*LANES).map(|_| Mutex::default()).collect(),
            in_flight: AtomicUsize::new(0),
            retired: CancellationToken::new(),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A connection of this thread that was alive when last seen.
    pub fn take_idle(&self) -> Option<Box<Upstream>> {
        loop {
            // In its own statement: the lock is released before the connection is looked at.
            let newest = lock(&self.idle[lane()]).connections.pop();
            let mut upstream = newest?;
            if upstream.is_alive() {
                return Some(upstream);
            }
        }
    }

    pub fn put_idle(&self, mut upstream: Box<Upstream>) {
        upstream.idle_since = Instant::now();
        let mut idle = lock(&self.idle[lane()]);
        if !idle.closed && idle.connections.len() < MAX_IDLE {
            idle.connections.push(upstream);
        }
    }

    /// Closes idle connections that the component has closed, or that nobody has used for `limit`.
    pub fn close_stale(&self, limit: Duration) {
        let now = Instant::now();
        for idle in &self.idle {
            lock(idle).connections.retain_mut(|upstream| {
                now.duration_since(upstream.idle_since) < limit && upstream.is_alive()
            });
        }
    }

    /// Nothing is sent to this address any more: idle connections close, a connection that is just being made is
    /// thrown away, tunnels end. Requests under way get their answers.
    pub fn retire(&self) {
        self.retired.cancel();
        for idle in &self.idle {
            let idle = std::mem::replace(&mut *lock(idle), Idle { connections: Vec::new(), closed: true });
            drop(idle);
        }
    }

    pub fn is_retired(&self) -> bool {
        self.retired.is_cancelled()
    }

    pub async fn retired(&self) {
        self.retired.cancelled().await;
    }

    /// A place among at most `limit` requests and tunnels at the same time.
    pub fn enter(self: &Arc<Self>, limit: usize) -> Option<InFlight> {
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let place = InFlight(self.clone());
        (before < limit).then_some(place)
    }
}

/// A request or tunnel under way; dropping it ends the count.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Backend>);

impl InFlight {
    pub fn backend(&self) -> &Arc<Backend> {
        &self.0
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
