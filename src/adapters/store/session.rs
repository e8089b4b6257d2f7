use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    column::Digest,
    repository::{Record, Repository},
};
use crate::{
    domain::{
        ids::{SessionId, UserId},
        session::{RefreshToken, Session, SignInMark, TokenHash},
    },
    ports::repository::{Hint, SessionRepository, StoreResult, text::storable},
};

#[derive(FromRow)]
struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    user_agent: String,
    address: String,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

impl Record for SessionRow {
    const TABLE: &'static str = "sessions";
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            user_agent: row.user_agent,
            address: row.address,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        }
    }
}

#[derive(FromRow)]
struct TokenRow {
    #[sqlx(flatten)]
    session: SessionRow,
    hash: Digest,
    issued_at: DateTime<Utc>,
    used_at: Option<DateTime<Utc>>,
}

impl Record for TokenRow {
    const TABLE: &'static str = "refresh_tokens";
}

impl From<TokenRow> for (Session, RefreshToken) {
    fn from(row: TokenRow) -> Self {
        let token = RefreshToken {
            hash: row.hash.0,
            session_id: row.session.id.into(),
            issued_at: row.issued_at,
            used_at: row.used_at,
        };
        (row.session.into(), token)
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, user_agent, address, created_at, last_used_at, expires_at, revoked_at
             FROM sessions ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        impl Repository<'_, $Db> {
            async fn add_token(&mut self, token: &RefreshToken) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO refresh_tokens (hash, session_id, issued_at, used_at)
                     VALUES ($1, $2, $3, $4)",
                )
                .bind(token.hash.as_slice())
                .bind(token.session_id.as_uuid())
                .bind(token.issued_at)
                .bind(token.used_at);
                self.execute(query).await.map(drop)
            }
        }

        #[async_trait]
        impl SessionRepository for Repository<'_, $Db> {
            async fn add(&mut self, session: &Session, token: &RefreshToken) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO sessions
                     (id, user_id, user_agent, address, created_at, last_used_at, expires_at, revoked_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                )
                .bind(session.id.as_uuid())
                .bind(session.user_id.as_uuid())
                .bind(storable(&session.user_agent))
                .bind(storable(&session.address))
                .bind(session.created_at)
                .bind(session.last_used_at)
                .bind(session.expires_at)
                .bind(session.revoked_at);
                self.execute(query).await?;
                self.add_token(token).await
            }

            async fn find(&mut self, id: SessionId) -> StoreResult<Option<Session>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<SessionRow>(query).await?.map(Into::into))
            }

            async fn find_by_token(
                &mut self,
                hash: &TokenHash,
            ) -> StoreResult<Option<(Session, RefreshToken)>> {
                let query = sqlx::query(
                    "SELECT s.id, s.user_id, s.user_agent, s.address, s.created_at, s.last_used_at,
                            s.expires_at, s.revoked_at, t.hash, t.issued_at, t.used_at
                     FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
                     WHERE t.hash = $1",
                )
                .bind(hash.as_slice());
                Ok(self.row::<TokenRow>(query).await?.map(Into::into))
            }

            async fn rotate(
                &mut self,
                used: &TokenHash,
                successor: &RefreshToken,
                session_expires_at: DateTime<Utc>,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                // The session first: whoever revokes it waits, or has been here before.
                let query = sqlx::query(
                    "UPDATE sessions SET last_used_at = $2, expires_at = $3
                     WHERE id = $1 AND revoked_at IS NULL",
                )
                .bind(successor.session_id.as_uuid())
                .bind(now)
                .bind(session_expires_at);
                self.touch(query).await?;
                let query = sqlx::query(
                    "UPDATE refresh_tokens SET used_at = COALESCE(used_at, $3)
                     WHERE hash = $1 AND session_id = $2",
                )
                .bind(used.as_slice())
                .bind(successor.session_id.as_uuid())
                .bind(now);
                self.touch(query).await?;
                self.add_token(successor).await
            }

            async fn revoke(&mut self, id: SessionId, now: DateTime<Utc>) -> StoreResult<()> {
                let query =
                    sqlx::query("UPDATE sessions SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1")
                        .bind(id.as_uuid())
                        .bind(now);
                self.touch(query).await?;
                self.tell(Hint::Session(id));
                Ok(())
            }

            async fn list_live(&mut self, user: UserId, now: DateTime<Utc>) -> StoreResult<Vec<Session>> {
                let query = sqlx::query(select!(
                    "WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
                     ORDER BY last_used_at DESC, id DESC"
                ))
                .bind(user.as_uuid())
                .bind(now);
                let rows = self.rows::<SessionRow>(query).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn remember(
                &mut self,
                user: UserId,
                mark: &SignInMark,
                now: DateTime<Utc>,
            ) -> StoreResult<bool> {
                let query = sqlx::query(
                    "INSERT INTO known_sign_ins (user_id, mark, seen_at) VALUES ($1, $2, $3)
                     ON CONFLICT (user_id, mark) DO NOTHING",
                )
                .bind(user.as_uuid())
                .bind(mark.as_slice())
                .bind(now);
                if self.execute(query).await? > 0 {
                    return Ok(true);
                }
                let query =
                    sqlx::query("UPDATE known_sign_ins SET seen_at = $3 WHERE user_id = $1 AND mark = $2")
                        .bind(user.as_uuid())
                        .bind(mark.as_slice())
                        .bind(now);
                self.execute(query).await?;
                Ok(false)
            }

            async fn is_known(&mut self, user: UserId, mark: &SignInMark) -> StoreResult<bool> {
                let query =
                    sqlx::query("SELECT COUNT(*) FROM known_sign_ins WHERE user_id = $1 AND mark = $2")
                        .bind(user.as_uuid())
                        .bind(mark.as_slice());
                Ok(self.value::<i64>(query).await?.is_some_and(|count| count > 0))
            }

            async fn forget(&mut self, seen_before: DateTime<Utc>) -> StoreResult<u64> {
                let query = sqlx::query("DELETE FROM known_sign_ins WHERE seen_at < $1");
                self.execute(query.bind(seen_before)).await
            }

            async fn purge(&mut self, ended_before: DateTime<Utc>) -> StoreResult<u64> {
                let query = sqlx::query("DELETE FROM sessions WHERE expires_at < $1 OR revoked_at < $1");
                self.execute(query.bind(ended_before)).await
            }
        }
    };
}

for_each_engine!(implement);
