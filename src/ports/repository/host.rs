use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{
    host::{Host, HostFacts, HostState, Unexplained},
    ids::HostId,
};

#[async_trait]
pub trait HostRepository: Send {
    /// `Taken("name")`.
    async fn add(&mut self, host: &Host) -> StoreResult<()>;

    async fn find(&mut self, id: HostId) -> StoreResult<Option<Host>>;
    async fn find_by_name(&mut self, name: &str) -> StoreResult<Option<Host>>;

    /// By name.
    async fn list(&mut self) -> StoreResult<Vec<Host>>;

    async fn move_to(&mut self, id: HostId, endpoint: &str, now: DateTime<Utc>) -> StoreResult<()>;

    async fn record_state(
        &mut self,
        id: HostId,
        state: &HostState,
        facts: &HostFacts,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;

    async fn record_unexplained(
        &mut self,
        id: HostId,
        unexplained: &Unexplained,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;
}
