use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::rate::Rate;

/// What stands for whoever tries, and what they try: a hash, so that what people type in the wrong field is not kept.
pub type AttemptKey = [u8; 32];

/// Tries at the door, counted for all servers together.
#[async_trait]
pub trait AttemptRepository: Send {
    /// Takes one try; `Some` is how long to wait for the next one, and then nothing was taken. However many try at
    /// once, no more get through than the rate allows. Commit it whatever comes of the try itself.
    async fn take(
        &mut self,
        key: &AttemptKey,
        rate: Rate,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<Duration>>;

    /// Forgets those whose tries are forgotten. Returns how many.
    async fn purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64>;
}
