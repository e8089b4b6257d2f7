//! Faults at the ports: decorators name every call to Docker, the proxy, the store and the clock, write them down, and
//! make the one go wrong that a test asks for. A port's new method must be written here to compile, and with that its
//! calls are in the list that tests go through.

mod clock;
mod engine;
mod point;
mod proxy;
mod store;
mod wiring;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

pub use self::{
    clock::FaultyClock,
    engine::FaultyEngine,
    point::{Fault, Kind, Mishap, Point},
    proxy::FaultyProxy,
    store::FaultyStore,
    wiring::Wiring,
};

/// How a process ends at once.
enum End {
    /// The caller waits for ever; whoever watches takes the whole process away.
    Watched(Notify),
    /// For real, without any tidying up.
    Abort,
}

/// Sees every call, and knows which one is to go wrong.
pub struct Injector {
    state: Mutex<State>,
    end: End,
    /// Calls count from when this file exists, and are written to it.
    trigger: Option<PathBuf>,
}

#[derive(Default)]
struct State {
    /// Calls are counted and can go wrong.
    armed: bool,
    counts: HashMap<&'static str, u32>,
    calls: Vec<Point>,
    mishap: Option<Mishap>,
    happened: bool,
    /// Every call whose name begins so fails, as when the other side is away.
    cut: Option<&'static str>,
    /// Makes calls take a moment of their own each, so that every seed is another order of events.
    dice: Option<fastrand::Rng>,
}

impl Injector {
    /// For simulations: see [`Self::crashed`].
    pub fn watched() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), end: End::Watched(Notify::new()), trigger: None })
    }

    /// For a process of its own, which a crash ends: see [`Wiring`].
    fn aborting(mishap: Option<Mishap>, trigger: PathBuf) -> Arc<Self> {
        let state = State { mishap, ..State::default() };
        Arc::new(Self { state: Mutex::new(state), end: End::Abort, trigger: Some(trigger) })
    }

    /// Every call takes up to 20 ms before and after its effect, as this seed has it.
    pub fn shuffle(&self, seed: u64) {
        self.lock().dice = Some(fastrand::Rng::with_seed(seed));
    }

    /// From now on calls are counted from one, and this one goes wrong, once.
    pub fn arm(&self, mishap: Option<Mishap>) {
        let mut state = self.lock();
        *state = State { armed: true, mishap, dice: state.dice.take(), ..State::default() };
    }

    /// Nothing goes wrong any more.
    pub fn disarm(&self) {
        let mut state = self.lock();
        state.armed = false;
        state.mishap = None;
    }

    /// From now on every call whose name begins so fails.
    pub fn cut(&self, prefix: &'static str) {
        self.lock().cut = Some(prefix);
    }

    pub fn mend(&self) {
        self.lock().cut = None;
    }

    /// Every call since it was armed, in order.
    pub fn calls(&self) -> Vec<Point> {
        self.lock().calls.clone()
    }

    /// Whether what was armed has happened.
    pub fn happened(&self) -> bool {
        self.lock().happened
    }

    /// Ends when the process is to be taken away.
    pub async fn crashed(&self) {
        match &self.end {
            End::Watched(crash) => crash.notified().await,
            End::Abort => std::future::pending().await,
        }
    }

    /// Makes one call. `error` says what the caller gets for a kind of failure; `None`: this port cannot fail so.
    async fn call<T, E>(
        &self,
        name: &'static str,
        error: impl Fn(Kind) -> Option<E>,
        effect: impl AsyncFnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.linger().await;
        let away = self.lock().cut.is_some_and(|prefix| name.starts_with(prefix));
        if let Some(error) = away.then(|| error(Kind::Timeout)).flatten() {
            return Err(error);
        }
        match self.enter(name) {
            None => {}
            Some(Fault::CrashBefore) => self.end_process().await,
            Some(Fault::CrashAfter) => {
                let _ = effect().await;
                self.end_process().await;
                unreachable!("the process has ended")
            }
            Some(Fault::ReplyLost) => {
                let result = effect().await;
                return match error(Kind::Timeout) {
                    Some(lost) => result.and(Err(lost)),
                    None => result,
                };
            }
            Some(Fault::Fails(kind)) => {
                if let Some(error) = error(kind) {
                    return Err(error);
                }
            }
        }
        let result = effect().await;
        self.linger().await;
        result
    }

    /// Notes a call and takes what is to happen at it.
    fn enter(&self, name: &'static str) -> Option<Fault> {
        let mut state = self.lock();
        state.armed |= self.trigger.as_ref().is_some_and(|trigger| trigger.exists());
        if !state.armed {
            return None;
        }
        let count = state.counts.entry(name).or_default();
        *count += 1;
        let point = Point { call: name.into(), occurrence: *count };
        if let Some(trigger) = &self.trigger {
            wiring::note(trigger, &point);
        }
        let hit = state.mishap.as_ref().is_some_and(|mishap| mishap.at == point);
        state.calls.push(point);
        if !hit {
            return None;
        }
        state.happened = true;
        state.mishap.take().map(|mishap| mishap.fault)
    }

    async fn linger(&self) {
        let pause = self.lock().dice.as_mut().map(|dice| Duration::from_micros(dice.u64(0..20_000)));
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
    }

    async fn end_process(&self) {
        match &self.end {
            End::Watched(crash) => {
                crash.notify_one();
                std::future::pending().await
            }
            End::Abort => std::process::abort(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
