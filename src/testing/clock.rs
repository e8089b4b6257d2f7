//! A clock that runs like everybody's, and can be put forward.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::{adapters::system::SystemClock, ports::clock::Clock};

#[derive(Default)]
pub struct TestClock {
    ahead: Mutex<Duration>,
}

impl TestClock {
    /// From now on it is this much later.
    pub fn advance(&self, by: Duration) {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
