//! Threads that serve connections, each with a runtime of its own.
//!
//! A connection stays on its thread, and so do the connections to components that it uses: nothing it does wakes
//! another thread, no queue is shared, and what it touches stays in one core's cache.

use std::{
    io,
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

pub struct Workers {
    workers: Vec<Worker>,
    /// Threads end with it, and with them what still runs there.
    _stop: DropGuard,
}

struct Worker {
    runtime: Handle,
    connections: Arc<AtomicUsize>,
}

impl Workers {
    /// One thread for each core.
    pub fn start() -> io::Result<Self> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let stop = CancellationToken::new();
        let worker = |number| -> io::Result<Worker> {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let handle = runtime.handle().clone();
            let stop = stop.clone();
            thread::Builder::new()
                .name(format!("edge-{number}"))
                .spawn(move || runtime.block_on(stop.cancelled()))?;
            Ok(Worker { runtime: handle, connections: Arc::default() })
        };
        let workers = (0..threads).map(worker).collect::<io::Result<_>>()?;
        Ok(Self { workers, _stop: stop.drop_guard() })
    }

    /// Runs a connection where the fewest are.
    pub(super) fn spawn(&self, connection: impl Future<Output = ()> + Send + 'static) {
        let Some(worker) =
            self.workers.iter().min_by_key(|worker| worker.connections.load(Ordering::Relaxed))
        else {
            return;
        };
        let counted = Counted::new(&worker.connections);
        worker.runtime.spawn(async move {
            connection.await;
            drop(counted);
        });
    }
}

struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
