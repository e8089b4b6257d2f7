use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{
    device::{DeviceGrant, UserCode},
    ids::UserId,
    session::TokenHash,
};

#[async_trait]
pub trait DeviceGrantRepository: Send {
    /// `Taken("user code")`.
    async fn add(&mut self, grant: &DeviceGrant) -> StoreResult<()>;

    async fn find(&mut self, device: &TokenHash) -> StoreResult<Option<DeviceGrant>>;

    async fn find_by_code(&mut self, code: &UserCode) -> StoreResult<Option<DeviceGrant>>;

    /// The client asked.
    async fn polled(&mut self, device: &TokenHash, now: DateTime<Utc>) -> StoreResult<()>;

    /// The first decision counts: `Stale` when there is one.
    async fn decide(&mut self, code: &UserCode, user: UserId, approved: bool) -> StoreResult<()>;

    /// Takes it away: it is redeemed once. `Stale` for whoever comes second.
    async fn remove(&mut self, device: &TokenHash) -> StoreResult<()>;

    /// Removes those that have expired. Returns how many.
    async fn purge(&mut self, now: DateTime<Utc>) -> StoreResult<u64>;
}
