use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::StoreResult;
use crate::domain::{
    ids::{SessionId, UserId},
    session::{RefreshToken, Session, SignInMark, TokenHash},
};

#[async_trait]
pub trait SessionRepository: Send {
    async fn add(&mut self, session: &Session, token: &RefreshToken) -> StoreResult<()>;

    async fn find(&mut self, id: SessionId) -> StoreResult<Option<Session>>;

    async fn find_by_token(&mut self, hash: &TokenHash) -> StoreResult<Option<(Session, RefreshToken)>>;

    /// Marks the token as used (the first time counts) and adds its successor; prolongs the session.
    async fn rotate(
        &mut self,
        used: &TokenHash,
        successor: &RefreshToken,
        session_expires_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> StoreResult<()>;

    /// Success when it was revoked before.
    async fn revoke(&mut self, id: SessionId, now: DateTime<Utc>) -> StoreResult<()>;

    /// The user's sessions that are neither revoked nor expired, last used first.
    async fn list_live(&mut self, user: UserId, now: DateTime<Utc>) -> StoreResult<Vec<Session>>;

    /// Notes that the user signed in from there. `true`: for the first time.
    async fn remember(&mut self, user: UserId, mark: &SignInMark, now: DateTime<Utc>) -> StoreResult<bool>;

    async fn is_known(&mut self, user: UserId, mark: &SignInMark) -> StoreResult<bool>;

    /// Forgets where nobody signed in from since. Returns how many.
    async fn forget(&mut self, seen_before: DateTime<Utc>) -> StoreResult<u64>;

    /// Removes sessions that ended before, with their tokens. Returns how many.
    async fn purge(&mut self, ended_before: DateTime<Utc>) -> StoreResult<u64>;
}
