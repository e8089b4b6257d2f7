use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::signing_key::SigningKey;

#[async_trait]
pub trait SigningKeyRepository: Send {
    async fn add(&mut self, key: &SigningKey) -> StoreResult<()>;

    /// Newest first.
    async fn list(&mut self) -> StoreResult<Vec<SigningKey>>;

    /// Removes those made before. Returns how many.
    async fn purge(&mut self, made_before: DateTime<Utc>) -> StoreResult<u64>;
}
