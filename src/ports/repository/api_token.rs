use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{
    api_token::ApiToken,
    ids::{ApiTokenId, UserId},
    session::TokenHash,
};

#[async_trait]
pub trait ApiTokenRepository: Send {
    async fn add(&mut self, token: &ApiToken) -> StoreResult<()>;

    /// Also when it has expired.
    async fn find(&mut self, id: ApiTokenId) -> StoreResult<Option<ApiToken>>;

    /// Also when it has expired.
    async fn find_by_hash(&mut self, hash: &TokenHash) -> StoreResult<Option<ApiToken>>;

    /// The user's, newest first.
    async fn list(&mut self, user: UserId) -> StoreResult<Vec<ApiToken>>;

    /// Writes down a use, unless one was written down after `not_since`. Success when the token is gone.
    async fn used(
        &mut self,
        id: ApiTokenId,
        address: Option<&str>,
        not_since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;

    /// `Stale("API token")` when it is gone.
    async fn remove(&mut self, id: ApiTokenId) -> StoreResult<()>;
}
