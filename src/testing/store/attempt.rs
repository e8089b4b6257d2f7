use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Repository;
use crate::{
    domain::rate::Rate,
    ports::repository::{AttemptRepository, StoreResult, attempt::AttemptKey},
};

#[async_trait]
impl AttemptRepository for Repository<'_> {
    async fn take(
        &mut self,
        key: &AttemptKey,
        rate: Rate,
        now: DateTime<Utc>,
    ) -> StoreResult<Option<Duration>> {
        let attempts = &mut self.writing()?.attempts;
        match rate.take(attempts.get(key).copied(), now.timestamp_micros()) {
            Ok(spent_until) => {
                attempts.insert(*key, spent_until);
                Ok(None)
            }
            Err(wait) => Ok(Some(wait)),
        }
    }

    async fn purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64> {
        let attempts = &mut self.writing()?.attempts;
        let count = attempts.len();
        attempts.retain(|_, spent_until| *spent_until > now.timestamp_micros());
        Ok((count - attempts.len()) as u64)
    }
}
