use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::signing_key::{KeyFamily, SigningKey};

#[async_trait]
pub trait SigningKeyRepository: Send {
    /// `Taken("id")`: its family has one of this id.
    async fn add(&mut self, key: &SigningKey) -> StoreResult<()>;

    /// Newest first.
    async fn list(&mut self, family: KeyFamily) -> StoreResult<Vec<SigningKey>>;

    /// Removes those made before. Returns how many.
    async fn purge(&mut self, family: KeyFamily, made_before: DateTime<Utc>) -> StoreResult<u64>;
}
