use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{
    identity::{Identity, Provider},
    ids::{IdentityId, UserId},
};

#[async_trait]
pub trait IdentityRepository: Send {
    /// `Taken("identity")`: it opens another account, or this one already.
    async fn add(&mut self, identity: &Identity) -> StoreResult<()>;

    async fn find(&mut self, provider: Provider, subject: &str) -> StoreResult<Option<Identity>>;

    /// The user's, oldest first.
    async fn list(&mut self, user: UserId) -> StoreResult<Vec<Identity>>;

    /// It was signed in with; the label is what the provider calls it now.
    async fn used(&mut self, id: IdentityId, label: &str, now: DateTime<Utc>) -> StoreResult<()>;

    async fn remove(&mut self, id: IdentityId) -> StoreResult<()>;
}
