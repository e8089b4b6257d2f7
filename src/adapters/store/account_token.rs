use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    column::{Digest, Word},
    repository::{Record, Repository},
};
use crate::{
    domain::{
        account::{AccountToken, Purpose},
        ids::UserId,
        names::Email,
        session::TokenHash,
    },
    ports::repository::{AccountTokenRepository, StoreResult},
};

#[derive(FromRow)]
struct TokenRow {
    hash: Digest,
    user_id: Uuid,
    purpose: Word<Purpose>,
    email: Option<Word<Email>>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl Record for TokenRow {
    const TABLE: &'static str = "account_tokens";
    const KEY: &'static str = "user_id";
}

impl From<TokenRow> for AccountToken {
    fn from(row: TokenRow) -> Self {
        Self {
            hash: row.hash.0,
            user_id: row.user_id.into(),
            purpose: row.purpose.0,
            email: row.email.map(|email| email.0),
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT hash, user_id, purpose, email, created_at, expires_at FROM account_tokens ", $rest)
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl AccountTokenRepository for Repository<'_, $Db> {
            async fn put(&mut self, token: &AccountToken) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO account_tokens (hash, user_id, purpose, email, created_at, expires_at)
                     VALUES ($1, $2, $3, $4, $5, $6)
                     ON CONFLICT (user_id, purpose) DO UPDATE
                     SET hash = excluded.hash, email = excluded.email, created_at = excluded.created_at,
                         expires_at = excluded.expires_at",
                )
                .bind(token.hash.as_slice())
                .bind(token.user_id.as_uuid())
                .bind(token.purpose.as_str())
                .bind(token.email.as_ref().map(Email::as_str))
                .bind(token.created_at)
                .bind(token.expires_at);
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, hash: &TokenHash) -> StoreResult<Option<AccountToken>> {
                let query = sqlx::query(select!("WHERE hash = $1")).bind(hash.as_slice());
                Ok(self.row::<TokenRow>(query).await?.map(Into::into))
            }

            async fn find_of(&mut self, user: UserId, purpose: Purpose) -> StoreResult<Option<AccountToken>> {
                let query = sqlx::query(select!("WHERE user_id = $1 AND purpose = $2"))
                    .bind(user.as_uuid())
                    .bind(purpose.as_str());
                Ok(self.row::<TokenRow>(query).await?.map(Into::into))
            }

            async fn take(&mut self, hash: &TokenHash) -> StoreResult<bool> {
                let query = sqlx::query("DELETE FROM account_tokens WHERE hash = $1").bind(hash.as_slice());
                Ok(self.execute(query).await? > 0)
            }

            async fn void(&mut self, user: UserId, purpose: Purpose) -> StoreResult<()> {
                let query = sqlx::query("DELETE FROM account_tokens WHERE user_id = $1 AND purpose = $2")
                    .bind(user.as_uuid())
                    .bind(purpose.as_str());
                self.execute(query).await.map(drop)
            }

            async fn purge(&mut self, expired_before: DateTime<Utc>) -> StoreResult<u64> {
                let query = sqlx::query("DELETE FROM account_tokens WHERE expires_at < $1");
                self.execute(query.bind(expired_before)).await
            }
        }
    };
}

for_each_engine!(implement);
