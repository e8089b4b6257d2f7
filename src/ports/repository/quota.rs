use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{
    ids::OrgId,
    quota::{Quota, Usage},
};

/// Decide on what these say only while the organization is held, see [`super::OrgRepository::hold`].
#[async_trait]
pub trait QuotaRepository: Send {
    /// Without limits unless they were set.
    async fn find(&mut self, org: OrgId) -> StoreResult<Quota>;

    async fn set(&mut self, org: OrgId, quota: &Quota, now: DateTime<Utc>) -> StoreResult<()>;

    /// What its workspaces use, counted.
    async fn usage(&mut self, org: OrgId) -> StoreResult<Usage>;
}
