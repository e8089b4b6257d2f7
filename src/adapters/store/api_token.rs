use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use super::{
    column::{Digest, Document},
    repository::{Record, Repository},
};
use crate::{
    domain::{
        api_token::ApiToken,
        ids::{ApiTokenId, UserId},
        scope::Scopes,
        session::TokenHash,
    },
    ports::repository::{ApiTokenRepository, Hint, StoreResult, text::storable},
};

#[derive(FromRow)]
struct TokenRow {
    id: Uuid,
    user_id: Uuid,
    name: String,
    prefix: String,
    hash: Digest,
    scopes: Json<Scopes>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    last_used_address: Option<String>,
}

impl Record for TokenRow {
    const TABLE: &'static str = "api_tokens";
}

impl From<TokenRow> for ApiToken {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            name: row.name,
            prefix: row.prefix,
            hash: row.hash.0,
            scopes: row.scopes.0,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            last_used_address: row.last_used_address,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, name, prefix, hash, scopes, created_at, expires_at, last_used_at,
                    last_used_address
             FROM api_tokens ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl ApiTokenRepository for Repository<'_, $Db> {
            async fn add(&mut self, token: &ApiToken) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO api_tokens
                     (id, user_id, name, prefix, hash, scopes, created_at, expires_at, last_used_at,
                      last_used_address)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                )
                .bind(token.id.as_uuid())
                .bind(token.user_id.as_uuid())
                .bind(storable(&token.name))
                .bind(storable(&token.prefix))
                .bind(token.hash.as_slice())
                .bind(Document(&token.scopes))
                .bind(token.created_at)
                .bind(token.expires_at)
                .bind(token.last_used_at)
                .bind(token.last_used_address.as_deref().map(storable));
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, id: ApiTokenId) -> StoreResult<Option<ApiToken>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<TokenRow>(query).await?.map(Into::into))
            }

            async fn find_by_hash(&mut self, hash: &TokenHash) -> StoreResult<Option<ApiToken>> {
                let query = sqlx::query(select!("WHERE hash = $1")).bind(hash.as_slice());
                Ok(self.row::<TokenRow>(query).await?.map(Into::into))
            }

            async fn list(&mut self, user: UserId) -> StoreResult<Vec<ApiToken>> {
                let query = sqlx::query(select!("WHERE user_id = $1 ORDER BY id DESC")).bind(user.as_uuid());
                Ok(self.rows::<TokenRow>(query).await?.into_iter().map(Into::into).collect())
            }

            async fn used(
                &mut self,
                id: ApiTokenId,
                address: Option<&str>,
                not_since: DateTime<Utc>,
                now: DateTime<Utc>,
            ) -> StoreResult<()> {
                let query = sqlx::query(
                    "UPDATE api_tokens SET last_used_at = $2, last_used_address = $3
                     WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $4)",
                )
                .bind(id.as_uuid())
                .bind(now)
                .bind(address.map(storable))
                .bind(not_since);
                self.execute(query).await.map(drop)
            }

            async fn remove(&mut self, id: ApiTokenId) -> StoreResult<()> {
                self.touch(sqlx::query("DELETE FROM api_tokens WHERE id = $1").bind(id.as_uuid())).await?;
                self.tell(Hint::ApiToken(id));
                Ok(())
            }
        }
    };
}

for_each_engine!(implement);
