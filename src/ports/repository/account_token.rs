use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{
    account::{AccountToken, Purpose},
    ids::UserId,
    session::TokenHash,
};

#[async_trait]
pub trait AccountTokenRepository: Send {
    /// Takes the place of the user's older one for the same purpose.
    async fn put(&mut self, token: &AccountToken) -> StoreResult<()>;

    /// Also when it has expired.
    async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<AccountToken>>;

    /// The user's one for this purpose, also when it has expired.
    async fn find_of(&mut self, user: UserId, purpose: Purpose) -> StoreResult<Option<AccountToken>>;

    /// Uses it up. `false`: somebody else did, or there is none. Of two who race, one gets `true`.
    async fn take(&mut self, hash: &TokenHash) -> StoreResult<bool>;

    /// Removes the user's one for this purpose, if there is one.
    async fn void(&mut self, user: UserId, purpose: Purpose) -> StoreResult<()>;

    /// Removes those that expired before. Returns how many.
    async fn purge(&mut self, expired_before: DateTime<Utc>) -> StoreResult<u64>;
}
