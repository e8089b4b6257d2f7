use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    column::Digest,
    repository::{Record, Repository},
};
use crate::{
    domain::ids::UserId,
    ports::repository::{IdempotencyRepository, StoreResult, idempotency::IdempotencyRecord, text::storable},
};

#[derive(FromRow)]
struct KeyRow {
    user_id: Uuid,
    key: String,
    request_hash: Digest,
    resource_id: Uuid,
    created_at: DateTime<Utc>,
}

impl Record for KeyRow {
    const TABLE: &'static str = "idempotency_keys";
    const KEY: &'static str = "key";
}

impl From<KeyRow> for IdempotencyRecord {
    fn from(row: KeyRow) -> Self {
        Self {
            user_id: row.user_id.into(),
            key: row.key,
            request_hash: row.request_hash.0,
            resource_id: row.resource_id,
            created_at: row.created_at,
        }
    }
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl IdempotencyRepository for Repository<'_, $Db> {
            async fn find(&mut self, user: UserId, key: &str) -> StoreResult<Option<IdempotencyRecord>> {
                let query = sqlx::query(
                    "SELECT user_id, key, request_hash, resource_id, created_at FROM idempotency_keys
                     WHERE user_id = $1 AND key = $2",
                )
                .bind(user.as_uuid())
                .bind(storable(key));
                Ok(self.row::<KeyRow>(query).await?.map(Into::into))
            }

            async fn add(&mut self, record: &IdempotencyRecord) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO idempotency_keys (user_id, key, request_hash, resource_id, created_at)
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(record.user_id.as_uuid())
                .bind(storable(&record.key))
                .bind(record.request_hash.as_slice())
                .bind(record.resource_id)
                .bind(record.created_at);
                self.execute(query).await.map(drop)
            }

            async fn purge(&mut self, before: DateTime<Utc>) -> StoreResult<u64> {
                let query = sqlx::query("DELETE FROM idempotency_keys WHERE created_at < $1");
                self.execute(query.bind(before)).await
            }
        }
    };
}

for_each_engine!(implement);
