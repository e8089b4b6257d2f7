use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::repository::{Record, Repository};
use crate::{
    domain::{
        ids::{SshKeyId, UserId},
        ssh_key::{PublicKey, SshKey},
    },
    ports::repository::{SshKeyRepository, StoreResult, text::storable},
};

#[derive(FromRow)]
struct SshKeyRow {
    id: Uuid,
    user_id: Uuid,
    name: String,
    key_type: String,
    fingerprint: String,
    public_key: String,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl Record for SshKeyRow {
    const TABLE: &'static str = "ssh_keys";
}

impl From<SshKeyRow> for SshKey {
    fn from(row: SshKeyRow) -> Self {
        Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            name: row.name,
            key: PublicKey { key_type: row.key_type, fingerprint: row.fingerprint, text: row.public_key },
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, name, key_type, fingerprint, public_key, created_at, last_used_at
             FROM ssh_keys ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl SshKeyRepository for Repository<'_, $Db> {
            async fn add(&mut self, key: &SshKey) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO ssh_keys
                     (id, user_id, name, key_type, fingerprint, public_key, created_at, last_used_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                )
                .bind(key.id.as_uuid())
                .bind(key.user_id.as_uuid())
                .bind(storable(&key.name))
                .bind(&key.key.key_type)
                .bind(&key.key.fingerprint)
                .bind(&key.key.text)
                .bind(key.created_at)
                .bind(key.last_used_at);
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, id: SshKeyId) -> StoreResult<Option<SshKey>> {
                let query = sqlx::query(select!("WHERE id = $1")).bind(id.as_uuid());
                Ok(self.row::<SshKeyRow>(query).await?.map(Into::into))
            }

            async fn list(&mut self, user: UserId) -> StoreResult<Vec<SshKey>> {
                let query = sqlx::query(select!("WHERE user_id = $1 ORDER BY id DESC")).bind(user.as_uuid());
                Ok(self.rows::<SshKeyRow>(query).await?.into_iter().map(Into::into).collect())
            }

            async fn remove(&mut self, id: SshKeyId) -> StoreResult<()> {
                self.touch(sqlx::query("DELETE FROM ssh_keys WHERE id = $1").bind(id.as_uuid())).await
            }
        }
    };
}

for_each_engine!(implement);
