use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::ports::clock::Clock;

/// A wall clock that somebody sets.
pub struct FaultyClock {
    inner: Arc<dyn Clock>,
    ahead: Mutex<Duration>,
}

impl FaultyClock {
    pub fn new(inner: Arc<dyn Clock>) -> Self {
        Self { inner, ahead: Mutex::default() }
    }

    /// Forward, or back when negative.
    pub fn jump(&self, by: Duration) {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for FaultyClock {
    fn now(&self) -> DateTime<Utc> {
        self.inner.now() + *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
