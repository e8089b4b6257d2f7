use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    column::Word,
    repository::{Record, Repository},
};
use crate::{
    domain::{
        identity::{Identity, Provider},
        ids::{IdentityId, UserId},
    },
    ports::repository::{IdentityRepository, StoreResult, text::storable},
};

#[derive(FromRow)]
struct IdentityRow {
    id: Uuid,
    user_id: Uuid,
    provider: Word<Provider>,
    subject: String,
    label: String,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
}

impl Record for IdentityRow {
    const TABLE: &'static str = "identities";
}

impl From<IdentityRow> for Identity {
    fn from(row: IdentityRow) -> Self {
        Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            provider: row.provider.0,
            subject: row.subject,
            label: row.label,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, provider, subject, label, created_at, last_used_at FROM identities ",
            $rest
        )
    };
}

macro_rules! implement {
    ($Db:ty) => {
        #[async_trait]
        impl IdentityRepository for Repository<'_, $Db> {
            async fn add(&mut self, identity: &Identity) -> StoreResult<()> {
                let query = sqlx::query(
                    "INSERT INTO identities (id, user_id, provider, subject, label, created_at, last_used_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .bind(identity.id.as_uuid())
                .bind(identity.user_id.as_uuid())
                .bind(identity.provider.as_str())
                .bind(storable(&identity.subject))
                .bind(storable(&identity.label))
                .bind(identity.created_at)
                .bind(identity.last_used_at);
                self.execute(query).await.map(drop)
            }

            async fn find(&mut self, provider: Provider, subject: &str) -> StoreResult<Option<Identity>> {
                let query = sqlx::query(select!("WHERE provider = $1 AND subject = $2"))
                    .bind(provider.as_str())
                    .bind(storable(subject));
                Ok(self.row::<IdentityRow>(query).await?.map(Into::into))
            }

            async fn list(&mut self, user: UserId) -> StoreResult<Vec<Identity>> {
                let query = sqlx::query(select!("WHERE user_id = $1 ORDER BY id")).bind(user.as_uuid());
                let rows = self.rows::<IdentityRow>(query).await?;
                Ok(rows.into_iter().map(Into::into).collect())
            }

            async fn used(&mut self, id: IdentityId, label: &str, now: DateTime<Utc>) -> StoreResult<()> {
                let query = sqlx::query("UPDATE identities SET label = $2, last_used_at = $3 WHERE id = $1")
                    .bind(id.as_uuid())
                    .bind(storable(label))
                    .bind(now);
                self.touch(query).await
            }

            async fn remove(&mut self, id: IdentityId) -> StoreResult<()> {
                let query = sqlx::query("DELETE FROM identities WHERE id = $1").bind(id.as_uuid());
                self.touch(query).await
            }
        }
    };
}

for_each_engine!(implement);
