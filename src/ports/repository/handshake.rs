use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{identity::Handshake, session::TokenHash};

#[async_trait]
pub trait HandshakeRepository: Send {
    async fn add(&mut self, handshake: &Handshake) -> StoreResult<()>;

    /// Takes it away: whoever comes second finds nothing.
    async fn take(&mut self, state: &TokenHash) -> StoreResult<Option<Handshake>>;

    /// Removes those that have expired. Returns how many.
    async fn purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64>;
}
