//! Making calls go wrong, and remembering them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use super::FakeEngine;
use crate::ports::provisioner::{EngineError, EngineResult};

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    Facts,
    Observe,
    FindContainer,
    Inventory,
    EnsureNetwork,
    RemoveNetwork,
    EnsureVolume,
    RemoveVolume,
    EnsureContainer,
    StartContainer,
    StopContainer,
    RemoveContainer,
    Exec,
    OpenTerminal,
    ListeningPorts,
    Logs,
    Stats,
    HasImage,
    Pull,
    Build,
    Placeholder,
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub call: Call,
    /// The name or id it was about.
    pub object: String,
}

type MakeError = Arc<dyn Fn() -> EngineError + Send + Sync>;

enum Fault {
    Fails(MakeError),
    AnswerLost,
}

#[derive(Default)]
pub(super) struct Faults {
    pub(super) unplugged: bool,
    pub(super) silent: bool,
    pub(super) stutters: bool,
    pub(super) calls: Vec<Recorded>,
    next: HashMap<Call, Vec<Fault>>,
    delays: HashMap<Call, Duration>,
}

impl Faults {
    pub(super) fn fail(&mut self, call: Call, times: usize, error: MakeError) {
        let faults = std::iter::repeat_with(|| Fault::Fails(error.clone())).take(times);
        self.next.entry(call).or_default().extend(faults);
    }

    pub(super) fn lose_answers(&mut self, call: Call, times: usize) {
        let faults = std::iter::repeat_with(|| Fault::AnswerLost).take(times);
        self.next.entry(call).or_default().extend(faults);
    }

    pub(super) fn slow_down(&mut self, call: Call, by: Duration) {
        self.delays.insert(call, by);
    }

    fn take(&mut self, call: Call) -> Option<Fault> {
        let next = self.next.get_mut(&call)?;
        (!next.is_empty()).then(|| next.remove(0))
    }
}

impl FakeEngine {
    /// Makes one call: notes it, waits as long as it is to take, and lets it go wrong where it is to.
    pub(super) async fn call<T>(
        &self,
        call: Call,
        object: impl ToString,
        effect: impl AsyncFnOnce() -> EngineResult<T>,
    ) -> EngineResult<T> {
        let delay = {
            let faults = &mut self.lock().faults;
            faults.calls.push(Recorded { call, object: object.to_string() });
            faults.delays.get(&call).copied()
        };
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        let fault = {
            let faults = &mut self.lock().faults;
            if faults.unplugged {
                return Err(EngineError::Unreachable("the fake engine is unplugged".into()));
            }
            faults.take(call)
        };
        match fault {
            Some(Fault::Fails(error)) => Err(error()),
            Some(Fault::AnswerLost) => {
                effect().await?;
                Err(EngineError::Timeout { call: "a call whose answer was lost", limit: Duration::ZERO })
            }
            None => effect().await,
        }
    }
}
