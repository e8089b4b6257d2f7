use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreResult;
use crate::domain::ids::UserId;

/// A key a client sent with a creating request, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    pub user_id: UserId,
    pub key: String,
    /// SHA-256 of method, path and body.
    pub request_hash: [u8; 32],
    /// What was made.
    pub resource_id: Uuid,
    pub created_at: DateTime<Utc>,
}

/// Kept in the same unit of work as what was made, so that there is never one without the other.
#[async_trait]
pub trait IdempotencyRepository: Send {
    async fn find(&mut self, user: UserId, key: &str) -> StoreResult<Option<IdempotencyRecord>>;

    /// `Taken("idempotency key")`: somebody else was faster with the same key.
    async fn add(&mut self, record: &IdempotencyRecord) -> StoreResult<()>;

    /// Returns how many.
    async fn purge(&mut self, before: DateTime<Utc>) -> StoreResult<u64>;
}
