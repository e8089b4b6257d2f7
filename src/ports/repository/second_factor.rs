use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{
    ids::UserId,
    second_factor::{RecoveryHash, SecondFactor},
};

#[async_trait]
pub trait SecondFactorRepository: Send {
    /// Takes the place of one that was not confirmed; `Stale("second factor")` when there is a confirmed one.
    async fn put(&mut self, factor: &SecondFactor) -> StoreResult<()>;

    async fn find(&mut self, user: UserId) -> StoreResult<Option<SecondFactor>>;

    /// The first code was shown, of this step. `Stale("second factor")` unless there is an unconfirmed one.
    async fn confirm(&mut self, user: UserId, step: i64, now: DateTime<Utc>) -> StoreResult<()>;

    /// Accepts a code of this step. `false`: one of this step or a later one was accepted before. Of two who race on
    /// whatever servers, one gets `true`.
    async fn accept(&mut self, user: UserId, step: i64) -> StoreResult<bool>;

    /// With its recovery codes. Success when there is none.
    async fn remove(&mut self, user: UserId) -> StoreResult<()>;

    /// In the place of all that there are.
    async fn set_recovery_codes(&mut self, user: UserId, codes: &[RecoveryHash]) -> StoreResult<()>;

    /// Uses one up. `false`: there is no such code any more. Of two who race, one gets `true`.
    async fn use_recovery_code(&mut self, user: UserId, code: &RecoveryHash) -> StoreResult<bool>;

    async fn recovery_codes_left(&mut self, user: UserId) -> StoreResult<u64>;

    /// Those of these users who have a confirmed one.
    async fn confirmed(&mut self, users: &[UserId]) -> StoreResult<Vec<UserId>>;
}
